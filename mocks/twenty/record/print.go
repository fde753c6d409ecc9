package record

import (
	"regexp"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
)

// Answers show a file with its address, which depends on the caller and the time. Printed records
// have a mark in its place that no text of a client can contain: U+0000 and the file's id.
var fileURL = regexp.MustCompile(`,"url":"\\u0000([^"]*)"`)

// ExpandFileURLs writes the addresses of files into the text of an answer.
func ExpandFileURLs(text []byte, address func(id string) string) []byte {
	return fileURL.ReplaceAllFunc(text, func(mark []byte) []byte {
		return jsonb.AppendString([]byte(`,"url":`), address(string(fileURL.FindSubmatch(mark)[1])))
	})
}

// WithoutFileURLs removes the addresses of files from a text: events carry the content of the
// database (inferred).
func WithoutFileURLs(text string) string { return fileURL.ReplaceAllString(text, "") }

// appendValue writes the value of a column. A file comes with the mark of its address. A search vector is not
// kept: all records would have one once they are saved.
func (r *Record) appendValue(out []byte, c *Column) []byte {
	if c.Kind == Vector && r.vector.Load() == nil {
		return jsonb.AppendString(out, pgtext.Vector(r.searchText()))
	}
	v := r.Printed(c)
	list, ok := v.([]any)
	if !ok || c.Attr.Type != schema.Files {
		return jsonb.Append(out, v)
	}
	shown := make([]any, len(list))
	for i, item := range list {
		f, ok := js.Ordered(js.Plain(item)).(*js.Object)
		if !ok { // a seed may have any list
			shown[i] = item
			continue
		}
		shown[i] = js.NewObject("label", f.Value("label"), "fileId", f.Value("fileId"),
			"extension", f.Value("extension"), "url", "\x00"+js.StringOf(f.Value("fileId")))
	}
	return jsonb.Append(out, shown)
}

// Get returns a field or a relation's id as answers print it: unset texts are "", unset lists [] and so on.
// A composite field is an *Object. ok is false if the object has no such key.
func (r *Record) Get(name string) (v any, ok bool) {
	for _, g := range r.layout.Fields {
		if g.Name != name {
			continue
		}
		if !g.Composite {
			return r.Printed(g.Columns[0]), true
		}
		o := &js.Object{}
		for _, c := range g.Columns {
			o.Members = append(o.Members, js.Member{Key: c.Sub, Value: r.Printed(c)})
		}
		return o, true
	}
	return nil, false
}

// Keys returns the names for which Get has a value, in the order of answers.
func (r *Record) Keys() []string {
	return js.Map(r.layout.Fields, func(g Field) string { return g.Name })
}

// Printed returns a value as answers show it.
func (r *Record) Printed(c *Column) any {
	switch v := r.At(c).(type) {
	case nil:
		return c.unset()
	case value.Moment:
		return v.String()
	default:
		return v
	}
}

// unset is what answers show of a column without value: fixtures/twenty/rest_companies_crud.
func (c *Column) unset() any {
	switch {
	case c.Sub == "blocknote", c.Sub == "currencyCode":
		return nil
	case c.Kind == Text || c.Kind == Vector:
		return ""
	case c.Kind == List, c.Sub == "additionalEmails", c.Sub == "additionalPhones", c.Sub == "secondaryLinks":
		return noTexts
	}
	return nil
}

var noTexts any = []string{} // made once

// AppendJSON appends the record as REST answers it at depth 0.
func (r *Record) AppendJSON(out []byte) []byte {
	if r.layout == nil {
		return jsonb.Append(out, r.raw())
	}
	return r.AppendWithout(out, nil)
}

// AppendWithout appends the record as AppendJSON does, without the keys that hide holds of, if it is not nil.
func (r *Record) AppendWithout(out []byte, hide func(name string) bool) []byte {
	start := len(out)
	out = append(out, '{')
	for _, g := range r.layout.Fields {
		if hide != nil && hide(g.Name) {
			continue
		}
		if len(out) > start+1 {
			out = append(out, ',')
		}
		out = append(jsonb.AppendString(out, g.Name), ':')
		out = r.appendField(out, g)
	}
	return append(out, '}')
}

func (r *Record) appendField(out []byte, f Field) []byte {
	if !f.Composite {
		return r.appendValue(out, f.Columns[0])
	}
	for i, c := range f.Columns {
		out = append(out, "{,"[min(i, 1)])
		out = r.appendValue(append(jsonb.AppendString(out, c.Sub), ':'), c)
	}
	return append(out, '}')
}

// MarshalJSON writes a record as a client gets it.
func (r *Record) MarshalJSON() ([]byte, error) { return r.AppendWithout(nil, nil), nil }

// AppendColumn appends a value as answers print it, null if the record has no such column.
func (r *Record) AppendColumn(out []byte, c *Column) []byte {
	if c = r.layout.Column(c.Path); c == nil {
		return append(out, "null"...)
	}
	return r.appendValue(out, c)
}

// Sample returns the record as groups show it: times in the database's own spelling, those that the server made
// with microseconds: fixtures/twenty/rest_group_by #11.
func (r *Record) Sample() []byte {
	out := []byte{'{'}
	for i, g := range r.layout.Fields {
		out = js.Comma(out, i)
		out = append(jsonb.AppendString(out, g.Name), ':')
		if m, ok := r.values[g.Columns[0].at].(value.Moment); ok && !g.Composite {
			out = jsonb.AppendString(out, r.databaseTime(g.Columns[0], m))
			continue
		}
		out = r.appendField(out, g)
	}
	return append(out, '}')
}

func (r *Record) databaseTime(c *Column, m value.Moment) string {
	s := m.Time().Format("2006-01-02T15:04:05.999")
	if slices.Contains(r.generated, c.Path) {
		s = m.Time().Format("2006-01-02T15:04:05.000") + madeUpMicros
	}
	return s + "+00:00"
}

// madeUpMicros replaces the digits below milliseconds, which are not stored.
const madeUpMicros = "379"
