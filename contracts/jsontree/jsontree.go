// Package jsontree holds JSON values with the order of their keys and the spelling of their numbers, which a comparison
// of decoded values would miss.
package jsontree

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Kind is the type of a JSON value.
type Kind byte

// The kinds of JSON values.
const (
	Object Kind = iota
	Array
	Text
	Number
	Boolean
	Null
)

var kindNames = [...]string{"an object", "an array", "a string", "a number", "a boolean", "null"}

// String returns a kind with its article, for messages.
func (k Kind) String() string { return kindNames[k] }

// Node is a JSON value that keeps the order of its keys and the spelling of its numbers.
type Node struct {
	Kind Kind
	Text string   // of strings; the spelling of numbers, booleans and null
	Keys []string // of objects
	Kids []*Node  // of objects and arrays
}

// Get returns the value under a key, or nil.
func (n *Node) Get(key string) *Node {
	if n == nil || n.Kind != Object {
		return nil
	}
	for i, k := range n.Keys {
		if k == key {
			return n.Kids[i]
		}
	}
	return nil
}

// GetNear is Get for a key that probably stands at a position.
func (n *Node) GetNear(key string, at int) *Node {
	if n != nil && n.Kind == Object && at < len(n.Keys) && n.Keys[at] == key {
		return n.Kids[at]
	}
	return n.Get(key)
}

// Each calls do for every string, number, boolean and null below a value, with its path.
func (n *Node) Each(path string, do func(n *Node, path string)) {
	switch n.Kind {
	case Object:
		for i, key := range n.Keys {
			n.Kids[i].Each(path+"."+key, do)
		}
	case Array:
		for i, kid := range n.Kids {
			kid.Each(fmt.Sprintf("%s[%d]", path, i), do)
		}
	default:
		do(n, path)
	}
}

// At returns the value under keys joined by dots, or nil.
func (n *Node) At(keys string) *Node {
	for key := range strings.SplitSeq(keys, ".") {
		n = n.Get(key)
	}
	return n
}

// Under returns the elements of the lists under a path of keys, where the path continues in each
// element of a list.
func (n *Node) Under(keys []string) []*Node {
	switch {
	case n == nil:
		return nil
	case n.Kind == Array:
		var all []*Node
		for _, kid := range n.Kids {
			if len(keys) == 0 {
				all = append(all, kid)
			} else {
				all = append(all, kid.Under(keys)...)
			}
		}
		return all
	case len(keys) == 0 && n.Kind == Object:
		return []*Node{n} // there is one alone
	case len(keys) == 0:
		return nil
	}
	return n.Get(keys[0]).Under(keys[1:])
}

// Parse parses one JSON value. It rejects duplicate keys and trailing data, which a comparison
// of decoded values would miss.
func Parse(data string) (*Node, error) {
	d := jsontext.NewDecoder(bytes.NewBufferString(data), jsontext.AllowInvalidUTF8(true))
	n, err := parseValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, fmt.Errorf("unexpected data after the JSON value at byte %d", d.InputOffset())
	}
	return n, nil
}

func parseValue(d *jsontext.Decoder) (*Node, error) {
	t, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch t.Kind() {
	case '{':
		return parseObject(d)
	case '[':
		return parseArray(d)
	case '"':
		return &Node{Kind: Text, Text: t.String()}, nil
	case '0':
		return &Node{Kind: Number, Text: t.String()}, nil
	case 't', 'f':
		return &Node{Kind: Boolean, Text: t.String()}, nil
	default:
		return &Node{Kind: Null, Text: "null"}, nil
	}
}

func parseObject(d *jsontext.Decoder) (*Node, error) {
	n := &Node{Kind: Object}
	for d.PeekKind() != '}' {
		t, err := d.ReadToken()
		if errors.Is(err, jsontext.ErrDuplicateName) {
			return nil, fmt.Errorf("a key twice in one object: %w", err)
		}
		if err != nil {
			return nil, err
		}
		key := t.String() // the decoder has checked it
		kid, err := parseValue(d)
		if err != nil {
			return nil, err
		}
		n.Keys, n.Kids = append(n.Keys, key), append(n.Kids, kid)
	}
	_, err := d.ReadToken()
	return n, err
}

func parseArray(d *jsontext.Decoder) (*Node, error) {
	n := &Node{Kind: Array}
	for d.PeekKind() != ']' {
		kid, err := parseValue(d)
		if err != nil {
			return nil, err
		}
		n.Kids = append(n.Kids, kid)
	}
	_, err := d.ReadToken()
	return n, err
}

// String returns the value as compact JSON, with keys in their order.
func (n *Node) String() string {
	var b bytes.Buffer
	n.write(&b)
	return b.String()
}

func (n *Node) write(b *bytes.Buffer) {
	switch n.Kind {
	case Object:
		b.WriteByte('{')
		for i, kid := range n.Kids {
			if i > 0 {
				b.WriteByte(',')
			}
			WriteText(b, n.Keys[i])
			b.WriteByte(':')
			kid.write(b)
		}
		b.WriteByte('}')
	case Array:
		b.WriteByte('[')
		for i, kid := range n.Kids {
			if i > 0 {
				b.WriteByte(',')
			}
			kid.write(b)
		}
		b.WriteByte(']')
	case Text:
		WriteText(b, n.Text)
	default:
		b.WriteString(n.Text)
	}
}

// WriteText writes a JSON string as JavaScript's JSON.stringify does, without escapes for HTML.
func WriteText(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	b.Truncate(b.Len() - 1)
}

// Cache keeps decoded bodies, which are compared several times. The zero value is empty; a nil one keeps nothing.
type Cache struct {
	bodies map[string]*Node // nil for what is not JSON
}

// Parse decodes a body, once.
func (p *Cache) Parse(body string) *Node {
	if p == nil {
		n, err := Parse(body)
		if err != nil {
			return nil
		}
		return n
	}
	n, known := p.bodies[body]
	if !known {
		var err error
		if n, err = Parse(body); err != nil {
			n = nil
		}
		if p.bodies == nil {
			p.bodies = map[string]*Node{}
		}
		p.bodies[body] = n
	}
	return n
}

// EachList calls do for every list that is not inside another.
func (n *Node) EachList(path string, do func(n *Node, path string)) {
	switch n.Kind {
	case Array:
		do(n, path)
	case Object:
		for i, key := range n.Keys {
			n.Kids[i].EachList(path+"."+key, do)
		}
	}
}

// Children returns the elements or members of a value; none of nil.
func (n *Node) Children() []*Node {
	if n == nil {
		return nil
	}
	return n.Kids
}

// EachObject calls do for every object in a value.
func (n *Node) EachObject(do func(*Node)) {
	if n.Kind == Object {
		do(n)
	}
	for _, kid := range n.Kids {
		kid.EachObject(do)
	}
}
