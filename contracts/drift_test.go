package contracts

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// clerk is a server with desks: POST /desks creates one, GET /desks/{id} returns it. Its
// identifiers differ from those of a clerk with another mark.
type clerk struct {
	mark   string            // a hex digit
	change map[string]string // in its answers: text → replacement, with ID, NEW and NOW for values
	status int               // of every answer, unless 0
	err    error
}

// opening is the time of all desks, plus some seconds that depend on the mark.
var opening = time.Now().UTC()

func (s *clerk) World(context.Context, Start) (World, error) { return s, s.err }
func (s *clerk) Base(string) string                          { return "http://" + s.mark + ".example" }
func (s *clerk) Literals() ([]byte, error)                   { return nil, nil }
func (s *clerk) Now() (time.Time, error)                     { return time.Now(), nil }
func (s *clerk) Advance(time.Duration) error                 { return nil }
func (s *clerk) Close() error                                { return nil }
func (s *clerk) Credential(string, string) (fake.Credential, error) {
	return fake.Credential{}, errors.New("nobody is known")
}

func (s *clerk) id(n int) string {
	return fmt.Sprintf("%s0000000-0000-4000-8000-%012d", s.mark, n)
}

func (s *clerk) Do(r *http.Request) (*http.Response, error) {
	status, body := http.StatusOK, `{"id":"ID","name":"oak","made":"NOW","parts":[{"n":1},{"n":2}]}`
	switch {
	case r.Method == http.MethodPost:
		status = http.StatusCreated
	case r.URL.Path != "/desks/"+s.id(1):
		status, body = http.StatusNotFound, `{"error":"no desk"}`
	}
	for old, now := range s.change {
		body = strings.Replace(body, old, now, 1)
	}
	if s.status != 0 {
		status = s.status
	}
	now := opening.Add(time.Duration(s.mark[0]) * time.Second).Format("2006-01-02T15:04:05.000Z")
	body = strings.NewReplacer("ID", s.id(1), "NEW", s.id(2), "NOW", now).Replace(body)
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body))}, nil
}

const (
	deskInfo     = "about: A desk.\nsource: recorded\nversion: v1\ndate: \"2026-01-02\"\n"
	deskCassette = `version: 2
interactions:
  - request: {method: POST, url: "http://desk.example/desks", body: '{"name":"oak"}'}
    response: {body: '{"id":"70000000-0000-4000-8000-000000000001","name":"oak","made":"2026-01-02T10:00:00.123Z",` +
		`"parts":[{"n":1},{"n":2}]}', headers: {Content-Type: [application/json]}, status: 201 Created, code: 201}
  - request: {method: GET, url: "http://desk.example/desks/70000000-0000-4000-8000-000000000001"}
    response: {body: '{"id":"70000000-0000-4000-8000-000000000001","name":"oak","made":"2026-01-02T10:00:00.123Z",` +
		`"parts":[{"n":1},{"n":2}]}', headers: {Content-Type: [application/json]}, status: 200 OK, code: 200}
`
)

func drift(t *testing.T, files fstest.MapFS, here, live Target) (*Report, string) {
	t.Helper()
	suite, err := Load(files, Config{Fakes: []string{"desk"}, Seed: "default"}, ".")
	if err != nil {
		t.Fatal(err)
	}
	report := suite.Drift(context.Background(), here, live, nil)
	var out strings.Builder
	report.ShowMoves(&out, true)
	return report, out.String()
}

func deskCase() fstest.MapFS {
	return fstest.MapFS{"desk/one/case.yaml": {Data: []byte(deskInfo)},
		"desk/one/cassette.yaml": {Data: []byte(deskCassette)}}
}

func TestWhoMoved(t *testing.T) {
	t.Parallel()
	type change = map[string]string
	for _, test := range []struct {
		name       string
		here, live change
		want       string // the counts
		shows      string
	}{
		{name: "all agree, identifiers and times aside", want: "0 fake, 0 vendor, 0 recording, 0 both"},
		{
			name:  "the fake alone",
			here:  change{"oak": "elm"},
			want:  "2 fake, 0 vendor, 0 recording, 0 both",
			shows: `$.name: recorded "oak", fake "elm", live "oak"`,
		},
		{
			name:  "the vendor alone",
			live:  change{"oak": "elm"},
			want:  "0 fake, 2 vendor, 0 recording, 0 both",
			shows: `$.name: recorded "oak", fake "oak", live "elm"`,
		},
		{
			name: "both in the same way",
			here: change{"oak": "elm"},
			live: change{"oak": "elm"},
			want: "0 fake, 0 vendor, 2 recording, 0 both",
		},
		{
			name:  "both in their own way",
			here:  change{"oak": "elm"},
			live:  change{"oak": "ash"},
			want:  "0 fake, 0 vendor, 0 recording, 2 both",
			shows: `fake "elm", live "ash"`,
		},
		{
			name: "each in another place",
			here: change{"oak": "elm"},
			live: change{`"n":1`: `"n":3`},
			want: "2 fake, 2 vendor, 0 recording, 0 both",
		},
		{
			name: "both leave the same out",
			here: change{`"name":"oak",`: ""},
			live: change{`"name":"oak",`: ""},
			want: "0 fake, 0 vendor, 2 recording, 0 both",
		},
		{
			name: "both mint one more",
			here: change{"oak": "NEW"},
			live: change{"oak": "NEW"},
			want: "0 fake, 0 vendor, 2 recording, 0 both",
		},
		{
			name: "both name themselves",
			here: change{"oak": "ID"},
			live: change{"oak": "ID"},
			want: "0 fake, 0 vendor, 2 recording, 0 both",
		},
		{
			name: "one names itself, the other another",
			here: change{"oak": "ID"},
			live: change{"oak": "NEW"},
			want: "0 fake, 0 vendor, 0 recording, 2 both",
		},
		{
			name: "both add a time",
			here: change{"oak": "NOW"},
			live: change{"oak": "NOW"},
			want: "0 fake, 0 vendor, 2 recording, 0 both",
		},
		{
			name: "an identifier here, a time there",
			here: change{"oak": "NEW"},
			live: change{"oak": "NOW"},
			want: "0 fake, 0 vendor, 0 recording, 2 both",
		},
		{
			name:  "one around the other",
			here:  change{`[{"n":1},{"n":2}]`: "null"},
			live:  change{`"n":1`: `"n":3`},
			want:  "0 fake, 0 vendor, 0 recording, 2 both",
			shows: "the live service differs at $.parts[0].n",
		},
		{
			name:  "one within the other",
			here:  change{`"n":1`: `"n":3`},
			live:  change{`[{"n":1},{"n":2}]`: "null"},
			want:  "0 fake, 0 vendor, 0 recording, 2 both",
			shows: "the live service differs at $.parts",
		},
		{
			name: "another order",
			live: change{`{"n":1},{"n":2}`: `{"n":2},{"n":1}`},
			want: "0 fake, 4 vendor, 0 recording, 0 both",
		},
		{
			name: "another spelling of a time",
			live: change{"NOW": "2026-01-02"},
			want: "0 fake, 2 vendor, 0 recording, 0 both",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report, out := drift(t, deskCase(), &clerk{mark: "a", change: test.here},
				&clerk{mark: "b", change: test.live})
			wantExit := count(test.here != nil || test.live != nil)
			want := "moved: " + test.want + "; cases: 1 compared, 0 with errors, 0 skipped\n"
			if !strings.HasSuffix(out, want) || !strings.Contains(out, test.shows) || report.Exit() != wantExit {
				t.Errorf("exit %d, want %d, %q and %q:\n%s", report.Exit(), wantExit, want, test.shows, out)
			}
		})
	}
}

// TestWhoMovedInListsWithoutOrder checks that lists without an order are equal in any order,
// although their generated values sort differently.
func TestWhoMovedInListsWithoutOrder(t *testing.T) {
	t.Parallel()
	files := deskCase()
	files["desk/rules.yaml"] = &fstest.MapFile{Data: []byte("unordered: [{request: '^', path: $.parts}]\n")}
	here, live := map[string]string{`[{"n":1},{"n":2}]`: `[{"n":2},{"n":3}]`},
		map[string]string{`[{"n":1},{"n":2}]`: `[{"n":3},{"n":2}]`}
	if _, out := drift(t, files, &clerk{mark: "a", change: here},
		&clerk{mark: "b", change: live}); !strings.Contains(out, "moved: 0 fake, 0 vendor, 4 recording, 0 both") {
		t.Errorf("want the recording alone:\n%s", out)
	}
}

func TestWhoMovedWithHandWrittenSteps(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"desk/one/case.yaml": {Data: []byte("about: A desk.\nsource: documented\n")},
		"desk/one/steps.yaml": {Data: []byte(`
steps:
  - request: {method: POST, url: /desks, body: {name: oak}}
    response: {status: 201, body: {id: "{{id:uuid}}", name: oak, made: "{{made:time3}}", parts: [{n: 1}, {n: 2}]}}
  - request: {url: "/desks/{{id}}"}
    response: {status: 200, body: {id: "{{id}}", name: oak, made: "{{made}}", parts: [{n: 1}, {n: 2}]}}
`)}}
	moved := map[string]string{"oak": "ID"}
	for _, test := range []struct {
		here, live map[string]string
		want       string
	}{
		{nil, moved, "moved: 0 fake, 2 vendor, 0 recording, 0 both"},
		{moved, moved, "moved: 0 fake, 0 vendor, 2 recording, 0 both"},
		{moved, map[string]string{"oak": "NEW"}, "moved: 0 fake, 0 vendor, 0 recording, 2 both"},
	} {
		if _, out := drift(t, files, &clerk{mark: "a", change: test.here},
			&clerk{mark: "b", change: test.live}); !strings.Contains(out, test.want) {
			t.Errorf("fake %v, live %v: want %s:\n%s", test.here, test.live, test.want, out)
		}
	}
}

func TestDriftThatCannotBeJudged(t *testing.T) {
	t.Parallel()
	gap := deskCase()
	gap["known-gaps.yaml"] =
		&fstest.MapFile{Data: []byte("gaps: [{cassette: desk/one, interaction: 0, path: $.name, reason: " +
			"ours is of elm}, {cassette: desk/one, interaction: 1, path: $.name, reason: ours is of elm}]")}
	elm := map[string]string{"oak": "elm"}
	for _, test := range []struct {
		name       string
		files      fstest.MapFS
		here, live *clerk
		want       string
		code       int
	}{
		{"a known gap excuses the fake", gap, &clerk{mark: "a", change: elm}, &clerk{mark: "b"},
			"0 fake, 0 vendor, 0 recording, 0 both; cases: 1 compared", ExitFine},
		{"a known gap excuses no stale recording", gap, &clerk{mark: "a", change: elm}, &clerk{mark: "b", change: elm},
			"0 fake, 0 vendor, 2 recording, 0 both", ExitFailed},
		{"a status", deskCase(), &clerk{mark: "a"}, &clerk{mark: "b", status: 500}, "0 fake, 2 vendor", ExitFailed},
		{"a case that is skipped there", deskCase(), &clerk{mark: "a"}, &clerk{err: &Skip{"no credentials"}},
			"cases: 0 compared, 0 with errors, 1 skipped", ExitNothing},
		{"nobody there", deskCase(), &clerk{mark: "a"}, &clerk{err: ErrUnreachable},
			"cases: 0 compared, 1 with errors, 0 skipped", ExitUnreachable},
		{"an error here", deskCase(), &clerk{err: errors.New("no world")}, &clerk{mark: "b"},
			"cases: 0 compared, 1 with errors, 0 skipped", ExitFailed},
		{"an error there", deskCase(), &clerk{mark: "a"}, &clerk{err: errors.New("no world")},
			"cases: 0 compared, 1 with errors, 0 skipped", ExitFailed},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			report, out := drift(t, test.files, test.here, test.live)
			if !strings.Contains(out, test.want) || report.Exit() != test.code {
				t.Errorf("exit %d, want %d with %q:\n%s", report.Exit(), test.code, test.want, out)
			}
		})
	}
}
