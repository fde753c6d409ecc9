// Package journal keeps requests with their answers.
package journal

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Journal keeps the newest requests of a world with their answers, bounded in bytes. It is safe for
// concurrent use. It stores secrets unchanged; readers such as control redact them.
type Journal struct {
	mu      sync.Mutex
	most    int
	bytes   int
	dropped int
	last    int
	entries []*Entry
	changed chan struct{} // closed when the next entry is added; nil without waiters
	uses    map[Use]int
}

// Use names an operation of a fake.
type Use struct{ Fake, Operation string }

// Entry is one request with its answer. It is immutable once added to a journal.
type Entry struct {
	ID         string // Position in decimal
	Position   int
	Fake       string    // empty if no fake has the path
	Operation  string    // operationId; empty if the document has none for the request
	Evidence   string    // of the operation
	At         time.Time // on the world's clock
	Took       time.Duration
	Remote     string
	Method     string
	URL        string // absolute, as the client sent it
	Base       string // the part of URL before the fake's root
	Host       string // the host name of the request, without port, as the fake saw it
	Header     http.Header
	Body       []byte // at most 64 KiB of it
	Status     int
	Answered   http.Header
	Answer     []byte        // at most 64 KiB of it
	Fault      string        // the fault that was injected, if any
	Stub       *Stub         // the stub that answered, or changed the answer; nil if there was none
	Delay      time.Duration // that a stub or the settings added
	Rejection  *Rejection
	Gone       string   // the world named by the credential, if it does not exist
	Notes      []string // parts of the request that the fake ignored
	Unfriendly []string // the variations of the answer; see package unfriendly
	Plan       string   // how the rows of a list were found: by which index, or by a scan

	bytes int // its size, set by Add
}

// Rejection names the rule that rejected a request and the evidence for that rule.
type Rejection struct {
	Rule     string `json:"rule"`
	Evidence string `json:"evidence"`
	Source   string `json:"source"`
}

const (
	// KeptBody is the maximum size of a body in an entry, in bytes.
	KeptBody = 64 << 10
	size     = 16 << 20
)

// Cut returns the part of a body that an entry keeps: the body itself, which must not change
// afterwards, or a copy if that frees memory.
func Cut(body []byte) []byte {
	switch n := len(body); {
	case n == 0:
		return nil
	case n <= KeptBody && cap(body)-n <= n/8+64:
		return body[:n:n]
	}
	kept := make([]byte, min(len(body), KeptBody))
	copy(kept, body)
	return kept
}

// New makes a journal bounded to most bytes; 0 means 16 MiB.
func New(most int) *Journal {
	return &Journal{most: cmp.Or(most, size), uses: map[Use]int{}}
}

// Next returns the position of the next entry.
func (j *Journal) Next() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	return j.last
}

// size returns the memory that an entry takes, in bytes.
func (e *Entry) size() int {
	const entry, allocation = 640, 48
	n := entry + len(e.Method) + len(e.URL) + len(e.Base) + len(e.Host) + len(e.Remote) + len(e.Fault) + cap(e.Body) +
		cap(e.Answer) + headerSize(e.Header) + headerSize(e.Answered)
	if e.Stub != nil {
		n += allocation + len(e.Stub.Mapping) + len(e.Stub.Definition)
	}
	if e.Rejection != nil {
		n += allocation + len(e.Rejection.Rule) + len(e.Rejection.Evidence) + len(e.Rejection.Source)
	}
	return n
}

// headerSize returns the memory that a header takes: its bytes, and a map slot and a slice header
// for each name.
func headerSize(h http.Header) int {
	const slot, value = 128, 32
	n := slot
	for name, values := range h {
		n += slot + len(name)
		for _, v := range values {
			n += value + len(v)
		}
	}
	return n
}

// Add appends an entry and drops the oldest ones to stay within the bound.
func (j *Journal) Add(e *Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if e.Operation != "" {
		j.uses[Use{e.Fake, e.Operation}]++
	}
	e.bytes = e.size()
	j.entries = append(j.entries, e)
	j.bytes += e.bytes
	for j.bytes > j.most && len(j.entries) > 1 {
		j.bytes -= j.entries[0].bytes
		j.entries[0], j.entries = nil, j.entries[1:]
		j.dropped++
	}
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// Entries returns the kept entries, oldest first, and how many older ones were dropped.
func (j *Journal) Entries() (kept []*Entry, dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries), j.dropped
}

// Size returns the number of kept entries, their bytes, and how many older ones were dropped.
func (j *Journal) Size() (entries, bytes, dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.entries), j.bytes, j.dropped
}

// Remove drops entries and returns how many of them the journal held.
func (j *Journal) Remove(entries []*Entry) int {
	gone := make(map[*Entry]bool, len(entries))
	for _, e := range entries {
		gone[e] = true
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var left []*Entry
	bytes := 0
	for _, e := range j.entries {
		if !gone[e] {
			left, bytes = append(left, e), bytes+e.bytes
		}
	}
	n := len(j.entries) - len(left)
	j.entries, j.bytes = left, bytes
	return n
}

// Limit returns the bound in bytes. The newest entry is kept even if it exceeds the bound.
func (j *Journal) Limit() int { return j.most }

// Last returns the position of the newest entry, or 0 if there was none.
func (j *Journal) Last() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

// Changed returns a channel that is closed when the next entry is added.
func (j *Journal) Changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.changed
}

// Uses returns how many requests each operation got since the journal was made or reset, those that it no longer keeps
// included.
func (j *Journal) Uses() map[Use]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.uses)
}

// Reset is Clear, and forgets the uses as well.
func (j *Journal) Reset() {
	j.Clear()
	j.mu.Lock()
	defer j.mu.Unlock()
	clear(j.uses)
}

// Clear drops all entries. Their identifiers are not reused.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.bytes, j.dropped = nil, 0, 0
}

// Position returns the position of the entry with an id; ok is false if the journal does not keep
// it.
func (j *Journal) Position(id string) (n int, ok bool) {
	n, err := strconv.Atoi(id)
	j.mu.Lock()
	defer j.mu.Unlock()
	return n, err == nil && len(j.entries) > 0 && n <= j.last && n >= j.entries[0].Position
}
