package explain

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// edit is one repair of a message.
type edit func(*message) *message

func replaceWith(at place, to any) edit {
	return func(m *message) *message { return m.set(at, to) }
}

func without(at place) edit { return func(m *message) *message { return m.drop(at) } }

func rename(at place, name string) edit {
	return func(m *message) *message { return m.rename(at, name) }
}

// proposals lists the repairs of a refusal in stages, the most promising first: what the refusal itself asks for, then
// what it mentions, then everything else that may be changed. A stage is worked out when it is asked for.
func (p *prober) proposals(n *node) (stages []func() []edit) {
	e, op := n.rejection, operation(p.def, n.entry.Operation)
	if e == nil { // a failure of the fake's own
		return nil
	}
	add := func(when bool, stage func() []edit) {
		if when {
			stages = append(stages, stage)
		}
	}
	broken := n.message.kind == rawBody && len(n.message.body()) > 0 && strings.HasSuffix(n.message.mediaType(), "json")
	add(broken, func() []edit { return p.syntax(n.message) })
	add(e.Table != "", func() []edit { return p.otherRows(n.message, e) })
	add(e.Repairs != nil, func() (out []edit) {
		for _, r := range e.Repairs() {
			out = append(out, repaired(r))
		}
		return out
	})
	add(op == nil, func() []edit { return p.routes(n.message) })
	for _, v := range e.Violations {
		add(true, func() []edit { return p.satisfy(n, op, v) })
	}
	add(e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden ||
		ofCaller.MatchString(e.Rule+e.Message), func() []edit {
		return p.otherCredentials(n.message)
	})
	add(len(e.Expected) > 0 || e.Status == http.StatusUnsupportedMediaType ||
		e.Status == http.StatusNotAcceptable, func() []edit { return p.contentTypes(op) })
	add(n.entry.Status == http.StatusMethodNotAllowed, func() []edit { return otherMethods(n) })
	add(op != nil, func() []edit { return p.similarRoutes(n.message, op) })
	add(op != nil, func() []edit { return p.mentioned(n, op) })
	return append(stages, func() []edit { return p.anything(n, op) })
}

// ofCaller matches rules about what a caller may do.
var ofCaller = regexp.MustCompile(`(?i)permission|\brole\b|\bgrant|\bcaller\b|forbidden`)

// repaired is the edit of a repair that a fake proposes.
func repaired(r fake.Repair) edit {
	at := place{r.In, r.Path}
	if r.Drop {
		return without(at)
	}
	return replaceWith(at, ordered(r.Value))
}

// otherCredentials proposes the credentials of the world.
func (p *prober) otherCredentials(m *message) (out []edit) {
	for _, c := range p.credentials {
		if m.header.Get(c.header) != c.value {
			out = append(out, replaceWith(place{"header", []string{c.header}}, c.value))
		}
	}
	return out
}

// otherRows proposes identifiers of rows that are there, where the request names one that is not, or another value
// where it names one that is taken. A text may have the identifier within it, as a document or a filter has.
func (p *prober) otherRows(m *message, e *fake.Error) (out []edit) {
	ids := append(slices.Clone(p.rows.ids[e.Table]), p.rows.likely(e.Table)...)
	for _, part := range m.parts() {
		text := plainText(part.value)
		if _, ok := part.value.(string); !ok && text != e.ID {
			continue
		}
		if e.Status == http.StatusConflict && isTaken(e.Rule, text) {
			out = append(out, replaceWith(part.place, another(text)))
		}
		for _, wrong := range p.missingIDs(text, e) {
			better := append([]string{fake.Nearest(wrong, ids)}, ids[:min(len(ids), 6)]...)
			if e.Status == http.StatusConflict {
				better = []string{e.ID + "-2"}
			}
			out = append(out, respell(part.place, text, wrong, better)...)
		}
	}
	return out
}

// isTaken reports whether the rule of a conflict quotes a text, in upper or lower case.
func isTaken(rule, text string) bool {
	return text != "" && strings.Contains(strings.ToLower(rule), strings.ToLower(strconv.Quote(text)))
}

// another returns a text like one that is taken, which matches most patterns that it matches.
func another(text string) string {
	if local, domain, ok := strings.Cut(text, "@"); ok {
		return local + "2@" + domain
	}
	return text + "2"
}

// respell proposes a text with other words in the place of one.
func respell(at place, text, wrong string, better []string) (out []edit) {
	for _, word := range better {
		if word != "" && word != wrong {
			out = append(out, replaceWith(at, strings.ReplaceAll(text, wrong, word)))
		}
	}
	return out
}

var uuid = regexp.MustCompile(`(?i)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)

// missingIDs returns the identifiers in a text that no row has: the one that a refusal names, be it the whole text or
// a UUID in it, or without one all UUIDs that are not of the table.
func (p *prober) missingIDs(text string, e *fake.Error) (out []string) {
	if text == e.ID {
		return []string{text}
	}
	for _, id := range uuid.FindAllString(text, 5) {
		known := slices.ContainsFunc(p.rows.ids[e.Table], func(k string) bool { return strings.EqualFold(k, id) })
		if strings.EqualFold(id, e.ID) || e.ID == "" && !known {
			out = append(out, id)
		}
	}
	return out
}

func (p *prober) carriesCredential(header string) bool {
	name, _ := credentialHeader(p.def.Example)
	return strings.EqualFold(name, header)
}

// contentTypes proposes the content types of the operation, with the body in that form.
func (p *prober) contentTypes(op *fake.Operation) (out []edit) {
	at := place{"header", []string{"Content-Type"}}
	kinds := slices.Sorted(maps.Keys(p.doc.bodies(op)))
	for _, kind := range append(kinds, "application/json") {
		if strings.Contains(kind, "*") || strings.HasPrefix(kind, "multipart/") {
			continue
		}
		out = append(out, func(m *message) *message { return m.as(at, kind) })
	}
	return append(out, replaceWith(place{"header", []string{"Accept"}}, "application/json"))
}

// as is a message with another content type and the body in that form.
func (m *message) as(at place, kind string) *message {
	old := m.body()
	c := m.set(at, kind).withBody(old)
	isForm := kind == "application/x-www-form-urlencoded"
	switch {
	case m.kind == formBody && !isForm:
		c.json, c.kind, c.edited = objectOf(m.form), jsonBody, true
	case isForm:
		v, _ := parseJSON(old)
		if o, ok := v.(object); ok {
			c.form, c.kind, c.edited = nil, formBody, true
			for _, m := range o {
				c.form = append(c.form, pair{m.key, plainText(m.value)})
			}
		}
	}
	return c
}

// satisfy proposes what a violation of the document asks for.
func (p *prober) satisfy(n *node, op *fake.Operation, v fake.Violation) (out []edit) {
	m := n.message
	at := placeOf(op, v)
	s := p.doc.schemaOf(op, m, at)
	value, sent := m.get(at)
	switch {
	case v.Rule == "syntax":
		return p.syntax(m)
	case v.In == "body" && len(v.Path) == 0:
		return p.wholeBody(m, op)
	case v.Rule == "required" && !sent:
		return p.fill(m, op, at, s)
	case len(at.path) == 0:
		return nil
	}
	out = p.replacements(n, op, part{at, at.path[len(at.path)-1], value}, s)
	if at.in != "path" {
		out = append(out, without(at))
	}
	return append(out, p.unknownKeys(m, op, at, v)...)
}

// placeOf is the place of a violation; that of a path is the number of its segment.
func placeOf(op *fake.Operation, v fake.Violation) place {
	if v.In == "path" && op != nil && len(v.Path) > 0 {
		for i, k := range segments(op.Path) {
			if k == "{"+v.Path[0]+"}" {
				return place{"path", []string{strconv.Itoa(i)}}
			}
		}
	}
	if v.In != "body" && len(v.Path) > 1 { // an item of a list
		return place{v.In, v.Path[:1]}
	}
	return place{v.In, v.Path}
}

// unknownKeys proposes to call or drop the keys of an object that a violation names: the library
// reports an unknown key at the object.
func (p *prober) unknownKeys(m *message, op *fake.Operation, at place, v fake.Violation) (out []edit) {
	for _, part := range m.parts() {
		if part.in == at.in && len(part.path) == len(at.path)+1 &&
			strings.Contains(v.Reason, strconv.Quote(part.name)) {
			out = append(out, p.renames(m, op, part)...)
			out = append(out, without(part.place))
		}
	}
	return out
}

// syntax proposes a reading of a body that is not JSON.
func (p *prober) syntax(m *message) (out []edit) {
	text := string(m.body())
	if v, ok := guess(text); ok {
		out = append(out, replaceWith(place{in: "body"}, v))
	}
	return append(out, replaceWith(place{in: "body"}, object{}))
}

// wholeBody proposes a body for an operation.
func (p *prober) wholeBody(m *message, op *fake.Operation) (out []edit) {
	if len(m.body()) > 0 {
		if list, ok := m.json.([]any); ok && len(list) > 0 {
			out = append(out, replaceWith(place{in: "body"}, list[0]))
		}
		out = append(out, p.syntax(m)...)
	}
	example := p.fromRows(op, p.doc.example(p.doc.body(op, m.mediaType()), 3), nil)
	return append(out, replaceWith(place{in: "body"}, example), replaceWith(place{in: "body"}, object{}))
}

// fromRows puts values of rows in the place of example texts where the rows have such a name.
func (p *prober) fromRows(op *fake.Operation, v any, path []string) any {
	o, ok := v.(object)
	if !ok {
		return v
	}
	out := slices.Clone(o)
	for i, m := range out {
		if values := p.rows.valuesOf(m.key); m.value == "example" && len(values) > 0 {
			out[i].value = values[0]
		} else {
			out[i].value = p.fromRows(op, m.value, append(path, m.key))
		}
	}
	return out
}

// fill proposes values for what is missing: one that has nearly the name, an example of the document, a row's value.
func (p *prober) fill(m *message, op *fake.Operation, at place, s schema) (out []edit) {
	if len(at.path) == 0 {
		return p.wholeBody(m, op)
	}
	name := at.path[len(at.path)-1]
	for _, part := range m.parts() {
		if part.in == at.in && len(part.path) == len(at.path) && part.name != name &&
			near(part.name, []string{name}) != nil && !p.declared(m, op, part) {
			out = append(out, rename(part.place, name))
		}
	}
	for _, param := range p.doc.parameters(op) {
		if param.in == at.in && param.name == name && param.example != nil {
			out = append(out, replaceWith(at, ordered(param.example)))
		}
	}
	if at.in != "body" && s.text("type") == "array" {
		s = p.doc.resolve(s["items"])
	}
	for _, v := range p.values(name, s) {
		out = append(out, replaceWith(at, v))
	}
	return out
}

// declared reports whether the document has the name of a part.
func (p *prober) declared(m *message, op *fake.Operation, part part) bool {
	return p.doc.schemaOf(op, m, part.place) != nil || part.in == "body" && p.rows.keys[part.name]
}

// values lists values for a name: of the document, of rows.
func (p *prober) values(name string, s schema) (out []any) {
	if s["example"] != nil || s["default"] != nil || len(s.enum()) > 0 {
		out = append(out, p.doc.example(s, 2))
	}
	for _, v := range p.rows.valuesOf(name)[:min(len(p.rows.valuesOf(name)), 4)] {
		if fits(s, v) {
			out = append(out, v)
		}
	}
	if strings.HasSuffix(strings.ToLower(name), "id") {
		ids := p.rows.likely(name)
		for _, id := range ids[:min(len(ids), 12)] {
			if v := any(id); fits(s, v) {
				out = append(out, v)
			} else if n, ok := parseJSON([]byte(id)); ok && fits(s, n) {
				out = append(out, n)
			}
		}
	}
	if s == nil && name != "" {
		return append(out, "example"+strings.ToUpper(name[:1])+name[1:])
	}
	return append(out, p.fromRows(nil, p.doc.example(s, 3), nil))
}

// fits reports whether a value is of a schema's type.
func fits(s schema, v any) bool {
	kind := s.text("type")
	switch v.(type) {
	case string:
		return kind == "" || kind == "string"
	case bool:
		return kind == "" || kind == "boolean"
	case []any:
		return kind == "" || kind == "array"
	case object:
		return kind == "" || kind == "object"
	case nil:
		return false
	}
	return kind == "" || kind == "number" || kind == "integer"
}

// renames proposes the known names that are nearest to a part's.
func (p *prober) renames(m *message, op *fake.Operation, part part) (out []edit) {
	if part.in != "query" && part.in != "body" {
		return nil
	}
	if _, err := strconv.Atoi(part.name); err == nil {
		return nil
	}
	var free []string
	for _, name := range p.names(m, op, part.place) {
		if _, taken := m.get(place{part.in, append(slices.Clone(part.path[:len(part.path)-1]), name)}); !taken {
			free = append(free, name)
		}
	}
	if len(free) == 0 && part.in == "body" && !p.rows.keys[part.name] {
		free = p.rows.words
	}
	for _, name := range near(part.name, free) {
		out = append(out, rename(part.place, name))
	}
	return out
}

// names lists the names that may stand in the place of one: those of the document, or those that the rows have which
// the path speaks of.
func (p *prober) names(m *message, op *fake.Operation, at place) (all []string) {
	if at.in == "query" {
		for _, param := range p.doc.parameters(op) {
			if param.in == "query" {
				all = append(all, param.name)
			}
		}
		return all
	}
	above := at.path[:len(at.path)-1]
	if props := p.doc.properties(p.doc.at(p.doc.body(op, m.mediaType()), above)); len(props) > 0 {
		return slices.Sorted(maps.Keys(props))
	}
	return p.rows.keysLike(m.segments, above)
}

// keysLike lists the keys of the rows whose table has the name of a segment, below some keys.
func (c *content) keysLike(segments, above []string) (keys []string) {
	for _, table := range slices.Sorted(maps.Keys(c.rows)) {
		if !slices.ContainsFunc(segments,
			func(s string) bool { return likeness(strings.ToLower(table), strings.ToLower(s)) == 0 }) {
			continue
		}
		for _, row := range c.rows[table] {
			keys = append(keys, keysBelow(row, above)...)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func keysBelow(v any, above []string) (keys []string) {
	o, _ := v.(object)
	if len(above) > 0 {
		next, _ := o.get(above[0])
		return keysBelow(next, above[1:])
	}
	for _, m := range o {
		keys = append(keys, m.key)
	}
	return keys
}
