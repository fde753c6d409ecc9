package contracts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// StateRule is a list of objects that cases change, and how to remove what a case created. The
// state of a real service is read before and after each case that writes; a fake has a world for
// each case instead.
type StateRule struct {
	About     string `yaml:"about"`     // their name, in the plural
	Request   string `yaml:"request"`   // a GET that lists them
	Body      string `yaml:"body"`      // of a POST that lists them instead, as in GraphQL
	Principal string `yaml:"principal"` // the caller that reads and removes
	List      string `yaml:"list"`      // keys of the list in the answer; "" if the answer is the list
	// a regular expression on "METHOD /path?query body" of requests that create one
	Creates string   `yaml:"creates"`
	By      []string `yaml:"by"`     // keys of such a request's body whose values must be new
	Remove  string   `yaml:"remove"` // the path to DELETE, with {id}; "" if the API has none
	Ignore  []string `yaml:"ignore"` // keys that change by themselves
	// the body, with {id}, of a POST to request that removes one, instead of a DELETE
	RemoveBody string `yaml:"remove-body"`

	creates *regexp.Regexp
}

func (s *StateRule) compile() (err error) {
	if s.About == "" || !strings.HasPrefix(s.Request, "/") || s.Principal == "" {
		return errors.New("state: about, request and principal are needed")
	}
	if s.Remove != "" && !strings.Contains(s.Remove, "{id}") {
		return fmt.Errorf("state: remove %q: {id} is needed", s.Remove)
	}
	if s.RemoveBody != "" && !strings.Contains(s.RemoveBody, "{id}") {
		return fmt.Errorf("state: remove-body %q: {id} is needed", s.RemoveBody)
	}
	if s.Creates != "" {
		s.creates, err = regexp.Compile(s.Creates)
	}
	return err
}

// stateGuard holds the content of a real service before a case.
type stateGuard struct {
	p      *replayer
	before map[*StateRule]map[string]*jsontree.Node // id → thing
}

// lasting is a World whose changes outlive it.
type lasting interface {
	left() *leftovers
}

// leftovers are what earlier cases could not restore.
type leftovers struct {
	mu   sync.Mutex
	text string
}

func (l *leftovers) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.text == "" {
		l.text = text
	}
}

func (l *leftovers) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// guard reads the state before a case that writes, if changes last. It returns an error if what the
// case creates exists already, or if an earlier case has left something; a nil guard means that
// none is needed.
func (p *replayer) guard(ctx context.Context) (*stateGuard, error) {
	world, ok := p.world.(lasting)
	if !ok {
		return nil, nil
	}
	if text := world.left().String(); text != "" {
		return nil, &Skip{"the start state is not restored: " + text}
	}
	if len(p.c.rules.State) == 0 || !p.c.start().Writes {
		return nil, nil
	}
	g := &stateGuard{p: p, before: map[*StateRule]map[string]*jsontree.Node{}}
	for _, rule := range p.c.rules.State {
		things, err := p.things(ctx, rule)
		if err != nil {
			return nil, err
		}
		g.before[rule] = things
		if what := p.c.wouldCreate(rule, things); what != "" {
			return nil, &startError{fmt.Sprintf("the target has already what the case creates: %s among its %s", what,
				rule.About)}
		}
	}
	return g, nil
}

// things returns a list of the target, by identifier, or nil if no caller may read it.
func (p *replayer) things(ctx context.Context, rule *StateRule) (map[string]*jsontree.Node, error) {
	got, err := p.ask(ctx, rule, http.MethodGet, rule.Request, rule.Body)
	if err != nil || got.Status >= 300 {
		return nil, err
	}
	list, err := jsontree.Parse(got.Body)
	if err == nil && rule.List != "" {
		list = list.At(rule.List)
	}
	if err != nil || list == nil || list.Kind != jsontree.Array {
		return nil, nil
	}
	things := map[string]*jsontree.Node{}
	for _, thing := range list.Kids {
		if id := thing.Get("id"); id != nil {
			things[id.Text] = thing
		}
	}
	return things, nil
}

// ask sends a request by a rule's principal, a POST if it has a body.
func (p *replayer) ask(ctx context.Context, rule *StateRule, method, path, body string) (*Answer, error) {
	credential, err := p.credential(Principal{Principal: rule.Principal})
	if err != nil {
		return nil, err
	}
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, p.base+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	p.identify(r, credential)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	return p.send(bodiless(r, body))
}

// wouldCreate returns the value of an existing object that a request of the case would create
// again.
func (c *Case) wouldCreate(rule *StateRule, things map[string]*jsontree.Node) (what string) {
	if rule.creates == nil {
		return ""
	}
	for _, i := range c.interactions {
		body, err := jsontree.Parse(i.Body)
		if err != nil || i.Status >= 300 || !rule.creates.MatchString(i.Request()) {
			continue
		}
		for _, key := range rule.By {
			body.Each("$", func(n *jsontree.Node, path string) {
				if n.Kind == jsontree.Text && strings.HasSuffix(path, "."+key) && hasThing(things, key, n.Text) {
					what = n.Text
				}
			})
		}
	}
	return what
}

func hasThing(things map[string]*jsontree.Node, key, value string) bool {
	for _, thing := range things {
		if v := thing.Get(key); v != nil && v.Text == value {
			return true
		}
	}
	return false
}

// restore removes what the case created, the last list first, and returns what it could not
// restore.
func (g *stateGuard) restore(ctx context.Context) (left []string) {
	if g == nil {
		return nil
	}
	for _, rule := range slices.Backward(g.p.c.rules.State) {
		if why := g.restoreList(ctx, rule); why != "" {
			left = append(left, why)
		}
	}
	if len(left) > 0 {
		g.p.world.(lasting).left().add(fmt.Sprintf("%s left %s", g.p.c.Name, strings.Join(left, ", ")))
	}
	return left
}

func (g *stateGuard) restoreList(ctx context.Context, rule *StateRule) string {
	before := g.before[rule]
	if before == nil {
		return ""
	}
	now, err := g.p.things(ctx, rule)
	for _, id := range sortedKeys(now) {
		if before[id] == nil && err == nil {
			err = g.remove(ctx, rule, id)
		}
	}
	if err == nil {
		now, err = g.p.things(ctx, rule)
	}
	if err != nil {
		return fmt.Sprintf("%s of which nothing is known (%v)", rule.About, err)
	}
	more, changed, gone := 0, 0, 0
	for id, thing := range now {
		more += count(before[id] == nil)
		changed += count(before[id] != nil && !rule.same(before[id], thing))
	}
	for id := range before {
		gone += count(now[id] == nil)
	}
	if more+changed+gone == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s more, %d changed, %d fewer", more, rule.About, changed, gone)
}

// remove removes an object, if the API can.
func (g *stateGuard) remove(ctx context.Context, rule *StateRule, id string) (err error) {
	with := func(s string) string { return strings.ReplaceAll(s, "{id}", id) }
	switch {
	case rule.RemoveBody != "":
		_, err = g.p.ask(ctx, rule, http.MethodPost, rule.Request, with(rule.RemoveBody))
	case rule.Remove != "":
		_, err = g.p.ask(ctx, rule, http.MethodDelete, with(rule.Remove), "")
	}
	return err
}

// same reports whether an object is unchanged, except for the keys that change by themselves.
func (s *StateRule) same(before, now *jsontree.Node) bool {
	if len(before.Keys) != len(now.Keys) {
		return false
	}
	for i, key := range before.Keys {
		if other := now.Get(key); other == nil || !slices.Contains(s.Ignore, key) &&
			other.String() != before.Kids[i].String() {
			return false
		}
	}
	return true
}
