package fake

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake/origin"
	"github.com/afba07b5/mockserver/fake/stub"
	"github.com/afba07b5/mockserver/fake/world"
)

// Config configures a Server. The zero value is usable.
type Config struct {
	Settings       Settings          // of the default world, and of new ones unless they bring their own
	Seeds          map[string][]Seed // content given by the caller, in layers: fake → seed named "given"
	Hosts          map[string]string // further host names that fakes answer for: host → fake
	PublicURL      string            // origin to use in answers instead of what the client asked for
	NoEvidence     bool              // leave out the Mockserver-Evidence header
	RefuseInferred bool              // operations without evidence fail loudly
	WebhookTargets []string          // host names that webhooks may go to besides loopback; "*" for all
	JournalBytes   int               // per world; default 16 MiB
	UndoBytes      int               // per world, of what Rewind undoes; default 64 MiB
	DeliveryBytes  int               // per fake and world, of the log of webhooks; default 16 MiB
	FileBytes      int               // per fake and world, of uploaded files; default 1 GiB
	Stubs          *stub.Defaults    // that every world starts with; may be nil
	MaxWorlds      int               // default 10,000
	// worlds not used for so long are dropped; default one hour, the default world never
	IdleExpiry   time.Duration
	CheckAnswers bool               // compare every answer with the document and report differences to Bug
	Bug          func(error)        // called for each internal error; may be nil
	Started      func(*State) error // runs once on each fresh default world's State, after its seed; may be nil
}

// Server serves the fakes and their worlds over HTTP. It is safe for concurrent use.
type Server struct {
	*world.Worlds
	options Config
	fakes   map[string]*mountedFake
}

// New makes a Server with one world called default. It returns an error if a document and its
// handlers do not match.
func New(o Config, defs ...*Def) (*Server, error) {
	s := &Server{options: o, fakes: map[string]*mountedFake{}}
	var fakes []*world.Fake
	for _, def := range defs {
		s.fakes[def.Name] = s.application(def)
		kind := &world.Fake{Name: def.Name, Seeds: def.Seeds, Build: def.build, Begin: def.Begin,
			Templates: def.Templates}
		if def.Credentials != nil {
			kind.Issue = func(s *State) any { return def.Credentials(s, "") }
		}
		if layers := o.Seeds[def.Name]; layers != nil {
			kind.Given = map[string][]Seed{"given": layers}
		}
		fakes = append(fakes, kind)
	}
	var err error
	s.Worlds, err = world.New(world.Options{Settings: o.Settings, WebhookTargets: o.WebhookTargets,
		JournalBytes: o.JournalBytes, UndoBytes: o.UndoBytes, DeliveryBytes: o.DeliveryBytes, FileBytes: o.FileBytes,
		Stubs: o.Stubs, MaxWorlds: o.MaxWorlds, IdleExpiry: o.IdleExpiry, Bug: o.Bug, Started: o.Started}, fakes...)
	return s, err
}

// byNumber are the handlers of one world by Operation.Number.
type byNumber []Handler

// build makes the tables and handlers of one world and matches the handlers with the document.
func (d *Def) build(s *State) error {
	handlers := d.New(s)
	ops := make(byNumber, len(d.Spec.Operations()))
	for i, op := range d.Spec.Operations() {
		if ops[i] = handlers[op.ID]; ops[i] == nil {
			return fmt.Errorf("operation %s of the document has no handler", op.ID)
		}
	}
	if len(handlers) > len(ops) {
		return fmt.Errorf("the document has no operation %s", d.unknown(handlers))
	}
	Bind(s, &ops)
	return nil
}

// unknown returns the first handler without an operation.
func (d *Def) unknown(handlers Ops) string {
	for _, op := range d.Spec.Operations() {
		delete(handlers, op.ID)
	}
	return slices.Sorted(maps.Keys(handlers))[0]
}

// Def returns the description of a fake, or nil.
func (s *Server) Def(name string) *Def {
	if f := s.fakes[name]; f != nil {
		return f.def
	}
	return nil
}

// Defs returns the fakes, sorted by name.
func (s *Server) Defs() []*Def {
	var defs []*Def
	for _, name := range s.nameList() {
		defs = append(defs, s.fakes[name].def)
	}
	return defs
}

// FakeAt returns the name of the fake that answers for a host name, "" if none does.
func (s *Server) FakeAt(host string) string {
	if f := s.byHost(origin.Host(host)); f != nil {
		return f.def.Name
	}
	return ""
}

func (s *Server) nameList() []string { return slices.Sorted(maps.Keys(s.fakes)) }
