package contracts

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/fake"
)

// TestStandingThingsInRequests names, in a case, an object of the recorded workspace and how to
// find it in another.
func TestStandingThingsInRequests(t *testing.T) {
	t.Parallel()
	const standing = `standing:
  - {id: 70000000-0000-4000-8000-000000000001, about: the oak desk, request: /desks/none, principal: boss, ` +
		`list: desks, by: {name: NAME}}
`
	const cassette = `version: 2
interactions:
  - request: {method: GET, url: "http://desk.example/desks/70000000-0000-4000-8000-000000000001"}
    response: {body: '{"id":"70000000-0000-4000-8000-000000000001","name":"oak","made":"2026-01-02T10:00:00.123Z",` +
		`"parts":[{"n":1},{"n":2}]}', headers: {Content-Type: [application/json]}, status: 200 OK, code: 200}
`
	for name, want := range map[string]int{"oak": 0, "elm": 1} {
		files := fstest.MapFS{
			"desk/one/case.yaml":     {Data: []byte(deskInfo + strings.Replace(standing, "NAME", name, 1))},
			"desk/one/cassette.yaml": {Data: []byte(cassette)},
		}
		suite, err := Load(files, Config{Fakes: []string{"desk"}}, ".")
		if err != nil {
			t.Fatal(err)
		}
		desks := known{&clerk{mark: "a",
			change: map[string]string{`{"error":"no desk"}`: `{"desks":[{"id":"ID","name":"oak"}]}`}}}
		out := suite.Cases[0].replay(t.Context(), desks)
		if want > 0 {
			if _, lacks := errors.AsType[*startError](out.Err); !lacks || out.State() != Failed {
				t.Errorf("%s: %v, want what the target lacks", name, out.Err)
			}
			continue
		}
		if out.Err != nil || len(out.Results[0].Differences) > 0 {
			t.Errorf("%s: %v, %v", name, out.Err, out.Results)
		}
	}
}

// known is a clerk with known people.
type known struct{ *clerk }

func (k known) World(context.Context, Start) (World, error) { return k, nil }
func (k known) Credential(principal, state string) (fake.Credential, error) {
	return fake.Credential{Principal: principal, State: state, Value: "key"}, nil
}
