package table

// Insert fills and stores a new row and returns it as stored. It returns a *ConflictError if its
// identifier or a unique value is in use.
func (t *Table[T]) Insert(v T) (T, error) {
	t.fill(&v)
	return v, t.core.replace(nil, &Row[T]{Value: v})
}

// Update replaces a row by the result of change. It returns a *NotFoundError if it is missing, a
// *ConflictError if the new value conflicts, and the error of change; in these cases nothing
// changes.
func Update[T any](t *Table[T], id string, change func(T) (T, error)) (T, error) {
	row := t.Row(id)
	if row == nil {
		return t.Get(id)
	}
	v, err := change(row.Value)
	if err == nil {
		err = t.core.replace(row, &Row[T]{Value: v})
	}
	if err != nil {
		v = row.Value
	}
	return v, err
}

// Set stores a row in place of the one with the same identifier, which must exist.
func (t *Table[T]) Set(v T) error {
	old := t.core.find(t.key(v))
	if old == nil {
		return &NotFoundError{Table: t.Name(), ID: t.key(v)}
	}
	return t.core.replace(old, &Row[T]{Value: v})
}

// Each replaces every row by the result of change, which must keep identifiers and unique values.
func Each[T any](t *Table[T], change func(T) T) {
	for _, row := range t.core.all() {
		if err := t.core.replace(row, &Row[T]{Value: change(row.(*Row[T]).Value)}); err != nil {
			panic(err) // the caller violated a unique index
		}
	}
}

// DeleteIf removes the rows for which drop is true and returns their number.
func (t *Table[T]) DeleteIf(drop func(T) bool) (n int) {
	for _, row := range t.core.all() {
		if v := row.(*Row[T]).Value; drop(v) && t.Delete(t.key(v)) {
			n++
		}
	}
	return n
}
