package world

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/fake/table"
)

// Difference is one row that differs between two moments or two worlds. Before is empty for a
// created row, After for a deleted one.
type Difference struct {
	Fake   string          `json:"fake"`
	Table  string          `json:"table"`
	ID     string          `json:"id"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// content maps each fake to its rows.
type content map[string]fakeContent

type fakeContent struct {
	rows    map[string]map[string]json.RawMessage // table → identifier → row
	planned map[string]bool                       // mark.key of the rows that are as Fake.Begin planned them
}

// now stands for the present in place of a journal entry.
const now = -1

// moment returns the number of a journal entry whose later writes the history still holds, and its own too if
// that is asked for.
func (w *World) moment(entry string, own bool) (int, error) {
	at, ok := w.Journal.Position(entry)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !ok || at < w.forgotten || own && at == w.forgotten {
		return 0, fmt.Errorf(
			"journal entry %q is not kept, or its writes cannot be undone any more: a world keeps %d, in %d bytes",
			entry, maxMoments, w.undo.Limit)
	}
	return at, nil
}

// Diff returns the rows that differ between w and other, by fake, table and identifier. It leaves
// out issued credentials (State.Issue), and rows that both worlds have as Fake.Begin planned them.
func (w *World) Diff(other *World) []Difference {
	return differences(w.content(), other.content())
}

// content returns the present rows.
func (w *World) content() content {
	w.mustBuild()
	out := content{}
	for s := range w.locked() {
		rows := map[string]map[string]json.RawMessage{}
		for name, t := range s.tables {
			rows[name] = t.Keyed(nil)
		}
		planned := s.applyMarks(rows)
		out[s.fake.Name] = fakeContent{rows, planned}
	}
	return out
}

// past returns the oldest copies of the tables, and of the sets of tables, that writes took, newest first.
func past(writes []moment) (map[table.Any]any, map[*State]map[string]table.Any) {
	copies, sets := map[table.Any]any{}, map[*State]map[string]table.Any{}
	for _, m := range writes {
		maps.Copy(copies, m.done.before)
		if m.done.tables != nil {
			sets[m.state] = m.done.tables
		}
	}
	return copies, sets
}

// after returns the writes after a journal entry, newest first.
func (w *World) after(entry int) []moment {
	var out []moment
	if entry == now {
		return out
	}
	for _, m := range slices.Backward(w.history) {
		if m.entry != 0 && m.entry <= entry {
			break
		}
		out = append(out, m)
	}
	return out
}

// from returns the writes of a journal entry and those after it, newest first.
func (w *World) from(entry int) (out []moment) {
	first := slices.IndexFunc(w.history, func(m moment) bool { return m.entry >= entry })
	if first < 0 || entry == now {
		return nil
	}
	out = slices.Clone(w.history[first:])
	slices.Reverse(out)
	return out
}

// Rewind undoes every write after the journal entry with the given id, in all fakes, and returns
// how many writes it undid. The clock keeps its time. Rewind fails if the journal no longer keeps
// the entry or if the history no longer holds all writes after it.
func (w *World) Rewind(entry string) (int, error) {
	at, err := w.moment(entry, false)
	if err != nil {
		return 0, err
	}
	return w.undoAll(at, func() []moment { return w.after(at) }), nil
}

// undoAll undoes the newest writes, those after a journal entry, and returns how many there were.
func (w *World) undoAll(last int, writes func() []moment) int {
	_, unlock := w.lockAll()
	defer unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	reverted := map[*State]bool{}
	undone := writes()
	for _, m := range undone {
		m.state.revert(m.done)
		reverted[m.state] = true
		w.undo.Bytes -= m.bytes
	}
	for s := range reverted {
		s.reconcile()
	}
	w.history = w.history[:len(w.history)-len(undone)]
	w.Stubs.Rewind(last)
	w.changes.Add(1)
	w.publish(Event{Kind: "world", Data: Change{Action: "rewound", Undone: len(undone)}})
	return len(undone)
}

// Sizes returns the number of rows: fake → table → rows.
func (w *World) Sizes() map[string]map[string]int {
	w.mustBuild()
	out := map[string]map[string]int{}
	for s := range w.locked() {
		sizes := map[string]int{}
		for name, t := range s.tables {
			if t.Len() > 0 {
				sizes[name] = t.Len()
			}
		}
		out[s.fake.Name] = sizes
	}
	return out
}

func differences(before, after content) []Difference {
	var out []Difference
	for fake, was := range before {
		is, ok := after[fake]
		if !ok {
			continue
		}
		names := maps.Clone(is.rows)
		maps.Copy(names, was.rows)
		for name := range names {
			out = append(out, changedRows(Difference{Fake: fake, Table: name}, was.rows[name], is.rows[name])...)
		}
		out = slices.DeleteFunc(out, func(d Difference) bool {
			key := mark{Table: d.Table, ID: d.ID}.key()
			return d.Fake == fake && was.planned[key] && is.planned[key]
		})
	}
	sortDifferences(out)
	return out
}

func sortDifferences(all []Difference) {
	slices.SortFunc(all, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(a.Fake, b.Fake), cmp.Compare(a.Table, b.Table), cmp.Compare(a.ID, b.ID))
	})
}

func changedRows(d Difference, before, after map[string]json.RawMessage) (out []Difference) {
	for id, old := range before {
		if !bytes.Equal(old, after[id]) {
			d.ID, d.Before, d.After = id, old, after[id]
			out = append(out, d)
		}
	}
	for id, row := range after {
		if before[id] == nil {
			d.ID, d.Before, d.After = id, nil, row
			out = append(out, d)
		}
	}
	return out
}
