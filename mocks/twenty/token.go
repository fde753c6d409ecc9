package twenty

import (
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
	Nonce             string `json:"nonce,omitempty"` // tells the tokens of worlds apart
	Iat               int64  `json:"iat"`
	Exp               int64  `json:"exp"`
	Jti               string `json:"jti,omitempty"`
}

const (
	apiKeyToken = "API_KEY"
	accessToken = "ACCESS"
)

// signing is the same in all worlds, so that the tokens of the seeds stay the same: a fake has nothing to hide.
var signing = []byte("mockserver")

var segment = base64.RawURLEncoding

// minted are the tokens without a nonce, which are the same in all worlds: claims → token.
var minted sync.Map

// cachedClaims is mint for claims without a nonce.
func cachedClaims(c claims) string {
	if token, ok := minted.Load(c); ok {
		return token.(string)
	}
	token := signToken(c)
	minted.Store(c, token)
	return token
}

// signToken makes a token of the vendor's form: a JWT signed with HS256.
func signToken(c claims) string {
	payload, err := json.Marshal(c)
	if err != nil {
		panic(err) // plain data
	}
	signed := segment.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + "." + segment.EncodeToString(payload)
	return signed + "." + segment.EncodeToString(signature(signed))
}

func signature(signed string) []byte {
	mac := hmac.New(sha256.New, signing)
	mac.Write([]byte(signed))
	return mac.Sum(nil)
}

// read returns what a token says; ok is false unless it was minted here.
func read(token string) (c claims, ok bool) {
	dot := strings.LastIndexByte(token, '.')
	if dot < 0 {
		return c, false
	}
	sum, err := segment.DecodeString(token[dot+1:])
	if err != nil || !hmac.Equal(sum, signature(token[:dot])) {
		return c, false
	}
	_, payload, _ := strings.Cut(token[:dot], ".")
	text, err := segment.DecodeString(payload)
	ok = err == nil && json.Unmarshal(text, &c) == nil
	return c, ok
}
