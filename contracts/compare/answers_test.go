package compare

import (
	"cmp"
	"net/http"
	"strings"
	"testing"
)

// Headers that a rule promises are compared though the recording lacks them; of a real service only
// where it sends them.
func TestHeadersThatAllAnswersHave(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, `answers:
  - {about: a page, request: '^GET /pages', unless: raw, type: charset, body: '.',
     headers: {Etag: '{weak tag}', X-Left: '^\d+$'}, why: a test}
redactions: [{text: REDACTED, keeps: "", spans: word}]
`)
	const page = `{"page":1}`
	whole := http.Header{"Etag": {WeakTag(page)}, "X-Left": {"7"}}
	with := func(name, value string) http.Header {
		h := whole.Clone()
		if h.Set(name, value); value == "" {
			h.Del(name)
		}
		return h
	}
	for _, test := range []struct {
		name, url, body string
		rec, got        http.Header
		live            bool
		want            string
	}{
		{name: "as the rule says", got: whole},
		{name: "and so is the recording", rec: whole, got: whole},
		{name: "the tag of another body", got: with("Etag", WeakTag("x")), want: "header Etag"},
		{name: "no tag", got: with("Etag", ""), want: "header Etag"},
		{name: "no tag of a real service", got: with("Etag", ""), live: true},
		{name: "another form", got: with("X-Left", "7x"), want: "header X-Left"},
		{name: "a recorded tag of another body", rec: with("Etag", WeakTag("x")), got: whole,
			want: "the recorded header is not what the rule says"},
		{name: "a recorded tag of a body that was redacted", body: `{"page":"REDACTED"}`,
			rec: with("Etag", WeakTag("x")), got: whole},
		{name: "another request", url: "/books", got: http.Header{}},
		{name: "a request that the rule leaves out", url: "/pages?raw", got: http.Header{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			i := &Interaction{Method: "GET", URL: "http://shop.example" + cmp.Or(test.url, "/pages"),
				Result: cmp.Or(test.body, page), Answer: http.Header{"Content-Type": {"a; charset=b"}}}
			for name, values := range test.rec {
				i.Answer[name] = values
			}
			c := &Comparison{Binding: NewBinding("2026-11-28"), Rules: rules}
			c.Binding.Live = test.live
			c.always = rules.Apply(i).always
			c.compareAlways(i, &Answer{Header: test.got, Body: page})
			found := ""
			for _, d := range c.Found {
				found += d.String()
			}
			if test.want == "" && found != "" || !strings.Contains(found, test.want) {
				t.Errorf("got %q, want %q", found, test.want)
			}
		})
	}
}
