package world_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/webhook"
	"github.com/afba07b5/mockserver/fake/world"
)

// TestScratchIsTheWorldBeforeAnEntry, and what happens in it stays there.
func TestScratchIsTheWorldBeforeAnEntry(t *testing.T) {
	t.Parallel()
	var bugs []string
	w, s := newWorlds(t, &bugs)
	if err := w.Build(); err != nil {
		t.Fatal(err)
	}
	write := func(s *world.State, id string, at int) {
		s.Serve(true, at, func(s *world.State) bool {
			_, err := world.Of[table.Table[entry]](s).Insert(entry{ID: id})
			return err != nil
		})
	}
	entries := make([]*journal.Entry, 3)
	for i, id := range []string{"a", "b", "c"} {
		entries[i] = &journal.Entry{ID: id, Position: w.Journal.Next(), At: w.Clock.Now()}
		write(s, id, entries[i].Position)
		w.Journal.Add(entries[i])
	}
	before, _, _, err := w.Save()
	if err != nil {
		t.Fatal(err)
	}
	rows := w.Dump()
	for i, want := range []string{"1", "1 a", "1 a b"} {
		c, exact, err := w.Scratch("diary", entries[i])
		if err != nil || !exact {
			t.Fatalf("before %s: exact %v, %v", entries[i].ID, exact, err)
		}
		copied, err := c.State("diary")
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(copied); got != want {
			t.Errorf("before %s there are %q, want %q", entries[i].ID, got, want)
		}
		version := c.Version()
		write(copied, "z", 9)
		copied.Change(func() error { copied.Deliver(webhook.Delivery{URL: "http://127.0.0.1:1/"}); return nil })
		copied.RegisterCredential("mine")
		if c.Version() == version {
			t.Error("a write does not change the version of a copy")
		}
		if saved, _, _, err := c.Save(); err != nil || len(saved.Registered) > 0 {
			t.Errorf("the copy has credentials of its own: %v, %v", saved.Registered, err)
		}
		if q := c.Queue(); q.Waiting+q.Sending != 0 {
			t.Errorf("the copy sends deliveries: %+v", q)
		}
	}
	after, _, _, err := w.Save()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(before, after) + cmp.Diff(rows, w.Dump()); diff != "" {
		t.Errorf("the world changed: %s", diff)
	}
}

func ids(s *world.State) (all string) {
	for e := range world.Of[table.Table[entry]](s).All() {
		all += " " + e.ID
	}
	return all[1:]
}
