package fake

import (
	"github.com/afba07b5/mockserver/fake/clock"
	"github.com/afba07b5/mockserver/fake/fault"
	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/nearest"
	"github.com/afba07b5/mockserver/fake/openapi"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/webhook"
	"github.com/afba07b5/mockserver/fake/world"
)

// Names from the packages below this one, so that fakes import only this package.
type (
	Table[T any] = table.Table[T]
	Row[T any]   = table.Row[T]
	Raw          = table.Raw
	Query[T any] = table.Query[T]
	Key[T any]   = table.Key[T]
	Range[T any] = table.Range[T]
	Taken        = table.ConflictError
	Missing      = table.NotFoundError
	Spec         = openapi.Spec
	Operation    = openapi.Operation
	Violation    = openapi.Violation
	Clock        = clock.Clock
	Journal      = journal.Journal
	Entry        = journal.Entry
	Refusal      = journal.Refusal
	Fault        = fault.Fault
	FaultRule    = fault.Rule
	Faults       = fault.Set
	Delivery     = webhook.Delivery
	World        = world.World
	State        = world.State
	Settings     = world.Settings
	Seed         = world.Seed
	Rows         = world.Rows
	SavedWorld   = world.Saved
	Templates    = world.Templates
	Job          = world.Job
	Difference   = world.Difference
	Bounds       = world.Bounds
	Event        = world.Event
	RowChange    = world.RowChange
	FaultChange  = fault.Change
	Use          = journal.Use
	KeyedRow     = table.Change
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

// LoadSpec loads a fake's document; see openapi.Load.
func LoadSpec(text []byte) (*Spec, error) { return openapi.Load(text) }

func encode(v any) []byte { return table.Encode(v) }
