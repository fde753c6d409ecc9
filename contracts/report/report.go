// Package report writes the result of a run of the contract suite in the forms that people and
// other programs read:
//
//	report.xml     JUnit, for build servers
//	report.sarif   SARIF 2.1.0, for code scanning: results at the line of the recording
//	report.html    one page, without scripts or anything to load
//	report.json    a Document, for other programs
//	github         annotations of a pull request, as workflow commands on the output
//
// All of them are made from a Document.
package report

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
)

// Options holds what a contracts.Report does not know.
type Options struct {
	Command string // verify or drift
	Version string // of mockserver
	Target  string // the server that answered, in words or as a URL
	Root    string // the folder that file names in the report are relative to
}

// Format is a form of a report.
type Format struct {
	Name       string
	Extensions []string // of files in this form
	Write      func(io.Writer, *Document) error
}

// Formats lists all forms of files. If a name matches several extensions, the longest one decides.
var Formats = []Format{
	{"JUnit", []string{".xml"}, JUnit},
	{"SARIF", []string{".sarif", ".sarif.json"}, SARIF},
	{"HTML", []string{".html"}, HTML},
	{"JSON", []string{".json"}, JSON},
}

// ForFile returns the form for a file's name.
func ForFile(name string) (Format, error) {
	var found Format
	longest := 0
	var known []string
	for _, f := range Formats {
		for _, extension := range f.Extensions {
			known = append(known, extension)
			if strings.HasSuffix(name, extension) && len(extension) > longest {
				found, longest = f, len(extension)
			}
		}
	}
	if longest == 0 {
		return found, fmt.Errorf("%s: expected a file that ends in %s, or github for annotations on the output", name,
			strings.Join(known, ", "))
	}
	return found, nil
}

// relative returns a file's name in the report: relative to root, or absolute.
func relative(root, file string) string {
	if root == "" || root == "." {
		return path.Clean(file)
	}
	if below, ok := strings.CutPrefix(path.Clean(file), path.Clean(root)+"/"); ok {
		return below
	}
	return "/" + path.Clean(file)
}

// stateOf returns the state of an interaction.
func stateOf(r *contracts.Result) string {
	switch {
	case len(r.Differences) == 0:
		return "equal"
	case r.Pending():
		return "pending"
	}
	return "different"
}
