package graphql

import (
	"cmp"
	"errors"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Failure is one entry of an answer's errors.
type Failure struct {
	Message    string              `json:"message"`
	Locations  []gqlerror.Location `json:"locations,omitempty"`
	Extensions *Extensions         `json:"extensions,omitempty"`

	missing *Missing // the missing feature of the fake, if that is the reason

	table, id string // of a record that is missing, if that is the reason
}

// Extensions say what kind of failure it is. Which of them are there differs from kind to kind:
// fixtures/twenty/graphql_errors.
type Extensions struct {
	Code                          string
	SubCode                       string
	UserFriendlyMessage           any
	ConflictingRecordID           string
	ConflictingObjectNameSingular string
	Errors                        any
	Summary                       any
	Message                       string
	HTTP                          any
	Value                         any
}

// MarshalJSON writes the extensions in the order of the class of the failure: shared exceptions have their code last,
// those that the engine wraps have it first (fixtures/twenty/roles_and_permissions, surface_auth).
func (e *Extensions) MarshalJSON() ([]byte, error) {
	values := map[string]any{"code": e.Code, "subCode": e.SubCode, "userFriendlyMessage": e.UserFriendlyMessage,
		"conflictingRecordId": e.ConflictingRecordID, "errors": e.Errors, "summary": e.Summary, "message": e.Message,
		"conflictingObjectNameSingular": e.ConflictingObjectNameSingular, "http": e.HTTP, "value": e.Value}
	out := []byte{'{'}
	for _, key := range e.keys() {
		if v := values[key]; v != nil && v != "" {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = appendArranged(append(jsonb.AppendString(out, key), ':'), key, v)
		}
	}
	return append(out, '}'), nil
}

func (e *Extensions) keys() []string {
	switch {
	case e.Errors != nil:
		return []string{"code", "errors", "summary", "userFriendlyMessage", "message"}
	case e.Value != nil:
		return []string{"value", "code", "http", "userFriendlyMessage"}
	case e.SubCode == "PERMISSION_DENIED" || e.SubCode == "UNAUTHENTICATED":
		return []string{"userFriendlyMessage", "subCode", "code"}
	case e.SubCode == "" && (e.Code == internal || e.UserFriendlyMessage == plain):
		return []string{"http", "code", "userFriendlyMessage"}
	}
	return []string{"subCode", "userFriendlyMessage", "conflictingRecordId", "conflictingObjectNameSingular", "message",
		"http", "code"}
}

func (f *Failure) Error() string { return f.Message }

// MissingRow returns the table that lacks a record which the document names, and the record, "" if a filter selected
// it. The table is "" for other failures.
func (f *Failure) MissingRow() (table, id string) { return f.table, f.id }

// The codes of failures and their default messages for people.
const (
	badInput = "BAD_USER_INPUT"
	internal = "INTERNAL_SERVER_ERROR"
	notFound = "NOT_FOUND"
	invalid  = "GRAPHQL_VALIDATION_FAILED"
	denied   = "FORBIDDEN"

	plain = "An error occurred."
)

// NULMessage is what the database says of a text with U+0000: observed of a search.
const NULMessage = `invalid byte sequence for encoding "UTF8": 0x00`

// located is a failure of the document itself.
func located(message string, at gqlerror.Location) *Failure {
	return &Failure{Message: message, Locations: []gqlerror.Location{at}}
}

// bare is a failure without anything but its message.
func bare(message string) *Failure { return &Failure{Message: message} }

// coded is a failure with a code and no more.
func coded(code, message string) *Failure {
	return &Failure{Message: message, Extensions: &Extensions{Code: code}}
}

// guarded returns a failure of the validating engine, which always has a message for people.
func guarded(code, message string) *Failure {
	return &Failure{Message: message, Extensions: &Extensions{Code: code, UserFriendlyMessage: plain}}
}

// misused is a failure of an argument: fixtures/twenty/graphql_errors 7 and 8.
func misused(message string) *Failure {
	return &Failure{Message: message,
		Extensions: &Extensions{Code: badInput, SubCode: "INVALID_QUERY_INPUT", UserFriendlyMessage: plain}}
}

// crash is an error of JavaScript that the vendor passes on: fixtures/twenty/graphql_errors 9.
func crash(message string) *Failure { return coded(internal, message) }

// forbidden is what strangers get from whatever is guarded: fixtures/twenty/metadata_graphql_read 12.
func forbidden() *Failure { return guarded(denied, "Forbidden resource") }

// asFailure converts the error of a service into the client's; nil for a bug.
func asFailure(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	var missing *schema.Missing
	if errors.As(err, &missing) {
		f := notHere(cmp.Or(missing.Kind, "mutation"), missing.What)
		f.missing.Endpoint = cmp.Or(missing.Endpoint, f.missing.Endpoint)
		return f
	}
	var refused *schema.ChangeError
	if errors.As(err, &refused) {
		return ofMetadata(refused)
	}
	var e *reject.Error
	if !errors.As(err, &e) {
		return nil
	}
	f = &Failure{Message: e.Message, Extensions: &Extensions{Code: e.Class, SubCode: e.Code,
		ConflictingRecordID: e.ConflictID, ConflictingObjectNameSingular: e.ConflictObject}}
	f.table, f.id = e.MissingFrom, e.MissingID
	if e.GraphMessage != "" {
		f.Message = e.GraphMessage
	}
	if e.Hint != "" {
		f.Extensions.UserFriendlyMessage = e.Hint
	}
	return f
}

// Translated is a text for people with the id under which its translations are found.
type Translated struct {
	ID      string `json:"id"`
	Message string `json:"message"`
}
