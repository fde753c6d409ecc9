// Package report writes what a run of the contract suite showed in the forms that people and other programs
// read:
//
//	report.xml     JUnit, for build servers
//	report.sarif   SARIF 2.1.0, for code scanning: results at the line of the recording
//	report.html    one page, without scripts or anything to load
//	report.json    a Document, for programs of one's own
//	github         annotations of a pull request, as workflow commands on the output
//
// All of them are made of a Document.
package report

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
)

// Options say what a report cannot know by itself.
type Options struct {
	Command string // verify or drift
	Version string // of mockserver
	Target  string // what answered, in words or as a URL
	Root    string // the folder that file names in the report are relative to, as the file system of the suite has it
}

// Format is a form of a report.
type Format struct {
	Name       string
	Extensions []string // of files in this form
	Write      func(io.Writer, *Document) error
}

// Formats are all forms of files. A name that ends in the longer of two extensions is of that form.
var Formats = []Format{
	{"JUnit", []string{".xml"}, JUnit},
	{"SARIF", []string{".sarif", ".sarif.json"}, SARIF},
	{"HTML", []string{".html"}, HTML},
	{"JSON", []string{".json"}, JSON},
}

// ForFile returns the form that a file's name asks for.
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
		return found, fmt.Errorf("%s: expected a file that ends in %s, or github for annotations on the output", name, strings.Join(known, ", "))
	}
	return found, nil
}

// relative returns a file's name as the report has it: below root, or absolute.
func relative(root, file string) string {
	if root == "" || root == "." {
		return path.Clean(file)
	}
	if below, ok := strings.CutPrefix(path.Clean(file), path.Clean(root)+"/"); ok {
		return below
	}
	return "/" + path.Clean(file)
}

// stateOf is how an interaction came off.
func stateOf(r *contracts.Result) string {
	switch {
	case len(r.Differences) == 0:
		return "equal"
	case r.Pending():
		return "pending"
	}
	return "different"
}
