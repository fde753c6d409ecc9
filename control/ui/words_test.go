package ui

import (
	"io/fs"
	"regexp"
	"testing"
)

var translated = regexp.MustCompile(`t "((?:[^"\\]|\\.)*)"`)

// TestEveryWordIsInJapanese reads the templates and the names of the screens.
func TestEveryWordIsInJapanese(t *testing.T) {
	t.Parallel()
	words := map[string]bool{"recorded": true, "documented": true, "inferred": true, "done": true,
		"ready": true, "waiting": true, "failed": true} // evidence, and the states of stories
	for _, s := range navigation() {
		words[s.Title] = true
	}
	for _, name := range filters[4:] {
		words[name] = true
	}
	names, err := fs.Glob(files, "templates/*.html")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d templates: %v", len(names), err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range translated.FindAllSubmatch(text, -1) {
			words[string(m[1])] = true
		}
	}
	for word := range words {
		if japanese[word] == "" {
			t.Errorf("%q has no Japanese", word)
		}
	}
	for word := range japanese {
		if !words[word] && word != "stub" {
			t.Errorf("%q is on no page", word)
		}
	}
}

func TestSourcesBecomeLinksOfTheWebOnly(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"developer.kickflow.com/rest#section/rate-limit": "https://developer.kickflow.com/rest#section/rate-limit",
		"support.flex-crm.com/api.html, table":           "https://support.flex-crm.com/api.html",
		"https://twenty.com/developers":                  "https://twenty.com/developers",
		"fixtures/twenty/rest_companies_crud":            "",
		"the vendor declares no 401":                     "",
		"javascript:alert(1)//a.b/c":                     "",
		"a guess":                                        "",
	} {
		if got := evidenceLink(source); got != want {
			t.Errorf("%q links to %q, want %q", source, got, want)
		}
	}
}
