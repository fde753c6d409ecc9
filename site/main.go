// Command site writes the documentation as static pages: go run . ../dist/site, in this folder. It is a module of its
// own, so that the Markdown library is no dependency of mockserver.
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"html/template"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
)

//go:embed page.html
var layout string

var pageTemplate = template.Must(template.New("page").Parse(layout))

// page is one page of the site.
type page struct {
	Source, File, Title string
	Body                template.HTML
	Pages               []*page
}

func main() {
	out := "../dist/site"
	if len(os.Args) > 1 {
		out = os.Args[1]
	}
	if err := write("..", out); err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
}

// write writes the pages of the repository at root into a folder.
func write(root, out string) error {
	sources, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		return err
	}
	for _, name := range []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "examples/README.md"} {
		sources = append(sources, filepath.Join(root, filepath.FromSlash(name)))
	}
	var pages []*page
	for _, source := range sources {
		one, err := render(root, source)
		if err != nil {
			return fmt.Errorf("%s: %w", source, err)
		}
		pages = append(pages, one)
	}
	slices.SortFunc(pages, func(a, b *page) int { return strings.Compare(a.File, b.File) })
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	for _, one := range pages {
		one.Pages = pages
		var text bytes.Buffer
		if err := pageTemplate.Execute(&text, one); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(out, one.File), text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return errors.Join(copyImages(root, out), checkLinks(out))
}

var markdown = goldmark.New(goldmark.WithExtensions(extension.GFM),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()))

// fileOf returns the name of the page of a Markdown file: docs/control.md is control.html, README.md index.html.
func fileOf(source string) string {
	name := strings.TrimSuffix(filepath.Base(source), ".md")
	switch {
	case filepath.ToSlash(source) == "examples/README.md":
		name = "examples"
	case name == "README":
		name = "index"
	}
	return strings.ToLower(name) + ".html"
}

var heading = regexp.MustCompile(`(?m)^# (.+)$`)

func render(root, source string) (*page, error) {
	text, err := os.ReadFile(source)
	if err != nil {
		return nil, err
	}
	relative, err := filepath.Rel(root, source)
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := markdown.Convert(text, &body); err != nil {
		return nil, err
	}
	title := relative
	if m := heading.FindSubmatch(text); m != nil {
		title = string(m[1])
	}
	return &page{Source: relative, File: fileOf(relative), Title: title,
		Body: template.HTML(rewriteLinks(relative, body.String()))}, nil
}

var reference = regexp.MustCompile(`(href|src)="([^":#]+)(#[^"]*)?"`)

const repository = "https://github.com/afba07b5/mockserver/blob/main/"

// rewriteLinks points links to pages at their pages, those to images in the same folder, and those
// to other files at the repository.
func rewriteLinks(source, body string) string {
	return reference.ReplaceAllStringFunc(body, func(found string) string {
		m := reference.FindStringSubmatch(found)
		target := filepath.ToSlash(filepath.Join(filepath.Dir(source), m[2]))
		switch {
		case strings.HasSuffix(target, ".md") && (slices.Contains([]string{".", "docs"}, path.Dir(target)) ||
			target == "examples/README.md"):
			target = fileOf(target)
		case strings.HasSuffix(target, ".png"):
			target = filepath.Base(target)
		default:
			target = repository + target
		}
		return fmt.Sprintf("%s=%q", m[1], target+m[3])
	})
}

func copyImages(root, out string) error {
	images, err := filepath.Glob(filepath.Join(root, "docs", "*.png"))
	for _, image := range images {
		text, wrong := os.ReadFile(image)
		if wrong == nil {
			wrong = os.WriteFile(filepath.Join(out, filepath.Base(image)), text, 0o644)
		}
		err = errors.Join(err, wrong)
	}
	return err
}

var identifier = regexp.MustCompile(` id="([^"]+)"`)

// checkLinks demands that every link between pages has its page and its heading.
func checkLinks(out string) error {
	files, err := filepath.Glob(filepath.Join(out, "*.html"))
	if err != nil {
		return err
	}
	texts, targets := map[string]string{}, map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		name := filepath.Base(file)
		texts[name], targets[name] = string(text), true
		for _, m := range identifier.FindAllStringSubmatch(string(text), -1) {
			targets[name+"#"+m[1]] = true
		}
	}
	var wrong []error
	for name, text := range texts {
		for _, m := range reference.FindAllStringSubmatch(text, -1) {
			if strings.HasSuffix(m[2], ".html") && !targets[m[2]+m[3]] {
				wrong = append(wrong, fmt.Errorf("%s links to %s%s, which is not there", name, m[2], m[3]))
			}
		}
	}
	return errors.Join(wrong...)
}
