package control

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// decodeStrict decodes a JSON body and refuses unknown fields. Its errors name the nearest field or the expected type.
func decodeStrict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	err := d.Decode(v)
	if err == nil && d.More() {
		err = errors.New("unexpected data after the JSON value")
	}
	if err == nil {
		return nil
	}
	if m := unknownField.FindStringSubmatch(err.Error()); m != nil {
		known := fields(reflect.TypeOf(v))
		known = slices.DeleteFunc(known, func(name string) bool { return name == m[1] }) // known elsewhere in v
		detail := fmt.Sprintf("unknown field %q%s; known: %s", m[1], fake.Hint(m[1], known), strings.Join(known, ", "))
		return &problem{status: http.StatusBadRequest, pointer: "/" + m[1], detail: detail}
	}
	return badRequest("the body: %s", plainJSON(err.Error(), reflect.TypeOf(v)))
}

// goType is what encoding/json says of a value of the wrong type.
var goType = regexp.MustCompile(
	`json: cannot unmarshal (\w+(?: [-+.\w]+)?) into Go (?:struct field \w*\.(\S+)|value) of type ([^\s;]+)`)

// PlainError returns the text of an error. What encoding/json says in terms of Go is said in terms of JSON.
func PlainError(err error) string { return plainJSON(err.Error(), nil) }

// plainJSON is PlainError for the text of an error of decoding into a type, which may be nil.
func plainJSON(text string, into reflect.Type) string {
	m := goType.FindStringSubmatch(text)
	if m == nil {
		return strings.Replace(text, io.ErrUnexpectedEOF.Error(), "unexpected end of JSON input", 1)
	}
	place, found := fieldAt(into, m[2])
	verb := " is "
	if found != nil && found.String() != m[3] {
		verb = " holds " // an element of a list or a member of an object
	}
	return strings.Replace(text, m[0], cmp.Or(place, "it")+verb+valueName(m[1])+"; expected "+typeName(m[3]), 1)
}

// fieldAt returns the JSON path of a field and its type, nil if it is unknown. In Go's path of a field, the names of
// embedded structs stand between those of JSON.
func fieldAt(t reflect.Type, at string) (place string, found reflect.Type) {
	var names []string
	t = pointed(t)
	for name := range strings.FieldsFuncSeq(at, func(r rune) bool { return r == '.' }) {
		if t == nil || t.Kind() != reflect.Struct {
			names, t = append(names, name), nil
		} else if embedded, ok := t.FieldByName(name); ok && embedded.Anonymous {
			t = embedded.Type
		} else {
			names, t = append(names, name), pointed(fieldNamed(t, name))
		}
	}
	return strings.Join(names, "."), t
}

// pointed returns the type that a pointer points to.
func pointed(t reflect.Type) reflect.Type {
	if t != nil && t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// fieldNamed returns the type of the field with a JSON name, or nil.
func fieldNamed(t reflect.Type, name string) reflect.Type {
	for _, f := range reflect.VisibleFields(t) {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag == name {
			return f.Type
		}
	}
	return nil
}

// valueName names a JSON value as encoding/json does in its errors.
func valueName(value string) string {
	names := map[string]string{"string": "a text", "bool": "true or false", "array": "a list", "object": "an object",
		"number": "a number"}
	return cmp.Or(names[value], "the "+value) // a number that is too large has its digits
}

// typeName names the JSON value that is decoded into a Go type.
func typeName(goType string) string {
	goType = strings.TrimPrefix(goType, "*")
	switch {
	case goType == "string":
		return "a text"
	case goType == "bool":
		return "true or false"
	case goType == "float64":
		return "a number"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case strings.HasPrefix(goType, "["):
		return "a list"
	}
	return "an object"
}

// fields returns the JSON names of a struct and of the structs in it.
func fields(t reflect.Type) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
		if f.Type.PkgPath() != "time" {
			names = append(names, fields(f.Type)...)
		}
	}
	return names
}
