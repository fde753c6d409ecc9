package twenty

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// documentsOfAllKinds are documents that random ones are made from.
var documentsOfAllKinds = []string{
	`query P($n: Int) { people(first: $n) { edges { node { id name { firstName } company { name } } } } }`,
	`{ companies(orderBy: [{name: AscNullsFirst}]) { totalCount edges { cursor node { ...C } } } } ` +
		`fragment C on Company { name people { edges { node { id } } } }`,
	`{ a: company(filter: {name: {eq: "Ada"}}) { n: name @include(if: true) nope } }`,
	`query A { people { totalCount } } query B { companies { totalCount } }`,
	`{ objects(paging: {first: 2}) { edges { node { nameSingular fields(paging: {first: 1}) { edges { node { name } ` +
		`} } } } } }`,
	`query K { apiKeys { id name } } fragment F on ApiKey { id ...F }`,
	`{ apiKeys { nope } webhooks { id id: targetUrl } }`,
	`query W($id: UUID!, $unused: Int) { webhook(id: $id) { id } }`,
	`{ __schema { queryType { name } } __type(name: "Company") { kind name } }`,
	`{ search(searchInput: "Ada", limit: 3) { edges { node { label } } } }`,
	"subscription { x }", "{ companies(first: 1) { edges { node { \"\"\"block\"\"\" } } } }", "",
}

// TestADocumentAskedForAgainHasTheSameAnswer sends random documents, many of them broken, which no request had
// before, and then again: from the cache the answers are the same, with errors and their places.
func TestADocumentAskedForAgainHasTheSameAnswer(t *testing.T) {
	t.Parallel()
	srv := stocked(t)
	r := rand.New(rand.NewPCG(3, 5))
	type sent struct{ token, line, body, answer string }
	var before []sent
	send := func(token, line, body string) string {
		status, text := ask(t, srv, token, line, body)
		return fmt.Sprint(status, " ", text)
	}
	for n := range 250 {
		text := documentsOfAllKinds[r.IntN(len(documentsOfAllKinds))]
		for range r.IntN(4) {
			text = broken(r, text)
		}
		body, _ := json.Marshal(map[string]any{"query": fmt.Sprintf("#%d\n%s", n, text),
			"variables": map[string]any{"n": 1, "id": first}, "operationName": []any{nil, "A", "P"}[r.IntN(3)]})
		one := sent{token: []string{Key, ""}[r.IntN(4)/3], line: "POST " + []string{"/graphql", "/metadata"}[r.IntN(2)],
			body: string(body)}
		one.answer = send(one.token, one.line, one.body)
		before = append(before, one)
		for _, again := range []sent{one, before[r.IntN(len(before))]} {
			if got := send(again.token, again.line, again.body); got != again.answer {
				t.Fatalf("%s %s\nfirst %s\nagain %s", again.line, again.body, again.answer, got)
			}
		}
	}
}

// broken returns a text with a part left out, repeated or replaced.
func broken(r *rand.Rand, text string) string {
	if text == "" {
		return "{"
	}
	from := r.IntN(len(text))
	to := min(len(text), from+1+r.IntN(6))
	middle := []string{"", strings.Repeat(text[from:to], 2), `"`, "{ id }", "é", "$x", "...",
		"@skip(if: true)"}[r.IntN(8)]
	return strings.ToValidUTF8(text[:from]+middle+text[to:], "")
}
