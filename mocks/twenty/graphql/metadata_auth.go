package graphql

import (
	"regexp"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Tokens issues and reads the tokens of a world.
type Tokens interface {
	ForKey(key schema.APIKey, until time.Time) string
	ForUser(u schema.User, kind string, until time.Time) string
	ForApplication(a schema.Application, kind string, until time.Time) string
	FileURL(base string, f schema.File) string                    // to download a file
	UploadURL(base string, f schema.File, until time.Time) string // to send its bytes to
	Read(token string) (Token, bool)                              // false unless this world accepts the token
}

// Token is a decoded token.
type Token struct {
	Type    string
	UserID  string
	Expired bool
}

// The types of tokens that are issued here.
const (
	accessToken     = "ACCESS"
	refreshToken    = "REFRESH"
	loginToken      = "LOGIN"
	agnosticToken   = "WORKSPACE_AGNOSTIC"
	PlaygroundToken = "PLAYGROUND"

	ApplicationToken = "APPLICATION_ACCESS"
)

// The lifetimes of tokens: fixtures/twenty/surface_auth. That of access tokens is a setting of the
// recorded server.
const (
	loginLife      = 15 * time.Minute
	transientLife  = 5 * time.Minute
	agnosticLife   = 30 * time.Minute
	playgroundLife = 2 * time.Hour
	accessLife     = 12 * time.Hour
	refreshLife    = 60 * 24 * time.Hour
)

// authFailure returns an error of the vendor's sign-in.
func authFailure(code, subCode, message, told string) *Failure {
	return &Failure{Message: message, Extensions: &Extensions{Code: code, SubCode: subCode, UserFriendlyMessage: told}}
}

// The errors of the sign-in: fixtures/twenty/surface_auth. The last two are inferred from the
// vendor's source.
var (
	wrongPassword = authFailure(denied, "FORBIDDEN_EXCEPTION", "Wrong password", "Wrong password.")
	userNotFound  = authFailure(unauthenticated, "USER_NOT_FOUND", "User not found", "User not found.")
	noResetUser   = authFailure(badInput, "INVALID_INPUT", "User not found", "User not found.")
	userExists    = authFailure(denied, "USER_ALREADY_EXISTS", "User already exists", "User already exists")
	noSignUp      = authFailure(denied, "SIGNUP_DISABLED", "New workspace setup is disabled", "Sign up is disabled.")
	noResetToken  = authFailure(denied, "FORBIDDEN_EXCEPTION", "Token is invalid", notAllowed)
	noWorkspace   = authFailure(badInput, "INVALID_INPUT", "Workspace does not exist", "Workspace does not exist.")
	invalidToken  = authFailure(unauthenticated, unauthenticated, "Token invalid.", mustSignIn)
	expiredToken  = authFailure(unauthenticated, unauthenticated, "Token has expired.", mustSignIn)
	reusedToken   = authFailure(denied, "FORBIDDEN_EXCEPTION",
		"Suspicious activity detected, this refresh token has been revoked. All tokens have been revoked.", notAllowed)
	noLoginMethod = authFailure(badInput, "INVALID_INPUT", "Incorrect login method",
		"User was not created with email/password")
)

const (
	unauthenticated = "UNAUTHENTICATED"
	mustSignIn      = "You must be authenticated to perform this action."
	notAllowed      = "You do not have permission to perform this action."
	badAddress      = "The provided email address is not valid. " +
		"Please use a standard email format (e.g., user@example.com)."
)

// signInResolvers need no signed-in user.
func signInResolvers() map[string]resolver {
	return map[string]resolver{
		"Query.checkUserExists":                 checkUserExists,
		"Query.getPublicWorkspaceDataByDomain":  publicWorkspace,
		"Query.checkWorkspaceInviteHashIsValid": checkInviteHash,
		"Query.findWorkspaceFromInviteHash":     workspaceOfInviteHash,
		"Query.validatePasswordResetToken": func(*call, any, map[string]any) (any, error) {
			return nil, noResetToken
		},
		"Mutation.emailPasswordResetLink": func(c *call, _ any, args map[string]any) (any, error) {
			if _, ok := c.userByEmail(strings.ToLower(textIn(args["email"]))); !ok {
				return nil, noResetUser
			}
			return map[string]any{"success": true}, nil // inferred: the link itself is sent by mail
		},
		"Mutation.getLoginTokenFromCredentials": loginWithPassword,
		"Mutation.getAuthTokensFromLoginToken":  exchangeLoginToken,
		"Mutation.renewToken":                   renewToken,
		"Mutation.signIn":                       signIn,
		"Mutation.signUp": func(c *call, _ any, args map[string]any) (any, error) {
			if _, ok := c.userByEmail(textIn(args["email"])); ok {
				return nil, userExists
			}
			return nil, noSignUp
		},
		"Mutation.generateTransientToken": userOnly(func(c *call, _ any, _ map[string]any) (any, error) {
			return map[string]any{"transientToken": c.issue(*c.caller.User, loginToken, transientLife)}, nil
		}),
		"Mutation.generatePlaygroundToken": requireCaller(session(func(c *call, _ any, _ map[string]any) (any, error) {
			return c.issue(*c.caller.User, PlaygroundToken, playgroundLife), nil
		})),
	}
}

// userOnly requires a signed-in user.
func userOnly(resolve resolver) resolver {
	return func(c *call, parent any, args map[string]any) (any, error) {
		if c.caller == nil || c.caller.User == nil {
			return nil, forbidden()
		}
		return resolve(c, parent, args)
	}
}

// issue issues a token to a user, as the schema shows tokens.
func (c *call) issue(u schema.User, kind string, life time.Duration) map[string]any {
	until := c.Store.State.Now().Add(life)
	return map[string]any{"token": c.Tokens.ForUser(u, kind, until), "expiresAt": moment(until)}
}

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// pair issues the tokens of a session.
func (c *call) pair(u schema.User, kind string, life time.Duration) (map[string]any, error) {
	refresh := c.issue(u, refreshToken, refreshLife)
	_, err := c.tables.RefreshTokens.Insert(schema.RefreshToken{Value: textIn(refresh["token"]), UserID: u.ID})
	return map[string]any{"accessOrWorkspaceAgnosticToken": c.issue(u, kind, life), "refreshToken": refresh}, err
}

// userByEmail returns the user with exactly this address.
func (c *call) userByEmail(email string) (schema.User, bool) {
	for u := range c.tables.Users.All() {
		if u.Email == email {
			return u, true
		}
	}
	return schema.User{}, false
}

// emailAddress is what validator.js takes for an address, as far as addresses without quotes go.
var emailAddress = regexp.MustCompile(
	`^[^\s@"(),:;<>\[\\\]]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$`)

func checkUserExists(c *call, _ any, args map[string]any) (any, error) {
	email := strings.ToLower(textIn(args["email"]))
	if !emailAddress.MatchString(email) {
		return nil, &Failure{Message: badAddress,
			Extensions: &Extensions{Code: badInput, UserFriendlyMessage: badAddress}}
	}
	_, ok := c.userByEmail(email)
	count := 0.0
	if ok {
		count = 1
	}
	return map[string]any{"exists": ok, "availableWorkspacesCount": count, "isEmailVerified": false}, nil
}

// checkOrigin rejects an origin that is not a URL. A server with one workspace accepts any other.
func checkOrigin(args map[string]any) error {
	origin, ok := args["origin"].(string)
	if !ok {
		return guarded(internal, "Invalid UUID: 'default-workspace'")
	}
	if _, err := js.ParseURL(origin); err != nil {
		return guarded(internal, "Invalid URL")
	}
	return nil
}

// checkGiven rejects empty arguments.
func checkGiven(args map[string]any, names ...string) error {
	for _, name := range names {
		if args[name] == "" {
			return guarded(badInput, name+" should not be empty")
		}
	}
	return nil
}

// signedIn returns the user of an address and a password.
func (c *call) signedIn(args map[string]any) (schema.User, error) {
	if err := checkGiven(args, "email", "password"); err != nil {
		return schema.User{}, err
	}
	u, ok := c.userByEmail(textIn(args["email"]))
	switch {
	case !ok:
		return u, userNotFound
	case u.Password == "":
		return u, noLoginMethod
	case u.Password != args["password"]:
		return u, wrongPassword
	}
	return u, nil
}

func loginWithPassword(c *call, _ any, args map[string]any) (any, error) {
	if err := checkGiven(args, "email", "password"); err != nil {
		return nil, err
	}
	if err := checkOrigin(args); err != nil {
		return nil, err
	}
	u, err := c.signedIn(args)
	if err != nil {
		return nil, err
	}
	return map[string]any{"loginToken": c.issue(u, loginToken, loginLife)}, nil
}

// tokenOf decodes a token of one type. name is its name in the error for other types.
func (c *call) tokenOf(token, kind, name string) (schema.User, error) {
	t, ok := c.Tokens.Read(token)
	switch {
	case !ok:
		return schema.User{}, invalidToken
	case t.Expired:
		return schema.User{}, expiredToken
	case t.Type != kind:
		return schema.User{}, authFailure(denied, "INVALID_JWT_TOKEN_TYPE", "Expected a "+name+" token", plain)
	}
	u, ok := c.tables.Users.Find(t.UserID)
	if !ok {
		return u, userNotFound // inferred
	}
	return u, nil
}

func exchangeLoginToken(c *call, _ any, args map[string]any) (any, error) {
	if err := checkGiven(args, "loginToken"); err != nil {
		return nil, err
	}
	if err := checkOrigin(args); err != nil {
		return nil, err
	}
	u, err := c.tokenOf(textIn(args["loginToken"]), loginToken, "login")
	if err != nil {
		return nil, err
	}
	tokens, err := c.pair(u, accessToken, accessLife)
	return map[string]any{"tokens": tokens}, err
}

func renewToken(c *call, _ any, args map[string]any) (any, error) {
	if err := checkGiven(args, "appToken"); err != nil {
		return nil, err
	}
	token := textIn(args["appToken"])
	u, err := c.tokenOf(token, refreshToken, "refresh")
	if err != nil {
		return nil, err
	}
	fresh, err := c.tables.UseRefreshToken(token)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, reusedToken
	}
	tokens, err := c.pair(u, accessToken, accessLife)
	return map[string]any{"tokens": tokens}, err
}

func signIn(c *call, _ any, args map[string]any) (any, error) {
	u, err := c.signedIn(args)
	if err != nil {
		return nil, err
	}
	workspaces := c.availableWorkspaces()
	for _, w := range items(workspaces["availableWorkspacesForSignIn"]) {
		w.(map[string]any)["loginToken"] = c.issue(u, loginToken, loginLife)["token"]
	}
	tokens, err := c.pair(u, agnosticToken, agnosticLife)
	return map[string]any{"availableWorkspaces": workspaces, "tokens": tokens}, err
}

// generateKeyToken issues a token of an API key, which may have run out already: fixtures/twenty/surface_auth 45.
func generateKeyToken(c *call, _ any, args map[string]any) (any, error) {
	id := textIn(args["apiKeyId"])
	key, ok := c.tables.Keys.Find(id)
	if !ok {
		return nil, &Failure{Message: "API Key with id " + id + " not found",
			Extensions: &Extensions{Code: internal, UserFriendlyMessage: "API key not found."}}
	}
	until, err := time.Parse(time.RFC3339Nano, textIn(args["expiresAt"]))
	if err != nil {
		if until, err = time.Parse(time.DateOnly, textIn(args["expiresAt"])); err != nil {
			return nil, guarded(internal, `"expiresIn" should be a number of seconds or string representing a timespan`)
		}
	}
	return map[string]any{"token": c.Tokens.ForKey(key, until)}, nil
}
