package table

import (
	"slices"
	"sync"
	"sync/atomic"
)

// demand is what is asked of a table and all its copies: which queries, and which indexes were built of a
// copy. The table takes over what a copy has built, so that no later copy builds it again.
type demand struct {
	mu     sync.Mutex
	asked  map[string]bool
	builds []*build
	open   atomic.Int32  // builds that the table has not taken over
	writes atomic.Uint64 // of the table, while it has indexes
	few    int           // if not 0, it replaces smallTable
}

// build is one index of a copy.
type build struct {
	name  string
	done  chan struct{} // closed once index is set; index stays nil if building it has failed
	of    rows
	at    uint64 // the version of the table that the copy is of
	index *Ordered
	taken bool // by the table, whose next copy has it
}

// version is the rows of a table at one version.
type version struct {
	rows *rows
	at   uint64
}

func (d *demand) again(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked[name] {
		return true
	}
	if d.asked == nil || len(d.asked) >= mostAsked {
		d.asked = map[string]bool{}
	}
	d.asked[name] = true
	return false
}

func (d *demand) newOrdered(name string, keys func(stored, func(string))) *Ordered {
	x := &Ordered{name: name, keys: keys, used: &atomic.Uint64{}}
	x.used.Store(d.writes.Load())
	return x
}

// index returns an index of a copy. If one is being built of another copy, index waits for it.
func (d *demand) index(name string, keys func(stored, func(string)), of version) *Ordered {
	b, own := d.buildOf(name, of)
	if !own {
		<-b.done
		if b.index != nil {
			return d.follow(b, of)
		}
		x := d.newOrdered(name, keys)
		x.build(of.rows)
		return x
	}
	defer close(b.done)
	x := d.newOrdered(name, keys)
	x.build(of.rows)
	b.index = x
	return x
}

// buildOf returns the build of that name. own is true if it is new and the caller has to do it.
func (d *demand) buildOf(name string, of version) (b *build, own bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.builds {
		if b.name == name {
			return b, false
		}
	}
	if len(d.builds) >= mostOrdered {
		d.forget(func(b *build) bool { return b.finished() })
	}
	b = &build{name: name, done: make(chan struct{}), of: *of.rows, at: of.at}
	d.builds = append(d.builds, b)
	d.open.Store(int32(len(d.builds)))
	return b, true
}

func (b *build) finished() bool {
	select {
	case <-b.done:
		return true
	default:
		return false
	}
}

// forget drops builds. The lock must be held.
func (d *demand) forget(drop func(*build) bool) {
	d.builds = slices.DeleteFunc(d.builds, drop)
	d.open.Store(int32(len(d.builds)))
}

// built returns an index of the present rows of the table if a copy has one of that name, or nil.
func (d *demand) built(name string, now version) *Ordered {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.builds {
		if b.name == name && b.finished() && b.index != nil {
			return b.index.at(&b.of, now.rows)
		}
	}
	return nil
}

// follow returns the index of a build for the rows of another copy.
func (d *demand) follow(b *build, of version) *Ordered {
	x := b.index.at(&b.of, of.rows)
	if of.at <= b.at {
		return x
	}
	later := &build{name: b.name, done: b.done, of: *of.rows, at: of.at, index: x}
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(d.builds, b); i >= 0 && !b.taken {
		d.builds[i] = later // the next copy has less to follow
	}
	return x
}

// at returns a copy of the index for other rows than those it was built of.
func (x *Ordered) at(of, rows *rows) *Ordered {
	x = x.thaw()
	of.diff(rows, x.replace)
	return x
}

// take adds to the indexes of a table what its copies have built since. The table must not have changed
// within the present write, or have only changes that rows has.
func (o *orders) take(now version) {
	d := o.demand
	if d.open.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, b := range d.builds {
		if b.taken || !b.finished() {
			continue
		}
		if b.taken = true; b.index != nil && o.find(b.name) == nil {
			o.add(b.index.at(&b.of, now.rows))
		}
	}
}

// copied drops the builds that the copies of the table have from now on.
func (d *demand) copied() {
	if d.open.Load() == 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget(func(b *build) bool { return b.taken })
}
