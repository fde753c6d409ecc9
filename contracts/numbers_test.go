package contracts

import (
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts/jsontree"
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
			b := newBinding("2026-01-01")
			b.foreign = !test.home
			found := ""
			for _, s := range test.play {
				c := &comparison{binding: b, rules: &rules.Rules}
				if b.foreign {
					c.numbers = rules.numbersOf(&interaction{method: "GET", url: "/users"})
				}
				c.compareBody("application/json", s.rec, s.got)
				for _, d := range c.found {
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
		send      interaction
		url, body string
	}{
		{send: interaction{url: "/users/3?limit=3&owner=4"}, url: "/users/[user 3]?limit=3&owner=[user 4]"},
		{
			send: interaction{url: "http://desk.example/rows/tbl_a/3/4"},
			url:  "http://desk.example/rows/[table tbl_a]/[row of tbl_a 3]/4",
		},
		{
			send: interaction{url: "/users", body: `{"owner": 3, "limit": 3}`},
			url:  "/users", body: `{"owner":[user 3],"limit":3}`,
		},
		{send: interaction{url: "/users", body: `{"limit": 3}`}, url: "/users", body: `{"limit": 3}`},
		{
			send: interaction{url: "/users", body: "a=3&owner=3&x=%zz", header: form},
			url:  "/users", body: "a=3&owner=%5Buser+3%5D&x=%zz",
		},
		{send: interaction{url: "/users", body: "owner={{one}}", header: form}, url: "/users", body: "owner={{one}}"},
		{send: interaction{url: "/users", body: "owner=3"}, url: "/users", body: "owner=3"},
	} {
		test.send.method = "POST"
		at, body := rules.replaceNumbers(&test.send, func(of, id string) string { return "[" + of + " " + id + "]" })
		if at != test.url || body != test.body {
			t.Errorf("%s %s: %s %s, want %s %s", test.send.url, test.send.body, at, body, test.url, test.body)
		}
	}
}

// TestWrongNumberInAnotherWorkspace checks that a case whose answer names another thing fails in another workspace.
func TestWrongNumberInAnotherWorkspace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"flexcrm", "flosum"} {
		suite, _, foreign := anotherWorkspace(t, name)
		tried := 0
		for _, c := range suite.Cases {
			if wrong := withWrongNumber(c); wrong != nil {
				tried++
				if out := wrong.replay(t.Context(), foreign); out.Err == nil && out.Skipped == "" &&
					!slices.ContainsFunc(out.Results, func(r Result) bool { return len(r.Differences) > 0 }) {
					t.Errorf("%s passes with another thing in an answer", c.Name)
				}
			}
		}
		if tried < 3 {
			t.Errorf("%s: %d cases name a standing thing in an answer", name, tried)
		}
	}
}

// withWrongNumber returns a case in which the last answer that names a standing thing names another one, or nil.
func withWrongNumber(c *Case) *Case {
	for n, i := range slices.Backward(c.interactions) {
		body, err := jsontree.Parse(i.result)
		if err != nil {
			continue
		}
		all, done := c.rules.numbersOf(i), false
		body.Each("$", func(v *jsontree.Node, path string) {
			if done || v.Kind != jsontree.Number {
				return
			}
			v.Text = replaceAt(all, path, v.Text, func(of, id string) string {
				done = slices.ContainsFunc(c.rules.Standing, func(s *Standing) bool { return s.Of == of && s.ID == id })
				if done {
					return "7" + id
				}
				return id
			})
		})
		if done {
			other, changed := *c, *i
			changed.result = body.String()
			other.interactions = slices.Clone(c.interactions)
			other.interactions[n] = &changed
			return &other
		}
	}
	return nil
}
