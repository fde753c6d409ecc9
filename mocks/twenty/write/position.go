package write

import (
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// arrange puts records that need a position before those that have one, the order in which the
// vendor reads and stores them: corpus_rest_write_102 #106.
func (s *Scope) arrange(data []*js.Object) []*js.Object {
	if s.Model.Attr("position") == nil {
		return data
	}
	var first, last, fixed []*js.Object
	for _, d := range data {
		switch p, given := d.Get("position"); {
		case p == "last":
			last = append(last, d)
		case !given || p == "first":
			first = append(first, d)
		default:
			fixed = append(fixed, d)
		}
	}
	return append(append(first, last...), fixed...)
}

// place finds the positions that new records leave open: the first is one before all, the last one behind
// all. Records that an upsert overwrites keep theirs.
func (s *Scope) place(changes []*change) {
	c := s.Layout(s.Model).Position
	if c == nil {
		return
	}
	least, greatest := s.positions()
	for _, ch := range changes {
		if p, given := ch.set[c].(float64); given {
			least, greatest = min(least, p), max(greatest, p)
		}
	}
	for _, ch := range changes {
		_, given := ch.set[c]
		switch {
		case given || ch.old != nil:
		case ch.position == "last":
			greatest++
			ch.set[c] = greatest
		default:
			least--
			ch.set[c] = least
		}
	}
}

// positions returns the smallest and the greatest position of the live records. Without records,
// both are 1: known from the vendor's public source, and the first record of all recordings is at
// 0.
func (s *Scope) positions() (least, greatest float64) {
	t := s.Table(s.Model)
	if t == nil {
		return 1, 1
	}
	first, last := table.Ends(t, "position")
	if first == nil {
		return 1, 1
	}
	position := first.Value.Layout().Position
	least, _ = first.Value.At(position).(float64)
	greatest, _ = last.Value.At(position).(float64)
	return least, greatest
}
