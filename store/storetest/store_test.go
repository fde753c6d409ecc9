package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/store"
)

func TestARestartFindsEveryAcknowledgedWrite(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	o := store.Options{URL: url, SnapshotEvery: 7}
	n := startNode(t, o)
	w := n.makeWorld("orders")
	token := "Bearer " + w.Credentials["kickflow"][0].Value
	for i := range 20 {
		n.must(nil, "POST", kickflow, userBody(i), bearer, token)
		n.must(nil, "POST", kickflow, userBody(i+100), bearer, "Bearer kickflow-admin-token")
	}
	want, wantDefault := n.dump("orders"), n.dump("default")
	n.stop()
	again := startNode(t, o)
	if diff := cmp.Diff(want, again.dump("orders")); diff != "" {
		t.Errorf("orders (-before +after):\n%s", diff)
	}
	if diff := cmp.Diff(wantDefault, again.dump("default")); diff != "" {
		t.Errorf("default (-before +after):\n%s", diff)
	}
	again.must(nil, "POST", kickflow, userBody(50), bearer, token)
	if names := again.srv.Names(); fmt.Sprint(names) != "[default orders]" {
		t.Errorf("worlds: %v", names)
	}
}

// A snapshot begins before the one before it is stored, and may be stored first.
func TestOverlappingSnapshotsLoseNothing(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	o := store.Options{URL: url, SnapshotEvery: 1}
	n := startNode(t, o)
	token := "Bearer " + n.makeWorld("busy").Credentials["kickflow"][0].Value
	for i := range 10 {
		var all sync.WaitGroup
		for j := range 4 {
			all.Go(func() { n.must(nil, "POST", kickflow, userBody(10*i+j), bearer, token) })
		}
		all.Wait()
		if diff := cmp.Diff(n.dump("busy"), startNode(t, o).dump("busy")); diff != "" {
			t.Fatalf("after %d writes (-before +after):\n%s", 4*(i+1), diff)
		}
	}
}

func TestWritersOnThreeNodesLoseNothing(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	var nodes []*node
	o := store.Options{URL: url, SnapshotEvery: 2} // so that snapshots of one node overlap, too
	for range 3 {
		nodes = append(nodes, startNode(t, o))
	}
	token := "Bearer " + nodes[0].makeWorld("shared").Credentials["kickflow"][0].Value
	var all sync.WaitGroup
	for i, n := range nodes {
		all.Go(func() {
			for j := range 15 {
				a := n.call("POST", kickflow, userBody(100*i+j), bearer, token)
				for a.status == 503 && a.header.Get("Mockserver-Outcome") == "undone" {
					a = n.call("POST", kickflow, userBody(100*i+j), bearer, token)
				}
				if a.status/100 != 2 {
					t.Errorf("node %d, user %d: %d %s", i, j, a.status, a.text)
				}
			}
		})
	}
	all.Wait()
	last := nodes[0].must(nil, "PATCH", "/__admin/worlds/shared/settings/extended", `{}`).sequence
	want := nodes[0].dump("shared")
	for i := range 3 {
		for j := range 15 {
			if got := strings.Count(want, fmt.Sprintf(`"user%d@example.com"`, 100*i+j)); got < 1 {
				t.Errorf("user %d of node %d is not there", j, i)
			}
		}
	}
	for i, n := range append(nodes[1:], startNode(t, o)) {
		got := n.must(nil, "GET", "/__admin/worlds/shared/state", "", fake.SequenceHeader, last).text
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("node %d (-node 0 +this):\n%s", i+1, diff)
		}
	}
}

// An answer with Mockserver-Sequence makes any node show what the answer has seen.
func TestEveryNodeReadsWhatAnotherHasWritten(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	a, b := startNode(t, store.Options{URL: url}), startNode(t, store.Options{URL: url})
	token := "Bearer " + a.makeWorld("shared").Credentials["kickflow"][0].Value
	b.must(nil, "GET", kickflow, "", bearer, token)
	for i := range 30 {
		var user struct{ ID string }
		seq := a.must(&user, "POST", kickflow, userBody(i), bearer, token).sequence
		b.must(nil, "GET", kickflow+"/"+user.ID, "", bearer, token, fake.SequenceHeader, seq)
	}
}

func TestTheControlPlaneIsTheSameOnEveryNode(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	a, b := startNode(t, store.Options{URL: url}), startNode(t, store.Options{URL: url})
	token := "Bearer " + a.makeWorld("shared").Credentials["kickflow"][0].Value
	const at = "/__admin/worlds/shared"
	b.must(nil, "GET", kickflow, "", bearer, token)

	seq := a.must(nil, "POST", at+"/clock/freeze", `{"time":"2030-01-02T03:04:05Z"}`).sequence
	if got := b.must(nil, "GET", at+"/clock", "", fake.SequenceHeader, seq).text; !strings.Contains(got,
		"2030-01-02T03:04:05Z") {
		t.Errorf("the clock of the other node: %s", got)
	}
	seq = a.must(nil, "POST", at+"/faults", `{"fake":"kickflow","times":1,"fault":{"name":"maintenance"}}`).sequence
	statuses := map[int]int{}
	for i := range 4 {
		one := []*node{a, b}[i%2].call("GET", kickflow, "", bearer, token, fake.SequenceHeader, seq)
		statuses[one.status]++
	}
	if statuses[200] != 3 {
		t.Errorf("a fault that applies once gave %v", statuses)
	}
	seq = b.must(nil, "POST", kickflow, userBody(1), bearer, token).sequence
	var fork made
	a.must(&fork, "POST", "/__admin/worlds", `{"name":"fork","fork":"shared"}`)
	if got := b.must(nil, "GET", kickflow, "", bearer,
		"Bearer "+fork.Credentials["kickflow"][0].Value).text; !strings.Contains(got, "user1@example.com") {
		t.Errorf("the fork lacks the user: %s", got)
	}
	seq = b.must(nil, "POST", at+"/reset", "").sequence
	got := a.must(nil, "GET", kickflow, "", bearer, token, fake.SequenceHeader, seq).text
	if strings.Contains(got, "user1@example.com") {
		t.Errorf("after a reset on the other node: %s", got)
	}
	b.must(nil, "GET", kickflow, "", bearer, token) // its reset cleared its journal
	a.must(nil, "DELETE", "/__admin/worlds/fork", "")
	if a := b.call("GET", "/__admin/worlds/fork", ""); a.status == 200 {
		waitFor(t, "the drop", func() bool { return b.call("GET", "/__admin/worlds/fork", "").status == 404 })
	}
	a.must(nil, "POST", "/__admin/worlds", `{"name":"fork"}`)
	b.must(nil, "GET", "/__admin/worlds/fork", "")
	waitFor(t, "the names", func() bool { return fmt.Sprint(b.srv.Names()) == "[default fork shared]" })

	var joined struct {
		Requests []json.RawMessage
		Meta     struct{ Total int }
		Nodes    []struct {
			Node  string
			Total int
			Error string
		}
	}
	waitFor(t, "both nodes", func() bool {
		joined.Nodes = nil
		a.must(&joined, "GET", at+"/requests?nodes=all", "")
		return len(joined.Nodes) == 2 && joined.Nodes[0].Error+joined.Nodes[1].Error == ""
	})
	if joined.Meta.Total != len(joined.Requests) || joined.Nodes[0].Total == 0 || joined.Nodes[1].Total == 0 {
		t.Errorf("joined journals: %d of %d, %+v", len(joined.Requests), joined.Meta.Total, joined.Nodes)
	}
}

// waitFor waits until what another node does in the background is done.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	since := time.Now()
	for range 600 {
		if done() {
			if d := time.Since(since); d > time.Second {
				t.Logf("%s: %v", what, d)
			}
			return
		}
		time.Sleep(50 * time.Millisecond) // the other node has no signal to wait for
	}
	t.Fatalf("%s: waited in vain", what)
}

func TestWhileTheStoreIsAwayReadsGoOn(t *testing.T) {
	t.Parallel()
	url, engines := startCluster(t, 1)
	n := startNode(t, store.Options{URL: url, Timeout: 2 * time.Second})
	token := "Bearer " + n.makeWorld("shared").Credentials["kickflow"][0].Value
	n.must(nil, "POST", kickflow, userBody(1), bearer, token)
	before := n.dump("shared")
	engines[0].kill()
	for i := range 3 {
		a := n.call("POST", kickflow, userBody(2), bearer, token)
		var body struct{ Code, Message string }
		if err := json.Unmarshal([]byte(a.text), &body); err != nil || a.status != 503 || body.Code == "" {
			t.Errorf("write %d: %d %s", i, a.status, a.text)
		}
		if a.header.Get("Retry-After") == "" || a.header.Get("Mockserver-Outcome") == "" {
			t.Errorf("headers: %v", a.header)
		}
	}
	if a := n.call("PUT", "/__admin/worlds/shared/clock", `{"frozen":true}`); a.status != 503 {
		t.Errorf("a control: %d %s", a.status, a.text)
	}
	if a := n.call("GET", "/__admin/ready", ""); a.status != 503 {
		t.Errorf("ready: %d %s", a.status, a.text)
	}
	n.must(nil, "GET", kickflow, "", bearer, token)
	if diff := cmp.Diff(before, n.dump("shared")); diff != "" {
		t.Errorf("refused writes (-before +after):\n%s", diff)
	}
	engines[0].start(t)
	waitFor(t, "the store", func() bool { return n.call("POST", kickflow, userBody(2), bearer, token).status == 200 })
	n.must(nil, "GET", "/__admin/ready", "")
}

// A node that has heard of a change of one world can say without the store that another world is current.
func TestWhileTheStoreIsAwayOtherWorldsDoNotMatter(t *testing.T) {
	t.Parallel()
	url, engines := startCluster(t, 1)
	o := store.Options{URL: url, Timeout: 2 * time.Second}
	n, other := startNode(t, o), startNode(t, o)
	token := "Bearer " + n.makeWorld("shared").Credentials["kickflow"][0].Value
	n.must(nil, "POST", kickflow, userBody(1), bearer, token)
	n.must(nil, "GET", "/__admin/worlds", "") // builds all fakes of the two
	other.makeWorld("second")
	last := other.must(nil, "PUT", "/__admin/worlds/second/clock", `{"frozen":true}`).sequence
	other.makeWorld("third")
	waitFor(t, "the name", func() bool { return fmt.Sprint(n.srv.Names()) == "[default second shared third]" })
	engines[0].kill()
	n.must(nil, "GET", kickflow, "", bearer, token, fake.SequenceHeader, last)
	n.must(nil, "GET", at, "", fake.SequenceHeader, last)
	var list struct {
		Worlds []struct{ Name, Error string }
		Meta   struct{ Total int }
	}
	n.must(&list, "GET", "/__admin/worlds", "")
	if len(list.Worlds) != list.Meta.Total || list.Meta.Total != 4 {
		t.Fatalf("%d of %d worlds", len(list.Worlds), list.Meta.Total)
	}
	for _, w := range list.Worlds {
		if unread := w.Name == "second" || w.Name == "third"; unread != (w.Error != "") {
			t.Errorf("world %s: error %q", w.Name, w.Error)
		}
	}
	future := n.call("GET", at, "", fake.SequenceHeader, "1000000")
	if future.status != http.StatusServiceUnavailable {
		t.Errorf("a change that the node cannot have heard of: %d %.300s", future.status, future.text)
	}
}

// A fake answers in its vendor's shape also for a world that the node would first have to load.
func TestAWorldThatCannotBeLoadedIsAnsweredByItsVendor(t *testing.T) {
	t.Parallel()
	url, engines := startCluster(t, 1)
	o := store.Options{URL: url, Timeout: time.Second}
	m := startNode(t, o).makeWorld("shared")
	n := startNode(t, o)
	engines[0].kill()
	kick, twenty := "Bearer "+m.Credentials["kickflow"][0].Value, "Bearer "+m.Credentials["twenty"][0].Value
	for _, tt := range []struct{ method, path, token, key string }{
		{"POST", "/__world/shared/kickflow/v1/folders", kick, "code"},
		{"POST", kickflow, kick, "code"},
		{"GET", kickflow, kick, "code"},
		{"POST", "/__world/shared" + companies, twenty, "messages"},
		{"POST", "/__world/shared" + flexRecords, "", "error"},
		{"PUT", "/__world/shared" + flosum + "/settings", "", "statusCode"},
	} {
		a := n.call(tt.method, tt.path, `{"name":"A"}`, bearer, tt.token)
		var body map[string]any
		if err := json.Unmarshal([]byte(a.text), &body); err != nil || a.status != 503 || body[tt.key] == nil {
			t.Errorf("%s %s: %d %s", tt.method, tt.path, a.status, a.text)
		}
		for name, want := range map[string]string{"Retry-After": "1", "Mockserver-Outcome": "undone"} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s %s: %s: %q", tt.method, tt.path, name, got)
			}
		}
		if got := a.header.Get("Content-Type"); strings.Contains(got, "problem") {
			t.Errorf("%s %s: %s", tt.method, tt.path, got)
		}
	}
	if a := n.call("GET", "/__world/none/kickflow/v1/users", ""); a.status != 503 {
		t.Errorf("a world that the node cannot ask for: %d %s", a.status, a.text)
	}
}

// The one server of three that remains describes the stream, but takes no change.
func TestNoNodeIsReadyWithoutAMajorityOfTheServers(t *testing.T) {
	t.Parallel()
	url, engines := startCluster(t, 3)
	n := startNode(t, store.Options{URL: url, Replicas: 3})
	n.must(nil, "GET", "/__admin/ready", "")
	engines[0].kill()
	engines[1].kill()
	waitFor(t, "a leader that gives up", func() bool {
		return strings.Contains(n.call("GET", "/__admin/ready", "").text, "the stream has no leader")
	})
	engines[0].start(t)
	waitFor(t, "a new leader", func() bool { return n.call("GET", "/__admin/ready", "").status == 200 })
}

// A node whose NATS servers are electing a leader waits for it.
func TestANodeStartsDuringAnElection(t *testing.T) {
	t.Parallel()
	url, engines := startCluster(t, 3)
	n := startProcesses(t, url, 1, 3)[0]
	n.kill()
	killEngine(t, connectTo(t, url), engines, true)
	n.start(t)
	if !n.ready() {
		text, _ := os.ReadFile(n.log.Name())
		t.Errorf("the node is not ready: %s", text)
	}
}

// A node that ends while a webhook is on its way leaves it to the others.
func TestAnotherNodeSendsTheWebhooksOfOneThatEnds(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	a, b := startNode(t, store.Options{URL: url}), startNode(t, store.Options{URL: url})
	var mu sync.Mutex
	got := map[string]int{}
	hang := make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		got[r.Header.Get("Mockserver-Delivery")]++
		first := got[r.Header.Get("Mockserver-Delivery")] == 1
		mu.Unlock()
		if first {
			<-hang
		}
	}))
	defer receiver.Close()
	defer close(hang)
	token := "Bearer " + a.makeWorld("shared").Credentials["twenty"][0].Value
	a.must(nil, "POST", "/twenty/rest/webhooks",
		fmt.Sprintf(`{"targetUrl":%q,"operations":["company.created"]}`, receiver.URL), bearer, token)
	a.must(nil, "POST", "/twenty/rest/companies", `{"name":"Acme"}`, bearer, token)
	waitFor(t, "the first attempt", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(got) == 1
	})
	a.kept.Close() // no sign of life any more, and nothing it does is stored
	waitFor(t, "the second attempt", func() bool {
		mu.Lock()
		defer mu.Unlock()
		for _, n := range got {
			return n == 2
		}
		return false
	})
	waitFor(t, "the outcome", func() bool {
		return strings.Contains(b.must(nil, "GET", "/__admin/worlds/shared/deliveries", "").text, `"state":"delivered"`)
	})
}

// incompressible returns random bytes.
func incompressible(length int) string {
	random := rand.New(rand.NewPCG(3, 4))
	content := make([]byte, length)
	for i := range content {
		content[i] = byte(random.Uint32())
	}
	return string(content)
}

// A change that is longer than a message of the engine, and a snapshot with it, reach other nodes.
func TestLongChangesAreStoredInParts(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	o := store.Options{URL: url, SnapshotEvery: 4}
	a, b := startNode(t, o), startNode(t, o)
	a.makeWorld("shared")
	content := incompressible(5 << 20)
	const at = "/__admin/worlds/shared"
	seq := a.must(nil, "PUT", at+"/files/long.bin", content).sequence
	if got := b.must(nil, "GET", at+"/files/long.bin", "", fake.SequenceHeader, seq).text; got != content {
		t.Errorf("the other node has %d bytes", len(got))
	}
	for i := range 9 {
		a.must(nil, "POST", at+"/clock/freeze", fmt.Sprintf(`{"time":"2030-01-01T00:00:0%dZ"}`, i))
	}
	if got := startNode(t, o).must(nil, "GET", at+"/files/long.bin", "").text; got != content {
		t.Errorf("a new node has %d bytes", len(got))
	}
}

// The limit of worlds counts those of the store, whichever node made them, and a refused one is not stored.
func TestARefusedWorldIsNotStored(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	o := store.Options{URL: url}
	a, b := startLimited(t, o, 4, mocks.All()...), startLimited(t, o, 4, mocks.All()...)
	for i, n := range []*node{a, b, a} {
		n.makeWorld(fmt.Sprintf("world%d", i))
	}
	refuse := func(n *node) {
		t.Helper()
		waitFor(t, "the names", func() bool { return len(n.srv.Names()) == 4 })
		got := n.call("POST", "/__admin/worlds", `{"name":"more"}`)
		if got.status != http.StatusConflict || !strings.Contains(got.text, "4 is the limit") {
			t.Errorf("one too many: %d %s", got.status, got.text)
		}
		if got := n.call("POST", "/__admin/worlds", `{"name":"world0"}`); !strings.Contains(got.text, "exists") {
			t.Errorf("a taken name: %d %s", got.status, got.text)
		}
		if messages := messagesOf(t, url, "more"); messages != 0 {
			t.Errorf("the store has %d messages of the refused world", messages)
		}
	}
	refuse(a)
	refuse(b)
	a.stop()
	again := startLimited(t, o, 4, mocks.All()...)
	if names := fmt.Sprint(again.srv.Names()); names != "[default world0 world1 world2]" {
		t.Errorf("after a restart: %s", names)
	}
	refuse(again)
	var all sync.WaitGroup
	var made atomic.Int32
	again.must(nil, "DELETE", "/__admin/worlds/world0", "")
	for i := range 8 {
		all.Go(func() {
			if again.call("POST", "/__admin/worlds", fmt.Sprintf(`{"name":"late%d"}`, i)).status == http.StatusCreated {
				made.Add(1)
			}
		})
	}
	if all.Wait(); made.Load() != 1 {
		t.Errorf("%d worlds were made at once, there was room for one", made.Load())
	}
}

// Who looks at the list of worlds does not use them.
func TestListedWorldsExpire(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	n := startNode(t, store.Options{URL: url, EvictAfter: time.Second, IdleExpiry: 4 * time.Second,
		Tombstone: time.Second})
	n.makeWorld("listed")
	token := "Bearer " + n.makeWorld("read").Credentials["kickflow"][0].Value
	waitFor(t, "leaving the store", func() bool {
		n.must(nil, "GET", kickflow, "", bearer, token)
		return !strings.Contains(n.must(nil, "GET", "/__admin/worlds", "").text, `"name":"listed"`)
	})
	n.must(nil, "GET", "/__admin/worlds/read", "")
	if messages := messagesOf(t, url, "read"); messages < 2 {
		t.Errorf("%d messages of the world that is read: there is no sign of use", messages)
	}
}

func TestIdleWorldsLeaveMemoryAndTheStore(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	n := startNode(t, store.Options{URL: url, EvictAfter: time.Second, IdleExpiry: 4 * time.Second,
		Tombstone: time.Second})
	n.makeWorld("brief")
	waitFor(t, "leaving memory", func() bool { return n.srv.Loaded("brief") == nil })
	waitFor(t, "leaving the store", func() bool { return fmt.Sprint(n.srv.Names()) == "[default]" })
	if a := n.call("GET", "/__admin/worlds/brief", ""); a.status != 404 {
		t.Errorf("an expired world: %d %s", a.status, a.text)
	}
	waitFor(t, "leaving the stream", func() bool { return messagesOf(t, url, "brief") == 0 })
	n.makeWorld("brief")
	if messagesOf(t, url, "brief") == 0 {
		t.Error("the world that was made anew is not in the stream")
	}
}

// TestAStoredWorldIsLikeAPlainOne runs random actions on a stored world, whose node restarts in
// between, and on a plain one: answers and rows are the same.
func TestAStoredWorldIsLikeAPlainOne(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	random := rand.New(rand.NewPCG(1, 2))
	o := store.Options{URL: url, SnapshotEvery: 9}
	stored, plain := startNode(t, o), startPlain(t)
	keys := map[string]string{}
	for _, def := range plain.srv.Defs() {
		w, _ := plain.srv.World("default")
		s, err := w.State(def.Name)
		if err != nil {
			t.Fatal(err)
		}
		keys[def.Name] = def.Known(s)[0].Value
	}
	both := func(method, path, body string, headers ...string) string {
		a, b := stored.call(method, path, body, headers...), plain.call(method, path, body, headers...)
		if diff := cmp.Diff(strings.ReplaceAll(b.text, plain.URL, "URL"), strings.ReplaceAll(a.text, stored.URL,
			"URL")); diff != "" || a.status != b.status {
			t.Fatalf("%s %s %s: %d stored, %d plain (-plain +stored):\n%s", method, path, body, a.status,
				b.status, diff)
		}
		return a.text
	}
	for _, n := range []*node{stored, plain} {
		n.dump("default") // builds all fakes before the clock moves
	}
	noon := time.Now().UTC().Add(time.Hour).Truncate(time.Hour).Format(time.RFC3339)
	both("POST", "/__admin/clock/freeze", fmt.Sprintf(`{"time":%q}`, noon))
	same := plain.dump("default") // fakes that were built in another millisecond have other schedules
	both("PUT", "/__admin/state", same)
	var users, companies []string
	for i := range 150 {
		switch random.IntN(9) {
		case 0:
			users = append(users, idOf(both("POST", kickflow, userBody(i), bearer, "Bearer "+keys["kickflow"])))
		case 1:
			if len(users) > 0 {
				both("PATCH", kickflow+"/"+users[random.IntN(len(users))], fmt.Sprintf(`{"lastName":"N%d"}`, i),
					bearer, "Bearer "+keys["kickflow"])
			}
		case 2:
			companies = append(companies, idOf(both("POST", "/twenty/rest/companies",
				fmt.Sprintf(`{"name":"C%d"}`, i), bearer, "Bearer "+keys["twenty"])))
		case 3:
			if len(companies) > 0 {
				both([]string{"PATCH", "DELETE"}[i%2],
					"/twenty/rest/companies/"+companies[random.IntN(len(companies))], fmt.Sprintf(`{"name":"D%d"}`,
						i), bearer, "Bearer "+keys["twenty"])
			}
		case 4:
			both("POST", "/__admin/clock/advance", fmt.Sprintf(`{"by":"%dm"}`, random.IntN(300)))
		case 5:
			both("POST", "/__admin/faults", `{"fake":"kickflow","nth":2,"times":1,"fault":{"name":"limit"}}`)
		case 6:
			both("POST", "/twenty/rest/metadata/objects",
				fmt.Sprintf(`{"nameSingular":"thing%d","namePlural":"things%d","labelSingular":"T%d",`+
					`"labelPlural":"Ts%d"}`, i, i, i, i), bearer, "Bearer "+keys["twenty"])
		case 7:
			both("POST", "/flexcrm/flex/api/v1/flexdb/tbl_customer",
				fmt.Sprintf(`{"name":"K%d","customer_code":"K%d"}`, i, i), "X-FlexCRM-API-KEY", keys["flexcrm"])
		case 8:
			both("GET", "/__admin/state", "")
			stored.stop()
			stored = startNode(t, o)
		}
	}
	both("GET", "/__admin/state", "")
	both("GET", "/__admin/faults", "")
	both("GET", "/__admin/clock", "")
}

func idOf(text string) string {
	var one struct {
		ID   string
		Data map[string]struct{ ID string }
	}
	json.Unmarshal([]byte(text), &one) // a refusal has no identifier
	for _, row := range one.Data {
		return row.ID
	}
	return one.ID
}
