package world

import (
	"bytes"
	"encoding/json"
	"maps"

	"github.com/afba07b5/mockserver/fake/table"
)

// Rows is the content of a world in the format of the seeds: fake → table → rows.
type Rows map[string]map[string][]json.RawMessage

// Dump returns all rows of all fakes, including jobs and number counters. The tables of those have
// names that start with an underscore.
func (w *World) Dump() Rows {
	out := Rows{}
	for name, tables := range w.Tables() {
		out[name] = collect(tables)
	}
	return out
}

// Tables is Dump without encoding the rows: they are encoded as they are read, as they were at the time of the call.
func (w *World) Tables() map[string]table.Tables {
	w.mustBuild()
	out := map[string]table.Tables{}
	for s := range w.locked() {
		out[s.fake.Name] = s.content()
	}
	return out
}

// DumpFake returns the rows of one fake; see Dump.
func (w *World) DumpFake(name string) (map[string][]json.RawMessage, error) {
	s, err := w.State(name)
	if err != nil {
		return nil, err
	}
	s.lock()
	tables := s.content()
	s.unlock()
	return collect(tables), nil
}

func collect(tables table.Tables) map[string][]json.RawMessage {
	out := map[string][]json.RawMessage{}
	for name, rows := range tables {
		rows.Each(func(_ int, row json.RawMessage) error {
			out[name] = append(out[name], bytes.Clone(row))
			return nil
		})
	}
	return out
}

// content returns the present rows. The caller must hold the lock.
func (s *State) content() table.Tables {
	tables := table.Tables{}
	for name, t := range s.tables {
		if t.Len() > 0 {
			tables[name] = table.Encoded(t.Copy())
		}
	}
	if len(s.numbers) > 0 {
		tables["_numbers"] = table.InBatches([]json.RawMessage{table.Encode(s.numbers)})
	}
	tables["_ids"] = table.InBatches([]json.RawMessage{table.Encode(s.world.ids.Load())})
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
		f, err := w.worlds.fake(name)
		if err != nil {
			return err
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
