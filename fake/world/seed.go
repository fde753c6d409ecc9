package world

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/nearest"
	"github.com/afba07b5/mockserver/fake/table"
)

// Seed is the content of one fake: table → rows.
type Seed map[string][]json.RawMessage

// seeded returns what worlds with that seed are built from. It is made once.
func (f *Fake) seeded(u *Worlds, name string) (*origin, error) {
	name = cmp.Or(name, "default")
	f.mu.Lock()
	defer f.mu.Unlock()
	if o := f.origins[name]; o != nil {
		return o, nil
	}
	shared := f.Templates
	if _, given := f.Given[name]; given {
		shared = nil
	}
	t, err := shared.get(f.Seeds, name, func() (*template, error) { return f.load(u, name) })
	if err != nil {
		return nil, err
	}
	f.origins[name] = &origin{template: t, fake: f, seed: name}
	return f.origins[name], nil
}

// load makes the rows of a seed.
func (f *Fake) load(u *Worlds, name string) (*template, error) {
	layers, err := f.seed(name)
	if err != nil {
		return nil, err
	}
	w := newWorld(u, "", Settings{})
	w.salt = "seed"
	s, err := newState(w, f)
	if err == nil {
		err = s.load(layers...)
	}
	if err == nil && s.seeded != nil {
		s.write(w.Clock.Stamp(), func() bool { err = s.seeded(); return err != nil })
	}
	if err != nil {
		return nil, fmt.Errorf("seed %s of %s: %w", name, f.Name, err)
	}
	return &template{snapshot: s.snapshot()}, nil
}

// seed returns the layers of a seed.
func (f *Fake) seed(name string) ([]table.Tables, error) {
	if layers, ok := f.Given[name]; ok {
		return table.InTables(layers...), nil
	}
	text, err := fs.ReadFile(f.Seeds, path.Join("seeds", name+".json"))
	if err != nil {
		names := f.seedNames()
		return nil, fmt.Errorf("%s has no seed %q%s; seeds: %s", f.Name, name, nearest.Hint(name, names),
			strings.Join(names, ", "))
	}
	var seed Seed
	if err := json.Unmarshal(text, &seed); err != nil {
		return nil, fmt.Errorf("seed %s of %s: %w", name, f.Name, err)
	}
	return table.InTables(seed), nil
}

func (f *Fake) seedNames() []string {
	files, _ := fs.Glob(f.Seeds, "seeds/*.json")
	for i, file := range files {
		files[i] = strings.TrimSuffix(path.Base(file), ".json")
	}
	return append(files, slices.Sorted(maps.Keys(f.Given))...)
}

// load inserts the rows of a seed or a saved state as one change: first the tables that Fake.Build
// made, in order, then those that the function of State.OnMissingTable makes. Rows of later layers
// change those of earlier ones.
func (s *State) load(layers ...table.Tables) (err error) {
	s.write(s.world.Clock.Stamp(), func() bool {
		for i := 0; i < len(layers) && err == nil; i++ {
			err = s.insert(layers[i], i > 0)
		}
		return err != nil
	})
	return err
}

func (s *State) insert(content table.Tables, merge bool) error {
	content = maps.Clone(content)
	for _, name := range []string{"_numbers", "_ids"} {
		restore := func(_ int, row json.RawMessage) error { return s.restoreCounter(name, row) }
		if err := content[name].Each(restore); err != nil {
			return err
		}
		delete(content, name)
	}
	for _, name := range s.inOrder(maps.Keys(content)) {
		t, err := s.tableFor(name)
		if err == nil {
			err = loadRows(t, content[name], merge)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// tableFor returns the table of that name, making it if it is a row of another table.
func (s *State) tableFor(name string) (table.Any, error) {
	if s.tables[name] == nil && s.made != nil {
		s.made(name)
	}
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(s.tables)), func(t string) bool { return t[0] == '_' })
	return nil, fmt.Errorf("no table %q%s; tables: %s", name, nearest.Hint(name, names), strings.Join(names, ", "))
}

func loadRows(t table.Any, rows table.Batches, merge bool) error {
	load := t.Load
	if merge {
		load = t.Merge
	} else if t.LoadAll(rows) {
		return nil
	}
	return rows.Each(func(i int, row json.RawMessage) error {
		if err := load(row); err != nil {
			return fmt.Errorf("%s[%d]: %w", t.Name(), i, err)
		}
		return nil
	})
}

func (s *State) restoreCounter(name string, text json.RawMessage) error {
	into, n := any(&s.numbers), uint64(0)
	if name == "_ids" {
		into = &n
	}
	err := json.Unmarshal(text, into)
	if err == nil && string(text) == "null" {
		err = errors.New("null; expected a value of a saved state")
	}
	if err != nil {
		return fmt.Errorf("%s[0]: %w", name, err)
	}
	s.world.ids.Store(max(n, s.world.ids.Load()))
	return nil
}
