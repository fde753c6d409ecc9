package explain

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/fake"
)

// maxAttempts bounds how many requests one explanation sends, maxBranches how many repairs of one refusal are followed.
const (
	maxAttempts = 600
	maxBranches = 4
	maxDepth    = 12
	maxBetter   = 60 // attempts to find something better than the first accepted message
	unlikely    = 3  // added to the rank of a repair that nothing in the refusal speaks for
)

// prober sends attempts to copies of a world.
type prober struct {
	srv   *fake.Server
	world *fake.World
	def   *fake.Def
	entry *fake.Entry

	scratch *fake.World
	version uint64 // of scratch before any change
	exact   bool
	err     error
	sent    int
	tried   map[string]bool

	doc         *document
	rows        *content
	credentials []credential
}

// newProber reads what the world and the document offer.
func newProber(srv *fake.Server, w *fake.World, e *fake.Entry) (*prober, error) {
	p := &prober{srv: srv, world: w, def: srv.Def(e.Fake), entry: e, tried: map[string]bool{}}
	if p.def == nil {
		return nil, fmt.Errorf("no fake %q", e.Fake)
	}
	if p.fork(); p.err != nil {
		return nil, p.err
	}
	p.doc, p.rows = documentOf(p.def), contentOf(p.scratch, e.Fake)
	state, err := p.scratch.State(e.Fake)
	if err == nil {
		p.credentials = credentialsOf(p.def, state)
	}
	return p, err
}

// fork makes a fresh copy of the world.
func (p *prober) fork() {
	p.scratch, p.exact, p.err = p.world.Scratch(p.entry.Fake, p.entry)
	if p.err == nil {
		p.version = p.scratch.Version()
	}
}

// node is one attempt: a message, the edits that led to it, and the answer.
type node struct {
	parent    *node
	edit      edit
	message   *message
	entry     *fake.Entry
	rejection *fake.Error
	rank      int // the sum of the ranks of its edits among their alternatives
	depth     int
	split     []string // see words
	root      *message
}

func (n *node) accepted() bool {
	return n.rejection == nil && n.entry != nil && n.entry.Status < 400
}

// edits returns the edits that led to a node, the first one first.
func (n *node) edits() (all []edit) {
	for ; n.parent != nil; n = n.parent {
		all = append(all, n.edit)
	}
	slices.Reverse(all)
	return all
}

// try sends a message to a copy of the world that nothing has changed.
func (p *prober) try(m *message) (*fake.Entry, *fake.Error) {
	r := m.request(p.entry.Host, p.entry.Remote)
	if r == nil {
		return nil, nil
	}
	if p.scratch.Version() != p.version {
		if p.fork(); p.err != nil {
			return nil, nil
		}
	}
	p.sent++
	return p.srv.Try(p.scratch, p.entry.Fake, r, p.entry.Base)
}

// search looks for an accepted message: those first whose repairs were the most promising ones. It
// returns the node with it; without one, the node that came furthest.
func (p *prober) search(root *node) *node {
	furthest, open, limit := root, []*node{root}, maxAttempts
	for len(open) > 0 {
		slices.SortStableFunc(open, func(a, b *node) int {
			if a.rank == b.rank && a.accepted() != b.accepted() {
				return map[bool]int{true: -1, false: 1}[a.accepted()]
			}
			return cmp.Or(cmp.Compare(a.rank, b.rank), cmp.Compare(b.depth, a.depth))
		})
		n := open[0]
		open = open[1:]
		switch {
		case n.accepted():
			return n
		case n.depth > furthest.depth:
			furthest = n
		}
		if p.sent >= limit || p.err != nil || n.depth >= maxDepth {
			continue
		}
		children := p.expand(n, limit)
		if i := len(children) - 1; i >= 0 && children[i].accepted() {
			limit = min(limit, p.sent+maxBetter)
		}
		open = append(open, children...)
	}
	return furthest
}

// expand sends the repairs of a refusal and returns the attempts that it no longer refuses, up to
// the first that nothing refuses.
func (p *prober) expand(n *node, limit int) (children []*node) {
	stages := p.proposals(n)
	for i, stage := range stages {
		for _, e := range stage() {
			if p.sent >= limit || len(children) >= maxBranches {
				return children
			}
			child := p.follow(n, e)
			if child == nil {
				continue
			}
			child.rank = n.rank + len(children)
			if i == len(stages)-1 {
				child.rank += unlikely
			}
			children = append(children, child)
			if child.accepted() {
				return children
			}
		}
	}
	return children
}

// follow sends one repair; nil if it was sent before or does not help.
func (p *prober) follow(n *node, e edit) *node {
	m := e(n.message)
	if key := m.key(); p.tried[key] {
		return nil
	} else {
		p.tried[key] = true
	}
	child := &node{parent: n, edit: e, message: m, depth: n.depth + 1, root: n.root}
	child.entry, child.rejection = p.try(m)
	if child.entry == nil || !child.accepted() && !p.progress(n, child) {
		return nil
	}
	return child
}

// shorten drops the edits that an accepted message does not need, and returns the chain of attempts that leads to it.
func (p *prober) shorten(root, found *node) []*node {
	edits := found.edits()
	for i := len(edits) - 1; i >= 0 && len(edits) > 1; i-- {
		fewer := slices.Delete(slices.Clone(edits), i, i+1)
		m := applied(root.message, fewer)
		if m.key() == found.message.key() { // a later edit covers it
			if before := applied(root.message, edits[:i]); onlyDrops(before, edits[i](before)) {
				edits = fewer // the later edit puts it back; otherwise the refusal between the two is worth listing
			}
			continue
		}
		if n := p.attempt(m); n.accepted() {
			edits, found = fewer, n
		}
	}
	chain := []*node{root}
	for _, e := range edits {
		last := chain[len(chain)-1]
		n := p.attempt(e(last.message))
		n.parent, n.edit = last, e
		chain = append(chain, n)
	}
	return chain
}

func applied(m *message, edits []edit) *message {
	for _, e := range edits {
		m = e(m)
	}
	return m
}

func (p *prober) attempt(m *message) *node {
	n := &node{message: m, root: m}
	n.entry, n.rejection = p.try(m)
	return n
}
