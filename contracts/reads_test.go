package contracts

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
)

// reader is a clerk that rejects writes.
type reader struct{ *clerk }

func (r reader) World(ctx context.Context, start Start) (World, error) {
	if start.Writes {
		return nil, &Skip{itWrites}
	}
	return r.clerk, nil
}

// TestDriftOfReads checks that of a conversation with writes only the reads are compared that do
// not depend on them.
func TestDriftOfReads(t *testing.T) {
	t.Parallel()
	const read = `  - request: {method: GET, url: "http://desk.example/desks/none"}
    response: {body: '{"error":"no desk"}', headers: {Content-Type: [application/json]},` +
		` status: 404 Not Found, code: 404}
`
	for _, test := range []struct {
		name     string
		cassette string
		here     map[string]string
		live     map[string]string
		want     []string
	}{
		{name: "nothing moved", cassette: deskCassette + read, want: []string{
			"desk/one: 1 of 3 interactions compared; left out: 2, as they write, or show what writes made",
			"#0 POST http://desk.example/desks: left out, as it writes",
			"#1 GET http://desk.example/desks/70000000-0000-4000-8000-000000000001: left out, as its answer depends",
			"1 compared, 0 with errors, 0 skipped"}},
		{
			name:     "the vendor moved",
			cassette: deskCassette + read,
			live:     map[string]string{"no desk": "none"},
			want: []string{`#2 GET`, `$.error: recorded "no desk", fake "no desk", live "none"`,
				"moved: 0 fake, 1 vendor, 0 recording, 0 both"},
		},
		{name: "only what is written is read", cassette: deskCassette,
			want: []string{"0 compared, 0 with errors, 1 skipped"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"desk/one/case.yaml": {Data: []byte(deskInfo)},
				"desk/one/cassette.yaml": {Data: []byte(test.cassette)}}
			_, shown := drift(t, files, &clerk{mark: "a", change: test.here},
				reader{&clerk{mark: "b", change: test.live}})
			for _, want := range test.want {
				if !strings.Contains(shown, want) {
					t.Errorf("%q is missing in:\n%s", want, shown)
				}
			}
		})
	}
}

func TestReadsOfHandWrittenSteps(t *testing.T) {
	t.Parallel()
	const steps = `
headers: {Authorization: "Bearer {{credential:boss}}"}
steps:
  - {request: {method: POST, url: /things}, response: {status: 201, body: {id: "{{lamp:uuid}}"}}}
  - {request: {url: "/things/{{lamp}}"}, response: {status: 200}}
  - advance: 1s
  - {request: {url: /things}, response: {status: 200, body: [{id: "{{first:uuid}}"}]}}
  - {request: {url: "/things/{{first}}"}, response: {status: 200}}
`
	suite, err := Load(shopCase(steps), Config{Fakes: []string{"shop"}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	reads, left := suite.Cases[0].reads()
	var why []string
	for _, l := range left {
		why = append(why, l.Why)
	}
	if got := strings.Join(why, "; "); got != leftWrite+"; "+leftName+"; "+leftClock || reads.Len() != 2 {
		t.Errorf("%d reads, left out as: %s", reads.Len(), got)
	}
}
