package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSite writes the site of this repository; write checks the links between its pages.
func TestSite(t *testing.T) {
	out := t.TempDir()
	if err := write("..", out); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(out, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	for _, wanted := range []string{`<a href="install.html">install</a>`, `<a href="kickflow.html">`, "<table>",
		repository + "LICENSE"} {
		if !strings.Contains(string(text), wanted) {
			t.Errorf("index.html lacks %s", wanted)
		}
	}
}

func TestLinksOfAPage(t *testing.T) {
	for link, want := range map[string]string{
		"control.md#worlds":           "control.html#worlds",
		"../README.md":                "index.html",
		"../examples/README.md":       "examples.html",
		"see-rows.png":                "see-rows.png",
		"../examples/go":              repository + "examples/go",
		"https://example.com/page.md": "https://example.com/page.md",
		"examples/contracts.yml":      repository + "docs/examples/contracts.yml",
	} {
		if got := rewriteLinks("docs/page.md", `<a href="`+link+`">`); got != `<a href="`+want+`">` {
			t.Errorf("%s: %s", link, got)
		}
	}
}
