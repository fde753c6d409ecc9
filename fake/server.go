package fake

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/webhook"
)

// Options of a Server; the zero value works.
type Options struct {
	Settings       Settings           // of the default world, and of new ones unless they bring their own
	Seeds          map[string]Seed    // content given by the caller: fake → seed named "given"
	PublicURL      string             // origin to use in answers instead of what the client asked for
	NoEvidence     bool               // leave out the Mockserver-Evidence header
	RefuseInferred bool               // operations without evidence fail loudly
	WebhookTargets []string           // host names that webhooks may go to besides loopback; "*" for all
	JournalBytes   int                // per world; default 16 MiB
	MaxWorlds      int                // default 1,000
	IdleExpiry     time.Duration      // worlds not used for so long are dropped; default one hour, the default world never
	CheckAnswers   bool               // compare every answer with the document and report differences to Bug
	Bug            func(error)        // told of every fault of the fakes' own; may be nil
	Started        func(*State) error // runs once on each fresh default world's State, after its seed; may be nil
}

// Server holds fakes and their worlds. It is safe for concurrent use.
type Server struct {
	options Options
	fakes   map[string]*resident
	sender  *webhook.Sender

	mu     sync.RWMutex
	worlds map[string]*World
	owners map[string]*World // fake + "\x00" + credential → world
}

// resident is a fake together with what the Server derives from it.
type resident struct {
	def  *Def
	spec *Spec
	echo *echo.Echo

	byPath map[string]map[string]*Operation // Echo's spelling of the path → method → operation

	mu       sync.Mutex
	patterns map[string]*State // seed name → what worlds are copied from
	given    map[string]Seed
}

// New makes a Server with a world called default. It refuses a document and handlers that do not match.
func New(o Options, defs ...*Def) (*Server, error) {
	s := &Server{options: o, fakes: map[string]*resident{}, worlds: map[string]*World{}, owners: map[string]*World{}}
	s.sender = webhook.New(o.WebhookTargets)
	for _, def := range defs {
		f := &resident{def: def, spec: def.Spec, patterns: map[string]*State{}, given: map[string]Seed{}, byPath: map[string]map[string]*Operation{}}
		if seed := o.Seeds[def.Name]; seed != nil {
			f.given["given"] = seed
		}
		f.route()
		s.fakes[def.Name] = f
		if _, err := newState(newWorld(s, "", Settings{}), f); err != nil {
			return nil, err
		}
	}
	s.worlds["default"] = newWorld(s, "default", o.Settings)
	return s, nil
}

func newWorld(s *Server, name string, settings Settings) *World {
	w := &World{Name: name, server: s, states: map[string]*State{}}
	w.settings.Store(&settings)
	w.Journal = journal.New(s.options.JournalBytes)
	w.touchUse()
	return w
}

// route registers the document's paths with Echo, which is used for nothing else.
func (f *resident) route() {
	f.echo = echo.New()
	for _, op := range f.spec.Operations() {
		path := strings.NewReplacer("{", ":", "}", "").Replace(op.Path)
		if f.byPath[path] == nil {
			f.byPath[path] = map[string]*Operation{}
		}
		f.byPath[path][op.Method] = op
		f.echo.Router().Add(op.Method, path, func(echo.Context) error { return nil })
	}
}

// Close stops what runs beside the requests: webhook deliveries.
func (s *Server) Close() { s.sender.Close() }

// Defs returns the fakes by name.
func (s *Server) Defs() []*Def {
	var defs []*Def
	for _, name := range s.nameList() {
		defs = append(defs, s.fakes[name].def)
	}
	return defs
}

// SeedNames returns the seeds of a fake, nil if there is no such fake.
func (s *Server) SeedNames(fake string) []string {
	if f := s.fakes[fake]; f != nil {
		return f.seedNames()
	}
	return nil
}

func (s *Server) nameList() []string { return slices.Sorted(maps.Keys(s.fakes)) }
func (s *Server) names() string      { return strings.Join(s.nameList(), ", ") }

func (s *Server) bug(err error) {
	if s.options.Bug != nil {
		s.options.Bug(err)
	}
}

func (s *Server) own(fake, credential string, w *World) {
	if w.Name == "" || w.Name == "default" || credential == "" {
		return
	}
	s.mu.Lock()
	s.owners[fake+"\x00"+credential] = w
	s.mu.Unlock()
}

// World returns the world of that name; the error names the nearest one.
func (s *Server) World(name string) (*World, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if w := s.worlds[name]; w != nil {
		return w, nil
	}
	return nil, fmt.Errorf("no world %q; nearest: %q; POST /__admin/worlds makes one", name, Nearest(name, slices.Collect(maps.Keys(s.worlds))))
}

// Worlds returns all worlds by name, after dropping those that idled too long.
func (s *Server) Worlds() []*World {
	s.expire()
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []*World
	for _, name := range slices.Sorted(maps.Keys(s.worlds)) {
		out = append(out, s.worlds[name])
	}
	return out
}

var errTooMany = errors.New("too many worlds")

// NewWorld makes a world, as a copy of another if from is not nil. The copy shares all rows, takes the clock
// as it stands and has a journal of its own.
func (s *Server) NewWorld(name string, settings Settings, from *World) (*World, error) {
	s.expire()
	w := newWorld(s, name, settings)
	if from != nil {
		if err := from.copyInto(w); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.options.MaxWorlds
	if most == 0 {
		most = 1000
	}
	if s.worlds[name] != nil {
		return nil, fmt.Errorf("world %q exists", name)
	}
	if len(s.worlds) >= most {
		return nil, fmt.Errorf("%w: there are %d, the limit; delete some or raise it", errTooMany, len(s.worlds))
	}
	s.worlds[name] = w
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
		c.states[state.fake.def.Name] = copied
	}
	c.ids.Store(w.ids.Load())
	settings := c.Settings()
	settings.Seeds = w.Settings().Seeds
	c.settings.Store(&settings)
	c.Clock.Set(w.Clock.Now(), w.Clock.Frozen())
	return nil
}

// Drop removes a world with its credentials. The default world stays.
func (s *Server) Drop(name string) error {
	if name == "default" {
		return errors.New("the default world cannot be dropped; reset it instead")
	}
	if _, err := s.World(name); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.worlds[name]
	delete(s.worlds, name)
	maps.DeleteFunc(s.owners, func(_ string, owner *World) bool { return owner == w })
	return nil
}

func (s *Server) expire() {
	idle := s.options.IdleExpiry
	if idle == 0 {
		idle = time.Hour
	}
	s.mu.RLock()
	var old []string
	for name, w := range s.worlds {
		if name != "default" && time.Since(time.Unix(w.used.Load(), 0)) > idle {
			old = append(old, name)
		}
	}
	s.mu.RUnlock()
	for _, name := range old {
		s.Drop(name)
	}
}

func (w *World) touchUse() { w.used.Store(time.Now().Unix()) }

// LastUsed returns when the world last answered, on the real clock.
func (w *World) LastUsed() time.Time { return time.Unix(w.used.Load(), 0) }
