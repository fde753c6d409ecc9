// Package audit finds what clients did wrong although they got their answers: it asked again too early, it built the
// addresses of pages, it sent fields that were ignored.
//
//	poller := audit.Silence{Rule: "same-again", Reason: "a poller"}
//	report, err := audit.Run(journal, fakes, audit.Options{Silences: []audit.Silence{poller}})
//	for _, f := range report.Findings {
//		fmt.Println(f.Rule, f.Requests, f.Source)
//	}
//
// Its only evidence is the journal of a world, with the requests and answers as they were, and the document of each
// fake (see package conduct); it changes nothing. What it cannot see it does not report: requests that the journal has
// dropped, bodies beyond 64 KiB, and what a client does with an answer unless it shows in a later request. Rules about
// time use the world's clock; while that is frozen they find nothing.
package audit

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/openapi"
	"github.com/afba07b5/mockserver/fake/webhook"
)

// Fake is what the rules have to know of one fake.
type Fake struct {
	Spec       *openapi.Spec
	Credential func(*http.Request) string // of a request; may be nil
	Principals map[string]string          // credential → the name of its principal
	Deliveries []webhook.Delivery
}

// Rule is one thing that clients do wrong.
type Rule struct {
	Name   string `json:"name"`
	Wrong  string `json:"wrong"`
	Source string `json:"source"` // a standard, the vendor's document (which a finding names), or advice
	check  func(*history) []Finding
}

// Advice is the source of a rule that no standard and no vendor states.
const Advice = "advice"

// vendor is the source of a rule that stands in the document of a fake.
const vendor = "the vendor's document"

// Finding is one case in which a client broke a rule.
type Finding struct {
	Rule     string    `json:"rule"`
	Fake     string    `json:"fake"`
	Client   string    `json:"client"`
	Detail   string    `json:"detail"`
	Source   string    `json:"source"`
	Requests []Request `json:"requests"`           // in the order of the journal
	Delivery string    `json:"delivery,omitempty"` // the id of the webhook delivery that it is about
}

// Request names an entry of the journal. Its path has no query, which may hold secrets.
type Request struct {
	ID        string `json:"id"`
	Method    string `json:"method"`
	Path      string `json:"path"`
	Operation string `json:"operation,omitempty"`
	Status    int    `json:"status"`
}

// Silenced counts the findings of a rule that a Silence suppressed.
type Silenced struct {
	Silence
	Findings int `json:"findings"`
}

// Report is the result of an audit.
type Report struct {
	Findings []Finding  `json:"findings"`
	Silenced []Silenced `json:"silenced"`
	Dropped  int        `json:"dropped"` // requests that the journal no longer has
}

// Options of an audit. The zero value reports everything.
type Options struct {
	Silences []Silence
	Client   string // only findings of this client
	Rule     string // only findings of this rule
}

// Rules returns all rules, sorted by name.
func Rules() []Rule {
	all := slices.Concat(timeRules(), listRules(), repeatRules(), tokenRules(), payloadRules())
	slices.SortFunc(all, func(a, b Rule) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Run audits the journal of one world. An error reports a silence, a rule of the options or a document that is wrong.
func Run(log *journal.Journal, fakes map[string]Fake, o Options) (*Report, error) {
	rules := Rules()
	if err := o.check(rules); err != nil {
		return nil, err
	}
	entries, dropped := log.Entries()
	histories, err := read(entries, fakes)
	if err != nil {
		return nil, err
	}
	report := &Report{Findings: []Finding{}, Silenced: []Silenced{}, Dropped: dropped}
	for _, rule := range rules {
		if o.Rule != "" && o.Rule != rule.Name {
			continue
		}
		found := rule.findings(histories, o.Client)
		if rule.Name == unverified {
			found = receivers(fakes, rule, o.Client)
		}
		report.add(rule, o, found)
	}
	slices.SortStableFunc(report.Findings, func(a, b Finding) int { return position(a) - position(b) })
	return report, nil
}

// findings applies a rule to every history of a client, or of one client.
func (rule Rule) findings(histories []*history, client string) (found []Finding) {
	for _, h := range histories {
		if client != "" && client != h.client {
			continue
		}
		if rule.check == nil {
			break // it is not about requests
		}
		for _, f := range rule.check(h) {
			f.Rule, f.Fake, f.Client = rule.Name, h.fake, h.client
			f.Source = cmp.Or(f.Source, rule.Source)
			found = append(found, f)
		}
	}
	return found
}

func (r *Report) add(rule Rule, o Options, found []Finding) {
	for _, s := range o.Silences {
		if s.Rule == rule.Name {
			r.Silenced = append(r.Silenced, Silenced{s, len(found)})
			return
		}
	}
	r.Findings = append(r.Findings, found...)
}

// position is the place of the finding's first request in the journal.
func position(f Finding) (n int) {
	if len(f.Requests) > 0 {
		fmt.Sscan(f.Requests[0].ID, &n)
	}
	return n
}

// String describes the finding in one line.
func (f Finding) String() string {
	ids := make([]string, len(f.Requests))
	for i, r := range f.Requests {
		ids[i] = r.ID
	}
	about := ""
	if len(f.Requests) > 0 {
		last := f.Requests[len(f.Requests)-1]
		about = fmt.Sprintf(" (%s %s", last.Method, last.Path) + fmt.Sprintf(", requests %s)", shortened(ids))
	}
	return fmt.Sprintf("%s: %s %s: %s%s [%s]", f.Rule, f.Fake, f.Client, f.Detail, about, f.Source)
}

// shortened joins ids, the first and the last of them where there are many.
func shortened(ids []string) string {
	const most = 8
	if len(ids) > most {
		ids = append(slices.Clone(ids[:most-2]), "...", ids[len(ids)-1])
	}
	return strings.Join(ids, ", ")
}

// finding makes a finding about calls.
func finding(source, detail string, calls ...*call) Finding {
	f := Finding{Detail: detail, Source: source, Requests: make([]Request, len(calls))}
	for i, c := range calls {
		f.Requests[i] = Request{ID: c.entry.ID, Method: c.entry.Method, Path: c.path, Operation: c.entry.Operation,
			Status: c.entry.Status}
	}
	return f
}

// document reads the document of a fake.
func (f Fake) document(name string) (*conduct.Document, error) {
	d, err := conduct.Read(f.Spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

func decoded(body []byte) (v any) {
	if json.Unmarshal(body, &v) != nil {
		return nil
	}
	return v
}
