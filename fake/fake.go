// Package fake is the core that all fakes of this module share: it knows HTTP, OpenAPI documents, rows,
// worlds, clocks, faults and the journal, and no vendor.
//
// A fake is described by a [Def]: its document, its seeds, and a function that builds its tables and
// handlers. The document owns the routes; Go owns the behaviour, found by operationId:
//
//	func New(s *fake.State) fake.Ops {
//		k := &api{State: s, grades: fake.NewTable(s, "grades", func(g Grade) string { return g.ID }, fillGrade)}
//		return fake.Ops{"getGrade": func(r *fake.Request) (any, error) { return k.grades.Get(r.Path("gradeId")) }}
//	}
//
// A [Server] holds the fakes and their worlds and answers HTTP; [NewServer] starts one for a Go test.
// One request runs through serve in server.go, readable from top to bottom.
//
// What it does not do: TLS, and HTTP/2 without TLS.
package fake

import (
	"io/fs"
	"net/http"
	"net/url"
)

// Def describes one fake. Name, Spec, Seeds, New, Auth and Error are needed; the rest may be nil.
type Def struct {
	Name  string   // names its flag, its port, its path prefix and its fixtures
	Title string   // the vendor's name as the vendor writes it
	Hosts []string // the vendor's own host names, for routing by Host; "*." stands for any one label
	// Sites are the vendor's sites by a short name, with a host name for each: /<fake>/<site>/... and
	// <site>.<fake>.localhost are read as a request to that host. A world's URLs list them.
	Sites map[string]string
	Spec  *Spec
	Seeds fs.FS // seeds/<name>.json: table → rows; "default" and "empty" at least
	New   func(*State) Ops

	// Unimplemented returns what the vendor has and the fake does not. Requests for its paths get 501.
	Unimplemented func() []Unimplemented

	// Begin runs as a write once a world has its rows from a seed or a saved state, not from a fork, and again
	// when the world's clock was put back; it is where jobs are planned on that clock.
	Begin func(*State)

	// Credential returns what the request offers: token, key or client id; it picks the world. "" for none.
	// Several may be given with blanks between them: the first that belongs to a world decides.
	Credential func(*http.Request) string
	// CredentialWorld returns the world's name that a generated credential carries, see State.Label; "" for one
	// that carries none. It need not check the credential: the world does.
	CredentialWorld func(credential string) string
	// Credentials returns the principals that a fresh world can be called as, the first of them the one for
	// examples. If value is not empty it becomes the credential of the first principal; otherwise every
	// credential is generated, with State.NewToken. The seed's own, well-known values are the business of Known.
	Credentials func(s *State, value string) []Credential
	// Known returns the well-known credentials of the rows that are there.
	Known func(s *State) []Credential
	// Example is a curl command with {url} and {credential} in it, to paste from the start line.
	Example string
	// Flags are the settings of the vendor that the binary offers as --<fake>-<name>.
	Flags []Flag

	Rewrite   func(*http.Request)                                     // vendor spellings undone before routing
	Query     func(raw string) (url.Values, error)                    // how the vendor reads a query string and an urlencoded form; default: query.Parse
	Gate      func(*Request) error                                    // runs before everything else, without the lock: rate limits, headers of every answer
	Reads     func(*Request) bool                                     // true if an operation that may write will only read this time; asked without the lock
	Auth      func(*Request) error                                    // who is calling; sets Request.Caller
	Invalid   func(r *Request, found []Violation) error               // what a request that breaks the document gets; default: a 400 with the violations
	Unknown   func(*Request) (any, error)                             // requests without an operation, OPTIONS included; default: 404 and 405
	Evidence  func(*Request, *Error) (evidence, source string)        // marks a refusal that carries no evidence: those of the core, which knows no vendor
	Error     func(*Request, *Error) any                              // the vendor's error body
	Faults    map[string]Fault                                        // the vendor's own failures by name
	Finish    func(r *Request, status int, body []byte) (int, []byte) // runs last on every answer: headers that depend on the body; it may replace status and body
	BodyLimit int64                                                   // in bytes, of every request whose operation has no greater one; default: the operation's
	Secrets   []string                                                // headers, query and body keys the journal masks, beside the usual ones
	MediaType string                                                  // of JSON answers; default application/json; charset=utf-8
}

// Ops are the handlers of a fake by operationId.
type Ops map[string]Handler

// Handler answers one operation. What it returns is encoded as JSON with the document's success status;
// nil is an empty body, Raw is written as it is, *Response says all by itself. An *Error is what the client
// is refused with; any other error is a bug and becomes a 500. A handler never writes HTTP, locks or logs,
// and checks first and changes last: although a refused write leaves no rows behind, its readers should see
// that it does not.
type Handler func(*Request) (any, error)

// Flag is a setting of a world: a switch that World.Feature reads, or a text that World.Text reads, under Name.
type Flag struct {
	Name  string // in kebab case
	Usage string
	Text  bool
	Check func(value string) error // refuses a text at start; may be nil
}

// Credential is one way to be somebody.
type Credential struct {
	Principal string `json:"principal"`        // who the caller then is, as the seed names them
	Role      string `json:"role"`             // what they may do, in a few words
	State     string `json:"state"`            // valid, revoked or expired
	Value     string `json:"value"`            // what the client sends
	Secret    string `json:"secret,omitempty"` // what it sends besides, for OAuth clients
}

// Response is an answer whose form the document does not fix: a file, a page, a redirect.
type Response struct {
	Status int // 0 = the document's
	Header http.Header
	Body   []byte
}
