package record

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Error is an error of a request for records. REST renders Status, Name, Message and ShownCode;
// GraphQL renders GraphCode, Code and Hint.
type Error struct {
	Status  int    // of REST
	Name    string // what REST calls it: BadRequestException, Error, NotFoundException ...
	Message string
	Code    string // GraphQL's subCode; REST shows it only of errors named Error
	Class   string // GraphQL's code: BAD_USER_INPUT, NOT_FOUND, FORBIDDEN, INTERNAL_SERVER_ERROR
	Hint    string // GraphQL's userFriendlyMessage; "" for none
	// GraphMessage is GraphQL's message where it differs from REST's.
	GraphMessage string

	ConflictID, ConflictObject string // of a duplicate: GraphQL's conflictingRecordId and conflictingObjectNameSingular

	// MissingFrom is the table that lacks a record which the request names, and MissingID the record, "" if a filter
	// selected it.
	MissingFrom, MissingID string

	Rule string // the rule, in words
	Kept bool   // earlier changes of the request stay
}

func (e *Error) Error() string { return e.Message }

// Shown reports whether REST shows the code.
func (e *Error) Shown() bool { return e.Name == "Error" && e.Code != "" }

// The codes that more than one rule uses.
const (
	argsData    = "INVALID_ARGS_DATA"
	argsFilter  = "INVALID_ARGS_FILTER"
	queryInput  = "INVALID_QUERY_INPUT"
	badInput    = "BAD_USER_INPUT"
	plainHint   = "An error occurred."
	badRequest  = "BadRequestException"
	internalErr = "INTERNAL_SERVER_ERROR"
)

// refuse returns a plain 400 whose code only GraphQL shows.
func refuse(code, hint, format string, args ...any) *Error {
	if hint == "" {
		hint = plainHint
	}
	return &Error{Status: 400, Name: badRequest, Message: fmt.Sprintf(format, args...), Code: code, Class: badInput,
		Hint: hint, Rule: ruleOf(code)}
}

// rules describe the common reason of the errors with a code.
var rules = map[string]string{
	argsData:          "the data does not fit the fields of the object",
	argsFilter:        "the filter does not fit the fields of the object",
	queryInput:        "the parameters of the query do not make one",
	"FIELD_NOT_FOUND": "an order names fields that can be sorted by",
	"INVALID_CURSOR":  "a cursor is one that a page of the same order gave",
	"ARGS_CONFLICT":   "a page is read from one side",
	"INVALID_URL":     "a link is an http URL or a host name",
}

func ruleOf(code string) string {
	if rule, ok := rules[code]; ok {
		return rule
	}
	return "the vendor refuses it with code " + code
}

// coded returns a 400 whose code REST shows, too.
func coded(code, hint, format string, args ...any) *Error {
	e := refuse(code, hint, format, args...)
	e.Name = "Error"
	return e
}

// database is a message of the database that the server passes on.
func database(hint, format string, args ...any) *Error {
	return &Error{Status: 400, Name: badRequest, Message: fmt.Sprintf(format, args...), Class: badInput, Hint: hint,
		Rule: "the database behind the server refuses it"}
}

// crash is an error of JavaScript itself, named like its class.
func crash(name, format string, args ...any) *Error {
	return &Error{Status: 400, Name: name, Message: fmt.Sprintf(format, args...), Class: internalErr,
		Rule: "the server trips over the value"}
}

var (
	errNotFound = Error{Status: 404, Name: "NotFoundException", Message: "Record not found", Code: "RECORD_NOT_FOUND",
		Class: "NOT_FOUND",
		Hint:  "This record does not exist or has been deleted.",
		Rule:  "the object has no such record, or it is in the trash"}
	errData = Error{Status: 500, Name: "InternalServerErrorException", Message: "Data validation error.",
		Class: internalErr,
		Rule:  "the database refuses the value"}
	errForbidden = Error{Status: 400, Name: "Error", Message: "Entity performing the request does not have permission",
		Code:  "PERMISSION_DENIED",
		Class: "FORBIDDEN", Hint: "User does not have permission.", Rule: "the caller's role does not permit it"}
)

// notFound is the error for a record that the object does not have.
func (s *Scope) notFound(id string) *Error {
	e := errNotFound
	e.MissingFrom, e.MissingID = tablePrefix+s.Model.NameSingular, id
	return &e
}

func dataError() *Error { e := errData; return &e }

func forbidden() *Error { e := errForbidden; return &e }

// notFoundAmong is what merging a missing record gets: GraphQL has other words for it.
func (s *Scope) notFoundAmong(id string) *Error {
	e := s.notFound(id)
	e.GraphMessage, e.Hint = "One or more records not found", "One or more records were not found."
	return e
}

func duplicate() *Error {
	return database("This record already exists. Please check your data and try again.",
		"A duplicate entry was detected")
}

func notNull(column, relation string) *Error {
	return database("A required field is missing. Please provide all required values and try again.",
		"null value in column %s of relation %s violates not-null constraint", quoted(column), quoted(relation))
}

func missingReference(table, constraint string) *Error {
	return database(
		"This operation references a record that does not exist or cannot be modified due to existing relationships.",
		"insert or update on table %s violates foreign key constraint %s", quoted(table), quoted(constraint))
}

func referenced(table, constraint, by string) *Error {
	return database(
		"This operation references a record that does not exist or cannot be modified due to existing relationships.",
		"update or delete on table %s violates foreign key constraint %s on table %s", quoted(table),
		quoted(constraint), quoted(by))
}

func quoted(s string) string { return `"` + s + `"` }

// shownInHint prints a value as hints show it.
func shownInHint(v any) string { return strings.TrimSpace(js.Inspect(v)) }

// MarshalJSON is for logs.
func (e *Error) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"status": e.Status, "message": e.Message, "code": e.Code})
}

// undirected returns the error for any request to an object with a relation whose settings lack its
// direction: kind_metadata_relations 83 to 85. GraphQL's message is assumed.
func undirected(a *schema.Attr) *Error {
	said := "undefined"
	if kind := a.Setting("relationType"); kind != nil {
		said = js.Text(kind)
	}
	return &Error{Status: 400, Name: "Error", Message: "Invalid relation type: " + said, Class: internalErr,
		Hint: plainHint,
		Rule: "the settings of a relation say its direction"}
}

func unknownField(m *schema.Model, name, code string) *Error {
	hint := ""
	if code == argsFilter {
		hint = "Invalid filter : " + m.NameSingular + " object doesn't have any " + quoted(name) + " field."
	}
	return refuse(code, hint, "Object %s doesn't have any %s field.", m.NameSingular, quoted(name))
}
