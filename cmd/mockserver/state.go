package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// A state file has the rows of the default world by fake, as a seed has them. Two more keys hold
// the rest: every world without its tables, and the tables of the other worlds by their hash. A
// file without these keys has rows only.
const (
	worldsPart = "_worlds"
	tablesPart = "_tables"
)

// fileWorld is a world in a state file.
type fileWorld struct {
	fake.SavedWorld
	// those of the default world are at the top level of the file
	Rows     tableHashes `json:"rows,omitempty"`
	Baseline tableHashes `json:"baseline,omitempty"`
}

// tableHashes maps fake → table → hash of its rows.
type tableHashes map[string]map[string]string

// rows returns the tables with these hashes.
func (h tableHashes) rows(tables table.Tables) (map[string]table.Tables, error) {
	if h == nil {
		return nil, nil
	}
	rows := map[string]table.Tables{}
	for name, byTable := range h {
		rows[name] = map[string]table.Batches{}
		for table, hash := range byTable {
			found, ok := tables[hash]
			if !ok {
				return nil, fmt.Errorf("%s has no table %s, which is %s of %s", tablesPart, hash, table, name)
			}
			rows[name][table] = found
		}
	}
	return rows, nil
}

// largeState is the size of a state file that is loaded and saved with an eye to memory, rather than to milliseconds:
// the garbage of many rows would be the most of the memory, so the garbage collector runs at largeStateGC.
const (
	largeState   = 8 << 20
	largeStateGC = 50
)

// loadState loads all worlds from the state file. A missing file is no error; lockState checks that it can be created.
func (h *app) loadState(flags fake.Settings) error {
	f, err := os.Open(h.settings.state)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--state %s: %v", h.settings.state, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.Size() > largeState {
		defer collectFrom(info.Size() * 5 / 4)()
	}
	if err := h.restoreAll(f, flags); err != nil {
		return fmt.Errorf("--state %s: %s; fix the file, or move it away to start from the seeds", h.settings.state,
			oneLine(err))
	}
	h.loaded = versionsOf(h.srv)
	return nil
}

// collectFrom puts collections off until the program has that much memory, since few of the rows become garbage. Then
// they run at largeStateGC. end makes them run as before.
func collectFrom(memory int64) (end func()) {
	limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(-1)
	if memory >= limit {
		debug.SetGCPercent(largeStateGC)
		return func() { debug.SetGCPercent(percent) }
	}
	debug.SetMemoryLimit(memory)
	first := sync.OnceFunc(func() {
		debug.SetGCPercent(largeStateGC)
		debug.SetMemoryLimit(limit)
	})
	runtime.AddCleanup(new([64]byte), func(struct{}) { first() }, struct{}{}) // runs after a collection
	return func() {
		first()
		debug.SetGCPercent(percent)
	}
}

func (h *app) restoreAll(file *os.File, flags fake.Settings) error {
	from, err := readSections(file)
	if err != nil {
		return err
	}
	tables := from.tables[tablesPart]
	delete(from.tables, tablesPart)
	if from.worlds == nil {
		return cmp.Or(h.world.LoadTables(from.tables), from.err)
	}
	for name, one := range from.worlds {
		if err := control.CheckWorldName(name); err != nil {
			return err
		}
		if err := h.restoreWorld(name, one, tables, from.tables); err != nil {
			return fmt.Errorf("world %q: %w", name, err)
		}
	}
	h.world.Change(withFlags(h.world.Settings(), flags))
	return from.err
}

func (h *app) restoreWorld(name string, one fileWorld, tables table.Tables, rows map[string]table.Tables) error {
	saved, w := one.SavedWorld, h.world
	for fake, seed := range saved.Settings.Seeds {
		if !slices.Contains(h.srv.SeedNames(fake), seed) {
			delete(saved.Settings.Seeds, fake) // it came from a file of that run
		}
	}
	baseline, err := one.Baseline.rows(tables)
	if err != nil {
		return err
	}
	if name != w.Name {
		if rows, err = one.Rows.rows(tables); err != nil {
			return err
		}
		if w, err = h.srv.NewWorld(name, saved.Settings, nil); err != nil {
			return err
		}
	}
	return w.Restore(saved, rows, baseline)
}

// withFlags adds the settings of the flags to those of a state file.
func withFlags(s, flags fake.Settings) fake.Settings {
	s.LimitsOff = s.LimitsOff || flags.LimitsOff
	out := fake.Settings{Seeds: map[string]string{}, Texts: map[string]string{}, LimitsOff: s.LimitsOff,
		Features: map[string]bool{}, Unlabeled: s.Unlabeled}
	for _, from := range []fake.Settings{s, flags} {
		for name, seed := range from.Seeds {
			out.Seeds[name] = seed
		}
		for name, on := range from.Features {
			out.Features[name] = out.Features[name] || on
		}
		for name, text := range from.Texts {
			out.Texts[name] = cmp.Or(text, out.Texts[name])
		}
	}
	return out
}

// decodePart decodes a part of a state file.
func decodePart(name string, part json.RawMessage, v any) error {
	d := json.NewDecoder(bytes.NewReader(part))
	if strings.HasPrefix(name, "_") {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}
