package world

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/fake/clock"
	"github.com/afba07b5/mockserver/fake/fault"
	"github.com/afba07b5/mockserver/fake/stub"
	"github.com/afba07b5/mockserver/fake/table"
)

// Image is a world, or what changed in one, in a form that a replica applies.
type Image struct {
	Outline *Outline              `json:"outline,omitempty"` // whole, if it changed
	Base    *Base                 `json:"base,omitempty"`    // whole, if it changed
	Clock   clock.State           `json:"clock"`
	Tokens  uint64                `json:"tokens"`
	IDs     uint64                `json:"ids"`
	Fakes   map[string]*FakeImage `json:"fakes,omitempty"` // nil for a fake that is not built
}

// Outline is a world without its rows and counters.
type Outline struct {
	Settings    Settings            `json:"settings"`
	Faults      fault.Saved         `json:"faults"`
	Stubs       stub.Saved          `json:"stubs,omitzero"`
	Credentials json.RawMessage     `json:"credentials,omitempty"`
	Nonces      []string            `json:"nonces"`
	Registered  []SavedCredential   `json:"registered,omitempty"`
	Issued      map[string]counters `json:"issued,omitempty"`
}

// Base is what Reset restores, if that is not the seeds, and what unused fakes are built from.
type Base struct {
	IDs     uint64                `json:"ids"`
	Kept    map[string]*FakeImage `json:"kept,omitempty"`
	Origins map[string]*FakeImage `json:"origins,omitempty"`
}

// FakeImage is the rows of one fake, or what changed in them.
type FakeImage struct {
	Whole   bool                  `json:"whole,omitempty"` // it replaces all rows
	Seed    string                `json:"seed,omitempty"`  // what Tables differ from; "" for no rows
	Numbers map[string]int64      `json:"numbers,omitempty"`
	Tables  map[string]TableImage `json:"tables,omitempty"`
}

// TableImage is the rows of one table, or those that changed.
type TableImage struct {
	Numbers uint64           `json:"numbers"`
	Rows    []table.Numbered `json:"rows,omitempty"`
	More    table.Parts      `json:"-"` // rows with greater numbers, if it is not nil; Image makes none
}

// Image returns the whole world.
func (w *World) Image() (img *Image, err error) {
	outline := w.outline()
	states, unlock := w.lockAll()
	defer unlock()
	img = &Image{Outline: outline, Clock: w.Clock.State(), Tokens: w.tokens.Load(), IDs: w.ids.Load(),
		Fakes: map[string]*FakeImage{}}
	for _, name := range w.worlds.names {
		img.Fakes[name] = nil
	}
	for _, s := range states {
		img.Fakes[s.fake.Name] = s.image()
	}
	img.Base, err = w.base()
	return img, err
}

func (w *World) outline() *Outline {
	out := &Outline{Settings: w.Settings(), Faults: w.Faults.Save(), Stubs: w.Stubs.Save(),
		Credentials: w.Credentials(), Registered: w.registered(), Nonces: w.nonces}
	w.mu.Lock()
	defer w.mu.Unlock()
	out.Issued = w.issued
	return out
}

func (w *World) base() (*Base, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := &Base{IDs: w.keptIDs, Kept: map[string]*FakeImage{}, Origins: map[string]*FakeImage{}}
	for name, kept := range w.kept {
		s, err := kept.restore(w)
		if err != nil {
			return nil, err
		}
		out.Kept[name] = s.image()
	}
	for name, o := range w.origins {
		s, err := o.build(w)
		if err != nil {
			return nil, err
		}
		out.Origins[name] = s.image()
	}
	return out, nil
}

// image returns all rows, or those that differ from the seed of the State.
func (s *State) image() *FakeImage {
	out := &FakeImage{Whole: true, Numbers: maps.Clone(s.numbers), Tables: map[string]TableImage{}}
	var seed map[string]any
	if s.seed != nil {
		out.Seed, seed = s.seed.seed, s.seed.rows
	}
	for name, t := range s.tables {
		was := seed[name]
		img := tableImage(t, was)
		if len(img.Rows) > 0 || img.Numbers != t.Numbers(was) ||
			was == nil && (img.Numbers > 0 || !slices.Contains(s.order, name)) {
			out.Tables[name] = img
		}
	}
	return out
}

// SeedImage returns all rows of a seed.
func (u *Worlds) SeedImage(fake, seed string) (*FakeImage, error) {
	s, err := newWorld(u, "", Settings{}).stateOf(fake, &FakeImage{Seed: seed})
	if err != nil {
		return nil, err
	}
	s.seed = nil
	return s.image(), nil
}

func tableImage(t table.Any, since any) TableImage {
	out := TableImage{Numbers: t.Numbers(nil)}
	for _, c := range t.Changes(since, nil) {
		out.Rows = append(out.Rows, table.Numbered{Number: c.Number(), Row: json.RawMessage(c.After())})
	}
	return out
}
