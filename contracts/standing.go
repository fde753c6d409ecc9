package contracts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// Standing is an object that a workspace has before a conversation, such as a member. Another
// workspace has it under another identifier; a replay finds it there by its properties and binds
// the recorded identifier to it.
type Standing struct {
	ID    string `yaml:"id"`     // the recorded identifier
	Of    string `yaml:"of"`     // if the identifier is a number: what it identifies, as in the rules about numbers
	IDKey string `yaml:"id-key"` // the key of the identifier; default id
	Table string `yaml:"table"`  // of a seed that has the thing; default: any
	About string `yaml:"about"`
	// a GET that lists such objects, like /rest/workspaceMembers
	Request   string `yaml:"request"`
	Body      string `yaml:"body"`      // of a POST that lists them instead, as in GraphQL
	Principal string `yaml:"principal"` // the caller
	Host      string `yaml:"host"`      // of the request, if it is not that of the case
	// keys of the list in the answer; in nested lists, of all; "" if it is the answer
	List string            `yaml:"list"`
	By   map[string]string `yaml:"by"` // identifying keys of an element and their values
	// of several objects instead: one identifying key, and the recorded identifiers by its values
	Key string            `yaml:"key"`
	IDs map[string]string `yaml:"ids"`
}

// each returns the objects of an entry that names several.
func (s *Standing) each() (all []*Standing) {
	if len(s.IDs) == 0 {
		return []*Standing{s}
	}
	for _, value := range sortedKeys(s.IDs) {
		one := *s
		one.IDs, one.ID, one.By = nil, s.IDs[value], map[string]string{s.Key: value}
		one.About = s.About + " " + value
		all = append(all, &one)
	}
	return all
}

func (s *Standing) idKey() string {
	if s.IDKey != "" {
		return s.IDKey
	}
	return "id"
}

func (s *Standing) check() error {
	if s.Of != "" {
		if s.ID == "" || s.About == "" || s.Request != "" && s.Principal == "" || len(s.By) == 0 {
			return fmt.Errorf("standing: %s %q: id, about, by, and principal with request are needed", s.Of, s.ID)
		}
		return nil
	}
	if t, ok := scan.At(s.ID, 0); !ok || t.End != len(s.ID) || t.Shape != scan.UUID {
		return fmt.Errorf("standing: id %q: expected a UUID", s.ID)
	}
	if s.About == "" || !strings.HasPrefix(s.Request, "/") || s.Principal == "" || len(s.By) == 0 {
		return errors.New("standing: id, about, request, principal and by are needed")
	}
	return nil
}

// bindStanding finds the standing objects that the case's requests name, if the target does not
// have them under the recorded identifiers. It sends no request to a world whose seed has the
// recorded identifier.
func (p *replayer) bindStanding(ctx context.Context) error {
	lists := map[string]*jsontree.Node{}
	standing := slices.Concat(p.c.Info.Standing, p.c.rules.Standing)
	needed, named := p.c.presupposed(standing), p.c.namedNumbers(standing)
	for n, s := range standing {
		if s.Of != "" {
			ask := func() (string, error) { return p.lookUp(ctx, s, lists) }
			err := p.bindStandingNumber(s, named, n == 0, ask)
			if _, skip := errors.AsType[*Skip](err); err != nil && !skip {
				return err
			}
			continue
		}
		rec, _ := scan.At(s.ID, 0)
		if p.bind.literals[rec.Key()] || p.bind.bound(rec) {
			continue
		}
		p.bind.foreign = p.bind.foreign || !p.bind.live
		// The first of them shows whether a real service has the recorded workspace.
		if !needed[s.ID] && !(n == 0 && p.bind.live) {
			continue
		}
		id, err := p.lookUp(ctx, s, lists)
		if _, skip := errors.AsType[*Skip](err); skip {
			continue // no caller
		}
		if err != nil {
			return err
		}
		got, ok := scan.At(id, 0)
		switch {
		case ok && got.Shape == scan.UUID && got.Key() != rec.Key():
			p.bind.bindSeeded(rec, got)
		case !ok && needed[s.ID]:
			return &startError{fmt.Sprintf("the target lacks what the case presupposes: %s", s.About)}
		}
	}
	return nil
}

// startError says that a target is not in the state in which a case starts.
type startError struct{ why string }

func (e *startError) Error() string { return "start state: " + e.why }

// presupposed returns the identifiers that the case's requests name, and those that finding them takes. An object is
// listed after the objects that its request names.
func (c *Case) presupposed(standing []*Standing) map[string]bool {
	needed := map[string]bool{}
	for n, s := range slices.Backward(standing) {
		needed[s.ID] = c.names(s.ID) || slices.ContainsFunc(standing[n+1:], func(later *Standing) bool {
			return needed[later.ID] && strings.Contains(later.Request, s.ID)
		})
	}
	return needed
}

// names reports whether a request of the case has an identifier in it.
func (c *Case) names(id string) bool {
	return slices.ContainsFunc(c.interactions, func(i *interaction) bool {
		if !c.handWritten {
			return strings.Contains(i.url+i.body, id)
		}
		texts := slices.Concat(slices.Collect(maps.Values(i.header))...)
		return slices.ContainsFunc(append(texts, i.url, i.body), func(s string) bool { return strings.Contains(s, id) })
	})
}

// lookUp returns the target's identifier of a standing object, or "" if it has no such object,
// which the answers will show. It keeps the lists that it has read.
func (p *replayer) lookUp(ctx context.Context, s *Standing, lists map[string]*jsontree.Node) (string, error) {
	key := s.Principal + " " + s.Host + s.Request + " " + s.Body
	list, known := lists[key]
	if !known {
		var err error
		if list, err = p.list(ctx, s); err != nil {
			return "", err
		}
		lists[key] = list
	}
	for _, element := range list.Under(strings.FieldsFunc(s.List, func(r rune) bool { return r == '.' })) {
		if id := element.Get(s.idKey()); id != nil && s.is(element) {
			return id.Text, nil
		}
	}
	return "", nil
}

// lookUpKey marks the context of a request that looks up standing objects.
type lookUpKey struct{}

// IsLookUp reports whether a request is not one of the case but looks up standing objects for it.
func IsLookUp(r *http.Request) bool { return r.Context().Value(lookUpKey{}) != nil }

// list returns an answer that lists standing objects, or nil if it is not JSON.
func (p *replayer) list(ctx context.Context, s *Standing) (*jsontree.Node, error) {
	credential, err := p.credential(Principal{Principal: s.Principal})
	if err != nil {
		return nil, err
	}
	method := http.MethodGet
	if s.Body != "" {
		method = http.MethodPost
	}
	ctx = context.WithValue(ctx, lookUpKey{}, true)
	r, err := http.NewRequestWithContext(ctx, method, p.hostOf(s)+p.localRequest(s.Request), strings.NewReader(s.Body))
	if err != nil {
		return nil, err
	}
	bodiless(r, s.Body)
	if s.Body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	p.identify(r, credential)
	answer, err := p.send(r)
	if err != nil {
		return nil, err
	}
	body, err := jsontree.Parse(answer.Body)
	if err != nil {
		return nil, nil
	}
	return body, nil
}

// localRequest returns a path with the target's identifiers.
func (p *replayer) localRequest(path string) string {
	at, _ := p.localNumbers(&interaction{method: http.MethodGet, url: p.bind.localIDs(path)})
	return at
}

// hostOf returns the base of a request for standing objects.
func (p *replayer) hostOf(s *Standing) string {
	if s.Host != "" {
		return p.world.Base(s.Host)
	}
	return p.base
}

// identify sets the headers that identify a caller.
func (p *replayer) identify(r *http.Request, credential string) {
	if len(p.c.rules.Caller) == 0 {
		r.Header.Set("Authorization", "Bearer "+credential)
	}
	for name, value := range p.c.rules.Caller {
		r.Header.Set(name, strings.ReplaceAll(value, "{credential}", credential))
	}
}

// localIDs replaces the identifiers of standing objects by the target's.
func (b *binding) localIDs(s string) string {
	if !b.foreign {
		return s
	}
	var out strings.Builder
	from := 0
	for _, t := range scan.Tokens(s) {
		if now := b.to[t.Key()]; t.Shape == scan.UUID && now != "" {
			out.WriteString(s[from:t.Start] + now)
			from = t.End
		}
	}
	return out.String() + s[from:]
}

// isStanding reports whether a hand-written value belongs to a standing object: an identifier that another workspace
// lacks, or a time that no request has named.
func (b *binding) isStanding(t scan.Token) bool {
	switch t.Shape {
	case scan.UUID:
		return b.isGenerated(t)
	case scan.Time:
		return !b.literals[t.Key()] || b.seed[t.Key()]
	}
	return false
}

// withIDs splits the literal parts of a hand-written text at the identifiers and times of standing objects, if the
// target is another workspace than the one for which the text was written.
func (c *comparison) withIDs(parts []part) (out []part) {
	if !c.binding.foreign {
		return parts
	}
	for _, p := range parts {
		if p.token != nil {
			out = append(out, p)
			continue
		}
		from := 0
		for _, t := range scan.Tokens(p.literal) {
			if c.binding.isStanding(t) {
				out = append(out, part{literal: p.literal[from:t.Start]}, part{token: &t})
				from = t.End
			}
		}
		out = append(out, part{literal: p.literal[from:]})
	}
	return out
}

func (s *Standing) is(element *jsontree.Node) bool {
	for key, want := range s.By {
		if value := element.At(key); value == nil || value.Text != want {
			return false
		}
	}
	return true
}

// standing reports whether two objects are the same standing object of two workspaces: the target's
// is in its seed, the recorded one is not, and their identifying keys are equal. It binds their
// identifiers.
func (c *comparison) standing(rec, got *jsontree.Node) bool {
	r, g := rec.Get("id"), got.Get("id")
	if c.binding.home || r == nil || g == nil || r.Kind != jsontree.Text || g.Kind != jsontree.Text ||
		len(c.rules.Identities) == 0 {
		return false
	}
	rt, okR := scan.At(r.Text, 0)
	gt, okG := scan.At(g.Text, 0)
	if !okR || !okG || rt.Shape != scan.UUID || !c.identical(rec, got) {
		return false
	}
	if c.binding.to[rt.Key()] == gt.Plain {
		return c.binding.seeded[gt.Key()]
	}
	if !c.binding.literals[gt.Key()] || c.binding.bound(rt) || scan.SameForm(rt, gt) != "" {
		return false
	}
	if c.binding.literals[rt.Key()] {
		return rt.Key() == gt.Key()
	}
	c.binding.bindSeeded(rt, gt)
	return true
}

// identical reports whether two objects have all of one rule's keys with the same values.
func (c *comparison) identical(rec, got *jsontree.Node) bool {
	return slices.ContainsFunc(c.rules.Identities, func(keys []string) bool {
		for _, key := range keys {
			r, g := rec.Get(key), got.Get(key)
			if r == nil || g == nil || r.Kind != jsontree.Text || r.String() != g.String() {
				return false
			}
		}
		return true
	})
}

// bindSeeded binds a recorded identifier to one of the target's seed.
func (b *binding) bindSeeded(rec, got scan.Token) {
	r, g := rec.Key(), got.Key()
	if b.seeded == nil {
		b.seeded = map[string]bool{}
	}
	literal, foreign := b.literals[g], b.foreign
	delete(b.literals, g)
	b.foreign = true
	b.to[r], b.from[g], b.seeded[g] = got.Plain, rec.Plain, true
	b.log = append(b.log, func() {
		b.foreign = foreign
		if literal {
			b.literals[g] = true
		}
		delete(b.to, r)
		delete(b.from, g)
		delete(b.seeded, g)
	})
}

var rowID = regexp.MustCompile(`"id": ?"([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"`)

// rowIDs returns the random identifiers of rows, which belong to one workspace only.
func rowIDs(rows []byte) map[string]bool {
	ids := map[string]bool{}
	for _, m := range rowID.FindAllSubmatch(rows, -1) {
		ids[string(m[1])] = true
	}
	return ids
}

// shows reports whether an answer of the recording has one of the identifiers: then the workspace
// is the recorded one and everything in it is literal.
func (c *Case) shows(ids map[string]bool) bool {
	for _, i := range c.interactions {
		for _, t := range scan.Tokens(i.result) {
			if t.Shape == scan.UUID && ids[t.Plain] {
				return true
			}
		}
	}
	return false
}

// compareStamp compares a time of a standing object: each workspace was set up at its own time. It
// returns false if the value is not a time, or if the conversation has set it.
func (c *comparison) compareStamp(rec, got *jsontree.Node) bool {
	r, okR := c.wholeTime(rec)
	g, okG := c.wholeTime(got)
	return okR && okG && c.binding.literals[g.Key()] && scan.SameForm(r, g) == ""
}

// bindForeign binds what the recorded workspace had from the start to the target's equivalent, if
// the two are known to be different workspaces. It does not apply to objects that a write created;
// done reports whether the value is handled.
func (b *binding) bindForeign(rec, got scan.Token, at moment) (done bool, why string) {
	switch {
	case !b.foreign:
		return false, ""
	case at.handWritten && rec.Shape == scan.Time && rec.Key() == got.Key():
		return true, ""
	case rec.Shape == scan.Time && b.seed[got.Key()] && (!at.write || at.changes || at.handWritten):
		return true, ""
	case rec.Shape == scan.Time && !b.ofTheDay(rec) && !(b.live && b.before(got)):
		if rec.Key() != got.Key() {
			return true, unequal
		}
		return true, ""
	case rec.Shape == scan.Time:
		return !b.ofTheDay(rec), ""
	case rec.Shape == scan.UUID && at.handWritten && !b.live && !b.seed[got.Key()]:
		return true, "expected an object that the target has had before"
	case rec.Shape != scan.UUID || !b.seed[got.Key()]:
		return false, ""
	case b.to[rec.Key()] == got.Plain:
		return true, ""
	case b.bound(rec) || b.from[got.Key()] != "" || at.write && at.row && !at.changes && !at.handWritten:
		return false, ""
	}
	b.bindSeeded(rec, got)
	return true, ""
}

// before reports whether a time is before the replay.
func (b *binding) before(t scan.Token) bool {
	ms, ok := t.Instant()
	return ok && utc(ms).Before(b.now)
}

// compareCounter compares a number that counts events of a workspace, of which the two workspaces
// may have had different numbers: it grows when the recorded one does. It returns false where the
// values must be equal.
func (c *comparison) compareCounter(key string, rec, got *jsontree.Node) bool {
	b := c.binding
	if !slices.Contains(c.rules.Counters, key) || !b.live && !b.foreign || rec.Kind != jsontree.Number ||
		got.Kind != jsontree.Number {
		return false
	}
	r, errR := strconv.ParseInt(rec.Text, 10, 64)
	g, errG := strconv.ParseInt(got.Text, 10, 64)
	last, known := b.counters[key]
	if errR != nil || errG != nil || known && compareInts(last.rec, r) != compareInts(last.got, g) {
		return false
	}
	if b.counters == nil {
		b.counters = map[string]timePair{}
	}
	b.counters[key] = timePair{rec: r, got: g}
	b.log = append(b.log, func() {
		if b.counters[key] = last; !known {
			delete(b.counters, key)
		}
	})
	return true
}

// changes reports whether a write changes existing objects and creates none.
func (c *Case) changes(i *interaction) bool {
	switch i.method {
	case http.MethodPatch, http.MethodPut, http.MethodDelete:
		return true
	}
	return c.rules.changes != nil && c.rules.changes.MatchString(i.request())
}
