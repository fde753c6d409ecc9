package twenty

import (
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/graphql"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// playgroundToken is the type of a token for the API playground. It authenticates its user like an
// access token (inferred from the vendor's source).
const playgroundToken = graphql.PlaygroundToken

// sessionTokens issues and reads the tokens of a world.
type sessionTokens struct{ *api }

// ForKey issues a token of an API key.
func (t sessionTokens) ForKey(key schema.APIKey, until time.Time) string {
	return t.newToken(claims{Sub: key.WorkspaceID, WorkspaceID: key.WorkspaceID, Type: apiKeyToken, Jti: key.ID,
		Iat: t.Now().Unix(), Exp: until.Unix()})
}

// ForUser issues a token of some type to a user.
func (t sessionTokens) ForUser(u schema.User, kind string, until time.Time) string {
	return t.newToken(claims{Sub: u.ID, UserID: u.ID, WorkspaceMemberID: u.WorkspaceMemberID, WorkspaceID: workspaceID,
		Type: kind, Iat: t.Now().Unix(), Exp: until.Unix()})
}

// ForApplication issues a token of some type to an application.
func (t sessionTokens) ForApplication(app schema.Application, kind string, until time.Time) string {
	return t.newToken(claims{Sub: app.ID, WorkspaceID: workspaceID, Type: kind, Iat: t.Now().Unix(), Exp: until.Unix()})
}

// Read returns the claims of a token; ok is false unless this world accepts it. A token that has run out is read too.
func (t sessionTokens) Read(token string) (out graphql.Token, ok bool) {
	c, ok := t.claims(token)
	return graphql.Token{Type: c.Type, UserID: c.Sub, Expired: c.Exp <= t.Now().Unix()}, ok
}
