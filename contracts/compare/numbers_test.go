package compare

import (
	"strings"
	"testing"
)

const numberRules = `numbers:
  - {of: user, in: [$**.owner, "$.users[*].id"], url: '/users/(\d+)|[?&]owner=(\d+)'}
  - {of: user, in: [$.routes], text: '"users":\[([^\]]*)\]'}
  - {of: group, in: [$.routes], text: '"groups":\[([^\]]*)\]'}
  - {of: table, url: '/rows/(\w+)', words: true}
  - {of: 'row of {table}', request: '/rows/(?P<table>\w+)', in: [$.id], url: '/rows/\w+/(\d+)'}
`

// TestNumbersInAnotherWorkspace matches numbers that identify things one to one, and all other numbers exactly.
func TestNumbersInAnotherWorkspace(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		home bool
		play []said
		want string // part of the difference; "" if there is none
	}{
		{"another number", false, []said{{rec: `{"owner":3}`, got: `{"owner":140}`}}, ""},
		{"in the recorded workspace", true, []said{{rec: `{"owner":3}`, got: `{"owner":140}`}}, "$.owner"},
		{"the same thing again", false,
			[]said{{rec: `{"owner":3}`, got: `{"owner":140}`}, {rec: `{"a":{"owner":3}}`,
				got: `{"a":{"owner":140}}`}}, ""},
		{"another thing", false,
			[]said{{rec: `{"owner":3}`, got: `{"owner":140}`}, {rec: `{"owner":3}`, got: `{"owner":141}`}}, "since"},
		{"two are not one", false,
			[]said{{rec: `{"owner":3}`, got: `{"owner":140}`}, {rec: `{"owner":4}`, got: `{"owner":140}`}}, "since"},
		{"a count", false, []said{{rec: `{"count":3}`, got: `{"count":140}`}}, "$.count"},
		{"of none", false, []said{{rec: `{"owner":0}`, got: `{"owner":140}`}}, "$.owner"},
		{"a text instead of a number", false, []said{{rec: `{"owner":3}`, got: `{"owner":"140"}`}}, "$.owner"},
		{"within a text", false, []said{{rec: `{"routes":"[{\"rank\":1,\"users\":[1,2],\"groups\":[1]}]"}`,
			got: `{"routes":"[{\"rank\":1,\"users\":[41,42],\"groups\":[51]}]"}`}}, ""},
		{"within a text, beside it", false, []said{{rec: `{"routes":"[{\"rank\":1,\"users\":[1,2],\"groups\":[1]}]"}`,
			got: `{"routes":"[{\"rank\":2,\"users\":[41,42],\"groups\":[51]}]"}`}}, "$.routes"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := rulesOf(t, numberRules)
			b := NewBinding("2026-01-01")
			b.Foreign = !test.home
			found := ""
			for _, s := range test.play {
				c := &Comparison{Binding: b, Rules: rules}
				if b.Foreign {
					c.Numbers = rules.NumbersOf(&Interaction{Method: "GET", URL: "/users"})
				}
				c.CompareBody("application/json", s.rec, s.got)
				for _, d := range c.Found {
					found += d.String() + "\n"
				}
			}
			if test.want == "" && found != "" || !strings.Contains(found, test.want) {
				t.Errorf("difference %q, want one with %q", found, test.want)
			}
		})
	}
}

// TestNumbersInRequests replaces the numbers in the path, the query, a form and a JSON body of a request, each by that
// of the thing that it identifies.
func TestNumbersInRequests(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t, numberRules)
	form := map[string][]string{"Content-Type": {"application/x-www-form-urlencoded"}}
	for _, test := range []struct {
		send      Interaction
		url, body string
	}{
		{send: Interaction{URL: "/users/3?limit=3&owner=4"}, url: "/users/[user 3]?limit=3&owner=[user 4]"},
		{
			send: Interaction{URL: "http://desk.example/rows/tbl_a/3/4"},
			url:  "http://desk.example/rows/[table tbl_a]/[row of tbl_a 3]/4",
		},
		{
			send: Interaction{URL: "/users", Body: `{"owner": 3, "limit": 3}`},
			url:  "/users", body: `{"owner":[user 3],"limit":3}`,
		},
		{send: Interaction{URL: "/users", Body: `{"limit": 3}`}, url: "/users", body: `{"limit": 3}`},
		{
			send: Interaction{URL: "/users", Body: "a=3&owner=3&x=%zz", Header: form},
			url:  "/users", body: "a=3&owner=%5Buser+3%5D&x=%zz",
		},
		{send: Interaction{URL: "/users", Body: "owner={{one}}", Header: form}, url: "/users", body: "owner={{one}}"},
		{send: Interaction{URL: "/users", Body: "owner=3"}, url: "/users", body: "owner=3"},
	} {
		test.send.Method = "POST"
		at, body := rules.ReplaceNumbers(&test.send, func(of, id string) string { return "[" + of + " " + id + "]" })
		if at != test.url || body != test.body {
			t.Errorf("%s %s: %s %s, want %s %s", test.send.URL, test.send.Body, at, body, test.url, test.body)
		}
	}
}
