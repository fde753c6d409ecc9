package kickflow

import (
	"cmp"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// evidenceOf implements Def.Evidence: it returns the evidence of the core's errors.
func evidenceOf(_ *fake.Request, e *fake.Error) (evidence, source string) {
	if e.Status == http.StatusNotFound && e.Table != "" {
		return fake.Documented, dialect.Definition
	}
	return fake.Inferred, dialect.Silent
}

// codes are inferred, except validation_failed and invalid_parameter (documented in troubles and
// errorHints).
var codes = map[int][2]string{
	400: {"invalid_parameter", "Invalid request"},
	401: {"unauthorized", "A valid token is needed"},
	403: {"forbidden", "The caller may not do this"},
	404: {"not_found", "Not found"},
	413: {"content_too_large", "The body is too long"},
	415: {"unsupported_media_type", "The content type must be application/json"},
	422: {"validation_failed", "Validation failed"},
	429: {"too_many_requests", "The rate limit is used up"},
	500: {"internal_server_error", "Internal server error"},
	504: {"gateway_timeout", "Gateway timeout"},
}

// docs are the pages about an error. The vendor sends doc_url with some errors and does not say
// with which: inferred.
var docs = map[int]string{
	401: "https://developer.kickflow.com/rest/#section/authentication",
	429: "https://developer.kickflow.com/rest/#section/rate-limit",
}

type errorAnswer struct {
	Code    string              `json:"code"`
	Message string              `json:"message"`
	Errors  map[string][]string `json:"errors,omitempty"`
	DocURL  string              `json:"doc_url,omitempty"`
}

func renderError(_ *fake.Request, e *fake.Error) any {
	// two rows would share an identifier; clients can cause it only with a duplicate code
	if e.Status == http.StatusConflict {
		e.Status, e.Fields = http.StatusUnprocessableEntity, map[string][]string{"base": {dialect.Taken}}
	}
	words, ok := codes[e.Status]
	if !ok {
		words = [2]string{"error", http.StatusText(e.Status)}
	}
	if len(e.Expected) > 0 {
		words[1] = "The content type must be " + strings.Join(e.Expected, " or ")
	}
	body := errorAnswer{Code: cmp.Or(e.Code, words[0]), Message: cmp.Or(e.Message, words[1]), Errors: e.Fields,
		DocURL: docs[e.Status]}
	if e.Message == "" && len(e.Fields) > 0 {
		var all []string
		for field, messages := range e.Fields {
			for _, m := range messages {
				all = append(all, strings.TrimPrefix(field+" "+m, "base "))
			}
		}
		slices.Sort(all)
		body.Message = strings.Join(all, ", ")
	}
	return body
}

// renderInvalid renders violations of the document: a wrong type is a 400, documented in troubles
// and errorHints. Inferred: a path that cannot name a row is a 404, any error in a query is a 400,
// a value of a body that exceeds a limit is a 422 with the default message of Rails.
func renderInvalid(_ *fake.Request, found []fake.Violation) error {
	fields := map[string][]string{}
	for _, v := range found {
		switch {
		case v.In == "path":
			return dialect.NotFound(v.String())
		case v.In != "body" || v.Rule == "syntax" || v.Rule == "type" || v.Rule == "oneOf" || v.Rule == "anyOf" ||
			len(v.Path) == 0:
			e := dialect.Malformed("Invalid request: "+shapeMessage(v), v.String())
			e.Violations = found
			if v.Rule == "type" {
				return dialect.Stated(dialect.Troubles, e)
			}
			return e
		}
		fields[v.Field()] = append(fields[v.Field()], railsMessage(v))
	}
	e := dialect.InvalidFields(found[0].String(), fields)
	e.Violations = found
	return e
}

// shapes are the messages of json_schemer, the library that the vendor seems to validate requests
// with: its message for a value that is not an array is documented in troubles.
var shapes = map[string]string{"maxLength": "string length at @ is greater than: ",
	"pattern": "string at @ does not match pattern: ", "format": "value at @ does not match format: "}

// shapeMessage describes a violation. Each query parameter is validated separately: the message for
// a value that is not an array, documented in troubles, refers to the root. The parameter's name
// before it is inferred.
func shapeMessage(v fake.Violation) string {
	if v.Rule == "required" && len(v.Path) > 0 {
		return "object at root is missing required properties: " + v.Path[0]
	}
	if v.In == "query" && len(v.Path) > 0 {
		name := v.Path[0]
		v.In, v.Path = "", v.Path[1:]
		return name + ": " + shapeMessage(v)
	}
	at := "root"
	if len(v.Path) > 0 {
		at = "`/" + strings.Join(v.Path, "/") + "`"
	}
	switch limit := v.Limit.(type) {
	case []string: // types
		if strings.ContainsAny(limit[0][:1], "aio") {
			return "value at " + at + " is not an " + limit[0]
		}
		return "value at " + at + " is not a " + limit[0]
	case []any: // an enum
		return fmt.Sprintf("value at %s is not one of: %s", at,
			strings.ReplaceAll(fmt.Sprintf("%q", limit), `" "`, `", "`))
	}
	words, ok := shapes[v.Rule]
	switch {
	case v.Rule == "syntax":
		return "the body is not valid JSON"
	case !ok:
		return "value at " + at + " is invalid"
	}
	return strings.Replace(words, "@", at, 1) + limitOf(v)
}

// limitOf returns the limit that a value violates, which may be a pointer to a number.
func limitOf(v fake.Violation) string {
	return fmt.Sprint(reflect.Indirect(reflect.ValueOf(v.Limit)))
}

// railsMessages are the messages for values of a body that exceed a limit, which takes the place of
// the @.
var railsMessages = map[string]string{
	"required":    dialect.Blank,
	"nullable":    dialect.Blank,
	"maxLength":   "is too long (maximum is @ characters)",
	"minLength":   "must not be empty",
	"minItems":    "must not be empty",
	"maxItems":    "must have at most @ items", // assumed wording
	"uniqueItems": dialect.Taken,
	"minimum":     "must be greater than or equal to @",
	"maximum":     "must be less than or equal to @",
	"enum":        dialect.Unlisted,
}

func railsMessage(v fake.Violation) string {
	message := cmp.Or(railsMessages[v.Rule], dialect.Wrong)
	return strings.Replace(message, "@", limitOf(v), 1)
}
