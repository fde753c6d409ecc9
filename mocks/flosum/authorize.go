package flosum

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// codeLifetime is assumed: the vendor does not say; RFC 6749 recommends at most ten minutes.
const codeLifetime = 10 * time.Minute

// code is an authorisation code, valid once, for one client and one redirect URI.
type code struct {
	Code        string    `json:"code"`
	ClientID    string    `json:"clientId"`
	RedirectURI string    `json:"redirectUri"`
	UserID      int64     `json:"userId"`
	Grant       string    `json:"grant"` // identifies the tokens of the code
	ExpiresAt   time.Time `json:"expiresAt"`
	Used        bool      `json:"used,omitempty"`
}

// authorizeRequest is an app's request on behalf of a user.
type authorizeRequest struct {
	ClientID    string `json:"clientId"`
	RedirectURI string `json:"redirectUri"`
	State       string `json:"state"`
	HasState    bool   `json:"hasState"`
}

type redirected struct {
	URL    string `json:"url"`
	Status int    `json:"status"`
}

// authorize shows the consent page or, if no consent is needed, redirects. If the client or the
// redirect URI is unknown, it answers an error and does not redirect (assumed, after RFC 6749).
func (a *api) authorize(r *fake.Request) (any, error) {
	w := authorizeRequest{ClientID: r.Query("client_id"), RedirectURI: r.Query("redirect_uri"),
		State: r.Query("state"), HasState: r.QueryValues().Has("state")}
	_, region := serviceAndRegion(r.Host)
	app, users, err := a.examine(w, region)
	if err != nil {
		return nil, err
	}
	verdict, email, _ := strings.Cut(r.Header("Mockserver-Consent"), " ")
	if r.Fault() == accessDenied {
		verdict = "refuse"
	}
	if verdict == "" && a.World().Enabled(AutoApprove) {
		verdict = "approve"
	}
	switch verdict {
	case "":
		return a.consentPage(r, w, app, users)
	case "refuse":
		return redirect(w.refused()), nil
	case "approve":
		chosen := slices.IndexFunc(users,
			func(u User) bool { return email == "" || strings.EqualFold(u.Email, strings.TrimSpace(email)) })
		if chosen < 0 {
			return nil, refuse("Mockserver-Consent names no user who may approve " + app.Name)
		}
		return redirect(a.approved(w, users[chosen])), nil
	}
	return nil, refuse("Mockserver-Consent must be approve, refuse, or approve and an e-mail address")
}

// examine validates a request and returns its app and the users who may approve it.
func (a *api) examine(w authorizeRequest, region string) (ConnectedApp, []User, error) {
	app, ok := a.apps.Find(w.ClientID)
	home, _ := a.tenants.Find(key(app.TenantID))
	switch {
	case !ok, home.Region != region:
		return app, nil, refuse("client_id is unknown")
	case !a.redirects(app, w.RedirectURI):
		return app, nil, refuse("redirect_uri is not allowed for this connected app")
	case !app.allows("authorization_code"):
		return app, nil, refuse("the connected app does not have the Authorization Code flow")
	}
	var users []User
	for u := range a.users.All() {
		tenant, _ := a.tenants.Find(key(u.TenantID))
		if !u.Inactive && (u.TenantID == app.TenantID || app.MultiTenant && tenant.Region == region) {
			users = append(users, u)
		}
	}
	if users == nil {
		return app, nil, refuse("nobody can approve: the connected app's tenant has no active user")
	}
	return app, users, nil
}

// approved creates a code and returns the redirect with it.
func (a *api) approved(w authorizeRequest, user User) string {
	c := must(a.codes.Insert(code{Code: a.selector("code", 18), ClientID: w.ClientID, RedirectURI: w.RedirectURI,
		UserID: user.ID, Grant: a.NewID(), ExpiresAt: a.Now().Add(codeLifetime)}))
	return w.back("code", c.Code)
}

// refused returns the redirect of a denied request; the error is that of RFC 6749 (assumed).
func (w authorizeRequest) refused() string { return w.back("error", "access_denied") }

// back returns the redirect URI with a parameter and the state added to its query.
func (w authorizeRequest) back(name, value string) string {
	query := name + "=" + url.QueryEscape(value)
	if w.HasState {
		query += "&state=" + url.QueryEscape(w.State)
	}
	between := "?"
	if strings.Contains(w.RedirectURI, "?") {
		between = "&"
	}
	if strings.HasSuffix(w.RedirectURI, "?") || strings.HasSuffix(w.RedirectURI, "&") {
		between = ""
	}
	return w.RedirectURI + between + query
}

// redirect answers as in the vendor's schema: with Location, and the same URL in a body.
func redirect(to string) *fake.Response {
	h := http.Header{"Location": {to}, "Cache-Control": {"no-store"}, "Referrer-Policy": {"no-referrer"},
		"Content-Type": {"application/json; charset=utf-8"}}
	return &fake.Response{Status: http.StatusFound, Header: h, Body: encode(redirected{to, http.StatusFound})}
}
