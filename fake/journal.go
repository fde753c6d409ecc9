package fake

import (
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Journal keeps the newest requests of a world with their answers, bounded in bytes. It is safe for
// concurrent use. It keeps secrets as they came; whoever shows entries masks them (control does).
type Journal struct {
	mu      sync.Mutex
	most    int
	bytes   int
	dropped int
	last    int
	entries []*Entry
	changed chan struct{} // closed and replaced whenever an entry is added
}

// Entry is one request with its answer. It does not change once it is in the journal.
type Entry struct {
	ID        string
	Fake      string
	Operation string    // operationId; empty if the document has none for the request
	Evidence  string    // of the operation
	At        time.Time // on the world's clock
	Took      time.Duration
	Remote    string
	Method    string
	URL       string // absolute, as the client asked
	Header    http.Header
	Body      []byte // at most 64 KiB of it
	Status    int
	Answered  http.Header
	Answer    []byte // at most 64 KiB of it
	Fault     string // the fault that was injected, if any
	Refusal   *Refusal

	answer  []byte
	started time.Time
}

// Refusal says which rule refused a request and how we know the rule.
type Refusal struct {
	Rule     string `json:"rule"`
	Evidence string `json:"evidence"`
	Source   string `json:"source"`
}

const (
	keptBody    = 64 << 10
	journalSize = 16 << 20
)

func newJournal(most int) *Journal {
	if most == 0 {
		most = journalSize
	}
	return &Journal{most: most, changed: make(chan struct{})}
}

func (j *Journal) begin(r *Request, def *Def) *Entry {
	j.mu.Lock()
	j.last++
	id := strconv.Itoa(j.last)
	j.mu.Unlock()
	return &Entry{ID: id, Fake: def.Name, Remote: r.HTTP.RemoteAddr, Method: r.HTTP.Method, URL: r.Base + r.HTTP.URL.RequestURI(),
		At: r.State.world.Clock.Now(), Header: r.HTTP.Header, started: time.Now()}
}

func (e *Entry) finish(r *Request, status int, body []byte) {
	if r.Op != nil {
		e.Operation, e.Evidence = r.Op.ID, r.Op.Evidence
	}
	e.Status, e.answer = status, body
	e.Body, e.Answer, e.Answered = r.body[:min(len(r.body), keptBody)], body[:min(len(body), keptBody)], r.header
}

func (e *Entry) refuse(r *Request, err *Error) {
	e.Refusal = &Refusal{Rule: err.Rule, Source: err.Source, Evidence: "inferred"}
	if r.Op != nil {
		e.Refusal.Evidence = r.Op.Evidence
		if err.Source == "" {
			e.Refusal.Source = r.Op.Source
		}
	}
	if err.Rule == "" {
		e.Refusal.Rule = err.Error()
	}
}

func (e *Entry) size() int { return 512 + len(e.URL) + len(e.Body) + len(e.Answer) + 256*len(e.Header) }

func (j *Journal) add(e *Entry) {
	e.answer = nil
	e.Answered = e.Answered.Clone() // net/http still writes to its own
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
	j.bytes += e.size()
	gone := 0
	for j.bytes > j.most && gone < len(j.entries)-1 {
		j.bytes -= j.entries[gone].size()
		gone++
	}
	if gone > 0 {
		j.dropped += gone
		j.entries = append([]*Entry(nil), j.entries[gone:]...)
	}
	close(j.changed)
	j.changed = make(chan struct{})
}

// Entries returns what is kept, oldest first, and how many older entries were dropped.
func (j *Journal) Entries() (kept []*Entry, dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.entries[:len(j.entries):len(j.entries)], j.dropped
}

// Changed returns a channel that is closed when the next entry comes.
func (j *Journal) Changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.changed
}

// Clear forgets all entries; their identifiers are not used again.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.bytes, j.dropped = nil, 0, 0
}

// position orders the identifiers of entries; ok is false for one that is not kept.
func (j *Journal) position(id string) (n int, ok bool) {
	n, err := strconv.Atoi(id)
	j.mu.Lock()
	defer j.mu.Unlock()
	return n, err == nil && len(j.entries) > 0 && n <= j.last && n >= atoi(j.entries[0].ID)
}

func atoi(id string) int {
	n, _ := strconv.Atoi(id)
	return n
}
