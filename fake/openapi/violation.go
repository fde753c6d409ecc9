package openapi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Violation is one way in which a request breaks the document.
type Violation struct {
	In     string   // path, query, header, cookie or body
	Path   []string // the parameter's name, or the path to the value in the body
	Rule   string   // schema keyword, such as required or maxLength; syntax for a body that is not JSON
	Limit  any      // the keyword's value, if it has one
	Reason string   // the library's message, for people
	Value  any      // what was sent
}

// Field returns the path to the value, joined with dots.
func (v Violation) Field() string { return strings.Join(v.Path, ".") }

func (v Violation) String() string {
	return fmt.Sprintf("%s: %s (%s)", v.at(), v.Reason, v.Rule)
}

func (v Violation) at() string { return strings.TrimSpace(v.In + " " + v.Field()) }

// Text says for a client what is wrong, without the words of a parser. It begins with the place; a vendor's own words
// follow from Rule.
func (v Violation) Text() string {
	switch at := v.at(); {
	case v.Rule == "syntax":
		return "the " + v.In + " is not valid JSON"
	case v.Rule == "type" && v.In != "body":
		return at + " has another type than the document says"
	case v.Rule == "format":
		return fmt.Sprintf("%s is no %v", at, v.Limit)
	default:
		return at + ": " + v.Reason
	}
}

// violations flattens the library's errors.
func violations(err error, in, name string) []Violation {
	if many, ok := errors.AsType[openapi3.MultiError](err); ok {
		var out []Violation
		for _, one := range many {
			out = append(out, violations(one, in, name)...)
		}
		return out
	}
	var path []string
	if name != "" {
		path = []string{name}
	}
	if e, ok := errors.AsType[*openapi3.SchemaError](err); ok {
		if many, ok := errors.AsType[openapi3.MultiError](e.Origin); ok && e.SchemaField != "oneOf" &&
			e.SchemaField != "anyOf" {
			return violations(many, in, name)
		}
		return []Violation{{In: in, Path: append(path, e.JSONPointer()...), Rule: e.SchemaField, Limit: limit(e),
			Reason: reason(e), Value: e.Value}}
	}
	if e, ok := errors.AsType[*openapi3filter.RequestError](err); ok &&
		errors.Is(e.Err, openapi3filter.ErrInvalidRequired) {
		return []Violation{{In: in, Path: path, Rule: "required", Reason: "value is required"}}
	}
	return []Violation{{In: in, Path: path, Rule: "type", Reason: err.Error()}}
}

// reason returns the library's reason, without a limit as 1e+06 and with the small letter of the others.
func reason(e *openapi3.SchemaError) string {
	switch e.SchemaField {
	case "nullable":
		return "value must not be null"
	case "maximum":
		return "number must be at most " + strconv.FormatFloat(*e.Schema.Max, 'f', -1, 64)
	case "minimum":
		return "number must be at least " + strconv.FormatFloat(*e.Schema.Min, 'f', -1, 64)
	}
	return e.Reason
}

// limit returns the value of the keyword that a value breaks, if it is one that bounds the value.
func limit(e *openapi3.SchemaError) any {
	switch e.SchemaField {
	case "type":
		return e.Schema.Type.Slice()
	case "maxLength", "minLength", "maximum", "minimum", "maxItems", "minItems", "enum", "pattern", "format":
		keywords, _ := e.Schema.MarshalYAML() // always a map
		return keywords.(map[string]any)[e.SchemaField]
	}
	return nil
}
