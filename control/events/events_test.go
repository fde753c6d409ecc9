package events_test

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/control/events"
	"github.com/afba07b5/mockserver/fake"
)

// source is something to observe.
type source struct {
	mu       sync.Mutex
	observer func(fake.Event)
}

func (s *source) observe(do func(fake.Event)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.observer = do
}

func (s *source) observed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.observer != nil
}

// publish publishes events with the worlds from, from+1 and so on.
func (s *source) publish(from, n int) {
	s.mu.Lock()
	do := s.observer
	s.mu.Unlock()
	for i := range n {
		if do != nil {
			do(fake.Event{Kind: "world", World: strconv.Itoa(from + i)})
		}
	}
}

func next(t *testing.T, r *events.Reader) events.Event {
	t.Helper()
	e, err := r.Next(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestNothingIsObservedWithoutReaders(t *testing.T) {
	t.Parallel()
	var s source
	hub := events.New(s.observe)
	if s.observed() {
		t.Error("observed before anybody reads")
	}
	r, missed := hub.Subscribe(0)
	defer r.Close()
	if !s.observed() || missed {
		t.Errorf("a first reader: observed %v, missed %v", s.observed(), missed)
	}
}

func TestEachReaderGetsEveryEventInOrder(t *testing.T) {
	t.Parallel()
	var s source
	hub := events.New(s.observe)
	var readers sync.WaitGroup
	for range 8 {
		r, _ := hub.Subscribe(0)
		readers.Go(func() {
			defer r.Close()
			last := uint64(0)
			for i := range 3000 {
				e := next(t, r)
				if e.World != strconv.Itoa(i) || last > 0 && e.ID != last+1 {
					t.Errorf("event %d is %s with the number %d after %d", i, e.World, e.ID, last)
					return
				}
				last = e.ID
			}
		})
	}
	s.publish(0, 3000)
	readers.Wait()
}

func TestAReaderResumesWhereItLeft(t *testing.T) {
	t.Parallel()
	var s source
	hub := events.New(s.observe)
	r, _ := hub.Subscribe(0)
	s.publish(0, 1)
	left := next(t, r).ID
	r.Close()
	s.publish(1, 2) // while nobody reads
	again, missed := hub.Subscribe(left)
	defer again.Close()
	if e := next(t, again); missed || e.World != "1" {
		t.Errorf("resumed at %s, missed %v", e.World, missed)
	}
}

func TestAReaderLearnsThatItMissedEvents(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name   string
		after  func(first uint64) uint64
		missed bool
	}{
		{"of an earlier server", func(first uint64) uint64 { return first / 2 }, true},
		{"of a later server", func(first uint64) uint64 { return first * 2 }, true},
		{"one that the ring has lost", func(first uint64) uint64 { return first }, true},
		{"the newest", func(first uint64) uint64 { return first + 4999 }, false},
		{"one that the ring has", func(first uint64) uint64 { return first + 4000 }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			var s source
			hub := events.New(s.observe)
			r, _ := hub.Subscribe(0)
			defer r.Close()
			s.publish(0, 1)
			first := next(t, r).ID
			s.publish(1, 4999)
			again, missed := hub.Subscribe(row.after(first))
			defer again.Close()
			if missed != row.missed {
				t.Errorf("missed %v", missed)
			}
		})
	}
}

// TestASlowReaderIsDroppedAndSlowsNobody publishes more than the ring holds while one reader stands still: publishing
// returns, and another reader that keeps up gets all of it.
func TestASlowReaderIsDroppedAndSlowsNobody(t *testing.T) {
	t.Parallel()
	var s source
	hub := events.New(s.observe)
	slow, _ := hub.Subscribe(0)
	defer slow.Close()
	quick, _ := hub.Subscribe(0)
	defer quick.Close()
	for i := range 10 {
		s.publish(i*1000, 1000)
		for j := range 1000 {
			if e := next(t, quick); e.World != strconv.Itoa(i*1000+j) {
				t.Fatalf("the quick reader got %s instead of %d", e.World, i*1000+j)
			}
		}
	}
	if _, err := slow.Next(context.Background()); !errors.Is(err, events.ErrSlow) {
		t.Errorf("the slow reader got %v", err)
	}
}

// TestTheRingIsBoundedInBytes publishes bodies of a MiB.
func TestTheRingIsBoundedInBytes(t *testing.T) {
	t.Parallel()
	var s source
	hub := events.New(s.observe)
	r, _ := hub.Subscribe(0)
	defer r.Close()
	s.publish(0, 1)
	first := next(t, r).ID
	for range 40 {
		s.observer(fake.Event{Kind: "request", Data: &fake.Entry{Body: make([]byte, 1<<20)}})
	}
	if _, err := r.Next(context.Background()); !errors.Is(err, events.ErrSlow) {
		t.Errorf("after 40 MiB the reader behind got %v", err)
	}
	again, missed := hub.Subscribe(first + 35)
	defer again.Close()
	if missed {
		t.Error("the newest five MiB are not kept")
	}
}

func TestCloseEndsEveryReader(t *testing.T) {
	t.Parallel()
	var s source
	hub := events.New(s.observe)
	r, _ := hub.Subscribe(0)
	defer r.Close()
	ended := make(chan error)
	go func() {
		_, err := r.Next(context.Background())
		ended <- err
	}()
	hub.Close()
	if err := <-ended; !errors.Is(err, events.ErrClosed) {
		t.Errorf("a reader of a closed hub got %v", err)
	}
	if s.observed() {
		t.Error("a closed hub observes")
	}
}
