package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// bugReport prints internal errors of the fakes with their requests, each kind at most once a
// minute.
type bugReport struct {
	out io.Writer
	now func() time.Time

	mu   sync.Mutex
	seen map[string]time.Time // kind → time of printing
	more map[string]int       // kind → number suppressed since then
}

func newBugReport(out io.Writer) *bugReport {
	return &bugReport{out: out, now: time.Now, seen: map[string]time.Time{}, more: map[string]int{}}
}

// add prints a bug unless one of its kind was printed within the last minute. The kind is the first
// line of the error without the request, which the outermost error names.
func (b *bugReport) add(err error) {
	inner := errors.Unwrap(err)
	if inner == nil {
		inner = err
	}
	kind, _, _ := strings.Cut(inner.Error(), "\n")
	b.mu.Lock()
	defer b.mu.Unlock()
	if last, ok := b.seen[kind]; ok && b.now().Sub(last) < time.Minute {
		b.more[kind]++
		return
	}
	note := ""
	if n := b.more[kind]; n > 0 {
		note = fmt.Sprintf(" (and %d more since the last one)", n)
	}
	b.seen[kind], b.more[kind] = b.now(), 0
	fmt.Fprintf(b.out, "mockserver: a bug of a fake, please report it%s: %v\n", note, err)
}
