package control

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/control/wiremock"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/world"
)

// Store keeps the worlds for several nodes, each of which has a control plane.
type Store interface {
	Node() string // the name of this node
	Ready() error
	// Ask returns what the other nodes answer to GET of a path, and the nodes that do not answer.
	Ask(path string) (answers map[string]json.RawMessage, silent []string, err error)
}

// inTurn makes a route of one world a Turn of it: its changes are stored before the answer
// leaves. Routes of the journal and of stories are not: each node has its own journal, and some of
// these routes wait, or run requests, which are Turns.
func inTurn(r route) handler {
	first, _, _ := strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
	do := r.do
	switch first {
	case "stories":
		return do // see chosenStory
	case "requests", "journal":
		return inSequence(ofOneNode(r))
	case "audit":
		return inSequence(do)
	}
	return func(c *call) (value any, err error) {
		w, err := c.chosen()
		if err != nil || !w.Stored() {
			return do(c)
		}
		text, err := c.body(stateLimit)
		if err == nil {
			err = w.Open()
		}
		if other := c.r.URL.Query().Get("with"); err == nil && first == "diff" && other != "" {
			err = c.seeNamed(other) // not in the Turn, which would hold one world and wait for another
		}
		if err != nil {
			return nil, c.storeProblem(err)
		}
		turn := world.Turn{Writes: r.method != http.MethodGet, Since: c.sequence(), Do: func() {
			c.r.Body = io.NopCloser(bytes.NewReader(text))
			value, err = do(c)
		}}
		if failed := c.use(w, &turn); failed != nil {
			return nil, failed
		}
		return value, err
	}
}

// inSequence makes a route that is no Turn show the change that its request names, and name the newest one in
// its answer.
func inSequence(do handler) handler {
	return func(c *call) (any, error) {
		w, err := c.chosen()
		if err != nil {
			return do(c)
		}
		if err := c.see(w, c.sequence()); err != nil {
			return nil, err
		}
		defer c.see(w, 0) // which waits for nothing
		return do(c)
	}
}

// see makes a world show the change with a sequence, and names the newest one in the answer.
func (c *call) see(w *fake.World, since uint64) error {
	return c.use(w, &world.Turn{Reads: true, Since: since, Do: func() {}})
}

// seeNamed is see for a world by its name, up to what the request names. A name that no world has is not its business.
func (c *call) seeNamed(name string) error {
	if w := c.plane.srv.Find(name); w != nil {
		return c.see(w, c.sequence())
	}
	return nil
}

// use runs a Turn of a world, and names the newest change that it has seen in the answer.
func (c *call) use(w *fake.World, turn *world.Turn) error {
	if err := w.Use(turn); err != nil {
		if _, gone := c.find(w.Name); gone != nil { // dropped meanwhile
			return gone
		}
		return c.storeProblem(err)
	}
	if w.Stored() {
		c.w.Header().Set(fake.SequenceHeader, strconv.FormatUint(turn.Sequence, 10))
	}
	return nil
}

// sequence returns the change that the answer has to show; a value that is no number asks for nothing.
func (c *call) sequence() uint64 {
	since, _ := strconv.ParseUint(c.r.Header.Get(fake.SequenceHeader), 10, 64)
	return since
}

// storeProblem makes a problem of an error of the store, and leaves other errors.
func (c *call) storeProblem(err error) error {
	away, ok := errors.AsType[*fake.StoreError](err)
	if !ok {
		return err
	}
	away.SetHeader(c.w.Header())
	return newProblem(http.StatusServiceUnavailable, "%v", err)
}

// node returns the name of this node, "" without a store.
func (p *Plane) node() string {
	if p.options.Store == nil {
		return ""
	}
	return p.options.Store.Node()
}

// position returns the position of a request in the journal of a world, by either of its identifiers.
func (c *call) position(w *fake.World, id string) (string, error) {
	at, err := wiremock.Position(w.Name, c.plane.node(), id)
	if err != nil {
		return "", newProblem(http.StatusNotFound, "%s: %v, or of one that has ended; this one is %q, and "+
			"GET %s/worlds/%s/requests?nodes=all lists the requests of all", id, err, c.plane.node(), Prefix, w.Name)
	}
	return at, nil
}

// Answer answers GET of a path of the control plane for another node.
func (p *Plane) Answer(path string) []byte {
	at, err := url.Parse(path)
	if err != nil {
		return nil
	}
	r := &http.Request{Method: http.MethodGet, URL: at, Header: http.Header{}, Body: http.NoBody}
	w := &buffer{header: http.Header{}}
	p.mux.ServeHTTP(w, r.WithContext(withCall(r.Context(), &call{plane: p, w: w})))
	return w.Bytes()
}

// buffer is a ResponseWriter in memory.
type buffer struct {
	bytes.Buffer
	header http.Header
}

func (b *buffer) Header() http.Header { return b.header }
func (b *buffer) WriteHeader(int)     {}

// nodeView says how many requests a node has in its journal, or that it did not answer.
type nodeView struct {
	Node  string `json:"node"`
	Total int    `json:"total"`
	Error string `json:"error,omitempty"`
}

// journalPage is the part of a list of requests that allRequests joins.
type journalPage struct {
	Requests []json.RawMessage `json:"requests"`
	Meta     struct {
		Total int `json:"total"`
	} `json:"meta"`
}

// ofOneNode wraps a route of the journal: its answer says whose journal that is, and it refuses to answer for all
// nodes unless it can.
func ofOneNode(r route) handler {
	joins := r.method == http.MethodGet && r.path == "/requests"
	return func(c *call) (any, error) {
		nodes := c.r.URL.Query().Get("nodes")
		switch {
		case nodes != "" && nodes != "all":
			return nil, badRequest("nodes=%s: expected all, or no such parameter for the journal of one node", nodes)
		case nodes == "all" && !joins:
			return nil, badRequest("nodes=all: this path has the journal of one node; GET %s/requests?nodes=all "+
				"lists the requests of all", Prefix)
		case c.plane.node() != "":
			of := "node " + c.plane.node() + "; GET " + Prefix + "/requests?nodes=all for all"
			if nodes == "all" {
				of = "all nodes"
			}
			c.w.Header().Set("Mockserver-Journal", of)
		}
		return r.do(c)
	}
}

// allRequests joins the journals of all nodes, newest first.
func (c *call) allRequests(w *fake.World, own map[string]any) (any, error) {
	store := c.plane.options.Store
	if store == nil {
		return own, nil
	}
	query := c.r.URL.Query()
	query.Del("nodes")
	path := Prefix + "/worlds/" + url.PathEscape(w.Name) + "/requests?" + query.Encode()
	answers, silent, err := store.Ask(path)
	if err != nil {
		return nil, newProblem(http.StatusServiceUnavailable, "the other nodes cannot be asked: %v", err)
	}
	answers[store.Node()] = encode(own)
	nodes, all, total := []nodeView{}, []json.RawMessage{}, 0
	for node, text := range answers {
		var one journalPage
		view := nodeView{Node: node}
		if err := json.Unmarshal(text, &one); err != nil {
			view.Error = err.Error()
		}
		view.Total = one.Meta.Total
		nodes, all, total = append(nodes, view), append(all, one.Requests...), total+one.Meta.Total
	}
	for _, node := range silent {
		nodes = append(nodes, nodeView{Node: node, Error: "no answer"})
	}
	slices.SortFunc(nodes, func(a, b nodeView) int { return cmp.Compare(a.Node, b.Node) })
	slices.SortStableFunc(all, func(a, b json.RawMessage) int { return cmp.Compare(loggedAt(b), loggedAt(a)) })
	own["requests"], own["meta"], own["nodes"] = all, map[string]int{"total": total}, nodes
	return own, nil
}

// loggedAt returns when a request of the journal came, in milliseconds.
func loggedAt(event json.RawMessage) int64 {
	var one struct {
		Request struct {
			LoggedDate int64 `json:"loggedDate"`
		} `json:"request"`
	}
	json.Unmarshal(event, &one) // this server wrote it
	return one.Request.LoggedDate
}
