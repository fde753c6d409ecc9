package report

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"flag"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
)

const shopDocument = `{"openapi": "3.0.3", "info": {"title": "Shop", "version": "1"}, "paths": {
	"/things": {"get": {"operationId": "listThings", "x-evidence": "documented",
	 "x-source": "https://shop.example/docs?a=1&b=2", "responses": {"200": {"description": ""}}}},
	"/things/{id}": {"get": {"operationId": "getThing", "x-evidence": "inferred", "x-source": "our choice",
		"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
		 "responses": {"200": {"description": ""}}}}}}`

// shop returns a fake with one hostile answer and one rejection.
func shop(t *testing.T) *fake.Def {
	t.Helper()
	spec, err := fake.LoadSpec([]byte(shopDocument))
	if err != nil {
		t.Fatal(err)
	}
	return &fake.Def{Name: "shop", Spec: spec, Hosts: []string{"shop.example"},
		Seeds: fstest.MapFS{"seeds/default.json": {Data: []byte("{}")}, "seeds/empty.json": {Data: []byte("{}")}},
		New: func(*fake.State) fake.Ops {
			return fake.Ops{
				"listThings": func(*fake.Request) (any, error) {
					return []map[string]any{{"name": "</td><script>alert('1')</script>",
						"note": "100%, a: b\r\n::error::x ]]>"}}, nil
				},
				"getThing": func(*fake.Request) (any, error) {
					return nil, &fake.Error{Status: 404, Code: "none", Rule: "the thing is <gone>", Source: "a case"}
				},
			}
		},
		Auth:  func(*fake.Request) error { return nil },
		Error: func(_ *fake.Request, e *fake.Error) any { return map[string]string{"code": e.Code} },
	}
}

// picky skips some cases by name.
type picky struct{ contracts.Target }

func (p picky) World(ctx context.Context, start contracts.Start) (contracts.World, error) {
	switch start.Case {
	case "shop/skipped":
		return nil, &contracts.Skip{Reason: "it <writes>"}
	case "shop/broken":
		return nil, io.ErrUnexpectedEOF
	}
	return p.Target.World(ctx, start)
}

const thing = `{"name": "</td><script>alert('1')</script>", "note": "100%, a: b\r\n::error::x ]]>"}`

// allCases has one case for each kind of finding.
func allCases(t *testing.T) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{
		"work/shop/known-gaps.yaml": {Data: []byte("gaps:\n- {cassette: shop/gap, interaction: 0, path: " +
			"'$[0].name', reason: 'not <ours>'}\n" +
			"- {cassette: shop/fine, interaction: 0, path: status, reason: long ago}\n")},
		"work/shop/freshness.yaml": {Data: []byte("default: {warn: 1, fail: 2}\n")},
	}
	for name, steps := range map[string]string{
		"fine": "- {request: {url: /things}, response: {status: 200, body: [" + thing + "]}}",
		"fails": "- {request: {url: /things}, response: {status: 200, body: [" + thing +
			"]}}\n- request: {url: /things/1}\n  response: {status: 200, body: {name: '<b>lamp</b>'}}",
		"hostile": "- {request: {url: /things}, response: {status: 200, body: [{name: x, note: y}]}}",
		"unknown": "- {request: {url: /nowhere}, response: {status: 200, text: here}}",
		"gap": "- {request: {url: /things}, response: {status: 200, body: [" +
			strings.Replace(thing, "td", "th", 1) + "]}}",
		"skipped": "- {request: {url: /things}, response: {status: 200}}",
		"broken":  "- {request: {url: /things}, response: {status: 200}}",
	} {
		files["work/shop/"+name+"/case.yaml"] =
			&fstest.MapFile{Data: []byte("about: All & sundry.\nsource: documented\n")}
		files["work/shop/"+name+"/steps.yaml"] = &fstest.MapFile{Data: []byte("steps:\n" + steps + "\n")}
	}
	files["work/shop/tape/case.yaml"] =
		&fstest.MapFile{Data: []byte("about: Recorded.\nsource: recorded\nversion: v1\ndate: \"2026-01-02\"\n")}
	files["work/shop/tape/cassette.yaml"] =
		&fstest.MapFile{Data: []byte("version: 2\ninteractions:\n" +
			"- request: {method: GET, url: 'http://shop.example/things/7'}\n" +
			"  response: {status: 404 Not Found, code: 404, headers: {Content-Type: [application/json; " +
			"charset=utf-8]}, body: '{\"code\":\"none\"}'}\n")}
	return files
}

func sample(t *testing.T) *Document {
	t.Helper()
	def := shop(t)
	target, err := contracts.InProcess(def)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := contracts.Load(allCases(t), contracts.Config{Fakes: []string{"shop"}, Defs: []*fake.Def{def}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	found := suite.Replay(context.Background(), picky{target}, nil)
	found.Freshness = suite.Freshness(time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC))
	for _, o := range found.Outcomes {
		o.Took = 0
	}
	return New(found, Options{Command: "verify", Version: "v1.2.3", Target: "the fakes in this binary", Root: "work"})
}

var update = flag.Bool("update", false, "rewrite the files of testdata")

// TestForms compares each form with a golden file, so that a review shows every change.
func TestForms(t *testing.T) {
	t.Parallel()
	doc := sample(t)
	for _, f := range append(Formats[:len(Formats):len(Formats)],
		Format{Name: "GitHub", Extensions: []string{".github"}, Write: GitHub}) {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := f.Write(&got, doc); err != nil {
				t.Fatal(err)
			}
			file := "testdata/report" + f.Extensions[0]
			if *update {
				if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("%s is another (-update writes it):\n%s", file, diff)
			}
		})
	}
}

func write(t *testing.T, f func(io.Writer, *Document) error, d *Document) string {
	t.Helper()
	var b strings.Builder
	if err := f(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAnnotationsStayOnTheirLines(t *testing.T) {
	t.Parallel()
	text := write(t, GitHub, sample(t))
	for line := range strings.Lines(text) {
		properties, message, ok := strings.Cut(strings.TrimPrefix(line, "::"), "::")
		if !ok || !strings.HasPrefix(line, "::error file=") && !strings.HasPrefix(line, "::notice file=") &&
			!strings.HasPrefix(line, "::warning file=") {
			t.Errorf("no command: %q", line)
		}
		if strings.Count(properties, ",") > 2 || strings.Count(properties, ":") > 0 ||
			strings.Contains(strings.ReplaceAll(message, "%0A", ""), "%,") {
			t.Errorf("not escaped: %q", line)
		}
	}
	for _, want := range []string{"file=shop/fails/steps.yaml,line=3,title=shop/fails #1 GET /things/1::",
		"100%25, a: b\\r\\n::error::x", "title=recordings of shop are old"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}

func TestPageEscapesWhatServersSay(t *testing.T) {
	t.Parallel()
	text := write(t, HTML, sample(t))
	if strings.Contains(text, "<script") || strings.Contains(text, "<b>lamp") || strings.Contains(text, "<gone>") ||
		strings.Contains(text, "<writes>") {
		t.Error("a value is not escaped")
	}
	d := xml.NewDecoder(strings.NewReader(strings.NewReplacer("<!doctype html>", "", `<meta charset="utf-8">`, "",
		`initial-scale=1">`, `initial-scale=1"/>`, `light dark">`, `light dark"/>`, "<br>", "<br/>").Replace(text)))
	for {
		if _, err := d.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the tags do not match: %v", err)
		}
	}
}

// TestSARIFHasWhatItMustHave checks requirements of the specification that code scanning does not
// check.
func TestSARIFHasWhatItMustHave(t *testing.T) {
	t.Parallel()
	var log sarifLog
	if err := json.Unmarshal([]byte(write(t, SARIF, sample(t))), &log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 || log.Runs[0].Tool.Driver.Name == "" {
		t.Fatalf("version, runs, tool: %+v", log)
	}
	rules := log.Runs[0].Tool.Driver.Rules
	seen := map[string]bool{}
	for _, r := range log.Runs[0].Results {
		if r.RuleIndex >= len(rules) || rules[r.RuleIndex].ID != r.RuleID || r.Message.Text == "" ||
			len(r.Locations) != 1 {
			t.Errorf("result: %+v", r)
		}
		at := r.Locations[0].Physical
		if at.Region.StartLine < 1 || at.Artifact.URI == "" || strings.HasPrefix(at.Artifact.URI, "/") {
			t.Errorf("location: %+v", at)
		}
		seen[r.RuleID+" "+r.Level] = true
	}
	for _, want := range []string{"shop/getThing error", "shop/listThings error", "shop/listThings note",
		"shop/status error", "shop/error error", "known-gaps/closed error", "shop/freshness error"} {
		if !seen[want] {
			t.Errorf("no result %s in %v", want, seen)
		}
	}
}

func TestJUnitCountsWhatFails(t *testing.T) {
	t.Parallel()
	var suite junitSuite
	if err := xml.Unmarshal([]byte(write(t, JUnit, sample(t))), &suite); err != nil {
		t.Fatal(err)
	}
	if suite.Tests != 10 || suite.Failures != 6 || suite.Skipped != 2 {
		t.Errorf("%d tests, %d failures, %d skipped; want 10, 6, 2", suite.Tests, suite.Failures, suite.Skipped)
	}
}

func TestFormFollowsFromTheName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a.xml": "JUnit", "b/c.sarif": "SARIF", "c.sarif.json": "SARIF",
		"d.html": "HTML", "e.json": "JSON"} {
		if f, err := ForFile(name); err != nil || f.Name != want {
			t.Errorf("%s: %s, %v; want %s", name, f.Name, err, want)
		}
	}
	for _, name := range []string{"report.txt", "report", "xml", ""} {
		if _, err := ForFile(name); err == nil ||
			!strings.Contains(err.Error(), ".xml, .sarif, .sarif.json, .html, .json, or github") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestFilesOutsideTheRootAreAbsolute(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ root, file, want, uri string }{
		{"home/me/repo", "home/me/repo/fixtures/a b/steps.yaml", "fixtures/a b/steps.yaml",
			"fixtures/a%20b/steps.yaml"},
		{"home/me/repo", "tmp/x.yaml", "/tmp/x.yaml", "file:///tmp/x.yaml"},
		{"home/me/repo", "home/me/repository/x.yaml", "/home/me/repository/x.yaml",
			"file:///home/me/repository/x.yaml"},
		{".", "fixtures/x.yaml", "fixtures/x.yaml", "fixtures/x.yaml"},
	} {
		if got := relative(test.root, test.file); got != test.want || uri(got) != test.uri {
			t.Errorf("%s below %s: %s and %s, want %s and %s", test.file, test.root, got, uri(got), test.want, test.uri)
		}
	}
}

// TestFormsOfDrift checks that every form of a three-way comparison names the culprit.
func TestFormsOfDrift(t *testing.T) {
	t.Parallel()
	def := shop(t)
	here, err := contracts.InProcess(def)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := contracts.Load(allCases(t), contracts.Config{Fakes: []string{"shop"}, Defs: []*fake.Def{def}},
		"work/shop/hostile", "work/shop/tape")
	if err != nil {
		t.Fatal(err)
	}
	found := suite.Drift(context.Background(), here, renamed{here}, nil)
	doc := New(found, Options{Command: "drift", Target: "two", Root: "work"})
	if want := (&Moved{Vendor: 1, Recording: 1, Both: 1}); !cmp.Equal(want, doc.Moved) || doc.Exit != 1 {
		t.Errorf("moved %+v, want %+v; exit %d", doc.Moved, want, doc.Exit)
	}
	for _, f := range Formats {
		text := write(t, f.Write, doc)
		for _, want := range []string{"vendor", "recording", "both", "lost"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s does not say %s:\n%s", f.Name, want, text)
			}
		}
	}
}

// renamed is a target whose answers use other words.
type renamed struct{ contracts.Target }

func (r renamed) World(ctx context.Context, start contracts.Start) (contracts.World, error) {
	w, err := r.Target.World(ctx, start)
	return renamedWorld{w}, err
}

type renamedWorld struct{ contracts.World }

func (w renamedWorld) Do(r *http.Request) (*http.Response, error) {
	res, err := w.World.Do(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	body = bytes.ReplaceAll(bytes.ReplaceAll(body, []byte("none"), []byte("lost")), []byte("alert"), []byte("warn"))
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, err
}

// TestSARIFRulesHaveAHelpURI checks that a rule links the vendor's page from its evidence.
func TestSARIFRulesHaveAHelpURI(t *testing.T) {
	t.Parallel()
	for basis, want := range map[string]string{
		"documented: https://shop.example/docs?a=1&b=2, 2026-08-18": "https://shop.example/docs?a=1&b=2",
		"inferred: our choice": aboutReports,
	} {
		if got := helpURI(basis); got != want {
			t.Errorf("%s: %s, want %s", basis, got, want)
		}
	}
}

// TestThePageFiltersByFake checks that each of several fakes has its own button and style rule.
func TestThePageFiltersByFake(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	d := &Document{
		Fakes:   []Fake{{Name: "one"}, {Name: "two"}},
		Results: []Case{{Name: "two/x", Fake: "two", State: "passed"}},
	}
	if err := HTML(&page, d); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`id="only-1"> two</label>`,
		`body:has(#only-1:checked) [data-fake]:not([data-fake="f1"])`, `<li data-fake="f1">two/x`} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%s is not in the page", want)
		}
	}
}

// TestThePageShowsWholeMessages checks that the page has the request and both answers, redacted.
func TestThePageShowsWholeMessages(t *testing.T) {
	t.Parallel()
	var page bytes.Buffer
	if err := HTML(&page, sample(t)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<h5>Request</h5>\n<pre>GET /things/1", "<h5>Recorded answer</h5>\n<pre>200 OK",
		"<h5>Answer</h5>\n<pre>404 Not Found"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if got := printable("a\x1b]0;x\x07\r\n\u009b"); got != "a\u241b]0;x\u2407\n\uFFFD" {
		t.Errorf("%q", got)
	}
}
