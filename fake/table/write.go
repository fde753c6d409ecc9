package table

// Insert fills and stores a new row and returns it as stored. It returns *Taken if its identifier or a
// unique value is in use.
func (t *Table[T]) Insert(v T) (T, error) {
	if t.fill != nil {
		t.fill(&v)
	}
	if id := t.key(v); t.Row(id) != nil {
		return v, &Taken{Table: t.name, Value: id, ID: id}
	}
	return v, t.put(nil, v)
}

// Update stores what change makes of a row. It returns a 404 if there is none, *Taken if the new value
// clashes, and the error of change; then nothing was changed.
func (t *Table[T]) Update(id string, change func(T) (T, error)) (T, error) {
	row := t.Row(id)
	if row == nil {
		return t.Get(id)
	}
	v, err := change(row.Value)
	if err != nil {
		return row.Value, err
	}
	if other := t.Row(t.key(v)); other != nil && other != row {
		return row.Value, &Taken{Table: t.name, Value: t.key(v), ID: t.key(v)}
	}
	return v, t.put(row, v)
}

// Set stores a row in place of the one with the same identifier, which must exist.
func (t *Table[T]) Set(v T) error {
	_, err := t.Update(t.key(v), func(T) (T, error) { return v, nil })
	return err
}

// Each replaces every row by what change makes of it; change must keep identifiers and unique values.
func (t *Table[T]) Each(change func(T) T) {
	var all []*Row[T]
	for row := range t.Rows() {
		all = append(all, row)
	}
	for _, row := range all {
		if err := t.put(row, change(row.Value)); err != nil {
			panic(err) // the caller's promise about unique values is broken
		}
	}
}

// Delete removes a row and reports whether there was one.
func (t *Table[T]) Delete(id string) bool {
	row := t.Row(id)
	if row == nil {
		return false
	}
	t.touch()
	t.remove(row)
	return true
}

// DeleteIf removes the rows for which drop is true and returns how many there were.
func (t *Table[T]) DeleteIf(drop func(T) bool) int {
	var gone []*Row[T]
	for row := range t.Rows() {
		if drop(row.Value) {
			gone = append(gone, row)
		}
	}
	for _, row := range gone {
		t.touch()
		t.remove(row)
	}
	return len(gone)
}
