package world

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/afba07b5/mockserver/fake/nearest"
	"github.com/afba07b5/mockserver/fake/table"
)

// Rows is the content of a world in the format of the seeds: fake → table → rows.
type Rows map[string]map[string][]json.RawMessage

// Dump returns all rows of all fakes, including jobs and number counters. The tables of those have
// names that start with an underscore.
func (w *World) Dump() Rows {
	w.mustBuild()
	states, unlock := w.lockAll()
	defer unlock()
	out := Rows{}
	for _, s := range states {
		out[s.fake.Name] = s.dump()
	}
	return out
}

// DumpFake returns the rows of one fake; see Dump.
func (w *World) DumpFake(name string) (map[string][]json.RawMessage, error) {
	s, err := w.State(name)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.dump(), nil
}

func (s *State) dump() map[string][]json.RawMessage {
	tables := map[string][]json.RawMessage{}
	for name, t := range s.tables {
		if t.Len() > 0 {
			tables[name] = t.Dump()
		}
	}
	if len(s.numbers) > 0 {
		tables["_numbers"] = []json.RawMessage{table.Encode(s.numbers)}
	}
	tables["_ids"] = []json.RawMessage{table.Encode(s.world.ids.Load())}
	return tables
}

// Load replaces the content of the named fakes. If a row is invalid, Load changes nothing.
func (w *World) Load(content Rows) error {
	tables := map[string]table.Tables{}
	for name, rows := range content {
		tables[name] = table.InTables(rows)[0]
	}
	return w.LoadTables(tables)
}

// LoadTables is Load for rows that are read from somewhere.
func (w *World) LoadTables(content map[string]table.Tables) error {
	loaded := map[string]*State{}
	for name, tables := range content {
		f := w.worlds.fakes[name]
		if f == nil {
			return fmt.Errorf("no fake %q%s; fakes: %s", name, nearest.Hint(name, w.worlds.names),
				strings.Join(w.worlds.names, ", "))
		}
		s, err := newState(w, f)
		if err == nil {
			err = s.load(tables)
		}
		if err == nil && tables["_jobs"] == nil {
			err = s.begin()
		}
		if err != nil {
			return err
		}
		s.reconcile()
		loaded[name] = s
	}
	_, unlock := w.lockAll()
	defer unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	maps.Copy(w.states, loaded)
	w.changes.Add(1)
	w.history, w.forgotten, w.undo.Bytes = nil, w.Journal.Last(), 0
	w.publishChange("loaded")
	return nil
}
