package importer

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// value is a part of a JSON or YAML document. The zero value means that it is absent.
type value struct{ v any }

// parse decodes JSON or YAML. The error does not repeat the document.
func parse(data []byte) (value, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	first := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(first) == 0:
		return value{}, errors.New("the file is empty")
	case first[0] == '{' || first[0] == '[':
		return parseJSON(first)
	case !utf8.Valid(data):
		return value{}, errors.New("neither JSON nor YAML")
	}
	var v any
	data = rubyBinary.ReplaceAll(data, []byte("${1}!!binary$2"))
	if err := yaml.Unmarshal(data, &v); err != nil {
		reason, _, _ := strings.Cut(yaml.FormatError(err, false, false), "\n")
		return value{}, fmt.Errorf("neither JSON nor YAML: %s", printable(reason))
	}
	return value{v}, nil
}

// rubyBinary matches the tag with which Ruby's YAML marks a base64 body.
var rubyBinary = regexp.MustCompile(`(?m)^( *(?:string|body): )!binary( )`)

func parseJSON(data []byte) (value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return value{}, fmt.Errorf("broken JSON at byte %d: %s", d.InputOffset(), printable(err.Error()))
	}
	return value{v}, nil
}

// at returns the value under a path of keys.
func (v value) at(keys ...string) value {
	for _, key := range keys {
		object, _ := v.v.(map[string]any)
		v = value{object[key]}
	}
	return v
}

// first returns the value of the first key that the object has.
func (v value) first(keys ...string) value {
	for _, key := range keys {
		if v.has(key) {
			return v.at(key)
		}
	}
	return value{}
}

func (v value) has(key string) bool {
	object, _ := v.v.(map[string]any)
	_, ok := object[key]
	return ok
}

func (v value) exists() bool { return v.v != nil }

func (v value) isObject() bool { _, ok := v.v.(map[string]any); return ok }

func (v value) isList() bool { _, ok := v.v.([]any); return ok }

func (v value) list() (all []value) {
	list, _ := v.v.([]any)
	for _, one := range list {
		all = append(all, value{one})
	}
	return all
}

// keys returns the keys of an object, sorted.
func (v value) keys() (names []string) {
	object, _ := v.v.(map[string]any)
	for name := range object {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// text returns a string, or the spelling of a number or boolean, or "".
func (v value) text() string {
	switch s := v.v.(type) {
	case string:
		return s
	case []byte:
		return string(s)
	case nil, map[string]any, []any:
		return ""
	default:
		return fmt.Sprint(s)
	}
}

// number returns a whole number, or 0.
func (v value) number() int {
	n, err := strconv.ParseFloat(v.text(), 64)
	if err != nil {
		return 0
	}
	return int(n)
}

// time returns an RFC 3339 time, or the zero time.
func (v value) time() time.Time {
	at, err := time.Parse(time.RFC3339, v.text())
	if err != nil {
		return time.Time{}
	}
	return at
}

// encoded returns the value as JSON.
func (v value) encoded() []byte {
	data, err := json.Marshal(v.v)
	if err != nil {
		return nil // YAML with keys that are not strings
	}
	return data
}

// headers reads an object whose values are strings or lists of strings.
func (v value) headers() http.Header {
	h := http.Header{}
	for _, name := range v.keys() {
		one := v.at(name)
		if !one.isList() {
			addHeader(h, name, one.text())
			continue
		}
		for _, item := range one.list() {
			addHeader(h, name, item.text())
		}
	}
	return h
}

// pairs reads a list of objects with a name and a value.
func (v value) pairs(name string) (all [][2]string) {
	for _, one := range v.list() {
		if one.at("disabled").text() != "true" {
			all = append(all, [2]string{one.at(name).text(), one.at("value").text()})
		}
	}
	return all
}

func headersOf(pairs [][2]string) http.Header {
	h := http.Header{}
	for _, p := range pairs {
		addHeader(h, p[0], p[1])
	}
	return h
}
