package contracts

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Report counts what a run showed. Interactions are equal, different or pending; a case is passed if all its
// interactions are equal, pending if all that differ are known gaps, skipped if the target cannot be asked,
// and failed otherwise. An error counts as failed.
type Report struct {
	Outcomes                         []*Outcome
	Equal, Different, Pending        int
	Relaxed                          int // of the equal ones: compared as far as the recording fixes them
	Passed, Failed, Waiting, Skipped int
	Closed                           []*Gap // known gaps that are none any more; they fail the run
	Unreachable                      bool
}

func (r *Report) add(out *Outcome, closed []*Gap) {
	r.Outcomes, r.Closed = append(r.Outcomes, out), append(r.Closed, closed...)
	for n := range out.Results {
		one := &out.Results[n]
		switch {
		case !one.Sent:
		case len(one.Differences) == 0 && one.Relaxed:
			r.Relaxed++
			r.Equal++
		case len(one.Differences) == 0:
			r.Equal++
		case one.Pending():
			r.Pending++
		default:
			r.Different++
		}
	}
	r.Unreachable = r.Unreachable || errors.Is(out.Err, ErrUnreachable)
	switch out.State() {
	case Passed:
		r.Passed++
	case Failed:
		r.Failed++
	case Waiting:
		r.Waiting++
	case Skipped:
		r.Skipped++
	}
	if len(closed) > 0 && out.State() != Failed {
		r.Failed++
		r.Passed, r.Waiting = r.Passed-count(out.State() == Passed), r.Waiting-count(out.State() == Waiting)
	}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// State is the verdict on a case.
type State string

// The verdicts.
const (
	Passed  State = "passed"
	Failed  State = "failed"
	Waiting State = "pending"
	Skipped State = "skipped"
)

// State returns the verdict on the case. A case in which nothing was compared has failed.
func (o *Outcome) State() State {
	if o.Skipped != "" {
		return Skipped
	}
	sent, state := 0, Passed
	for n := range o.Results {
		r := &o.Results[n]
		sent += count(r.Sent)
		switch {
		case len(r.Differences) == 0:
		case r.Pending():
			state = Waiting
		default:
			return Failed
		}
	}
	if o.Err != nil || sent == 0 {
		return Failed
	}
	return state
}

// Exit codes of a run.
const (
	ExitFine        = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitUnreachable = 3
	ExitNothing     = 4
)

// Exit returns the exit code of the run: nothing was verified, or a check failed, or all is fine.
func (r *Report) Exit() int {
	switch {
	case r.Unreachable:
		return ExitUnreachable
	case r.Equal+r.Different+r.Pending == 0 && r.Failed == 0:
		return ExitNothing
	case r.Failed > 0 || r.Different > 0 || len(r.Closed) > 0:
		return ExitFailed
	}
	return ExitFine
}

// Show writes an outcome: one line, and for each difference its place, the recorded value first.
func (o *Outcome) Show(w io.Writer, all bool) {
	state := o.State()
	line := fmt.Sprintf("%-7s %s", state, o.Case.Name)
	if o.Skipped != "" {
		line += ": " + o.Skipped
	}
	if equal := o.equal(); state != Skipped {
		line += fmt.Sprintf("  %d/%d equal", equal, o.sent())
	}
	fmt.Fprintln(w, line)
	if o.Err != nil {
		fmt.Fprintf(w, "  error: %v\n", o.Err)
	}
	for n := range o.Results {
		r := &o.Results[n]
		if len(r.Differences) == 0 {
			continue
		}
		fmt.Fprintf(w, "  #%d %s\n", r.Number, shorten(r.Request))
		for k, d := range r.Differences {
			if k == 5 && !all {
				fmt.Fprintf(w, "      … and %d more\n", len(r.Differences)-k)
				break
			}
			fmt.Fprintf(w, "      %s%s\n", d, known(r.Gaps, d.Path))
		}
	}
}

func known(gaps []*Gap, path string) string {
	for _, g := range gaps {
		if g.covers(path) {
			return " [known: " + g.Reason + "]"
		}
	}
	return ""
}

func (o *Outcome) equal() (n int) {
	for i := range o.Results {
		n += count(o.Results[i].Sent && len(o.Results[i].Differences) == 0)
	}
	return n
}

func (o *Outcome) sent() (n int) {
	for i := range o.Results {
		n += count(o.Results[i].Sent)
	}
	return n
}

// Summary writes what failed beside the cases, and the two last lines.
func (r *Report) Summary(w io.Writer) {
	for _, g := range r.Closed {
		fmt.Fprintf(w, "known gap is closed, take it out of the list: %s\n", g)
	}
	if r.Relaxed > 0 {
		fmt.Fprintf(w, "relaxed: %d of the equal interactions were compared only as far as the real server itself fixes them\n", r.Relaxed)
	}
	fmt.Fprintf(w, "interactions: %d equal, %d different, %d pending\n", r.Equal, r.Different, r.Pending)
	fmt.Fprintf(w, "%d passed, %d failed, %d pending, %d skipped\n", r.Passed, r.Failed, r.Waiting, r.Skipped)
}

type junitSuite struct {
	XMLName  xml.Name    `xml:"testsuite"`
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string    `xml:"classname,attr"`
	Name    string    `xml:"name,attr"`
	Seconds string    `xml:"time,attr"`
	Failure *junitSay `xml:"failure,omitempty"`
	Skipped *junitSay `xml:"skipped,omitempty"`
}

type junitSay struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report in the form that build servers read.
func (r *Report) JUnit(w io.Writer) error {
	suite := junitSuite{Name: "mockserver verify", Tests: len(r.Outcomes), Failures: r.Failed, Skipped: r.Skipped + r.Waiting}
	for _, o := range r.Outcomes {
		c := junitCase{Class: o.Case.Fake, Name: o.Case.Name, Seconds: fmt.Sprintf("%.3f", o.Took.Seconds())}
		var text strings.Builder
		o.Show(&text, true)
		switch o.State() {
		case Failed:
			c.Failure = &junitSay{"the target's answers differ from the recording", text.String()}
		case Skipped:
			c.Skipped = &junitSay{Message: o.Skipped}
		case Waiting:
			c.Skipped = &junitSay{"known gaps", text.String()}
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	return e.Encode(suite)
}
