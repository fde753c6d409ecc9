package storetest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/fake"
)

// process is a mockserver in a process of its own.
type process struct {
	binary, engine, prefix string
	port, replicas         int
	cmd                    *exec.Cmd
	log                    *os.File
}

func (p *process) url() string { return fmt.Sprintf("http://127.0.0.1:%d", p.port) }

func (p *process) start(t testing.TB) {
	p.cmd = exec.Command(p.binary, "--host", "127.0.0.1", "--port", strconv.Itoa(p.port), "--edge-only", "--limits",
		"off",
		"--log", "off", "--store", p.engine, "--store-prefix", p.prefix, "--store-replicas", strconv.Itoa(p.replicas))
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

func (p *process) kill() {
	p.cmd.Process.Kill()
	p.cmd.Wait()
}

// ready waits until the node is ready.
func (p *process) ready() bool {
	for range 600 {
		if res, err := http.Get(p.url() + "/__admin/ready"); err == nil {
			res.Body.Close()
			if res.StatusCode == 200 {
				return true
			}
		}
		time.Sleep(100 * time.Millisecond) // another process has no signal to wait for
	}
	return false
}

// buildBinary returns the path of mockserver.
func buildBinary(t testing.TB) string {
	if file := os.Getenv("STORETEST_BINARY"); file != "" {
		return file
	}
	file := filepath.Join(t.TempDir(), "mockserver")
	cmd := exec.Command("go", "build", "-ldflags=-w", "-o", file, "./cmd/mockserver")
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

func startProcesses(t testing.TB, engine string, n, replicas int) (all []*process) {
	t.Helper()
	binary := buildBinary(t)
	log, err := os.Create(filepath.Join(t.TempDir(), "nodes.log"))
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range freePorts(t, n) {
		p := &process{binary: binary, engine: engine, prefix: "chaos", port: port, replicas: replicas, log: log}
		p.start(t)
		t.Cleanup(p.kill)
		all = append(all, p)
	}
	for _, p := range all {
		if !p.ready() {
			text, _ := os.ReadFile(log.Name())
			t.Fatalf("a node is not ready: %s", text)
		}
	}
	return all
}

// register is one value of a world that clients read and write.
type register struct {
	method string // of a write
	path   string
	write  string // a body with %d for the value
	header [2]string
	prefix string // what precedes the value in an answer
}

// worldState is a world with what the clients know of it.
type worldState struct {
	name      string
	sequence  atomic.Uint64 // the newest that any client has seen
	registers []register
	creator   [2]string // the header to create companies with
	templater [2]string // the header to create templates of Flosum with

	mu      sync.Mutex
	created map[string]string // name → acknowledged or unknown
}

func (u *worldState) see(sequence string) {
	n, _ := strconv.ParseUint(sequence, 10, 64) // absent from errors
	for old := u.sequence.Load(); n > old && !u.sequence.CompareAndSwap(old, n); old = u.sequence.Load() {
	}
}

// Outcomes of a request.
const (
	acknowledged = "acknowledged"
	undone       = "undone"
	unknown      = "unknown"
)

// chaos is one run.
type chaos struct {
	t           *testing.T
	nodes       []*process
	proxy       string // its URL; "" without one
	client      http.Client
	worldStates []*worldState

	mu      sync.Mutex
	history map[string][]porcupine.Operation // by register
	counts  map[string]int
	kills   []kill
	started time.Time
	think   time.Duration // of a client between two requests, at most
}

// kill is the end of one process, with the longest time until a client that repeats its requests has an answer, by
// the way of the client. It counts for the first kill while the client waits or, without one, for the last before.
type kill struct {
	of      string
	longest map[string]time.Duration
}

// Ways of a client to the nodes.
const (
	throughAnyNode  = "through any node"
	throughTheProxy = "through the proxy"
)

// killed notes a kill and carries it out.
func (c *chaos) killed(of string, do func()) {
	c.mu.Lock()
	c.kills = append(c.kills, kill{of, map[string]time.Duration{}})
	c.mu.Unlock()
	do()
}

// killsSoFar returns the number of kills until now.
func (c *chaos) killsSoFar() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.kills)
}

// answered notes that a client has an answer which it has asked for since there were so many kills.
func (c *chaos) answered(way string, kills int, since time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := min(kills+1, len(c.kills)); n > 0 {
		k := c.kills[n-1]
		k.longest[way] = max(k.longest[way], time.Since(since))
	}
}

// report logs how long clients were without an answer.
func (c *chaos) report() {
	gaps := map[string][]time.Duration{}
	for _, k := range c.kills {
		for way, longest := range k.longest {
			gaps[k.of+", "+way] = append(gaps[k.of+", "+way], longest)
		}
	}
	c.t.Logf("%d kills, requests: %v", len(c.kills), c.counts)
	for _, of := range slices.Sorted(maps.Keys(gaps)) {
		c.t.Logf("%d kills of a %s: the client that waited longest had no answer for %v in the middle and %v at worst",
			len(gaps[of]), of, median(gaps[of]), slices.Max(gaps[of]))
	}
}

// ask sends a request to a node or to the proxy and classifies what came of it. An error of the proxy's own, which
// has no sequence and no outcome, leaves open what a node did.
func (c *chaos) ask(url string, u *worldState, method, path, body string, header [2]string) (string, answer) {
	r, err := http.NewRequest(method, url+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set(header[0], header[1])
	r.Header.Set("User-Agent", "chaos")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if n := u.sequence.Load(); n > 0 {
		r.Header.Set(fake.SequenceHeader, strconv.FormatUint(n, 10))
	}
	res, err := c.client.Do(r)
	if err != nil {
		if strings.Contains(err.Error(), "connection refused") {
			return undone, answer{}
		}
		return unknown, answer{}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return unknown, answer{}
	}
	a := answer{res.StatusCode, res.Header, string(text), res.Header.Get(fake.SequenceHeader)}
	if byProxy := url == c.proxy && a.header.Get("Mockserver-Node") == ""; byProxy && res.StatusCode >= 502 {
		return unknown, a
	}
	if res.StatusCode == http.StatusServiceUnavailable {
		return cmp.Or(res.Header.Get("Mockserver-Outcome"), unknown), a
	}
	if res.StatusCode > 299 {
		c.t.Errorf("%s %s %s: %d %s", method, path, body, res.StatusCode, text)
		return unknown, a
	}
	u.see(a.sequence)
	return acknowledged, a
}

func (c *chaos) count(what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[what]++
}

// input is one operation on a register; a read has no value.
type input struct {
	write bool
	value int
}

var registerModel = porcupine.Model{
	Init: func() any { return 0 },
	Step: func(state, in, out any) (bool, any) {
		if op := in.(input); op.write {
			return true, op.value
		}
		return out.(int) == state.(int), state
	},
}

// address returns where a client sends its next request.
func (c *chaos) address(way string) string {
	if way == throughTheProxy {
		return c.proxy
	}
	return c.nodes[rand.IntN(len(c.nodes))].url()
}

// access reads or writes a register and keeps it in the history, unless it certainly did nothing.
func (c *chaos) access(client int, way string, u *worldState, in input) string {
	r := u.registers[rand.IntN(len(u.registers))]
	call := time.Since(c.started).Nanoseconds()
	method, body := "GET", ""
	if in.write {
		method, body = r.method, fmt.Sprintf(r.write, in.value)
	}
	outcome, a := c.ask(c.address(way), u, method, r.path, body, r.header)
	c.count(outcome + " " + way)
	op := porcupine.Operation{ClientId: client, Input: in, Call: call, Output: 0,
		Return: time.Since(c.started).Nanoseconds()}
	switch {
	case outcome == unknown && in.write:
		op.Return = math.MaxInt64
	case outcome != acknowledged:
		return outcome
	case !in.write:
		value, err := valueIn(a.text, r.prefix)
		if err != nil {
			c.t.Errorf("GET %s: %v in %s", r.path, err, a.text)
		}
		op.Output = value
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	key := u.name + r.path
	c.history[key] = append(c.history[key], op)
	return outcome
}

// valueIn returns the number that follows a prefix.
func valueIn(text, prefix string) (int, error) {
	_, rest, ok := strings.Cut(text, prefix)
	if !ok {
		return 0, fmt.Errorf("no %s", prefix)
	}
	digits := rest[:len(rest)-len(strings.TrimLeft(rest, "0123456789"))]
	return strconv.Atoi(digits)
}

// create makes a company of its own name, or a template of Flosum.
func (c *chaos) create(way string, u *worldState, name string) string {
	path, body, header := "/twenty/rest/companies", `{"name":%q}`, u.creator
	if isTemplate(name) {
		path, body, header = flosum+"/templates/backup", `{"name":%q,"type":"backup","templateSteps":[`+
			`{"objectApiName":"Account","label":"Account","filterMode":"soql","soqlFilter":"Name != null",`+
			`"fieldsDescribe":[],"children":[]}]}`, u.templater
	}
	outcome, _ := c.ask(c.address(way), u, "POST", path, fmt.Sprintf(body, name), header)
	c.count(outcome + " " + way)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.created[name] = outcome
	return outcome
}

// setUp makes a world with one row of three fakes and a webhook.
func (c *chaos) setUp(n int, receiver string) *worldState {
	u := &worldState{name: fmt.Sprintf("world%d", n), created: map[string]string{}}
	var m made
	admin := [2]string{"Accept", "application/json"}
	send := func(method, path, body string, header [2]string) string {
		for range 50 {
			outcome, a := c.ask(c.nodes[n%len(c.nodes)].url(), u, method, path, body, header)
			if outcome == acknowledged {
				return a.text
			}
		}
		c.t.Fatalf("%s %s fails", method, path)
		return ""
	}
	must := func(path, body string, header [2]string) string { return send("POST", path, body, header) }
	if err := json.Unmarshal([]byte(must("/__admin/worlds", fmt.Sprintf(`{"name":%q}`, u.name), admin)),
		&m); err != nil {
		c.t.Fatal(err)
	}
	bearerOf := func(name string) [2]string { return [2]string{bearer, "Bearer " + m.Credentials[name][0].Value} }
	key := [2]string{"X-FlexCRM-API-KEY", m.Credentials["flexcrm"][0].Value}
	u.creator, u.templater = bearerOf("twenty"), bearerOf("flosum")
	hook := fmt.Sprintf(`{"targetUrl":%q,"operations":["company.created"]}`, receiver+"/"+u.name)
	must("/twenty/rest/webhooks", hook, u.creator)
	user := idOf(must(kickflow, `{"email":"a@example.com","lastName":"v0","firstName":"A"}`, bearerOf("kickflow")))
	company := idOf(must("/twenty/rest/companies", `{"name":"v0"}`, u.creator))
	var record struct{ ID json.Number }
	text := must(flexRecords, `{"name":"v0","customer_code":"V"}`, key)
	if err := json.Unmarshal([]byte(text), &record); err != nil || record.ID == "" {
		c.t.Fatalf("a record without id: %v %s", err, text)
	}
	u.registers = []register{
		{"PATCH", kickflow + "/" + user, `{"lastName":"v%d"}`, bearerOf("kickflow"), `"lastName":"v`},
		{"PATCH", "/twenty/rest/companies/" + company, `{"name":"v%d"}`, u.creator, `"name":"v`},
		{"PUT", flexRecords + "/" + record.ID.String(), `{"name":"v%d"}`, key, `"name":"v`},
		{"PUT", flosum + "/settings", `{"isBackupsDisabled":false,"isArchivesDisabled":false,` +
			`"initialBinaryRecordsLimit":%d}`, u.templater, `"initialBinaryRecordsLimit":`},
	}
	send("PUT", flosum+"/settings", fmt.Sprintf(u.registers[3].write, 0), u.templater)
	return u
}

const flosum = "/flosum/api/v1/connections/1"

func isTemplate(name string) bool { return strings.HasPrefix(name, "T") }

const flexRecords = "/flexcrm/flex/api/v1/flexdb/tbl_customer"

// drive is one client. It notes how long it is without an answer.
func (c *chaos) drive(client int, way string, u *worldState, stop <-chan struct{}) {
	since, kills := time.Time{}, 0
	for i := 1; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		if since.IsZero() {
			since, kills = time.Now(), c.killsSoFar()
		}
		outcome := ""
		switch rand.IntN(5) {
		case 0, 1:
			outcome = c.access(client, way, u, input{true, client*1_000_000 + i})
		case 2:
			outcome = c.create(way, u, fmt.Sprintf("%s%d-%d", []string{"C", "T"}[rand.IntN(2)], client, i))
		default:
			outcome = c.access(client, way, u, input{})
		}
		if outcome == acknowledged {
			c.answered(way, kills, since)
			since = time.Time{}
			time.Sleep(rand.N(c.think)) // many clients share the processors
			continue
		}
		time.Sleep(20 * time.Millisecond) // a client that retries
	}
}

// setting returns a number of the environment, for the long form.
func setting(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// TestNothingIsLostWhenNodesAndServersAreKilled kills nodes and NATS servers at random while clients write. Each
// world has clients that send each request to any node, and, where HAProxy is installed, others that send all to the
// proxy of examples/scale. STORETEST_SECONDS and STORETEST_WORLDS make it longer and wider.
func TestNothingIsLostWhenNodesAndServersAreKilled(t *testing.T) {
	seconds, worlds := setting("STORETEST_SECONDS", 6), setting("STORETEST_WORLDS", 4)
	var mu sync.Mutex
	received := map[string]bool{} // world/company
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a delivery that breaks off comes again
		if _, rest, ok := bytes.Cut(body, []byte(`"name":"`)); ok {
			name, _, _ := bytes.Cut(rest, []byte(`"`))
			mu.Lock()
			received[strings.Trim(r.URL.Path, "/")+"/"+string(name)] = true
			mu.Unlock()
		}
	}))
	defer receiver.Close()
	engine, engines := startCluster(t, 3)
	c := &chaos{t: t, nodes: startProcesses(t, engine, 3, 3), history: map[string][]porcupine.Operation{},
		counts: map[string]int{}, started: time.Now(), think: time.Duration(max(2*worlds, 4)) * 3 * time.Millisecond,
		client: http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 4 * worlds}}}
	ways := []string{throughAnyNode, throughAnyNode}
	if haproxy, err := exec.LookPath("haproxy"); err == nil { // before any delivery, for which the receiver would wait
		c.proxy, ways[1] = startProxy(t, haproxy, c.nodes), throughTheProxy
	}
	for i := range worlds {
		c.worldStates = append(c.worldStates, c.setUp(i, receiver.URL))
	}
	c.counts = map[string]int{}
	stop := make(chan struct{})
	var clients sync.WaitGroup
	for i := range max(2*worlds, 4) {
		clients.Go(func() { c.drive(i+1, ways[i/worlds%2], c.worldStates[i%worlds], stop) })
	}
	c.killAtRandom(connectTo(t, engine), engines, time.Duration(seconds)*time.Second)
	close(stop)
	clients.Wait()
	c.report()
	for _, way := range ways {
		if len(c.kills) == 0 || c.counts[acknowledged+" "+way] == 0 {
			t.Errorf("nothing happened %s", way)
		}
	}
	c.check()
	c.checkRows()
	waitFor(t, "the webhooks of all acknowledged companies", func() bool {
		mu.Lock()
		defer mu.Unlock()
		for _, u := range c.worldStates {
			for name, outcome := range u.created {
				if outcome == acknowledged && !isTemplate(name) && !received[u.name+"/"+name] {
					return false
				}
			}
		}
		return true
	})
}

// killAtRandom kills one node or NATS server after the other with SIGKILL and starts it again. Three servers
// survive the loss of one: before it kills the next server, it waits until all have what the leader has, because
// the one that was killed last lacks the changes since, and without it there is no majority. It does not wait
// before it kills a node.
func (c *chaos) killAtRandom(js jetstream.JetStream, engines []*engine, d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
		time.Sleep(time.Duration(500+rand.IntN(1000)) * time.Millisecond) // let the clients work
		pause := time.Duration(rand.IntN(1500)) * time.Millisecond
		if n := rand.IntN(len(c.nodes) + len(engines)); n < len(c.nodes) {
			c.killed("node", c.nodes[n].kill)
			time.Sleep(pause)
			c.nodes[n].start(c.t)
		} else {
			e := engines[n-len(c.nodes)]
			of := "NATS server that does not lead"
			waitFor(c.t, "all NATS servers to be current", func() bool {
				leader := streamLeader(js)
				if leader == e.config.Name {
					of = "NATS server that leads"
				}
				return leader != ""
			})
			c.killed(of, e.kill)
			time.Sleep(pause)
			e.start(c.t)
		}
		for _, p := range c.nodes {
			if !p.ready() {
				c.t.Fatal("a node is not ready again")
			}
		}
	}
}

// check compares the history of each register with one that one server could have.
func (c *chaos) check() {
	for key, ops := range c.history {
		if got := porcupine.CheckOperationsTimeout(registerModel, ops, time.Minute); got != porcupine.Ok {
			c.t.Errorf("%s: a history of %d operations is %v", key, len(ops), got)
		}
	}
}

// checkRows looks for the companies and templates: on every node, the acknowledged ones once, those that were
// undone never, the others once at most.
func (c *chaos) checkRows() {
	for _, u := range c.worldStates {
		var dumps []string
		for _, node := range c.nodes {
			c.until(node, u, "PATCH", "/__admin/worlds/"+u.name+"/settings/extended", "{}")
		}
		for _, node := range c.nodes {
			dumps = append(dumps, c.until(node, u, "GET", "/__admin/worlds/"+u.name+"/state", ""))
		}
		found := c.created(dumps[0])
		for name, outcome := range u.created {
			if n := found[name]; outcome == acknowledged && n != 1 || outcome == undone && n != 0 || n > 1 {
				c.t.Errorf("%s: %s, %s, is there %d times", u.name, name, outcome, n)
			}
		}
		c.sameRows(u, dumps)
	}
}

// until repeats a request until it is answered, which a server that has just started may take a
// moment for.
func (c *chaos) until(node *process, u *worldState, method, path, body string) (text string) {
	waitFor(c.t, method+" "+path, func() bool {
		outcome, a := c.ask(node.url(), u, method, path, body, u.creator)
		text = a.text
		return outcome == acknowledged
	})
	return text
}

// created counts the companies and templates of a state by their names.
func (c *chaos) created(dump string) map[string]int {
	var state struct{ Twenty, Flosum map[string]json.RawMessage }
	var rows, templates []struct{ Name string }
	err := json.Unmarshal([]byte(dump), &state)
	if err == nil {
		err = json.Unmarshal(state.Twenty["record:company"], &rows)
	}
	if err == nil {
		err = json.Unmarshal(state.Flosum["templates"], &templates)
	}
	if err != nil {
		c.t.Fatalf("%v in %.300s", err, dump)
	}
	found := map[string]int{}
	for _, row := range append(rows, templates...) {
		found[row.Name]++
	}
	return found
}

// sameRows compares the companies that nodes show.
func (c *chaos) sameRows(u *worldState, dumps []string) {
	for i, dump := range dumps[1:] {
		var a, b map[string]map[string]json.RawMessage
		json.Unmarshal([]byte(dumps[0]), &a) // has been read before
		if err := json.Unmarshal([]byte(dump), &b); err != nil {
			c.t.Fatal(err)
		}
		for name := range a {
			for tbl, rows := range a[name] {
				if tbl[0] != '_' && !bytes.Equal(rows, b[name][tbl]) {
					c.t.Errorf("%s: nodes 0 and %d differ in %s of %s", u.name, i+1, tbl, name)
				}
			}
		}
	}
}
