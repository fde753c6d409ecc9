package recorder_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/listen"
	_ "github.com/afba07b5/mockserver/internal/pace"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// answering serves a handler until the test ends.
func answering(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	url, stop, err := listen.Serve(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url
}

func TestAnUpstreamIsAnOrigin(t *testing.T) {
	t.Parallel()
	for _, upstream := range []string{"", "api.vendor.test", "ftp://vendor.test", "https://vendor.test/v1",
		"https://me:p4ss@vendor.test", "https://vendor.test?x=1"} {
		if _, err := recorder.New(recorder.Options{Fake: kickflow.Def(), Upstream: upstream}); err == nil ||
			strings.Contains(err.Error(), "p4ss") {
			t.Errorf("%s: %v", upstream, err)
		}
	}
	if _, err := recorder.New(recorder.Options{Fake: kickflow.Def(), Upstream: "https://vendor.test",
		Seed: "nosuch"}); err == nil {
		t.Error("a seed that does not exist is taken")
	}
}

// TestACredentialThatNobodyFoundIsNotWritten sends a credential in an unknown location. The request
// is left out, and the possible credential is kept out of the other exchanges, rejected ones
// included.
func TestACredentialThatNobodyFoundIsNotWritten(t *testing.T) {
	t.Parallel()
	s := startSession(t, kickflow.Def(), answering(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/v1/none" {
			w.WriteHeader(http.StatusNotFound)
		}
		io.WriteString(w, "[]")
	}), nil)
	hidden := "X-Whatever: somewhere-else-1"
	s.ask("GET /v1/grades", "", "Authorization: Bearer known-token-1")
	s.ask("GET /v1/users?x=query-s3cret-77", "", hidden)
	s.ask("GET /v1/none", `{"note":"query-s3cret-77"}`, hidden)
	dir := filepath.Join(t.TempDir(), "case")
	saved, err := s.rec.Save(dir)
	if err != nil || saved.Interactions != 2 {
		t.Fatalf("%+v %v", saved, err)
	}
	if notes := strings.Join(saved.Notes, "\n"); !strings.Contains(notes,
		"left out: request 2, GET /v1/users: no credential was found") {
		t.Errorf("no note in\n%s", notes)
	}
	if written := readFile(t, dir, "cassette.yaml"); strings.Contains(written, "somewhere-else-1") ||
		strings.Contains(written, "query-s3cret-77") || !strings.Contains(written, "/v1/none") {
		t.Errorf("%s", written)
	}
}

func TestNothingIsWrittenIfAllIsLeftOut(t *testing.T) {
	t.Parallel()
	s := startSession(t, kickflow.Def(),
		answering(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "[]") }), nil)
	s.ask("GET /v1/users", "", "X-Whatever: somewhere-else-1")
	dir := filepath.Join(t.TempDir(), "case")
	saved, err := s.rec.Save(dir)
	if !errors.Is(err, recorder.ErrEmpty) || len(saved.Notes) != 1 {
		t.Errorf("%+v %v", saved, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something was written: %v", err)
	}
}

// TestASessionIsNeverLost repeats, for each fake, sessions in which the recorder once mistook its
// own pseudonyms for new secrets.
func TestASessionIsNeverLost(t *testing.T) {
	t.Parallel()
	echoes := answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.Copy(w, r.Body)
	})
	for _, def := range []*fake.Def{kickflow.Def(), flexcrm.Def()} {
		for _, target := range []string{
			"https://n8n:pw-112233@hooks.example/x", "postgres://crm:pw-112233@db.example/crm",
			"https://user:pw%2d112233@mail.example", "https://ada@corp.example:pw-112233@hooks.example/x",
			"mailto:pw-112233@hooks.example", "redis://:pw-112233@cache.example:6379/0",
			"https://pw-112233@git.example/x.git",
		} {
			s := startSession(t, def, echoes, nil)
			auth := "Authorization: Bearer known-token-1"
			body := `{"targetUrl":"` + target + `","q":"mutation { set(url: \"` + target +
				`\", password: \"pw-112233@hooks.example\") }"}`
			s.ask("POST /v1/anything", body, auth, "Content-Type: application/json")
			s.ask("GET /v1/anything?to="+url.QueryEscape(target), "", auth)
			_, written := s.save()
			for _, secret := range []string{"pw-112233", "pw%2d112233", "known-token-1"} {
				if strings.Contains(written, secret) {
					t.Errorf("%s: %s is written:\n%s", target, secret, written)
				}
			}
			if !strings.Contains(written, "targetUrl") || strings.Count(written, "/v1/anything") != 2 {
				t.Errorf("%s: something is lost:\n%s", target, written)
			}
		}
	}
}

func TestEventStreamsThatEndAreRecorded(t *testing.T) {
	t.Parallel()
	const events = "event: message\ndata: {\"token\":\"streamed-s3cret-1\"}\n\n"
	more, ended := make(chan bool), make(chan bool)
	s := startSession(t, kickflow.Def(), answering(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		out := io.Writer(w)
		if r.URL.Path == "/packed" {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			defer z.Close()
			out = z
		}
		io.WriteString(out, events)
		if r.URL.Path == "/open" {
			w.(http.Flusher).Flush()
			<-more
		}
		if r.URL.Path == "/endless" {
			w.(http.Flusher).Flush()
			<-ended
		}
	}), nil)
	defer close(ended)
	auth := "Authorization: Bearer known-token-1"
	for _, path := range []string{"/plain", "/packed"} {
		if res, body := s.ask("GET "+path, "", auth); body != events || res.Header.Get("Content-Encoding") != "" {
			t.Errorf("%s: the client gets %q, %v", path, body, res.Header)
		}
	}
	open, err := s.client.Get(s.url + "/open")
	if err != nil {
		t.Fatal(err)
	}
	first := make([]byte, len(events))
	if _, err := io.ReadFull(open.Body, first); err != nil || string(first) != events {
		t.Errorf("an event does not come while the stream is open: %q %v", first, err)
	}
	close(more)
	io.Copy(io.Discard, open.Body)
	open.Body.Close()
	endless, err := s.client.Get(s.url + "/endless")
	if err != nil {
		t.Fatal(err)
	}
	defer endless.Body.Close()
	io.ReadFull(endless.Body, first)
	dir := filepath.Join(t.TempDir(), "case")
	saved, err := s.rec.Save(dir)
	if err != nil || saved.Interactions != 3 ||
		!strings.Contains(strings.Join(saved.Notes, "\n"),
			"request 4, GET /endless: its stream of events had not ended") {
		t.Fatalf("%+v %v", saved, err)
	}
	if written := readFile(t, dir, "cassette.yaml"); strings.Count(written, "event: message") != 3 ||
		strings.Contains(written, "streamed-s3cret-1") {
		t.Errorf("%s", written)
	}
}

func TestWhatCannotBeSearchedIsLeftOut(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("large ", recorder.Bound/6+1)
	s := startSession(t, kickflow.Def(), answering(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			io.WriteString(w, large)
		case "/packed":
			w.Header().Set("Content-Encoding", "br")
			io.WriteString(w, "packed")
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, large)
			z.Close()
		case "/cut":
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "cut")
		default:
			io.Copy(w, r.Body)
		}
	}), nil)
	auth := "Authorization: Bearer kickflow-admin-token"
	for _, path := range []string{"/large", "/packed", "/bomb"} {
		if res, body := s.ask("GET "+path, "", auth); res.StatusCode != 200 || body == "" {
			t.Errorf("%s does not reach the client: %d", path, res.StatusCode)
		}
	}
	if _, body := s.ask("POST /sent", large, auth); body != large {
		t.Errorf("a large body arrives as %d bytes", len(body))
	}
	if res, err := s.client.Get(s.url + "/cut"); err == nil {
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	s.ask("GET /kept", "", auth)
	saved, err := s.rec.Save(filepath.Join(t.TempDir(), "case"))
	if err != nil || saved.Interactions != 1 {
		t.Fatalf("%+v %v", saved, err)
	}
	notes := strings.Join(saved.Notes, "\n")
	for _, want := range []string{"GET /large: answer: a body has more than 4194304 bytes",
		`GET /packed: answer: content encoding "br"`, "GET /bomb", "POST /sent: a body", "GET /cut"} {
		if !strings.Contains(notes, want) {
			t.Errorf("no note about %s in\n%s", want, notes)
		}
	}
}

func TestBodiesThatAreNoText(t *testing.T) {
	t.Parallel()
	s := startSession(t, kickflow.Def(),
		answering(t, func(w http.ResponseWriter, r *http.Request) { io.Copy(w, r.Body) }), nil)
	image := "\x89PNG\r\n\x1a\n" + strings.Repeat("\xff\x00hidden in an image", 4)
	auth := "Authorization: Bearer kickflow-admin-token"
	_, same := s.ask("POST /image", image, auth, "Content-Type: image/png")
	if same != image {
		t.Error("the client gets another body")
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, `{"password":"packed-s3cret"}`)
	z.Close()
	s.ask("POST /packed", packed.String(), auth, "Content-Encoding: gzip")
	dir, written := s.save()
	if strings.Contains(written, "hidden in an image") || strings.Contains(written, "packed-s3cret") ||
		!strings.Contains(written, `{"password":"`) {
		t.Error("what was in an image or in a packed body is written, or the body is not unpacked")
	}
	data := texts(t, []byte(readFile(t, dir, "cassette.yaml")))
	if data[1] != data[2] || !strings.HasPrefix(data[1], image[:8]) || len(data[1]) != len(image) {
		t.Errorf("%q and %q for one image", data[1], data[2])
	}
}

func readFile(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestRecordingsAreNotOverwritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := recorder.Free(dir); err != nil {
		t.Errorf("an empty folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "case.yaml"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := recorder.Free(dir); err == nil {
		t.Error("a folder with something in it is taken")
	}
	rec, err := recorder.New(recorder.Options{Fake: kickflow.Def(), Upstream: "http://127.0.0.1:1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := rec.Reach(context.Background()); !errors.Is(err, contracts.ErrUnreachable) {
		t.Errorf("%v", err)
	}
	if _, err := rec.Save(filepath.Join(dir, "new")); !errors.Is(err, recorder.ErrEmpty) {
		t.Errorf("%v", err)
	}
}

func TestFlexCRMRoundTrip(t *testing.T) {
	t.Parallel()
	upstream := flexcrm.NewServer(t)
	s := startSession(t, flexcrm.Def(), upstream.URL,
		func(o *recorder.Options) { o.About = "Who asked: eve@corp.test." })
	var key, other fake.Credential
	for _, c := range flexcrm.Def().Known(upstream.State) {
		if c.State == "valid" && key.Value == "" {
			key = c
		} else {
			other = c
		}
	}
	header := conduct.KeyNames(flexcrm.Def().Spec)[0]
	s.ask("GET /"+flexcrm.Site+"/api/v1/flexdb/tbl_customer?limit=3", "", header+": "+key.Value)
	s.ask("GET /"+flexcrm.Site+"/api/v1/flexdb/tbl_customer?limit=3", "", header+": "+other.Value)
	s.ask("GET /"+flexcrm.Site+"/api/v1/flexdb/tbl_customer?limit=3", "", header+": nobody-knows-me-1")
	dir, written := s.save()
	for _, secret := range []string{key.Value, other.Value, "nobody-knows-me-1", "eve@corp.test"} {
		if strings.Contains(written, secret) {
			t.Errorf("%s was written", secret)
		}
	}
	if !strings.Contains(written, "date: '2026-05-06'") || !strings.Contains(written, "state: '"+other.State+"'") {
		t.Errorf("case.yaml does not tell the day, or the state of a credential:\n%s", readFile(t, dir, "case.yaml"))
	}
	replay(t, flexcrm.Def(), dir, 3)
}

func TestSeveralUnknownCallersAreNamedInOrder(t *testing.T) {
	t.Parallel()
	s := startSession(t, kickflow.Def(), answering(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("Authorization"), "refused-1") {
			w.WriteHeader(http.StatusUnauthorized)
		} else if strings.HasSuffix(r.Header.Get("Authorization"), "second-token-2") {
			w.WriteHeader(http.StatusNotFound)
		}
	}), func(o *recorder.Options) { o.Principals = []string{"approver", "member"} })
	for _, token := range []string{"first-token-1", "refused-1", "second-token-2", "first-token-1", "third-token-3"} {
		s.ask("GET /v1/users", "", "Authorization: Bearer "+token)
	}
	dir, _ := s.save()
	text := readFile(t, dir, "case.yaml")
	for name, times := range map[string]int{"'approver'": 2, "'member'": 2, "'principal-3'": 2, "Bearer ": 3} {
		if strings.Count(text, name) != times {
			t.Errorf("%s is not there %d times:\n%s", name, times, text)
		}
	}
}
