package world_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/world"
)

// entry is a row of diary.
type entry struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

var noon = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// diary returns a toy fake that logs what its jobs do.
func diary(name string) *world.Fake {
	return &world.Fake{
		Name:  name,
		Seeds: fstest.MapFS{"seeds/default.json": {Data: []byte(`{"entries":[{"id":"1","text":"born"}]}`)}},
		Build: func(s *world.State) error {
			entries := world.NewTable(s, "entries", func(e entry) string { return e.ID }, func(e *entry) {
				if e.ID == "" {
					e.ID = s.NewID()
				}
			})
			world.Bind(s, entries)
			s.RegisterJob("write", func(data json.RawMessage) error {
				_, err := entries.Insert(entry{Text: s.Now().Format("15:04:05") + " " + string(data)})
				return err
			})
			s.RegisterJob("fail", func(json.RawMessage) error { entries.Delete("1"); return errors.New("on purpose") })
			s.RegisterJob("panic", func(json.RawMessage) error { entries.Delete("1"); panic("on purpose") })
			s.RegisterJob("again",
				func(json.RawMessage) error { s.ScheduleJob(s.Now().Add(time.Hour), "again", nil); return nil })
			return nil
		},
	}
}

func newWorlds(t *testing.T, bugs *[]string) (*world.World, *world.State) {
	t.Helper()
	u, err := world.New(world.Options{Bug: func(err error) { *bugs = append(*bugs, err.Error()) }}, diary("diary"),
		diary("other"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	w, _ := u.World("default")
	w.Freeze(noon)
	s, err := w.State("diary")
	if err != nil {
		t.Fatal(err)
	}
	return w, s
}

func texts(s *world.State) (all []string) {
	s.View(func() {
		for e := range world.Of[table.Table[entry]](s).All() {
			all = append(all, e.Text)
		}
	})
	return all
}

func plan(t *testing.T, s *world.State, due time.Time, kind string, data any) {
	t.Helper()
	if err := s.Change(func() error { s.ScheduleJob(due, kind, data); return nil }); err != nil {
		t.Fatal(err)
	}
}

func TestJobsRunInTheOrderOfTheirTimesAcrossFakes(t *testing.T) {
	t.Parallel()
	var bugs []string
	w, s := newWorlds(t, &bugs)
	other, err := w.State("other")
	if err != nil {
		t.Fatal(err)
	}
	plan(t, s, noon.Add(3*time.Second), "write", 3)
	plan(t, other, noon.Add(2*time.Second), "write", 2)
	plan(t, s, noon.Add(time.Second), "write", 1)
	plan(t, s, noon.Add(time.Hour), "write", 4)
	var order []string
	for _, job := range w.Advance(time.Minute) {
		order = append(order, job.Fake+string(job.Data))
	}
	if diff := cmp.Diff([]string{"diary1", "other2", "diary3"}, order); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"born", "12:00:01 1", "12:00:03 3"}, texts(s)); diff != "" {
		t.Error(diff)
	}
}

func TestABrokenJobChangesNothingAndIsDropped(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"fail", "panic"} {
		var bugs []string
		w, s := newWorlds(t, &bugs)
		plan(t, s, noon.Add(time.Second), kind, nil)
		w.Advance(time.Minute)
		if diff := cmp.Diff([]string{"born"}, texts(s)); diff != "" {
			t.Error(diff)
		}
		if len(bugs) != 1 || !strings.Contains(bugs[0], "on purpose") {
			t.Errorf("%s: bugs %q", kind, bugs)
		}
		if ran := w.Advance(time.Minute); len(ran) != 0 {
			t.Errorf("%s: ran again: %v", kind, ran)
		}
	}
}

func TestJobsThatPlanThemselvesRunOncePerHour(t *testing.T) {
	t.Parallel()
	var bugs []string
	w, s := newWorlds(t, &bugs)
	plan(t, s, noon.Add(time.Hour), "again", nil)
	if ran := w.Advance(24 * time.Hour); len(ran) != 24 {
		t.Errorf("ran %d times in a day", len(ran))
	}
}

func TestRewindUndoesJobsAndHooks(t *testing.T) {
	t.Parallel()
	var bugs []string
	w, s := newWorlds(t, &bugs)
	mark := w.Journal.Next()
	w.Journal.Add(&journal.Entry{ID: fmt.Sprint(mark), Position: mark})
	plan(t, s, noon.Add(time.Second), "write", 1)
	w.Advance(time.Minute)
	if changes, err := w.ChangesSince(fmt.Sprint(mark)); err != nil || len(changes) != 1 ||
		changes[0].Table != "entries" || changes[0].Before != nil {
		t.Errorf("changes since: %+v, %v", changes, err)
	}
	if _, err := w.Rewind(fmt.Sprint(mark)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"born"}, texts(s)); diff != "" {
		t.Error(diff)
	}
	if ran := w.Advance(time.Hour); len(ran) != 0 {
		t.Errorf("a job that was planned later ran: %v", ran)
	}
	if _, err := w.Rewind("99"); err == nil {
		t.Error("an unknown entry was accepted")
	}
}

func TestDiffNamesEveryEntityThatDiffers(t *testing.T) {
	t.Parallel()
	u, err := world.New(world.Options{}, diary("diary"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	home, _ := u.World("default")
	home.State("diary")
	away, err := u.NewWorld("away", world.Settings{}, home)
	if err != nil {
		t.Fatal(err)
	}
	if diff := home.Diff(away); len(diff) != 0 {
		t.Errorf("a fresh fork differs: %+v", diff)
	}
	s, _ := away.State("diary")
	entries := world.Of[table.Table[entry]](s)
	s.Change(func() error {
		table.Update(entries, "1", func(e entry) (entry, error) { e.Text = "grown"; return e, nil })
		_, err := entries.Insert(entry{ID: "2", Text: "new"})
		return err
	})
	want := []world.Difference{
		{
			Fake:   "diary",
			Table:  "entries",
			ID:     "1",
			Before: json.RawMessage(`{"id":"1","text":"born"}`),
			After:  json.RawMessage(`{"id":"1","text":"grown"}`),
		},
		{Fake: "diary", Table: "entries", ID: "2", After: json.RawMessage(`{"id":"2","text":"new"}`)},
	}
	if diff := cmp.Diff(want, home.Diff(away)); diff != "" {
		t.Error(diff)
	}
}

func TestWorldsHaveALimitAndExpire(t *testing.T) {
	t.Parallel()
	u, err := world.New(world.Options{MaxWorlds: 2}, diary("diary"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	if _, err := u.NewWorld("one", world.Settings{}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := u.NewWorld("two", world.Settings{}, nil); err == nil ||
		!strings.Contains(err.Error(), "2 is the limit") {
		t.Errorf("one too many: %v", err)
	}
	if _, err := u.World("oen"); err == nil || !strings.Contains(err.Error(), `nearest: "one"`) {
		t.Errorf("misspelt world: %v", err)
	}
	if err := u.Drop("one"); err != nil {
		t.Error(err)
	}
	if u.Drop("default") == nil || u.Drop("one") == nil {
		t.Error("dropped the default world, or a world twice")
	}
}

func TestCredentialsFindTheirWorldUntilItIsDropped(t *testing.T) {
	t.Parallel()
	u, err := world.New(world.Options{}, diary("diary"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	w, err := u.NewWorld("one", world.Settings{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s, _ := w.State("diary")
	s.RegisterCredential("secret")
	if owner, _ := u.WorldOf("diary", "secret"); owner != w {
		t.Error("the credential does not lead to its world")
	}
	if owner, gone := u.WorldOf("other", "secret"); owner != nil || gone != "" {
		t.Error("the credential leads to its world from another fake")
	}
	u.Drop("one")
	s.RegisterCredential("late")
	for _, credential := range []string{"secret", "late"} {
		if owner, gone := u.WorldOf("diary", credential); owner != nil || gone != "one" {
			t.Errorf("%s belongs to %v, and to %q that is gone", credential, owner, gone)
		}
	}
}

func TestForksOfABusyWorldAreConsistent(t *testing.T) {
	t.Parallel()
	u, err := world.New(world.Options{}, diary("diary"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.Close)
	home, _ := u.World("default")
	s, _ := home.State("diary")
	entries := world.Of[table.Table[entry]](s)
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			s.Change(func() error { // two rows in one write: a fork sees both or neither
				entries.Insert(entry{Text: fmt.Sprint("a", i)})
				_, err := entries.Insert(entry{Text: fmt.Sprint("b", i)})
				return err
			})
		})
		wg.Go(func() {
			w, err := u.NewWorld(fmt.Sprint("fork", i), world.Settings{}, home)
			if err != nil {
				t.Error(err)
				return
			}
			f, _ := w.State("diary")
			if n := len(texts(f)); n%2 != 1 {
				t.Errorf("a fork has %d entries", n)
			}
			f.Change(func() error { world.Of[table.Table[entry]](f).Delete("1"); return nil })
		})
	}
	wg.Wait()
	if n := len(texts(s)); n != 101 {
		t.Errorf("%d entries at home, want 101", n)
	}
}

func TestResetComesBackToWhatWasKept(t *testing.T) {
	t.Parallel()
	var bugs []string
	w, s := newWorlds(t, &bugs)
	add := func(s *world.State, text string) {
		s.Change(func() error { _, err := world.Of[table.Table[entry]](s).Insert(entry{Text: text}); return err })
	}
	add(s, "kept")
	w.SetBaseline()
	add(s, "lost")
	for range 2 {
		w.Reset()
		s, _ = w.State("diary")
		if diff := cmp.Diff([]string{"born", "kept"}, texts(s)); diff != "" {
			t.Error(diff)
		}
		add(s, "lost again")
	}
}

// TestAPanicInASavepointUndoesTheWholeWrite, also what came before the savepoint.
func TestAPanicInASavepointUndoesTheWholeWrite(t *testing.T) {
	t.Parallel()
	var bugs []string
	_, s := newWorlds(t, &bugs)
	entries := world.Of[table.Table[entry]](s)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		s.Change(func() error {
			entries.Insert(entry{Text: "before"})
			return s.Savepoint(func() error { entries.Delete("1"); panic("on purpose") })
		})
	}()
	if diff := cmp.Diff([]string{"born"}, texts(s)); diff != "" {
		t.Error(diff)
	}
}
