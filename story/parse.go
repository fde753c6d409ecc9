package story

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/afba07b5/mockserver/fake/nearest"
	"github.com/afba07b5/mockserver/safeyaml"
)

// FileError is an error at a place of a story's file.
type FileError struct {
	File string
	Line int    // 0 if it concerns the file as a whole
	Path string // like $.steps[2].do
	Text string
}

func (e *FileError) Error() string {
	place := e.File
	if e.Line > 0 {
		place += fmt.Sprintf(":%d", e.Line)
	}
	if e.Path != "" && e.Path != "$" {
		return fmt.Sprintf("%s: %s: %s", place, strings.TrimPrefix(e.Path, "$."), e.Text)
	}
	return place + ": " + e.Text
}

// Parse reads a story and checks its form, and its names if catalog is not nil. The error joins a *FileError for each
// fault, in the order of the lines.
func Parse(file string, text []byte, catalog *Catalog) (*Story, error) {
	text = safeyaml.TrimBOM(text)
	asJSON, err := safeyaml.ToJSON(context.Background(), text)
	if err != nil {
		return nil, &FileError{File: file, Text: strings.Join(strings.Fields(err.Error()), " ")}
	}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		return nil, &FileError{File: file, Text: strings.Join(strings.Fields(err.Error()), " ")}
	}
	p := &parsing{file: file, tree: tree, catalog: catalog}
	var raw any
	json.Unmarshal(asJSON, &raw) // ToJSON wrote it
	p.checkType(raw, reflect.TypeFor[Story](), "$")
	if len(p.errs) > 0 {
		return nil, p.err()
	}
	s := &Story{Source: file}
	if err := json.Unmarshal(asJSON, s); err != nil {
		return nil, &FileError{File: file, Text: err.Error()}
	}
	p.checkStory(s)
	if len(p.errs) > 0 {
		return nil, p.err()
	}
	return s, nil
}

// parsing collects the errors of one file.
type parsing struct {
	file    string
	tree    *ast.File
	catalog *Catalog
	errs    []*FileError
}

func (p *parsing) fail(path, format string, args ...any) {
	p.errs = append(p.errs, &FileError{p.file, p.line(path), path, fmt.Sprintf(format, args...)})
}

func (p *parsing) err() error {
	slices.SortStableFunc(p.errs, func(a, b *FileError) int { return a.Line - b.Line })
	errs := make([]error, len(p.errs))
	for i, e := range p.errs {
		errs[i] = e
	}
	return errors.Join(errs...)
}

// line returns the line of a path, or of the nearest value around it that the file has.
func (p *parsing) line(path string) int {
	for path != "$" {
		if at, err := yaml.PathString(path); err == nil {
			if node, err := at.FilterFile(p.tree); err == nil && node != nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 1)]
	}
	return 1
}

// checkType reports keys that a type does not have, keys that it must have, and values of another kind.
func (p *parsing) checkType(v any, t reflect.Type, path string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch t.Kind() {
	case reflect.Struct:
		p.checkStruct(v, t, path)
	case reflect.Slice:
		items, ok := v.([]any)
		if !ok {
			p.fail(path, "expected a list")
		}
		for i, item := range items {
			p.checkType(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		object, ok := v.(map[string]any)
		if !ok {
			p.fail(path, "expected names with values")
		}
		for key, item := range object {
			p.checkType(item, t.Elem(), path+"."+key)
		}
	case reflect.String:
		if _, ok := v.(string); !ok {
			p.fail(path, "expected a text%s", quoteHint(v))
		}
	case reflect.Bool:
		if _, ok := v.(bool); !ok {
			p.fail(path, "expected true or false")
		}
	case reflect.Int:
		if n, ok := v.(float64); !ok || n != float64(int(n)) {
			p.fail(path, "expected a whole number")
		}
	}
}

func quoteHint(v any) string {
	switch v.(type) {
	case float64, bool:
		return "; put it in quotes"
	}
	return ""
}

func (p *parsing) checkStruct(v any, t reflect.Type, path string) {
	object, ok := v.(map[string]any)
	if !ok {
		p.fail(path, "expected an object with %s", strings.Join(keysOf(t), ", "))
		return
	}
	known := keysOf(t)
	for key := range object {
		if !slices.Contains(known, key) {
			p.fail(path+"."+key, "unknown key %q%s; keys: %s", key, nearest.Hint(key, known), strings.Join(known, ", "))
		}
	}
	for f := range t.Fields() {
		key, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		value, given := object[key]
		switch {
		case given:
			p.checkType(value, f.Type, path+"."+key)
		case key != "-" && options == "":
			p.fail(path, "%s is missing", key)
		}
	}
}

func keysOf(t reflect.Type) (keys []string) {
	for f := range t.Fields() {
		if key, _, _ := strings.Cut(f.Tag.Get("json"), ","); key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}

// dashedName is the form of names of stories, steps and saved values.
var dashedName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

var savedName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// builtIn are the values that every run has.
var builtIn = []string{"hook", "now", "today", "world"}

func (p *parsing) checkStory(s *Story) {
	if !dashedName.MatchString(s.Name) {
		p.fail("$.name", "%q is no name: lower-case letters, digits and dashes, a letter first", s.Name)
	}
	if _, err := time.Parse(time.RFC3339, s.Clock); s.Clock != "" && err != nil {
		p.fail("$.clock", "%q is no time; expected like 2026-11-30T09:00:00Z", s.Clock)
	}
	for fake, seed := range s.Seed {
		p.checkName("$.seed."+fake, "fake", fake, p.catalog.names())
		if f := p.catalog.fake(fake); f != nil {
			p.checkName("$.seed."+fake, "seed", seed, f.Seeds)
		}
	}
	if len(s.Steps) == 0 {
		p.fail("$.steps", "a story has at least one step")
	}
	known, steps := slices.Clone(builtIn), map[string]bool{}
	for i, step := range s.Steps {
		path := fmt.Sprintf("$.steps[%d]", i)
		switch {
		case !dashedName.MatchString(step.Name):
			p.fail(path+".name", "%q is no name: lower-case letters, digits and dashes, a letter first", step.Name)
		case steps[step.Name]:
			p.fail(path+".name", "an earlier step is called %s", step.Name)
		}
		steps[step.Name] = true
		known = p.checkStep(path, step, known)
	}
}

// checkStep checks a step and returns the values that the next one knows.
func (p *parsing) checkStep(path string, s Step, known []string) []string {
	if s.When == nil && s.Do == nil {
		p.fail(path, "the step neither waits nor acts; give it when, do or both")
	}
	if s.When != nil {
		p.one(path+".when", *s.When)
		p.checkWhen(path+".when", *s.When, known)
	}
	got := []string{}
	if s.When != nil {
		got = append(got, s.When.gives()...)
	}
	within := append(slices.Clone(known), got...)
	if s.Do != nil {
		p.one(path+".do", *s.Do)
		p.checkDo(path+".do", *s.Do, within)
		if s.Do.Request != nil {
			got = append(got, "answer", "status")
		}
	}
	for name, from := range s.Save {
		at := path + ".save." + name
		if !savedName.MatchString(name) || slices.Contains(builtIn, name) {
			p.fail(at, "%q is no name for a value: letters, digits and underscores, none of %s", name,
				strings.Join(builtIn, ", "))
		}
		p.checkPath(at, from, got)
		known = append(known, name)
	}
	return known
}

// gives returns the names of what a step gets when the condition holds.
func (w When) gives() []string {
	switch {
	case w.Webhook != nil:
		return []string{"event"}
	case w.Row != nil && !w.Row.Absent:
		return []string{"row"}
	case w.Request != nil:
		return []string{"request"}
	}
	return nil
}

// one reports a struct of which not exactly one field is set.
func (p *parsing) one(path string, v any) {
	set, names := 0, keysOf(reflect.TypeOf(v))
	for _, f := range reflect.ValueOf(v).Fields() {
		if !f.IsZero() {
			set++
		}
	}
	if set != 1 {
		p.fail(path, "expected exactly one of %s, and there are %d", strings.Join(names, ", "), set)
	}
}

func (p *parsing) checkWhen(path string, w When, known []string) {
	switch {
	case w.Webhook != nil:
		p.checkFake(path+".webhook", w.Webhook.Fake)
		p.checkWhere(path+".webhook.where", w.Webhook.Where, known)
	case w.Row != nil:
		if f := p.checkFake(path+".row", w.Row.Fake); f != nil {
			p.checkName(path+".row.table", "table", w.Row.Table, f.Tables)
		}
		p.checkWhere(path+".row.where", w.Row.Where, known)
		p.checkDuration(path+".row.within", w.Row.Within)
	case w.Request != nil:
		if f := p.checkFake(path+".request", w.Request.Fake); f != nil {
			p.checkName(path+".request.operation", "operation", w.Request.Operation, f.operationIDs())
		}
	default:
		p.checkDuration(path+".after", w.After)
	}
}

func (p *parsing) checkDo(path string, d Do, known []string) {
	switch {
	case d.Request != nil:
		p.checkCall(path+".request", *d.Request, known)
	case d.Fault != nil:
		p.checkFault(path+".fault", *d.Fault)
	case d.Rows != nil:
		if f := p.checkFake(path+".rows", d.Rows.Fake); f != nil {
			p.checkName(path+".rows.table", "table", d.Rows.Table, f.Tables)
		}
		for i, row := range d.Rows.Add {
			p.checkTemplates(fmt.Sprintf("%s.rows.add[%d]", path, i), row, known)
		}
	default:
		p.checkDuration(path+".advance", d.Advance)
	}
}

var call = regexp.MustCompile(`^(GET|POST|PUT|PATCH|DELETE) /\S*$`)

func (p *parsing) checkCall(path string, c Call, known []string) {
	f := p.checkFake(path, c.Fake)
	plain := placeholder.ReplaceAllString(c.Call, "_")
	switch {
	case !call.MatchString(plain):
		p.fail(path+".call", "%q: expected method and path, like POST /v1/tickets", c.Call)
	case f != nil:
		if hint := f.unknownCall(plain); hint != "" {
			p.fail(path+".call", "%s", hint)
		}
	}
	if f != nil && c.As != "" {
		p.checkName(path+".as", "principal", c.As, f.Principals)
	}
	p.checkTemplates(path+".call", c.Call, known)
	for name, value := range c.Header {
		p.checkTemplates(path+".header."+name, value, known)
	}
	p.checkTemplates(path+".body", c.Body, known)
	p.checkWhere(path+".expect", c.Expect, known)
	if c.Status != 0 && (c.Status < 200 || c.Status > 599) {
		p.fail(path+".status", "%d: expected 200 to 599", c.Status)
	}
}

func (p *parsing) checkFault(path string, f Fault) {
	if (f.Name == "") == (f.Status == 0) {
		p.fail(path, "expected either name, a failure of the vendor's, or status")
	}
	if known := p.checkFake(path, f.Fake); known != nil {
		if f.Name != "" {
			p.checkName(path+".name", "fault", f.Name, known.Faults)
		}
		if f.Operation != "" {
			p.checkName(path+".operation", "operation", f.Operation, known.operationIDs())
		}
	}
	if f.Times < 0 || f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		p.fail(path, "times is not negative, and a status is 200 to 599")
	}
}

func (p *parsing) checkFake(path, fake string) *Fake {
	p.checkName(path+".fake", "fake", fake, p.catalog.names())
	return p.catalog.fake(fake)
}

// checkName reports a name that is not among the known ones. Without known ones it reports nothing.
func (p *parsing) checkName(path, kind, word string, known []string) {
	if len(known) > 0 && !slices.Contains(known, word) {
		p.fail(path, "no %s %q%s; %ss: %s", kind, word, nearest.Hint(word, known), kind, few(known))
	}
}

// few lists names, at most twenty of them.
func few(names []string) string {
	if len(names) > 20 {
		return strings.Join(names[:20], ", ") + fmt.Sprintf(" and %d more", len(names)-20)
	}
	return strings.Join(names, ", ")
}

func (p *parsing) checkDuration(path, text string) {
	if d, err := time.ParseDuration(text); text != "" && (err != nil || d <= 0) {
		p.fail(path, "duration %q: expected like 90s, 15m, 48h", text)
	}
}

func (p *parsing) checkWhere(path string, where map[string]any, known []string) {
	for at, value := range where {
		if _, err := parsePath(at); err != nil {
			p.fail(path, "path %q: %v", at, err)
		}
		p.checkTemplates(path, value, known)
	}
}

// checkPath reports a path that is no JSONPath, or that does not begin with a known name.
func (p *parsing) checkPath(at, text string, known []string) {
	path, err := parsePath(text)
	if err != nil {
		p.fail(at, "path %q: %v", text, err)
		return
	}
	if first := root(path); !slices.Contains(known, first) {
		p.fail(at, "%q: the step gets no %q%s; it gets: %s", text, first, nearest.Hint(first, known),
			strings.Join(known, ", "))
	}
}

// checkTemplates reports placeholders of values that no earlier step saves.
func (p *parsing) checkTemplates(at string, v any, known []string) {
	switch v := v.(type) {
	case string:
		for _, found := range placeholder.FindAllStringSubmatch(v, -1) {
			path, err := parsePath(found[1])
			if err != nil {
				p.fail(at, "{{%s}}: %v", found[1], err)
			} else if first := root(path); !slices.Contains(known, first) {
				p.fail(at, "{{%s}}: no earlier step saves %q%s; values: %s", found[1], first,
					nearest.Hint(first, known), strings.Join(known, ", "))
			}
		}
	case []any:
		for i, item := range v {
			p.checkTemplates(fmt.Sprintf("%s[%d]", at, i), item, known)
		}
	case map[string]any:
		for key, item := range v {
			p.checkTemplates(at+"."+key, item, known)
		}
	}
}
