package explain

import (
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// otherMethods proposes the methods that a refusal allows, with the query as a JSON body and as it is.
func otherMethods(n *node) (out []edit) {
	for _, method := range strings.FieldsFunc(n.entry.Answered.Get("Allow"), isComma) {
		if method == n.message.method {
			continue
		}
		if len(n.message.query) > 0 && len(n.message.body()) == 0 {
			out = append(out, func(m *message) *message { return m.inBody(method) })
		}
		out = append(out, func(m *message) *message {
			c := m.clone()
			c.method = method
			return c
		})
	}
	return out
}

// inBody is a message with another method and its query as a JSON body.
func (m *message) inBody(method string) *message {
	c := m.clone()
	c.header.Set("Content-Type", "application/json")
	c.method, c.query, c.rawQuery = method, nil, ""
	c.json, c.kind, c.edited = objectOf(m.query), jsonBody, true
	return c
}

func objectOf(pairs []pair) object {
	o := object{}
	for _, p := range pairs {
		o = append(o, member{p.name, p.value})
	}
	return o
}

func isComma(r rune) bool { return r == ',' || r == ' ' }

// similarRoutes proposes the operations whose fixed segments are near to those of a path that
// another operation took for values of its parameters.
func (p *prober) similarRoutes(m *message, op *fake.Operation) (out []edit) {
	for _, other := range p.def.Spec.Operations() {
		known := segments(other.Path)
		if other.Path == op.Path || other.Method != m.method || len(known) != len(m.segments) {
			continue
		}
		next, wrong := slices.Clone(m.segments), 0
		for i, k := range known {
			switch {
			case strings.HasPrefix(k, "{") || k == m.segments[i]:
			case near(m.segments[i], []string{k}) != nil:
				next[i], wrong = k, wrong+1
			default:
				wrong = len(known) + 1
			}
		}
		if wrong > 0 && wrong <= len(known) {
			out = append(out, func(m *message) *message {
				c := m.clone()
				c.segments = next
				return c
			})
		}
	}
	return out
}

// routes proposes the operations nearest to a path and method.
func (p *prober) routes(m *message) (out []edit) {
	path := "/" + strings.Join(m.segments, "/")
	near := nearestOperations(p.def, m.method, path)
	for _, to := range near[:min(len(near), 6)] {
		known := segments(to.Path)
		next := make([]string, len(known))
		for i, k := range known {
			switch {
			case !strings.HasPrefix(k, "{"):
				next[i] = k
			case i < len(m.segments) && m.segments[i] != "":
				next[i] = m.segments[i]
			default:
				next[i] = url.PathEscape(p.rowFor(known, i))
			}
		}
		out = append(out, func(m *message) *message {
			c := m.clone()
			c.method, c.segments = to.Method, next
			return c
		})
	}
	return out
}

// rowFor returns an identifier for a parameter of a path.
func (p *prober) rowFor(known []string, i int) string {
	hints := []string{strings.Trim(known[i], "{}")}
	if i > 0 {
		hints = append(hints, known[i-1])
	}
	if ids := p.rows.likely(hints...); len(ids) > 0 {
		return ids[0]
	}
	return "1"
}
