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

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

// TestEveryMutationIsNoticed proves that the suite can pass and fail. A server that answers like the
// recorded one, with other identifiers, times, orders of identifiers and of object keys, passes
// every recording. Then the test changes each literal leaf of each recorded answer (value, type,
// missing, extra, order) and swaps each variable with another of its kind. The answers stay those of
// the faithful server, and every time the suite must report a difference.
func TestEveryMutationIsNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range recordings(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			j, found := newJudge(t, c, newEcho(c))
			for _, d := range found {
				t.Errorf("a faithful server fails: %s", d)
			}
			if found == nil {
				j.run(share(c))
			}
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
	first  map[string]int              // by key of a generated value: the interaction that showed it first
	index  map[string]int              // and its index in values
	tried  int
	missed int

	at      *compare.Interaction        // the current interaction
	blank   map[int]*compare.Comparison // by interaction, with nothing compared
	now     compare.Comparison          // a copy of one of them, in use
	relaxed compare.Relaxations
	lists   compare.ListRules
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
	p, err := newReplayer(c, world)
	t.Cleanup(func() { p.close() })
	if err == nil {
		err = p.begin(context.Background())
	}
	if err != nil {
		t.Fatal(err)
	}
	keep := &keeper{World: world}
	p.world = keep
	j := &judge{t: t, p: p, values: map[scan.Shape][]scan.Token{}, first: map[string]int{}, index: map[string]int{},
		blank: map[int]*compare.Comparison{}}
	start := p.bind.Mark()
	for _, i := range c.interactions {
		result, err := p.step(context.Background(), i)
		if err != nil {
			t.Fatalf("#%d: %v", i.Number, err)
		}
		latest := keep.kept[len(keep.kept)-1]
		latest.Deliveries = p.sent
		rec, got := p.parsed.Parse(i.Result), p.answers.Parse(latest.Body)
		if rec == nil || got == nil || !strings.Contains(i.Answer.Get("Content-Type"), "json") {
			rec, got = nil, nil
		}
		j.rec, j.nodes = append(j.rec, rec), append(j.nodes, got)
		if len(result.Differences) > 0 {
			return nil, result.Differences
		}
		j.collect(i)
	}
	p.bind.Undo(start)
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
func (j *judge) collect(i *compare.Interaction) {
	j.each(i.Result, func(t scan.Token) {
		if j.p.bind.IsGenerated(t) && j.p.bind.Bound(t) {
			if _, seen := j.first[t.Key()]; !seen {
				j.first[t.Key()], j.index[t.Key()] = i.Number, len(j.values[t.Shape])
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
		if n%oneIn == 0 && len(i.Result) < longest {
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
func (j *judge) differences(n int, i *compare.Interaction) []Difference {
	cmp := j.comparison(i)
	if j.rec[n] == nil {
		return cmp.CompareResponse(i, j.got[n])
	}
	return j.compare(cmp, n)
}

func (j *judge) compare(cmp *compare.Comparison, n int) []Difference {
	cmp.First = true
	cmp.Compare(j.rec[n], j.nodes[n], "$")
	cmp.CompareEnds()
	return cmp.Found
}

// outside changes status, headers and bodies that are not JSON.
func (j *judge) outside(n int, i *compare.Interaction) {
	j.at = i
	try := func(what string, change func(*compare.Interaction)) {
		changed := *i
		changed.Answer = i.Answer.Clone()
		change(&changed)
		mark := j.p.bind.Mark()
		cmp := j.comparison(i)
		cmp.First = true
		j.noted(n, what, len(cmp.CompareResponse(&changed, j.got[n])) > 0)
		j.p.bind.Undo(mark)
	}
	try("status", func(i *compare.Interaction) { i.Status++ })
	for name := range i.Answer {
		if compare.IsChosen(name) {
			try("header "+name+" changed",
				func(i *compare.Interaction) { i.Answer[name] = []string{j.otherHeader(n, name)} })
			if !j.p.dropped[textproto.CanonicalMIMEHeaderKey(name)] { // otherwise its absence is no evidence
				try("header "+name+" missing", func(i *compare.Interaction) { i.Answer.Del(name) })
			}
		}
	}
	for k := range i.Deliveries {
		if *every || k%max(1, len(i.Deliveries)/mostDeliveries) == 0 {
			j.delivery(k, try)
		}
	}
	for _, name := range []string{"Retry-After", "Location", "Ratelimit-Remaining"} {
		try("header "+name+" extra", func(i *compare.Interaction) { i.Answer.Set(name, "1") })
	}
	if j.rec[n] == nil {
		try("text longer", func(i *compare.Interaction) { i.Result += "x" })
		if i.Result != "" && !strings.Contains(i.Result, "[stack trace elided]") {
			try("text shorter", func(i *compare.Interaction) { i.Result = i.Result[:len(i.Result)-1] })
			try("text gone", func(i *compare.Interaction) { i.Result = "" })
		}
	}
}

// mostDeliveries is about how many deliveries of one interaction are mutated without -every: each
// mutation compares all of them again.
const mostDeliveries = 12

// otherHeader returns another value of a recorded header. The tag of a body that holds generated values is compared by
// its form alone, so there a weak tag becomes a strong one.
func (j *judge) otherHeader(n int, name string) string {
	value := j.at.Answer[name][0]
	ruled := slices.ContainsFunc(j.p.c.rules.Answers, func(a *compare.AnswerRule) bool {
		return a.Headers[name] != "" &&
			a.Covers(j.at, j.at.Request())
	})
	if tag, weak := strings.CutPrefix(value, "W/"); name == "Etag" && weak && j.at.Result != j.got[n].Body && !ruled {
		return tag
	}
	return value + "x"
}

// delivery changes one of the deliveries of an interaction.
func (j *judge) delivery(k int, try func(what string, change func(*compare.Interaction))) {
	change := func(what string, do func(d *Delivery)) {
		try(fmt.Sprintf("delivery %d: %s", k, what), func(i *compare.Interaction) {
			d := *i.Deliveries[k]
			d.Header = d.Header.Clone()
			do(&d)
			i.Deliveries = slices.Clone(i.Deliveries)
			i.Deliveries[k] = &d
		})
	}
	try(fmt.Sprintf("delivery %d missing", k),
		func(i *compare.Interaction) { i.Deliveries = slices.Delete(slices.Clone(i.Deliveries), k, k+1) })
	try(fmt.Sprintf("delivery %d twice", k),
		func(i *compare.Interaction) { i.Deliveries = append(slices.Clone(i.Deliveries), i.Deliveries[k]) })
	change("method", func(d *Delivery) { d.Method += "x" })
	change("path", func(d *Delivery) { d.Path += "x" })
	change("body", func(d *Delivery) {
		if d.Body = strings.Replace(d.Body, ":", ": 1, \"extra\":", 1); !strings.Contains(d.Body, "extra") {
			d.Body += "x"
		}
	})
	for name := range j.p.c.interactions[j.at.Number].Deliveries[k].Header {
		if !slices.Contains(compare.TransportHeaders, name) {
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
func (j *judge) inside(n int, i *compare.Interaction) {
	before := j.p.bind.Mark()
	j.differences(n, i)
	j.at = i
	j.afford = max(10, wholeBytes/(1+len(i.Result)))
	j.relaxed, j.lists = j.p.comparison(i).Relaxed, j.p.c.rulesOf(i).Lists
	j.later = nil
	root := &jsontree.Node{Kind: jsontree.Array, Kids: []*jsontree.Node{j.rec[n]}}
	got := &jsontree.Node{Kind: jsontree.Array, Kids: []*jsontree.Node{j.nodes[n]}}
	j.visit(i, root, 0, place{rec: root, got: got, path: "$"})
	j.p.bind.Undo(before)
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
func (j *judge) swapKeys(n int, i *compare.Interaction) {
	swaps := 0
	var visit func(o *jsontree.Node, path string)
	visit = func(o *jsontree.Node, path string) {
		if j.relaxed.At(path) != nil {
			return
		}
		for k, kid := range o.Kids {
			visit(kid, stepTo(o, path, k))
		}
		rule := compare.RuleAt(j.lists.Keys, path)
		if o.Kind != jsontree.Object || rule == nil || len(o.Keys) < 2 || swaps == mostSwaps ||
			rule.Unordered(o.Keys[0]) || rule.Unordered(o.Keys[1]) {
			return
		}
		swaps++
		swapMembers(o, 0, 1)
		mark, cmp := j.p.bind.Mark(), j.comparison(i)
		cmp.Compare(j.rec[n], j.nodes[n], "$")
		j.noted(n, path+": two keys swapped", len(cmp.Found) > 0)
		j.p.bind.Undo(mark)
		swapMembers(o, 0, 1)
	}
	visit(j.rec[n], "$")
}

// swapMembers swaps two members of an object.
func swapMembers(o *jsontree.Node, i, j int) {
	o.Keys[i], o.Keys[j] = o.Keys[j], o.Keys[i]
	o.Kids[i], o.Kids[j] = o.Kids[j], o.Kids[i]
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
	what  func() string
	apply func() (revert func())
	must  bool // it was not noticed in place
}

func (j *judge) visit(i *compare.Interaction, parent *jsontree.Node, k int, in place) {
	v := parent.Kids[k]
	path := in.path
	if parent.Kids[0] != j.rec[i.Number] || len(parent.Kids) != 1 {
		path = stepTo(parent, in.path, k)
	}
	if r := j.relaxed.At(path); r != nil && (r.How == compare.OnlyShape || r.How == compare.Outline) {
		return
	}
	if v.Kind != jsontree.Object && v.Kind != jsontree.Array {
		j.leafFirst(i, parent, k, in, path)
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
	case compare.RuleAt(j.lists.Ordered, in.path) == nil && compare.RuleAt(j.lists.Unordered, in.path) == nil &&
		j.relaxed.At(in.path) == nil:
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
func (j *judge) alike(i *compare.Interaction, in place) bool {
	mark := j.p.bind.Mark()
	defer j.p.bind.Undo(mark)
	cmp := j.comparison(i)
	cmp.First = true
	cmp.Compare(in.rec, in.got, in.path)
	return len(cmp.Found) == 0 && len(cmp.Ends) == 0
}

// comparison is the replayer's, prepared once for an interaction. It is good until the next one.
func (j *judge) comparison(i *compare.Interaction) *compare.Comparison {
	if j.blank[i.Number] == nil {
		j.blank[i.Number] = j.p.comparison(i)
	}
	found := j.now.Found[:0]
	j.now = *j.blank[i.Number]
	j.now.Found = found
	return &j.now
}

// try judges a mutation in place and keeps it for judging in the whole answer.
func (j *judge) try(i *compare.Interaction, in place, what func() string, apply func() func()) {
	m := mutation{what: what, apply: apply, must: true}
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
func (j *judge) whole(n int, i *compare.Interaction, m mutation) {
	revert := m.apply()
	mark := j.p.bind.Mark()
	cmp := j.comparison(i)
	noticed := len(j.compare(cmp, n)) > 0
	for k := n + 1; !noticed && k < len(j.got); k++ {
		j.p.bindRequest(j.p.c.interactions[k])
		noticed = len(j.differences(k, j.p.c.interactions[k])) > 0
	}
	j.p.bind.Undo(mark)
	revert()
	if m.must || !noticed {
		j.noted(n, m.what(), noticed)
	}
}

// container removes, adds and exchanges the direct members of an object or array.
func (j *judge) container(i *compare.Interaction, v *jsontree.Node, in place) {
	keys, kids := v.Keys, v.Kids
	try := func(what func() string, change func()) {
		j.try(i, in, func() string { return in.path + ": " + what() }, func() func() {
			change()
			return func() { v.Keys, v.Kids = keys, kids }
		})
	}
	for k := range kids {
		try(func() string { return fmt.Sprintf("%d missing", k) }, func() {
			if v.Kind == jsontree.Object {
				v.Keys = slices.Delete(slices.Clone(keys), k, k+1)
			}
			v.Kids = slices.Delete(slices.Clone(kids), k, k+1)
		})
	}
	try(func() string { return "extra" }, func() {
		v.Kids = append(slices.Clone(kids), &jsontree.Node{Kind: jsontree.Null, Text: "null"})
		if v.Kind == jsontree.Object {
			v.Keys = append(slices.Clone(keys), "extra")
		}
	})
	if v.Kind == jsontree.Object || j.relaxed.At(in.path) != nil ||
		compare.RuleAt(j.lists.Ordered, in.path) == nil && compare.RuleAt(j.lists.Unordered, in.path) != nil {
		return
	}
	for k := 1; k < len(kids); k++ {
		if kids[k].String() != kids[k-1].String() {
			try(func() string { return fmt.Sprintf("%d and %d exchanged", k-1, k) }, func() {
				v.Kids = slices.Clone(kids)
				v.Kids[k], v.Kids[k-1] = kids[k-1], kids[k]
			})
		}
	}
}

// leafFirst changes a leaf that is compared before the other members of its object, unless their order is a fact: what
// is noticed at once needs no comparison of those that stand before it.
func (j *judge) leafFirst(i *compare.Interaction, parent *jsontree.Node, k int, in place, path string) {
	if parent.Kind == jsontree.Object && compare.RuleAt(j.lists.Keys, in.path) == nil {
		swapMembers(parent, 0, k)
		defer swapMembers(parent, 0, k)
		k = 0
	}
	j.leaf(i, parent.Kids[k], in, path)
}

// leaf changes a leaf's type and value.
func (j *judge) leaf(i *compare.Interaction, v *jsontree.Node, in place, path string) {
	was := *v
	try := func(what string, changed jsontree.Node) {
		change := func() string {
			return path + ": " + what + ": " + compare.Shorten(was.String()) + " → " + compare.Shorten(changed.String())
		}
		j.try(i, in, change, func() func() {
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
			if compare.LifetimeAt(j.p.c.rulesOf(i).Lifetimes, path) != nil {
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
	case t.Shape == scan.UUID && !b.IsGenerated(t):
		return []string{t.Plain[:24] + "123456abcdef"}
	case t.Shape == scan.Time && !b.IsGenerated(t) && t.Plain[:10] != b.Day:
		return []string{b.Day + t.Plain[10:]}
	case t.Shape == scan.UUID || t.Shape == scan.Hex || t.Shape == scan.Time:
		return j.swapped(t)
	}
	return nil
}

func (j *judge) swapped(t scan.Token) []string {
	all := j.values[t.Shape]
	at, known := j.index[t.Key()]
	for k := 1; k < len(all) && known; k++ {
		o := all[(at+k)%len(all)]
		switch {
		case o.Key() == t.Key():
		case t.Shape != scan.Time && scan.SameForm(t, o) == "":
			return []string{o.Plain}
		case t.Shape == scan.Time && j.first[o.Key()] != j.first[t.Key()]:
			// except one of the same request: the milliseconds between two rows are random
			was, _ := t.Instant()
			now, _ := o.Instant()
			return []string{compare.Respell(t.Plain, was, now)}
		}
	}
	return nil
}
