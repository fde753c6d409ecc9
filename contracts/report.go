package contracts

import (
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// Report is the result of a run. Interactions are equal, different or pending. A case is passed if
// all its interactions are equal, pending if all differences are known gaps, skipped if the target
// cannot replay it, and failed otherwise. An error counts as failed.
type Report struct {
	Outcomes                  []*Outcome
	Equal, Different, Pending int
	// of the equal ones: compared only as far as the recording fixes them
	Relaxed                          int
	Passed, Failed, Waiting, Skipped int
	Closed                           []*Gap // known gaps that no longer differ; they fail the run
	Unreachable                      bool
	Freshness                        *Freshness // age of the recordings; may be nil
}

// Only returns the part of a report that concerns one fake.
func (r *Report) Only(fake string) *Report {
	part := &Report{}
	for _, o := range r.Outcomes {
		if o.Case.Fake == fake {
			part.add(o, r.closedBy(o))
		}
	}
	return part
}

// Fakes returns the names of the fakes whose cases were replayed, sorted.
func (r *Report) Fakes() (names []string) {
	for _, o := range r.Outcomes {
		if !slices.Contains(names, o.Case.Fake) {
			names = append(names, o.Case.Fake)
		}
	}
	slices.Sort(names)
	return names
}

func (r *Report) closedBy(o *Outcome) (closed []*Gap) {
	for _, g := range r.Closed {
		if g.Cassette == o.Case.Name {
			closed = append(closed, g)
		}
	}
	return closed
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

// State returns the verdict on the case. A case without any comparison has failed.
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

// Exit returns the exit code of the run: nothing was verified, a check failed, or success.
func (r *Report) Exit() int {
	switch {
	case r.Unreachable:
		return ExitUnreachable
	case r.Equal+r.Different+r.Pending == 0 && r.Failed == 0:
		return ExitNothing
	case r.Failed > 0 || r.Different > 0 || len(r.Closed) > 0 || r.Freshness.failed():
		return ExitFailed
	}
	return ExitFine
}

// Show writes an outcome: one line, and for each difference its place, the recorded value first.
func (o *Outcome) Show(w io.Writer, all bool) {
	w = printer{w}
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
		fmt.Fprintf(w, "  error: %v%s\n", o.Err, at(o.Case.File, o.Line))
	}
	if slices.ContainsFunc(o.Results, func(r Result) bool { return r.lacksCaller }) {
		fmt.Fprintln(w, "  "+callerHint)
	}
	for n := range o.Results {
		if r := &o.Results[n]; len(r.Differences) > 0 {
			r.show(w, o.Case, all)
		}
	}
}

// most is the maximum number of differences shown per interaction, unless all are requested.
const most = 5

func (r *Result) show(w io.Writer, c *Case, all bool) {
	fmt.Fprintf(w, "  #%d %s%s\n", r.Number, compare.Shorten(r.Request), at(c.File, r.Line))
	for k, d := range r.Differences {
		if k == most && !all {
			fmt.Fprintf(w, "      … and %d more\n", len(r.Differences)-k)
			break
		}
		fmt.Fprintf(w, "      %s%s\n", d, brackets("known: ", r.Known(d)))
	}
	for _, line := range r.Evidence() {
		fmt.Fprintf(w, "      %s\n", line)
	}
}

func at(file string, line int) string {
	if line == 0 {
		return ""
	}
	return fmt.Sprintf("  (%s:%d)", path.Base(file), line)
}

func brackets(label, text string) string {
	if text == "" {
		return ""
	}
	return " [" + label + text + "]"
}

// Evidence returns at most two lines about the evidence for the fake's answer: the operation, and
// the rule that rejected the request.
func (r *Result) Evidence() (lines []string) {
	if op := r.Operation; op != nil {
		lines = append(lines, "evidence: "+op.ID+" is "+join(op.Evidence, op.Source))
	}
	if rule := r.Rejection; rule != nil {
		lines = append(lines, "refused because "+rule.Rule+", which is "+join(rule.Evidence, rule.Source))
	}
	return lines
}

func join(evidence, source string) string {
	if source == "" {
		return evidence
	}
	return evidence + ": " + source
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

// Summary writes the failures other than cases, and the last two lines.
func (r *Report) Summary(w io.Writer) {
	w = printer{w}
	for _, g := range r.Closed {
		fmt.Fprintf(w, "known gap is closed; remove it from the list: %s\n", g)
	}
	r.showRemains(w)
	if r.Relaxed > 0 {
		fmt.Fprintf(w,
			"relaxed: %d of the equal interactions were compared only as far as the real server itself fixes them\n",
			r.Relaxed)
	}
	if r.Freshness != nil {
		r.Freshness.show(w)
	}
	fmt.Fprintf(w, "interactions: %d equal, %d different, %d pending\n", r.Equal, r.Different, r.Pending)
	fmt.Fprintf(w, "%d passed, %d failed, %d pending, %d skipped\n", r.Passed, r.Failed, r.Waiting, r.Skipped)
}

// printer writes untrusted text to a terminal.
type printer struct{ io.Writer }

func (p printer) Write(data []byte) (int, error) {
	_, err := io.WriteString(p.Writer, Printable(string(data)))
	return len(data), err
}
