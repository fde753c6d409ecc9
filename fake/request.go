package fake

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/fake/openapi"
	"github.com/afba07b5/mockserver/unfriendly"
)

// Request is one request to an operation, parsed and, where the document says how, validated.
type Request struct {
	HTTP            *http.Request // without prefixes, rewritten, with the body already read
	State           *State
	Op              *Operation // nil in Def.Unknown
	Caller, Decoded any        // set by Def.Auth, and by a Def.Gate that decodes the body

	Base                  string // origin and prefix of the fake as the client sees it, without a final slash
	Host                  string // the host name in the request, without port
	server                *Server
	context               echo.Context
	route                 echo.HandlerFunc // what follows the fake's own middleware
	own                   http.Request
	carrier               carrier // the context of HTTP
	url                   url.URL // the address of HTTP, below the fake's root
	entrance              entrance
	trial, undo           bool // trial: of Try, without faults, journal and answer
	world                 *World
	in                    openapi.Input
	form                  *multipart.Form
	header                http.Header
	values                []string // that header has, see list
	status                int
	entry                 *Entry
	rejected              *Error
	violations            []Violation // of the document
	answered              []byte      // the whole body of the answer
	started               time.Time
	allow                 []string
	plan                  *unfriendly.Plan // how the answer varies; may be nil
	fault, broken         *Fault           // that the request meets, and of a stub: what goes wrong with its answer
	value                 any              // the handler's result
	bodyError, queryError error
	failed                error // of entering the world, or of the steps within the lock
}

// Echo returns the request's Echo context, for a handler that needs more of HTTP than Request has:
// cookies, or what a middleware has set. A handler returns its answer and does not write it there.
func (r *Request) Echo() echo.Context { return r.context }

// Path returns a path parameter, decoded.
func (r *Request) Path(name string) string { return r.in.Path.Param(name) }

// Query returns the first value of a query parameter, or "".
func (r *Request) Query(name string) string { return r.in.Query.Get(name) }

// QueryValues returns all query parameters, or nil without a query.
func (r *Request) QueryValues() url.Values { return r.in.Query }

// QueryAll returns every value of a query parameter, written as name=a&name=b or name[]=a&name[]=b.
func (r *Request) QueryAll(name string) []string {
	plain, bracketed := r.in.Query[name], r.in.Query[name+"[]"]
	return append(plain[:len(plain):len(plain)], bracketed...)
}

// Header returns the first value of a request header.
func (r *Request) Header(name string) string { return r.HTTP.Header.Get(name) }

// Body returns the body as it was sent.
func (r *Request) Body() []byte { return r.in.Body }

// SetBody replaces the body, for a Gate that decodes it.
func (r *Request) SetBody(body []byte) { r.in.Body = body }

// TooLong reports whether the body exceeds its limit. Body is then empty.
func (r *Request) TooLong() bool { return r.in.TooLong }

// JSON returns the decoded body (numbers as float64), or nil.
func (r *Request) JSON() any { return r.in.JSON }

// Has reports whether the JSON body is an object with that key.
func (r *Request) Has(key string) bool {
	object, _ := r.in.JSON.(map[string]any)
	_, ok := object[key]
	return ok
}

// Decode decodes a JSON body into v, keeping fields that the body lacks. An empty body changes
// nothing.
func (r *Request) Decode(v any) error {
	if len(bytes.TrimSpace(r.in.Body)) == 0 {
		return nil
	}
	return decode(r.in.Body, v)
}

// Note adds a note to the journal about a part of the request that the fake ignores.
func (r *Request) Note(text string) { r.entry.Notes = append(r.entry.Notes, text) }

// SetPlan records in the journal how the rows of a list were found.
func (r *Request) SetPlan(plan string) { r.entry.Plan = plan }

// Form returns the fields of a form body, urlencoded as parsed by Def.Query, or multipart.
func (r *Request) Form() (url.Values, error) {
	media, _, _ := mime.ParseMediaType(r.Header("Content-Type"))
	if media != "multipart/form-data" {
		return r.in.ParseForm(string(r.in.Body))
	}
	if err := r.parseParts(); err != nil {
		return nil, err
	}
	return r.form.Value, nil
}

// File is one uploaded file of a multipart body.
type File struct {
	Name, ContentType string
	Data              []byte
}

// Files returns the uploaded files of a form field.
func (r *Request) Files(field string) ([]File, error) {
	if err := r.parseParts(); err != nil {
		return nil, err
	}
	var out []File
	for _, h := range r.form.File[field] {
		f, err := h.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(f)
		f.Close()
		if err != nil {
			return nil, err
		}
		out = append(out, File{h.Filename, h.Header.Get("Content-Type"), data})
	}
	return out, nil
}

func (r *Request) parseParts() (err error) {
	if r.form != nil {
		return nil
	}
	_, params, _ := mime.ParseMediaType(r.Header("Content-Type"))
	r.form, err = multipart.NewReader(bytes.NewReader(r.in.Body),
		params["boundary"]).ReadForm(int64(len(r.in.Body)) + 1)
	if err != nil {
		return &Error{Status: 400, Violations: []Violation{{In: "body", Rule: "syntax", Reason: err.Error()}}}
	}
	return nil
}

// AnswerHeader returns the headers of the answer.
func (r *Request) AnswerHeader() http.Header { return r.header }

// SetStatus replaces the document's success status.
func (r *Request) SetStatus(code int) { r.status = code }

// Undo drops the handler's changes although it returns no error.
func (r *Request) Undo() { r.undo = true }

// Allow returns the methods that the document has for the request's path. It is for Def.Unknown.
func (r *Request) Allow() []string { return r.allow }

// Remote returns the client's address without its port.
func (r *Request) Remote() string {
	host, _, _ := net.SplitHostPort(r.HTTP.RemoteAddr)
	return cmp.Or(host, r.HTTP.RemoteAddr)
}

// Int returns a query parameter as a number, or otherwise if it is absent or not a number.
func (r *Request) Int(name string, otherwise int) int {
	if n, err := strconv.Atoi(r.in.Query.Get(name)); err == nil {
		return n
	}
	return otherwise
}

// Now returns State.Now, for a handler. In a Def.Gate no request has its instant yet: it uses State.World().Clock.
func (r *Request) Now() time.Time { return r.State.Now() }

// readBody reads the body unless it is longer than limit.
func (r *Request) readBody(limit int64) (err error) {
	if r.HTTP.Body == nil || r.HTTP.ContentLength == 0 {
		return nil
	}
	if r.HTTP.ContentLength <= limit {
		r.in.Body, err = io.ReadAll(io.LimitReader(r.HTTP.Body, limit+1))
	}
	if max(r.HTTP.ContentLength, int64(len(r.in.Body))) > limit {
		r.in.TooLong, r.in.Body = true, nil
		return r.drain()
	}
	return brokenBody(err)
}

// drain reads the rest of a body that is too long, so that a client that reads no answer before it
// has sent its whole request gets this one. A client that waits for 100 Continue does not need it.
func (r *Request) drain() error {
	if r.Header("Expect") != "" {
		return nil
	}
	_, err := io.Copy(io.Discard, io.LimitReader(r.HTTP.Body, mostDrained))
	return brokenBody(err)
}

// mostDrained bounds how much of an unwanted body is read, in bytes.
const mostDrained = 1 << 30

// brokenBody returns the error for a body with invalid framing, or one that ended or stalled early.
func brokenBody(err error) error {
	if err == nil {
		return nil
	}
	rule := "the body ends before it is whole, or is not framed as HTTP has it"
	if errors.Is(err, os.ErrDeadlineExceeded) {
		rule = "the body stalls"
	}
	return &Error{Status: http.StatusBadRequest, Header: http.Header{"Connection": {"close"}}, Rule: rule,
		Violations: []Violation{{In: "body", Rule: "syntax", Reason: err.Error()}}}
}
