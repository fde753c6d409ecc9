package explain

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

var wordBoundary = regexp.MustCompile(`[^\pL\pN_]+`)

// mentioned proposes repairs of what a refusal speaks of: names and values of the request, and names that it lacks.
func (p *prober) mentioned(n *node, op *fake.Operation) (out []edit) {
	words := n.words()
	says := func(word string) bool {
		return len(word) > 1 && (slices.Contains(words, word) || len(word) > 3 && strings.Contains(n.said(), word))
	}
	for _, part := range n.untouched(op) {
		value, _ := part.value.(string)
		if part.in != "header" && (says(part.name) || len(value) > 2 && says(value)) {
			out = append(out, p.repairs(n, op, part)...)
		}
	}
	return append(out, p.lacking(n.message, op, func(name string) bool {
		return len(name) > 1 &&
			slices.Contains(words, name)
	})...)
}

// untouched returns the parts of a message that no repair has changed yet, and expressions, in which more than one
// word may be wrong.
func (n *node) untouched(op *fake.Operation) []part {
	changed := differences(n.root, n.message, op)
	return slices.DeleteFunc(n.message.parts(), func(part part) bool {
		field := part.field()
		if part.in == "path" && op != nil {
			field = pathParameter(op, field)
		}
		text, _ := part.value.(string)
		return !strings.ContainsAny(text, "([{") && slices.ContainsFunc(changed, func(c Change) bool {
			return c.Do != "drop" && c.In == part.in && (c.Field == field || c.Do == "rename" && c.To == field)
		})
	})
}

// said is what a refusal tells.
func (n *node) said() string {
	e := n.rejection
	return fmt.Sprint(e.Rule, " ", e.Message, " ", e.Fields, " ",
		string(n.entry.Answer[:min(len(n.entry.Answer), 4000)]))
}

// words are those of a refusal.
func (n *node) words() []string {
	if n.split == nil {
		n.split = wordBoundary.Split(n.said(), -1)
	}
	return n.split
}

// lacking proposes values for names of the document that a refusal mentions and the request does not have.
func (p *prober) lacking(m *message, op *fake.Operation, says func(string) bool) (out []edit) {
	for _, param := range p.doc.parameters(op) {
		at := place{param.in, []string{param.name}}
		if _, sent := m.get(at); !sent && param.in != "path" && says(param.name) {
			out = append(out, p.fill(m, op, at, param.schema)...)
		}
	}
	s := p.doc.body(op, m.mediaType())
	props := p.doc.properties(s)
	names := slices.Sorted(maps.Keys(props))
	if len(names) == 0 {
		names = p.rows.keysLike(m.segments, nil)
	}
	for _, name := range names {
		at := place{"body", []string{name}}
		if _, sent := m.get(at); !sent && says(name) && m.method != http.MethodGet {
			out = append(out, p.fill(m, op, at, props[name])...)
		}
	}
	return out
}

// repairs proposes everything for one part: another name, other values, to drop it.
func (p *prober) repairs(n *node, op *fake.Operation, part part) (out []edit) {
	m := n.message
	s := p.doc.schemaOf(op, m, part.place)
	if s == nil {
		out = p.renames(m, op, part)
	}
	out = append(out, p.replacements(n, op, part, s)...)
	if part.in != "path" {
		out = append(out, without(part.place))
	}
	return out
}

// anything proposes repairs of every part of a request, its path last, and what the document knows and the request does
// not have.
func (p *prober) anything(n *node, op *fake.Operation) (out []edit) {
	m := n.message
	if op == nil {
		return nil
	}
	if m.rawQuery != "" && formatPairs(m.query) != m.rawQuery {
		out = append(out, func(m *message) *message {
			c := m.clone()
			c.rawQuery = ""
			return c
		})
	}
	for _, in := range []string{"query", "body", "header", "path"} {
		for _, part := range n.untouched(op) {
			switch {
			case part.in != in || p.carriesCredential(part.name):
			case in == "header":
				out = append(out, without(part.place))
			default:
				out = append(out, p.repairs(n, op, part)...)
			}
		}
	}
	out = append(out, p.contentTypes(op)...)
	out = append(out, p.otherCredentials(m)...)
	if op.Method != http.MethodGet {
		out = append(out, p.wholeBody(m, op)...)
	}
	return out
}
