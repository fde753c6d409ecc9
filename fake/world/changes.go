package world

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/fake/table"
)

// ChangesBy returns what the request of a journal entry changed.
func (w *World) ChangesBy(entry string) ([]Difference, error) {
	at, err := w.moment(entry, true)
	if err != nil {
		return nil, err
	}
	_, unlock := w.lockAll()
	defer unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []Difference
	later := map[table.Any]any{} // the copies that the next write took; without one the table is as it was left
	for _, m := range slices.Backward(w.history) {
		if m.entry != 0 && m.entry < at {
			break
		}
		if m.entry == at {
			out = append(out, m.differences(later)...)
		}
		maps.Copy(later, m.done.before)
	}
	sortDifferences(out)
	return out, nil
}

// differences returns what the write changed; later has the copies that the next writes took.
func (m moment) differences(later map[table.Any]any) (out []Difference) {
	for t, before := range m.done.before {
		if t.Name()[0] != '_' {
			out = append(out, m.state.tableChanges(t, before, later[t])...)
		}
	}
	return out
}

// tableChanges returns the rows of a table that differ between two copies; nil stands for the present.
func (s *State) tableChanges(t table.Any, before, after any) (out []Difference) {
	for _, c := range t.Changes(before, after) {
		if was, is := json.RawMessage(c.Before()), json.RawMessage(c.After()); !bytes.Equal(was, is) {
			out = append(out, Difference{s.fake.Name, t.Name(), c.ID, was, is})
		}
	}
	return out
}

// ChangesSince returns what changed after the journal entry with the given id.
func (w *World) ChangesSince(entry string) ([]Difference, error) {
	at, err := w.moment(entry, false)
	if err != nil {
		return nil, err
	}
	w.mustBuild()
	states, unlock := w.lockAll()
	defer unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	copies, sets := past(w.after(at))
	var out []Difference
	for _, s := range states {
		out = append(out, s.changesSince(copies, sets[s])...)
	}
	sortDifferences(out)
	return out, nil
}

// changesSince returns the rows that differ from those in copies, the issued credentials left out. Tables without a
// copy have not changed; set, if not nil, is the tables of then.
func (s *State) changesSince(copies map[table.Any]any, set map[string]table.Any) (out []Difference) {
	issued := map[string]bool{}
	for m := range s.marks.All() {
		issued[m.key()] = m.Row == ""
	}
	names := maps.Clone(s.tables)
	maps.Copy(names, set)
	delete(names, marksTable)
	for name := range names {
		was, is := s.tables[name], s.tables[name]
		if set != nil {
			was = set[name]
		}
		before, copied := copies[was]
		switch {
		case was != is: // dropped or made, or both
			d := Difference{Fake: s.fake.Name, Table: name}
			out = append(out, changedRows(d, keyed(was, before), keyed(is, nil))...)
		case copied:
			out = append(out, s.tableChanges(is, before, nil)...)
		}
	}
	return slices.DeleteFunc(out, func(d Difference) bool { return issued[mark{Table: d.Table, ID: d.ID}.key()] })
}

// keyed is Keyed for a table that may be nil.
func keyed(t table.Any, rows any) map[string]json.RawMessage {
	if t == nil {
		return nil
	}
	return t.Keyed(rows)
}
