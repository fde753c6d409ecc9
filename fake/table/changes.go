package table

// Change is one row that differs between two moments: before is nil for a new row, after for one that is gone.
type Change struct {
	ID            string
	before, after stored
}

// Number returns the row's place in the order of insertion, which no update changes.
func (c Change) Number() uint64 {
	if c.after != nil {
		return *c.after.number()
	}
	return *c.before.number()
}

// Before returns the row's JSON at the earlier moment, nil for a new row. It needs no lock: rows never change.
func (c Change) Before() Raw { return jsonOf(c.before) }

// After returns the row's JSON at the later moment, nil for one that is gone.
func (c Change) After() Raw { return jsonOf(c.after) }

func jsonOf(row stored) Raw {
	if row == nil {
		return nil
	}
	return row.JSON()
}

// Changes returns the rows that differ from those that Copy returned, in the order of their insertion. It compares
// pointers, not contents, and so costs a walk over the table and no encoding. Nil stands for an empty table.
func (t *core) Changes(since any) (out []Change) {
	was := &rows{}
	if since != nil {
		was = &since.(*frozenTable).data
	}
	was.diff(&t.data, func(old, now stored) {
		row := now
		if now == nil {
			row = old
		}
		out = append(out, Change{ID: t.id(row), before: old, after: now})
	})
	return out
}

// RowIn returns the JSON of one row of what Copy returned, nil if it has none of that identifier; a nil copy stands
// for the table as it is.
func (t *core) RowIn(rows any, id string) Raw {
	data := &t.data
	if rows != nil {
		data = &rows.(*frozenTable).data
	}
	seq, ok := data.byKey.Get(id)
	if !ok {
		return nil
	}
	return jsonOf(data.at(seq))
}
