package world

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/table"
)

// mark identifies a row that Diff ignores: an issued credential, or a row that Fake.Begin planned from
// the time at which its world was built.
type mark struct {
	Table string `json:"table"`
	ID    string `json:"id"`
	Row   string `json:"row,omitempty"` // hash of a planned row; Diff ignores that row only
}

func (m mark) key() string { return m.Table + "/" + m.ID }

const marksTable = "_credentials"

func hashRow(text json.RawMessage) string {
	h := fnv.New64a()
	h.Write(text)
	return fmt.Sprintf("%016x", h.Sum64())
}

// Issue runs do as a part of the current write and marks the rows that it inserts as issued
// credentials. Diff ignores them.
func (s *State) Issue(do func() error) error {
	return s.Savepoint(func() error {
		err := do()
		s.eachChanged(func(t table.Any, id string, before, _ json.RawMessage) {
			if before == nil {
				s.marks.Insert(mark{Table: t.Name(), ID: id}) // a duplicate is already marked
			}
		})
		return err
	})
}

// plan runs Fake.Begin as a part of the current write and marks what it stores.
func (s *State) plan() {
	if s.fake.Begin == nil {
		return
	}
	s.Savepoint(func() error { // no error to return
		s.fake.Begin(s)
		s.eachChanged(func(t table.Any, id string, _, now json.RawMessage) {
			m := mark{t.Name(), id, hashRow(now)}
			s.marks.Delete(m.key())
			s.marks.Insert(m)
		})
		return nil
	})
	s.marks.DeleteIf(func(m mark) bool { return m.Row != "" && !s.tables[m.Table].Has(m.ID) })
}

// eachChanged visits the rows that the current write or savepoint has inserted or changed, in the
// order of tables and insertion.
func (s *State) eachChanged(visit func(t table.Any, id string, before, now json.RawMessage)) {
	for _, t := range slices.SortedFunc(maps.Keys(s.tx.before),
		func(a, b table.Any) int { return strings.Compare(a.Name(), b.Name()) }) {
		for _, c := range t.Changes(s.tx.before[t], nil) {
			if before, now := c.Before(), c.After(); now != nil && !bytes.Equal(before, now) {
				visit(t, c.ID, json.RawMessage(before), json.RawMessage(now))
			}
		}
	}
}

// applyMarks removes issued credentials and the marks from rows, which the caller owns. It returns the
// mark.key of each row that is still as Fake.Begin planned it.
func (s *State) applyMarks(rows map[string]map[string]json.RawMessage) (planned map[string]bool) {
	planned = map[string]bool{}
	for m := range s.marks.All() {
		if m.Row == "" {
			delete(rows[m.Table], m.ID)
		} else if hashRow(rows[m.Table][m.ID]) == m.Row {
			planned[m.key()] = true
		}
	}
	delete(rows, marksTable)
	return planned
}
