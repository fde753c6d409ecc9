package control_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
)

// startReal starts the fakes of this module; see start.
func startReal(t *testing.T, o fake.Config) *rig {
	t.Helper()
	o.Settings.LimitsOff = true
	if o.Bug == nil {
		o.Bug = func(err error) { t.Errorf("a bug of the fakes' own: %v", err) }
	}
	srv, err := fake.New(o, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(srv, control.Options{})
	plane.Ready()
	t.Cleanup(srv.Close)
	return &rig{t, srv, fake.Serve(t, plane.Wrap(srv.Edge(), ""))}
}

// member describes how the tests of worlds use one fake, with only a credential.
type member struct {
	fake      string
	principal string // a principal that may write
	auth      string // header, with %s for the credential
	write     string // METHOD path
	body      string // with %s for a mark
	read      string
	unknown   int    // status for an unknown credential
	rejection string // a part of that answer
}

var members = func() (all []member) {
	for _, s := range samples.All {
		all = append(all, member{s.Fake, s.Principal, s.Header, "POST /" + s.Fake + s.Write, s.Body,
			"GET /" + s.Fake + s.Read, s.Unknown, s.Rejection})
	}
	return all
}()

func (m member) header(credential string) string { return fmt.Sprintf(m.auth, credential) }

// path returns what the fake's read asks for, below the edge.
func (m member) path() string { return strings.TrimPrefix(m.read, "GET ") }

// put writes a row with a mark and returns the status.
func (m member) put(g *rig, credential, mark string) (int, string) {
	g.t.Helper()
	return g.ask(m.write, fmt.Sprintf(samples.Fresh(m.body), mark), m.header(credential), "User-Agent: tests")
}

func (m member) list(g *rig, credential string) (int, string) {
	g.t.Helper()
	return g.ask(m.read, "", m.header(credential), "User-Agent: tests")
}

// made is a world as the control plane returns it.
type made struct {
	Name        string                       `json:"name"`
	URLs        map[string]string            `json:"urls"`
	Credentials map[string][]fake.Credential `json:"credentials"`
}

func (g *rig) world(what, body string) (w made) {
	g.t.Helper()
	status, text := g.ask(what, body)
	if err := json.Unmarshal([]byte(text), &w); status >= 300 || err != nil {
		g.t.Fatalf("%s %s answered %d %s", what, body, status, text)
	}
	return w
}

// of returns the first valid credential of a principal.
func (w made) of(t *testing.T, name, principal string) fake.Credential {
	t.Helper()
	for _, c := range w.Credentials[name] {
		if c.Principal == principal && c.State == "valid" {
			return c
		}
	}
	t.Fatalf("world %s has no credential of %s at %s", w.Name, principal, name)
	return fake.Credential{}
}

// answered is an answer without following redirects.
type answered struct {
	status int
	header http.Header
	body   string
}

// send does the same as ask without following redirects.
func (g *rig) send(what, body string, headers ...string) answered {
	g.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	if strings.HasPrefix(path, "/") {
		path = g.url + path
	}
	req, err := http.NewRequest(method, path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		g.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		g.t.Fatal(err)
	}
	return answered{res.StatusCode, res.Header, string(bytes.TrimSpace(text))}
}

const formType = "Content-Type: application/x-www-form-urlencoded"

// oauth signs a user in to an app of a world, by its client id alone.
func oauth(g *rig, app fake.Credential) (code, access, refresh string) {
	g.t.Helper()
	const back = "http://localhost:3000/callback"
	res := g.send("GET /flosum/api/v1/oauth/authorize?response_type=code&state=s&client_id="+
		url.QueryEscape(app.Value)+"&redirect_uri="+url.QueryEscape(back), "", "Mockserver-Consent: approve")
	to, err := url.Parse(res.header.Get("Location"))
	if err != nil || to.Query().Get("code") == "" {
		g.t.Fatalf("authorize answered %d %s", res.status, res.body)
	}
	code = to.Query().Get("code")
	form := url.Values{"grant_type": {"authorization_code"}, "redirect_uri": {back}, "client_id": {app.Value},
		"client_secret": {app.Secret}, "code": {code}}
	return code, pick(g, g.send("POST /flosum/api/v1/oauth/token", form.Encode(), formType), "access_token"),
		renewed(g, app, form)
}

// renewed exchanges the refresh token of a new code; a code is valid once.
func renewed(g *rig, app fake.Credential, form url.Values) string {
	g.t.Helper()
	res := g.send("GET /flosum/api/v1/oauth/authorize?response_type=code&state=s&client_id="+
		url.QueryEscape(app.Value)+"&redirect_uri="+
		url.QueryEscape(form.Get("redirect_uri")), "", "Mockserver-Consent: approve")
	to, _ := url.Parse(res.header.Get("Location"))
	form.Set("code", to.Query().Get("code"))
	first := pick(g, g.send("POST /flosum/api/v1/oauth/token", form.Encode(), formType), "refresh_token")
	again := url.Values{"grant_type": {"refresh_token"}, "redirect_uri": form["redirect_uri"],
		"client_id": form["client_id"], "client_secret": form["client_secret"], "refresh_token": {first}}
	return pick(g, g.send("POST /flosum/api/v1/oauth/token", again.Encode(), formType), "refresh_token")
}

// pick returns a string in a JSON answer and fails if there is none.
func pick(g *rig, res answered, path ...string) string {
	g.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(res.body), &v); err != nil {
		g.t.Fatalf("answered %d %s: %v", res.status, res.body, err)
	}
	for _, key := range path {
		object, _ := v.(map[string]any)
		v = object[key]
	}
	text, _ := v.(string)
	if text == "" {
		g.t.Fatalf("answered %d %s, without %s", res.status, res.body, strings.Join(path, "."))
	}
	return text
}

// apiKey creates a key as a signed-in user and returns a token of it.
func apiKey(g *rig, session string) string {
	g.t.Helper()
	graph := func(query string) answered {
		body, err := json.Marshal(map[string]string{"query": query})
		if err != nil {
			g.t.Fatal(err)
		}
		return g.send("POST /twenty/metadata", string(body), "Authorization: Bearer "+session,
			"Content-Type: application/json")
	}
	var roles struct {
		Data struct {
			GetRoles []struct {
				ID                     string
				CanBeAssignedToAPIKeys bool
			}
		}
	}
	answer := graph(`{ getRoles { id canBeAssignedToApiKeys } }`)
	if err := json.Unmarshal([]byte(answer.body), &roles); err != nil || len(roles.Data.GetRoles) == 0 {
		g.t.Fatalf("roles: %s", answer.body)
	}
	role := ""
	for _, one := range roles.Data.GetRoles {
		if one.CanBeAssignedToAPIKeys {
			role = one.ID
		}
	}
	id := pick(g,
		graph(fmt.Sprintf(`mutation { createApiKey(input: {name: "K", expiresAt: "2098-01-01", roleId: %q}) { id } }`,
			role)), "data", "createApiKey", "id")
	return pick(g,
		graph(fmt.Sprintf(`mutation { generateApiKeyToken(apiKeyId: %q, expiresAt: "2098-01-01") { token } }`, id)),
		"data", "generateApiKeyToken", "token")
}

// share uploads a file, attaches it to a ticket, and returns its signed id and the link to its
// content.
func share(g *rig, credential string) (id, link string) {
	g.t.Helper()
	auth := "Authorization: Bearer " + credential
	res := g.send("POST /kickflow/v1/files",
		"--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"r.txt\"\r\n\r\nhello\r\n--b--\r\n", auth,
		"Content-Type: multipart/form-data; boundary=b")
	id = pick(g, res, "signedId")
	body := fmt.Sprintf(`{"body":"see","files":[%q]}`, id)
	g.send("POST /kickflow/v1/tickets/70000000-0000-4000-8000-000000000004/comments", body, auth,
		"Content-Type: application/json")
	return id, pick(g, g.send("GET /kickflow/v1/files/"+id, "", auth), "url")
}
