package table_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/table"
	_ "github.com/afba07b5/mockserver/internal/pace"
)

type pet struct {
	ID, Name, Kind string
}

// owner counts its notifications.
type owner struct{ touched int }

func (o *owner) Touch(table.Any) { o.touched++ }

func newPets() (*table.Table[pet], *owner) {
	o := &owner{}
	pets := table.New(o, "pets", func(p pet) string { return p.ID }, nil)
	table.Index(pets, "name", true, func(p pet) []string { return []string{p.Name} })
	table.Index(pets, "kind", false, func(p pet) []string {
		if p.Kind == "" {
			return nil
		}
		return []string{p.Kind}
	})
	return pets, o
}

// model is the simplest implementation of a table: a list.
type model []pet

func (m model) find(id string) int {
	return slices.IndexFunc(m, func(p pet) bool { return p.ID == id })
}

func (m model) clashes(p pet, own int) bool {
	for i, other := range m {
		if i != own && (other.ID == p.ID || other.Name == p.Name) {
			return true
		}
	}
	return false
}

// TestTableIsAList runs random operations against a table and a list, with copies taken and
// restored.
func TestTableIsAList(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 0))
		pets, _ := newPets()
		var list, kept model
		saved := pets.Untyped().Copy()
		for range 400 {
			p := pet{
				ID:   fmt.Sprint(r.IntN(40)),
				Name: fmt.Sprint("n", r.IntN(50)),
				Kind: []string{"", "cat", "cat\x00dog", "dog"}[r.IntN(4)],
			}
			at := list.find(p.ID)
			switch r.IntN(8) {
			case 0, 1, 2:
				_, err := pets.Insert(p)
				if want := list.clashes(p, -1); (err != nil) != want {
					t.Fatalf("seed %d: insert %v: %v, want a clash: %v", seed, p, err, want)
				}
				if err == nil {
					list = append(slices.Clip(list), p)
				}
			case 3, 4:
				_, err := table.Update(pets, p.ID, func(pet) (pet, error) { return p, nil })
				if want := at < 0 || list.clashes(p, at); (err != nil) != want {
					t.Fatalf("seed %d: update %v: %v, want an error: %v", seed, p, err, want)
				}
				if err == nil {
					list = slices.Clone(list)
					list[at] = p
				}
			case 5:
				if got := pets.Delete(p.ID); got != (at >= 0) {
					t.Fatalf("seed %d: delete %v: %v", seed, p, got)
				}
				if at >= 0 {
					list = slices.Delete(slices.Clone(list), at, at+1)
				}
			case 6:
				saved, kept = pets.Untyped().Copy(), list
			case 7:
				pets.Untyped().PutBack(saved)
				list = kept
			}
			same(t, seed, pets, list)
		}
	}
}

func same(t *testing.T, seed uint64, pets *table.Table[pet], list model) {
	t.Helper()
	if diff := cmp.Diff(append([]pet{}, list...), slices.AppendSeq([]pet{}, pets.All())); diff != "" {
		t.Fatalf("seed %d: %s", seed, diff)
	}
	for _, kind := range []string{"cat", "cat\x00dog", "dog"} {
		var want, got []pet
		for _, p := range list {
			if p.Kind == kind {
				want = append(want, p)
			}
		}
		for row := range pets.By("kind", kind) {
			got = append(got, row.Value)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("seed %d: kind %q: %s", seed, kind, diff)
		}
	}
	var up, down []string
	for row := range table.From(pets, "2", false) {
		up = append(up, row.Value.ID)
	}
	for row := range table.From(pets, "2", true) {
		down = append(down, row.Value.ID)
	}
	if !slices.IsSorted(up) || !slices.IsSortedFunc(down, func(a, b string) int { return strings.Compare(b, a) }) {
		t.Fatalf("seed %d: From %v, DownFrom %v", seed, up, down)
	}
}

func TestAdoptedRowsAreShared(t *testing.T) {
	t.Parallel()
	pets, _ := newPets()
	pets.Insert(pet{"1", "Tom", "cat"})
	other, _ := newPets()
	other.Untyped().Adopt(pets.Untyped().Copy())
	other.Delete("1")
	pets.Insert(pet{"2", "Rex", "dog"})
	if pets.Len() != 2 || other.Len() != 0 {
		t.Errorf("%d and %d rows, want 2 and 0", pets.Len(), other.Len())
	}
}

func TestFirstAndLastOfAnIndex(t *testing.T) {
	t.Parallel()
	pets, _ := newPets()
	if first, last := table.Ends(pets, "name"); first != nil || last != nil {
		t.Error("an empty index has a first or last row")
	}
	for _, p := range []pet{{"1", "Tom", ""}, {"2", "Ada", ""}, {"3", "Rex", ""}} {
		pets.Insert(p)
	}
	if first, last := table.Ends(pets, "name"); first.Value.Name != "Ada" || last.Value.Name != "Tom" {
		t.Errorf("first %v, last %v", first.Value, last.Value)
	}
}

func TestEveryChangeIsAnnounced(t *testing.T) {
	t.Parallel()
	pets, o := newPets()
	for _, do := range []func(){
		func() { pets.Insert(pet{"1", "Tom", "cat"}) },
		func() { table.Update(pets, "1", func(p pet) (pet, error) { p.Kind = "dog"; return p, nil }) },
		func() { table.Each(pets, func(p pet) pet { p.Kind = "cow"; return p }) },
		func() { pets.DeleteIf(func(pet) bool { return true }) },
	} {
		before := o.touched
		if do(); o.touched == before {
			t.Error("a change was not announced")
		}
	}
}

func TestLoadRefusesUnknownKeys(t *testing.T) {
	t.Parallel()
	pets, _ := newPets()
	if err := pets.Untyped().Load(json.RawMessage(`{"ID":"1","Color":"red"}`)); err == nil {
		t.Error("an unknown key was accepted")
	}
	if err := pets.Untyped().Load(json.RawMessage(`{"ID":"1","Name":"Tom"}`)); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]json.RawMessage{"1": json.RawMessage(`{"ID":"1","Name":"Tom","Kind":""}`)},
		pets.Untyped().Keyed(nil)); diff != "" {
		t.Error(diff)
	}
}

func TestARowIsAnObject(t *testing.T) {
	t.Parallel()
	pets, _ := newPets()
	for _, row := range []string{"null", " null", "5", `"x"`, "[]", "true"} {
		err := pets.Untyped().Load(json.RawMessage(row))
		if err == nil || !strings.Contains(err.Error(), "expected an object") {
			t.Errorf("%s: %v", row, err)
		}
	}
	if pets.Len() != 0 {
		t.Errorf("%d rows", pets.Len())
	}
}
