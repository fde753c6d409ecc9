package contracts

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/mocks"
)

// TestARecordingThatDoesNotSayWhoCalled checks that a replay names the way out.
func TestARecordingThatDoesNotSayWhoCalled(t *testing.T) {
	t.Parallel()
	target, err := InProcess(mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, header, as string
		hint             bool
	}{
		{name: "no credential", hint: true},
		{name: "a caller is named", as: "admin"},
		{name: "an unknown credential", header: "Authorization: [Bearer nobody]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"a.yaml": {Data: []byte(`version: 2
interactions:
  - request: {method: GET, url: "http://kickflow.example/v1/user", headers: {` + test.header + `}}
    response: {body: "{}", headers: {Content-Type: [application/json]}, status: 200 OK, code: 200}
`)}}
			suite, err := Load(files, Config{Only: "kickflow", Defs: mocks.All(),
				Seed: "default", As: test.as}, "a.yaml")
			if err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			suite.Replay(t.Context(), target, func(o *Outcome) { o.Show(&out, false) })
			if got := strings.Contains(out.String(), callerHint); got != test.hint ||
				!strings.Contains(out.String(), "failed") {
				t.Errorf("hint %v, want %v:\n%s", got, test.hint, &out)
			}
		})
	}
}
