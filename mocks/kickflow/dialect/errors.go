package dialect

import (
	"net/http"

	"github.com/afba07b5/mockserver/fake"
)

// Silent is the source of rules that the vendor does not state.
const Silent = "the vendor does not say"

// Invalid returns an error with the vendor's only published code and one message on one field. The
// messages are the defaults of Rails, which the vendor's examples show.
func Invalid(field, message string) *fake.Error {
	return InvalidFields(field+" "+message, map[string][]string{field: {message}})
}

// InvalidFields returns the same error with messages on several fields.
func InvalidFields(rule string, messages map[string][]string) *fake.Error {
	e := Refuse(http.StatusUnprocessableEntity, rule)
	e.Fields = messages
	return e
}

// Malformed returns a 400 with a message.
func Malformed(message, rule string) *fake.Error {
	e := Refuse(http.StatusBadRequest, rule)
	e.Message = message
	return e
}

// Forbidden returns a 403.
func Forbidden(rule string) *fake.Error { return Refuse(http.StatusForbidden, rule) }

// NotFound returns a 404.
func NotFound(rule string) *fake.Error { return Refuse(http.StatusNotFound, rule) }

// Refuse returns an error that, as those above, is inferred unless it is passed to Stated.
func Refuse(status int, rule string) *fake.Error {
	return &fake.Error{Status: status, Rule: rule, Evidence: fake.Inferred, Source: Silent}
}

// Stated marks an error whose rule is on a page of the vendor.
func Stated(page string, e *fake.Error) *fake.Error {
	e.Evidence, e.Source = fake.Documented, page
	return e
}

// Absent returns a 404, which the definition declares for every operation.
func Absent(rule string) *fake.Error { return Stated(Definition, NotFound(rule)) }

// FirstError returns the first error that is not nil.
func FirstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// The messages on fields.
const (
	Blank    = "can't be blank"
	Wrong    = "is invalid"
	Taken    = "has already been taken"
	Unlisted = "is not included in the list"
	Missing  = "must exist"
)

// The vendor's pages: its definition, its reference in prose, its page on failing requests, its
// help on errors.
const (
	Definition = "developer.kickflow.com/rest/schema.yaml"
	Reference  = "developer.kickflow.com/rest"
	Troubles   = "developer.kickflow.com/troubleshooting"
	ErrorHints = "support.kickflow.com, 44612822021145"
)
