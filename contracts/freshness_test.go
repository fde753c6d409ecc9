package contracts

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

const deskDocument = `{"paths": {
	"/desks": {"post": {"operationId": "createDesk", "x-evidence": "recorded", "x-source": "desk/one",
	 "responses": {"201": {}}}},
	"/desks/{id}": {
		"get": {"operationId": "getDesk", "x-evidence": "recorded", "x-source": "desk/one", "responses": {"200": {}}},
		"put": {"operationId": "replaceDesk", "x-evidence": "inferred", "x-source": "nobody",
		 "responses": {"200": {}}}}}}`

func deskDef(t *testing.T) *fake.Def {
	t.Helper()
	spec, err := fake.LoadSpec([]byte(deskDocument))
	if err != nil {
		t.Fatal(err)
	}
	return &fake.Def{Name: "desk", Spec: spec, Hosts: []string{"*.desk.example", "desk.example"}}
}

// withCase adds a recorded case of one request.
func withCase(files fstest.MapFS, name, date, request string) {
	files[name+"/case.yaml"] = &fstest.MapFile{Data: []byte(strings.Replace(deskInfo, "2026-01-02", date, 1))}
	files[name+"/cassette.yaml"] = &fstest.MapFile{Data: []byte("version: 2\ninteractions:\n  - request: {" + request +
		"}\n    response: {code: 200, status: 200 OK}\n")}
}

const plainAges = "default: {warn: 10, fail: 20}\n"

func TestRecordingsGrowOld(t *testing.T) {
	t.Parallel()
	const perFake = plainAges + "fakes: {desk: {warn: 1, fail: 2}}\n"
	const perOperation = plainAges +
		"fakes: {desk: {warn: 30, fail: 40, operations: {createDesk: {warn: 1, fail: 40}}}}\n"
	counts := func(old int) string {
		return fmt.Sprintf("freshness: operations: 2 recorded, %d of them old; 1 not recorded",
			old)
	}
	for _, test := range []struct {
		name, ages, today string
		want              []string
		code              int
	}{
		{"on the day", plainAges, "2026-01-02", []string{counts(0)}, ExitFine},
		{"on the last day", plainAges, "2026-01-12", []string{counts(0)}, ExitFine},
		{"a day later", plainAges, "2026-01-13", []string{
			"\nold: desk: last recorded on 2026-01-02, 11 days ago (a warning after 10 days, a failure after 20): " +
				"createDesk, getDesk. " +
				"Record again (desk/one): mockserver record --fake desk --upstream https://desk.example --out DIR\n",
			counts(2)}, ExitFine},
		{"on the last day before it fails", plainAges, "2026-01-22", []string{"\nold: desk", counts(2)}, ExitFine},
		{"past the second threshold", plainAges, "2026-01-23",
			[]string{"\ntoo old: desk", "at most 20 days are allowed", counts(2)}, ExitFailed},
		{"numbers of a fake", perFake, "2026-01-05", []string{"\ntoo old: desk", "at most 2 days"}, ExitFailed},
		{"numbers of an operation", perOperation, "2026-01-05",
			[]string{"\nold: desk", "(a warning after 1 days, a failure after 40): createDesk. ", counts(1)}, ExitFine},
		{"a recording of tomorrow", plainAges, "2026-01-01", []string{counts(0)}, ExitFine},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := deskCase()
			files["freshness.yaml"] = &fstest.MapFile{Data: []byte(test.ages)}
			report, out := aged(t, files, test.today)
			for _, want := range test.want {
				if !strings.Contains("\n"+out, want) {
					t.Errorf("want %q:\n%s", want, out)
				}
			}
			if report.Exit() != test.code || strings.Contains(out, "old: ") != (len(test.want) > 1) {
				t.Errorf("exit %d, want %d:\n%s", report.Exit(), test.code, out)
			}
		})
	}
}

// aged returns a report on recordings that all passed.
func aged(t *testing.T, files fstest.MapFS, today string) (*Report, string) {
	t.Helper()
	suite, err := Load(files, Config{Fakes: []string{"desk"}, Defs: []*fake.Def{deskDef(t)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	day, err := time.Parse(time.DateOnly, today)
	if err != nil {
		t.Fatal(err)
	}
	report := &Report{Equal: 1, Passed: 1, Freshness: suite.Freshness(day)}
	var out strings.Builder
	report.Summary(&out)
	return report, out.String()
}

func TestTheNewestRecordingCounts(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"freshness.yaml": {Data: []byte(plainAges)}}
	withCase(files, "desk/old", "2025-01-01", "method: POST, url: https://desk.example/desks")
	withCase(files, "desk/new", "2026-01-01", "method: POST, url: https://desk.example/desks")
	withCase(files, "desk/seen", "2025-06-01", "method: GET, url: https://desk.example/desks/1")
	withCase(files, "desk/lost", "2020-06-01", "method: GET, url: https://desk.example/chairs/1")
	_, out := aged(t, files, "2026-01-02")
	want := "last recorded on 2025-06-01, 215 days ago (at most 20 days are allowed): getDesk. Record again (desk/seen)"
	if !strings.Contains(out, want) || strings.Count(out, "last recorded") != 1 {
		t.Errorf("want %q alone:\n%s", want, out)
	}
}

func TestOnlyDatedRecordingsHaveAnAge(t *testing.T) {
	t.Parallel()
	if _, out := aged(t, deskCase(), "2036-01-01"); strings.Contains(out, "freshness") {
		t.Errorf("without freshness.yaml:\n%s", out)
	}
	files := fstest.MapFS{"desk/freshness.yaml": {Data: []byte(plainAges)},
		"desk/bare.yaml":      {Data: []byte(deskCassette)},
		"desk/two/case.yaml":  {Data: []byte("about: x\nsource: documented\ndate: \"2020-01-01\"\n")},
		"desk/two/steps.yaml": {Data: []byte("steps: [{request: {url: /desks/1}, response: {status: 200}}]")}}
	if _, out := aged(t, files, "2036-01-01"); !strings.Contains(out,
		"freshness: operations: 0 recorded, 0 of them old; 3 not recorded") {
		t.Errorf("a bare recording and a documented case:\n%s", out)
	}
}

func TestWrongFreshnessIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"no default", "fakes: {}\n", "default: warn 0, fail 0"},
		{"fails before it warns", "default: {warn: 9, fail: 3}\n", "the second not below the first"},
		{"an unknown fake", plainAges + "fakes: {dask: {warn: 1, fail: 2}}\n", `no fake "dask"; nearest: "desk"`},
		{"an unknown operation", plainAges +
			"fakes: {desk: {warn: 1, fail: 2, operations: {getDisk: {warn: 1, fail: 2}}}}\n",
			`desk has no operation "getDisk"; nearest: "getDesk"`},
		{"an unknown field", "default: {warn: 1, fail: 2, panic: 3}\n", "panic"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := deskCase()
			files["freshness.yaml"] = &fstest.MapFile{Data: []byte(test.text)}
			_, err := Load(files, Config{Fakes: []string{"desk"}, Defs: []*fake.Def{deskDef(t)}}, ".")
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
