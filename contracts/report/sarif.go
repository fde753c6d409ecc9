package report

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"strings"
)

// The parts of SARIF 2.1.0 (OASIS) that are used here.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version,omitempty"`
		Rules   []sarifRule `json:"rules"`
	}
	sarifInvocation struct {
		Successful bool `json:"executionSuccessful"`
		ExitCode   int  `json:"exitCode"`
	}
	sarifRule struct {
		ID    string    `json:"id"`
		Short sarifText `json:"shortDescription"`
		Full  sarifText `json:"fullDescription"`
		Help  string    `json:"helpUri"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"` // error, warning or note
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical struct {
			Artifact struct {
				URI string `json:"uri"`
			} `json:"artifactLocation"`
			Region struct {
				StartLine int `json:"startLine"`
			} `json:"region"`
		} `json:"physicalLocation"`
	}
)

// SARIF writes the report for code scanning. Each interaction that differs gives one result at the
// line of its recording, under a rule named <fake>/<operationId>, or <fake>/<kind of difference> if
// the document has no such operation. Everything else that fails the run follows. Known gaps are
// notes; recordings past the first threshold are warnings.
func SARIF(w io.Writer, d *Document) error {
	run := sarifRun{ColumnKind: "utf16CodeUnits", Results: []sarifResult{},
		Invocations: []sarifInvocation{{true, d.Exit}}}
	run.Tool.Driver = sarifDriver{Name: "mockserver " + d.Command, Version: d.Version, Rules: []sarifRule{}}
	for _, f := range d.findings() {
		run.add(f)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func (r *sarifRun) add(f finding) {
	index := -1
	for n, rule := range r.Tool.Driver.Rules {
		if rule.ID == f.rule {
			index = n
		}
	}
	if index < 0 {
		index = len(r.Tool.Driver.Rules)
		r.Tool.Driver.Rules = append(r.Tool.Driver.Rules,
			sarifRule{f.rule, sarifText{f.about}, sarifText{f.basis}, helpURI(f.basis)})
	}
	var at sarifLocation
	at.Physical.Artifact.URI = uri(f.file)
	at.Physical.Region.StartLine = max(f.line, 1)
	sum := sha256.Sum256([]byte(strings.Join([]string{f.rule, f.file, f.title}, "\x00")))
	r.Results = append(r.Results,
		sarifResult{f.rule, index, f.level, sarifText{f.title + "\n" + strings.Join(f.lines, "\n")},
			[]sarifLocation{at}, map[string]string{"interaction/v1": hex.EncodeToString(sum[:16])}})
}

// aboutReports is the help page of rules without a vendor page.
const aboutReports = "https://github.com/afba07b5/mockserver/blob/main/docs/reports.md"

var webPage = regexp.MustCompile(`https?://[^\s,;<>"]+`)

// helpURI returns the vendor's page in a rule's evidence, or aboutReports.
func helpURI(basis string) string {
	if page := webPage.FindString(basis); page != "" {
		return page
	}
	return aboutReports
}

// uri returns a file's name as a URI reference: relative, or with the scheme file.
func uri(file string) string {
	u := url.URL{Path: file}
	if strings.HasPrefix(file, "/") {
		u.Scheme = "file"
	}
	return strings.TrimPrefix(u.String(), "./")
}

// finding is one result to show in a file.
type finding struct {
	level string // error, warning or note
	rule  string
	about string // the rule, in a sentence
	basis string // the evidence for the rule
	title string
	lines []string
	file  string
	line  int
}

// findings returns everything that fails the run or soon will.
func (d *Document) findings() (all []finding) {
	for _, c := range d.Results {
		if c.Error != "" {
			all = append(all, finding{level: "error", rule: c.Fake + "/error", about: "A case of " + c.Fake +
				" can be replayed.", basis: "A case that cannot be replayed proves nothing.",
				title: c.Name + " could not be replayed", lines: []string{c.Error}, file: c.File, line: c.Line})
		}
		for _, i := range c.Interactions {
			all = append(all, i.finding(c))
		}
	}
	for _, g := range d.ClosedGaps {
		all = append(all, finding{level: "error", rule: "known-gaps/closed", about: "A known gap is one.",
			basis: "The list of known gaps shrinks by itself.",
			title: "known gap is closed; remove it from the list",
			lines: []string{fmt.Sprintf("%s, interaction %d, %s: %s", g.Case, g.Interaction, g.Path, g.Reason)},
			file:  g.File})
	}
	for _, failed := range []bool{true, false} {
		for _, s := range d.stale(failed) {
			all = append(all, finding{level: map[bool]string{true: "error", false: "warning"}[failed],
				rule: s.Fake + "/freshness", about: "Recordings of " + s.Fake + " are not older than the limits.",
				basis: "The limits stand in the file that is named.", title: "recordings of " + s.Fake +
					" are old", lines: []string{s.Text}, file: d.Freshness.File})
		}
	}
	return all
}

func (i Interaction) finding(c Case) finding {
	f := finding{level: "error", title: fmt.Sprintf("%s #%d %s", c.Name, i.Number, cut(i.Request, 200)),
		lines: i.lines(), file: c.File, line: i.Line}
	if i.State == "pending" {
		f.level = "note"
	}
	if i.Operation != "" {
		f.rule, f.about = c.Fake+"/"+i.Operation, i.Operation+" of "+c.Fake+" answers as recorded."
		f.basis = i.Evidence + ": " + i.Source
		return f
	}
	kind, _, _ := strings.Cut(i.Differences[0].Path, " ")
	if strings.HasPrefix(kind, "$") {
		kind = "body"
	}
	f.rule, f.about, f.basis = c.Fake+"/"+kind, "The "+kind+" of an answer of "+c.Fake+" is the recorded one.",
		"The document has no operation for the request."
	return f
}

// cut shortens a long text to about most bytes by removing its middle.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most*2/3], "") + " … " + strings.ToValidUTF8(s[len(s)-most/4:], "")
}
