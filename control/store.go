package control

import (
	"bytes"
	"errors"
	"io"
	"net/http"
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
	// Ask returns what the other nodes answer, and the nodes that do not answer.
	Ask(Question) (answers []Answer, silent []string, err error)
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
