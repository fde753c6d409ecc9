package contracts

import (
	"slices"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// accident determines whether the selection of objects in an answer depends on the recorded
// workspace's identifiers: it is a page of a list in their order, or a later request names an
// object from one. Such an answer is compared in outline and counts as relaxed. Requests that name
// an object of the page are sent for the one in its place.
func (p *replayer) accident(cmp *compare.Comparison, i *compare.Interaction, got *Answer) {
	if !p.bind.Foreign || p.c.handWritten || p.c.writes(i) {
		return
	}
	named := slices.ContainsFunc(scan.UUIDs(i.URL+" "+i.Body), func(id string) bool { return p.accidents[id] })
	if !named && !p.onPage(i, got) {
		return
	}
	if p.accidents == nil {
		p.accidents, p.places = map[string]bool{}, map[string]string{}
	}
	for _, id := range scan.UUIDs(i.Result) {
		if t, _ := scan.At(id, 0); !p.bind.Bound(t) || named {
			p.accidents[id] = true
		}
	}
	p.bindPage(i, got)
	how := compare.Outline
	if named {
		how = compare.OnlyKind
	}
	cmp.RelaxAll(how)
}

// onPage reports whether an answer is a part of a list in the order of identifiers, with objects
// that the target had before.
func (p *replayer) onPage(i *compare.Interaction, got *Answer) bool {
	found := false
	p.c.rules.EachPage(i, got.Body, func(_, ids []string) { // without identifiers the page is unknown
		found = found || ids == nil || slices.ContainsFunc(ids,
			func(id string) bool { return p.bind.Seed[scan.Token{Shape: scan.UUID, Plain: id}.Key()] })
	})
	return found
}

// bindPage binds the objects on the recorded page to those in the same places on the target's.
func (p *replayer) bindPage(i *compare.Interaction, got *Answer) {
	rec, errR := jsontree.Parse(i.Result)
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
		if p.bind.To[rec] == "" && !p.bind.Literals[rec] {
			p.bind.To[rec] = got
			bound = append(bound, rec)
		}
	}
	return func() {
		for _, rec := range bound {
			delete(p.bind.To, rec)
		}
	}
}

func (p *replayer) bindPlaces(rec, got *jsontree.Node) {
	if r, g := rec.Get("id"), got.Get("id"); r != nil && g != nil {
		rt, okR := scan.At(r.Text, 0)
		gt, okG := scan.At(g.Text, 0)
		if okR && okG && !p.bind.Bound(rt) && !p.bind.Literals[rt.Key()] && p.bind.From[gt.Key()] == "" &&
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
