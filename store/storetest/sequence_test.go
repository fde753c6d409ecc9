package storetest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/store"
)

// ofNoWorld are the routes whose answers are about no world, or about several.
var ofNoWorld = []string{"GET ", "GET /health", "GET /ready", "GET /version", "GET /worlds", "GET /seeds",
	"GET /openapi.yaml", "GET /fidelity", "GET /events", "GET /stories"}

// TestEveryRouteOfAWorldTakesAndGivesASequence asks one node for each route right after a write on the other.
func TestEveryRouteOfAWorldTakesAndGivesASequence(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	a, b := startNode(t, store.Options{URL: url}), startNode(t, store.Options{URL: url})
	token := "Bearer " + a.makeWorld("shared").Credentials["kickflow"][0].Value
	a.makeWorld("other")
	var list struct {
		Routes []struct{ Method, Path string }
	}
	a.must(&list, "GET", "/__admin", "")
	fill := strings.NewReplacer("/worlds/{name}", "", "{id}", "1", "{fake}", "kickflow", "{table}", "users", "{story}",
		"closed-won", "{scenario}", "s", "{file...}", "a.txt")
	for i, r := range list.Routes {
		path := strings.TrimPrefix(r.Path, "/__admin")
		if slices.Contains(ofNoWorld, r.Method+" "+path) {
			continue
		}
		to := at + fill.Replace(path)
		switch r.Method + " " + path {
		case "POST /worlds":
			to = "/__admin/worlds"
		case "DELETE /worlds/{name}":
			to = "/__admin/worlds/other"
		}
		since := a.must(nil, "POST", "/__world/shared"+kickflow, userBody(i), bearer, token).sequence
		got := headOf(t, b, r.Method, to, since)
		n, _ := strconv.ParseUint(got, 10, 64) // 0 is too small, too
		if asked, _ := strconv.ParseUint(since, 10, 64); n < asked {
			t.Errorf("%s %s: sequence %q, asked for %s", r.Method, path, got, since)
		}
	}
}

// headOf returns the sequence in the head of an answer, whose body may have no end.
func headOf(t *testing.T, n *node, method, path, since string) string {
	t.Helper()
	body := ""
	if method != "GET" {
		body = "{}"
	}
	if strings.HasSuffix(path, "/wait") {
		body = `{"timeout":"1ms"}`
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, n.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set(fake.SequenceHeader, since)
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	res.Body.Close()
	return res.Header.Get(fake.SequenceHeader)
}

func TestTheViewOfAWorldShowsWhatAnotherNodeHasWritten(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	a, b := startNode(t, store.Options{URL: url}), startNode(t, store.Options{URL: url})
	token := "Bearer " + a.makeWorld("shared").Credentials["kickflow"][0].Value
	rows := func(n *node, since string) int {
		var view struct{ Rows map[string]map[string]int }
		n.must(&view, "GET", at, "", fake.SequenceHeader, since)
		return view.Rows["kickflow"]["users"]
	}
	before := rows(b, "")
	for i := range 30 {
		since := a.must(nil, "POST", kickflow, userBody(i), bearer, token).sequence
		if got := rows(b, since); got != before+i+1 {
			t.Fatalf("after %d new users the other node has %d more", i+1, got-before)
		}
	}
	since := a.must(nil, "POST", kickflow, userBody(99), bearer, token).sequence
	b.must(nil, "POST", "/__admin/worlds", `{"name":"fork","fork":"shared"}`, fake.SequenceHeader, since)
	var changes struct{ Changes []json.RawMessage }
	b.must(&changes, "GET", at+"/diff?with=fork", "", fake.SequenceHeader, since)
	if len(changes.Changes) != 0 {
		t.Errorf("the fork differs: %.300s", changes.Changes[0])
	}
	since = a.must(nil, "DELETE", "/__admin/worlds/fork", "").sequence
	if got := b.call("GET", "/__admin/worlds/fork", "", fake.SequenceHeader, since); got.status != http.StatusNotFound {
		t.Errorf("a world that was dropped on the other node: %d %.300s", got.status, got.text)
	}
}
