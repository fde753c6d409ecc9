package org

import (
	"slices"
	"sync"

	"github.com/afba07b5/mockserver/fake"
)

// cache holds views while nothing changes that they depend on.
type cache struct {
	tables []interface{ Version() uint64 }
	mu     sync.Mutex // requests that read run side by side
	state  state
	shown  map[view]fake.Raw
}

// state identifies the rows and the day that a view depends on, apart from its own row.
type state struct {
	versions uint64 // of the tables, added up; each only grows
	day      int64  // in Japan
}

// view is one way to show a row, which is a pointer: a changed row is another one.
type view struct {
	name string
	row  any
}

// mostViews bounds the views that a cache holds.
const mostViews = 2000

// Cached returns a view of a table's row. It makes the view if anything has changed since it made it last.
func (a *API) Cached(name string, row any, show func() fake.Raw) fake.Raw {
	c, key := &a.views, view{name, row}
	now := state{day: (a.Now().Unix() + 9*60*60) / (24 * 60 * 60)}
	for _, t := range c.tables {
		now.versions += t.Version()
	}
	c.mu.Lock()
	if c.state != now || len(c.shown) >= mostViews {
		c.state, c.shown = now, map[view]fake.Raw{}
	}
	text, ok := c.shown[key]
	c.mu.Unlock()
	if ok {
		return text
	}
	text = slices.Clip(show())
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == now {
		c.shown[key] = text
	}
	return text
}
