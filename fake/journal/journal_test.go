package journal_test

import (
	"strconv"
	"testing"

	"github.com/afba07b5/mockserver/fake/journal"
)

func add(j *journal.Journal, body int) *journal.Entry {
	at := j.Next()
	e := &journal.Entry{ID: strconv.Itoa(at), Position: at, Body: make([]byte, body)}
	j.Add(e)
	return e
}

func TestOldestEntriesAreDroppedAndCounted(t *testing.T) {
	t.Parallel()
	j := journal.New(10_000)
	first := add(j, 1000)
	for range 20 {
		add(j, 1000)
	}
	entries, bytes, dropped := j.Size()
	if bytes > 10_000 || entries+dropped != 21 || dropped == 0 {
		t.Errorf("%d entries of %d bytes, %d dropped", entries, bytes, dropped)
	}
	if _, ok := j.Position(first.ID); ok {
		t.Error("a dropped entry has a position")
	}
	kept, _ := j.Entries()
	if at, ok := j.Position(kept[0].ID); !ok || at != kept[0].Position {
		t.Errorf("position of the oldest kept entry: %d %v", at, ok)
	}
}

func TestAnEntryLargerThanTheJournalIsStillKept(t *testing.T) {
	t.Parallel()
	j := journal.New(100)
	add(j, 1000)
	if entries, _, _ := j.Size(); entries != 1 {
		t.Errorf("%d entries", entries)
	}
}

func TestChangedIsClosedByTheNextEntry(t *testing.T) {
	t.Parallel()
	j := journal.New(0)
	changed := j.Changed()
	select {
	case <-changed:
		t.Fatal("closed before an entry came")
	default:
	}
	add(j, 1)
	<-changed
}

func TestIdentifiersAreNotUsedAgain(t *testing.T) {
	t.Parallel()
	j := journal.New(0)
	first := add(j, 1)
	if n := j.Remove([]*journal.Entry{first}); n != 1 {
		t.Errorf("removed %d", n)
	}
	j.Clear()
	if second := add(j, 1); second.ID == first.ID {
		t.Error("an identifier came twice")
	}
}
