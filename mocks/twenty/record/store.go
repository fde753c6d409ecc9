package record

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// The rows of an object.
type (
	Table = fake.Table[*Record] // the records of one object
	Row   = fake.Row[*Record]   // a record with its cached encoding
)

// Store keeps the records of one world, a table per object named "record:" and the object's singular name.
// A table is made with the first record; an object without one has no records.
type Store struct {
	State *fake.State
	Meta  *schema.Tables
	// Changed is called for every change, inside the write. It may be nil.
	Changed func(Event)
	// Prepare may complete the data of a new record before it is read. It may be nil.
	Prepare func(*schema.Model, *js.Object) (*js.Object, error)
	// Destroyed is called for every record that a client removes for good. It may be nil.
	Destroyed func(*schema.Model, *Record)

	cache *filterCache
	last  atomic.Pointer[Layout] // the one that was asked for last
}

// Event is one change of one record.
type Event struct {
	Action  string // created, updated, deleted, restored or destroyed
	Model   *schema.Model
	Record  *Record  // after the change; of a destroyed record, the last state
	Before  *Record  // nil for created
	Updated []string // the fields that webhooks name: of a relation its name and its column, and updatedBy
	Diff    []string // the fields with different values, updatedBy aside
	Caller  *schema.Caller
}

// layouts are the layouts for one state of the metadata.
type layouts struct{ of sync.Map } // object id → *Layout

const tablePrefix = "record:"

// TableName returns the name of the table that has the records of an object.
func TableName(m *schema.Model) string { return tablePrefix + m.NameSingular }

// NewStore makes the store of a world and subscribes it to changes of the metadata.
func NewStore(s *fake.State, meta *schema.Tables) *Store {
	st := &Store{State: s, Meta: meta, cache: fake.Shared(s, func() *filterCache { return &filterCache{} })}
	meta.Records = st
	s.OnMissingTable(func(name string) {
		if strings.HasPrefix(name, tablePrefix) {
			st.makeTable(name)
		}
	})
	return st
}

// Layout returns the layout of an object's records.
func (s *Store) Layout(m *schema.Model) *Layout {
	if last := s.last.Load(); last != nil && last.Model == m {
		return last
	}
	set := schema.Derived(m.Schema, func(*schema.Schema) *layouts { return &layouts{} })
	l, ok := set.of.Load(m.ID)
	if !ok {
		l, _ = set.of.LoadOrStore(m.ID, newLayout(m))
	}
	s.last.Store(l.(*Layout))
	return l.(*Layout)
}

// Table returns the table of an object's records, nil if it has none.
func (s *Store) Table(m *schema.Model) *Table {
	return fake.TableOf[*Record](s.State, TableName(m))
}

// EnsureTable returns the table of an object's records, making it if need be. It is for writes.
func (s *Store) EnsureTable(m *schema.Model) *Table {
	if t := s.Table(m); t != nil {
		return t
	}
	return s.makeTable(TableName(m))
}

func (s *Store) makeTable(name string) *Table {
	singular := name[min(len(tablePrefix), len(name)):]
	t := fake.NewTable(s.State, name, func(r *Record) string { return r.ID }, func(r **Record) { s.fill(singular, *r) })
	decode := func(text []byte) (*Record, bool) {
		m := s.Meta.Schema().Singular(singular)
		if m == nil {
			return nil, false
		}
		return s.Layout(m).decode(text)
	}
	table.LoadBy(t, decode, func(r *Record) error { return s.checkLoaded(singular, r) })
	table.Index(t, "unique", true, UniqueKeys)
	table.Index(t, "refers", false, referenceKeys)
	table.Index(t, "deleted", false, deletedKeys)
	table.Index(t, "position", false, positionKeys)
	return t
}

// checkLoaded refuses a record of a seed or a saved state of an unknown object, or with unknown fields.
func (s *Store) checkLoaded(singular string, r *Record) error {
	m := s.Meta.Schema().Singular(singular)
	if m != nil {
		return s.Layout(m).checkFields(r.raw())
	}
	names := js.Map(s.Meta.Schema().Active(), func(m *schema.Model) string { return m.NameSingular })
	return fmt.Errorf("no object %q%s", singular, fake.Hint(singular, names))
}

// fill sets the layout and the computed values of a record of a seed or a saved state.
func (s *Store) fill(singular string, r *Record) {
	if r.layout != nil {
		return
	}
	m := s.Meta.Schema().Singular(singular)
	if m == nil {
		r.layout = &Layout{byPath: map[string]*Column{}}
		return
	}
	given := r.raw()
	if r.ID == "" {
		r.ID = s.State.NewID()
		given["id"] = r.ID
	}
	r.bind(s.Layout(m))
	now := s.Now()
	for _, c := range r.layout.Columns {
		key := c.Name
		if _, ok := given[key]; !ok && !c.Join {
			s.setDefault(r, c, now)
		}
	}
	r.index()
}

// setDefault gives a column of a new record its default.
func (s *Store) setDefault(r *Record, c *Column, now value.Moment) {
	if c.Attr.Name == "createdAt" || c.Attr.Name == "updatedAt" {
		r.values[c.at] = now
		return
	}
	if c.Attr.Name == "id" {
		r.values[c.at] = r.ID
		return
	}
	if r.values[c.at] = c.Default(s.State, now); r.values[c.at] == nil && c.Kind == Text && !c.Attr.IsNullable {
		r.values[c.at] = "" // as the vendor's own rows have it: the member's name
	}
}

// Row returns a record by its identifier, in the trash or not, or nil.
func (s *Store) Row(m *schema.Model, id string) *Row {
	if t := s.Table(m); t != nil {
		return t.Row(id)
	}
	return nil
}

// Find returns a record by its identifier, in the trash or not, or nil, without its cached encoding.
func (s *Store) Find(m *schema.Model, id string) *Record {
	if row := s.Row(m, id); row != nil {
		return row.Value
	}
	return nil
}

// Live returns a record by its identifier, or nil if it is missing or in the trash.
func (s *Store) Live(m *schema.Model, id string) *Row {
	if row := s.Row(m, id); row != nil && !row.Value.Deleted() {
		return row
	}
	return nil
}

// One returns the record of a to-one relation, or nil if it is missing or in the trash.
func (s *Store) One(r *Record, a *schema.Attr) *Row {
	id, ok := r.At(r.layout.Column(a.JoinColumn)).(string)
	if !ok || a.Target == nil {
		return nil
	}
	return s.Live(a.Target, id)
}

// Many returns the first live records, up to a limit, that refer to one by a one-to-many relation, last written last,
// as the database has them.
func (s *Store) Many(r *Record, a *schema.Attr, limit int) (out []*Row) {
	if a.Target == nil || a.Inverse == nil {
		return nil
	}
	t := s.Table(a.Target)
	if t == nil {
		return nil
	}
	for row := range t.By("refers", a.Inverse.JoinColumn+"\x01"+r.ID) {
		if len(out) == limit {
			break
		}
		if !row.Value.Deleted() {
			out = append(out, row)
		}
	}
	return out
}

// Referring returns the records of an object that refer to an id by a relation column, last written last.
func (s *Store) Referring(m *schema.Model, column, id string) []*Row {
	t := s.Table(m)
	if t == nil {
		return nil
	}
	return slices.Collect(t.By("refers", column+"\x01"+id))
}

// Now returns the time of the world.
func (s *Store) Now() value.Moment { return value.Moment(s.State.Now().UnixMilli()) }
