package table

import (
	"cmp"
	"encoding/binary"
	"iter"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/tidwall/btree"
)

// Ordered is an ordered index that counts: a tree of the rows that belong to it, by a key and then
// by the order of their insertion. A table builds it when it is first asked for, keeps it with
// every write, and shares it with forks as it shares the rows. Like the rows it may be read unless
// a write is under way.
type Ordered struct {
	name string
	keys func(row stored, add func(key string))
	tree btree.Map[string, stored]
	used *atomic.Uint64 // when it was last used, in writes of its table; copies share it
}

// What a table keeps of indexes that were built on demand.
const (
	mostOrdered = 24      // indexes; the one that has not been used for longest makes room
	idleWrites  = 1000    // writes that an index outlives without being used
	mostAsked   = 4 * 256 // names of queries that were asked once
)

// orders are the indexes that were built on demand of a table or of a copy of one. Readers add to them, so
// they have a lock.
type orders struct {
	mu     sync.Mutex
	all    []*Ordered
	demand *demand
}

func newOrders() *orders { return &orders{demand: &demand{}} }

// smallTable is how many rows a table has before a query builds an index.
const smallTable = 100

func (o *orders) fewRows() int { return cmp.Or(o.demand.few, smallTable) }

// OrderByWords returns the index of that name, building it if need be. keys calls its function with each key of a row:
// none, one or several different ones. They must depend on nothing but the row, and be the same for all calls with one
// name: the index keeps the function, and takes it along to forks.
func OrderByWords[T any](t *Table[T], name string, keys func(*T, func(key string))) *Ordered {
	return t.core.(*core).ordered(name, func(row stored, add func(string)) { keys(&row.(*Row[T]).Value, add) })
}

func (t *core) ordered(name string, keys func(stored, func(string))) *Ordered {
	o := t.orders
	if x := o.find(name); x != nil {
		return x
	}
	var x *Ordered
	if t.shows {
		x = o.demand.index(name, keys, version{&t.data, t.version})
	} else if x = o.demand.built(name, version{&t.data, t.version}); x == nil {
		x = o.demand.newOrdered(name, keys)
		x.build(&t.data)
	}
	return o.add(x)
}

// find returns the index of that name, or nil.
func (o *orders) find(name string) *Ordered {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, x := range o.all {
		if x.name == name {
			x.used.Store(o.demand.writes.Load())
			return x
		}
	}
	return nil
}

// add adds an index unless there is one of its name, and returns the one that is there then.
func (o *orders) add(x *Ordered) *Ordered {
	if other := o.find(x.name); other != nil {
		return other
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.all) >= mostOrdered {
		oldest := slices.MinFunc(o.all, leastUsed)
		o.all = slices.DeleteFunc(slices.Clone(o.all), func(x *Ordered) bool { return x == oldest })
	}
	o.all = append(slices.Clip(o.all), x)
	return x
}

func leastUsed(a, b *Ordered) int { return cmp.Compare(a.used.Load(), b.used.Load()) }

// again reports whether a query was asked before, and notes that it is asked now: the first time
// does not pay for an index.
func (t *core) again(name string) bool {
	return t.orders.demand.again(name) || t.orders.find(name) != nil
}

func (x *Ordered) build(d *rows) {
	rows := d.all()
	x.tree = *btree.NewMap[string, stored](degree)
	for _, k := range sortedKeys(rows, x.entries) {
		x.tree.Load(k.key, rows[k.row])
	}
}

// entries calls add with a row's keys in the tree. No two rows share one.
func (x *Ordered) entries(row stored, add func(string)) {
	x.keys(row, func(key string) {
		add(string(binary.BigEndian.AppendUint64(append(make([]byte, 0, len(key)+8), key...), row.own().seq)))
	})
}

// keep notes in all indexes that row takes the place of old; either may be nil.
func (o *orders) keep(old, row stored) {
	if len(o.all) == 0 {
		return
	}
	writes := o.demand.writes.Add(1)
	o.all = slices.DeleteFunc(o.all, func(x *Ordered) bool { return writes-min(writes, x.used.Load()) > idleWrites })
	for _, x := range o.all {
		x.replace(old, row)
	}
}

func (x *Ordered) replace(old, row stored) {
	if old != nil {
		x.entries(old, func(key string) { x.tree.Delete(key) })
	}
	if row != nil {
		x.entries(row, func(key string) { x.tree.Set(key, row) })
	}
}

// freeze returns the indexes for a copy of the table. Like those of the rows, the nodes of the trees are shared.
func (o *orders) freeze() *orders {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := &orders{demand: o.demand, all: make([]*Ordered, 0, len(o.all))}
	for _, x := range o.all {
		out.all = append(out.all, &Ordered{name: x.name, keys: x.keys, used: x.used, tree: *x.tree.Copy()})
	}
	return out
}

// put replaces all indexes by those of a copy.
func (o *orders) put(from *orders) {
	from.mu.Lock()
	all := from.all
	from.mu.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.all = make([]*Ordered, 0, len(all))
	for _, x := range all {
		x = x.thaw()
		x.used = &atomic.Uint64{}
		x.used.Store(o.demand.writes.Load())
		o.all = append(o.all, x)
	}
}

// thaw returns an index that may change with the entries of one that never does.
func (x *Ordered) thaw() *Ordered {
	tree := x.tree // copying marks both sides, and x must not be marked
	return &Ordered{name: x.name, keys: x.keys, used: x.used, tree: *tree.Copy()}
}

// Len returns the number of rows in the index.
func (x *Ordered) Len() int { return x.tree.Len() }

// Rank returns how many rows have keys less than these bytes.
func (x *Ordered) Rank(key string) int {
	return sort.Search(x.tree.Len(), func(i int) bool {
		at, _, _ := x.tree.GetAt(i)
		return at >= key
	})
}

// Range returns where the keys from low on, below high, begin and end. An empty high is no bound.
func (x *Ordered) Range(low, high string) (from, to int) {
	from, to = 0, x.Len()
	if low != "" {
		from = x.Rank(low)
	}
	if high != "" {
		to = max(from, x.Rank(high))
	}
	return from, to
}

// walk yields rows from the nth on.
//
//go:noinline
func (x *Ordered) walk(n int) iter.Seq[stored] {
	return func(yield func(stored) bool) {
		if key, _, ok := x.tree.GetAt(n); ok {
			x.tree.Ascend(key, func(_ string, row stored) bool { return yield(row) })
		}
	}
}
