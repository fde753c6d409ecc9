package report

import (
	"encoding/json"
	"io"

	"github.com/afba07b5/mockserver/contracts"
)

// Document is the report as JSON. While Format is 1, fields may be added but none changes its
// meaning. Lists are never null. Only interactions that differ are listed, pending ones included;
// the others are counted.
type Document struct {
	Format  int    `json:"format"`  // 1
	Tool    string `json:"tool"`    // mockserver
	Version string `json:"version"` // of mockserver
	Command string `json:"command"` // verify or drift
	Target  string `json:"target"`  // the server that answered
	// exit code: 0 fine, 1 failed check, 3 unreachable, 4 nothing compared
	Exit         int          `json:"exit"`
	Interactions Interactions `json:"interactions"`
	Cases        Cases        `json:"cases"`
	Moved        *Moved       `json:"moved,omitempty"` // drift only
	Fakes        []Fake       `json:"fakes"`
	Results      []Case       `json:"results"`    // sorted by source, recorded first, then by name
	ClosedGaps   []Gap        `json:"closedGaps"` // known gaps that no longer differ; they fail the run
	Freshness    *Freshness   `json:"freshness,omitempty"`
}

// Interactions counts interactions. A relaxed interaction is equal in every part that the real
// server itself keeps stable.
type Interactions struct {
	Equal     int `json:"equal"`
	Relaxed   int `json:"relaxed"`
	Different int `json:"different"`
	Pending   int `json:"pending"` // differ only in known gaps
}

// Cases counts cases.
type Cases struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Pending int `json:"pending"`
	Skipped int `json:"skipped"`
}

// Moved counts differences by culprit, without known gaps.
type Moved struct {
	Fake      int `json:"fake"`
	Vendor    int `json:"vendor"`
	Recording int `json:"recording"`
	Both      int `json:"both"`
}

// Fake is the part of the run that concerns one fake.
type Fake struct {
	Name         string       `json:"name"`
	Interactions Interactions `json:"interactions"`
	Cases        Cases        `json:"cases"`
}

// Case is the result of one case.
type Case struct {
	Name         string        `json:"name"` // like twenty/rest_merge
	Fake         string        `json:"fake"`
	About        string        `json:"about"`
	Source       string        `json:"source"` // recorded, documented or inferred
	Date         string        `json:"date"`   // date of a recording
	File         string        `json:"file"`   // relative to the working directory, or absolute
	State        string        `json:"state"`  // passed, failed, pending or skipped
	Skipped      string        `json:"skipped,omitempty"`
	Error        string        `json:"error,omitempty"`
	Line         int           `json:"line,omitempty"` // line that the error refers to
	Seconds      float64       `json:"seconds"`
	Equal        int           `json:"equal"`
	Compared     int           `json:"compared"`
	Interactions []Interaction `json:"interactions"`
}

// Interaction is a request whose answer differs.
type Interaction struct {
	Number    int    `json:"number"` // from 0
	Line      int    `json:"line"`   // in the case's file, from 1; 0 if unknown
	Request   string `json:"request"`
	State     string `json:"state"`               // different or pending
	Operation string `json:"operation,omitempty"` // operationId
	// evidence of the operation: recorded, documented or inferred
	Evidence    string       `json:"evidence,omitempty"`
	Source      string       `json:"source,omitempty"` // source of the evidence
	Rejection   *Rejection   `json:"refusal,omitempty"`
	Differences []Difference `json:"differences"`

	basis    []string // evidence for the fake's answer, in sentences
	messages []shownMessage
}

// Rejection is the fake's rule that rejected the request.
type Rejection struct {
	Rule     string `json:"rule"`
	Evidence string `json:"evidence"`
	Source   string `json:"source"`
}

// Difference is one place where an answer differs from the recorded one. Values are JSON, or the
// text of a status or header; "nothing" means that the value is absent.
type Difference struct {
	Path     string `json:"path"` // status, header <Name>, or a JSON path that begins with $
	Recorded string `json:"recorded"`
	Got      string `json:"got"` // in drift: the fake's value
	Live     string `json:"live,omitempty"`
	Moved    string `json:"moved,omitempty"` // in drift: fake, vendor, recording or both
	Why      string `json:"why,omitempty"`
	Known    string `json:"known,omitempty"` // the reason of the matching known gap

	text string // the difference in one line
}

// Gap is an entry of known-gaps.yaml.
type Gap struct {
	Case        string `json:"case"`
	Interaction int    `json:"interaction"`
	Path        string `json:"path"`
	Reason      string `json:"reason"`
	File        string `json:"file"`
}

// Freshness is the age of the recordings, counted in operations.
type Freshness struct {
	File       string  `json:"file"`
	Recorded   int     `json:"recorded"`
	Unrecorded int     `json:"unrecorded"` // operations without a recording, which have no age
	Stale      []Stale `json:"stale"`
}

// Stale is a group of operations that were last recorded on the same day, too long ago.
type Stale struct {
	Fake       string   `json:"fake"`
	Date       string   `json:"date"`
	Days       int      `json:"days"`
	Warn       int      `json:"warn"`
	Fail       int      `json:"fail"`
	Failed     bool     `json:"failed"`
	Operations []string `json:"operations"`
	Cases      []string `json:"cases"`
	Text       string   `json:"text"` // for people: what to record again, and how
}

// New makes the Document of a run.
func New(r *contracts.Report, o Options) *Document {
	d := &Document{Format: 1, Tool: "mockserver", Version: o.Version, Command: o.Command, Target: o.Target,
		Exit:         r.Exit(),
		Interactions: interactions(r), Cases: cases(r), Fakes: []Fake{}, Results: []Case{}, ClosedGaps: []Gap{}}
	if moves := r.Moves(); o.Command == "drift" {
		d.Moved = &Moved{moves[contracts.FakeMoved], moves[contracts.VendorMoved], moves[contracts.RecordingMoved],
			moves[contracts.BothMoved]}
	}
	for _, name := range r.Fakes() {
		part := r.Only(name)
		d.Fakes = append(d.Fakes, Fake{name, interactions(part), cases(part)})
	}
	for _, out := range r.Outcomes {
		d.Results = append(d.Results, newCase(out, o.Root))
	}
	for _, g := range r.Closed {
		d.ClosedGaps = append(d.ClosedGaps, Gap{g.Cassette, g.Interaction, g.Path, g.Reason, relative(o.Root, g.File)})
	}
	if r.Freshness != nil {
		d.Freshness = freshness(r.Freshness, o.Root)
	}
	return d
}

func interactions(r *contracts.Report) Interactions {
	return Interactions{r.Equal, r.Relaxed, r.Different, r.Pending}
}

func cases(r *contracts.Report) Cases { return Cases{r.Passed, r.Failed, r.Waiting, r.Skipped} }

func newCase(o *contracts.Outcome, root string) Case {
	c := Case{Name: o.Case.Name, Fake: o.Case.Fake, About: o.Case.Info.About, Source: o.Case.Info.Source,
		Date: o.Case.Info.Date,
		File: relative(root, o.Case.File), State: string(o.State()), Skipped: o.Skipped, Line: o.Line,
		Seconds: o.Took.Seconds(), Interactions: []Interaction{}}
	if o.Err != nil {
		c.Error = o.Err.Error()
	}
	for n := range o.Results {
		r := &o.Results[n]
		if !r.Sent {
			continue
		}
		c.Compared++
		if len(r.Differences) == 0 {
			c.Equal++
			continue
		}
		c.Interactions = append(c.Interactions, newInteraction(r))
	}
	return c
}

func newInteraction(r *contracts.Result) Interaction {
	i := Interaction{Number: r.Number, Line: r.Line, Request: r.Request, State: stateOf(r),
		Differences: []Difference{}, basis: r.Evidence(), messages: shownOf(r)}
	if op := r.Operation; op != nil {
		i.Operation, i.Evidence, i.Source = op.ID, op.Evidence, op.Source
	}
	if rule := r.Rejection; rule != nil {
		i.Rejection = &Rejection{rule.Rule, rule.Evidence, rule.Source}
	}
	for _, d := range r.Differences {
		one := Difference{d.Path, d.Recorded, d.Got, d.Live, string(d.Moved), d.Why, r.Known(d), d.String()}
		if one.Moved != "" {
			one.text = one.Moved + ": " + one.text
		}
		if one.Known != "" {
			one.text += " [known: " + one.Known + "]"
		}
		i.Differences = append(i.Differences, one)
	}
	return i
}

func freshness(f *contracts.Freshness, root string) *Freshness {
	out := &Freshness{File: relative(root, f.File), Recorded: f.Recorded, Unrecorded: f.Unrecorded, Stale: []Stale{}}
	for _, s := range f.Stale {
		out.Stale = append(out.Stale,
			Stale{s.Fake, s.Date, s.Days, s.Warn, s.Fail, s.Failed(), s.Operations, s.Cases, s.String()})
	}
	return out
}

// stale returns the groups past the second threshold if failed is true, otherwise those past only
// the first.
func (d *Document) stale(failed bool) (found []Stale) {
	if d.Freshness == nil {
		return nil
	}
	for _, s := range d.Freshness.Stale {
		if s.Failed == failed {
			found = append(found, s)
		}
	}
	return found
}

// JSON writes the Document as JSON.
func JSON(w io.Writer, d *Document) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}
