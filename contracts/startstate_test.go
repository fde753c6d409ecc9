package contracts

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// deskRoom is a real service that keeps its desks.
type deskRoom struct {
	mu    sync.Mutex
	names []string
	fixed bool // no desk can be removed
}

func (d *deskRoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	id := func(n int) string { return fmt.Sprintf("a0000000-0000-4000-8000-%012d", n+1) }
	body, _ := io.ReadAll(r.Body)
	dropped, drops := strings.CutPrefix(string(body), "drop ")
	switch {
	case drops && !d.fixed:
		for n := range d.names {
			if dropped == id(n) {
				d.names[n] = ""
			}
		}
	case r.Method == http.MethodPost && string(body) != "list":
		d.names = append(d.names, "oak")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprintf(w, `{"id":%q,"name":"oak"}`, id(len(d.names)-1))
	case r.Method == http.MethodDelete && d.fixed:
		w.WriteHeader(http.StatusForbidden)
	case r.Method == http.MethodDelete:
		for n := range d.names {
			if strings.HasSuffix(r.URL.Path, id(n)) {
				d.names[n] = ""
			}
		}
	default:
		var desks []string
		for n, name := range d.names {
			if name != "" {
				desks = append(desks, fmt.Sprintf(`{"id":%q,"name":%q}`, id(n), name))
			}
		}
		fmt.Fprintf(w, `{"desks":[%s]}`, strings.Join(desks, ","))
	}
}

const deskState = `state:
  - {about: desks, request: /desks, principal: boss, list: desks, creates: '^POST /desks', by: [name],` +
	` remove: '/desks/{id}'}
`

// TestStateIsRestoredByPosts checks lists that an API reads and changes by POST alone, as GraphQL does.
func TestStateIsRestoredByPosts(t *testing.T) {
	t.Setenv("MOCKSERVER_LIVE_DESK_BOSS", "key")
	all := &rules{State: []*StateRule{{About: "desks", Request: "/desks", Body: "list", Principal: "boss",
		List:       "desks",
		RemoveBody: "drop {id}"}}}
	if err := all.compile(); err != nil {
		t.Fatal(err)
	}
	room := &deskRoom{names: []string{"pine"}}
	server := httptest.NewServer(room)
	defer server.Close()
	c := &Case{Name: "desk/posts", Fake: "desk", rules: all, Info: Info{Source: "recorded"},
		interactions: []*compare.Interaction{
			{Method: http.MethodPost, URL: "http://desk.example/desks", Body: "{}", Write: true,
				Status: http.StatusCreated,
				Answer: http.Header{"Content-Type": {"application/json"}},
				Result: `{"id":"` + deskID + `","name":"oak"}`},
		}}
	out := c.replay(t.Context(), Live(server.URL, true))
	if out.Err != nil || len(out.Remains) > 0 || !slices.Equal(room.names, []string{"pine", ""}) {
		t.Errorf("left %q, remains %q, %v", room.names, out.Remains, out.Err)
	}
}

// TestStateOfARealService checks that a case that writes to a real service starts only where it may
// and restores the service; if it cannot, later cases are skipped.
func TestStateOfARealService(t *testing.T) {
	t.Setenv("MOCKSERVER_LIVE_DESK_BOSS", "key")
	files := fstest.MapFS{"desk/rules.yaml": {Data: []byte(deskState)}}
	for _, name := range []string{"one", "two"} {
		files["desk/"+name+"/case.yaml"] = &fstest.MapFile{Data: []byte(deskInfo)}
		files["desk/"+name+"/cassette.yaml"] = &fstest.MapFile{Data: []byte(`version: 2
interactions:
  - request: {method: POST, url: "http://desk.example/desks", body: '{"name":"oak"}'}
    response: {body: '{"id":"70000000-0000-4000-8000-000000000001","name":"oak"}', ` +
			`headers: {Content-Type: [application/json]}, status: 201 Created, code: 201}
  - request: {method: GET, url: "http://desk.example/desks"}
    response: {body: '{"desks":[{"id":"70000000-0000-4000-8000-000000000001","name":"oak"}]}', ` +
			`headers: {Content-Type: [application/json]}, status: 200 OK, code: 200}
`)}
	}
	suite, err := Load(files, Config{Fakes: []string{"desk"}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		room  *deskRoom
		want  []string // of each case
		after []string
	}{
		{
			name:  "what is made is removed",
			room:  &deskRoom{},
			want:  []string{"passed ", "passed "},
			after: []string{"", ""},
		},
		{name: "what cannot be removed is said", room: &deskRoom{fixed: true},
			want: []string{"passed left 1 desks more, 0 changed, 0 fewer",
				"skipped the start state is not restored: desk/one left 1 desks more, 0 changed, 0 fewer"},
			after: []string{"oak"}},
		{name: "what a case creates is there already", room: &deskRoom{names: []string{"oak"}},
			want: []string{"failed start state: the target has already what the case creates: oak among its desks",
				"failed start state: the target has already what the case creates: oak among its desks"},
			after: []string{"oak"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.room)
			defer server.Close()
			var got []string
			report := suite.Replay(t.Context(), Live(server.URL, true), nil)
			for _, o := range report.Outcomes {
				line := string(o.State()) + " " + o.Skipped
				if o.Err != nil {
					line += o.Err.Error()
				}
				if len(o.Remains) > 0 {
					line += "left " + strings.Join(o.Remains, ", ")
				}
				got = append(got, line)
			}
			if !slices.Equal(got, test.want) || !slices.Equal(test.room.names, test.after) {
				t.Errorf("got %q with %q left, want %q with %q", got, test.room.names, test.want, test.after)
			}
		})
	}
}

const deskID = "8a76caa5-1ae6-4199-9fee-c49e96893701"
