package fault_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/fault"
	"github.com/afba07b5/mockserver/fake/listen"
)

func TestRulesHitWhatTheySay(t *testing.T) {
	t.Parallel()
	get := fault.Request{Fake: "library", Operation: "getBook", Method: "GET", Path: "/books/1"}
	post := fault.Request{Fake: "library", Operation: "createBook", Method: "POST", Path: "/books"}
	for _, c := range []struct {
		name string
		rule fault.Rule
		want []bool // for get, post, get, get
	}{
		{"everything", fault.Rule{}, []bool{true, true, true, true}},
		{"an operation", fault.Rule{Operation: "getBook"}, []bool{true, false, true, true}},
		{"a method in lower case", fault.Rule{Method: "post"}, []bool{false, true, false, false}},
		{"a path", fault.Rule{PathPrefix: "/books/"}, []bool{true, false, true, true}},
		{"another fake", fault.Rule{Fake: "cinema"}, []bool{false, false, false, false}},
		{"the second matching call", fault.Rule{Operation: "getBook", Nth: 2}, []bool{false, false, true, false}},
		{"twice at most", fault.Rule{Times: 2}, []bool{true, true, false, false}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var set fault.Set
			c.rule.Fault.Status = 500
			set.Add(c.rule)
			var got []bool
			for _, r := range []fault.Request{get, post, get, get} {
				got = append(got, set.Match(r) != nil)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestChanceIsDrawnFromItsSeed(t *testing.T) {
	t.Parallel()
	var a, b fault.Set
	a.Add(fault.Rule{Probability: 0.5, Seed: 7})
	b.Add(fault.Rule{Probability: 0.5, Seed: 7})
	hits := 0
	for i := range 1000 {
		one, two := a.Match(fault.Request{}) != nil, b.Match(fault.Request{}) != nil
		if one != two {
			t.Fatalf("request %d: the same seed drew %v and %v", i, one, two)
		}
		if one {
			hits++
		}
	}
	if hits < 400 || hits > 600 {
		t.Errorf("%d of 1000 struck at a probability of one half", hits)
	}
}

func TestFirstRuleThatHitsWins(t *testing.T) {
	t.Parallel()
	var set fault.Set
	first := set.Add(fault.Rule{Times: 1, Fault: fault.Fault{Name: "one"}})
	set.Add(fault.Rule{Fault: fault.Fault{Name: "two"}})
	got := []string{set.Match(fault.Request{}).Name, set.Match(fault.Request{}).Name}
	if diff := cmp.Diff([]string{"one", "two"}, got); diff != "" {
		t.Error(diff)
	}
	if rules := set.Rules(); rules[0].Seen != 2 || rules[0].Hit != 1 || rules[1].Hit != 1 {
		t.Errorf("counters: %+v", rules)
	}
	if !set.Remove(first) || set.Remove(first) {
		t.Error("a rule is removed once")
	}
	set.Clear()
	if set.Match(fault.Request{}) != nil {
		t.Error("a cleared set still strikes")
	}
}

func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	for how, want := range map[string]struct {
		status int
		body   string
		err    error
	}{
		"reset":    {},
		"empty":    {err: io.EOF},
		"truncate": {status: 200, body: "hello", err: io.ErrUnexpectedEOF},
		"dribble":  {status: 200, body: "hello world"},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			url, stop, err := listen.Serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				f := fault.Fault{Break: how}
				f.Cut(r.Context(), w, 200, []byte("hello world"))
			}))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(stop)
			res, err := http.Get(url)
			if want.status == 0 {
				if err == nil {
					t.Fatal("an answer came")
				}
				if want.err != nil && !errors.Is(err, want.err) {
					t.Errorf("error %v, want %v", err, want.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if res.StatusCode != want.status || string(body) != want.body || !errors.Is(err, want.err) {
				t.Errorf("%d %q %v, want %d %q %v", res.StatusCode, body, err, want.status, want.body, want.err)
			}
		})
	}
}
