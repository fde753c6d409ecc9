package report

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"short": func(s string) string { return cut(s, 4000) },
	"plural": func(n int, one, many string) string {
		if n == 1 {
			return one
		}
		return many
	},
}).Parse(pageText))

// HTML writes the report as one page that needs no script and loads nothing. Values are cut after 4,000 bytes;
// the JSON report has them whole.
func HTML(w io.Writer, d *Document) error { return page.Execute(w, d) }

// Verdict is the exit code in words.
func (d *Document) Verdict() string {
	switch {
	case d.Exit == 0:
		return "All is as recorded."
	case d.Exit == 3:
		return "Nothing answered."
	case d.Exit == 4:
		return "Nothing was compared."
	case d.Command == "drift":
		return "Something has moved."
	}
	return "The run failed."
}

// FakeClass names a fake in the page, whatever its name is.
func (d *Document) FakeClass(name string) string {
	return fmt.Sprint("f", slices.IndexFunc(d.Fakes, func(f Fake) bool { return f.Name == name }))
}

// Different are the cases that have something to show, and Skipped those that were not replayed.
func (d *Document) Different() []Case {
	return d.inState(func(c Case) bool { return c.State == "failed" || c.State == "pending" })
}

// Skipped are the cases that were not replayed.
func (d *Document) Skipped() []Case {
	return d.inState(func(c Case) bool { return c.State == "skipped" })
}

// Passed are the cases that are as recorded.
func (d *Document) Passed() []Case {
	return d.inState(func(c Case) bool { return c.State == "passed" })
}

func (d *Document) inState(is func(Case) bool) (found []Case) {
	for _, c := range d.Results {
		if is(c) {
			found = append(found, c)
		}
	}
	return found
}
