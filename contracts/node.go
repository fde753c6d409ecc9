package contracts

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// kind is the type of a JSON value.
type kind byte

const (
	object kind = iota
	array
	text
	number
	boolean
	null
)

var kindNames = [...]string{"an object", "an array", "a string", "a number", "a boolean", "null"}

func (k kind) String() string { return kindNames[k] }

// node is a JSON value that keeps the order of its keys and the spelling of its numbers.
type node struct {
	kind kind
	text string   // of strings; the spelling of numbers, booleans and null
	keys []string // of objects
	kids []*node  // of objects and arrays
}

// get returns the value under a key, or nil.
func (n *node) get(key string) *node {
	if n == nil || n.kind != object {
		return nil
	}
	for i, k := range n.keys {
		if k == key {
			return n.kids[i]
		}
	}
	return nil
}

// each calls do for every string, number, boolean and null below a value, with its path.
func (n *node) each(path string, do func(n *node, path string)) {
	switch n.kind {
	case object:
		for i, key := range n.keys {
			n.kids[i].each(path+"."+key, do)
		}
	case array:
		for i, kid := range n.kids {
			kid.each(fmt.Sprintf("%s[%d]", path, i), do)
		}
	default:
		do(n, path)
	}
}

// at returns the value under keys joined by dots, or nil.
func (n *node) at(keys string) *node {
	for key := range strings.SplitSeq(keys, ".") {
		n = n.get(key)
	}
	return n
}

// under returns the elements of the lists under a path of keys, where the path continues in each
// element of a list.
func (n *node) under(keys []string) []*node {
	switch {
	case n == nil:
		return nil
	case n.kind == array:
		var all []*node
		for _, kid := range n.kids {
			if len(keys) == 0 {
				all = append(all, kid)
			} else {
				all = append(all, kid.under(keys)...)
			}
		}
		return all
	case len(keys) == 0 && n.kind == object:
		return []*node{n} // there is one alone
	case len(keys) == 0:
		return nil
	}
	return n.get(keys[0]).under(keys[1:])
}

// parseJSON parses one JSON value. It rejects duplicate keys and trailing data, which a comparison
// of decoded values would miss.
func parseJSON(data string) (*node, error) {
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

func parseValue(d *jsontext.Decoder) (*node, error) {
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
		return &node{kind: text, text: t.String()}, nil
	case '0':
		return &node{kind: number, text: t.String()}, nil
	case 't', 'f':
		return &node{kind: boolean, text: t.String()}, nil
	default:
		return &node{kind: null, text: "null"}, nil
	}
}

func parseObject(d *jsontext.Decoder) (*node, error) {
	n := &node{kind: object}
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
		n.keys, n.kids = append(n.keys, key), append(n.kids, kid)
	}
	_, err := d.ReadToken()
	return n, err
}

func parseArray(d *jsontext.Decoder) (*node, error) {
	n := &node{kind: array}
	for d.PeekKind() != ']' {
		kid, err := parseValue(d)
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, kid)
	}
	_, err := d.ReadToken()
	return n, err
}

// String returns the value as compact JSON, with keys in their order.
func (n *node) String() string {
	var b bytes.Buffer
	n.write(&b)
	return b.String()
}

func (n *node) write(b *bytes.Buffer) {
	switch n.kind {
	case object:
		b.WriteByte('{')
		for i, kid := range n.kids {
			if i > 0 {
				b.WriteByte(',')
			}
			writeText(b, n.keys[i])
			b.WriteByte(':')
			kid.write(b)
		}
		b.WriteByte('}')
	case array:
		b.WriteByte('[')
		for i, kid := range n.kids {
			if i > 0 {
				b.WriteByte(',')
			}
			kid.write(b)
		}
		b.WriteByte(']')
	case text:
		writeText(b, n.text)
	default:
		b.WriteString(n.text)
	}
}

// writeText writes a JSON string as JavaScript's JSON.stringify does, without escapes for HTML.
func writeText(b *bytes.Buffer, s string) {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err) // a string can always be encoded
	}
	b.Truncate(b.Len() - 1)
}

// parsedBodies keeps the decoded bodies of one interaction, which are compared several times.
type parsedBodies struct {
	number int
	bodies map[string]*node // nil for what is not JSON
}

// parse decodes a body, once.
func (p *parsedBodies) parse(body string) *node {
	if p == nil {
		n, err := parseJSON(body)
		if err != nil {
			return nil
		}
		return n
	}
	n, known := p.bodies[body]
	if !known {
		var err error
		if n, err = parseJSON(body); err != nil {
			n = nil
		}
		p.bodies[body] = n
	}
	return n
}

// parsedOf returns the decoded bodies of an interaction. Those of its answers are in p.answers then.
func (p *replayer) parsedOf(i *interaction) *parsedBodies {
	if p.parsed == nil || p.parsed.number != i.number {
		p.parsed = &parsedBodies{number: i.number, bodies: map[string]*node{}}
		p.answers = &parsedBodies{number: i.number, bodies: map[string]*node{}}
	}
	return p.parsed
}
