package world

import (
	"net/http"
	"slices"
	"time"
)

// Store keeps worlds outside of the process, so that they outlive it and several processes can
// serve them. It is safe for concurrent use. docs/scale.md has the protocol.
type Store interface {
	Node() string                                // the name of this process, which no other has
	Use(w *World, t *Turn) error                 // runs t.Do
	Add(w *World, limit int) error               // stores a new world, or returns TooMany
	Open(name string) (*World, error)            // calls Worlds.NewReplica; nil if there is no such world
	Drop(w *World) error                         // removes a world, for all processes
	Names() []string                             // of all worlds
	Owner(fake, credential string) (name string) // the world of a registered credential, or ""
}

// Turn is one use of a world. After an error of the Store the world is as it was before.
type Turn struct {
	Writes bool   // Do may change the world, and runs alone
	Reads  bool   // Do uses nothing of the world but State.Read, and so waits for no other Turn
	Since  uint64 // a Sequence that Do has to see
	Do     func() // may run several times; only the last run counts

	Sequence uint64 // set to the newest change that Do has seen or made
}

// StoreError says that the store did not take a change.
type StoreError struct {
	Reason  string
	Unknown bool // the store may have taken it all the same
}

func (e *StoreError) Error() string { return e.Reason }

// SetHeader sets the headers of an answer that reports the error.
func (e *StoreError) SetHeader(h http.Header) {
	h.Set("Retry-After", "1")
	outcome := "undone"
	if e.Unknown {
		outcome = "unknown"
	}
	h.Set("Mockserver-Outcome", outcome)
}

// SetStore sets the store of all worlds. It is called once, before the first request, when only the
// default world exists.
func (u *Worlds) SetStore(s Store) { u.store = s }

// Stored reports whether a store keeps the world.
func (w *World) Stored() bool { return w.worlds.store != nil && !w.scratch && w.Name != "" }

// Use runs t.Do and, if it writes, stores what it changed.
func (w *World) Use(t *Turn) error {
	if !w.Stored() {
		t.Do()
		return nil
	}
	return w.worlds.store.Use(w, t)
}

// Open is State for a caller that is not in a Turn: it stores what building the fake adds to the
// world.
func (w *World) Open(fakes ...string) (err error) {
	if len(fakes) == 0 {
		fakes = w.worlds.names
	}
	built := true
	w.mu.Lock()
	for _, name := range fakes {
		built = built && w.states[name] != nil
	}
	w.mu.Unlock()
	if built {
		return nil
	}
	failed := w.Use(&Turn{Writes: true, Do: func() {
		for _, name := range fakes {
			if _, err = w.State(name); err != nil {
				return
			}
		}
	}})
	if failed != nil {
		return failed
	}
	return err
}

// Begin starts a Turn that writes: what follows the writes waits for TakeAfter. Only a Store calls
// it and the next ones.
func (w *World) Begin() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inTurn, w.following = true, nil
}

// TakeAfter ends the Turn and returns what follows its writes, such as sending webhooks.
func (w *World) TakeAfter() []func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	after := w.following
	w.inTurn, w.following = false, nil
	return after
}

// runAfter runs what follows a write, once that is stored.
func (w *World) runAfter(after []func()) {
	w.mu.Lock()
	wait := w.inTurn
	if wait {
		w.following = append(w.following, after...)
	}
	w.mu.Unlock()
	for i := 0; !wait && i < len(after); i++ {
		after[i]()
	}
}

// NewReplica makes a world of a Store, which applies its content next. It is not in the list of
// worlds; see Keep.
func (u *Worlds) NewReplica(name string) *World { return newWorld(u, name, Settings{}) }

// Keep puts a replica into the list of worlds in memory. If there is one of that name, Keep returns
// it instead.
func (u *Worlds) Keep(w *World) *World {
	u.mu.Lock()
	defer u.mu.Unlock()
	if known := u.worlds[w.Name]; known != nil {
		return known
	}
	u.worlds[w.Name] = w
	return w
}

// Evict removes a world from memory. If it is dropped, its credentials are unknown from now on.
func (u *Worlds) Evict(w *World, dropped bool) {
	if dropped {
		u.forget(w)
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.worlds[w.Name] == w {
		delete(u.worlds, w.Name)
	}
	for _, c := range w.owned {
		if u.owners.worlds[c] == w {
			delete(u.owners.worlds, c)
		}
	}
}

// Loaded returns the world with that name if it is in memory, or nil.
func (u *Worlds) Loaded(name string) *World {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.worlds[name]
}

// AdoptDeliveries sends the queued webhooks of processes that have ended.
func (w *World) AdoptDeliveries(ended func(node string) bool) {
	for s := range w.locked() {
		done := s.write(w.Clock.Stamp(), func() bool {
			for _, d := range slices.Collect(s.mail.All()) {
				if d.State == "queued" && ended(d.Node) {
					d.Node = w.worlds.node()
					s.mail.Set(d) // it exists
					s.After(func() { s.send(d) })
				}
			}
			return len(s.tx.before) == 0
		})
		if done != nil {
			w.recordMoment(s, done, 0)
			w.runAfter(done.after)
		}
	}
}

// Senders returns the processes that have webhooks to send.
func (w *World) Senders() []string {
	var nodes []string
	for s := range w.locked() {
		for d := range s.mail.All() {
			if d.State == "queued" && !slices.Contains(nodes, d.Node) {
				nodes = append(nodes, d.Node)
			}
		}
	}
	return nodes
}

func (u *Worlds) node() string {
	if u.store == nil {
		return ""
	}
	return u.store.Node()
}

// Lookup is Find with the error of the store, which is nil if there is no such world.
func (u *Worlds) Lookup(name string) (w *World, err error) {
	w = u.Loaded(name)
	if w == nil && u.store != nil {
		return u.store.Open(name)
	}
	if w == nil || !u.idle(w, time.Now()) {
		return w, nil
	}
	u.forget(w)
	return nil, nil
}

// Names returns the names of all worlds, also of those that are not in memory.
func (u *Worlds) Names() []string {
	if u.store != nil {
		return u.store.Names()
	}
	var names []string
	for _, w := range u.List() {
		names = append(names, w.Name)
	}
	return names
}

// noteOutline notes a change outside of the rows.
func (w *World) noteOutline() {
	w.outlined.Add(1)
	w.changes.Add(1)
}
