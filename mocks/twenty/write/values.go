package write

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// change is what one record of a request's data sets, column by column, in the order of the data.
type change struct {
	set      map[*record.Column]any // nil clears
	keys     []string               // the names of the data, in their order
	position any                    // "first", "last", nil where the column has to be found
	old      *record.Row            // what an upsert overwrites
	deferred *reject.Error          // an error that waits for the rest of the data
	links    []link                 // connects and disconnects by relation name
}

// link is a relation written by name: {"connect": {"where": …}} or {"disconnect": true}.
type link struct {
	attr       *schema.Attr
	where      *js.Object
	disconnect bool
	both       bool // rejected once all values are read: kind_validation_order 19
}

// reader validates the data of a request and turns it into changes. Its messages are those of
// fixtures/twenty/rest_validation_errors and corpus_rest_write_101.
type reader struct {
	scope  *Scope
	layout *record.Layout
	update bool
	out    *change
}

// read checks one record's data, key by key.
func (s *Scope) read(data *js.Object, update bool) (*change, error) {
	r := &reader{scope: s, layout: s.Layout(s.Model), update: update,
		out: &change{set: map[*record.Column]any{}}}
	for _, m := range data.Members {
		r.out.keys = append(r.out.keys, m.Key)
		if err := r.key(m.Key, m.Value); err != nil {
			return nil, err
		}
	}
	if r.out.deferred != nil {
		return nil, r.out.deferred
	}
	return r.out, nil
}

// checkID rejects a malformed id before any other check.
func checkID(data *js.Object) error {
	id, ok := data.Get("id")
	if !ok || id == nil || id == "" {
		return nil
	}
	if hasVersion(js.StringOf(id)) {
		return nil
	}
	return badID(id)
}

// hasVersion reports whether a text is a UUID of the versions 1 to 5.
func hasVersion(s string) bool {
	return schema.IsUUID(s) && s[14] >= '1' && s[14] <= '5' && strings.IndexByte("89abAB", s[19]) >= 0
}

func badID(id any) *reject.Error {
	shown := js.StringOf(id)
	if _, ok := id.(string); !ok {
		shown = js.Text(id)
	}
	return reject.Coded(reject.CodeQuery, "Invalid UUID format.", `Value "%s" is not a valid UUID`, shown)
}

// inherited are the properties that every JavaScript object has. The server finds fields of these names, and
// then no metadata for them: kind_entrance_bodies 24 and 25.
var inherited = []string{"__proto__", "constructor", "toString", "toLocaleString", "valueOf", "hasOwnProperty",
	"isPrototypeOf",
	"propertyIsEnumerable", "__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__"}

func (r *reader) key(name string, v any) error {
	a, join := r.layout.Model.Attr(name), false
	c := r.layout.Column(name)
	if c != nil && c.Join {
		a, join = c.Attr, true
	}
	switch {
	case a == nil && slices.Contains(inherited, name):
		return reject.Data("", "Field metadata not found for field %s", name)
	case a == nil:
		return reject.UnknownField(r.layout.Model, name, reject.CodeData)
	case v == nil && !a.IsNullable && a.DefaultValue == nil: // known from the vendor's public source
		return reject.Data("A required field is missing.", "Field %s is not nullable and has no default value.", name)
	case join:
		return r.plain(c, name, v)
	case a.Type == schema.TSVector:
		return reject.Data("", "%s TS_VECTOR-typed field does not support write operations", name)
	case a.Relation == schema.Many:
		return reject.Data("", "One-to-many relation %s field does not support write operations.", name)
	case a.Relation == schema.ToOne:
		return r.relation(a, v)
	case a.Composite():
		return r.composite(a, v)
	}
	return r.plain(c, name, v)
}

// relation reads a relation written by name.
func (r *reader) relation(a *schema.Attr, v any) error {
	o, ok := v.(*js.Object)
	if !ok {
		return reject.Data("", `Relation "%s" requires connect or disconnect operation`, a.Name)
	}
	connect, connects := o.Get("connect")
	disconnect, disconnects := o.Get("disconnect")
	if !connects && !disconnects {
		return reject.Data("", `Relation "%s" requires connect or disconnect operation`, a.Name)
	}
	l := link{attr: a, disconnect: disconnect == true, both: connects && disconnects}
	if c, ok := connect.(*js.Object); ok {
		l.where, _ = c.Value("where").(*js.Object)
	}
	r.out.links = append(r.out.links, l)
	return nil
}

func (r *reader) plain(c *record.Column, name string, v any) error {
	if v == nil && c.Kind != record.Text && c.Type != schema.Position {
		r.out.set[c] = nil
		return nil
	}
	switch c.Type {
	case schema.UUID, schema.Relation, schema.MorphRelation: // of a relation its column
		return r.id(c, name, v)
	case schema.Position:
		return r.positionValue(c, name, v)
	case schema.Number:
		if !isFinite(v) {
			return reject.BadValue(reject.CodeData, "Invalid value for number: ", v,
				"Invalid number value %s for field %s", name)
		}
		r.out.set[c] = v
		return nil
	case schema.Numeric:
		return r.numeric(c, name, v)
	case schema.Boolean:
		if _, ok := v.(bool); !ok {
			return reject.BadValue(reject.CodeData, "Invalid value: ", v, "Invalid boolean value %s for field %s", name)
		}
		r.out.set[c] = v
		return nil
	case schema.DateTime:
		t, ok := value.ParseMoment(js.StringOf(v))
		if !ok {
			return reject.Moment(reject.CodeData, v, name)
		}
		r.out.set[c] = t
		return nil
	case schema.Date:
		d, ok := value.ParseDay(js.StringOf(v))
		if !ok {
			return reject.Day(reject.CodeData, v, name)
		}
		r.out.set[c] = d
		return nil
	case schema.Select, schema.Rating:
		return r.option(c, name, v)
	case schema.MultiSelect, schema.Array:
		return r.texts(c, name, v)
	case schema.RawJSON:
		return r.document(c, name, v)
	case schema.Files:
		return r.files(c, name, v)
	}
	return r.text(c, name, v)
}

func (r *reader) text(c *record.Column, name string, v any) error {
	s, ok := v.(string)
	if !ok && v != nil {
		return reject.BadValue(reject.CodeData, "Invalid value: ", v, "Invalid string value %s for text field %s", name)
	}
	r.setText(c, s)
	return nil
}

// setText stores an empty text as NULL where the column may be NULL.
func (r *reader) setText(c *record.Column, s string) {
	if r.out.set[c] = s; s == "" && c.Nullable {
		r.out.set[c] = nil
	}
}

func (r *reader) id(c *record.Column, name string, v any) error {
	s, ok := v.(string)
	if !ok || !schema.IsUUID(s) {
		return reject.BadValue(reject.CodeData, "Invalid value for UUID: ", v, "Invalid UUID value %s for field %s",
			name)
	}
	r.out.set[c] = strings.ToLower(s)
	return nil
}

// isFinite reports whether a value is a number that is one.
func isFinite(v any) bool {
	n, ok := v.(float64)
	return ok && !math.IsNaN(n) && !math.IsInf(n, 0)
}

func (r *reader) positionValue(c *record.Column, name string, v any) error {
	switch v {
	case "first", "last":
		r.out.position = v
		return nil
	}
	if !isFinite(v) {
		return reject.BadValue(reject.CodeData, "Invalid value for position: ", v,
			"Invalid position value %s for field %s", name)
	}
	r.out.set[c] = v
	return nil
}

func (r *reader) numeric(c *record.Column, name string, v any) error {
	n := js.ToNumber(v)
	if !isFinite(n) {
		return reject.BadValue(reject.CodeData, "Invalid value for number: ", n, "Invalid number value %s for field %s",
			name)
	}
	if c.Sub == "amountMicros" {
		n = math.Trunc(n)
	}
	r.out.set[c] = n + 0 // no negative zero
	return nil
}

func (r *reader) option(c *record.Column, name string, v any) error {
	s, ok := v.(string)
	if !ok {
		return reject.BadValue(reject.CodeData, "Invalid value: ", v, "Invalid string value %s for text field %s", name)
	}
	if !slices.Contains(c.Options, s) {
		return reject.Data(`Invalid value for field "`+name+`"`,
			`Invalid value "%s" for field "%s". Valid values are: %s`, s, name, strings.Join(c.Options, ", "))
	}
	r.out.set[c] = s
	return nil
}

// texts takes a bare text for a list of one.
func (r *reader) texts(c *record.Column, name string, v any) error {
	items, ok := listOfTexts(v)
	if !ok {
		return notTexts(v, name)
	}
	unknownText := func(s string) bool { return !slices.Contains(c.Options, s) }
	if c.Type == schema.MultiSelect && slices.ContainsFunc(items, unknownText) {
		return reject.BadValue(reject.CodeData, "Invalid value: ", v, "Invalid value %s for multi select field %s",
			name)
	}
	if r.out.set[c] = items; len(items) == 0 {
		r.out.set[c] = nil
	}
	return nil
}

func notTexts(v any, name string) *reject.Error {
	return reject.BadValue(reject.CodeData, "Invalid value: ", v, "Invalid value %s for field %s",
		name+" - Array values need to be string")
}

func listOfTexts(v any) ([]string, bool) {
	switch v := v.(type) {
	case string:
		return []string{v}, true
	case []any:
		var out []string
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return nil, false
			}
			out = append(out, s)
		}
		return out, true
	}
	return nil, false
}

func (r *reader) document(c *record.Column, name string, v any) error {
	switch v := v.(type) {
	case *js.Object:
		if r.out.set[c] = js.Plain(v); len(v.Members) == 0 {
			r.out.set[c] = nil // corpus_metadata_102 #53
		}
	case []any:
		if r.out.set[c] = js.Plain(v); len(v) == 0 {
			r.out.set[c] = nil // assumed alike
		}
	case string: // the text of a JSON value passes for it: known from the vendor's public source
		parsed, err := js.ParseJSON(v)
		if err != nil {
			return badObject(v, name)
		}
		r.out.set[c] = js.Plain(parsed)
	default:
		return badObject(v, name)
	}
	return nil
}

// checkDocument rejects invalid lists of links or phones: values that are neither an object nor
// JSON text.
func checkDocument(v any, name string) error {
	switch v := v.(type) {
	case nil, *js.Object, []any:
		return nil
	case string:
		if _, err := js.ParseJSON(v); err == nil {
			return nil
		}
	}
	return badObject(v, name)
}

func badObject(v any, name string) *reject.Error {
	hint := "Invalid value for JSON."
	if _, ok := v.(string); !ok {
		hint = `Invalid value for JSON: "` + reject.InHint(v) + `"`
	}
	return reject.Data(hint, `Invalid object value %s for field "%s"`, js.Inspect(v), name)
}

// fileErrors returns what is wrong with a list of files, in the words of the vendor's validator.
// Inferred: a snapshot of twenty-server's tests, whose lists have only objects and texts, and zod 4.
func fileErrors(v any) string {
	items, ok := v.([]any)
	if !ok {
		return ": Invalid input: expected array, received " + js.TypeOf(v)
	}
	var found []string
	for i, item := range items {
		o, ok := item.(*js.Object)
		if !ok {
			found = append(found, fmt.Sprintf("%d: Invalid input: expected object, received %s", i, js.TypeOf(item)))
			continue
		}
		for _, key := range []string{"fileId", "label"} {
			typ := "undefined"
			if member, said := o.Get(key); said {
				typ = js.TypeOf(member)
			}
			switch id := js.StringOf(o.Value("fileId")); {
			case typ != "string":
				found = append(found, fmt.Sprintf("%d.%s: Invalid input: expected string, received %s", i, key, typ))
			case key == "fileId" && (!hasVersion(id) || id[14] != '4'):
				found = append(found, fmt.Sprintf("%d.fileId: Invalid UUID", i))
			}
		}
		var more []string
		for _, m := range o.Members {
			if m.Key != "fileId" && m.Key != "label" {
				more = append(more, `"`+m.Key+`"`)
			}
		}
		if plural := "s"[:min(len(more)/2, 1)]; more != nil {
			found = append(found, fmt.Sprintf("%d: Unrecognized key%s: %s", i, plural, strings.Join(more, ", ")))
		}
	}
	return strings.Join(found, ", ")
}
