package contracts

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// A suite that cannot fail proves nothing. For every recording, each literal leaf of each answer is changed
// in turn (value, type, missing, extra, order) and each variable swapped with another of its kind; the
// answers stay those of a faithful server, and every time the suite must report a difference.
func TestEveryMutationIsNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range recordings(t) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			j := newJudge(t, c, newEcho(c))
			j.run()
			t.Logf("%d mutations, %d unnoticed", j.tried, j.missed)
		})
	}
}

// judge replays a case once, keeps the target's answers, and judges changed recordings against them.
type judge struct {
	t      *testing.T
	p      *player
	got    []*exchange
	nodes  []*node // the answers decoded; nil for other text
	rec    []*node
	values map[shape][]token // the minted values of the case with where they are first seen
	first  map[string]int
	tried  int
	missed int
}

// newJudge sends the conversation and keeps the answers.
func newJudge(t *testing.T, c *Case, target Target) *judge {
	t.Helper()
	world, err := target.World(context.Background(), c.start())
	if err != nil {
		t.Fatal(err)
	}
	keep := &keeper{World: world}
	p, err := newPlayer(c, keep)
	if err != nil {
		t.Fatal(err)
	}
	j := &judge{t: t, p: p, values: map[shape][]token{}, first: map[string]int{}}
	start := p.bind.mark()
	for _, i := range c.interactions {
		result, err := p.play(context.Background(), i)
		if err != nil || len(result.Differences) > 0 {
			t.Fatalf("#%d: %v %v", i.number, err, result.Differences)
		}
		j.collect(i)
	}
	p.bind.undo(start)
	j.got = keep.kept
	for n, i := range c.interactions {
		rec, errR := parseJSON(i.result)
		got, errG := parseJSON(j.got[n].body)
		if errR != nil || errG != nil || !strings.Contains(i.answer.Get("Content-Type"), "json") {
			rec, got = nil, nil
		}
		j.rec, j.nodes = append(j.rec, rec), append(j.nodes, got)
	}
	return j
}

// keeper keeps what a world answers.
type keeper struct {
	World
	kept []*exchange
}

func (k *keeper) Do(r *http.Request) (*http.Response, error) {
	res, err := k.World.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	k.kept = append(k.kept, &exchange{res.StatusCode, res.Header, string(body)})
	res.Body = io.NopCloser(strings.NewReader(string(body)))
	return res, err
}

// collect remembers the minted values that an answer shows.
func (j *judge) collect(i *interaction) {
	j.each(i.result, func(t token) {
		if j.p.bind.minted(t) && j.p.bind.bound(t) {
			if _, seen := j.first[t.key()]; !seen {
				j.first[t.key()] = i.number
				j.values[t.shape] = append(j.values[t.shape], t)
			}
		}
	})
}

func (j *judge) each(s string, visit func(token)) {
	for _, t := range scan(s) {
		if t.shape == cursorShape {
			plain, _, _ := decodeCursor(t.plain)
			j.each(plain, visit)
			continue
		}
		visit(t)
	}
}

// run judges every mutation of every interaction.
func (j *judge) run() {
	for n, i := range j.p.c.interactions {
		j.p.named(i)
		j.outside(n, i)
		if j.rec[n] != nil {
			j.inside(n, i)
		}
		if found := j.differences(n, i); len(found) > 0 {
			j.t.Fatalf("#%d differs without a mutation: %v", n, found)
		}
	}
}

// differences judges an interaction as it stands and keeps what it binds.
func (j *judge) differences(n int, i *interaction) []Difference {
	cmp := j.p.comparison(i)
	if j.rec[n] == nil {
		return j.p.judge(cmp, i, j.got[n])
	}
	return j.compare(cmp, n)
}

func (j *judge) compare(cmp *comparison, n int) []Difference {
	cmp.compare(j.rec[n], j.nodes[n], "$")
	cmp.compareEnds()
	return cmp.found
}

// outside changes status, headers and bodies that are not JSON.
func (j *judge) outside(n int, i *interaction) {
	try := func(what string, change func(*interaction)) {
		changed := *i
		changed.answer = i.answer.Clone()
		change(&changed)
		mark := j.p.bind.mark()
		j.noted(n, what, len(j.p.judge(j.p.comparison(i), &changed, j.got[n])) > 0)
		j.p.bind.undo(mark)
	}
	try("status", func(i *interaction) { i.status++ })
	for name := range i.answer {
		if isChosen(name) {
			try("header "+name+" changed", func(i *interaction) { i.answer[name] = []string{i.answer[name][0] + "x"} })
			try("header "+name+" missing", func(i *interaction) { i.answer.Del(name) })
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

func (j *judge) noted(n int, what string, noticed bool) {
	j.tried++
	if !noticed {
		j.missed++
		if j.missed <= 20 {
			j.t.Errorf("#%d: nobody noticed: %s", n, what)
		}
	}
}

// inside changes each value of a JSON body.
func (j *judge) inside(n int, i *interaction) {
	relaxed := j.p.comparison(i).relaxed
	var visit func(parent *node, k int, path string)
	visit = func(parent *node, k int, path string) {
		v := parent.kids[k]
		if r := relaxed.at(path); r != nil && r.How == onlyShape {
			return
		}
		if v.kind == object || v.kind == array {
			j.container(n, i, v, path)
			for k := range v.kids {
				visit(v, k, v.step(path, k))
			}
		} else {
			j.leaf(n, i, v, path)
		}
	}
	root := &node{kind: array, kids: []*node{j.rec[n]}}
	visit(root, 0, "$")
}

// container takes out, adds and exchanges what is directly in an object or array.
func (j *judge) container(n int, i *interaction, v *node, path string) {
	keys, kids := v.keys, v.kids
	try := func(what string) { j.try(n, i, path+": "+what) }
	for k := range kids {
		if v.kind == object {
			v.keys = slices.Delete(slices.Clone(keys), k, k+1)
		}
		v.kids = slices.Delete(slices.Clone(kids), k, k+1)
		try(fmt.Sprintf("%d missing", k))
		v.keys, v.kids = keys, kids
	}
	v.kids = append(slices.Clone(kids), &node{kind: null, text: "null"})
	if v.kind == object {
		v.keys = append(slices.Clone(keys), "extra")
	}
	try("extra")
	v.keys, v.kids = keys, kids
	if v.kind == array && !j.unordered(i, path) {
		for k := 1; k < len(kids); k++ {
			if kids[k].String() == kids[k-1].String() {
				continue
			}
			v.kids = slices.Clone(kids)
			v.kids[k], v.kids[k-1] = kids[k-1], kids[k]
			try(fmt.Sprintf("%d and %d exchanged", k-1, k))
		}
		v.kids = kids
	}
}

// unordered reports whether the rules say that the list has no order.
func (j *judge) unordered(i *interaction, path string) bool {
	cmp := j.p.comparison(i)
	return cmp.relaxed.at(path) != nil || ruleAt(cmp.lists.unordered, path) != nil && ruleAt(cmp.lists.ordered, path) == nil
}

// leaf changes a leaf's type and value.
func (j *judge) leaf(n int, i *interaction, v *node, path string) {
	was := *v
	try := func(what string, changed node) {
		*v = changed
		j.try(n, i, path+": "+what+": "+shorten(was.String())+" → "+shorten(v.String()))
		*v = was
	}
	switch v.kind {
	case text:
		try("type", node{kind: number, text: "1"})
		try("type", node{kind: null, text: "null"})
		try("value", node{kind: text, text: v.text + "x"})
		if v.text != "" && !strings.Contains(v.text, "REDACTED") {
			try("value", node{kind: text, text: v.text[1:]})
			try("value", node{kind: text, text: ""})
		}
		j.tokens(n, i, v, path)
	case number:
		try("type", node{kind: text, text: v.text})
		try("value", node{kind: number, text: v.text + "1"})
		try("value", node{kind: number, text: "-" + v.text})
	case boolean:
		try("type", node{kind: text, text: v.text})
		try("value", node{kind: boolean, text: map[string]string{"true": "false", "false": "true"}[v.text]})
	default:
		try("type", node{kind: text, text: ""})
		try("type", node{kind: number, text: "0"})
		try("type", node{kind: object})
	}
}

// tokens puts another value of its kind in place of each minted one, and a new one in place of each literal.
func (j *judge) tokens(n int, i *interaction, v *node, path string) {
	was := v.text
	for _, t := range scan(was) {
		for _, now := range j.others(t, i) {
			v.text = was[:t.start] + now + was[t.end:]
			j.try(n, i, path+": "+t.plain+" → "+now)
			v.text = was
		}
	}
}

// others are values that could stand where t stands.
func (j *judge) others(t token, i *interaction) (out []string) {
	b := j.p.bind
	switch t.shape {
	case cursorShape:
		plain, in, _ := decodeCursor(t.plain)
		for _, inner := range scan(plain) {
			for _, now := range j.others(inner, i) {
				out = append(out, in.EncodeToString([]byte(plain[:inner.start]+now+plain[inner.end:])))
			}
		}
		return append(out, in.EncodeToString([]byte(plain[:1]+" "+plain[1:])))
	case uuidShape, hexShape, timeShape:
	default:
		return nil
	}
	if !b.minted(t) { // a literal becomes a value that nobody has seen
		if t.shape == uuidShape {
			out = append(out, t.plain[:24]+"123456abcdef")
		}
		if t.shape == timeShape && len(b.day) == 10 && t.plain[:10] != b.day {
			out = append(out, b.day+t.plain[10:])
		}
		return out
	}
	all := j.values[t.shape]
	at := slices.IndexFunc(all, func(o token) bool { return o.key() == t.key() })
	for k := 1; k < len(all) && len(out) == 0; k++ {
		o := all[(at+k)%len(all)]
		if o.key() == t.key() || sameForm(t, o) != "" && t.shape != timeShape {
			continue
		}
		if t.shape == timeShape {
			if j.first[o.key()] == j.first[t.key()] {
				continue // how many milliseconds one request needs between two rows is random
			}
			was, _ := t.instant()
			now, _ := o.instant()
			out = append(out, respell(t.plain, was, now))
			continue
		}
		out = append(out, o.plain)
	}
	return out
}

// try judges the recording as it now stands, from interaction n on, until somebody notices.
func (j *judge) try(n int, i *interaction, what string) {
	b := j.p.bind
	mark := b.mark()
	noticed := len(j.compare(j.p.comparison(i), n)) > 0
	for k := n + 1; !noticed && k < len(j.got); k++ {
		j.p.named(j.p.c.interactions[k])
		noticed = len(j.differences(k, j.p.c.interactions[k])) > 0
	}
	b.undo(mark)
	j.noted(n, what, noticed)
}
