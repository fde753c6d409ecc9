package ui

import "testing"

// TestExamplesOfTextsAreValid checks the texts that the screen Try it proposes.
func TestExamplesOfTextsAreValid(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		schema data
		want   string
	}{
		{data{}, "text"},
		{data{"format": "date"}, "2026-04-01"},
		{data{"pattern": `^[^@\s]+@[^@\s]+$`}, "ada@example.com"},
		{data{"pattern": `^\d\d:\d\d$`}, "09:00"},
		{data{"minLength": 6.0}, "texttext"},
		{data{"minLength": 10.0, "pattern": "^[a-z]+$"}, "texttexttext"},
		{data{"pattern": `^no sample$`}, "text"},
		{data{"pattern": `(?=x)`}, "text"}, // no expression of Go's
	} {
		if got := exampleText(c.schema); got != c.want {
			t.Errorf("%v: %q, want %q", c.schema, got, c.want)
		}
	}
}
