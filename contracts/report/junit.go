package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

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
	File    string    `xml:"file,attr,omitempty"`
	Seconds string    `xml:"time,attr"`
	Failure *junitSay `xml:"failure,omitempty"`
	Skipped *junitSay `xml:"skipped,omitempty"`
}

type junitSay struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// JUnit writes the report as JUnit XML: a test for each case and one for each other finding that
// fails the run. Known gaps count as skipped.
func JUnit(w io.Writer, d *Document) error {
	suite := junitSuite{Name: "mockserver " + d.Command}
	for _, c := range d.Results {
		suite.Cases = append(suite.Cases, junitOf(c))
	}
	for _, g := range d.ClosedGaps {
		suite.Cases = append(suite.Cases,
			junitFailure("known gaps", g.Case+" "+g.Path, "the known gap is closed: remove it from the list"))
	}
	for _, s := range d.stale(true) {
		suite.Cases = append(suite.Cases, junitFailure("freshness", s.Fake+" "+s.Date, s.Text))
	}
	suite.Tests = len(suite.Cases)
	for _, c := range suite.Cases {
		if c.Failure != nil {
			suite.Failures++
		} else if c.Skipped != nil {
			suite.Skipped++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	return e.Encode(suite)
}

func junitFailure(class, name, message string) junitCase {
	return junitCase{Class: class, Name: name, Seconds: "0.000", Failure: &junitSay{Message: message}}
}

func junitOf(c Case) junitCase {
	out := junitCase{Class: c.Fake, Name: c.Name, File: c.File, Seconds: fmt.Sprintf("%.3f", c.Seconds)}
	switch c.State {
	case "failed":
		out.Failure = &junitSay{"answers differ from the recording", c.text()}
	case "skipped":
		out.Skipped = &junitSay{Message: c.Skipped}
	case "pending":
		out.Skipped = &junitSay{"known gaps", c.text()}
	}
	return out
}

// text returns all differences of a case, one per line.
func (c Case) text() string {
	var b strings.Builder
	if c.Error != "" {
		fmt.Fprintf(&b, "error: %s\n", c.Error)
	}
	for _, i := range c.Interactions {
		fmt.Fprintf(&b, "#%d %s  (%s:%d)\n", i.Number, i.Request, c.File, i.Line)
		for _, line := range i.lines() {
			fmt.Fprintf(&b, "    %s\n", line)
		}
	}
	return b.String()
}

// lines returns the differences of an interaction and the evidence for the fake's answer.
func (i Interaction) lines() (lines []string) {
	for _, d := range i.Differences {
		lines = append(lines, d.text)
	}
	return append(lines, i.basis...)
}
