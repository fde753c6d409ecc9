// Package wiremock has the shapes of WireMock's admin API. WireMock's own client for Java refuses a key that it does
// not know, so these types have no keys but WireMock's; what this server knows besides is in a [SubEvent].
package wiremock

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake/match"
)

// LoggedRequest is a request of the journal.
type LoggedRequest struct {
	ID               string            `json:"id,omitempty"`
	URL              string            `json:"url"`         // path and query
	AbsoluteURL      string            `json:"absoluteUrl"` // as the client asked
	Method           string            `json:"method"`
	ClientIP         string            `json:"clientIp"`
	Headers          map[string]any    `json:"headers"` // a string, or a list of them
	Cookies          map[string]string `json:"cookies"`
	BrowserProxy     bool              `json:"browserProxyRequest"`
	LoggedDate       int64             `json:"loggedDate"` // milliseconds since 1970
	BodyAsBase64     string            `json:"bodyAsBase64"`
	Body             string            `json:"body"`
	Protocol         string            `json:"protocol"`
	Scheme           string            `json:"scheme"`
	Host             string            `json:"host"`
	Port             int               `json:"port"`
	LoggedDateString string            `json:"loggedDateString"`
	QueryParams      map[string]Values `json:"queryParams"`
	FormParams       map[string]Values `json:"formParams"`
}

// Values are the values of one parameter.
type Values struct {
	Key    string   `json:"key"`
	Values []string `json:"values"`
}

// Params lists parameters as LoggedRequest has them.
func Params(from url.Values) map[string]Values {
	out := make(map[string]Values, len(from))
	for name, values := range from {
		out[name] = Values{name, values}
	}
	return out
}

// Response is an answer of the journal.
type Response struct {
	Status       int            `json:"status"`
	Headers      map[string]any `json:"headers,omitempty"`
	BodyAsBase64 string         `json:"bodyAsBase64"`
	Body         string         `json:"body"`
}

// Timing is in milliseconds.
type Timing struct {
	AddedDelay       int64 `json:"addedDelay"`
	ProcessTime      int64 `json:"processTime"`
	ResponseSendTime int64 `json:"responseSendTime"`
	ServeTime        int64 `json:"serveTime"`
	TotalTime        int64 `json:"totalTime"`
}

// SubEvent is something that happened while a request was served. WireMock leaves Type and Data to its extensions.
type SubEvent struct {
	Type            string `json:"type"`
	TimeOffsetNanos int64  `json:"timeOffsetNanos"`
	Data            any    `json:"data"`
}

// ServeEvent is a request of the journal with its answer.
type ServeEvent struct {
	ID                 string          `json:"id"`
	Request            LoggedRequest   `json:"request"`
	ResponseDefinition json.RawMessage `json:"responseDefinition"`
	Response           Response        `json:"response"`
	WasMatched         bool            `json:"wasMatched"`
	Timing             Timing          `json:"timing"`
	SubEvents          []SubEvent      `json:"subEvents"`
	StubMapping        json.RawMessage `json:"stubMapping,omitempty"`
}

// ResponseDefinition returns the definition of an answer that no stub defined.
func ResponseDefinition(r Response, matched bool) json.RawMessage {
	definition := map[string]any{"status": r.Status, "fromConfiguredStub": matched}
	if len(r.Headers) > 0 {
		definition["headers"] = r.Headers
	}
	if r.Body != "" || r.BodyAsBase64 == "" {
		definition["body"] = r.Body
	} else {
		definition["base64Body"] = r.BodyAsBase64
	}
	text, err := json.Marshal(definition)
	if err != nil {
		panic(err) // plain data
	}
	return text
}

// NearMiss is a request and the stub or pattern that it nearly matches.
type NearMiss struct {
	Request        any             `json:"request"`
	StubMapping    json.RawMessage `json:"stubMapping,omitempty"`
	RequestPattern json.RawMessage `json:"requestPattern,omitempty"`
	MatchResult    MatchResult     `json:"matchResult"`
}

// MatchResult says how near a NearMiss is.
type MatchResult struct {
	SubEvents        []SubEvent `json:"subEvents"`
	DiffDescriptions []string   `json:"diffDescriptions"`
	Distance         float64    `json:"distance"` // 0 is a match, 1 has nothing in common
}

// NewNearMiss makes a NearMiss of a request with a stub or a pattern.
func NewNearMiss(request any, mapping, pattern json.RawMessage, distance float64) NearMiss {
	return NearMiss{request, mapping, pattern, MatchResult{[]SubEvent{}, []string{}, distance}}
}

// Echo returns a logged request that a client sent with the keys that WireMock adds.
func Echo(text []byte, r *match.Request) map[string]any {
	out := map[string]any{}
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err) // it has been read before
	}
	added := map[string]any{
		"url": r.URL, "method": r.Method, "browserProxyRequest": false,
		"scheme": r.Scheme, "host": r.Host, "port": r.Port,
		"queryParams": Params(r.Query()), "formParams": Params(r.Form()),
	}
	for key, value := range added {
		if _, ok := out[key]; !ok {
			out[key] = value
		}
	}
	return out
}

// Error is one of the errors in an answer.
type Error struct {
	Code   int     `json:"code"`
	Source *Source `json:"source,omitempty"`
	Title  string  `json:"title,omitempty"`
	Detail string  `json:"detail,omitempty"`
}

// Source points at what is wrong in the body of a request.
type Source struct {
	Pointer string `json:"pointer,omitempty"`
}

// Errors is the body of an answer that refuses a request.
type Errors struct {
	Errors []Error `json:"errors"`
}

// NewErrors makes the body of a refusal. By its code the client for Java chooses an exception; 0 stands for 10, invalid
// input, of which an identifier that nothing has is one.
func NewErrors(status, code int, pointer, detail string) Errors {
	e := Error{Code: cmp.Or(code, 10), Title: http.StatusText(status), Detail: detail}
	if pointer != "" {
		e.Source = &Source{pointer}
	}
	return Errors{[]Error{e}}
}

// Headers returns headers with one value as text and others as lists.
func Headers(h http.Header) map[string]any {
	out := make(map[string]any, len(h))
	for name, values := range h {
		switch len(values) {
		case 0:
		case 1:
			out[name] = values[0]
		default:
			out[name] = values
		}
	}
	return out
}

// Text returns a body as text, "" if it is not UTF-8, and in Base64.
func Text(body []byte) (plain, base64ed string) {
	if utf8.Valid(body) {
		plain = string(body)
	}
	return plain, base64.StdEncoding.EncodeToString(body)
}

// ids names this server in the identifiers of EventID: version 8 of RFC 9562 leaves the digits to the application.
const ids = "6d6f-8b73" // "mo", "ks"

// EventID returns the UUID of an entry of a world's journal, by its position. Of several nodes, each has its own
// journal and a name.
func EventID(world, node string, position int) string {
	return fmt.Sprintf("%s%08x", journalID(world, node), position)
}

// journalID is what the identifiers of a journal begin with.
func journalID(world, node string) string {
	n := uint32(0)
	if node != "" {
		n = max(1, crc32.ChecksumIEEE([]byte(node))>>2) // 30 bits
	}
	return fmt.Sprintf("%08x-%s-%04x-%04x", crc32.ChecksumIEEE([]byte(world)), ids, 0x8000|n>>16, n&0xffff)
}

// ErrOtherNode says that an identifier is one of another journal of the world.
var ErrOtherNode = errors.New("the request is in the journal of another node")

// Position returns the position in an identifier of EventID as text, and other text as it is.
func Position(world, node, id string) (string, error) {
	lower, own := strings.ToLower(id), journalID(world, node)
	if len(lower) != len(own)+8 || lower[:len("00000000-")+len(ids)] != own[:len("00000000-")+len(ids)] {
		return id, nil
	}
	n, err := strconv.ParseUint(lower[len(own):], 16, 32)
	if err != nil {
		return id, nil
	}
	if lower[:len(own)] != own {
		return "", ErrOtherNode
	}
	return strconv.FormatUint(n, 10), nil
}
