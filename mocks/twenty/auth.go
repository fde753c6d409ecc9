package twenty

import (
	"cmp"
	"net/http"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/graphql"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Key is the well-known API key of the seeds. Its role is Admin.
var Key = wellKnownToken(claims{Sub: workspaceID, WorkspaceID: workspaceID, Type: apiKeyToken,
	Jti: "2f83b14f-2def-47a0-85c2-35f9306c39f6", Iat: issued, Exp: expires})

const (
	workspaceID = "8339630f-eab4-48cf-ad12-013c1158d97a" // of all seeds: fixtures/twenty
	// 2026-11-21T18:27:37Z, when the workspace of the recordings was made
	issued  = 1795285657
	expires = 4070908800 // 2099-01-01
)

// credentialOf returns the token of a request, or "". Other schemes count as no token
// (fixtures/twenty/rest_auth_errors).
func credentialOf(r *http.Request) string {
	if token := addressToken(r); token != "" {
		return token
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// authenticate finds the caller. Every path below /rest requires one; GraphQL and the rest of the
// server also answer anonymous requests and check for themselves.
func authenticate(r *fake.Request) error {
	if !belowREST(r.HTTP.URL.Path) {
		return nil
	}
	caller, err := identify(r.State, credentialOf(r.HTTP), r.Now())
	if err != nil {
		return err
	}
	r.Caller = caller
	return undecodable(r)
}

// tokenless rejects a request without a token: fixtures/twenty/rest_auth_errors.
func tokenless(s *fake.State) error {
	e := guarded(http.StatusForbidden, "FORBIDDEN_EXCEPTION", "Missing authentication token")
	e.Rule = documentedSide
	if documented(s) {
		e = guarded(http.StatusUnauthorized, "UNAUTHENTICATED", "Missing authentication token")
	}
	return e
}

// guarded is an error of the guard before all REST handlers. Its content type has no charset, and its error
// is a code: fixtures/twenty/rest_auth_errors.
func guarded(status int, code, message string) *fake.Error {
	return &fake.Error{Status: status, Code: code, Message: message, Rule: "the token decides who calls",
		Header: http.Header{"Content-Type": {"application/json"}}, Body: guardBody{status, []string{message}, code}}
}

type guardBody struct {
	StatusCode int      `json:"statusCode"`
	Messages   []string `json:"messages"`
	Error      string   `json:"error"`
}

// identify returns the caller of a token.
func identify(s *fake.State, token string, now time.Time) (*schema.Caller, error) {
	if token == "" {
		return nil, tokenless(s)
	}
	t := fake.Of[api](s)
	if own, ok := t.tables.Tokens.Find(token); ok {
		if own.KeyID != "" {
			return t.byKey(own.KeyID, now)
		}
		return t.byUser(own.UserID)
	}
	c, ok := t.claims(token)
	switch {
	case !ok:
		return nil, guarded(http.StatusUnauthorized, "UNAUTHENTICATED", "Token invalid.")
	case c.Exp <= now.Unix():
		return nil, guarded(http.StatusUnauthorized, "UNAUTHENTICATED", "Token has expired.")
	case c.Type == apiKeyToken:
		return t.byKey(c.Jti, now)
	case c.Type == accessToken, c.Type == playgroundToken:
		return t.byUser(c.Sub)
	case c.Type == graphql.ApplicationToken:
		return t.byApplication(c.Sub)
	}
	return nil, guarded(http.StatusForbidden, "INVALID_JWT_TOKEN_TYPE", "Invalid token")
}

// claims returns the claims of a token, and caches the tokens that the world accepts.
func (a *api) claims(token string) (claims, bool) {
	if kept, ok := a.read.Load(token); ok {
		return kept.(claims), true
	}
	c, ok := a.readToken(token)
	if ok {
		a.read.Store(token, c)
	}
	return c, ok
}

func (a *api) byKey(id string, now time.Time) (*schema.Caller, error) {
	row := a.tables.Keys.Row(id)
	if row == nil { // assumed: a key that is gone reads like one that never was
		return nil, guarded(http.StatusUnauthorized, "UNAUTHENTICATED", "Token invalid.")
	}
	key := &row.Value
	if key.RevokedAt != nil {
		return nil, guarded(http.StatusForbidden, "FORBIDDEN_EXCEPTION", "This API Key is revoked")
	}
	if end, err := time.Parse(time.RFC3339, key.ExpiresAt); err == nil && !end.After(now) {
		return nil, guarded(http.StatusForbidden, "FORBIDDEN_EXCEPTION", "This API Key is expired")
	}
	role, _ := a.tables.Roles.Find(key.RoleID)
	return &schema.Caller{Key: key, Role: role}, nil
}

func (a *api) byUser(id string) (*schema.Caller, error) {
	user, ok := a.tables.Users.Find(id)
	if !ok {
		return nil, guarded(http.StatusUnauthorized, "UNAUTHENTICATED", "Token invalid.")
	}
	role, _ := a.tables.Roles.Find(user.RoleID)
	return &schema.Caller{User: &user, Role: role}, nil
}

// byApplication: an application that is gone is refused like an unknown key (inferred).
func (a *api) byApplication(id string) (*schema.Caller, error) {
	app, ok := a.tables.Applications.Find(id)
	if !ok {
		return nil, guarded(http.StatusUnauthorized, "UNAUTHENTICATED", "Token invalid.")
	}
	role, _ := a.tables.Roles.Find(app.DefaultRoleID)
	return &schema.Caller{Application: app.Name, Role: role}, nil
}

// knownCredentials returns the well-known credentials of the keys and users that are there.
func knownCredentials(s *fake.State) []fake.Credential { return tokens(s, wellKnownToken) }

// newCredentials issues new tokens for the keys and users of a world, or assigns a given token to
// the first key.
func newCredentials(s *fake.State, value string) []fake.Credential {
	a := fake.Of[api](s)
	list := tokens(s, a.newToken)
	if value == "" {
		return list
	}
	for key := range a.tables.Keys.All() {
		if _, err := a.tables.Tokens.Insert(schema.Token{Value: value, KeyID: key.ID}); err == nil {
			s.RegisterCredential(value)
			list[0].Value = value
		}
		break
	}
	return list
}

// tokens signs one token for every key, and a valid and an expired one for every user.
func tokens(s *fake.State, sign func(claims) string) (list []fake.Credential) {
	t := fake.Of[api](s).tables
	for key := range t.Keys.All() {
		role, _ := t.Roles.Find(key.RoleID)
		c := fake.Credential{Principal: cmp.Or(key.Principal, key.Name), Role: role.Label, State: "valid"}
		if key.RevokedAt != nil {
			c.State = "revoked"
		}
		c.Value = sign(claims{Sub: key.WorkspaceID, WorkspaceID: key.WorkspaceID, Type: apiKeyToken, Jti: key.ID,
			Iat: issued, Exp: expires})
		list = append(list, c)
	}
	for user := range t.Users.All() {
		role, _ := t.Roles.Find(user.RoleID)
		c := claims{Sub: user.ID, UserID: user.ID, WorkspaceMemberID: user.WorkspaceMemberID, WorkspaceID: workspaceID,
			Type: accessToken, Iat: issued, Exp: expires}
		list = append(list, fake.Credential{Principal: user.Name, Role: role.Label, State: "valid", Value: sign(c)})
		c.Exp = issued + 1800 // sessions last half an hour
		list = append(list, fake.Credential{Principal: user.Name, Role: role.Label, State: "expired", Value: sign(c)})
	}
	return list
}
