package twenty

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// searchedFor are the labels that a search finds, with their ranks.
const searchedFor = `query($s: String!, $l: Int! = 9, $in: [String!], $out: [String!], $after: String) {
	search(searchInput: $s, limit: $l, includedObjectNameSingulars: $in, excludedObjectNameSingulars: $out, ` +
	`after: $after) {
		edges { node { objectNameSingular label } cursor } pageInfo { hasNextPage endCursor } } }`

func TestSearchFindsWhatTheVectorsHold(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	for line, body := range map[string]string{
		"POST /rest/batch/notes": `[{"title":"foo-bar"},{"title":"foo bar"},{"title":"株式会社テスト"},` +
			`{"title":"100% sure"},{"title":"ship_it"}]`,
		"POST /rest/batch/people": `[{"name":{"firstName":"Rosa"},"emails":{"primaryEmail":"x.brandt@y.example"},` +
			`"phones":{"primaryPhoneNumber":"+33612345678"}}]`,
		"POST /rest/attachments":   `{"name":"plan.pdf"}`,
		"POST /rest/messages":      `{"subject":"plan"}`,
		"POST /rest/opportunities": `{"name":"Émile's deal"}`,
	} {
		if status, text := ask(t, srv, Key, line, body); status != 201 {
			t.Fatal(line, status, text)
		}
	}
	for _, tt := range []struct {
		name, input string
		more        map[string]any
		want        string
	}{
		{"a hyphenated word wants its parts side by side", "foo-bar", nil, "note foo-bar"},
		{"two words may stand anywhere", "bar foo", nil, "note foo-bar, note foo bar"},
		{"any beginning of a word", "fo", nil, "note foo-bar, note foo bar"},
		{"without hits, any part of a text", "テスト", nil, "note 株式会社テスト"},
		{"without hits, all words are wanted", "brand xample", nil, "person Rosa "},
		{"with hits in an object no guesses there", "a", map[string]any{"in": []string{"company"}}, "company Ada"},
		{"signs are not looked for", "100%", nil, "note 100% sure"},
		{"an underscore stands for itself", "p_i", nil, ""},
		{"accents and case do not matter", "EMILE", nil, "opportunity Émile's deal"},
		{"a number with its country", "+33612345678", nil, "person Rosa "},
		{"a named object need not be searchable", "plan", map[string]any{"in": []string{"attachment", "note"}},
			"attachment plan.pdf"},
		{"mailboxes are private", "plan", map[string]any{"in": []string{"message"}}, ""},
		{"excluded wins", "foo", map[string]any{"in": []string{"note"}, "out": []string{"note"}}, ""},
		{"no names are all", "rosa", map[string]any{"in": []string{}}, "person Rosa "},
		{"a further page guesses nothing", "テスト", map[string]any{"after": ""}, ""},
		{"the limit counts", "foo", map[string]any{"l": 1}, "note foo-bar+"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			variables := map[string]any{"s": tt.input}
			for k, v := range tt.more {
				variables[k] = v
			}
			out := executed(t, srv, "/graphql", searchedFor, variables)
			data, _ := out["data"].(map[string]any)
			if data == nil {
				t.Fatal(out)
			}
			found := data["search"].(map[string]any)
			var got []string
			for _, e := range found["edges"].([]any) {
				node := e.(map[string]any)["node"].(map[string]any)
				got = append(got, node["objectNameSingular"].(string)+" "+node["label"].(string))
			}
			text := strings.Join(got, ", ")
			if found["pageInfo"].(map[string]any)["hasNextPage"] == true {
				text += "+"
			}
			if diff := cmp.Diff(tt.want, text); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestSearchRefusesLimitsBeyondItsBounds(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	for limit, want := range map[int]string{-2: "LIMIT must not be negative", 101: "Limit cannot exceed 100 items"} {
		out := executed(t, srv, "/graphql", searchedFor, map[string]any{"s": "ada", "l": limit})
		errors, _ := out["errors"].([]any)
		if len(errors) != 1 || errors[0].(map[string]any)["message"] != want {
			t.Errorf("%d: %v, want %s", limit, out, want)
		}
	}
}

// TestSearchByIndexSeesEveryWrite compares the search in a table that is large enough for an index with the
// names of its records, between writes.
func TestSearchByIndexSeesEveryWrite(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	names, bodies := map[string]string{}, []string{}
	words := []string{"Alpha", "beta", "alphabet", "gamma-ray", "O'Neil", "Béta"}
	for n := range 120 {
		id := fmt.Sprintf("c0000000-0000-4000-8000-%012d", n)
		names[id] = words[n%len(words)] + " " + words[n/7%len(words)]
		bodies = append(bodies, fmt.Sprintf(`{"id":%q,"name":%q}`, id, names[id]))
	}
	if status, text := ask(t, srv, Key, "POST /rest/batch/companies",
		"["+strings.Join(bodies, ",")+"]"); status != 201 {
		t.Fatal(text)
	}
	for n := range 12 {
		id := fmt.Sprintf("c0000000-0000-4000-8000-%012d", n*7)
		names[id] = words[n%len(words)]
		ask(t, srv, Key, "PATCH /rest/companies/"+id, fmt.Sprintf(`{"name":%q}`, names[id]))
		for typed, lower := range map[string]string{"alph": "alph", "BETA": "beta", "ray": "ray", "neil": "neil"} {
			want := 0
			for _, name := range names {
				for _, word := range strings.FieldsFunc(strings.ToLower(strings.ReplaceAll(name, "é", "e")),
					func(r rune) bool {
						return r == ' ' || r == '-' || r == '\''
					}) {
					if strings.HasPrefix(word, lower) {
						want++
						break
					}
				}
			}
			_, text := ask(t, srv, Key, "POST /graphql", fmt.Sprintf(`{"query":"{search(searchInput:\"%s\",limit:100,`+
				`includedObjectNameSingulars:[\"company\"]){edges{node{recordId}}}}"}`, typed))
			if got := strings.Count(text, "recordId"); got != min(want, 100) {
				t.Fatalf("step %d, %s: %d found, want %d: %.300s", n, typed, got, want, text)
			}
		}
	}
}
