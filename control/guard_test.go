package control_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// guarded is a server of all fakes with its control plane on the edge.
type guarded struct {
	rig
	defs []*fake.Def
	mu   sync.Mutex
	bugs []error
}

func startAll(t *testing.T, o fake.Config, c control.Options) *guarded {
	t.Helper()
	g := &guarded{defs: mocks.All()}
	o.Settings.LimitsOff = true
	o.Bug = func(err error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.bugs = append(g.bugs, err)
	}
	srv, err := fake.New(o, g.defs...)
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(srv, c)
	plane.Ready()
	t.Cleanup(srv.Close)
	g.rig = rig{t, srv, fake.Serve(t, plane.Wrap(srv.Edge(), ""))}
	t.Cleanup(func() {
		for _, err := range g.bugs {
			t.Errorf("a bug of a fake: %v", err)
		}
	})
	return g
}

// state returns all rows as JSON, without the counters of identifiers, which a rejected write may
// change.
func (g *guarded) state() string {
	g.t.Helper()
	_, text := g.ask("GET /__admin/state", "")
	return regexp.MustCompile(`"_ids":\[\d+\]`).ReplaceAllString(text, `"_ids":[0]`)
}

var headerOfExample = regexp.MustCompile(`-H ['"]([^'"]*)['"]`)

// sender returns the credential header of a fake's example, as "Name: value".
func (g *guarded) sender(def *fake.Def) string {
	g.t.Helper()
	world, err := g.srv.World("default")
	if err != nil {
		g.t.Fatal(err)
	}
	state, err := world.State(def.Name)
	if err != nil {
		g.t.Fatal(err)
	}
	var known []fake.Credential
	state.View(func() { known = def.Known(state) })
	i := slices.IndexFunc(known, func(c fake.Credential) bool { return c.State == "valid" || c.State == "" })
	return strings.Replace(headerOfExample.FindStringSubmatch(def.Example)[1], "{credential}", known[i].Value, 1)
}

func TestAStateWithoutRowsIsRefused(t *testing.T) {
	t.Parallel()
	g := startAll(t, fake.Config{}, control.Options{})
	before := g.state()
	var state map[string]map[string][]json.RawMessage
	if err := json.Unmarshal([]byte(before), &state); err != nil {
		t.Fatal(err)
	}
	for name, tables := range state {
		for table := range tables {
			broken := maps.Clone(tables)
			broken[table] = []json.RawMessage{json.RawMessage("null")}
			sent, _ := json.Marshal(map[string]any{name: broken})
			status, text := g.ask("PUT /__admin/state", string(sent))
			if status != 422 || !strings.Contains(text, table+"[0]") {
				t.Errorf("%s.%s with a row null: %d %.300s", name, table, status, text)
			}
		}
	}
	if after := g.state(); after != before {
		t.Error("a refused state changed rows")
	}
}

// TestBrokenBodiesAreRefused sends bodies with invalid framing, or that end early, to every
// operation with a body.
func TestBrokenBodiesAreRefused(t *testing.T) {
	t.Parallel()
	g := startAll(t, fake.Config{}, control.Options{})
	before := g.state()
	for _, def := range g.defs {
		auth := g.sender(def)
		for _, op := range def.Spec.Operations() {
			if op.Method == "GET" || op.Method == "DELETE" || strings.HasPrefix(op.Path, "/__") {
				continue
			}
			for _, body := range []string{"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
				"Transfer-Encoding: chunked\r\n\r\n2\n{}\n0\n\n", "Content-Length: 900\r\n\r\n{}"} {
				path := "/" + def.Name + regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString(op.Path, "x")
				res := g.sendRaw(op.Method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n" + auth +
					"\r\nContent-Type: application/json\r\n" + body)
				if res == nil || res.StatusCode < 400 || res.StatusCode >= 500 {
					t.Errorf("%s %s answered %v", op.Method, path, res)
				}
			}
		}
	}
	if after := g.state(); after != before {
		t.Error("a broken body changed rows")
	}
}

// sendRaw sends bytes, closes the client's side, and reads one answer.
func (g *guarded) sendRaw(text string, more ...[]byte) *http.Response {
	g.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.url, "http://"))
	if err != nil {
		g.t.Fatal(err)
	}
	defer conn.Close()
	all := append(net.Buffers{[]byte(text)}, more...)
	all.WriteTo(conn)
	conn.(*net.TCPConn).CloseWrite()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		g.t.Errorf("%.80q: %v", text, err)
		return nil
	}
	res.Body.Close()
	return res
}

// TestAnswersToLargeBodiesArrive sends bodies above every limit with a client that reads nothing
// until it has sent everything.
func TestAnswersToLargeBodiesArrive(t *testing.T) {
	t.Parallel()
	g := startAll(t, fake.Config{}, control.Options{})
	large := slices.Repeat([][]byte{bytes.Repeat([]byte("x"), 1<<20)}, 80)
	for _, def := range g.defs {
		for _, op := range def.Spec.Operations() {
			if op.Method != "POST" || strings.HasPrefix(op.Path, "/__") {
				continue
			}
			head := "POST /" + def.Name + op.Path + " HTTP/1.1\r\nHost: localhost\r\n" + g.sender(def) +
				"\r\nContent-Type: application/json\r\n"
			chunks := append(slices.Clone(large), []byte("\r\n0\r\n\r\n"))
			for _, res := range []*http.Response{
				g.sendRaw(fmt.Sprintf("%sContent-Length: %d\r\n\r\n", head, 80<<20), large...),
				g.sendRaw(fmt.Sprintf("%sTransfer-Encoding: chunked\r\n\r\n%x\r\n", head, 80<<20), chunks...),
			} {
				// one vendor answers 500; a bug of a fake fails the test otherwise
				if res == nil || res.StatusCode < 400 {
					t.Errorf("%s of %s answered %v", op.ID, def.Name, res)
				}
			}
			break // one of each fake
		}
	}
}

func TestURLsOfAPublicServer(t *testing.T) {
	t.Parallel()
	link := func(base, path string, headers ...string) string {
		req, _ := http.NewRequest("GET", base+path, nil)
		for _, header := range headers {
			name, value, _ := strings.Cut(header, ": ")
			if req.Header.Set(name, value); name == "Host" {
				req.Host = value
			}
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		first, _, _ := strings.Cut(strings.TrimPrefix(res.Header.Get("Link"), "<"), ">")
		return first
	}
	g := startAll(t, fake.Config{PublicURL: "https://mock.example.com/"}, control.Options{})
	kickflow := g.srv.Def("kickflow")
	auth := g.sender(kickflow)
	own := fake.Serve(t, g.srv.Handler("kickflow"))
	g.must("POST /__admin/worlds", `{"name":"w"}`)
	got := []string{
		link(g.url, "/kickflow/v1/users?perPage=1", auth), link(own, "/v1/users?perPage=1", auth),
		link(g.url, "/v1/users?perPage=1", auth, "Host: "+kickflow.Hosts[0]),
		link(g.url, "/__world/w/kickflow/v1/users?perPage=1", auth), link(own, "/__world/w/v1/users?perPage=1", auth),
		link(own, "/v1/users?perPage=1", auth, "Mockserver-World: w"),
	}
	plain, world := "https://mock.example.com/kickflow/v1/users?page=2&perPage=1",
		"https://mock.example.com/__world/w/kickflow/v1/users?page=2&perPage=1"
	if diff := cmp.Diff([]string{plain, plain, plain, world, world, world}, got); diff != "" {
		t.Error(diff)
	}
	open := startAll(t, fake.Config{}, control.Options{})
	got = []string{
		link(open.url, "/kickflow/v1/users?perPage=1", auth, "Host: mock.test", "X-Forwarded-Port: 8443",
			"X-Forwarded-Proto: https"),
		link(open.url, "/kickflow/v1/users?perPage=1", auth, "Host: mock.test", "X-Forwarded-Port: 443",
			"X-Forwarded-Proto: https"),
		link(open.url, "/kickflow/v1/users?perPage=1", auth, "Host: mock.test:81", "X-Forwarded-Port: 8443"),
		link(open.url, "/kickflow/v1/users?perPage=1", auth, "Host: [::1]", "X-Forwarded-Port: 8080"),
		link(open.url, "/kickflow/v1/users?perPage=1", auth, "Host: mock.test", "X-Forwarded-Port: evil"),
	}
	const rest = "/kickflow/v1/users?page=2&perPage=1"
	if diff := cmp.Diff([]string{"https://mock.test:8443" + rest, "https://mock.test" + rest,
		"http://mock.test:81" + rest, "http://[::1]:8080" + rest, "http://mock.test" + rest}, got); diff != "" {
		t.Error(diff)
	}
}

// TestTheControlsOfFakesAreGuarded requests every control hook under /__ of every fake as a web
// page, a rebound name and a webhook delivery would.
func TestTheControlsOfFakesAreGuarded(t *testing.T) {
	t.Parallel()
	g := startAll(t, fake.Config{}, control.Options{})
	before := g.state()
	paths := []string{"GET /__admin/worlds", "POST /__admin/reset"}
	for _, def := range g.defs {
		for _, op := range def.Spec.Operations() {
			if strings.HasPrefix(op.Path, "/__") && op.Path != "/__consent" {
				paths = append(paths, op.Method+" /"+def.Name+op.Path)
			}
		}
	}
	for _, path := range paths {
		for _, header := range []string{"Origin: https://evil.example", "Host: evil.example:4001",
			"Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site", "Mockserver-Delivery: 1"} {
			if status, text := g.ask(path, "", header); status != 403 {
				t.Errorf("%s with %s answered %d %s", path, header, status, text)
			}
		}
		if status, _ := g.ask(path, "", "Host: evil.localhost:4000",
			"Origin: http://evil.localhost:4000"); status != 403 {
			t.Errorf("%s of a page below localhost answered %d", path, status)
		}
	}
	if len(paths) < 5 {
		t.Errorf("only %d controls: %q", len(paths), paths)
	}
	if after := g.state(); after != before {
		t.Error("a refused request changed rows")
	}
	if status, text := g.ask("GET /__admin/worlds", "", "Sec-Fetch-Site: same-origin"); status != 200 {
		t.Errorf("a page of the server itself: %d %s", status, text)
	}
}
