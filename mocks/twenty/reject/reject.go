// Package reject has the errors of requests for records, in the words of the vendor's server. REST and GraphQL render
// the same errors, each in its own shape. Those that the database behind that server has are here too.
package reject

import (
	"fmt"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Error is an error of a request for records. REST renders Status, Name, Message and, if it is shown, Code; GraphQL
// renders Class, Code and Hint.
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
	CodeData    = "INVALID_ARGS_DATA"
	CodeFilter  = "INVALID_ARGS_FILTER"
	CodeQuery   = "INVALID_QUERY_INPUT"
	PlainHint   = "An error occurred."
	internalErr = "INTERNAL_SERVER_ERROR"
)

// With returns a plain 400 whose code only GraphQL shows.
func With(code, hint, format string, args ...any) *Error {
	if hint == "" {
		hint = PlainHint
	}
	e := Database(hint, format, args...).By(RuleOf(code))
	e.Code = code
	return e
}

// Data returns the error for data that does not fit the fields of the object.
func Data(hint, format string, args ...any) *Error { return With(CodeData, hint, format, args...) }

// Filter returns the error for a filter that does not fit the fields of the object.
func Filter(hint, format string, args ...any) *Error { return With(CodeFilter, hint, format, args...) }

// Query returns the error for parameters that do not make a query.
func Query(hint, format string, args ...any) *Error { return With(CodeQuery, hint, format, args...) }

// BadValue returns the error, with a code, for a value of the field with a name; hint is what its hint begins with.
func BadValue(code, hint string, v any, format, name string) *Error {
	return With(code, hint+quoted(InHint(v)), format, js.Inspect(v), quoted(name))
}

// Moment returns the error, with a code, for a value that is no date with a time.
func Moment(code string, v any, name string) *Error {
	const expected = ". Expected format: 'YYYY-MM-DDTHH:mm:ssZ'"
	return With(code, "Invalid value for date-time: "+quoted(InHint(v))+expected,
		"Invalid value %s for date-time field %s"+expected, js.Inspect(v), quoted(name))
}

// Day returns the error, with a code, for a value that is no date.
func Day(code string, v any, name string) *Error {
	const expected = ". Expected format: 'YYYY-MM-DD'"
	return With(code, "Invalid value for date: "+quoted(InHint(v))+expected,
		"Invalid value %s for date field %s"+expected, js.Inspect(v), quoted(name))
}

// By sets the rule and returns e.
func (e *Error) By(rule string) *Error {
	e.Rule = rule
	return e
}

// rules are what RuleOf returns.
var rules = map[string]string{
	CodeData:          "the data does not fit the fields of the object",
	CodeFilter:        "the filter does not fit the fields of the object",
	CodeQuery:         "the parameters of the query do not make one",
	"FIELD_NOT_FOUND": "an order names fields that can be sorted by",
	"INVALID_CURSOR":  "a cursor is one that a page of the same order gave",
	"ARGS_CONFLICT":   "a page is read from one side",
	"INVALID_URL":     "a link is an http URL or a host name",
}

// RuleOf returns the common reason of the errors with a code, in words.
func RuleOf(code string) string {
	if rule, ok := rules[code]; ok {
		return rule
	}
	return "the vendor refuses it with code " + code
}

// Coded returns a 400 whose code REST shows, too.
func Coded(code, hint, format string, args ...any) *Error {
	e := With(code, hint, format, args...)
	e.Name = "Error"
	return e
}

// Database is a message of the database that the server passes on.
func Database(hint, format string, args ...any) *Error {
	return &Error{Status: 400, Name: "BadRequestException", Message: fmt.Sprintf(format, args...), Hint: hint,
		Class: "BAD_USER_INPUT", Rule: "the database behind the server refuses it"}
}

// SQL is a message of the database about a statement that it cannot run.
func SQL(format string, args ...any) *Error {
	return Database("Invalid input provided.", format, args...)
}

// Syntax returns the error of the database for a text that is no value of a type.
func Syntax(kind, value string) *Error {
	return SQL(`invalid input syntax for type %s: "%s"`, kind, value)
}

// Crash is an error of JavaScript itself, named like its class.
func Crash(name, format string, args ...any) *Error {
	return &Error{Status: 400, Name: name, Message: fmt.Sprintf(format, args...), Class: internalErr,
		Rule: "the server trips over the value"}
}

// NotFound returns the error for a record that a table lacks, by its id or "".
func NotFound(table, id string) *Error {
	return &Error{Status: 404, Name: "NotFoundException", Message: "Record not found", Code: "RECORD_NOT_FOUND",
		Class: "NOT_FOUND", Hint: "This record does not exist or has been deleted.",
		Rule: "the object has no such record, or it is in the trash", MissingFrom: table, MissingID: id}
}

// Value returns the error for a value that the database refuses without a word.
func Value() *Error {
	return &Error{Status: 500, Name: "InternalServerErrorException", Message: "Data validation error.",
		Class: internalErr, Rule: "the database refuses the value"}
}

// Forbidden returns the error for what the caller may not do.
func Forbidden() *Error {
	return &Error{Status: 400, Name: "Error", Message: "Entity performing the request does not have permission",
		Code: "PERMISSION_DENIED", Class: "FORBIDDEN", Hint: "User does not have permission.",
		Rule: "the caller's role does not permit it"}
}

// Duplicate returns the error for a value that another record has and may have alone.
func Duplicate() *Error {
	return Database("This record already exists. Please check your data and try again.",
		"A duplicate entry was detected")
}

// NotNull returns the error for a column that must have a value.
func NotNull(column, relation string) *Error {
	return Database("A required field is missing. Please provide all required values and try again.",
		`null value in column "%s" of relation "%s" violates not-null constraint`, column, relation)
}

// MissingReference returns the error for a reference to a record that is not there.
func MissingReference(table, constraint string) *Error {
	return Database(
		"This operation references a record that does not exist or cannot be modified due to existing relationships.",
		`insert or update on table "%s" violates foreign key constraint "%s"`, table, constraint)
}

// Referenced returns the error for an id that other records refer to.
func Referenced(table, constraint, by string) *Error {
	return Database(
		"This operation references a record that does not exist or cannot be modified due to existing relationships.",
		`update or delete on table "%s" violates foreign key constraint "%s" on table "%s"`, table, constraint, by)
}

// quoted returns a name as messages have it.
func quoted(s string) string { return `"` + s + `"` }

// InHint prints a value as hints show it.
func InHint(v any) string { return strings.TrimSpace(js.Inspect(v)) }

// Undirected returns the error for any request to an object with a relation whose settings lack its
// direction: kind_metadata_relations 83 to 85. GraphQL's message is assumed.
func Undirected(a *schema.Attr) *Error {
	said := "undefined"
	if kind := a.Setting("relationType"); kind != nil {
		said = js.Text(kind)
	}
	return &Error{Status: 400, Name: "Error", Message: "Invalid relation type: " + said, Class: internalErr,
		Hint: PlainHint, Rule: "the settings of a relation say its direction"}
}

// UnknownField returns the error, with a code, for a field that an object does not have.
func UnknownField(m *schema.Model, name, code string) *Error {
	hint := ""
	if code == CodeFilter {
		hint = "Invalid filter : " + m.NameSingular + " object doesn't have any " + quoted(name) + " field."
	}
	return With(code, hint, `Object %s doesn't have any "%s" field.`, m.NameSingular, name)
}
