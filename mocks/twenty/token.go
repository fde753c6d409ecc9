package twenty

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
)

// claims are what a token says. API keys carry their key's id in jti, user tokens the user's in sub.
type claims struct {
	Sub               string `json:"sub"`
	UserID            string `json:"userId,omitempty"`
	WorkspaceMemberID string `json:"workspaceMemberId,omitempty"`
	WorkspaceID       string `json:"workspaceId"`
	Type              string `json:"type"`
	World             string `json:"world,omitempty"` // of a token that was generated in a world with a name
	Nonce             string `json:"nonce,omitempty"` // makes the tokens of one key or user differ
	Iat               int64  `json:"iat"`
	Exp               int64  `json:"exp"`
	Jti               string `json:"jti,omitempty"`
}

const (
	apiKeyToken = "API_KEY"
	accessToken = "ACCESS"
)

// signing signs the well-known tokens, which hold in every world: a fake has nothing to hide. A world signs
// those that it generates with its own secret added, so that no other world takes them.
const signing = "mockserver"

var segment = base64.RawURLEncoding

// wellKnown are tokens that are the same in all worlds: claims → token.
var wellKnown sync.Map

// wellKnownToken returns the token that has these claims in every world.
func wellKnownToken(c claims) string {
	if token, ok := wellKnown.Load(c); ok {
		return token.(string)
	}
	token := signToken(c, signing)
	wellKnown.Store(c, token)
	return token
}

// newToken generates a token that no other world generates or takes.
func (a *api) newToken(c claims) string {
	w := a.World()
	c.World, c.Nonce = w.Label(), a.NewToken("nonce")[:32]
	return signToken(c, signing+w.Nonces()[0])
}

// readToken returns what a token says; ok is false unless it is well known or this world, or one that it was
// forked from, generated it.
func (a *api) readToken(token string) (c claims, ok bool) {
	if c, ok = readSigned(token, signing); ok {
		return c, true
	}
	for _, nonce := range a.World().Nonces() {
		if c, ok = readSigned(token, signing+nonce); ok {
			return c, true
		}
	}
	return c, false
}

// credentialWorld is Def.CredentialWorld.
func credentialWorld(token string) string {
	_, rest, _ := strings.Cut(token, ".")
	payload, _, signed := strings.Cut(rest, ".")
	text, err := segment.DecodeString(payload)
	if !signed || err != nil || !bytes.Contains(text, []byte(`"world"`)) {
		return ""
	}
	var c claims
	if json.Unmarshal(text, &c) != nil {
		return ""
	}
	return c.World
}

// signToken makes a token of the vendor's form: a JWT signed with HS256.
func signToken(c claims, key string) string {
	payload, err := json.Marshal(c)
	if err != nil {
		panic(err) // plain data
	}
	signed := segment.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + segment.EncodeToString(payload)
	return signed + "." + segment.EncodeToString(signature(signed, key))
}

func signature(signed, key string) []byte {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// readSigned returns what a token says; ok is false unless it was signed with that key.
func readSigned(token, key string) (c claims, ok bool) {
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 {
		return c, false
	}
	sum, err := segment.DecodeString(token[dot+1:])
	if err != nil || !hmac.Equal(sum, signature(token[:dot], key)) {
		return c, false
	}
	_, payload, _ := strings.Cut(token[:dot], ".")
	text, err := segment.DecodeString(payload)
	ok = err == nil && json.Unmarshal(text, &c) == nil
	return c, ok
}
