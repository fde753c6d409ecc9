package world

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/nearest"
	"github.com/afba07b5/mockserver/fake/stub"
	"github.com/afba07b5/mockserver/fake/webhook"
)

// Fake describes a fake to Worlds. Name, Seeds and Build are required.
type Fake struct {
	Name  string
	Seeds fs.FS              // seeds/<name>.json: table → rows; contains at least "default" and "empty"
	Given map[string][]Seed  // seeds given by the caller, in layers
	Build func(*State) error // makes the tables of one world
	Begin func(*State)       // runs as a write after rows were loaded or the clock moved back
	Issue func(*State) any   // issues credentials, as a part of a write; see World.IssueCredentials
	// Templates share the rows of Seeds with other Worlds that use the same; may be nil
	Templates *Templates

	mu      sync.Mutex
	origins map[string]*origin // by the name of a seed
}

// Options of Worlds. The zero value is usable.
type Options struct {
	Settings       Settings           // of the default world
	WebhookTargets []string           // hosts besides loopback that webhooks may reach; "*" for all
	JournalBytes   int                // per world; default 16 MiB
	UndoBytes      int                // per world, for Rewind; default 64 MiB
	DeliveryBytes  int                // per fake and world, for the log of webhooks; default 16 MiB
	FileBytes      int                // per fake and world, for uploaded files; default 1 GiB
	Stubs          *stub.Defaults     // that every world starts with; may be nil
	MaxWorlds      int                // default 10,000
	IdleExpiry     time.Duration      // drops unused worlds except the default one; default one hour
	Bug            func(error)        // receives every internal error of the fakes; may be nil
	Started        func(*State) error // runs as a write on each new State of the default world; may be nil
}

// Worlds holds fakes and their worlds. It is safe for concurrent use.
type Worlds struct {
	options Options
	fakes   map[string]*Fake
	names   []string
	sender  *webhook.Sender
	store   Store // nil without

	observer  atomic.Pointer[func(Event)] // see Observe
	onRequest func(*World, *journal.Entry)
	onRefused func(w *World, fake string, d webhook.Delivery)
	bugs      atomic.Int64

	mu     sync.RWMutex
	worlds map[string]*World
	owners owners
	swept  time.Time // when expire last looked at all worlds
}

const defaultWorld = "default"

// New makes Worlds with one world called default. It returns an error if a fake cannot be built.
func New(o Options, fakes ...*Fake) (*Worlds, error) {
	o.UndoBytes, o.DeliveryBytes, o.FileBytes = cmp.Or(o.UndoBytes, undoBytes), cmp.Or(o.DeliveryBytes, deliveryBytes),
		cmp.Or(o.FileBytes, fileBytes)
	o.MaxWorlds, o.IdleExpiry = cmp.Or(o.MaxWorlds, 10_000), cmp.Or(o.IdleExpiry, time.Hour)
	u := &Worlds{options: o, fakes: map[string]*Fake{}, worlds: map[string]*World{},
		owners: owners{worlds: map[SavedCredential]*World{}, gone: map[SavedCredential]string{}},
		sender: webhook.New(o.WebhookTargets)}
	for _, f := range fakes {
		f.origins = map[string]*origin{}
		u.fakes[f.Name] = f
		if _, err := newState(newWorld(u, "", Settings{}), f); err != nil {
			return nil, err
		}
	}
	u.names = slices.Sorted(maps.Keys(u.fakes))
	u.worlds[defaultWorld] = newWorld(u, defaultWorld, o.Settings)
	return u, nil
}

// Close stops the background work: webhook deliveries.
func (u *Worlds) Close() { u.sender.Close() }

// fake returns the fake with that name. The error lists all names.
func (u *Worlds) fake(name string) (*Fake, error) {
	if f := u.fakes[name]; f != nil {
		return f, nil
	}
	return nil, fmt.Errorf("no fake %q%s; fakes: %s", name, nearest.Hint(name, u.names), strings.Join(u.names, ", "))
}

// SeedNames returns the names of a fake's seeds, or nil if there is no such fake.
func (u *Worlds) SeedNames(fake string) []string {
	if f := u.fakes[fake]; f != nil {
		return f.seedNames()
	}
	return nil
}

func newWorld(u *Worlds, name string, settings Settings) *World {
	w := &World{Name: name, worlds: u, states: map[string]*State{}, nonces: []string{newNonce(name)},
		queue: u.sender.NewQueue()}
	w.settings.Store(&settings)
	w.Journal, w.undo.Limit = journal.New(u.options.JournalBytes), u.options.UndoBytes
	w.Faults.OnChange(w.publishFault)
	w.Used()
	w.Stubs.Start(u.options.Stubs)
	return w
}

// World returns the world with that name. The error suggests the nearest name.
func (u *Worlds) World(name string) (*World, error) {
	w, err := u.Lookup(name)
	if w != nil || err != nil {
		return w, err
	}
	u.mu.RLock()
	defer u.mu.RUnlock()
	return nil, fmt.Errorf("no world %q%s; POST /__admin/worlds makes one", name,
		nearest.Hint(name, slices.Collect(maps.Keys(u.worlds))))
}

// Find returns the world with that name, or nil. It drops the world first if it has been idle too
// long.
func (u *Worlds) Find(name string) *World {
	w, _ := u.Lookup(name) // one that cannot be read is not there
	return w
}

// List returns all worlds by name, after dropping idle ones.
func (u *Worlds) List() []*World {
	u.expire(true)
	u.mu.RLock()
	defer u.mu.RUnlock()
	var out []*World
	for _, name := range slices.Sorted(maps.Keys(u.worlds)) {
		out = append(out, u.worlds[name])
	}
	return out
}

// TooMany returns the error of a new world while there are as many as a limit allows.
func TooMany(limit int) error {
	return fmt.Errorf("too many worlds: %d is the limit; drop some or raise --max-worlds", limit)
}

// NewWorld makes a world, as a copy of from if that is not nil. The copy shares all rows, takes
// over the clock and starts with an empty journal. Its fakes are built when they are first used.
// The functions prepare run before the world can be found; if one fails, there is no new world.
func (u *Worlds) NewWorld(name string, settings Settings, from *World, prepare ...func(*World) error) (*World, error) {
	return u.newWorldFrom(name, settings, from, now, prepare)
}

// newWorldFrom is NewWorld with the rows that from had right before a journal entry.
func (u *Worlds) newWorldFrom(name string, settings Settings, from *World, at int,
	prepare []func(*World) error) (*World, error) {
	u.mu.RLock()
	full := len(u.worlds) >= u.options.MaxWorlds
	u.mu.RUnlock()
	u.expire(full)
	w := newWorld(u, name, settings)
	if from != nil {
		var err error
		failed := from.Use(&Turn{Writes: true, Do: func() { err = from.copyInto(w, at) }})
		if err = cmp.Or(failed, err); err != nil {
			return nil, err
		}
	}
	for _, do := range prepare {
		if err := do(w); err != nil {
			return nil, err
		}
	}
	if u.store != nil {
		if err := u.store.Add(w, u.options.MaxWorlds); err != nil {
			return nil, err
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.worlds[name] != nil && u.store == nil {
		return nil, fmt.Errorf("world %q exists", name)
	}
	if len(u.worlds) >= u.options.MaxWorlds && u.store == nil {
		return nil, TooMany(u.options.MaxWorlds)
	}
	u.worlds[name] = w
	made := Change{Action: "made"}
	if from != nil {
		made = Change{Action: "forked", From: from.Name}
	}
	w.publish(Event{Kind: "world", Data: made})
	return w, nil
}

// Drop removes a world with its credentials. The default world cannot be dropped.
func (u *Worlds) Drop(name string) error {
	if name == defaultWorld {
		return errors.New("the default world cannot be dropped; reset it instead")
	}
	w, err := u.World(name)
	if err == nil && u.store != nil {
		err = u.store.Drop(w)
	}
	if err == nil {
		u.forget(w)
	}
	return err
}

// forget removes a world from memory, with its credentials.
func (u *Worlds) forget(w *World) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.worlds[w.Name] == w {
		delete(u.worlds, w.Name)
	}
	w.dropped = true
	u.owners.drop(w)
	w.publishChange("dropped")
}
