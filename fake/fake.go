// Package fake is the core that all fakes of this module share. It knows HTTP, OpenAPI documents,
// rows, worlds, clocks, faults and the journal, and no vendor.
//
// A fake is described by a [Def]: its document, its seeds, and a function that builds its tables
// and handlers. The document defines the routes. Handlers define the behaviour and are found by
// operationId:
//
//	func newAPI(s *fake.State) fake.Ops {
//		a := &api{State: s, grades: fake.NewTable(s, "grades", func(g Grade) string { return g.ID }, fillGrade)}
//		return fake.Ops{"getGrade": func(r *fake.Request) (any, error) { return a.grades.Get(r.Path("gradeId")) }}
//	}
//
// A [Server] holds the fakes and their worlds and answers HTTP; [NewServer] starts one for a Go
// test, and [NewApp] makes an Echo application of one fake. The life of a request is the list of
// middleware at the top of serve.go, which the file follows from top to bottom.
//
// Types that stand here in one line are those of the packages below, whose documentation has their
// fields and methods: go doc ./fake/world State, go doc ./fake/table Table.
//
// The core does not serve TLS, nor HTTP/2 without TLS.
package fake

import (
	"io/fs"
	"net/http"
	"net/url"
)

// Def describes one fake. Name, Spec, Seeds, New and Auth are required; the rest may be nil.
type Def struct {
	Name  string   // names its flag, its port, its path prefix and its fixtures
	Title string   // the vendor's name in the vendor's spelling
	Hosts []string // the vendor's host names, for routing by Host; "*." matches any one label
	// Sites are the vendor's sites by a short name, with a host name for each: /<fake>/<site>/...
	// and <site>.<fake>.localhost are handled as requests to that host. A world's URLs list them.
	Sites map[string]string
	Spec  *Spec
	Seeds fs.FS // seeds/<name>.json: table → rows; contains at least "default" and "empty"
	New   func(*State) Ops
	// Templates share the rows of Seeds with other servers of the process whose fakes have the same
	// Seeds and New; nil for rows that are decoded for each server
	Templates *Templates

	// Unimplemented returns what the vendor has and the fake lacks. Requests for its paths get 501.
	Unimplemented func() []Unimplemented

	// Imitates returns the version of the vendor's server that a world imitates, with its evidence.
	Imitates func(*State) string

	// Begin runs as a write after a world's rows were loaded from a seed or a saved state, but not
	// for a fork, and again after the world's clock moved back. It schedules jobs.
	Begin func(*State)

	// Credential returns the credential of a request, which selects the world: a token, key or
	// client id, or "". It may return several, separated by blanks: the first that belongs to a
	// world decides.
	Credential func(*http.Request) string
	// CredentialWorld returns the world name in a generated credential, see World.Label, or "". It
	// need not validate the credential. Without it, Credentials calls State.RegisterCredential.
	CredentialWorld func(credential string) string
	// Credentials issues credentials for the principals of a new world, the first of them for use
	// in examples. If value is not empty it becomes the credential of the first principal;
	// otherwise every credential is generated with State.NewToken. The well-known credentials of
	// the seed are returned by Known.
	Credentials func(s *State, value string) []Credential
	// Known returns the well-known credentials in the present rows.
	Known func(s *State) []Credential
	// Example is a curl command with {url} and {credential}, which the binary prints at start.
	Example string
	// Flags are the vendor's settings; the binary offers them as --<fake>-<name>.
	Flags []Flag

	// undoes vendor spellings before routing
	Rewrite func(*http.Request)
	// parses query strings and urlencoded forms; default: query.Parse
	Query func(raw string) (url.Values, error)
	// runs first, without the lock: rate limits, headers of every answer
	Gate func(*Request) error
	// reports whether this request of a writing operation only reads; called without the lock
	Reads func(*Request) bool
	// finds the caller and sets Request.Caller
	Auth func(*Request) error
	// the answer to violations of the document; default: a 400 with the violations
	Invalid func(r *Request, found []Violation) error
	// the answer without an operation, OPTIONS included; default: 404 and 405
	Unknown func(*Request) (any, error)
	// the evidence of errors without one: those of the core
	Evidence func(*Request, *Error) (evidence, source string)
	// the vendor's error body, often around Error.Text; default: {"error": Text}
	Error  func(*Request, *Error) any
	Faults map[string]Fault // the vendor's own failures by name
	// runs last on every answer; may replace status and body
	Finish func(r *Request, status int, body []byte) (int, []byte)
	// values of a row that the vendor derives from its identifier; rules of comparison name the functions
	Derivations map[string]func(id string) string
	// in bytes, for requests whose operation has no greater limit; default: the operation's
	BodyLimit int64
	// more headers, query parameters and body keys to redact, beside those of the document's API keys
	Secrets []string
	// of JSON answers; default application/json; charset=utf-8
	MediaType string
}

// Ops are the handlers of a fake by operationId.
type Ops map[string]Handler

// Handler handles one operation. Its result is encoded as JSON with the document's success status;
// nil is an empty body, Raw is written unchanged, and a *Response defines the whole answer. An
// *Error is an error for the client; any other error is a bug and becomes a 500. A handler never
// writes HTTP, locks or logs. It validates first and changes rows last, so that a reader can see
// that a rejected write changes nothing.
type Handler func(*Request) (any, error)

// Flag is a setting of a world under Name: a switch for World.Enabled, or a text for
// World.StringSetting.
type Flag struct {
	Name  string // in kebab case
	Usage string
	Text  bool
	Check func(value string) error // validates a text at start; may be nil
}

// Credential authenticates a principal.
type Credential struct {
	Principal string `json:"principal"`        // the principal, as the seed names it
	Role      string `json:"role"`             // its permissions, in a few words
	State     string `json:"state"`            // valid, revoked or expired
	Value     string `json:"value"`            // the value that the client sends
	Secret    string `json:"secret,omitempty"` // the secret of an OAuth client
}

// Response is an answer whose form the document does not fix: a file, a page, a redirect.
type Response struct {
	Status int // 0 = the document's
	Header http.Header
	Body   []byte
}
