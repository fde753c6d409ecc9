// Package tidy formats hand-written cases, so that people can read and review them.
//
//	formatted, err := tidy.Format(data) // of steps.yaml
//
// An object has one field per line unless it is short. A value that occurs again has an anchor at its first place and
// is an alias at the others; an object that differs from an earlier one in few fields merges that one and names the
// fields that differ. Long texts are folded. Comments would be lost, so Format refuses them: a step has about.
package tidy

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"github.com/afba07b5/mockserver/safeyaml"
)

// Limits of the layout.
const (
	width      = 100 // columns of a line, if it can be broken
	flowWidth  = 60  // columns of an object in one line that has others in it
	worthAlias = 80  // bytes of a value that becomes an alias
	worthMerge = 200 // bytes that a merge key has to save
)

// Format returns a case in the form of this package, with the same contents.
func Format(data []byte) ([]byte, error) {
	for _, t := range lexer.Tokenize(string(data)) {
		if t.Type == token.CommentType {
			return nil, fmt.Errorf("line %d: a comment would be lost; write it as the about of a step", t.Position.Line)
		}
	}
	root, err := decode(data)
	if err != nil {
		return nil, err
	}
	w := newWriter()
	w.plan(root, nil, 0)
	w.name()
	w.block(root, 0)
	out := append(bytes.TrimRight(w.out.Bytes(), "\n"), '\n')
	again, err := decode(out)
	if err != nil {
		return nil, fmt.Errorf("the formatted case cannot be read: %w", err)
	}
	if again.flow != root.flow {
		return nil, errors.New("the formatted case has other contents")
	}
	return out, nil
}

// decode reads YAML into nodes.
func decode(data []byte) (*node, error) {
	var v any
	if err := safeyaml.Unmarshal(data, &v, yaml.UseOrderedMap()); err != nil {
		return nil, err
	}
	return nodeOf(v), nil
}

// node is a value of the file. A node is written where plan has put it: as it is, as an alias of an equal node, or
// merged with a base that has the same keys.
type node struct {
	scalar bool
	list   bool
	keys   []string
	kids   []*node
	text   any    // of a scalar
	flow   string // the whole value in one line; equal for equal values

	key    string // under which the value stands
	whole  bool   // it is the list of steps, or a step, which is never in one line
	same   *node  // the earlier node of which this is an alias
	base   *node  // the earlier node that this one merges
	used   bool   // by an alias or a merge
	anchor string
}

func nodeOf(v any) *node {
	n := &node{}
	switch v := v.(type) {
	case yaml.MapSlice:
		var parts []string
		for _, item := range v {
			key, kid := fmt.Sprint(item.Key), nodeOf(item.Value)
			kid.key = key
			n.keys, n.kids = append(n.keys, key), append(n.kids, kid)
			parts = append(parts, keyText(key)+": "+kid.flow)
		}
		n.flow = "{" + strings.Join(parts, ", ") + "}"
	case []any:
		n.list = true
		var parts []string
		for _, one := range v {
			kid := nodeOf(one)
			n.kids = append(n.kids, kid)
			parts = append(parts, kid.flow)
		}
		n.flow = "[" + strings.Join(parts, ", ") + "]"
	default:
		n.scalar, n.text, n.flow = true, v, scalarText(v)
	}
	return n
}

// writer writes one file.
type writer struct {
	out   bytes.Buffer
	seen  map[string]*node   // flow → the first node
	bases map[string][]*node // keys → nodes to merge
	order []*node            // nodes in the order of the file
	taken map[string]bool    // anchors
}

func newWriter() *writer {
	return &writer{seen: map[string]*node{}, bases: map[string][]*node{}, taken: map[string]bool{}}
}

// plan decides what becomes an alias and what is merged. The steps themselves and their parts stay whole.
func (w *writer) plan(n *node, parent *node, depth int) {
	if n.scalar {
		return
	}
	n.inherit(parent)
	n.whole = depth == 1 && n.list || depth == 2 && parent.whole
	if depth > 3 && len(n.flow) >= worthAlias {
		if first := w.seen[n.flow]; first != nil {
			n.same, first.used = first, true
			return
		}
		w.seen[n.flow] = n
	}
	w.order = append(w.order, n)
	if depth > 3 && !n.list {
		w.merge(n)
	}
	for i, kid := range n.kids {
		if n.differs(i) {
			w.plan(kid, n, depth+1)
		}
	}
}

// inherit gives an element of a list the key of the list.
func (n *node) inherit(parent *node) {
	if n.key == "" && parent != nil {
		n.key = parent.key
	}
}

// differs reports whether a value is not that of the base.
func (n *node) differs(i int) bool { return n.base == nil || n.base.kids[i].flow != n.kids[i].flow }

// merge looks for the earlier object that has most in common with this one.
func (w *writer) merge(n *node) {
	keys := fmt.Sprintf("%q", n.keys)
	most := worthMerge
	for _, base := range w.bases[keys] {
		saved, same := 0, 0
		for i, kid := range n.kids {
			if base.kids[i].flow == kid.flow {
				saved += len(kid.flow) + len(n.keys[i])
				same++
			}
		}
		if saved > most && 2*same > len(n.kids) {
			n.base, most = base, saved
		}
	}
	if n.base != nil {
		n.base.used = true
	}
	w.bases[keys] = append(w.bases[keys], n)
}

// name gives anchors to the nodes that others use.
func (w *writer) name() {
	for _, n := range w.order {
		if !n.used {
			continue
		}
		base := n.title()
		n.anchor = base
		for i := 2; w.taken[n.anchor]; i++ {
			n.anchor = fmt.Sprint(base, "-", i)
		}
		w.taken[n.anchor] = true
	}
}

// title returns a word for a value: its code or name, or else the key where it stands.
func (n *node) title() string {
	for _, wanted := range []string{"code", "userid", "email", "ticketNumber", "name", "title"} {
		for i, key := range n.keys {
			if s, ok := n.kids[i].text.(string); ok && key == wanted && word(s) != "" {
				return word(n.key + "-" + s)
			}
		}
	}
	if name := word(n.key); name != "" {
		return name
	}
	return "value"
}

// word returns the letters and digits of a text as one word, or "" if it has others.
func word(s string) string {
	s = strings.Trim(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r > 127:
			return r
		}
		return '-'
	}, s), "-")
	if len(s) > 30 || strings.ContainsFunc(s, func(r rune) bool { return r > 127 }) {
		return ""
	}
	return s
}
