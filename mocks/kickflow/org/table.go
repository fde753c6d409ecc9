package org

import (
	"encoding/json"
	"iter"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// Job returns what a job runs, with its data decoded.
func Job[T any](run func(T)) func(json.RawMessage) error {
	return func(data json.RawMessage) error {
		var decoded T
		err := json.Unmarshal(data, &decoded)
		if err == nil {
			run(decoded)
		}
		return err
	}
}

// NewTable makes a table whose rows cached views may show. All other tables come from fake.NewTable.
func NewTable[T any](a *API, name string, key func(T) string, fill func(*T)) *fake.Table[T] {
	t := fake.NewTable(a.State, name, key, fill)
	a.views.tables = append(a.views.tables, t)
	return t
}

// FindRow returns a row by its identifier or, in tables with codes, by its code.
func FindRow[T any](t *fake.Table[T], idOrCode string) (T, error) {
	if row := t.Row(strings.ToLower(idOrCode)); row != nil {
		return row.Value, nil
	}
	if row := t.One("code", idOrCode); row != nil {
		return row.Value, nil
	}
	return t.Get(idOrCode)
}

// RequireUnique returns an error if another row has the value in a unique index, which is named as
// the field is.
func RequireUnique[T any](t *fake.Table[T], field, value, own string) error {
	if row := t.One(field, value); row != nil && t.Key(row.Value) != own {
		return dialect.Invalid(field, dialect.Taken)
	}
	return nil
}

// Index declares an index of an empty table.
func Index[T any](t *fake.Table[T], name string, unique bool, keys func(T) []string) {
	table.Index(t, name, unique, keys)
}

// FilterRows yields the rows that match.
func FilterRows[T any](rows iter.Seq[*fake.Row[T]], match func(*T) bool) iter.Seq[*fake.Row[T]] {
	return func(yield func(*fake.Row[T]) bool) {
		for row := range rows {
			if match(&row.Value) && !yield(row) {
				return
			}
		}
	}
}

// Related yields the rows that other rows name, without those that are not there.
func Related[A, B any](rows iter.Seq[*fake.Row[A]], t *fake.Table[B],
	id func(*A) string) iter.Seq[*fake.Row[B]] {
	return func(yield func(*fake.Row[B]) bool) {
		for from := range rows {
			if row := t.Row(id(&from.Value)); row != nil && !yield(row) {
				return
			}
		}
	}
}

// Count returns the number of rows.
func Count[T any](rows iter.Seq[*fake.Row[T]]) (n int) {
	for range rows {
		n++
	}
	return n
}

// ChangeIf changes the rows that match. It must keep their identifiers and unique values.
func ChangeIf[T any](t *fake.Table[T], match func(*T) bool, change func(*T)) {
	for _, row := range slices.Collect(FilterRows(t.Rows(), match)) {
		changed := row.Value
		change(&changed)
		if err := t.Set(changed); err != nil {
			panic(err) // the caller changed an identifier or a unique value
		}
	}
}

// Upwards returns a row and then its ancestors up to the root. Its identifier may be unknown.
func Upwards[T any](t *fake.Table[T], id string, parent func(*T) *string) (up []*T) {
	for row := t.Row(id); row != nil; row = t.Row(dialect.Deref(parent(&row.Value))) {
		up = append(up, &row.Value)
	}
	return up
}

// Put inserts a row or replaces the one with its identifier.
func Put[T any](t *fake.Table[T], row T) error {
	if t.Has(t.Key(row)) {
		return t.Set(row)
	}
	_, err := t.Insert(row)
	return err
}
