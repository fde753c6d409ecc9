package audit_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/flosum"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty"
)

// client sends requests to one fake.
type client struct {
	t      *testing.T
	srv    *fake.TestServer
	header map[string]string
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// start starts a fake by name, with a client that has the seed's usual credential.
func start(t *testing.T, name string, options ...fake.Option) *client {
	t.Helper()
	switch name {
	case "kickflow":
		return &client{t, kickflow.NewServer(t, options...), bearer(kickflow.AdminToken)}
	case "twenty":
		return &client{t, twenty.NewServer(t, options...), bearer(twenty.Key)}
	case "flosum":
		return &client{t, flosum.NewServer(t, options...), bearer(flosum.AdminToken)}
	}
	srv := flexcrm.NewServer(t, options...)
	return &client{t, srv, map[string]string{"X-FlexCRM-API-KEY": flexcrm.DemoKey, "User-Agent": "crm-sync/1.0"}}
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}

// send sends a request: "METHOD path", or an absolute URL after the method.
func (c *client) send(line, body string, headers ...string) answer {
	c.t.Helper()
	method, target, _ := strings.Cut(line, " ")
	if !strings.HasPrefix(target, "http") {
		target = c.srv.URL + target
	}
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range c.header {
		req.Header.Set(name, value)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	transport := &http.Transport{DisableKeepAlives: true} // so that nothing is sent twice by itself
	res, err := (&http.Client{Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(req)
	if err != nil {
		return answer{}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return answer{}
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// get sends a GET that has to succeed.
func (c *client) get(path string) answer {
	c.t.Helper()
	a := c.send("GET "+path, "")
	if a.status != http.StatusOK {
		c.t.Fatalf("GET %s answered %d %s", path, a.status, a.body)
	}
	return a
}

// ids returns all ids of an answer, in order.
func (a answer) ids() (all []string) {
	for _, m := range regexp.MustCompile(`"id":"?([^",}]+)`).FindAllStringSubmatch(a.body, -1) {
		all = append(all, m[1])
	}
	return all
}

// text returns a text of a JSON answer by its key.
func (a answer) text(key string) string {
	m := regexp.MustCompile(`"` + key + `":"([^"]*)"`).FindStringSubmatch(a.body)
	if m == nil {
		return ""
	}
	return m[1]
}

var nextLink = regexp.MustCompile(`<([^>]*)>; rel="next"`)

// follow reads a list to its end by its links and returns all ids.
func (c *client) follow(path string) (ids []string) {
	c.t.Helper()
	for {
		a := c.get(path)
		ids = append(ids, a.ids()...)
		next := nextLink.FindStringSubmatch(a.header.Get("Link"))
		if next == nil {
			return ids
		}
		path = strings.TrimPrefix(next[1], c.srv.URL)
	}
}

// The redirect URI and the client of the seed.
const (
	clientID     = "fci_synthetic-acme-portal0"
	clientSecret = "synthetic-secret-of-acme-portal-00000000000"
	redirectURI  = "http://localhost:3000/callback"
)

// code authorizes the client and returns the code.
func (c *client) code() string {
	c.t.Helper()
	q := url.Values{"client_id": {clientID}, "response_type": {"code"}, "redirect_uri": {redirectURI}}
	a := c.send("GET /api/v1/oauth/authorize?"+q.Encode(), "", "Mockserver-Consent: approve", "Authorization: ")
	to, err := url.Parse(a.header.Get("Location"))
	if err != nil || to.Query().Get("code") == "" {
		c.t.Fatalf("no code: %d %s", a.status, a.body)
	}
	return to.Query().Get("code")
}

// token trades a code or a refresh token, and uses the access token from then on.
func (c *client) token(grant, value string) answer {
	c.t.Helper()
	key := map[string]string{"authorization_code": "code", "refresh_token": "refresh_token"}[grant]
	form := url.Values{"grant_type": {grant}, key: {value}, "client_id": {clientID}, "client_secret": {clientSecret},
		"redirect_uri": {redirectURI}}
	a := c.send("POST /api/v1/oauth/token", form.Encode(), "Content-Type: application/x-www-form-urlencoded",
		"Authorization: ")
	if access := a.text("access_token"); access != "" {
		c.header = bearer(access)
	}
	return a
}

// graphql sends a document to one of the endpoints.
func (c *client) graphql(path, query string, variables map[string]any) answer {
	c.t.Helper()
	text, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		c.t.Fatal(err)
	}
	return c.send("POST "+path, string(text))
}

// signIn signs a user in by password and uses the access token from then on.
func (c *client) signIn() answer {
	c.t.Helper()
	c.header = nil
	login := c.graphql("/metadata", `mutation { getLoginTokenFromCredentials(email: "hoshino@hoshino.example",
		password: "Applecar2025", origin: "http://a.test") { loginToken { token } } }`, nil)
	pair := c.graphql("/metadata", fmt.Sprintf(`mutation { getAuthTokensFromLoginToken(loginToken: %q,
		origin: "http://a.test") { tokens {
		accessOrWorkspaceAgnosticToken { token expiresAt } refreshToken { token } } } }`,
		login.text("token")), nil)
	c.header = bearer(pair.text("token"))
	return pair
}

// advance moves the world's clock, as if the client had waited.
func (c *client) advance(d time.Duration) { c.srv.Advance(d) }

// found audits the world and returns the names of the rules that were broken.
func (c *client) found(silences ...audit.Silence) []audit.Finding {
	c.t.Helper()
	report, err := c.srv.Server.Audit(c.srv.World, audit.Options{Silences: silences})
	if err != nil {
		c.t.Fatal(err)
	}
	return report.Findings
}
