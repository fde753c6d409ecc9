package flexcrm

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
)

// form is a request body in any encoding, as texts by key. Each method reads one key, leaves the
// target unchanged if the key is absent, and keeps the first error.
type form struct {
	values map[string]string
	err    error
}

// readForm reads a body that is form data, multipart or JSON. Assumed: JSON and multipart are
// accepted, and of a key sent twice the last value counts.
func readForm(r *fake.Request) *form {
	f := &form{values: map[string]string{}}
	media, _, _ := mime.ParseMediaType(r.Header("Content-Type"))
	switch {
	case len(r.Body()) == 0:
	case media == "application/json":
		f.err = f.readJSON(r.Body())
	default:
		fields, err := r.Form()
		f.err = err
		for key := range fields {
			f.values[key] = last(fields, key)
		}
	}
	for key, value := range f.values {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			f.fail("%q is not UTF-8", key)
		}
	}
	return f
}

func (f *form) readJSON(text []byte) error {
	if !utf8.Valid(text) {
		return refuse("the body is not UTF-8")
	}
	var object map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&object); err != nil {
		return refuse("the body is no JSON object: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return refuse("something follows the JSON object")
	}
	for key, value := range object {
		f.values[key] = flatten(value)
	}
	return nil
}

// flatten writes a JSON value as a form would: a list of scalars joined with commas, other lists as
// JSON text.
func flatten(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return map[bool]string{true: "1", false: "0"}[v]
	case []any:
		parts := make([]string, len(v))
		for i, one := range v {
			switch one.(type) {
			case map[string]any, []any:
				return jsonText(v)
			}
			parts[i] = flatten(one)
		}
		return strings.Join(parts, ",")
	}
	return jsonText(value)
}

// jsonText encodes v as compact JSON without HTML escapes.
func jsonText(v any) string {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // plain data can always be encoded
	}
	return strings.TrimSuffix(out.String(), "\n")
}

func (f *form) fail(rule string, args ...any) {
	if f.err == nil {
		f.err = refuse(rule, args...)
	}
}

func (f *form) text(key string, into *string) {
	if value, ok := f.values[key]; ok {
		*into = value
	}
}

// number reads an integer; an empty text is 0.
func (f *form) number(key string, into *int64) {
	value, ok := f.values[key]
	if !ok {
		return
	}
	if value = strings.TrimSpace(value); value == "" {
		*into = 0
		return
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		f.fail("%s is a whole number, not %q", key, value)
		return
	}
	*into = n
}

// among reads an integer that must be one of allowed.
func (f *form) among(key string, into *int64, allowed ...int64) {
	before := *into
	f.number(key, into)
	for _, n := range allowed {
		if *into == n {
			return
		}
	}
	if *into != before {
		f.fail("%s is one of %v, not %d", key, allowed, *into)
	}
}

func (f *form) date(key string, into *string) {
	value, ok := f.values[key]
	if !ok {
		return
	}
	if value == "" {
		*into = ""
		return
	}
	date, ok := readDate(value)
	if !ok {
		f.fail("%s is a date, not %q", key, value)
		return
	}
	*into = date
}

// require sets an error if one of the keys is absent or empty.
func (f *form) require(keys ...string) {
	for _, key := range keys {
		if strings.TrimSpace(f.values[key]) == "" {
			f.fail("%s is required", key)
		}
	}
}
