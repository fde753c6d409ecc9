// Package journal keeps requests and their answers.
package journal

import (
	"net/http"
	"slices"
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
	changed chan struct{} // closed when the next entry comes; nil if nobody waits for it
}

// Entry is one request with its answer. It does not change once it is in the journal.
type Entry struct {
	ID        string // Position in decimal
	Position  int
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
	Gone      string   // the world that the credential names, if there is none of that name any more
	Notes     []string // what the fake passed over in the request without refusing it
}

// Refusal says which rule refused a request and how we know the rule.
type Refusal struct {
	Rule     string `json:"rule"`
	Evidence string `json:"evidence"`
	Source   string `json:"source"`
}

const (
	// KeptBody is how much of a body an entry keeps.
	KeptBody = 64 << 10
	size     = 16 << 20
)

// Cut returns a copy of the part of a body that an entry keeps, so that the rest can go.
func Cut(body []byte) []byte {
	if len(body) == 0 {
		return nil
	}
	kept := make([]byte, min(len(body), KeptBody))
	copy(kept, body)
	return kept
}

// New makes a journal of at most so many bytes; 0 stands for 16 MiB.
func New(most int) *Journal {
	if most == 0 {
		most = size
	}
	return &Journal{most: most}
}

// Next returns the position of the next entry.
func (j *Journal) Next() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	return j.last
}

// size is what an entry takes in memory.
func (e *Entry) size() int {
	const entry, allocation = 640, 48
	n := entry + len(e.Method) + len(e.URL) + len(e.Remote) + len(e.Fault) + cap(e.Body) + cap(e.Answer) + headerSize(e.Header) + headerSize(e.Answered)
	if e.Refusal != nil {
		n += allocation + len(e.Refusal.Rule) + len(e.Refusal.Evidence) + len(e.Refusal.Source)
	}
	return n
}

// headerSize is what a header takes in memory: the bytes, and a slot of the map and a slice for each name.
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

// Add keeps an entry, in the place of the oldest ones if need be.
func (j *Journal) Add(e *Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
	j.bytes += e.size()
	for j.bytes > j.most && len(j.entries) > 1 {
		j.bytes -= j.entries[0].size()
		j.entries[0], j.entries = nil, j.entries[1:]
		j.dropped++
	}
	if j.changed != nil {
		close(j.changed)
		j.changed = nil
	}
}

// Entries returns what is kept, oldest first, and how many older entries were dropped.
func (j *Journal) Entries() (kept []*Entry, dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.entries), j.dropped
}

// Size returns how many entries are kept, their bytes, and how many older ones were dropped.
func (j *Journal) Size() (entries, bytes, dropped int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return len(j.entries), j.bytes, j.dropped
}

// Remove drops entries and returns how many of them were there.
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
			left, bytes = append(left, e), bytes+e.size()
		}
	}
	n := len(j.entries) - len(left)
	j.entries, j.bytes = left, bytes
	return n
}

// Limit returns how many bytes the journal keeps at most, one entry aside.
func (j *Journal) Limit() int { return j.most }

// Last returns the position of the newest entry, 0 if there was none.
func (j *Journal) Last() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

// Changed returns a channel that is closed when the next entry comes.
func (j *Journal) Changed() <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.changed == nil {
		j.changed = make(chan struct{})
	}
	return j.changed
}

// Clear forgets all entries; their identifiers are not used again.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries, j.bytes, j.dropped = nil, 0, 0
}

// Position orders the identifiers of entries; ok is false for one that is not kept.
func (j *Journal) Position(id string) (n int, ok bool) {
	n, err := strconv.Atoi(id)
	j.mu.Lock()
	defer j.mu.Unlock()
	return n, err == nil && len(j.entries) > 0 && n <= j.last && n >= j.entries[0].Position
}
