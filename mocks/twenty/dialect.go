package twenty

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/afba07b5/mockserver/evidence"
	"github.com/afba07b5/mockserver/fake"
)

// beforeRequest runs first: it sets the headers of every answer and runs the body parsers, whose
// errors precede authentication (fixtures/twenty/rest_validation_errors).
func beforeRequest(r *fake.Request) error {
	r.SetHeader("Access-Control-Allow-Origin", "*")
	r.SetHeader("X-Powered-By", "Express")
	if r.HTTP.Method == http.MethodOptions {
		r.SetHeader("Access-Control-Expose-Headers", "WWW-Authenticate")
		return nil
	}
	if err := decodeBody(r); err != nil {
		return err
	}
	r.SetHeader("Access-Control-Expose-Headers", "WWW-Authenticate")
	return nil
}

// nestBody is the error of the framework below the vendor's own code.
type nestBody struct {
	Message    any    `json:"message"`
	Error      string `json:"error"`
	StatusCode int    `json:"statusCode"`
}

func nest(status int, name string, message any) *fake.Error {
	text, _ := message.(string)
	return &fake.Error{Status: status, Message: text, Body: nestBody{message, name, status}, Header: frameworkHeader(),
		Rule: "the framework refuses it"}
}

// frameworkHeader are the headers of the framework's own error filter: fixtures/twenty/kind_entrance_bodies.
func frameworkHeader() http.Header {
	return http.Header{"Access-Control-Allow-Headers": {"Origin, X-Requested-With, Content-Type, Accept"},
		"Access-Control-Allow-Methods": {allowedMethods}}
}

// plainBody is the error of the vendor's own code.
type plainBody struct {
	StatusCode int      `json:"statusCode"`
	Error      string   `json:"error"`
	Messages   []string `json:"messages"`
	Code       string   `json:"code,omitempty"`
}

// classes are the names that errors without a code of their own go by.
var classes = map[int]string{
	http.StatusBadRequest: "BadRequestException", http.StatusForbidden: "ForbiddenException",
	http.StatusNotFound: "NotFoundException", http.StatusMethodNotAllowed: "MethodNotAllowedException",
	http.StatusConflict: "ConflictException", http.StatusUnprocessableEntity: "UnprocessableEntityException",
	http.StatusTooManyRequests: "HttpException", http.StatusInternalServerError: "InternalServerErrorException",
	http.StatusUnsupportedMediaType: "UnsupportedMediaTypeException",
}

// faults are the vendor's own failures by name.
var faults = map[string]fake.Fault{
	"limit": {Error: &fake.Error{Status: http.StatusTooManyRequests,
		Message: "Limit reached (100 tokens per 60000 ms)", Rule: "fault limit"}},
	"internal": {Error: &fake.Error{Status: http.StatusInternalServerError, Message: "Data validation error.",
		Rule: "fault internal"}},
	"expired": {Error: &fake.Error{Status: http.StatusUnauthorized, Code: "UNAUTHENTICATED",
		Message: "Token has expired.", Rule: "fault expired"}},
}

// renderError renders an error: those with a code are the vendor's own classes, which all print as "Error"
// (fixtures/twenty/rest_validation_errors).
func renderError(r *fake.Request, e *fake.Error) any {
	switch {
	case r.Fault() != "" && r.Op != nil && graphqlPath(r.Op.Path):
		return failed(e)
	case r.Fault() != "" && e.Status == http.StatusUnauthorized:
		return guarded(e.Status, e.Code, e.Message).Body
	}
	body := plainBody{StatusCode: e.Status, Error: classes[e.Status], Messages: []string{e.Message}, Code: e.Code}
	if e.Code != "" {
		body.Error = "Error"
	}
	if body.Error == "" {
		body.Error = "HttpException"
	}
	if e.Message == "" {
		body.Messages[0] = http.StatusText(e.Status)
	}
	return body
}

// messages are what is known of messages. recorded.json has those that recordings show, and the root fields of GraphQL
// in braces: a test of package fixtures writes it. documented.json has those of the vendor's public source.
var messages = sync.OnceValue(func() *evidence.Messages { return evidence.MustLoad("twenty", files) })

// evidenceOf implements Def.Evidence: what is known of the messages of an error.
func evidenceOf(r *fake.Request, e *fake.Error) (known, source string) {
	body := e.Body
	if body == nil {
		body = renderError(r, e)
	}
	text, _ := json.Marshal(body) // it is an answer
	operation := ""
	if r.Op != nil {
		operation = r.Op.ID
	}
	s := fake.Of[api](r.State).tables.Latest() // others may write
	isName := func(word string) bool { return s != nil && (s.Singular(word) != nil || s.Plural(word) != nil) }
	return messages().Of(operation, evidence.Templates(e.Status, text, isName))
}

// refuse returns an error of the vendor's usual shape.
func refuse(status int, message string) *fake.Error {
	return &fake.Error{Status: status, Message: message}
}

// coded makes an error of one of the vendor's own classes.
func coded(status int, code, message string) *fake.Error {
	return &fake.Error{Status: status, Code: code, Message: message}
}
