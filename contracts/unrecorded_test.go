package contracts

import (
	"net/http"
	"testing"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// rulesOf compiles rules written as YAML.
func rulesOf(t *testing.T, text string) *rules {
	t.Helper()
	all := &rules{}
	if err := decodeStrict([]byte(text), all); err != nil {
		t.Fatal(err)
	}
	if err := all.compile(); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestUnrecordedHeaders(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t,
		"unrecorded:\n  - {headers: [access-control-allow-methods], before: '2026-11-28', why: left out}\n"+
			"  - {headers: [Access-Control-Max-Age], why: never kept}\n")
	const methods, age = "Access-Control-Allow-Methods", "Access-Control-Max-Age"
	for _, test := range []struct {
		name     string
		c        Case
		recorded http.Header // of another answer
		want     map[string]bool
	}{
		{"an old recording", Case{Info: Info{Source: "recorded", Date: "2026-11-21"}}, nil,
			map[string]bool{methods: true, age: true}},
		{"a new one", Case{Info: Info{Source: "recorded", Date: "2026-11-28"}}, nil, map[string]bool{age: true}},
		{"an old one that has it", Case{Info: Info{Source: "recorded", Date: "2026-11-21"}},
			http.Header{methods: {"GET"}}, map[string]bool{age: true}},
		{"a case of its own", Case{Info: Info{Source: "recorded", Date: "2026-11-28", Unrecorded: []string{"allow"}}},
			nil, map[string]bool{age: true, "Allow": true}},
		{"written by hand", Case{Info: Info{Source: "documented"}}, nil, nil},
	} {
		test.c.rules, test.c.interactions = rules, []*compare.Interaction{{Answer: test.recorded}}
		got := test.c.dropped()
		for _, name := range []string{methods, age, "Allow"} {
			if got[name] != test.want[name] {
				t.Errorf("%s: %s is dropped: %t, want %t", test.name, name, got[name], test.want[name])
			}
		}
		present := &compare.Comparison{Binding: compare.NewBinding(""), Rules: &rules.Rules, Dropped: got}
		present.CompareHeaders(http.Header{methods: {"PUT"}}, http.Header{methods: {"GET"}})
		if len(present.Found) != 1 {
			t.Errorf("%s: a recorded header is compared: %v", test.name, present.Found)
		}
		cmp := &compare.Comparison{Binding: compare.NewBinding(""), Rules: &rules.Rules, Dropped: got}
		cmp.CompareHeaders(nil, http.Header{methods: {"GET"}})
		if (len(cmp.Found) == 0) != got[methods] {
			t.Errorf("%s: an answer with the header differs: %v", test.name, cmp.Found)
		}
	}
}

func TestFeaturesOfABareRecording(t *testing.T) {
	t.Parallel()
	rules := rulesOf(t,
		"features:\n  - {feature: worker, answer: '\"name\":\"\\w+\\.created\"', why: jobs make such rows}\n")
	made := &compare.Interaction{Result: `[{"name":"note.created"}]`}
	sent := &compare.Interaction{Body: `{"name":"note.created"}`}
	alone, both := []*compare.Interaction{made}, []*compare.Interaction{sent, made}
	if !rules.featuresOf(alone)["worker"] || rules.featuresOf(both)["worker"] {
		t.Error("a feature is on exactly if the server made what shows it")
	}
}
