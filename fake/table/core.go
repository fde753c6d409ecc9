package table

import (
	"iter"
	"slices"

	"github.com/tidwall/btree"
)

// core is a table without its row type, so that its code is compiled once and not for each type.
type core struct {
	kind
	name    string
	owner   Owner
	indexes []index
	data    rows
	version uint64
	orders  *orders
	copied  *frozenTable // the newest result of Copy
	shows   bool         // see Show

	replaced int // bytes of all rows ever removed or replaced
}

// kind is what a core knows of its row type.
type kind struct {
	table    any // the Table
	id       func(stored) string
	newRow   func() stored // an empty row
	fillRow  func(stored)
	fastRow  func(text []byte) stored // see LoadBy
	checkRow func(stored) error       // see LoadBy
	sizeOf   func(stored) int         // size of rows that report one; nil for others
}

//go:noinline
func newCore(name string, owner Owner, k kind) Any {
	return &core{kind: k, name: name, owner: owner, data: noRows(0), orders: newOrders()}
}

func (t *core) types() *kind { return &t.kind }

// stored is a *Row.
type stored interface {
	JSON() Raw
	own() *place
	value() any         // a pointer to the value
	appender() Appender // nil for rows that are encoded
	encoded() int
}

// rows is the part of a table that is copied.
type rows struct {
	bySeq btree.Map[uint64, stored]
	byKey btree.Map[string, uint64]
	trees []btree.Map[string, uint64]
	seq   uint64
	held  int   // bytes held by rows that report a size
	edits *edit // the newest
}

// degree of the trees. A write copies one node of each level, so small nodes make it cheap.
const degree = 12

func noRows(indexes int) rows {
	d := rows{bySeq: *btree.NewMap[uint64, stored](degree), byKey: newTree(), edits: &edit{}}
	d.trees = make([]btree.Map[string, uint64], indexes)
	for i := range d.trees {
		d.trees[i] = newTree()
	}
	return d
}

func newTree() btree.Map[string, uint64] { return *btree.NewMap[string, uint64](degree) }

// Name returns the name given to New.
func (t *core) Name() string { return t.name }

// Len returns the number of rows.
func (t *core) Len() int { return t.data.bySeq.Len() }

// Version changes with the rows, undone changes included; results stay valid while it stays.
func (t *core) Version() uint64 { return t.version }

func (t *core) touch() {
	t.orders.take(version{&t.data, t.version})
	t.owner.Touch(t)
	t.version++
}

func (t *core) addIndex(ix index) {
	t.touch()
	tree := newTree()
	for _, row := range t.data.all() {
		if err := t.clash(ix, &tree, row, row.own().seq); err != nil {
			panic(err)
		}
		enter(ix, &tree, row)
	}
	t.indexes = append(slices.Clip(t.indexes), ix)
	t.data.trees = append(slices.Clip(t.data.trees), tree)
}

func (d *rows) at(seq uint64) stored {
	row, _ := d.bySeq.Get(seq)
	return row
}

// all returns the rows in insertion order; the table may change while they are read.
func (d *rows) all() []stored { return d.bySeq.Values() }

func (t *core) find(id string) stored {
	if seq, ok := t.data.byKey.Get(id); ok {
		return t.data.at(seq)
	}
	return nil
}

//go:noinline
func (t *core) from(id string, down bool) iter.Seq[stored] {
	return func(yield func(stored) bool) {
		visit := func(_ string, seq uint64) bool { return yield(t.data.at(seq)) }
		switch {
		case !down:
			t.data.byKey.Ascend(id, visit)
		case id == "":
			t.data.byKey.Reverse(visit)
		default:
			t.data.byKey.Descend(id, visit)
		}
	}
}

//go:noinline
func (t *core) by(name, value string) iter.Seq[stored] {
	return func(yield func(stored) bool) {
		under(t.tree(name), value, func(seq uint64) bool { return yield(t.data.at(seq)) })
	}
}

func (t *core) ends(name string) (first, last stored) {
	_, low, _ := t.tree(name).Min()
	_, high, _ := t.tree(name).Max()
	return t.data.at(low), t.data.at(high)
}

func (t *core) tree(name string) *btree.Map[string, uint64] {
	for i := range t.indexes {
		if t.indexes[i].name == name {
			return &t.data.trees[i]
		}
	}
	panic("table " + t.name + " has no index " + name) // a programming error, not input
}

// replace stores a row in place of old, or as a new one if old is nil.
func (t *core) replace(old, row stored) error {
	id := t.id(row)
	if other := t.find(id); other != nil && other != old {
		return &ConflictError{Table: t.name, Value: id, ID: id}
	}
	t.touch()
	seq := &row.own().seq
	*seq = t.data.seq + 1
	if old != nil {
		*seq = old.own().seq
	}
	for i, ix := range t.indexes {
		if err := t.clash(ix, &t.data.trees[i], row, *seq); err != nil {
			return err
		}
	}
	if t.sizeOf != nil {
		t.data.held += t.sizeOf(row)
	}
	t.data.bySeq.Set(*seq, row)
	t.data.edited(*seq)
	if old == nil {
		t.data.seq++
		t.data.byKey.Set(id, *seq)
		for i, ix := range t.indexes {
			enter(ix, &t.data.trees[i], row)
		}
	} else {
		t.rekey(old, row)
	}
	t.orders.keep(old, row)
	return nil
}

// rekey moves the entries of old to row, which has taken its place. Most updates change none.
func (t *core) rekey(old, row stored) {
	t.replaced += t.weight(old)
	if was, id := t.id(old), t.id(row); was != id {
		t.data.byKey.Delete(was)
		t.data.byKey.Set(id, row.own().seq)
	}
	for i, ix := range t.indexes {
		if was := ix.keys(old); !slices.Equal(was, ix.keys(row)) {
			for _, value := range was {
				t.data.trees[i].Delete(indexKey(value, old.own().seq))
			}
			enter(ix, &t.data.trees[i], row)
		}
	}
}

func (t *core) all() []stored { return t.data.all() }

// Delete removes a row and reports whether there was one.
func (t *core) Delete(id string) bool {
	row := t.find(id)
	if row != nil {
		t.touch()
		t.drop(row)
	}
	return row != nil
}

// drop removes a row that no other replaces.
func (t *core) drop(row stored) {
	t.remove(row)
	t.orders.keep(row, nil)
}

func (t *core) remove(row stored) {
	seq := row.own().seq
	t.replaced += t.weight(row)
	t.data.bySeq.Delete(seq)
	t.data.edited(seq)
	t.data.byKey.Delete(t.id(row))
	for i, ix := range t.indexes {
		for _, value := range ix.keys(row) {
			t.data.trees[i].Delete(indexKey(value, seq))
		}
	}
}
