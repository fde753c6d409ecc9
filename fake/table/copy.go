package table

import (
	"encoding/json"
	"iter"
	"reflect"
	"slices"

	"github.com/tidwall/btree"
)

// Any is a table without its row type, as its owner uses it.
type Any interface {
	Name() string
	Len() int
	Has(id string) bool // whether a row has that identifier
	Copy() any          // the present rows, for PutBack
	PutBack(rows any)   // restores the rows of Copy
	// shares the rows from Copy of the same table of another owner
	Adopt(rows any)
	// Show makes a table that nothing writes to show the rows from Copy of the same table of another owner. It
	// costs the same however many rows there are.
	Show(rows any)
	Keyed(rows any) map[string]json.RawMessage // what Copy returned by identifier; the present rows if that is nil
	Load(text json.RawMessage) error           // inserts one row; unknown keys are refused
	// LoadAll is Load for all rows of an empty table. It reports whether all are valid, and else changes nothing.
	LoadAll(rows Batches) bool
	// Merge is Load, but if a row has the same identifier, the fields of text replace its own.
	Merge(text json.RawMessage) error
	RowType() reflect.Type
	Held() int                         // bytes of rows that are Sizers
	Replaced() int                     // bytes of all rows that were ever removed or replaced
	Changes(since, until any) []Change // the rows that differ between two results of Copy
	RowIn(rows any, id string) Raw     // one row of what Copy returned, of the table itself if that is nil
	Version() uint64                   // changes with the rows
	Numbers(rows any) uint64           // the greatest number that a row was ever given, until Copy or, for nil, now
	// Put stores rows of another copy of the table under their numbers: some, and more with greater numbers, if that is
	// not nil. The next new row will follow the last of numbers.
	Put(some []Numbered, more Parts, numbers uint64) error

	// What a Table uses. It has an interface and not a core, because every package that uses tables is compiled
	// with a copy of each generic type that it can see in them, of the trees for example.
	Delete(id string) bool
	types() *kind
	find(id string) stored
	replace(old, row stored) error
	addIndex(ix index)
	all() []stored
	rowsAt(n int) iter.Seq[stored]
	nth(n int) iter.Seq[stored]
	by(name, value string) iter.Seq[stored]
	selectRows(q *query) ([]stored, int, string)
}

// freeze returns a copy that never changes. It shares all rows. It marks both sides, so the caller needs the
// lock for writing; empty tables are not marked.
func (d *rows) freeze() rows {
	if d.bySeq.Len() == 0 {
		c := noRows(len(d.trees))
		c.seq, c.held, c.edits = d.seq, d.held, d.edits
		return c
	}
	c := rows{bySeq: *d.bySeq.Copy(), byKey: *d.byKey.Copy(), seq: d.seq, held: d.held, edits: d.edits}
	c.trees = make([]btree.Map[string, uint64], len(d.trees))
	for i := range d.trees {
		c.trees[i] = *d.trees[i].Copy()
	}
	return c
}

// thaw returns a copy that may change of one that never does.
func (d *rows) thaw() rows {
	c := *d
	c.trees = slices.Clone(d.trees) // copying marks both sides, and d must not be marked
	return c.freeze()
}

// frozenTable is a table's rows with their indexes. It never changes, except that readers add indexes.
type frozenTable struct {
	data    rows
	indexes []index
	version uint64
	orders  *orders
}

// Copy implements Any.
func (t *core) Copy() any {
	if t.copied == nil || t.copied.version != t.version {
		t.orders.take(version{&t.data, t.version})
		t.copied = &frozenTable{t.data.freeze(), t.indexes, t.version, t.orders.freeze()}
		t.orders.demand.copied()
	}
	return t.copied
}

// rowsOf returns the rows of a copy; nil stands for the present ones.
func (t *core) rowsOf(copied any) *rows {
	if copied == nil {
		return &t.data
	}
	return &copied.(*frozenTable).data
}

// PutBack implements Any.
func (t *core) PutBack(data any) {
	k := data.(*frozenTable)
	t.data, t.indexes = k.data.thaw(), k.indexes
	t.orders.put(k.orders)
	t.version++
}

// Show implements Any.
func (t *core) Show(rows any) {
	k := rows.(*frozenTable)
	t.data, t.indexes, t.orders, t.version, t.shows = k.data, k.indexes, k.orders, k.version, true
}

// Adopt implements Any. Both owners have made the table in the same way, so the indexes are the same.
func (t *core) Adopt(rows any) {
	from := rows.(*frozenTable)
	t.data = from.data.thaw()
	t.orders.put(from.orders)
	t.version++
}

// Keyed implements Any.
func (t *core) Keyed(rows any) map[string]json.RawMessage {
	d := t.rowsOf(rows)
	out := make(map[string]json.RawMessage, d.bySeq.Len())
	for _, row := range d.all() {
		out[t.id(row)] = json.RawMessage(once(row))
	}
	return out
}

// Has implements Any.
func (t *core) Has(id string) bool { return t.find(id) != nil }
