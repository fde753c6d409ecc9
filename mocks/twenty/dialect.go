package twenty

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/jsontext"
)

// bodyLimit is what the server's body parser takes. Assumed: the vendor says "a few MB".
const bodyLimit = 5 << 20

// beforeRequest runs before everything else: headers that all answers have, and the body parser, which refuses what
// is not JSON before anybody asks who calls (fixtures/twenty/rest_validation_errors).
func beforeRequest(r *fake.Request) error {
	r.SetHeader("Access-Control-Allow-Origin", "*")
	r.SetHeader("X-Powered-By", "Express")
	if r.HTTP.ContentLength > bodyLimit {
		return tooLarge()
	}
	if len(r.Body()) > 0 && isJSON(r.Header("Content-Type")) {
		if err := jsontext.Check(r.Body()); err != nil {
			return nest(http.StatusBadRequest, "Bad Request", err.Error())
		}
	}
	r.SetHeader("Access-Control-Expose-Headers", "WWW-Authenticate")
	return nil
}

func isJSON(contentType string) bool {
	media, _, _ := strings.Cut(contentType, ";")
	media = strings.ToLower(strings.TrimSpace(media))
	return media == "application/json"
}

// readQuery reads a query string as the vendor does, which takes a broken escape for itself. Assumed.
func readQuery(raw string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err == nil {
		return values, nil
	}
	values = url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		key, value, _ := strings.Cut(pair, "=")
		if key = unescape(key); key != "" {
			values.Add(key, unescape(value))
		}
	}
	return values, nil
}

func unescape(text string) string {
	text = strings.ReplaceAll(text, "+", " ")
	if plain, err := url.PathUnescape(text); err == nil {
		return plain
	}
	return text
}

// rewrite undoes spellings: a slash too many, and the old homes of webhooks and API keys.
func rewrite(hr *http.Request) {
	path := oneSlash(hr.URL.Path)
	if len(path) > len("/rest/") && strings.HasSuffix(path, "/") {
		path = strings.TrimRight(path, "/")
	}
	if rest, ok := strings.CutPrefix(path, "/rest/"); ok && oldHome(hr.Method, rest) {
		path = "/rest/metadata/" + rest
	}
	if path != hr.URL.Path {
		hr.URL.Path, hr.URL.RawPath = path, ""
	}
}

// apart are the homes below /rest that the server finds by their exact path, unlike objects.
var apart = []string{"batch", "restore", "metadata", "open-api", "webhooks", "apiKeys"}

// oneSlash removes slashes that follow another in the path of an object, which the server looks for between
// whatever slashes there are: the address in its document ends in one, so that clients send /rest//companies.
// Known from its public source.
func oneSlash(path string) string {
	if !strings.HasPrefix(path, "/rest/") || !strings.Contains(path, "//") {
		return path
	}
	segments := strings.FieldsFunc(path[len("/rest/"):], func(c rune) bool { return c == '/' })
	if len(segments) == 0 || slices.Contains(apart, segments[0]) {
		return path
	}
	return "/rest/" + strings.Join(segments, "/")
}

// oldHome reports whether a path below /rest is an old one of a webhook or an API key. With other methods it
// is a path of records, of an object that is not there.
func oldHome(method, path string) bool {
	home, id, one := strings.Cut(path, "/")
	if home != "webhooks" && home != "apiKeys" || strings.Contains(id, "/") {
		return false
	}
	if one {
		return method == http.MethodGet || method == http.MethodHead || method == http.MethodPatch || method == http.MethodDelete
	}
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodPost
}

// nestBody is the error of the framework below the vendor's own code.
type nestBody struct {
	Message    any    `json:"message"`
	Error      string `json:"error"`
	StatusCode int    `json:"statusCode"`
}

func nest(status int, name string, message any) *fake.Error {
	text, _ := message.(string)
	return &fake.Error{Status: status, Message: text, Body: nestBody{message, name, status}, Rule: "the framework refuses it", Source: "fixtures/twenty/rest_validation_errors"}
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
	http.StatusBadRequest: "BadRequestException", http.StatusForbidden: "ForbiddenException", http.StatusNotFound: "NotFoundException",
	http.StatusMethodNotAllowed: "MethodNotAllowedException", http.StatusConflict: "ConflictException",
	http.StatusUnprocessableEntity: "UnprocessableEntityException", http.StatusTooManyRequests: "HttpException",
	http.StatusInternalServerError: "InternalServerErrorException", http.StatusUnsupportedMediaType: "UnsupportedMediaTypeException",
}

// faults are the vendor's own failures by name.
var faults = map[string]fake.Fault{
	"limit":    {Error: &fake.Error{Status: http.StatusTooManyRequests, Message: "Limit reached (100 tokens per 60000 ms)", Rule: "fault limit"}},
	"internal": {Error: &fake.Error{Status: http.StatusInternalServerError, Message: "Data validation error.", Rule: "fault internal"}},
	"expired":  {Error: &fake.Error{Status: http.StatusUnauthorized, Code: "UNAUTHENTICATED", Message: "Token has expired.", Rule: "fault expired"}},
}

// tooLarge is the framework's answer to a body beyond the limit; its text is assumed.
func tooLarge() *fake.Error {
	return nest(http.StatusRequestEntityTooLarge, "Payload Too Large", "request entity too large")
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
	if e.Status == http.StatusRequestEntityTooLarge {
		return tooLarge().Body
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

// refuse makes an error of the vendor's usual shape.
func refuse(status int, message string) *fake.Error {
	return &fake.Error{Status: status, Message: message}
}

// coded makes an error of one of the vendor's own classes.
func coded(status int, code, message string) *fake.Error {
	return &fake.Error{Status: status, Code: code, Message: message}
}

// unknownRoute answers what has no operation: preflights, paths of too many segments, and the rest of the server.
func unknownRoute(r *fake.Request) (any, error) {
	path := r.HTTP.URL.Path
	if r.HTTP.Method == http.MethodOptions {
		return preflight(r)
	}
	if !strings.HasPrefix(path, "/rest/") || path == "/rest/" {
		return nil, nest(http.StatusNotFound, "Not Found", fmt.Sprintf("Cannot %s %s", r.HTTP.Method, r.HTTP.URL.RequestURI()))
	}
	if err := authenticate(r); err != nil {
		return nil, err
	}
	return nil, &fake.Error{Status: http.StatusBadRequest, Rule: "a path names an object and at most a record", Source: "fixtures/twenty/rest_not_found_and_paths",
		Message: fmt.Sprintf("Query path '%s' invalid. Valid examples: /rest/companies/id or /rest/companies or /rest/batch/companies", path)}
}

// preflight answers OPTIONS on any path. The headers for browsers come only when one asks for them:
// fixtures/twenty/rest_not_found_and_paths has none.
func preflight(r *fake.Request) (any, error) {
	if r.Header("Access-Control-Request-Method") != "" {
		r.SetHeader("Access-Control-Allow-Methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
	}
	if asked := r.Header("Access-Control-Request-Headers"); asked != "" {
		r.SetHeader("Access-Control-Allow-Headers", asked)
	}
	return &fake.Response{Status: http.StatusNoContent}, nil
}
