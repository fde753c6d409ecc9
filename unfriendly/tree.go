package unfriendly

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// node is a JSON value that keeps the order of keys and the spelling of scalars.
type node struct {
	keys   []string
	fields map[string]*node // of an object
	items  []*node
	list   bool
	text   json.RawMessage // of a scalar
}

var errDuplicate = errors.New("an object has a key twice")

func parse(text []byte) (*node, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return nil, errors.New("no JSON")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	switch text[0] {
	case '{':
		return parseObject(d)
	case '[':
		return parseList(d)
	}
	var scalar json.RawMessage
	err := d.Decode(&scalar)
	return &node{text: scalar}, err
}

func parseObject(d *json.Decoder) (*node, error) {
	n := &node{fields: map[string]*node{}}
	d.Token() // the brace
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		child, err := next(d)
		if err != nil {
			return nil, err
		}
		name := key.(string)
		if n.fields[name] != nil {
			return nil, errDuplicate
		}
		n.keys, n.fields[name] = append(n.keys, name), child
	}
	_, err := d.Token()
	return n, err
}

func parseList(d *json.Decoder) (*node, error) {
	n := &node{list: true}
	d.Token() // the bracket
	for d.More() {
		child, err := next(d)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, child)
	}
	_, err := d.Token()
	return n, err
}

func next(d *json.Decoder) (*node, error) {
	var raw json.RawMessage
	if err := d.Decode(&raw); err != nil {
		return nil, err
	}
	return parse(raw)
}

// encode appends the value to out.
func (n *node) encode(out []byte) []byte {
	switch {
	case n.fields != nil:
		out = append(out, '{')
		for i, key := range n.keys {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(quoted(out, key), ':')
			out = n.fields[key].encode(out)
		}
		return append(out, '}')
	case n.list:
		out = append(out, '[')
		for i, item := range n.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.encode(out)
		}
		return append(out, ']')
	}
	return append(out, n.text...)
}

// quoted appends a string in JSON.
func quoted(out []byte, s string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.Encode(s) // a string has an encoding
	return append(out, bytes.TrimSpace(b.Bytes())...)
}

func scalar(s string) *node { return &node{text: quoted(nil, s)} }

func (n *node) isNull() bool { return string(n.text) == "null" }

// str returns the value of a string.
func (n *node) str() (s string, ok bool) {
	return s, len(n.text) > 0 && n.text[0] == '"' && json.Unmarshal(n.text, &s) == nil
}

// remove removes a field.
func (n *node) remove(key string) {
	delete(n.fields, key)
	n.keys = slices.DeleteFunc(n.keys, func(k string) bool { return k == key })
}

// add adds a field at the end.
func (n *node) add(key string, value *node) {
	if n.fields[key] == nil {
		n.keys, n.fields[key] = append(n.keys, key), value
	}
}

// at returns the values at a pointer; see conduct.At.
func (n *node) at(pointer string) []*node {
	found := []*node{n}
	for name := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		var all []*node
		for _, one := range found {
			all = append(all, one.children(name)...)
		}
		found = all
	}
	return found
}

// children returns the field with a name, or all fields for *.
func (n *node) children(name string) (all []*node) {
	for _, key := range slices.Sorted(maps.Keys(n.fields)) {
		if name == "*" || name == key {
			all = append(all, n.fields[key])
		}
	}
	return all
}

// rows returns the list at a pointer, or nil.
func (n *node) rows(pointer string) *node {
	for _, one := range n.at(pointer) {
		if one.list {
			return one
		}
	}
	return nil
}

func value(text []byte) (v any) {
	if json.Unmarshal(text, &v) != nil {
		return nil
	}
	return v
}
