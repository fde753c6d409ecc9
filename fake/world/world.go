// Package world keeps the state of the fakes: isolated worlds with their rows, clocks, jobs and
// history. It knows no HTTP.
package world

import (
	"encoding/json"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/afba07b5/mockserver/fake/clock"
	"github.com/afba07b5/mockserver/fake/fault"
	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/stub"
	"github.com/afba07b5/mockserver/fake/webhook"
)

// World is one isolated set: rows, tokens, clock, limits, faults and journal of all fakes of a
// Server. It is safe for concurrent use.
type World struct {
	Name    string
	Clock   clock.Clock
	Journal *journal.Journal
	Faults  fault.Set
	Stubs   stub.Set

	worlds           *Worlds
	queue            *webhook.Queue
	settings         atomic.Pointer[Settings]
	ids              atomic.Uint64
	changes          atomic.Uint64     // see Version
	outlined, based  atomic.Uint64     // versions of Outline and Base
	tokens           atomic.Uint64     // number of tokens generated
	nonces           []string          // see Nonces
	owned            []SavedCredential // registered credentials; guarded by Worlds.mu
	dropped, scratch bool              // guarded by Worlds.mu; see Scratch
	salt             string            // separates the identifiers of seeds from those of worlds
	used             atomic.Int64      // time of the last answer, in Unix seconds of the real clock

	mu        sync.Mutex
	states    map[string]*State
	origins   map[string]*origin  // what fakes are built from; others from their seeds
	issued    map[string]counters // see IssueCredentials
	kept      map[string]snapshot // the rows that Reset restores, see SetBaseline
	keptIDs   uint64
	history   []moment
	handed    func() json.RawMessage // see Credentials
	ran       []Job                  // see Ran
	forgotten int                    // newest journal entry whose write has left the history
	undo      Bound                  // size and limit of the history
	inTurn    bool                   // see Begin
	following []func()               // see Begin
	mark      *storedMark            // nil without a Store
	Held      any                    // what the Store knows of the world; set before others see it
	published atomic.Pointer[map[string]*State]
}

// Settings of a world. The zero value gives the settings of a Server started without options.
type Settings struct {
	Seeds      map[string]string `json:"seeds,omitempty"`      // fake → named seed, or text of SeedText
	Texts      map[string]string `json:"texts,omitempty"`      // vendor settings other than switches
	LimitsOff  bool              `json:"limitsOff,omitempty"`  // turns off the vendors' rate limits
	Features   map[string]bool   `json:"features,omitempty"`   // vendor switches by their documented names
	Unlabeled  bool              `json:"unlabeled,omitempty"`  // credentials carry no world name
	Unfriendly string            `json:"unfriendly,omitempty"` // see package unfriendly
}

// moment is a committed change with its journal entry. Rewind undoes moments.
type moment struct {
	state *State
	done  *change
	entry int // 0 for a job or a control hook
	bytes int
}

// maxMoments bounds the writes that Rewind can undo.
const maxMoments = 2_000

// Settings returns the settings of the world. The caller must not change its maps.
func (w *World) Settings() Settings { return *w.settings.Load() }

// Change replaces the settings of a running world. New seeds take effect at the next Reset.
func (w *World) Change(s Settings) {
	w.settings.Store(&s)
	w.noteOutline()
	w.publishChange("changed")
}

// Enabled reports whether a vendor switch is on in this world.
func (w *World) Enabled(name string) bool { return w.settings.Load().Features[name] }

// StringSetting returns a vendor setting other than a switch, or "" if it is not set.
func (w *World) StringSetting(name string) string { return w.settings.Load().Texts[name] }

// State returns the share of one fake. The first call builds and seeds it; the error reports an
// invalid seed.
func (w *World) State(name string) (*State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if s := w.states[name]; s != nil {
		return s, nil
	}
	f, err := w.worlds.fake(name)
	if err != nil {
		return nil, err
	}
	s, err := w.build(f, true)
	if err != nil {
		return nil, err
	}
	w.states[name] = s
	w.changes.Add(1)
	return s, nil
}

// build builds the State of a fake, and initialises it if begin is set. The caller must hold the lock.
func (w *World) build(f *Fake, begin bool) (*State, error) {
	o, err := w.originOf(f)
	if err != nil {
		return nil, err
	}
	s, err := o.build(w)
	if err == nil && begin {
		err = o.begin(s)
	}
	if err != nil {
		return nil, err
	}
	if from, ok := w.issued[f.Name]; ok {
		s.reissue(from)
	}
	return s, nil
}

// Build builds every fake that no request has used yet. Functions that read a whole world call it
// first, because an unbuilt fake has rows, too.
func (w *World) Build() error {
	var errs []error
	for _, name := range w.worlds.names {
		if _, err := w.State(name); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (w *World) mustBuild() {
	if err := w.Build(); err != nil {
		w.worlds.ReportBug(err)
	}
}

// begin initialises a new State: it calls Fake.Begin and, in the default world, Options.Started.
func (s *State) begin() (err error) {
	s.mu.Lock()
	defer s.mu.Unlock() // without publishing: it has no readers yet
	s.write(s.world.Clock.Stamp(), func() bool {
		s.plan()
		if started := s.world.worlds.options.Started; started != nil && s.world.Name == "default" {
			err = started(s)
		}
		return err != nil
	})
	return err
}

// recordMoment adds a committed change to the history.
func (w *World) recordMoment(s *State, done *change, entry int) {
	if done == nil || len(done.before) == 0 && done.tables == nil {
		return
	}
	w.publishRows(s, done, entry)
	w.changes.Add(1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.states[s.fake.Name] != s {
		return // a reset or a new state has replaced s
	}
	size := done.size()
	w.history = append(w.history, moment{s, done, entry, size})
	w.undo.Bytes += size
	drop := 0
	for len(w.history)-drop > maxMoments || w.undo.Bytes > w.undo.Limit && drop < len(w.history) {
		w.undo.Bytes -= w.history[drop].bytes
		w.forgotten = max(w.forgotten, w.history[drop].entry)
		drop++
	}
	w.undo.Dropped += drop
	clear(w.history[:drop])
	w.history = w.history[drop:]
}

// Reset restores every fake to its baseline, the seed unless SetBaseline was called. It clears the
// journal, the faults and the rate limits, and the clock shows the real time again.
func (w *World) Reset() {
	_, unlock := w.lockAll()
	defer unlock()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.states, w.history, w.forgotten, w.ran = map[string]*State{}, nil, 0, nil
	w.undo = Bound{Limit: w.undo.Limit}
	w.ids.Store(w.keptIDs)
	w.changes.Add(1)
	back := time.Now().Before(w.Clock.Now())
	w.Clock.Reset()
	for name, rows := range w.kept {
		s, err := rows.restore(w)
		if err != nil {
			w.worlds.ReportBug(err) // it has been built before
			continue
		}
		if back {
			s.replan(time.Time{})
		}
		w.states[name] = s
	}
	w.Journal.Reset()
	w.Faults.Clear()
	w.Stubs.Reset()
	w.publishChange("reset")
}
