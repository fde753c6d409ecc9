// Package storetest tests the package store with real NATS servers and all fakes. It is a
// module of its own, so that nobody compiles a NATS server who does not run these tests.
package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/store"
)

// node is a server in this process whose worlds are in a store.
type node struct {
	*httptest.Server
	srv  *fake.Server
	kept *store.Store
	t    testing.TB
}

func startNode(t testing.TB, o store.Options) *node { return startNodeOf(t, o, mocks.All()...) }

func startNodeOf(t testing.TB, o store.Options, defs ...*fake.Def) *node {
	t.Helper()
	return startLimited(t, o, 0, defs...)
}

// startLimited starts a node with a limit of worlds, 0 for the default one.
func startLimited(t testing.TB, o store.Options, worlds int, defs ...*fake.Def) *node {
	t.Helper()
	n := &node{t: t}
	var err error
	n.srv, err = fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}, WebhookTargets: []string{"*"},
		MaxWorlds: worlds, Bug: func(err error) { t.Errorf("bug: %v", err) }}, defs...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	o.Bug = func(err error) { t.Errorf("bug of the store: %v", err) }
	if n.kept, err = store.Open(ctx, o); err == nil {
		err = n.kept.Attach(ctx, n.srv.Worlds)
	}
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(n.srv, control.Options{Store: asked{n.kept}})
	n.kept.Serve(func(q store.Question) store.Answer { return store.Answer(plane.Answer(control.Question(q))) })
	plane.Ready()
	n.Server = httptest.NewServer(plane.Wrap(n.srv.Edge(), ""))
	t.Cleanup(n.stop)
	return n
}

// startPlain starts a server without a store.
func startPlain(t testing.TB) *node {
	t.Helper()
	n := &node{t: t}
	var err error
	n.srv, err = fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}, WebhookTargets: []string{"*"},
		Bug: func(err error) { t.Errorf("bug: %v", err) }}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	n.Server = httptest.NewServer(control.New(n.srv, control.Options{}).Wrap(n.srv.Edge(), ""))
	t.Cleanup(n.stop)
	return n
}

func (n *node) stop() {
	if n.Server == nil {
		return
	}
	n.Server.CloseClientConnections()
	n.Server.Close()
	n.srv.Close()
	if n.kept != nil {
		n.kept.Close()
	}
	n.Server = nil
}

// asked is the store as the control plane uses it.
type asked struct{ *store.Store }

func (n asked) Ask(q control.Question) (answers []control.Answer, silent []string, err error) {
	all, silent, err := n.Store.Ask(store.Question(q))
	for _, a := range all {
		answers = append(answers, control.Answer(a))
	}
	return answers, silent, err
}

// answer is what a node answered.
type answer struct {
	status   int
	header   http.Header
	text     string
	sequence string
}

// call sends a request; headers are pairs.
func (n *node) call(method, path, body string, headers ...string) answer {
	n.t.Helper()
	r, err := http.NewRequest(method, n.URL+path, strings.NewReader(body))
	if err != nil {
		n.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	r.Host = r.Header.Get("Host") // of the address if it is empty
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		n.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		n.t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text), res.Header.Get(fake.SequenceHeader)}
}

// must is call for a request that has to succeed. It decodes the answer into v, if v is not nil.
func (n *node) must(v any, method, path, body string, headers ...string) answer {
	n.t.Helper()
	a := n.call(method, path, body, headers...)
	if a.status > 299 {
		n.t.Fatalf("%s %s: %d %s", method, path, a.status, a.text)
	}
	if v != nil {
		if err := json.NewDecoder(bytes.NewReader([]byte(a.text))).Decode(v); err != nil {
			n.t.Fatalf("%s %s: %v in %s", method, path, err, a.text)
		}
	}
	return a
}

// made is the answer of POST /__admin/worlds.
type made struct {
	Name        string
	URLs        map[string]string
	Credentials map[string][]fake.Credential
}

func (n *node) makeWorld(name string) made {
	n.t.Helper()
	var out made
	n.must(&out, "POST", "/__admin/worlds", fmt.Sprintf(`{"name":%q}`, name))
	return out
}

// dump returns the whole state of a world, as the control plane answers it.
func (n *node) dump(world string) string {
	n.t.Helper()
	return n.must(nil, "GET", "/__admin/worlds/"+world+"/state", "").text
}

const kickflow, bearer = "/kickflow/v1/users", "Authorization"

func userBody(n int) string {
	return fmt.Sprintf(`{"email":"user%d@example.com","lastName":"L%d","firstName":"F%d"}`, n, n, n)
}
