package flosum

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/url"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// accessLifetime is assumed; the vendor gives no number.
const accessLifetime = time.Hour

// accessToken is a bearer token. Tokens of seeds have a label, and some do not expire.
type accessToken struct {
	Token     string     `json:"token"`
	Label     string     `json:"label,omitempty"`
	ClientID  string     `json:"clientId"`
	UserID    int64      `json:"userId"`
	Grant     string     `json:"grant"`
	ExpiresAt *time.Time `json:"expiresAt"`
	Revoked   bool       `json:"revoked,omitempty"`
}

func (t accessToken) expired(now time.Time) bool {
	return t.ExpiresAt != nil && !now.Before(*t.ExpiresAt)
}

type refreshToken struct {
	Token    string `json:"token"`
	ClientID string `json:"clientId"`
	// of its code; empty in seeds, which then accept any URI of the app
	RedirectURI string     `json:"redirectUri,omitempty"`
	UserID      int64      `json:"userId"`
	Grant       string     `json:"grant"`
	ExpiresAt   *time.Time `json:"expiresAt"`
	Rotated     bool       `json:"rotated,omitempty"` // used up, if the world rotates refresh tokens
	Revoked     bool       `json:"revoked,omitempty"`
}

type tokens struct {
	AccessToken  string  `json:"access_token"`
	TokenType    string  `json:"token_type"`
	RefreshToken *string `json:"refresh_token"`
	ExpiresIn    int     `json:"expires_in"`
}

// token implements both grants. All errors are 400 in the platform's shape: the vendor declares no
// other.
func (a *api) token(r *fake.Request) (any, error) {
	form, err := tokenFields(r)
	if err != nil {
		return nil, err
	}
	r.SetHeader("Cache-Control", "no-store")
	app, err := a.client(r, form)
	if err != nil {
		return nil, err
	}
	if form.Get("grant_type") == "authorization_code" {
		return a.redeem(app, form)
	}
	return a.renew(app, form)
}

// tokenFields returns the fields of a token request: a form or, as the framework also accepts
// (inferred), a JSON object.
func tokenFields(r *fake.Request) (url.Values, error) {
	switch kind, _, _ := mime.ParseMediaType(r.Header("Content-Type")); kind {
	case "application/x-www-form-urlencoded":
		form, err := r.Form()
		if err == nil {
			fields := document().at(document().body(r.Op), "properties")
			err = once(r, form, func(name string) map[string]any { return document().at(fields, name) })
		}
		return form, err
	case "application/json":
		return jsonForm(r)
	}
	unread := []string{`the body was not read: content type "` + r.Header("Content-Type") + `"; wanted: a form or JSON`}
	return nil, stated(r, refuse(append(document().wants(r.Op), unread[:min(len(r.Body()), 1)]...)...))
}

// tokenKeys are the fields of a token request in the order of the document.
var tokenKeys = []string{"grant_type", "redirect_uri", "client_id", "client_secret", "code", "refresh_token"}

// jsonForm returns the fields of a JSON body, which must match the schema of the form.
func jsonForm(r *fake.Request) (url.Values, error) {
	var fields map[string]any
	if err := json.Unmarshal(r.Body(), &fields); err != nil {
		return nil, refuse("the body is not valid JSON")
	}
	schema, form := document().body(r.Op), url.Values{}
	var texts []string
	required, _ := schema["required"].([]any)
	for _, name := range tokenKeys {
		value, sent := fields[name]
		text, isText := value.(string)
		form.Set(name, text)
		property := document().at(schema, "properties", name)
		choices, _ := property["enum"].([]any)
		switch {
		case sent && !isText, !sent && slices.Contains(required, any(name)):
			texts = append(texts, document().demands(name, property, "type")...)
		case sent && choices != nil && !slices.Contains(choices, value):
			texts = append(texts, document().demands(name, property, "enum")...)
		}
	}
	if texts != nil {
		return nil, stated(r, refuse(texts...))
	}
	return form, nil
}

// client authenticates the app. A wrong id and a wrong secret give the same message in the same
// time.
func (a *api) client(r *fake.Request, form url.Values) (ConnectedApp, error) {
	app, ok := a.apps.Find(form.Get("client_id"))
	if !secretEqual(app.ClientSecret, form.Get("client_secret")) || !ok {
		return app, refuse("client_id or client_secret is invalid")
	}
	home, _ := a.tenants.Find(key(app.TenantID))
	if _, region := serviceAndRegion(r.Host); home.Region != region {
		return app, refuse("client_id or client_secret is invalid")
	}
	if !a.redirects(app, form.Get("redirect_uri")) {
		return app, refuse("redirect_uri is not allowed for this connected app")
	}
	if !app.allows(form.Get("grant_type")) {
		return app, refuse("grant_type is not among the connected app's flows")
	}
	return app, nil
}

// redeem exchanges a code. A reused code may have been stolen: its tokens are revoked (assumed,
// after RFC 6749), even though the request is rejected.
func (a *api) redeem(app ConnectedApp, form url.Values) (any, error) {
	c, ok := a.codes.Find(form.Get("code"))
	user, _ := a.users.Find(key(c.UserID))
	switch {
	case !ok || c.ClientID != app.ClientID:
		return nil, refuse("code is invalid")
	case c.Used:
		a.revoke(c.Grant)
		return nil, reused("code was already used")
	case !a.Now().Before(c.ExpiresAt):
		return nil, refuse("code has expired")
	case c.RedirectURI != form.Get("redirect_uri"):
		return nil, refuse(otherRedirect)
	case user.ID == 0 || user.Inactive:
		return nil, refuse("code is invalid")
	}
	c.Used = true
	if err := a.codes.Set(c); err != nil {
		return nil, err
	}
	return a.issue(app, refreshToken{ClientID: app.ClientID, RedirectURI: c.RedirectURI, UserID: c.UserID,
		Grant: c.Grant})
}

const otherRedirect = "redirect_uri does not match the one the code was made for"

// renew exchanges a refresh token. It requires the redirect URI of the token's code: documented. It
// answers with a new refresh token and keeps the old one valid (assumed), unless the world rotates
// them.
func (a *api) renew(app ConnectedApp, form url.Values) (any, error) {
	t, ok := a.refresh.Find(form.Get("refresh_token"))
	user, _ := a.users.Find(key(t.UserID))
	switch {
	case !ok || t.ClientID != app.ClientID || t.Revoked:
		return nil, refuse("refresh_token is invalid")
	case t.Rotated:
		a.revoke(t.Grant)
		return nil, reused("refresh_token was already used")
	case t.ExpiresAt != nil && !a.Now().Before(*t.ExpiresAt):
		return nil, refuse("refresh_token has expired")
	case t.RedirectURI != "" && t.RedirectURI != form.Get("redirect_uri"):
		return nil, refuse(otherRedirect)
	case user.ID == 0 || user.Inactive:
		return nil, refuse("refresh_token is invalid")
	}
	if a.World().Enabled(RotateRefreshTokens) {
		t.Rotated = true
		if err := a.refresh.Set(t); err != nil {
			return nil, err
		}
	}
	return a.issue(app, refreshToken{ClientID: app.ClientID, RedirectURI: t.RedirectURI, UserID: t.UserID,
		Grant: t.Grant})
}

// longestLifetime is a century in seconds, within the range of time.Duration.
const longestLifetime = 100 * 365 * 24 * 3600

// issue creates an access token and, if the app may refresh it, a refresh token.
func (a *api) issue(app ConnectedApp, t refreshToken) (any, error) {
	ends := a.Now().Add(accessLifetime)
	access, err := a.access.Insert(accessToken{Token: a.selector("access", 64), ClientID: app.ClientID,
		UserID: t.UserID, Grant: t.Grant, ExpiresAt: &ends})
	if err != nil {
		return nil, err
	}
	out := tokens{AccessToken: access.Token, TokenType: "Bearer", ExpiresIn: int(accessLifetime / time.Second)}
	if !app.renews() {
		return out, nil
	}
	t.Token = a.selector("refresh", 72)
	if app.RefreshTokenLifetime > 0 {
		ends := a.Now().Add(time.Duration(min(app.RefreshTokenLifetime, longestLifetime)) * time.Second)
		t.ExpiresAt = &ends
	}
	if t, err = a.refresh.Insert(t); err != nil {
		return nil, err
	}
	out.RefreshToken = &t.Token
	return out, nil
}

// revoke invalidates all tokens of a grant.
func (a *api) revoke(grant string) {
	for _, row := range slices.Collect(a.access.By("grant", grant)) {
		t := row.Value
		t.Revoked = true
		must(t, a.access.Set(t))
	}
	for _, row := range slices.Collect(a.refresh.By("grant", grant)) {
		t := row.Value
		t.Revoked = true
		must(t, a.refresh.Set(t))
	}
}

// reused returns the error for a reused code or token; the write that revokes its grant is kept.
func reused(text string) *fake.Error {
	e := refuse(text)
	e.Keep = true
	return e
}

// encode encodes v as JSON without HTML escapes.
func encode(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // plain data can always be encoded
	}
	return bytes.TrimSpace(out.Bytes())
}
