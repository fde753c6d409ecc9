package control_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// hook registers a webhook for a world's companies and returns the header to call the world with.
func hook(g *rig, w made, target string) string {
	g.t.Helper()
	auth := members[1].header(w.of(g.t, "twenty", "recorder").Value)
	g.must("POST /twenty/rest/webhooks", fmt.Sprintf(`{"targetUrl":%q,"operations":["company.created"]}`, target), auth)
	return auth
}

// states returns the states of a world's deliveries, oldest first.
func (g *rig) states(world string) (states []string) {
	g.t.Helper()
	for _, d := range g.must("GET /__admin/worlds/"+world+"/deliveries", "")["deliveries"].([]any) {
		states = append(states, d.(map[string]any)["state"].(string))
	}
	return states
}

// TestASilentReceiverDelaysNoOtherWorld fills the queue of one world and checks that another
// world's delivery still arrives.
func TestASilentReceiverDelaysNoOtherWorld(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	release, came := make(chan struct{}), make(chan string, 1)
	silent := fake.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	quick := fake.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { came <- r.URL.Path }))
	a := hook(g, g.world("POST /__admin/worlds", `{"name":"a"}`), silent)
	b := hook(g, g.world("POST /__admin/worlds", `{"name":"b"}`), quick+"/b")
	for i := range 40 {
		g.must("POST /twenty/rest/companies", fmt.Sprintf(`{"name":"c%d"}`, i), a)
	}
	g.must("POST /twenty/rest/companies", `{"name":"c"}`, b)
	if path := <-came; path != "/b" {
		t.Errorf("delivered %s", path)
	}
	queue := g.must("GET /__admin/worlds/a/deliveries", "")["queue"].(map[string]any)
	sending, waiting := queue["sending"].(float64), queue["waiting"].(float64) // fewer where 41 requests take seconds
	if queue["limit"] != 1024.0 || queue["rejected"] != 0.0 || sending > 4 || sending+waiting > 40 ||
		sending+waiting == 0 {
		t.Errorf("the queue of a: %v", queue)
	}
	close(release)
}

// TestNoDeliveryStaysQueued checks a rewind, a reset, a fork and a change of the state.
func TestNoDeliveryStaysQueued(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	release := make(chan struct{})
	slow := fake.Serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/slow") {
			<-release
		}
	}))
	settle := func() {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := g.srv.Settle(ctx); err != nil {
			t.Fatal(err)
		}
	}
	check := func(world string, want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, g.states(world)); diff != "" {
			t.Errorf("%s: %s", world, diff)
		}
	}
	auth := hook(g, g.world("POST /__admin/worlds", `{"name":"a"}`), slow)
	g.must("POST /twenty/rest/companies", `{"name":"one"}`, auth) // request 2
	settle()
	g.must("POST /twenty/rest/companies", `{"name":"two"}`, auth)
	settle()
	check("a", "delivered", "delivered")
	g.must("POST /__admin/worlds/a/rewind", `{"entry":"2"}`)
	check("a", "delivered")

	auth = hook(g, g.world("POST /__admin/worlds", `{"name":"s"}`), slow+"/slow")
	for range 6 {
		g.must("POST /twenty/rest/companies", `{"name":"one"}`, auth)
	}
	g.must("POST /__admin/worlds", `{"name":"f","fork":"s"}`)
	check("f", "cancelled", "cancelled", "cancelled", "cancelled", "cancelled", "cancelled")
	g.must("POST /__admin/worlds/s/rewind", `{"entry":"3"}`)
	check("s", "queued", "queued") // both are in flight
	close(release)
	settle()
	check("s", "delivered", "delivered")
	g.must("POST /__admin/worlds/s/reset", "")
	check("s")
}
