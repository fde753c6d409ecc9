package table

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestChangesAreThoseOfAWalk checks that Changes returns what a comparison of all rows finds, whatever happens to a
// table between two copies, and that it seldom needs that comparison.
func TestChangesAreThoseOfAWalk(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 9))
	x := newBulkTable()
	var copies []any
	next, remembered, compared := 0, 0, 0
	for range 6000 {
		id := fmt.Sprint(random.IntN(60))
		switch random.IntN(12) {
		case 0, 1, 2, 3:
			x.Insert(bulkRow{ID: id, Order: 1}) // may be there
		case 4, 5, 6:
			Update(x, id, func(r bulkRow) (bulkRow, error) { r.Order = random.IntN(9); return r, nil })
		case 7:
			Update(x, id, func(r bulkRow) (bulkRow, error) { r.ID = fmt.Sprint(random.IntN(60)); return r, nil })
		case 8, 9:
			x.Delete(id)
		case 10:
			if next++; next%20 == 0 {
				x.DeleteIf(func(r bulkRow) bool { return r.Order%2 == 0 })
			} else if len(copies) > 0 {
				x.Untyped().PutBack(copies[random.IntN(len(copies))])
			}
		case 11:
			if next%15 == 0 { // another table goes on with the rows
				y := newBulkTable()
				y.Untyped().Adopt(x.Untyped().Copy())
				x = y
			}
		}
		if copies = append(copies, x.Untyped().Copy()); len(copies) > 40 {
			copies = copies[random.IntN(30):]
		}
		since, until := copies[random.IntN(len(copies))], copies[random.IntN(len(copies))]
		was, is := x.Untyped().Keyed(since), x.Untyped().Keyed(until)
		if diff := cmp.Diff(different(was, is), changed(x.core.Changes(since, until))); diff != "" {
			t.Fatalf("-walk +changes: %s", diff)
		}
		compared++
		if _, ok := between(since.(*frozenTable).data.edits, until.(*frozenTable).data.edits); ok {
			remembered++
		}
	}
	if remembered < compared*9/10 || remembered == compared {
		t.Errorf("%d of %d copies remembered their edits", remembered, compared)
	}
}

// different returns the identifiers of rows that differ, with their JSON before and after.
func different(was, is map[string]json.RawMessage) map[string][2]string {
	out := map[string][2]string{}
	all := maps.Clone(was)
	maps.Copy(all, is)
	for id := range all {
		if pair := [2]string{string(was[id]), string(is[id])}; pair[0] != pair[1] {
			out[id] = pair
		}
	}
	return out
}

// changed is different for the result of Changes.
func changed(changes []Change) map[string][2]string {
	before, after := map[string]json.RawMessage{}, map[string]json.RawMessage{}
	for _, c := range changes {
		if c.before != nil {
			before[c.ID] = json.RawMessage(c.Before())
		}
		if c.after != nil {
			after[c.ID] = json.RawMessage(c.After())
		}
	}
	return different(before, after)
}
