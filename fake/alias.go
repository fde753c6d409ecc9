package fake

import (
	"io/fs"

	"github.com/afba07b5/mockserver/fake/clock"
	"github.com/afba07b5/mockserver/fake/fault"
	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/nearest"
	"github.com/afba07b5/mockserver/fake/openapi"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/webhook"
	"github.com/afba07b5/mockserver/fake/world"
)

// The names here are from the packages below this one, so that fakes import only this package. Their
// methods are documented there: go doc ./fake/table Table, go doc ./fake/world State.

type (
	Table[T any]  = table.Table[T]      // the rows of one kind
	Row[T any]    = table.Row[T]        // a row with its cached encoding
	Raw           = table.Raw           // JSON that is written as it is
	Query[T any]  = table.Query[T]      // what a list asks of a table
	Key[T any]    = table.Key[T]        // a column that rows are ordered or filtered by
	Range[T any]  = table.Range[T]      // a condition on a column
	ConflictError = table.ConflictError // a row with this key exists
	NotFoundError = table.NotFoundError // no row has this identifier
	Spec          = openapi.Spec        // the document of a fake
	Operation     = openapi.Operation   // one operation of a document
	Violation     = openapi.Violation   // one way in which a request breaks the document
	Entry         = journal.Entry       // one request in a journal
	Rejection     = journal.Rejection   // the rule that rejected a request
	Fault         = fault.Fault         // a failure that a request meets
	FaultRule     = fault.Rule          // says which requests meet a fault
	Delivery      = webhook.Delivery    // a webhook request and its outcome
	World         = world.World         // an isolated set of rows, credentials, clock, faults and journal
	State         = world.State         // a fake's share of a world
	Window        = clock.Window        // counts for a rate limit, see Shared
	Settings      = world.Settings      // the settings of a new world
	Seed          = world.Seed          // rows that a world starts with
	Rows          = world.Rows          // tables with their rows, as JSON
	SavedWorld    = world.Saved         // a world as a state file has it
	Templates     = world.Templates     // rows that servers of a process share
	Job           = world.Job           // work that waits for the clock
	Difference    = world.Difference    // a row that differs between two states
	Bounds        = world.Bounds        // the sizes that a world keeps to
	Event         = world.Event         // a change that observers of a server see
	RowChange     = world.RowChange     // a row before and after a request
	Use           = journal.Use         // an operation that a world has used
	KeyedRow      = table.Change        // a row with its identifier
)

// NewTable makes a table and registers it under the name that seeds and saved states use. key
// returns a row's identifier, which is unique in the table. fill may be nil; it sets the defaults
// of a row that a client or a seed creates, may call State.NewID and State.Now, and must not reject
// anything.
func NewTable[T any](s *State, name string, key func(T) string, fill func(*T)) *Table[T] {
	return world.NewTable(s, name, key, fill)
}

// TableOf returns the table with that name and row type, or nil.
func TableOf[T any](s *State, name string) *Table[T] { return world.TableOf[T](s, name) }

// Nearest returns the known word with the smallest edit distance to word, or "" if none is near.
func Nearest(word string, known []string) string { return nearest.Word(word, known) }

// Hint returns a suffix for an error message that names the nearest known word, or "" if none is
// near.
func Hint(word string, known []string) string { return nearest.Hint(word, known) }

// Joined returns rows as one JSON array, from their cached encodings.
func Joined[T any](rows []*Row[T]) Raw { return table.Joined(rows) }

// Bind keeps a value with the State, one of each type: usually the fake's tables. Def.New calls it.
func Bind[T any](s *State, own *T) { world.Bind(s, own) }

// Of returns the value of a type that Bind has kept, without an assertion. It panics if there is no
// such value.
func Of[T any](s *State) *T { return world.Of[T](s) }

// Shared returns a value that all States with the rows of one fake in one world have in common, one of each
// type; see world.Shared. Def.New calls it for caches, and for what no undo touches, such as rate limits.
func Shared[T any](s *State, make func() *T) *T { return world.Shared(s, make) }

// LoadSpec loads a fake's document; see openapi.Load.
func LoadSpec(text []byte) (*Spec, error) { return openapi.Load(text) }

// MustLoad loads the document openapi.json of an embedded file system. It panics
// without a valid one. A fake loads its document once:
//
//	var document = sync.OnceValue(func() *fake.Spec { return fake.MustLoad(files) })
func MustLoad(files fs.FS) *Spec {
	text, err := fs.ReadFile(files, "openapi.json")
	if err != nil {
		panic(err)
	}
	spec, err := openapi.Load(text)
	if err != nil {
		panic(err)
	}
	return spec
}

func encode(v any) []byte { return table.Encode(v) }
