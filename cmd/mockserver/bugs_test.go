package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBugsArePrintedOnceAMinute(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	b := newBugReport(&out)
	now := time.Unix(0, 0)
	b.now = func() time.Time { return now }
	bug := func(request, kind string) { b.add(fmt.Errorf("%s: %w", request, errors.New(kind+"\nstack"))) }
	for i := range 5 {
		bug(fmt.Sprint("GET /", i), "panic: one")
	}
	bug("GET /other", "panic: two")
	now = now.Add(time.Minute)
	bug("GET /last", "panic: one")
	got := out.String()
	if strings.Count(got, "panic: one") != 2 || strings.Count(got, "panic: two") != 1 ||
		!strings.Contains(got, "(and 4 more since the last one): GET /last: panic: one\nstack") ||
		!strings.Contains(got, "GET /0: panic: one") {
		t.Errorf("%s", got)
	}
}
