package table

import "slices"

// Insert fills and stores a new row and returns it as stored. It returns a *ConflictError if its
// identifier or a unique value is in use.
func (t *Table[T]) Insert(v T) (T, error) {
	t.fill(&v)
	return v, t.core.replace(nil, &Row[T]{Value: v})
}

// Update replaces a row by the result of change. It returns a *NotFoundError if it is missing, a
// *ConflictError if the new value conflicts, and the error of change; in these cases nothing
// changes.
func (t *Table[T]) Update(id string, change func(T) (T, error)) (T, error) {
	row := t.Row(id)
	if row == nil {
		return t.Get(id)
	}
	v, err := change(row.Value)
	if err == nil {
		err = t.core.replace(row, &Row[T]{Value: v})
	}
	if err != nil {
		return row.Value, err
	}
	return v, nil
}

// Set stores a row in place of the one with the same identifier, which must exist.
func (t *Table[T]) Set(v T) error {
	_, err := t.Update(t.key(v), func(T) (T, error) { return v, nil })
	return err
}

// Each replaces every row by the result of change, which must keep identifiers and unique values.
func (t *Table[T]) Each(change func(T) T) {
	t.core.each(func(row stored) stored { return &Row[T]{Value: change(row.(*Row[T]).Value)} })
}

// DeleteIf removes the rows for which drop is true and returns their number.
func (t *Table[T]) DeleteIf(drop func(T) bool) int {
	return t.core.deleteIf(func(row stored) bool { return drop(row.(*Row[T]).Value) })
}

func (t *core) deleteIf(drop func(stored) bool) int {
	gone := slices.DeleteFunc(t.data.all(), func(row stored) bool { return !drop(row) })
	for _, row := range gone {
		t.touch()
		t.drop(row)
	}
	return len(gone)
}
