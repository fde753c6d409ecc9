package graphql

import (
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
)

// documentCache caches documents by their text. What it holds depends on the text alone, or on the text and an
// engine, and is not changed afterwards, so all worlds of a process share one. It is safe for concurrent use.
//
// It has two generations: a document that is used moves to the young one, and when that is full the old one goes.
type documentCache struct {
	mu         sync.Mutex
	young, old map[string]*parsedText
	bytes      int // of the texts of the young generation
}

// Bounds of the cache, in bytes of texts. A parsed document takes some sixty times the memory of its text.
const (
	maxGeneration = 64 << 10
	maxCachedText = 16 << 10
)

// documents are the recent documents of all worlds.
var documents documentCache

// get returns the document of a text.
func (c *documentCache) get(text string) *parsedText {
	if len(text) > maxCachedText {
		return parseText(text)
	}
	c.mu.Lock()
	p, kept := c.young[text]
	if !kept {
		p = c.old[text]
	}
	c.mu.Unlock()
	switch {
	case kept:
		return p
	case p == nil:
		p = parseText(strings.Clone(text)) // without the body that the text is a part of
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.bytes += len(text); c.young == nil || c.bytes > maxGeneration {
		c.young, c.old, c.bytes = map[string]*parsedText{}, c.young, len(text)
	}
	c.young[p.text] = p
	return p
}

// parsedText is the text of a document, with what it holds or why it cannot be read.
type parsedText struct {
	text    string
	query   *ast.QueryDocument
	count   int // operations
	failure *Failure

	mu        sync.Mutex
	walked    bool // the tree has notes of a validation
	validated map[validation][]*Failure
}

// validation is one way to validate a document.
type validation struct {
	engine   *schemaExecutor
	stranger bool
}

// failures returns what validate returned for the same document before, or now.
func (p *parsedText) failures(v validation, validate func() []*Failure) []*Failure {
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.validated[v]
	if !ok {
		if p.validated == nil {
			p.validated = map[validation][]*Failure{}
		}
		found = validate()
		p.validated[v] = found
	}
	return found
}
