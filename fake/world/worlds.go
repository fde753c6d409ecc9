package world

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/webhook"
)

// Fake is what a universe has to know of a fake. Name, Seeds and Build are needed.
type Fake struct {
	Name  string
	Seeds fs.FS              // seeds/<name>.json: table → rows; "default" and "empty" at least
	Given map[string]Seed    // seeds that the caller brought
	Build func(*State) error // makes the tables of one world
	Begin func(*State)       // runs as a write once a world has its rows from a seed or a saved state, and when its clock was put back

	mu       sync.Mutex
	patterns map[string]*State // seed name → what worlds are copied from
}

// Options of a Universe; the zero value works.
type Options struct {
	Settings       Settings           // of the default world
	WebhookTargets []string           // host names that webhooks may go to besides loopback; "*" for all
	JournalBytes   int                // per world; default 16 MiB
	MaxWorlds      int                // default 1,000
	IdleExpiry     time.Duration      // worlds not used for so long are dropped; default one hour, the default world never
	Bug            func(error)        // told of every fault of the fakes' own; may be nil
	Started        func(*State) error // runs as a write on each fresh State of the default world, after its seed; may be nil
}

// Worlds holds fakes and their worlds. It is safe for concurrent use.
type Worlds struct {
	options Options
	fakes   map[string]*Fake
	names   []string
	sender  *webhook.Sender

	mu     sync.RWMutex
	worlds map[string]*World
	owners map[credentialKey]*World
}

// credentialKey names a credential of one fake.
type credentialKey struct{ fake, credential string }

// New makes a Universe with a world called default. It refuses a fake that cannot be built.
func New(o Options, fakes ...*Fake) (*Worlds, error) {
	u := &Worlds{options: o, fakes: map[string]*Fake{}, worlds: map[string]*World{}, owners: map[credentialKey]*World{}, sender: webhook.New(o.WebhookTargets)}
	for _, f := range fakes {
		f.patterns = map[string]*State{}
		u.fakes[f.Name] = f
		if _, err := newState(newWorld(u, "", Settings{}), f); err != nil {
			return nil, err
		}
	}
	u.names = slices.Sorted(maps.Keys(u.fakes))
	u.worlds["default"] = newWorld(u, "default", o.Settings)
	return u, nil
}

// Close stops what runs beside the requests: webhook deliveries.
func (u *Worlds) Close() { u.sender.Close() }

// SeedNames returns the seeds of a fake, nil if there is no such fake.
func (u *Worlds) SeedNames(fake string) []string {
	if f := u.fakes[fake]; f != nil {
		return f.seedNames()
	}
	return nil
}

func newWorld(u *Worlds, name string, settings Settings) *World {
	w := &World{Name: name, universe: u, states: map[string]*State{}}
	w.settings.Store(&settings)
	w.Journal = journal.New(u.options.JournalBytes)
	w.Used()
	return w
}

func (u *Worlds) bug(err error) {
	if u.options.Bug != nil {
		u.options.Bug(err)
	}
}

func (u *Worlds) registerCredential(fake, credential string, w *World) {
	if w.Name == "" || w.Name == "default" || credential == "" {
		return
	}
	u.mu.Lock()
	u.owners[credentialKey{fake, credential}] = w
	u.mu.Unlock()
}

// World returns the world of that name; the error names the nearest one.
func (u *Worlds) World(name string) (*World, error) {
	u.mu.RLock()
	defer u.mu.RUnlock()
	if w := u.worlds[name]; w != nil {
		return w, nil
	}
	return nil, fmt.Errorf("no world %q%s; POST /__admin/worlds makes one", name, Hint(name, slices.Collect(maps.Keys(u.worlds))))
}

// List returns all worlds by name, after dropping those that idled too long.
func (u *Worlds) List() []*World {
	u.expire()
	u.mu.RLock()
	defer u.mu.RUnlock()
	var out []*World
	for _, name := range slices.Sorted(maps.Keys(u.worlds)) {
		out = append(out, u.worlds[name])
	}
	return out
}

var errTooManyWorlds = errors.New("too many worlds")

// NewWorld makes a world, as a copy of another if from is not nil. The copy shares all rows, takes the clock
// as it stands and has a journal of its own.
func (u *Worlds) NewWorld(name string, settings Settings, from *World) (*World, error) {
	u.expire()
	w := newWorld(u, name, settings)
	if from != nil {
		if err := from.copyInto(w); err != nil {
			return nil, err
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	most := u.options.MaxWorlds
	if most == 0 {
		most = 1000
	}
	if u.worlds[name] != nil {
		return nil, fmt.Errorf("world %q exists", name)
	}
	if len(u.worlds) >= most {
		return nil, fmt.Errorf("%w: there are %d, the limit; delete some or raise it", errTooManyWorlds, len(u.worlds))
	}
	u.worlds[name] = w
	return w, nil
}

func (w *World) copyInto(c *World) error {
	states, unlock := w.lockAll()
	defer unlock()
	for _, state := range states {
		copied, err := state.fork(c)
		if err != nil {
			return err
		}
		c.states[state.fake.Name] = copied
	}
	c.ids.Store(w.ids.Load())
	settings := c.Settings()
	settings.Seeds = w.Settings().Seeds
	c.settings.Store(&settings)
	c.Clock.Set(w.Clock.Now(), w.Clock.Frozen())
	return nil
}

// Drop removes a world with its credentials. The default world stays.
func (u *Worlds) Drop(name string) error {
	if name == "default" {
		return errors.New("the default world cannot be dropped; reset it instead")
	}
	if _, err := u.World(name); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	w := u.worlds[name]
	delete(u.worlds, name)
	maps.DeleteFunc(u.owners, func(_ credentialKey, owner *World) bool { return owner == w })
	return nil
}

func (u *Worlds) expire() {
	idle := u.options.IdleExpiry
	if idle == 0 {
		idle = time.Hour
	}
	u.mu.RLock()
	var old []string
	for name, w := range u.worlds {
		if name != "default" && time.Since(time.Unix(w.used.Load(), 0)) > idle {
			old = append(old, name)
		}
	}
	u.mu.RUnlock()
	for _, name := range old {
		u.Drop(name)
	}
}

// Used notes that the world has just answered.
func (w *World) Used() { w.used.Store(time.Now().Unix()) }

// LastUsed returns when the world last answered, on the real clock.
func (w *World) LastUsed() time.Time { return time.Unix(w.used.Load(), 0) }

// WorldOf returns the world that a credential belongs to, nil if it belongs to none in particular.
func (u *Worlds) WorldOf(fake, credential string) *World {
	u.mu.RLock()
	defer u.mu.RUnlock()
	return u.owners[credentialKey{fake, credential}]
}
