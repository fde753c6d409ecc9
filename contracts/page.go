package contracts

import (
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// How answers that show other objects than the recorded ones are compared: outline by the types of
// values and the keys of objects outside of lists, onlyKind by the type of the whole.
const (
	outline  = "outline"
	onlyKind = "kind"
)

var everything = &pathGlob{pattern: "$**"}

// accident determines whether the selection of objects in an answer depends on the recorded
// workspace's identifiers: it is a page of a list in their order, or a later request names an
// object from one. Such an answer is compared in outline and counts as relaxed. Requests that name
// an object of the page are sent for the one in its place.
func (p *replayer) accident(cmp *comparison, i *interaction, got *Answer) {
	if !p.bind.foreign || p.c.handWritten || p.c.writes(i) {
		return
	}
	named := slices.ContainsFunc(scan.UUIDs(i.url+" "+i.body), func(id string) bool { return p.accidents[id] })
	if !named && !p.onPage(i, got) {
		return
	}
	if p.accidents == nil {
		p.accidents, p.places = map[string]bool{}, map[string]string{}
	}
	for _, id := range scan.UUIDs(i.result) {
		if t, _ := scan.At(id, 0); !p.bind.bound(t) || named {
			p.accidents[id] = true
		}
	}
	p.bindPage(i, got)
	how := outline
	if named {
		how = onlyKind
	}
	cmp.relaxAll(how)
}

// onPage reports whether an answer is a part of a list in the order of identifiers, with objects
// that the target had before.
func (p *replayer) onPage(i *interaction, got *Answer) bool {
	found := false
	p.c.rules.eachPage(i, got.Body, func(_, ids []string) { // without identifiers the page is unknown
		found = found || ids == nil || slices.ContainsFunc(ids,
			func(id string) bool { return p.bind.seed[scan.Token{Shape: scan.UUID, Plain: id}.Key()] })
	})
	return found
}

// bindPage binds the objects on the recorded page to those in the same places on the target's.
func (p *replayer) bindPage(i *interaction, got *Answer) {
	rec, errR := jsontree.Parse(i.result)
	other, errG := jsontree.Parse(got.Body)
	if errR == nil && errG == nil {
		p.bindPlaces(rec, other)
	}
}

// place binds the objects of pages to those in their places while a request is built; undo ends
// that.
func (p *replayer) place() (undo func()) {
	var bound []string
	for rec, got := range p.places {
		if p.bind.to[rec] == "" && !p.bind.literals[rec] {
			p.bind.to[rec] = got
			bound = append(bound, rec)
		}
	}
	return func() {
		for _, rec := range bound {
			delete(p.bind.to, rec)
		}
	}
}

func (p *replayer) bindPlaces(rec, got *jsontree.Node) {
	if r, g := rec.Get("id"), got.Get("id"); r != nil && g != nil {
		rt, okR := scan.At(r.Text, 0)
		gt, okG := scan.At(g.Text, 0)
		if okR && okG && !p.bind.bound(rt) && !p.bind.literals[rt.Key()] && p.bind.from[gt.Key()] == "" &&
			scan.SameForm(rt, gt) == "" {
			p.accidents[rt.Plain] = true
			p.places[rt.Key()] = gt.Plain
		}
	}
	for n, kid := range rec.Kids {
		switch {
		case rec.Kind == jsontree.Array && got.Kind == jsontree.Array && n < len(got.Kids):
			p.bindPlaces(kid, got.Kids[n])
		case rec.Kind == jsontree.Object && got.Get(rec.Keys[n]) != nil:
			p.bindPlaces(kid, got.Get(rec.Keys[n]))
		}
	}
}

// eachPage visits the identifiers of each recorded list that may be a part of one in their order,
// with the target's.
func (r *Rules) eachPage(i *interaction, answer string, see func(rec, got []string)) {
	rules := slices.DeleteFunc(r.listsOf(i.request()).ordered, func(r *ListRule) bool { return r.pages == nil })
	rec, errR := jsontree.Parse(i.result)
	other, errG := jsontree.Parse(answer)
	if len(rules) == 0 || errR != nil || errG != nil {
		return
	}
	lists := map[string]*jsontree.Node{}
	other.EachList("$", func(n *jsontree.Node, path string) { lists[path] = n })
	rec.EachList("$", func(n *jsontree.Node, path string) {
		rule := ruleAt(rules, path)
		if rule == nil || lists[path] == nil {
			return
		}
		recIDs, okR := ids(n, rule.ID)
		gotIDs, okG := ids(lists[path], rule.ID)
		switch {
		case !okR || !okG:
			see(nil, nil)
		case rule.pages.MatchString(i.request()):
			see(recIDs, gotIDs)
		}
	})
}

// relaxAll relaxes the comparison of the whole answer.
func (c *comparison) relaxAll(how string) {
	c.relaxed = append(c.relaxed, &relaxation{How: how, paths: []*pathGlob{everything}})
}

// compareOutline compares types and the keys of objects, except for objects in lists, whose
// optional keys vary.
func (c *comparison) compareOutline(rec, got *jsontree.Node, path string, deep bool) {
	if rec.Kind == jsontree.Null || got.Kind == jsontree.Null {
		return
	}
	if rec.Kind != got.Kind {
		c.unlike(path, rec, got, fmt.Sprintf("recorded %s, got %s", rec.Kind, got.Kind))
		return
	}
	for i, key := range rec.Keys {
		if other := got.Get(key); deep && other == nil {
			c.unlike(path+"."+key, rec.Kids[i], nil, "missing")
		} else if deep {
			c.compareOutline(rec.Kids[i], other, path+"."+key, true)
		}
	}
	for i, key := range got.Keys {
		if deep && rec.Get(key) == nil {
			c.unlike(path+"."+key, nil, got.Kids[i], "extra")
		}
	}
	if rec.Kind == jsontree.Array && len(rec.Kids) > 0 {
		for j, kid := range got.Kids {
			c.compareOutline(rec.Kids[0], kid, fmt.Sprintf("%s[%d]", path, j), false)
		}
	}
}
