package storetest

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/afba07b5/mockserver/store"
)

// startFull starts two nodes on a NATS server with little room, makes worlds, and writes until the server refuses.
// Both nodes have all worlds in memory.
func startFull(t *testing.T, o store.Options, worlds ...string) (a, b *node) {
	t.Helper()
	o.URL = "nats://" + startSecured(t, func(o *server.Options) { o.JetStreamMaxStore = 8 << 20 })
	a, b = startNode(t, o), startNode(t, o)
	for _, name := range append(worlds, "filled") {
		a.makeWorld(name)
		b.must(nil, "GET", "/__world/"+name+kickflow, "", bearer, admin)
	}
	var got answer
	since := time.Now()
	for i := 0; got.status < 300; i++ {
		since = time.Now()
		got = a.call("PUT", fmt.Sprintf("/__admin/worlds/filled/files/%d.bin", i), incompressible(1<<20))
	}
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.text, "the store of the worlds is full") {
		t.Errorf("a write that needs room: %d %s", got.status, got.text)
	}
	if got.header.Get("Mockserver-Outcome") != "undone" || time.Since(since) > 4*time.Second {
		t.Errorf("it took %v, headers %v", time.Since(since), got.header)
	}
	return a, b
}

// A store without room takes no message that ends a world. Worlds can be dropped all the same, the other node learns
// of it, and then there is room.
func TestWorldsOfAFullStoreCanBeDropped(t *testing.T) {
	t.Parallel()
	a, b := startFull(t, store.Options{}, "small", "other")
	for _, name := range []string{"small", "filled"} {
		a.must(nil, "DELETE", "/__admin/worlds/"+name, "")
		if got := a.call("GET", "/__admin/worlds/"+name, ""); got.status != http.StatusNotFound {
			t.Errorf("%s after it was dropped: %d %s", name, got.status, got.text)
		}
		waitFor(t, "the other node", func() bool {
			return b.call("GET", "/__admin/worlds/"+name, "").status == http.StatusNotFound
		})
		if got := b.call("POST", "/__world/"+name+kickflow, userBody(1), bearer, admin); got.status/100 == 2 {
			t.Errorf("%s: a write on the other node: %d %s", name, got.status, got.text)
		}
	}
	waitFor(t, "room", func() bool {
		return b.call("POST", "/__world/other"+kickflow, userBody(2), bearer, admin).status == http.StatusOK
	})
	b.makeWorld("small")
	b.must(nil, "POST", "/__world/small"+kickflow, userBody(3), bearer, admin)
	for _, n := range []*node{a, b} {
		waitFor(t, "the names", func() bool { return fmt.Sprint(n.srv.Names()) == "[default other small]" })
		if got := n.must(nil, "GET", "/__world/small"+kickflow, "", bearer, admin).text; strings.Contains(got,
			"user1@example.com") {
			t.Errorf("the world that was made anew: %s", got)
		}
	}
}

func TestWorldsOfAFullStoreExpire(t *testing.T) {
	t.Parallel()
	a, b := startFull(t, store.Options{EvictAfter: time.Second, IdleExpiry: 8 * time.Second}, "small")
	for _, n := range []*node{a, b} {
		waitFor(t, "expiry", func() bool { return fmt.Sprint(n.srv.Names()) == "[default]" })
	}
	a.makeWorld("next")
}
