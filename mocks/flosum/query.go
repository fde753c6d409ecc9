package flosum

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/query"
)

// indexed matches an element of a list: types[0]. The parser takes an index over 20 for a key.
var indexed = regexp.MustCompile(`^([^\[]+)\[(?:1?\d|20)\]$`)

// parseQuery implements Def.Query, for forms too. Inferred: the vendor's server, a NestJS by its
// answers, parses both with qs. Pairs end at &, a value with an invalid escape stays as it is, and
// types=a&types=b, types[]=a and types[0]=a are elements of a list.
func parseQuery(raw string) (url.Values, error) {
	values := url.Values{}
	for name, value := range query.Pairs(raw) {
		if name = qsDecode(name); strings.HasSuffix(name, "]") {
			name = indexed.ReplaceAllString(name, "$1[]")
		}
		values[name] = append(values[name], qsDecode(value))
	}
	return values, nil
}

// qsDecode decodes a text completely or not at all.
func qsDecode(text string) string {
	text = strings.ReplaceAll(text, "+", " ")
	if plain := query.Unescape(text); !query.BrokenEscape(text) && utf8.ValidString(plain) {
		return plain
	}
	return text
}

// single rejects a parameter that was sent twice and that the document declares as one value.
func single(r *fake.Request) error {
	return once(r, r.QueryValues(), func(name string) map[string]any { return document().parameter(r.Op, name) })
}

// once rejects a name that has several values where its schema wants one. The parser makes a list of
// them (inferred). For OAuth, section 3.1 of RFC 6749 requires it.
func once(r *fake.Request, values url.Values, schemaOf func(name string) map[string]any) error {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if schema := schemaOf(name); len(values[name]) > 1 && schema != nil && schema["type"] != "array" {
			texts = append(texts, document().demands(name, schema, "type")...)
		}
	}
	if texts == nil {
		return nil
	}
	return stated(r, refuse(texts...))
}
