package report

import (
	"crypto/rand"
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/redact"
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

// HTML writes the report as one page without scripts or external resources. It truncates values to
// 4,000 bytes; the JSON report has them whole.
func HTML(w io.Writer, d *Document) error { return page.Execute(w, d) }

// Verdict returns the exit code in words.
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

// shownMessage is a request or an answer on the page.
type shownMessage struct{ Title, Text string }

// longestMessage bounds a message on the page, in bytes.
const longestMessage = 64 << 10

// shownOf returns the messages of an interaction that differs. It redacts those of the target,
// which may be the real service; recordings contain no secrets.
func shownOf(r *contracts.Result) (all []shownMessage) {
	request, recorded, answer := r.Messages()
	if request == nil {
		return nil
	}
	secrets := redact.New(pageKey(), nil)
	secrets.LearnMessage(answer.Header, []byte(answer.Body))
	clean := contracts.Message{Line: answer.Line, Header: secrets.ReplaceHeader(answer.Header),
		Body: secrets.ReplaceBody(answer.Header, []byte(answer.Body))}
	for _, m := range []shownMessage{{"Request", request.String()}, {"Recorded answer", recorded.String()},
		{"Answer", clean.String()}} {
		m.Text = printable(cut(m.Text, longestMessage))
		all = append(all, m)
	}
	return all
}

// pageKey returns a random key for pseudonyms.
func pageKey() []byte {
	key := make([]byte, 32)
	rand.Read(key) // never fails
	return key
}

// printable replaces control characters by visible symbols.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case r == '\r':
			return -1
		case r < ' ':
			return '\u2400' + r // the picture of the character
		case r == 0x7f || r >= 0x80 && r < 0xa0:
			return '\uFFFD'
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// Messages returns the request and the whole answers, for the page.
func (i Interaction) Messages() []shownMessage { return i.messages }

// FakeClass returns the CSS class of a fake, which does not depend on its name.
func (d *Document) FakeClass(name string) string {
	return fmt.Sprint("f", slices.IndexFunc(d.Fakes, func(f Fake) bool { return f.Name == name }))
}

// Different returns the cases with something to show.
func (d *Document) Different() []Case {
	return d.inState(func(c Case) bool { return c.State == "failed" || c.State == "pending" })
}

// Skipped returns the cases that were not replayed.
func (d *Document) Skipped() []Case {
	return d.inState(func(c Case) bool { return c.State == "skipped" })
}

// Passed returns the cases that match their recordings.
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
