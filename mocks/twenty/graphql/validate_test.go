package graphql

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocumentsAreCheckedAsGraphQLJSDoes compares with the errors of graphql-js 16.8 for the same
// documents and types, in its order.
func TestDocumentsAreCheckedAsGraphQLJSDoes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		document string
		want     []string
	}{
		{`{ apiKeys(first: 2) { id } }`, []string{
			`Unknown argument "first" on field "Query.apiKeys". 1:11`,
		}},
		{`{ getViewSort(ixd: "a") { id } }`, []string{
			`Unknown argument "ixd" on field "Query.getViewSort". Did you mean "id"? 1:15`,
			`Field "getViewSort" argument "id" of type "String!" is required, but it was not provided. 1:3`,
		}},
		{`{ getView { id } }`, []string{
			`Field "getView" argument "id" of type "String!" is required, but it was not provided. 1:3`,
		}},
		{`{ apiKeys { name { x } } }`, []string{
			`Field "name" must not have a selection since type "String!" has no subfields. 1:18`,
		}},
		{`{ getViews }`, []string{
			`Field "getViews" of type "[View!]!" must have a selection of subfields. Did you mean "getViews { ... ` +
				`}"? 1:3`,
		}},
		{`{ getVews { id } }`, []string{
			`Cannot query field "getVews" on type "Query". Did you mean "getViews" or "getView"? 1:3`,
		}},
		{`query Q($v: String, $w: Int) { getView(id: $v) { id } }`, []string{
			`Variable "$w" is never used in operation "Q". 1:21`,
			`Variable "$v" of type "String" used in position expecting type "String!". 1:9 1:44`,
		}},
		{`query ($v: [String]) { getViews(viewTypes: $v) { id } }`, []string{
			`Variable "$v" of type "[String]" used in position expecting type "[ViewType!]". 1:8 1:44`,
		}},
		{`query ($v: String = "a") { getView(id: $v) { id } }`, []string{}},
		{`query Q { getView(id: $ghost) { id } }`, []string{
			`Variable "$ghost" is not defined by operation "Q". 1:23 1:1`,
		}},
		{`query ($v: Int, $v: String!) { getView(id: $v) { id } }`, []string{
			`There can be only one variable named "$v". 1:9 1:18`,
		}},
		{`query ($v: View) { getView(id: $v) { id } }`, []string{
			`Variable "$v" cannot be non-input type "View". 1:12`,
			`Variable "$v" of type "View" used in position expecting type "String!". 1:8 1:32`,
		}},
		{`query ($v: Strin!) { getView(id: $v) { id } }`, []string{
			`Unknown type "Strin". Did you mean "String"? 1:12`,
		}},
		{`{ apiKeys @nope { id @skip name @include(if: "x") } }`, []string{
			`Unknown directive "@nope". 1:11`,
			`Directive "@skip" argument "if" of type "Boolean!" is required, but it was not provided. 1:22`,
			`Boolean cannot represent a non boolean value: "x" 1:46`,
		}},
		{`query @skip(if: true) { apiKeys { id @include(unless: true) @include(if: true) } }`, []string{
			`Directive "@skip" may not be used on QUERY. 1:7`,
			`The directive "@include" can only be used once at this location. 1:38 1:61`,
			`Unknown argument "unless" on directive "@include". 1:47`,
			`Directive "@include" argument "if" of type "Boolean!" is required, but it was not provided. 1:38`,
		}},
		{`{ getView(id: "a", id: "b") { id } }`, []string{
			`There can be only one argument named "id". 1:11 1:20`,
		}},
		{`{ objects(filter: {isActiv: {}, isActive: {is: 1}},` +
			` paging: {first: "x", first: 1.5}) { pageInfo { hasNextPage } } }`, []string{
			`Field "isActiv" is not defined by type "ObjectFilter". Did you mean "isActive"? 1:20`,
			`Boolean cannot represent a non boolean value: 1 1:48`,
			`Int cannot represent non-integer value: "x" 1:69`,
			`There can be only one input field named "first". 1:62 1:74`,
			`Int cannot represent non-integer value: 1.5 1:81`,
		}},
		{`{ getViews(viewTypes: [TABEL, "KANBAN", 1]) { id } }`, []string{
			`Value "TABEL" does not exist in "ViewType" enum. Did you mean the enum value "TABLE"? 1:24`,
			`Enum "ViewType" cannot represent non-enum value: "KANBAN". Did you mean the enum value "KANBAN"? 1:31`,
			`Enum "ViewType" cannot represent non-enum value: 1. 1:41`,
		}},
		{`{ getView(id: null) { id } b: getView(id: [1]) { id } c: getView(id: {a: [1, "x"]}) { id } }`, []string{
			`Expected value of type "String!", found null. 1:15`,
			`String cannot represent a non string value: [1] 1:43`,
			`String cannot represent a non string value: {a: [1, "x"]} 1:70`,
		}},
		{`mutation { createOneObject(input: {}) { id } deleteViewSort(input: []) }`, []string{
			`Field "CreateOneObjectInput.object" of required type "CreateObjectInput!" was not provided. 1:35`,
			`Expected value of type "DeleteViewSortInput", found []. 1:68`,
		}},
		{`{ ...F ...Nope } fragment F on Webhook { id } fragment G on ViewType { x } fragment H on Query { ` +
			`apiKeys { id } }`, []string{
			`Fragment "F" cannot be spread here as objects of type "Query" can never be of type "Webhook". 1:3`,
			`Unknown fragment "Nope". 1:11`,
			`Fragment "G" cannot condition on non composite type "ViewType". 1:61`,
			`Fragment "G" is never used. 1:47`,
			`Fragment "H" is never used. 1:76`,
		}},
		{`{ apiKeys { ...A } } fragment A on ApiKey { id ...B } fragment B on ApiKey { ...A ...B }`, []string{
			`Cannot spread fragment "A" within itself via "B". 1:48 1:78`,
			`Cannot spread fragment "B" within itself. 1:83`,
		}},
		{`{ apiKeys { ... on Webhook { id } ... on Nope { id } ... on ViewType { id } } }`, []string{
			`Fragment cannot be spread here as objects of type "ApiKey" can never be of type "Webhook". 1:13`,
			`Unknown type "Nope". Did you mean "Role"? 1:42`,
			`Fragment cannot condition on non composite type "ViewType". 1:61`,
		}},
		{`{ apiKeys { id: name id } a: getView(id: "a") { id } a: getView(id: "b") { id } }`, []string{
			`Fields "a" conflict because they have differing arguments. Use different aliases on the fields to ` +
				`fetch both if this was intentional. 1:27 1:54`,
			`Fields "id" conflict because "name" and "id" are different fields. Use different aliases on the ` +
				`fields to fetch both if this was intentional. 1:13 1:22`,
		}},
		{`{ webhooks { id } apiKeys { ...F a: name } } fragment F on ApiKey { a: expiresAt }`, []string{
			`Fields "a" conflict because "name" and "expiresAt" are different fields. Use different aliases on ` +
				`the fields to fetch both if this was intentional. 1:34 1:69`,
		}},
		{`{ objects { edges { cursor } } objects { edges { cursor: node { id } } } }`, []string{
			`Fields "objects" conflict because subfields "edges" conflict because subfields "cursor" conflict ` +
				`because "cursor" and "node" are different fields. Use different aliases on the fields to fetch ` +
				`both if this was intentional. 1:3 1:13 1:21 1:32 1:42 1:50`,
		}},
		{`query A { apiKeys { id } } query A { webhooks { id } } { webhooks { id } }`, []string{
			`There can be only one operation named "A". 1:7 1:34`,
			`This anonymous operation must be the only defined operation. 1:56`,
		}},
		{`fragment F on Query { apiKeys { id } } { ...F } fragment F on Query { webhooks { id } }`, []string{
			`There can be only one fragment named "F". 1:10 1:58`,
		}},
		{"{\n  apiKeys {\r\n    id # ünicode { \n    nope\n  }\n}", []string{
			`Cannot query field "nope" on type "ApiKey". Did you mean "name" or "role"? 4:5`,
		}},
	} {
		d, failure := parse(tt.document, "")
		if failure != nil {
			t.Fatalf("%s: %s", tt.document, failure.Message)
		}
		got := []string{}
		for _, f := range metadataEngine().faults(d, false) {
			text := f.Message + " "
			for i, at := range f.Locations {
				if i > 0 {
					text += " "
				}
				text += fmt.Sprintf("%d:%d", at.Line, at.Column)
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", tt.document, diff)
		}
	}
}

func TestStrangersGetNoSuggestions(t *testing.T) {
	t.Parallel()
	d, _ := parse("{ apiKey_ { id } getViews __schema { types { name } } }", "")
	var got []string
	for _, f := range metadataEngine().faults(d, true) {
		got = append(got, f.Message)
	}
	want := []string{`Cannot query field "apiKey_" on type "Query".`,
		`Field "getViews" of type "[View!]!" must have a selection of subfields.`,
		`GraphQL introspection has been disabled, but the requested query contained the field "__schema".`,
		`GraphQL introspection has been disabled, but the requested query contained the field "types".`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestWideFragmentsAreRefused bounds the work for fragments that the rules read again at each spread.
func TestWideFragmentsAreRefused(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{
		maxFields:     `Fragment "A" is never used.`,
		maxFields + 1: tooManyFields(maxFields + 1).Message,
	} {
		d, _ := parse("{ __typename } fragment A on Query { "+strings.Repeat("__typename ", n)+"}", "")
		if got := metadataEngine().validate(d, false)[0].Message; got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
