package openapi

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// Input is a request to validate.
type Input struct {
	HTTP    *http.Request                          // for headers; its body is not read
	Path    interface{ Param(name string) string } // the parameters of the path, decoded
	Query   url.Values
	Body    []byte
	TooLong bool // the body exceeds the operation's limit and was not read

	ParseForm func(string) (url.Values, error) // parses an urlencoded body
	JSON      any                              // set by Validate: the decoded body, numbers as float64
}

// InvalidError reports a body that cannot be validated at all.
type InvalidError struct {
	Status   int
	Rule     string
	Expected []string // the content types of the operation, if the body has another
}

func (e *InvalidError) Error() string { return e.Rule }

// Validate validates the parameters and the body, and decodes a JSON body into r.JSON. An error is
// an *InvalidError.
func (o *Operation) Validate(r *Input) ([]Violation, error) {
	o.requestSchema()
	var found []Violation
	for _, p := range o.params {
		if !p.passes(r, r.Query) {
			found = append(found, o.validateParameter(p, r)...)
		}
	}
	if o.body == nil {
		return found, nil
	}
	more, err := o.validateBody(r)
	return append(found, more...), err
}

func (o *Operation) validateParameter(p *parameter, r *Input) []Violation {
	input := &openapi3filter.RequestValidationInput{
		Request: r.HTTP, QueryParams: r.Query, Route: o.asking,
		Options: &openapi3filter.Options{SkipSettingDefaults: true, MultiError: true}}
	if p.In == "path" {
		input.PathParams = map[string]string{p.Name: r.Path.Param(p.Name)}
	}
	if input.QueryParams == nil {
		input.QueryParams = url.Values{}
	}
	if input.QueryParams.Has(p.Name + "[]") {
		input.QueryParams = withoutBrackets(input.QueryParams)
	}
	if found, ok := integer(p.Parameter, input); ok {
		return found
	}
	if err := openapi3filter.ValidateParameter(context.Background(), input, p.Parameter); err != nil {
		return violations(err, p.In, p.Name)
	}
	return nil
}

func (o *Operation) validateBody(r *Input) ([]Violation, error) {
	if r.TooLong {
		return nil, &InvalidError{Status: http.StatusRequestEntityTooLarge,
			Rule: fmt.Sprintf("a body has at most %d bytes", o.BodyLimit)}
	}
	if len(r.Body) == 0 {
		if o.body.Required {
			return []Violation{{In: "body", Rule: "required", Reason: "a body is required"}}, nil
		}
		return nil, nil
	}
	kind := r.HTTP.Header.Get("Content-Type")
	if kind != "application/json" {
		kind, _, _ = mime.ParseMediaType(kind)
	}
	media := o.body.Content.Get(kind)
	if media == nil {
		expected := slices.Sorted(maps.Keys(o.body.Content))
		return nil, &InvalidError{Status: http.StatusUnsupportedMediaType, Expected: expected,
			Rule: fmt.Sprintf("content type %q; expected %s", kind, strings.Join(expected, " or "))}
	}
	if media.Schema == nil {
		return nil, nil
	}
	var value any
	switch {
	case strings.HasSuffix(kind, "json"):
		if err := json.Unmarshal(r.Body, &value); err != nil {
			return []Violation{{In: "body", Rule: "syntax", Reason: err.Error()}}, nil
		}
		r.JSON = value
	case kind == "application/x-www-form-urlencoded":
		form, err := r.ParseForm(string(r.Body))
		if err != nil {
			return nil, err
		}
		fields := map[string]any{}
		for key := range form {
			fields[key] = form.Get(key)
		}
		value = fields
	default:
		return nil, nil // the handler reads multipart bodies
	}
	if accepts(media.Schema.Value, value) {
		return nil, nil
	}
	if err := media.Schema.Value.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsRequest()); err != nil {
		return violations(err, "body", ""), nil
	}
	return nil, nil
}

// integer validates an integer parameter that was sent; ok is false if the parameter is not an
// integer or was not sent. The library parses integers as Go literals and accepts 0x1 and 010.
func integer(p *openapi3.Parameter, input *openapi3filter.RequestValidationInput) (found []Violation, ok bool) {
	if p.Schema == nil || !p.Schema.Value.Type.Is("integer") {
		return nil, false
	}
	text := ""
	switch p.In {
	case "path":
		text = input.PathParams[p.Name]
	case "query":
		text = input.QueryParams.Get(p.Name)
	case "header":
		text = input.Request.Header.Get(p.Name)
	}
	if text == "" {
		return nil, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return []Violation{{In: p.In, Path: []string{p.Name}, Rule: "type",
			Reason: "value " + text + ": an invalid integer", Value: text}}, true
	}
	if err := p.Schema.Value.VisitJSON(float64(n), openapi3.MultiErrors()); err != nil {
		found = violations(err, p.In, p.Name)
	}
	return found, true
}

func withoutBrackets(q url.Values) url.Values {
	out := url.Values{}
	for key, values := range q {
		name := strings.TrimSuffix(key, "[]")
		out[name] = append(out[name], values...)
	}
	return out
}

// CheckAnswer returns an error that says how an answer breaks the document.
func (o *Operation) CheckAnswer(r *Input, status int, h http.Header, body []byte) error {
	o.responseSchema()
	options := &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true, ExcludeResponseBody: true}
	input := &openapi3filter.ResponseValidationInput{Status: status, Header: h, Options: options,
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r.HTTP, Route: o.answering}}
	err := openapi3filter.ValidateResponse(context.Background(), input)
	if err != nil || o.acceptsAnswer(status, h, body) {
		return err
	}
	input.Options.ExcludeResponseBody = false
	input.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(context.Background(), input)
}
