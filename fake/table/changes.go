package table

import "cmp"

// Change is one row that differs between two moments: before is nil for a new row, after for one that is gone.
type Change struct {
	ID            string
	before, after stored
}

// Number returns the row's place in the order of insertion, which no update changes.
func (c Change) Number() uint64 { return cmp.Or(c.after, c.before).own().seq }

// Before returns the row's JSON at the earlier moment, nil for a new row. It needs no lock: rows never change.
func (c Change) Before() Raw { return once(c.before) }

// After returns the row's JSON at the later moment, nil for one that is gone.
func (c Change) After() Raw { return once(c.after) }

// Changes returns the rows that differ between two results of Copy, in the order of their insertion. For since, nil
// stands for an empty table; for until, for the table as it is. Changes compares pointers, not contents. It costs
// little if few rows were written in between, and else a look at all rows.
func (t *core) Changes(since, until any) (out []Change) {
	was := &rows{edits: &edit{}}
	if since != nil {
		was = t.rowsOf(since)
	}
	was.diff(t.rowsOf(until), func(old, now stored) {
		switch {
		case now == nil:
			out = append(out, Change{t.id(old), old, nil})
		case old != nil && t.id(old) != t.id(now): // one row is gone and there is another
			out = append(out, Change{t.id(old), old, nil}, Change{t.id(now), nil, now})
		default:
			out = append(out, Change{t.id(now), old, now})
		}
	})
	return out
}

// RowIn returns the JSON of one row of what Copy returned, nil if it has none of that identifier; a nil copy stands
// for the table as it is.
func (t *core) RowIn(rows any, id string) Raw {
	d := t.rowsOf(rows)
	seq, ok := d.byKey.Get(id)
	if !ok {
		return nil
	}
	return once(d.at(seq))
}
