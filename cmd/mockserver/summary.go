package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/fake"
)

// usage is what a command did with the fakes.
type usage struct {
	requests map[string]int // by fake
	found    map[string]map[string]int
	others   []string // hosts that the proxy refused
	dropped  int      // requests that the journals no longer have
}

// kinds are what --fail-on can name, in the order of the summary.
var kinds = []string{"refused", "unknown", "inferred", "stub", "audit"}

// used counts what all worlds' journals have.
func (h *app) used() *usage {
	u := &usage{requests: map[string]int{}, found: map[string]map[string]int{}}
	for _, kind := range kinds {
		u.found[kind] = map[string]int{}
	}
	for _, w := range h.srv.List() {
		entries, dropped := w.Journal.Entries()
		u.dropped += dropped
		for _, e := range entries {
			u.add(e)
		}
		u.audit(h, w)
	}
	if h.proxy != nil {
		u.others = h.proxy.Refused()
	}
	return u
}

// audit counts what the clients of a world did wrong, by rule and client.
func (u *usage) audit(h *app, w *fake.World) {
	report, err := h.srv.Audit(w, audit.Options{Silences: h.silences})
	if err != nil {
		u.found["audit"][err.Error()]++
		return
	}
	for _, f := range report.Findings {
		u.found["audit"][fmt.Sprintf("%s %s by %s: %s", f.Fake, f.Rule, f.Client, f.Detail)]++
	}
}

func (u *usage) add(e *fake.Entry) {
	name := cmp.Or(e.Fake, "no-fake")
	u.requests[name]++
	operation := name + " " + e.Operation
	if e.Operation == "" {
		operation = fmt.Sprintf("%s %s %s", name, e.Method, pathOf(e.URL))
	}
	if e.Operation == "" && e.Stub == nil {
		u.found["unknown"][operation]++
	} else if e.Rejection != nil {
		u.found["refused"][fmt.Sprintf("%s %d by %s (%s)", operation, e.Status, e.Rejection.Rule,
			e.Rejection.Evidence)]++
	}
	if kinds := u.found[e.Evidence]; kinds != nil && (e.Operation != "" || e.Stub != nil) {
		kinds[operation]++
	}
}

// pathOf returns the path of a URL of the journal.
func pathOf(url string) string {
	_, rest, _ := strings.Cut(url, "://")
	at := strings.IndexByte(rest, '/')
	if at < 0 {
		return "/"
	}
	path, _, _ := strings.Cut(rest[at:], "?")
	return path
}

// print tells what was used. It prints nothing if there was no request.
func (u *usage) print(out io.Writer) {
	var totals []string
	for _, name := range slices.Sorted(maps.Keys(u.requests)) {
		totals = append(totals, fmt.Sprintf("%s %d", name, u.requests[name]))
	}
	if len(totals) > 0 {
		fmt.Fprintf(out, "mockserver: requests: %s\n", strings.Join(totals, ", "))
	}
	for _, kind := range kinds {
		printCounts(out, kind, u.found[kind])
	}
	for _, host := range u.others {
		fmt.Fprintf(out, "mockserver: refused host %s\n", host)
	}
	if u.dropped > 0 {
		fmt.Fprintf(
			out,
			"mockserver: %d older requests are not counted: the journal was full; --journal-bytes gives it more room\n",
			u.dropped,
		)
	}
}

// most bounds the lines of one kind in a summary.
const most = 20

func printCounts(out io.Writer, kind string, counts map[string]int) {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		if d := counts[b] - counts[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	for i, name := range names {
		if i == most {
			fmt.Fprintf(out, "mockserver: %s: %d more\n", kind, len(names)-most)
			return
		}
		fmt.Fprintf(out, "mockserver: %s: %s, %s\n", kind, name, counted(counts[name], "time"))
	}
}

// checkKinds refuses a --fail-on that names what there is not.
func checkKinds(failOn []string) error {
	for _, kind := range failOn {
		if !slices.Contains(kinds, kind) {
			return fmt.Errorf(
				"--fail-on %s: expected some of %s%s",
				kind,
				strings.Join(kinds, ", "),
				fake.Hint(kind, kinds),
			)
		}
	}
	return nil
}

// fail returns an error if something happened that --fail-on names, or if that cannot be said.
func (u *usage) fail(failOn []string) error {
	var found []string
	for _, kind := range failOn {
		if n := len(u.found[kind]); n > 0 {
			found = append(found, kind)
		}
	}
	switch {
	case len(found) > 0:
		return &exitError{exitFailed,
			fmt.Errorf("--fail-on: found %s; the lines above name them", strings.Join(found, ", "))}
	case len(failOn) > 0 && u.dropped > 0:
		return &exitError{exitFailed,
			errors.New("--fail-on cannot be judged: the journal was full; --journal-bytes gives it more room")}
	}
	return nil
}
