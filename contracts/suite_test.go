package contracts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
)

// shop is a small server with generated ids and numbers: POST /things creates one, GET /things/{id}
// returns it.
type shop struct {
	things []string
	moved  time.Duration
	down   bool
}

func (s *shop) World(context.Context, Start) (World, error) {
	if s.down {
		return nil, fmt.Errorf("%w: nobody there", ErrUnreachable)
	}
	return &shop{}, nil
}
func (s *shop) Base(host string) string       { return "http://shop.example" + host }
func (s *shop) Literals() ([]byte, error)     { return nil, nil }
func (s *shop) Now() (time.Time, error)       { return time.Now(), nil }
func (s *shop) Advance(d time.Duration) error { s.moved += d; return nil }
func (s *shop) Close() error                  { return nil }
func (s *shop) Credential(principal, state string) (fake.Credential, error) {
	return find([]fake.Credential{{Principal: "boss", State: "valid", Value: "key-of-boss", Secret: "hush"}},
		principal, state)
}

func (s *shop) Do(r *http.Request) (*http.Response, error) {
	status, answer := http.StatusOK, any(nil)
	id := func(n int) string { return fmt.Sprintf("%08x-0000-4000-8000-000000000000", n) }
	switch {
	case !slices.Contains([]string{"Bearer key-of-boss", "Basic a2V5LW9mLWJvc3M6aHVzaA=="},
		r.Header.Get("Authorization")):
		status, answer = http.StatusUnauthorized, map[string]any{"error": "who?"}
	case r.Method == http.MethodPost:
		var thing struct{ Name string }
		if err := json.NewDecoder(r.Body).Decode(&thing); err != nil {
			return nil, err
		}
		s.things = append(s.things, thing.Name)
		status = http.StatusCreated
		answer = map[string]any{"id": id(len(s.things)), "number": len(s.things), "name": thing.Name,
			"made": time.Now().Add(s.moved).UTC().Format("2006-01-02T15:04:05.000Z")}
	default:
		status, answer = http.StatusNotFound, map[string]any{"error": "no " + r.URL.Path}
		for n, name := range s.things {
			if r.URL.Path == "/things/"+id(n+1) {
				status, answer = http.StatusOK, map[string]any{"name": name, "self": "http://shop.example" + r.URL.Path}
			}
		}
	}
	body, err := json.Marshal(answer)
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(bytes.NewReader(body))}, err
}

const shopInfo = "about: A thing can be found.\nsource: inferred\n"

const shopSteps = `
headers: {Authorization: "Bearer {{credential:boss}}"}
steps:
  - request: {method: POST, url: /things, body: {Name: lamp}}
    response:
      status: 201
      headers: {Content-Type: application/json, Link: null}
      body: {name: lamp, id: "{{lamp:uuid}}", number: "{{no:number}}", made: "{{made:time3}}"}
  - advance: 61s
  - request: {url: "/things/{{lamp}}"}
    repeat: 2
    response: {status: 200, body: {name: lamp, self: "{{base}}/things/{{lamp}}"}}
`

// timedThing creates a thing whose name is a time.
const timedThing = `  - request: {method: POST, url: /things, body: {Name: "2099-01-02T03:04:05.000Z"}}
    response:
      status: 201
      body: {name: "{{first:time3}}", id: "20000000", number: "{{no}}", made: 1}
`

func shopCase(steps string) fstest.MapFS {
	return fstest.MapFS{"shop/find/case.yaml": {Data: []byte(shopInfo)}, "shop/find/steps.yaml": {Data: []byte(steps)}}
}

func runShop(t *testing.T, files fstest.MapFS, target Target) (*Report, string) {
	t.Helper()
	suite, err := Load(files, Config{Fakes: []string{"shop"}, Seed: "default"}, ".")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	report := suite.Replay(context.Background(), target, func(o *Outcome) { o.Show(&out, true) })
	report.Summary(&out)
	return report, out.String()
}

func TestHandWrittenSteps(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, old, now string // replacements in the steps
		want           string // part of the report
		code           int
	}{
		{
			name: "as they are",
			want: "interactions: 3 equal, 0 different, 0 pending\n1 passed, 0 failed, 0 pending, 0 skipped\n",
		},
		{
			name: "another status",
			old:  "status: 201",
			now:  "status: 200",
			want: "status: recorded 200, got 201",
			code: 1,
		},
		{name: "a missing key", old: "name: lamp, id", now: "id", want: "$.name: recorded nothing", code: 1},
		{
			name: "another value",
			old:  "body: {name: lamp, self",
			now:  "body: {name: lantern, self",
			want: `$.name: recorded "lantern", got "lamp"`,
			code: 1,
		},
		{
			name: "a header that is there",
			old:  "Link: null",
			now:  "Link: x",
			want: "header Link: recorded x, got nothing",
			code: 1,
		},
		{
			name: "a header that recordings do not compare",
			old:  "Link: null",
			now:  "X-Total: 3",
			want: "header X-Total: recorded 3, got nothing",
			code: 1,
		},
		{
			name: "a header that should not be",
			old:  "Content-Type: application/json",
			now:  "Content-Type: null",
			want: "header Content-Type: recorded nothing",
			code: 1,
		},
		{name: "a number is no text", old: "no:number", now: "no:digits", want: "$.number", code: 1},
		{name: "a text is no number", old: "lamp:uuid", now: "lamp:number", want: "$.id", code: 1},
		{name: "another precision", old: "made:time3", now: "made:time6", want: "$.made", code: 1},
		{
			name: "another name",
			old:  "self: \"{{base}}/things/{{lamp}}\"",
			now:  "self: \"{{base}}/things/{{made}}\"",
			want: "$.self",
			code: 1,
		},
		{
			name: "an unbound name",
			old:  "url: \"/things/{{lamp}}\"",
			now:  "url: \"/things/{{lump}}\"",
			want: "{{lump}} is bound by no earlier answer",
			code: 1,
		},
		{
			name: "a number without a kind",
			old:  "no:number",
			now:  "no",
			want: "{{no}} is bound by no earlier answer and has no known kind",
			code: 1,
		},
		{
			name: "a receiver to which nothing is sent",
			old:  "self: \"{{base}}",
			now:  "self: \"{{receiver}}",
			want: "write one such as https://receiver.example/",
			code: 1,
		},
		{
			name: "two names for one time",
			old:  "  - advance: 61s\n",
			now:  timedThing + strings.Replace(timedThing, "{{first:", "{{second:", 1),
			want: `stands for {{first}} already; "- advance: 1s" between the steps gives them two times`,
			code: 1,
		},
		{
			name: "a client with its secret",
			old:  "Bearer {{credential:boss}}",
			now:  "Basic {{basic:boss}}",
			want: "interactions: 3 equal, 0 different, 0 pending",
		},
		{
			name: "an unknown principal",
			old:  "credential:boss",
			now:  "credential:boss:revoked",
			want: `no revoked credential of "boss"`,
			code: 1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report, out := runShop(t, shopCase(strings.Replace(shopSteps, test.old, test.now, 1)), &shop{})
			if !strings.Contains(out, test.want) || report.Exit() != test.code {
				t.Errorf("exit %d, want %d with %q:\n%s", report.Exit(), test.code, test.want, out)
			}
		})
	}
}

func TestUnknownKindOfPlaceholder(t *testing.T) {
	t.Parallel()
	_, err := Load(shopCase(strings.Replace(shopSteps, "no:number", "no:int", 1)), Config{Fakes: []string{"shop"}}, ".")
	if want := "steps.yaml: {{no:int}} has no known kind; kinds: date, digits, hex, jwt, number, time, "; err == nil ||
		!strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestKnownGaps(t *testing.T) {
	t.Parallel()
	steps := strings.Replace(shopSteps, "name: lamp, id", "name: lantern, id", 1)
	for _, test := range []struct {
		name, steps, gap string
		want             string
		code             int
	}{
		{"a known gap is pending", steps, "interaction: 0, path: $.name",
			"interactions: 2 equal, 0 different, 1 pending\n0 passed, 0 failed, 1 pending, 0 skipped\n", 0},
		{"another place is no gap", steps, "interaction: 0, path: $.id",
			"interactions: 2 equal, 1 different, 0 pending\n0 passed, 1 failed", 1},
		{"a gap that is closed fails the run", shopSteps, "interaction: 0, path: $.name", "known gap is closed", 1},
		{"a gap of no interaction fails the run", shopSteps, "interaction: 7, path: $.name", "known gap is closed", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := shopCase(test.steps)
			files["known-gaps.yaml"] = &fstest.MapFile{Data: []byte("gaps: [{cassette: shop/find, " + test.gap +
				", reason: the shop sells lamps}]")}
			report, out := runShop(t, files, &shop{})
			if !strings.Contains(out, test.want) || report.Exit() != test.code {
				t.Errorf("exit %d, want %d with %q:\n%s", report.Exit(), test.code, test.want, out)
			}
		})
	}
}

func TestNothingVerifiedIsNoSuccess(t *testing.T) {
	t.Parallel()
	empty := &Report{}
	if empty.Exit() != ExitNothing {
		t.Errorf("a run without cases: exit %d, want %d", empty.Exit(), ExitNothing)
	}
	report, out := runShop(t, shopCase("steps: [{advance: 1s}]"), &shop{})
	if report.Exit() != ExitFailed && report.Exit() != ExitNothing {
		t.Errorf("a case that compares nothing: exit %d\n%s", report.Exit(), out)
	}
	if report, _ := runShop(t, shopCase(shopSteps), &shop{down: true}); report.Exit() != ExitUnreachable {
		t.Errorf("no target: exit %d, want %d", report.Exit(), ExitUnreachable)
	}
	live := Live("http://127.0.0.1:1", false)
	report, out = runShop(t, shopCase(shopSteps), live)
	if report.Skipped != 1 || report.Exit() != ExitNothing || !strings.Contains(out, "it writes") {
		t.Errorf("a live run that may not write: exit %d\n%s", report.Exit(), out)
	}
}

const cassetteText = `version: 2
interactions:
  - id: 0
    request: {proto: HTTP/1.1, host: shop.example, method: GET, url: "http://shop.example/things", headers: {},` +
	` form: {}}
    response: {proto: HTTP/1.1, body: "{}", headers: {Content-Type: [application/json]},` +
	` status: 200 OK, code: 200, duration: 0s}
`

func TestWhatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	folder := func(name, text string) fstest.MapFS {
		f :=
			fstest.MapFS{"shop/x/case.yaml": {Data: []byte(
				"about: x\nsource: recorded\ndate: \"2026-11-21\"\nversion: v1\n")},
				"shop/x/cassette.yaml": {Data: []byte(cassetteText)}}
		f["shop/x/"+name] = &fstest.MapFile{Data: []byte(text)}
		return f
	}
	for _, test := range []struct {
		name  string
		files fstest.MapFS
		want  string
	}{
		{"a cassette as it should be", folder("cassette.yaml", cassetteText), ""},
		{"an unknown field of a cassette",
			folder("cassette.yaml", strings.Replace(cassetteText, "code: 200", "code: 200, colour: red", 1)), "colour"},
		{"an unknown field beside the interactions", folder("cassette.yaml", cassetteText+"extra: 1\n"), "extra"},
		{"an older cassette", folder("cassette.yaml", strings.Replace(cassetteText, "version: 2", "version: 1", 1)),
			"format 1"},
		{"trailers", folder("cassette.yaml",
			strings.Replace(cassetteText, "code: 200", "code: 200, trailer: {X: [y]}", 1)), "trailers"},
		{"no interactions", folder("cassette.yaml", "version: 2\ninteractions: []\n"), "no interactions"},
		{"an unknown field of a case", folder("case.yaml", "about: x\nsource: inferred\nsead: empty\n"), "sead"},
		{"an unknown setting", folder("case.yaml", "about: x\nsource: inferred\nsettings: {limit: on}\n"), "limit"},
		{"no source", folder("case.yaml", "about: x\n"), "source"},
		{"a recording without a date", folder("case.yaml", "about: x\nsource: recorded\n"), "date"},
		{"an unknown field of a step", shopCase(strings.Replace(shopSteps, "repeat: 2", "repeet: 2", 1)), "repeet"},
		{"a path without a case", fstest.MapFS{"shop/readme.txt": {Data: []byte("x")}}, "no case there"},
		{"a case of no fake", fstest.MapFS{"store/x/case.yaml": {Data: []byte(shopInfo)}}, "unknown fake"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := Load(test.files, Config{Fakes: []string{"shop"}}, ".")
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
