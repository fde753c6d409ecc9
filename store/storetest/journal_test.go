package storetest

import (
	"net/http"
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
			if nodes == "all" && route[1] == "/requests" {
				continue
			}
			got := a.call(route[0], at+route[1]+"?nodes="+nodes, route[2])
			if got.status != http.StatusBadRequest || !strings.Contains(got.text, "nodes") {
				t.Errorf("%s %s?nodes=%s: %d %.300s", route[0], route[1], nodes, got.status, got.text)
			}
		}
	}
}
