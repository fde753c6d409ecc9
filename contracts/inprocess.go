package contracts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// InProcess is a Target that calls the fakes' handlers without a network.
func InProcess(defs ...*fake.Def) (Target, error) {
	t := &inProcess{defs: map[string]*fake.Def{}}
	srv, err := fake.New(fake.Config{NoEvidence: true, Bug: t.bug, MaxWorlds: 1 << 20}, defs...)
	if err != nil {
		return nil, err
	}
	t.srv = srv
	for _, def := range defs {
		t.defs[def.Name] = def
	}
	return t, nil
}

type inProcess struct {
	srv    *fake.Server
	defs   map[string]*fake.Def
	number atomic.Int64
	bugs   sync.Map // method and URL → error
	seeds  seedCache
}

// isolated says that the cases of a target do not see each other: each has a world.
func (t *inProcess) isolated() {}

// bug records an internal error of the fakes; the case that hits it reports it.
func (t *inProcess) bug(err error) { t.bugs.Store(time.Now().UnixNano(), err) }

// Bugs returns the internal errors of the fakes.
func (t *inProcess) Bugs() (found []error) {
	t.bugs.Range(func(_, err any) bool {
		found = append(found, err.(error))
		return true
	})
	return found
}

func (t *inProcess) World(_ context.Context, start Start) (World, error) {
	def := t.defs[start.Fake]
	if def == nil {
		return nil, fmt.Errorf("no fake %q", start.Fake)
	}
	name := fmt.Sprintf("case-%d", t.number.Add(1))
	settings := fake.Settings{Seeds: map[string]string{start.Fake: start.Seed}, LimitsOff: start.LimitsOff,
		Features: start.Features, Unlabeled: true}
	world, err := t.srv.NewWorld(name, settings, nil)
	if err != nil {
		return nil, err
	}
	state, err := world.State(start.Fake)
	if err != nil {
		t.srv.Drop(name)
		return nil, err
	}
	if !start.LimitsOff { // a limit must not end while a busy machine waits
		world.Freeze(world.Clock.Now())
	}
	w := &localWorld{target: t, world: world, def: def, handler: t.srv.Handler(start.Fake)}
	if w.rows, err = world.DumpFake(start.Fake); err != nil {
		return nil, err
	}
	err = state.Change(func() error {
		if def.Credentials != nil {
			w.credentials = def.Credentials(state, "")
		}
		for _, c := range w.credentials {
			state.RegisterCredential(c.Value)
		}
		return nil
	})
	if def.Known != nil {
		state.View(func() { w.credentials = append(w.credentials, def.Known(state)...) })
	}
	return w, err
}

type localWorld struct {
	target      *inProcess
	world       *fake.World
	def         *fake.Def
	handler     http.Handler
	rows        map[string][]json.RawMessage
	credentials []fake.Credential
}

func (w *localWorld) Base(host string) string {
	if host == "" {
		host = w.def.Name + ".localhost"
	}
	return "http://" + host
}

func (w *localWorld) Do(r *http.Request) (*http.Response, error) {
	r.Host = r.URL.Host
	r.RequestURI = r.URL.RequestURI()
	r.RemoteAddr = "127.0.0.1:40000"
	r.Header.Set("Mockserver-World", w.world.Name)
	if r.Body == nil {
		r.Body = http.NoBody
	}
	rec := &answer{header: http.Header{}, status: http.StatusOK}
	w.handler.ServeHTTP(rec, r)
	return rec.response(r), nil
}

func (w *localWorld) Credential(principal, state string) (fake.Credential, error) {
	return find(w.credentials, principal, state)
}

func (w *localWorld) Literals() ([]byte, error)     { return json.Marshal(w.rows) }
func (w *localWorld) seed() (*seedFacts, error)     { return w.target.seeds.of(w.rows) }
func (w *localWorld) Now() (time.Time, error)       { return w.world.Clock.Now(), nil }
func (w *localWorld) Advance(d time.Duration) error { w.world.Advance(d); return nil }
func (w *localWorld) Close() error                  { return w.target.srv.Drop(w.world.Name) }

func (w *localWorld) settle(ctx context.Context) error { return w.target.srv.Settle(ctx) }

// rejection returns the latest rejection in the journal, if it belongs to the latest request.
func (w *localWorld) rejection() *fake.Rejection {
	entries, _ := w.world.Journal.Entries()
	if len(entries) == 0 {
		return nil
	}
	return entries[len(entries)-1].Rejection
}

// answer is an http.ResponseWriter that stores what is written to it.
type answer struct {
	header http.Header
	sent   http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(status int) {
	if a.sent == nil {
		a.status, a.sent = status, a.header.Clone()
	}
}

func (a *answer) Write(data []byte) (int, error) {
	a.WriteHeader(a.status)
	return a.body.Write(data)
}

// response returns the response that a client would have received.
func (a *answer) response(r *http.Request) *http.Response {
	a.WriteHeader(a.status)
	body := a.body.Bytes()
	if r.Method == http.MethodHead || a.status == http.StatusNoContent || a.status == http.StatusNotModified {
		body = nil
	}
	for name, values := range a.sent {
		if len(values) == 0 {
			delete(a.sent, name)
		}
	}
	return &http.Response{
		Status: strconv.Itoa(a.status) + " " + http.StatusText(a.status), StatusCode: a.status, Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1, Header: a.sent, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Request: r,
	}
}

// Server returns the server behind a target of InProcess, for tests that look at its worlds.
func (t *inProcess) Server() *fake.Server { return t.srv }
