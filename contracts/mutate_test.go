package contracts

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

// TestEveryMutationIsNoticed proves that the suite can fail. For every recording it changes each
// literal leaf of each answer (value, type, missing, extra, order) and swaps each variable with
// another of its kind. The answers stay those of a faithful server, and every time the suite must
// report a difference.
func TestEveryMutationIsNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range recordings(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			j, found := newJudge(t, c, newEcho(c))
			if found != nil {
				t.Fatal(found)
			}
			j.run(share(c))
		})
	}
}

var every = flag.Bool("every", false, "judge every mutation of the random corpus, too; takes minutes")

// share returns one in how many interactions of a case is judged: all of the recorded scenarios,
// and one in five of the random corpus, whose requests repeat.
func share(c *Case) int {
	if strings.Contains(c.Name, "/corpus_") && !*every {
		return 5
	}
	return 1
}

// TestMutationsAreNoticedInProcess does the same with the answers of this module's fakes, whose
// seeds are known. Package fixtures handles cases that do not pass yet.
func TestMutationsAreNoticedInProcess(t *testing.T) {
	t.Parallel()
	target, err := InProcess(mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range recordings(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			j, found := newJudge(t, c, target)
			if found != nil {
				t.Skip("does not pass: ", found)
			}
			j.run(7)
		})
	}
}

// judge replays a case once, keeps the target's answers, and compares changed recordings with them.
type judge struct {
	t      *testing.T
	p      *replayer
	got    []*Answer
	nodes  []*jsontree.Node // the decoded answers; nil for other text
	rec    []*jsontree.Node
	values map[scan.Shape][]scan.Token // the generated values of the case, each at its first occurrence
	first  map[string]int
	tried  int
	missed int

	at      *interaction        // the current interaction
	blank   map[int]*comparison // by interaction, with nothing compared
	relaxed relaxations
	lists   lists
	later   []mutation
	afford  int
}

// newJudge sends the conversation and keeps the answers. It returns the first differences, if any.
func newJudge(t *testing.T, c *Case, target Target) (*judge, []Difference) {
	t.Helper()
	world, err := target.World(context.Background(), c.start())
	if err != nil {
		t.Fatal(err)
	}
	keep := &keeper{World: world}
	p, err := newReplayer(c, keep)
	if err != nil {
		t.Fatal(err)
	}
	j := &judge{t: t, p: p, values: map[scan.Shape][]scan.Token{}, first: map[string]int{},
		blank: map[int]*comparison{}}
	start := p.bind.mark()
	for _, i := range c.interactions {
		result, err := p.step(context.Background(), i)
		if err != nil {
			t.Fatalf("#%d: %v", i.number, err)
		}
		latest := keep.kept[len(keep.kept)-1]
		latest.Deliveries = p.sent
		rec, got := p.parsed.Parse(i.result), p.answers.Parse(latest.Body)
		if rec == nil || got == nil || !strings.Contains(i.answer.Get("Content-Type"), "json") {
			rec, got = nil, nil
		}
		j.rec, j.nodes = append(j.rec, rec), append(j.nodes, got)
		if len(result.Differences) > 0 {
			return nil, result.Differences
		}
		j.collect(i)
	}
	p.bind.undo(start)
	j.got = keep.kept
	return j, nil
}

// settle waits for the deliveries of the wrapped world.
func (k *keeper) settle(ctx context.Context) error {
	if below, ok := k.World.(courier); ok {
		return below.settle(ctx)
	}
	return nil
}

// keeper is a world that keeps its answers.
type keeper struct {
	World
	kept []*Answer
}

func (k *keeper) Do(r *http.Request) (*http.Response, error) {
	res, err := k.World.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	k.kept = append(k.kept, &Answer{Status: res.StatusCode, Header: res.Header, Body: string(body)})
	res.Body = io.NopCloser(strings.NewReader(string(body)))
	return res, err
}

// collect records the generated values in an answer.
func (j *judge) collect(i *interaction) {
	j.each(i.result, func(t scan.Token) {
		if j.p.bind.isGenerated(t) && j.p.bind.bound(t) {
			if _, seen := j.first[t.Key()]; !seen {
				j.first[t.Key()] = i.number
				j.values[t.Shape] = append(j.values[t.Shape], t)
			}
		}
	})
}

func (j *judge) each(s string, visit func(scan.Token)) {
	for _, t := range scan.Tokens(s) {
		if t.Shape == scan.Cursor {
			plain, _, _ := scan.DecodeCursor(t.Plain)
			j.each(plain, visit)
			continue
		}
		visit(t)
	}
}

// run judges every mutation of every interaction, or of one in oneIn. The race detector, which
// makes this ten times slower and finds nothing here, gets one in 20, and of those the short
// answers; a separate step in CI runs all of them.
func (j *judge) run(oneIn int) {
	longest := 64 << 20
	if race.Enabled {
		oneIn, longest = oneIn*20, 2<<10
	}
	for n, i := range j.p.c.interactions {
		j.p.bindRequest(i)
		if n%oneIn == 0 && len(i.result) < longest {
			j.outside(n, i)
			if j.rec[n] != nil {
				j.inside(n, i)
				j.swapKeys(n, i)
			}
		}
		if found := j.differences(n, i); len(found) > 0 {
			j.t.Fatalf("#%d differs without a mutation: %v", n, found)
		}
	}
	j.t.Logf("%d mutations, %d unnoticed", j.tried, j.missed)
}

// differences compares an interaction and keeps its bindings.
func (j *judge) differences(n int, i *interaction) []Difference {
	cmp := j.comparison(i)
	if j.rec[n] == nil {
		return cmp.compareResponse(i, j.got[n])
	}
	return j.compare(cmp, n)
}

func (j *judge) compare(cmp *comparison, n int) []Difference {
	cmp.first = true
	cmp.compare(j.rec[n], j.nodes[n], "$")
	cmp.compareEnds()
	return cmp.found
}

// outside changes status, headers and bodies that are not JSON.
func (j *judge) outside(n int, i *interaction) {
	j.at = i
	try := func(what string, change func(*interaction)) {
		changed := *i
		changed.answer = i.answer.Clone()
		change(&changed)
		mark := j.p.bind.mark()
		cmp := j.comparison(i)
		cmp.first = true
		j.noted(n, what, len(cmp.compareResponse(&changed, j.got[n])) > 0)
		j.p.bind.undo(mark)
	}
	try("status", func(i *interaction) { i.status++ })
	for name := range i.answer {
		if isChosen(name) {
			try("header "+name+" changed", func(i *interaction) { i.answer[name] = []string{j.otherHeader(n, name)} })
			if !j.p.dropped[textproto.CanonicalMIMEHeaderKey(name)] { // otherwise its absence is no evidence
				try("header "+name+" missing", func(i *interaction) { i.answer.Del(name) })
			}
		}
	}
	for k := range i.deliveries {
		if *every || k%max(1, len(i.deliveries)/mostDeliveries) == 0 {
			j.delivery(k, try)
		}
	}
	for _, name := range []string{"Retry-After", "Location", "Ratelimit-Remaining"} {
		try("header "+name+" extra", func(i *interaction) { i.answer.Set(name, "1") })
	}
	if j.rec[n] == nil {
		try("text longer", func(i *interaction) { i.result += "x" })
		if i.result != "" && !strings.Contains(i.result, "[stack trace elided]") {
			try("text shorter", func(i *interaction) { i.result = i.result[:len(i.result)-1] })
			try("text gone", func(i *interaction) { i.result = "" })
		}
	}
}

// mostDeliveries is about how many deliveries of one interaction are mutated without -every: each
// mutation compares all of them again.
const mostDeliveries = 12

// otherHeader returns another value of a recorded header. The tag of a body that holds generated values is compared by
// its form alone, so there a weak tag becomes a strong one.
func (j *judge) otherHeader(n int, name string) string {
	value := j.at.answer[name][0]
	ruled := slices.ContainsFunc(j.p.c.rules.Answers, func(a *AnswerRule) bool {
		return a.Headers[name] != "" &&
			a.covers(j.at, j.at.request())
	})
	if tag, weak := strings.CutPrefix(value, "W/"); name == "Etag" && weak && j.at.result != j.got[n].Body && !ruled {
		return tag
	}
	return value + "x"
}

// delivery changes one of the deliveries of an interaction.
func (j *judge) delivery(k int, try func(what string, change func(*interaction))) {
	change := func(what string, do func(d *Delivery)) {
		try(fmt.Sprintf("delivery %d: %s", k, what), func(i *interaction) {
			d := *i.deliveries[k]
			d.Header = d.Header.Clone()
			do(&d)
			i.deliveries = slices.Clone(i.deliveries)
			i.deliveries[k] = &d
		})
	}
	try(fmt.Sprintf("delivery %d missing", k),
		func(i *interaction) { i.deliveries = slices.Delete(slices.Clone(i.deliveries), k, k+1) })
	try(fmt.Sprintf("delivery %d twice", k),
		func(i *interaction) { i.deliveries = append(slices.Clone(i.deliveries), i.deliveries[k]) })
	change("method", func(d *Delivery) { d.Method += "x" })
	change("path", func(d *Delivery) { d.Path += "x" })
	change("body", func(d *Delivery) {
		if d.Body = strings.Replace(d.Body, ":", ": 1, \"extra\":", 1); !strings.Contains(d.Body, "extra") {
			d.Body += "x"
		}
	})
	for name := range j.p.c.interactions[j.at.number].deliveries[k].Header {
		if !slices.Contains(transport, name) {
			change("header "+name+" missing", func(d *Delivery) { d.Header.Del(name) })
		}
	}
}

func (j *judge) noted(n int, what string, noticed bool) {
	j.tried++
	if !noticed {
		j.missed++
		if j.missed <= 20 {
			j.t.Errorf("#%d: nobody noticed: %s", n, what)
		}
	}
}

// inside changes each value of a JSON body, twice: first with everything bound, where comparing the
// enclosing object or array must notice the change. Changes that it does not notice, and as many
// others as affordable, are then judged like verify would, from this answer to the end of the case.
func (j *judge) inside(n int, i *interaction) {
	before := j.p.bind.mark()
	j.differences(n, i)
	j.at = i
	j.afford = max(10, wholeBytes/(1+len(i.result)))
	j.relaxed, j.lists = j.p.comparison(i).relaxed, j.p.c.rulesOf(i).lists
	j.later = nil
	root := &jsontree.Node{Kind: jsontree.Array, Kids: []*jsontree.Node{j.rec[n]}}
	got := &jsontree.Node{Kind: jsontree.Array, Kids: []*jsontree.Node{j.nodes[n]}}
	j.visit(i, root, 0, place{rec: root, got: got, path: "$"})
	j.p.bind.undo(before)
	every := max(1, len(j.later)/j.afford)
	for k, m := range j.later {
		if m.must || k%every == 0 {
			j.whole(n, i, m)
		}
	}
}

// mostSwaps bounds the objects of one answer that have two of their keys swapped.
const mostSwaps = 8

// swapKeys swaps the first two members of objects whose order a rule calls a fact.
func (j *judge) swapKeys(n int, i *interaction) {
	swaps := 0
	var visit func(o *jsontree.Node, path string)
	visit = func(o *jsontree.Node, path string) {
		if j.relaxed.at(path) != nil {
			return
		}
		for k, kid := range o.Kids {
			visit(kid, stepTo(o, path, k))
		}
		rule := ruleAt(j.lists.keys, path)
		if o.Kind != jsontree.Object || rule == nil || len(o.Keys) < 2 || swaps == mostSwaps ||
			rule.unordered(o.Keys[0]) || rule.unordered(o.Keys[1]) {
			return
		}
		swaps++
		swap := func() { o.Keys[0], o.Keys[1], o.Kids[0], o.Kids[1] = o.Keys[1], o.Keys[0], o.Kids[1], o.Kids[0] }
		swap()
		mark, cmp := j.p.bind.mark(), j.comparison(i)
		cmp.compare(j.rec[n], j.nodes[n], "$")
		j.noted(n, path+": two keys swapped", len(cmp.found) > 0)
		j.p.bind.undo(mark)
		swap()
	}
	visit(j.rec[n], "$")
}

// wholeBytes bounds the work of judging a mutation from its answer to the end of the case.
const wholeBytes = 200_000

// place is an object or array of the recording with the target's counterpart, or nil if that is
// unknown. alone says that the two can be compared separately.
type place struct {
	rec, got *jsontree.Node
	path     string
	alone    bool
}

// mutation is one change of the recording.
type mutation struct {
	what  string
	apply func() (revert func())
	must  bool // it was not noticed in place
}

func (j *judge) visit(i *interaction, parent *jsontree.Node, k int, in place) {
	v := parent.Kids[k]
	path := in.path
	if parent.Kids[0] != j.rec[i.number] || len(parent.Kids) != 1 {
		path = stepTo(parent, in.path, k)
	}
	if r := j.relaxed.at(path); r != nil && (r.How == onlyShape || r.How == outline) {
		return
	}
	if v.Kind != jsontree.Object && v.Kind != jsontree.Array {
		j.leaf(i, v, in, path)
		return
	}
	here := place{rec: v, got: j.counterpart(in, k), path: path}
	here.alone = here.got != nil && j.alike(i, here)
	j.container(i, v, here)
	for k := range v.Kids {
		j.visit(i, v, k, here)
	}
}

// counterpart returns the target's value for the k-th one of a place, if that needs no search.
func (j *judge) counterpart(in place, k int) *jsontree.Node {
	switch {
	case in.got == nil || in.got.Kind != in.rec.Kind:
		return nil
	case in.rec.Kind == jsontree.Object:
		return in.got.Get(in.rec.Keys[k])
	case ruleAt(j.lists.ordered, in.path) == nil && ruleAt(j.lists.unordered, in.path) == nil &&
		j.relaxed.at(in.path) == nil:
		return in.got.Kids[k]
	}
	for _, kid := range in.got.Kids { // everything is bound, so only the right one matches
		if j.alike(j.at, place{rec: in.rec.Kids[k], got: kid, path: in.path + "[0]"}) {
			return kid
		}
	}
	return nil
}

// alike reports whether a place is equal without a mutation.
func (j *judge) alike(i *interaction, in place) bool {
	mark := j.p.bind.mark()
	defer j.p.bind.undo(mark)
	cmp := j.comparison(i)
	cmp.first = true
	cmp.compare(in.rec, in.got, in.path)
	return len(cmp.found) == 0 && len(cmp.ends) == 0
}

// comparison is the replayer's, prepared once for an interaction.
func (j *judge) comparison(i *interaction) *comparison {
	if j.blank[i.number] == nil {
		j.blank[i.number] = j.p.comparison(i)
	}
	cmp := *j.blank[i.number]
	return &cmp
}

// try judges a mutation in place and keeps it for judging in the whole answer.
func (j *judge) try(i *interaction, in place, what string, apply func() func()) {
	m := mutation{what: in.path + ": " + what, apply: apply, must: true}
	if in.alone {
		revert := apply()
		m.must = j.alike(i, in)
		revert()
	}
	if !m.must {
		j.tried++
	}
	j.later = append(j.later, m)
}

// whole judges a mutation from its interaction on, until a difference is found.
func (j *judge) whole(n int, i *interaction, m mutation) {
	revert := m.apply()
	mark := j.p.bind.mark()
	cmp := j.comparison(i)
	noticed := len(j.compare(cmp, n)) > 0
	for k := n + 1; !noticed && k < len(j.got); k++ {
		j.p.bindRequest(j.p.c.interactions[k])
		noticed = len(j.differences(k, j.p.c.interactions[k])) > 0
	}
	j.p.bind.undo(mark)
	revert()
	if m.must || !noticed {
		j.noted(n, m.what, noticed)
	}
}

// container removes, adds and exchanges the direct members of an object or array.
func (j *judge) container(i *interaction, v *jsontree.Node, in place) {
	keys, kids := v.Keys, v.Kids
	try := func(what string, change func()) {
		j.try(i, in, what, func() func() {
			change()
			return func() { v.Keys, v.Kids = keys, kids }
		})
	}
	for k := range kids {
		try(fmt.Sprintf("%d missing", k), func() {
			if v.Kind == jsontree.Object {
				v.Keys = slices.Delete(slices.Clone(keys), k, k+1)
			}
			v.Kids = slices.Delete(slices.Clone(kids), k, k+1)
		})
	}
	try("extra", func() {
		v.Kids = append(slices.Clone(kids), &jsontree.Node{Kind: jsontree.Null, Text: "null"})
		if v.Kind == jsontree.Object {
			v.Keys = append(slices.Clone(keys), "extra")
		}
	})
	if v.Kind == jsontree.Object || j.relaxed.at(in.path) != nil ||
		ruleAt(j.lists.ordered, in.path) == nil && ruleAt(j.lists.unordered, in.path) != nil {
		return
	}
	for k := 1; k < len(kids); k++ {
		if kids[k].String() != kids[k-1].String() {
			try(fmt.Sprintf("%d and %d exchanged", k-1, k), func() {
				v.Kids = slices.Clone(kids)
				v.Kids[k], v.Kids[k-1] = kids[k-1], kids[k]
			})
		}
	}
}

// leaf changes a leaf's type and value.
func (j *judge) leaf(i *interaction, v *jsontree.Node, in place, path string) {
	was := *v
	try := func(what string, changed jsontree.Node) {
		j.try(i, in, path+": "+what+": "+shorten(was.String())+" → "+shorten(changed.String()), func() func() {
			*v = changed
			return func() { *v = was }
		})
	}
	switch v.Kind {
	case jsontree.Text:
		try("type", jsontree.Node{Kind: jsontree.Number, Text: "1"})
		try("type", jsontree.Node{Kind: jsontree.Null, Text: "null"})
		try("value", jsontree.Node{Kind: jsontree.Text, Text: was.Text + "x"})
		if was.Text != "" {
			try("value", jsontree.Node{Kind: jsontree.Text, Text: was.Text[1:]})
			try("value", jsontree.Node{Kind: jsontree.Text, Text: ""})
		}
		for _, t := range scan.Tokens(was.Text) {
			if lifetimeAt(j.p.c.rulesOf(i).lifetimes, path) != nil {
				break // an expiry is determined by its span: see TestLifetimes
			}
			for _, now := range j.others(t) {
				try("another", jsontree.Node{Kind: jsontree.Text, Text: was.Text[:t.Start] + now + was.Text[t.End:]})
			}
		}
	case jsontree.Number:
		try("type", jsontree.Node{Kind: jsontree.Text, Text: was.Text})
		try("value", jsontree.Node{Kind: jsontree.Number, Text: was.Text + "1"})
		try("value", jsontree.Node{Kind: jsontree.Number, Text: "-" + was.Text})
	case jsontree.Boolean:
		try("type", jsontree.Node{Kind: jsontree.Text, Text: was.Text})
		other := map[string]string{"true": "false", "false": "true"}[was.Text]
		try("value", jsontree.Node{Kind: jsontree.Boolean, Text: other})
	default:
		try("type", jsontree.Node{Kind: jsontree.Text, Text: ""})
		try("type", jsontree.Node{Kind: jsontree.Number, Text: "0"})
		try("type", jsontree.Node{Kind: jsontree.Object})
	}
}

// others returns values that could replace t: another generated value for a generated one, an
// unused one for a literal.
func (j *judge) others(t scan.Token) (out []string) {
	b := j.p.bind
	switch {
	case t.Shape == scan.Cursor:
		plain, in, _ := scan.DecodeCursor(t.Plain)
		for _, inner := range scan.Tokens(plain) {
			for _, now := range j.others(inner) {
				out = append(out, in.EncodeToString([]byte(plain[:inner.Start]+now+plain[inner.End:])))
			}
		}
		return append(out, in.EncodeToString([]byte(plain[:1]+" "+plain[1:])))
	case t.Shape == scan.UUID && !b.isGenerated(t):
		return []string{t.Plain[:24] + "123456abcdef"}
	case t.Shape == scan.Time && !b.isGenerated(t) && t.Plain[:10] != b.day:
		return []string{b.day + t.Plain[10:]}
	case t.Shape == scan.UUID || t.Shape == scan.Hex || t.Shape == scan.Time:
		return j.swapped(t)
	}
	return nil
}

func (j *judge) swapped(t scan.Token) []string {
	all := j.values[t.Shape]
	at := slices.IndexFunc(all, func(o scan.Token) bool { return o.Key() == t.Key() })
	for k := 1; k < len(all) && at >= 0; k++ {
		o := all[(at+k)%len(all)]
		switch {
		case o.Key() == t.Key():
		case t.Shape != scan.Time && scan.SameForm(t, o) == "":
			return []string{o.Plain}
		case t.Shape == scan.Time && j.first[o.Key()] != j.first[t.Key()]:
			// except one of the same request: the milliseconds between two rows are random
			was, _ := t.Instant()
			now, _ := o.Instant()
			return []string{respell(t.Plain, was, now)}
		}
	}
	return nil
}
