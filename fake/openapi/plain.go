package openapi

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// parameter is a parameter of an operation. Most requests have usual values, for which the library
// has more to do than the rest of the core together; plain accepts those.
type parameter struct {
	*openapi3.Parameter
	plain func(text string) bool // reports whether a value is valid; nil if only the library knows
	list  bool                   // several values, in one key each
}

func newParameter(p *openapi3.Parameter) *parameter {
	out := &parameter{Parameter: p}
	if p.Schema == nil || p.Style != "" || p.Explode != nil || p.In != "path" && p.In != "query" {
		return out
	}
	s := p.Schema.Value
	if out.list = s.Type.Is("array") && p.In == "query" && s.MinItems == 0 && s.MaxItems == nil && !s.UniqueItems &&
		single(s); out.list {
		s = s.Items.Value
	}
	out.plain = plainText(s)
	return out
}

// single reports whether a schema is not made of others.
func single(s *openapi3.Schema) bool {
	return len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) == 0 && s.Not == nil
}

// plainText returns a function that accepts texts that are surely valid, or nil.
func plainText(s *openapi3.Schema) func(string) bool {
	_, known := openapi3.SchemaStringFormats[s.Format]
	pattern, err := regexp.Compile(s.Pattern)
	switch {
	case err != nil || !single(s) || s.MultipleOf != nil || s.ExclusiveMin || s.ExclusiveMax:
		return nil
	case s.Type.Is("string") && !known && s.MinLength == 0 && s.MaxLength == nil:
		return func(text string) bool {
			return text != "" && (len(s.Enum) == 0 || slices.Contains(s.Enum, any(text))) && pattern.MatchString(text)
		}
	case s.Type.Is("integer") && len(s.Enum) == 0 && s.Pattern == "":
		return func(text string) bool {
			n, err := strconv.ParseInt(text, 10, 32) // an integer of every format
			return err == nil && (s.Min == nil || float64(n) >= *s.Min) && (s.Max == nil || float64(n) <= *s.Max)
		}
	}
	return nil
}

// passes reports whether a parameter of a request is surely valid.
func (p *parameter) passes(r *Input, query url.Values) bool {
	if p.plain == nil || p.In == "path" {
		return p.plain != nil && p.plain(r.Path.Param(p.Name))
	}
	values, there := query[p.Name]
	more, bracketed := query[p.Name+"[]"]
	switch {
	case !there && !bracketed:
		return !p.Required
	case bracketed && (there || !p.list):
		return false
	case bracketed:
		values = more
	}
	for _, text := range values {
		if !p.plain(text) {
			return false
		}
	}
	return len(values) == 1 || len(values) > 1 && p.list
}
