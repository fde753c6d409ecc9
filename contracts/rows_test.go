package contracts

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// TestRowsOfACase replays a case that adds webhooks to its seed, in process and against a server.
func TestRowsOfACase(t *testing.T) {
	t.Parallel()
	srv, err := fake.New(fake.Config{WebhookTargets: []string{"*"}}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(srv, control.Options{})
	plane.Ready()
	t.Cleanup(func() { plane.Close(); srv.Close() })
	inProcess, err := InProcess(mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	suite, err := Load(os.DirFS("../fixtures"), Config{Fakes: []string{"kickflow"}, Defs: mocks.All()},
		"kickflow/webhook")
	if err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]Target{
		"in process": inProcess,
		"a server":   Remote(fake.Serve(t, plane.Wrap(srv.Edge(), "")), ""),
	} {
		var out strings.Builder
		report := suite.Replay(t.Context(), target, func(o *Outcome) { o.Show(&out, true) })
		if report.Exit() != ExitFine {
			t.Errorf("%s: exit %d\n%s", name, report.Exit(), out.String())
		}
	}
}

func TestRowsThatCannotBeAdded(t *testing.T) {
	t.Parallel()
	const steps = "steps:\n  - request: {url: /v1/grades}\n    response: {status: 401}\n"
	for name, test := range map[string]struct{ rows, want string }{
		"no such table": {"{webhook: [{url: x}]}",
			`rows of case.yaml: no table "webhook"; nearest: "webhooks"`},
		"no such field": {"{webhooks: [{uri: x}]}", `rows of case.yaml: webhooks[0]: `},
	} {
		files := fstest.MapFS{
			"kickflow/rows/case.yaml":  {Data: []byte("about: Rows.\nsource: inferred\nrows: " + test.rows + "\n")},
			"kickflow/rows/steps.yaml": {Data: []byte(steps)},
		}
		suite, err := Load(files, Config{Fakes: []string{"kickflow"}, Defs: mocks.All()}, ".")
		if err != nil {
			t.Fatal(err)
		}
		target, err := InProcess(mocks.All()...)
		if err != nil {
			t.Fatal(err)
		}
		out := suite.Replay(t.Context(), target, nil).Outcomes[0]
		if out.Err == nil || !strings.HasPrefix(out.Err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, out.Err, test.want)
		}
	}

	report, out := runShop(t, fstest.MapFS{
		"shop/find/case.yaml":  {Data: []byte(shopInfo + "rows: {things: [{name: lamp}]}\n")},
		"shop/find/steps.yaml": {Data: []byte(shopSteps)},
	}, &shop{})
	if want := "it begins with rows of its own, which only a fake takes"; !strings.Contains(out, want) {
		t.Errorf("exit %d, want %q:\n%s", report.Exit(), want, out)
	}

	_, err := Load(fstest.MapFS{
		"shop/find/case.yaml":     {Data: []byte(shopInfo + "rows: {things: [{name: lamp}]}\n")},
		"shop/find/cassette.yaml": {Data: []byte("version: 2\ninteractions: []\n")},
	}, Config{Fakes: []string{"shop"}}, ".")
	if err == nil || !strings.Contains(err.Error(), "rows in case.yaml are for hand-written steps") {
		t.Errorf("rows for a recording: %v", err)
	}
}
