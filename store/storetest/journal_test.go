package storetest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/store"
)

// joined is the answer of GET /requests?nodes=all.
type joined struct {
	Requests []struct {
		ID        string
		SubEvents []struct{ Data struct{ Entry, Node string } }
	}
	Nodes []struct{ Node, Error string }
}

// join makes two nodes that have a request of the same position in the journals of a world.
func join(t *testing.T) (a, b *node, all joined) {
	t.Helper()
	url, _ := startEngine(t)
	a, b = startNode(t, store.Options{URL: url}), startNode(t, store.Options{URL: url})
	token := "Bearer " + a.makeWorld("shared").Credentials["kickflow"][0].Value
	a.must(nil, "POST", kickflow, userBody(1), bearer, token)
	b.must(nil, "POST", kickflow, userBody(2), bearer, token)
	waitFor(t, "both nodes", func() bool {
		all = joined{}
		a.must(&all, "GET", at+"/requests?nodes=all", "")
		return len(all.Nodes) == 2 && all.Nodes[0].Error+all.Nodes[1].Error == ""
	})
	if len(all.Requests) != 2 {
		t.Fatalf("%d requests", len(all.Requests))
	}
	return a, b, all
}

// An identifier is one of a single node, and no other takes it for its own.
func TestIdentifiersOfRequestsNameTheirNode(t *testing.T) {
	t.Parallel()
	a, b, all := join(t)
	if all.Requests[0].ID == all.Requests[1].ID {
		t.Fatalf("both have the id %s", all.Requests[0].ID)
	}
	for _, r := range all.Requests {
		facts := r.SubEvents[0].Data
		own, other := a, b
		if facts.Node == b.kept.Node() {
			own, other = b, a
		} else if facts.Node != a.kept.Node() {
			t.Fatalf("node %q", facts.Node)
		}
		own.must(nil, "GET", at+"/requests/"+r.ID, "")
		own.must(nil, "GET", at+"/requests/"+facts.Entry, "")
		for _, route := range [][3]string{
			{"GET", at + "/requests/" + r.ID}, {"GET", at + "/journal/" + r.ID}, {"DELETE", at + "/requests/" + r.ID},
			{"GET", at + "/requests/" + r.ID + "/changes"}, {"GET", at + "/requests/" + r.ID + "/explain"},
			{"GET", at + "/requests/lines?before=" + r.ID}, {"GET", at + "/diff?since=" + r.ID},
			{"POST", at + "/rewind", `{"entry":"` + r.ID + `"}`}, {"POST", at + "/rewind", `{"before":"` + r.ID + `"}`},
			{"POST", "/__admin/worlds", `{"name":"past","fork":"shared","before":"` + r.ID + `"}`},
		} {
			got := other.call(route[0], route[1], route[2])
			if got.status != http.StatusNotFound || !strings.Contains(got.text, "of another node") {
				t.Errorf("%s %s %s: %d %.300s", route[0], route[1], route[2], got.status, got.text)
			}
		}
		own.must(nil, "GET", at+"/diff?since="+r.ID, "")
	}
}

// joining are the routes that answer for all nodes.
var joining = []string{"/requests", "/requests/unmatched", "/requests/find", "/requests/count", "/requests/wait",
	"/journal/find"}

// found is what these routes answer.
type found struct {
	Count    int
	Requests []struct {
		ID         string
		LoggedDate int64
	}
	Meta  struct{ Total int }
	Nodes []struct{ Node, Error string }
}

func TestJournalsOfAllNodesAsOne(t *testing.T) {
	t.Parallel()
	a, b, _ := join(t)
	b.call("GET", "/kickflow/v1/nothing", "", "Mockserver-World", "shared")
	a.call("GET", "/kickflow/v1/nothing", "", "Mockserver-World", "shared")
	users := `{"urlPath":"/kickflow/v1/users"}`
	for _, tt := range []struct {
		method, path, body string
		want               int
	}{
		{"POST", "/requests/count", users, 2}, {"POST", "/requests/find", users, 2},
		{"POST", "/journal/find", users, 2},
		{"POST", "/requests/count", ``, 4}, {"POST", "/requests/count", `{"urlPath":"/none"}`, 0},
		{"POST", "/requests/wait", `{"urlPath":"/kickflow/v1/users","count":2,"timeout":"1s"}`, 2},
		{"GET", "/requests/unmatched", "", 2}, {"GET", "/requests", "", 4},
	} {
		var got found
		a.must(&got, tt.method, at+tt.path+"?nodes=all", tt.body)
		if n := cmp.Or(got.Count, len(got.Requests)); n != tt.want || len(got.Nodes) != 2 {
			t.Errorf("%s %s: %d requests of %d nodes, want %d of 2", tt.method, tt.path, n, len(got.Nodes), tt.want)
		}
		if !slices.IsSortedFunc(got.Requests, func(x, y struct {
			ID         string
			LoggedDate int64
		}) int {
			return cmp.Compare(x.LoggedDate, y.LoggedDate)
		}) {
			t.Errorf("%s %s: not in order: %v", tt.method, tt.path, got.Requests)
		}
	}
}

// A client that waits hears of requests that another node serves, and is told if they do not come.
func TestWaitingForTheRequestsOfAllNodes(t *testing.T) {
	t.Parallel()
	a, b, _ := join(t)
	order := `{"urlPath":"/kickflow/v1/nothing","count":2,"timeout":"20s"}`
	waited := make(chan answer)
	go func() { waited <- a.call("POST", at+"/requests/wait?nodes=all", order) }()
	b.call("GET", "/kickflow/v1/nothing", "", "Mockserver-World", "shared")
	a.call("GET", "/kickflow/v1/nothing", "", "Mockserver-World", "shared")
	if got := <-waited; got.status != http.StatusOK || !strings.Contains(got.text, `"count":2`) {
		t.Errorf("%d %.300s", got.status, got.text)
	}
	got := a.call("POST", at+"/requests/wait?nodes=all", `{"urlPath":"/none","timeout":"300ms"}`)
	if got.status != http.StatusGatewayTimeout || !strings.Contains(got.text, "saw 0") {
		t.Errorf("requests that do not come: %d %.300s", got.status, got.text)
	}
}

// The pages of a joined list have each request once, newest first.
func TestPagesOfAllNodes(t *testing.T) {
	t.Parallel()
	a, b, _ := join(t)
	for i := range 9 {
		[]*node{a, b, b}[i%3].call("GET", "/kickflow/v1/nothing", "", "Mockserver-World", "shared")
	}
	var all found
	a.must(&all, "GET", at+"/requests?nodes=all", "")
	var paged found
	path := at + "/requests?nodes=all&limit=4"
	for pages := 0; path != ""; pages++ {
		if pages > 3 {
			t.Fatal("the pages do not end")
		}
		var one found
		link := a.must(&one, "GET", path, "").header.Get("Link")
		paged.Requests = append(paged.Requests, one.Requests...)
		if one.Meta.Total != 11 {
			t.Errorf("total %d, want 11", one.Meta.Total)
		}
		path, _, _ = strings.Cut(strings.TrimPrefix(link, "<"), ">")
	}
	if !slices.Equal(all.Requests, paged.Requests) || len(all.Requests) != 11 {
		t.Errorf("in pages %v, at once %v", paged.Requests, all.Requests)
	}
}

// What a node cannot say is no answer of zero requests.
func TestNodesThatCannotSay(t *testing.T) {
	t.Parallel()
	a, b, _ := join(t)
	long := `{"firstName":"` + strings.Repeat("a", 60_000) + `"}`
	for range 20 {
		b.call("POST", kickflow, long, "Mockserver-World", "shared")
	}
	var got joined
	a.must(&got, "GET", at+"/requests?nodes=all", "")
	errs := got.Nodes[0].Error + got.Nodes[1].Error
	if !strings.Contains(errs, "fewer with limit") {
		t.Errorf("a list that is too long: %q", errs)
	}
	for _, path := range []string{"/requests/find", "/journal/find"} {
		got := a.call("POST", at+path+"?nodes=all", ``)
		if got.status != http.StatusServiceUnavailable || !strings.Contains(got.text, b.kept.Node()) {
			t.Errorf("%s: %d %.300s", path, got.status, got.text)
		}
	}
	b.stop()
	for _, path := range []string{"/requests/count", "/requests/wait"} {
		got := a.call("POST", at+path+"?nodes=all", `{"urlPath":"/none"}`)
		if got.status != http.StatusServiceUnavailable || !strings.Contains(got.text, "no answer") {
			t.Errorf("%s with a node that does not answer: %d %.300s", path, got.status, got.text)
		}
	}
}

// Answers of a journal say whose it is, and none takes nodes=all and answers for one.
func TestJournalsSayWhoseTheyAre(t *testing.T) {
	t.Parallel()
	a, _, _ := join(t)
	const header = "Mockserver-Journal"
	if got := a.must(nil, "GET", at+"/requests?nodes=all", "").header.Get(header); got != "all nodes" {
		t.Errorf("the joined journal: %q", got)
	}
	for _, route := range [][3]string{{"GET", "/requests"}, {"GET", "/journal"}, {"GET", "/requests/unmatched"},
		{"GET", "/requests/lines"}, {"GET", "/requests/1"}, {"POST", "/requests/count", `{}`},
		{"POST", "/requests/find", `{}`}, {"POST", "/requests/wait", `{}`}, {"POST", "/journal/find", `{}`},
		{"POST", "/requests/remove", `{"url":"/none"}`}} {
		got := a.must(nil, route[0], at+route[1], route[2]).header.Get(header)
		if !strings.Contains(got, a.kept.Node()) || !strings.Contains(got, "nodes=all") {
			t.Errorf("%s %s: %q", route[0], route[1], got)
		}
		for _, nodes := range []string{"all", "nonsense"} {
			if nodes == "all" && slices.Contains(joining, route[1]) {
				continue
			}
			got := a.call(route[0], at+route[1]+"?nodes="+nodes, route[2])
			if got.status != http.StatusBadRequest || !strings.Contains(got.text, "nodes") {
				t.Errorf("%s %s?nodes=%s: %d %.300s", route[0], route[1], nodes, got.status, got.text)
			}
		}
	}
}
