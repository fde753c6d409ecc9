package openapi

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"
)

// parameter is a parameter of an operation. Most requests have usual values, for which the library
// has more to do than the rest of the core together; plain accepts those.
type parameter struct {
	*openapi3.Parameter
	plain    func(text string) bool // reports whether a value is valid; nil if only the library knows
	list     bool                   // several values, in one key each
	optional bool                   // valid if it is absent
	header   string                 // its canonical name, in a header
}

func newParameter(p *openapi3.Parameter) *parameter {
	out := &parameter{Parameter: p, header: http.CanonicalHeaderKey(p.Name)}
	if p.Schema == nil || p.Style != "" || p.Explode != nil || len(p.Content) > 0 {
		return out
	}
	s := p.Schema.Value
	if s.Type.Is("array") && p.In == openapi3.ParameterInQuery && single(s) && s.Items != nil &&
		s.MinItems == 0 && s.MaxItems == nil && !s.UniqueItems {
		out.list, out.plain = true, plainText(s.Items.Value)
	} else {
		out.plain = plainText(s)
	}
	out.optional = out.plain != nil && !p.Required
	return out
}

// single reports whether a schema is not made of others.
func single(s *openapi3.Schema) bool {
	return len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) == 0 && s.Not == nil
}

// plainText returns a function that accepts texts that are surely valid, or nil.
func plainText(s *openapi3.Schema) func(string) bool {
	switch {
	case !single(s) || s.Pattern != "" || s.MultipleOf != nil:
		return nil
	case s.Type.Is("string"):
		if _, known := openapi3.SchemaStringFormats[s.Format]; known {
			return nil
		}
		return func(text string) bool { return plainString(s, text) }
	case s.Type.Is("integer") && len(s.Enum) == 0 && !s.ExclusiveMin && !s.ExclusiveMax:
		return func(text string) bool { return plainInteger(s, text) }
	}
	return nil
}

func plainString(s *openapi3.Schema, text string) bool {
	if text == "" || uint64(len(text)) < s.MinLength || s.MaxLength != nil && uint64(len(text)) > *s.MaxLength {
		return false
	}
	for i := range len(text) {
		if text[i] >= 0x80 && (s.MinLength > 0 || s.MaxLength != nil) {
			return false // the library counts its characters
		}
	}
	return len(s.Enum) == 0 || slices.Contains(s.Enum, any(text))
}

// plainInteger accepts integers that every format has.
func plainInteger(s *openapi3.Schema, text string) bool {
	n, err := strconv.ParseInt(text, 10, 32)
	return err == nil && (s.Min == nil || float64(n) >= *s.Min) && (s.Max == nil || float64(n) <= *s.Max)
}

// passes reports whether a parameter of a request is surely valid.
func (p *parameter) passes(r *Input, query url.Values) bool {
	if p.plain == nil {
		return false
	}
	var values []string
	there := false
	switch p.In {
	case openapi3.ParameterInPath:
		text := r.Path[p.Name]
		return text != "" && p.plain(text)
	case openapi3.ParameterInHeader:
		values, there = r.HTTP.Header[p.header]
	case openapi3.ParameterInQuery:
		values, there = query[p.Name]
		if more, bracketed := query[p.Name+"[]"]; bracketed {
			if there || !p.list {
				return false
			}
			values, there = more, true
		}
	default:
		return false
	}
	switch {
	case !there:
		return p.optional
	case len(values) == 0 || len(values) > 1 && !p.list:
		return false
	}
	for _, text := range values {
		if !p.plain(text) {
			return false
		}
	}
	return true
}
