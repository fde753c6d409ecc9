package recorder_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/listen"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/flosum"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty"
)

// noon is the time of the recordings of these tests, so that none crosses midnight.
var noon = time.Date(2026, 5, 6, 12, 0, 0, 0, time.UTC)

// session is a client that uses an upstream through the recorder.
type session struct {
	*testing.T
	rec    *recorder.Recorder
	url    string // of the proxy
	client *http.Client
}

func startSession(t *testing.T, def *fake.Def, upstream string, change func(*recorder.Options)) *session {
	t.Helper()
	o := recorder.Options{
		Fake:     def,
		Upstream: upstream,
		About:    "A test.",
		Version:  "1",
		Now:      func() time.Time { return noon },
	}
	if change != nil {
		change(&o)
	}
	rec, err := recorder.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := &session{T: t, rec: rec}
	var handler http.Handler
	url, stop, err := listen.Serve(
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	if err != nil {
		t.Fatal(err)
	}
	s.url, handler = url, rec.Proxy(url)
	transport := &http.Transport{}
	s.client = &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	t.Cleanup(func() { transport.CloseIdleConnections(); stop() })
	return s
}

// ask sends "METHOD path-or-URL" and returns the answer and its body.
func (s *session) ask(line, body string, headers ...string) (*http.Response, string) {
	s.Helper()
	method, at, _ := strings.Cut(line, " ")
	if strings.HasPrefix(at, "/") {
		at = s.url + at
	}
	q, err := http.NewRequest(method, at, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	q.Header.Set("User-Agent", "test")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		q.Header.Add(name, value)
	}
	if body != "" && q.Header.Get("Content-Type") == "" {
		q.Header.Set("Content-Type", "application/json")
	}
	res, err := s.client.Do(q)
	if err != nil {
		s.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.Fatal(err)
	}
	return res, string(text)
}

// save writes the recording and returns its files as one text.
func (s *session) save() (dir, written string) {
	s.Helper()
	dir = filepath.Join(s.TempDir(), "case")
	saved, err := s.rec.Save(dir)
	if err != nil {
		s.Fatal(err)
	}
	for _, note := range saved.Notes {
		s.Log(note)
	}
	for _, name := range []string{"cassette.yaml", "case.yaml"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			s.Fatal(err)
		}
		written += string(data)
	}
	return dir, written
}

// replay requires the fake to give every answer of a recording.
func replay(t *testing.T, def *fake.Def, dir string, want int) {
	t.Helper()
	target, err := contracts.InProcess(def)
	if err != nil {
		t.Fatal(err)
	}
	config := contracts.Config{
		Fakes:    []string{def.Name},
		Only:     def.Name,
		Seed:     "default",
		Defaults: os.DirFS("../../fixtures"),
	}
	suite, err := contracts.Load(os.DirFS(dir), config, ".")
	if err != nil {
		t.Fatal(err)
	}
	sent := 0
	suite.Replay(context.Background(), target, func(o *contracts.Outcome) {
		if o.Err != nil || o.Skipped != "" {
			t.Errorf("%v %s", o.Err, o.Skipped)
		}
		for _, r := range o.Results {
			sent++
			for _, d := range r.Differences {
				t.Errorf("#%d %s: %s", r.Number, r.Request, d)
			}
		}
	})
	if sent != want {
		t.Errorf("%d interactions replayed, want %d", sent, want)
	}
}

func TestKickflowRoundTrip(t *testing.T) {
	t.Parallel()
	upstream := kickflow.NewServer(t)
	upstream.World.Freeze(noon)
	s := startSession(t, kickflow.Def(), upstream.URL, nil)
	auth := "Authorization: Bearer " + kickflow.AdminToken
	res, _ := s.ask("GET /v1/users?perPage=2", "", auth)
	next := res.Header.Get("Link")
	if !strings.HasPrefix(next, "<"+s.url+"/v1/users?") {
		t.Errorf("Link leads past the proxy: %s", next)
	}
	next, _, _ = strings.Cut(strings.TrimPrefix(next, "<"), ">")
	s.ask("GET "+next, "", auth)
	_, made := s.ask("POST /v1/users", `{"email":"Grace.Hopper@navy.mil","lastName":"Hopper","firstName":"Grace"}`,
		auth)
	if !strings.Contains(made, "grace.hopper@navy.mil") && !strings.Contains(made, "Grace.Hopper@navy.mil") {
		t.Fatalf("the client does not see what the upstream answers: %s", made)
	}
	s.ask("GET /v1/users?email=grace.hopper%40navy.mil", "", auth)
	s.ask("POST /v1/grades", `{"name":"Chief","level":7}`, auth)
	s.ask("GET /v1/grades", "", auth)
	s.ask("GET /v1/users", "", "Authorization: Bearer not-a-known-token-1")
	dir, written := s.save()
	for _, secret := range []string{kickflow.AdminToken, "navy.mil", "Hopper@", "hopper@", "not-a-known-token-1",
		s.url} {
		if strings.Contains(written, secret) {
			t.Errorf("%q was written", secret)
		}
	}
	if !strings.Contains(written, "<"+upstream.URL+"/v1/users?") {
		t.Error("the cassette does not speak of the upstream's origin")
	}
	replay(t, kickflow.Def(), dir, 7)
}

func TestFlosumRoundTrip(t *testing.T) {
	t.Parallel()
	const client, secret = "fci_synthetic-acme-portal0", "synthetic-secret-of-acme-portal-00000000000"
	upstream := flosum.NewServer(t)
	upstream.World.Freeze(noon)
	s := startSession(t, flosum.Def(), upstream.URL, nil)
	s.ask("GET /api/v1/connections?page=1&limit=10", "", "Authorization: Bearer "+flosum.AdminToken)
	s.ask("GET /api/v1/connections?page=1&limit=10", "")
	res, _ := s.ask(
		"GET /api/v1/oauth/authorize?client_id="+client+"&response_type=code&"+
			"redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&state=a", "", "Mockserver-Consent: approve")
	back, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"client_id": {client}, "client_secret": {secret},
		"redirect_uri": {"http://localhost:3000/callback"}}
	form.Set("grant_type", "authorization_code")
	form.Set("code", back.Query().Get("code"))
	_, answer := s.ask("POST /api/v1/oauth/token", form.Encode(), "Content-Type: application/x-www-form-urlencoded")
	var tokens struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	if err := json.Unmarshal([]byte(answer), &tokens); err != nil || tokens.Access == "" {
		t.Fatalf("%v: %s", err, answer)
	}
	s.ask("GET /api/v1/connections?page=1&limit=10", "", "Authorization: Bearer "+tokens.Access)
	form.Del("code")
	form.Set("grant_type", "refresh_token")
	form.Set("refresh_token", tokens.Refresh)
	s.ask("POST /api/v1/oauth/token", form.Encode(), "Content-Type: application/x-www-form-urlencoded")
	dir, written := s.save()
	for _, secret := range []string{flosum.AdminToken, client, secret, back.Query().Get("code"), tokens.Access,
		tokens.Refresh} {
		if strings.Contains(written, secret) {
			t.Errorf("%q was written", secret)
		}
	}
	replay(t, flosum.Def(), dir, 6)
}

func TestTwentyRoundTrip(t *testing.T) {
	t.Parallel()
	upstream := twenty.NewServer(t)
	upstream.World.Freeze(noon)
	s := startSession(t, twenty.Def(), upstream.URL, nil)
	auth := "Authorization: Bearer " + twenty.Key
	s.ask("GET /rest/companies?limit=2", "", auth)
	s.ask("POST /rest/companies", `{"name":"Analytical Engines"}`, auth)
	s.ask("POST /graphql",
		`{"query":"mutation { createPerson(data:{name:{firstName:\"Ada\"},`+
			` emails:{primaryEmail:\"ada@engines.co.uk\"}}) { id emails { primaryEmail } } }"}`, auth)
	_, found := s.ask("POST /graphql",
		`{"query":"query Q($of: String) { people(filter:{emails:{primaryEmail:{eq:$of}}}) { edges { node { id `+
			`emails { primaryEmail } } } } }","variables":{"of":"ada\u0040engines.co.uk"}}`, auth)
	if !strings.Contains(found, "ada@engines.co.uk") {
		t.Fatalf("not found: %s", found)
	}
	s.ask("GET /rest/companies?order_by=createdAt&limit=3", "", auth)
	s.ask("GET /rest/people", "")
	dir, written := s.save()
	for _, secret := range []string{twenty.Key, "engines.co.uk"} {
		if strings.Contains(written, secret) {
			t.Errorf("%q was written", secret)
		}
	}
	replay(t, twenty.Def(), dir, 6)
}

// TestNumbersOfNewRowsAreRenamed records a service whose counters are ahead of the fake's seed.
func TestNumbersOfNewRowsAreRenamed(t *testing.T) {
	t.Parallel()
	const records, body, key = "/flex/api/v1/flexdb/tbl_inquiry",
		`{"title":"A new one","channel":3,"received_at":"2026/05/04 10:30:00"}`, "X-FlexCRM-API-KEY: " + flexcrm.DemoKey
	upstream := flexcrm.NewServer(t)
	upstream.World.Freeze(noon)
	earlier := startSession(t, flexcrm.Def(), upstream.URL, nil)
	for range 120 {
		earlier.ask("POST "+records, body, key)
	}
	s := startSession(t, flexcrm.Def(), upstream.URL, nil)
	_, answer := s.ask("POST "+records, body, key)
	var made struct{ ID json.Number }
	if err := json.Unmarshal([]byte(answer), &made); err != nil || len(made.ID) < 3 {
		t.Fatalf("%v: %s", err, answer)
	}
	s.ask("GET "+records+"/"+made.ID.String(), "", key)
	s.ask("PUT "+records+"/"+made.ID.String(), `{"title":"Another"}`, key)
	dir, written := s.save()
	if !strings.Contains(written, "minted:\n  - \""+made.ID.String()) &&
		!strings.Contains(written, "minted:\n  - '"+made.ID.String()) {
		t.Errorf("the number %s is not listed:\n%s", made.ID, written)
	}
	replay(t, flexcrm.Def(), dir, 3)
}
