package storetest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/store"
)

// TestFigures prints the figures of docs/scale.md. It measures, and so proves nothing.
func TestFigures(t *testing.T) {
	if os.Getenv("STORETEST_FIGURES") == "" {
		t.Skip("STORETEST_FIGURES=1 measures")
	}
	t.Run("latency", measureLatency)
	t.Run("rows", measureRows)
	t.Run("first", measureFirst)
	t.Run("worlds", measureWorlds)
	t.Run("nodes", measureNodes)
	t.Run("failover", measureFailover)
}

const admin = "Bearer kickflow-admin-token"

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// measureLatency compares a write on a stored and a plain server, one NATS server and three.
func measureLatency(t *testing.T) {
	one, _ := startEngine(t)
	three, _ := startCluster(t, 3)
	nodes := map[string]*node{"plain": startPlain(t), "one NATS server": startNode(t, store.Options{URL: one}),
		"three NATS servers": startNode(t, store.Options{URL: three, Replicas: 3})}
	for name, n := range nodes {
		var user struct{ ID string }
		n.must(&user, "POST", kickflow, userBody(1), bearer, admin)
		var writes, reads []time.Duration
		for i := range 1000 {
			at := time.Now()
			n.must(nil, "PATCH", kickflow+"/"+user.ID, fmt.Sprintf(`{"lastName":"N%d"}`, i), bearer, admin)
			writes = append(writes, time.Since(at))
			at = time.Now()
			n.must(nil, "GET", kickflow+"/"+user.ID, "", bearer, admin)
			reads = append(reads, time.Since(at))
		}
		t.Logf("%s: median of a write %v, of a read %v", name, median(writes), median(reads))
	}
}

// measureRows loads a world with 10,000 rows.
func measureRows(t *testing.T) {
	url, _ := startEngine(t)
	n := startNode(t, store.Options{URL: url})
	w := n.makeWorld("big")
	token := "Bearer " + w.Credentials["kickflow"][0].Value
	n.must(nil, "POST", kickflow, userBody(0), bearer, token)
	var state map[string]map[string][]json.RawMessage
	n.must(&state, "GET", "/__admin/worlds/big/state", "")
	rows := state["kickflow"]["users"]
	last := string(rows[len(rows)-1])
	var id struct{ ID string }
	if err := json.Unmarshal([]byte(last), &id); err != nil {
		t.Fatal(err)
	}
	for i := 1; i < 10_000; i++ {
		row := strings.ReplaceAll(last, "user0@example.com", fmt.Sprintf("user%d@example.com", i))
		row = strings.ReplaceAll(row, id.ID, fmt.Sprintf("00000000-0000-4000-8000-%012d", i))
		var fields map[string]any
		json.Unmarshal([]byte(row), &fields) // it was read before
		fields["code"] = fmt.Sprintf("code%d", i)
		text, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, text)
	}
	state["kickflow"]["users"] = rows
	text, err := json.Marshal(map[string]any{"kickflow": state["kickflow"]})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	n.must(nil, "PUT", "/__admin/worlds/big/state", string(text))
	t.Logf("putting 10,000 rows (%d bytes of JSON): %v", len(text), time.Since(at))
	var writes []time.Duration
	for i := range 250 { // makes a snapshot on its way
		at := time.Now()
		n.must(nil, "PATCH", kickflow+"/"+id.ID, fmt.Sprintf(`{"lastName":"N%d"}`, i), bearer, token)
		writes = append(writes, time.Since(at))
	}
	t.Logf("a write to a table of 10,000 rows: median %v, longest %v", median(writes), writes[len(writes)-1])
	other := startNode(t, store.Options{URL: url})
	at = time.Now()
	if w, err := other.srv.World("big"); err != nil || w == nil {
		t.Fatal(err)
	}
	t.Logf("loading a world with 10,000 rows: %v", time.Since(at))
}

// measureFirst makes two worlds with 10,000 rows for each fake by requests, as clients do, and measures the first
// request to the one on a process that has just started, and then to the other.
func measureFirst(t *testing.T) {
	url, _ := startEngine(t)
	n := startNode(t, store.Options{URL: url, Prefix: "chaos"})
	tests := []struct {
		fake, path, header, prefix string
		body                       func(i int) string
	}{
		{"kickflow", kickflow, bearer, "Bearer ", userBody},
		{"twenty", "/twenty/rest/people", bearer, "Bearer ", func(i int) string {
			return fmt.Sprintf(`{"name":{"firstName":"Ada","lastName":"L%d"},"jobTitle":"Engineer",`+
				`"emails":{"primaryEmail":"u%d@example.com"}}`, i, i)
		}},
		{"flexcrm", flexRecords, "X-FlexCRM-API-KEY", "", func(i int) string {
			return fmt.Sprintf(`{"name":"K%d","customer_code":"K%d"}`, i, i)
		}},
	}
	keys := map[string][]string{}
	for _, tt := range tests {
		for _, name := range []string{"one-", "two-"} {
			key := tt.prefix + n.makeWorld(name + tt.fake).Credentials[tt.fake][0].Value
			keys[tt.fake] = append(keys[tt.fake], key)
			for i := range 10_000 {
				n.must(nil, "POST", tt.path, tt.body(i), tt.header, key)
			}
		}
	}
	n.stop()
	for _, tt := range tests {
		for _, first := range []string{"GET", "POST"} {
			var took [3][]time.Duration // the first request to each world, and the next one
			for round := range 7 {
				p := startProcesses(t, url, 1, 1)[0]
				other := &node{t: t, Server: &httptest.Server{URL: p.url()}}
				for i := range took {
					body, method := "", "GET"
					if first == "POST" && i < 2 {
						body, method = tt.body(20_000+round), first
					}
					at := time.Now()
					other.must(nil, method, tt.path, body, tt.header, keys[tt.fake][min(i, 1)])
					took[i] = append(took[i], time.Since(at))
				}
				p.kill()
			}
			t.Logf("%s, 10,000 rows: the first request, a %s, on a process that has just started %v (%v to %v), "+
				"to another such world %v (%v to %v), the next %v", tt.fake, first, median(took[0]), took[0][0],
				took[0][6], median(took[1]), took[1][0], took[1][6], median(took[2]))
		}
	}
}

// measureWorlds makes 10,000 worlds.
func measureWorlds(t *testing.T) {
	url, _ := startEngine(t)
	n := startNode(t, store.Options{URL: url})
	at := time.Now()
	var all sync.WaitGroup
	var next atomic.Int64
	for range 8 {
		all.Go(func() {
			for i := next.Add(1); i < 10_000; i = next.Add(1) {
				n.makeWorld(fmt.Sprintf("w%d", i))
			}
		})
	}
	all.Wait()
	t.Logf("making 10,000 worlds: %v", time.Since(at))
	withStream(t, url, func(ctx context.Context, stream jetstream.Stream) {
		info, err := stream.Info(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("the stream has %d messages, %d bytes", info.State.Msgs, info.State.Bytes)
	})
	at = time.Now()
	other := startNode(t, store.Options{URL: url})
	waitFor(t, "the names of all worlds", func() bool { return len(other.srv.Names()) == 10_000 })
	t.Logf("starting a node with 10,000 worlds in the store, until it knows them: %v", time.Since(at))
	var loads []time.Duration
	for i := 1; i < 200; i++ {
		at := time.Now()
		if _, err := other.srv.World(fmt.Sprintf("w%d", i)); err != nil {
			t.Fatal(err)
		}
		loads = append(loads, time.Since(at))
	}
	t.Logf("loading one of them: median %v", median(loads))
}

// measureNodes writes to 30 worlds through one, two and three nodes in processes of their own.
func measureNodes(t *testing.T) {
	engine, _ := startCluster(t, 1)
	c := &chaos{t: t, nodes: startProcesses(t, engine, 3, 1), counts: map[string]int{}, started: time.Now(), think: 1,
		client: http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
	for i := range 30 {
		c.worldStates = append(c.worldStates, c.setUp(i, "http://127.0.0.1:9"))
	}
	for nodes := 1; nodes <= 3; nodes++ {
		var done atomic.Int64
		var clients sync.WaitGroup
		end := time.Now().Add(5 * time.Second)
		for i, u := range c.worldStates {
			clients.Go(func() {
				for n := 0; time.Now().Before(end); n++ {
					r := u.registers[0]
					outcome, _ := c.ask(c.nodes[i%nodes].url(), u, "PATCH", r.path, fmt.Sprintf(r.write, n), r.header)
					if outcome == acknowledged {
						done.Add(1)
					}
				}
			})
		}
		clients.Wait()
		t.Logf("%d nodes: %d writes in 5 seconds", nodes, done.Load())
	}
}

// measureFailover kills one process after the other and measures how long a client is without an answer that
// tries the next node at once.
func measureFailover(t *testing.T) {
	rounds := setting("STORETEST_ROUNDS", 10)
	url, engines := startCluster(t, 3)
	c := &chaos{t: t, nodes: startProcesses(t, url, 3, 3), counts: map[string]int{}, started: time.Now(),
		client: http.Client{Timeout: 30 * time.Second}}
	u := c.setUp(0, "http://127.0.0.1:9")
	js := connectTo(t, url)
	at := 0 // the node that the client uses
	kills := map[string]func() (restart func()){
		"the node that the client uses": func() func() {
			node := c.nodes[at]
			node.kill()
			return func() { node.start(t); node.ready() }
		},
		"the NATS server that leads the stream": func() func() { return killEngine(t, js, engines, true) },
		"another NATS server":                   func() func() { return killEngine(t, js, engines, false) },
	}
	for what, kill := range kills {
		var gaps []time.Duration
		for range rounds {
			at = c.writeOn(u, at)
			restart, since := kill(), time.Now()
			at = c.writeOn(u, at)
			gaps = append(gaps, time.Since(since))
			restart()
			waitFor(t, "the cluster", func() bool { return streamLeader(js) != "" })
		}
		t.Logf("%s is killed: median %v, longest %v of %d", what, median(gaps), gaps[len(gaps)-1], rounds)
	}
}

// connectTo connects to a cluster whose servers may end.
func connectTo(t testing.TB, url string) jetstream.JetStream {
	t.Helper()
	nc, err := nats.Connect(url, nats.MaxReconnects(-1))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

// writeOn writes until a node answers, and returns the number of that node.
func (c *chaos) writeOn(u *worldState, at int) int {
	r := u.registers[0]
	for i := 1; ; i++ {
		outcome, _ := c.ask(c.nodes[at].url(), u, r.method, r.path, fmt.Sprintf(r.write, i), r.header)
		if outcome == acknowledged {
			return at
		}
		at = (at + 1) % len(c.nodes)
		time.Sleep(20 * time.Millisecond)
	}
}

// streamLeader returns the server that leads the stream, or "" if some servers lack what it has.
func streamLeader(js jetstream.JetStream) string {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	stream, err := js.Stream(ctx, "chaos")
	if err != nil {
		return ""
	}
	cluster := stream.CachedInfo().Cluster
	for _, r := range cluster.Replicas {
		if !r.Current || r.Offline {
			return ""
		}
	}
	return cluster.Leader
}

// killEngine kills the server that leads the stream, or another one.
func killEngine(t *testing.T, js jetstream.JetStream, engines []*engine, leads bool) (restart func()) {
	t.Helper()
	leader := ""
	waitFor(t, "a leader", func() bool { leader = streamLeader(js); return leader != "" })
	for _, e := range engines {
		if (e.config.Name == leader) == leads {
			e.kill()
			return func() { e.start(t) }
		}
	}
	t.Fatalf("no server for %s", leader)
	return nil
}
