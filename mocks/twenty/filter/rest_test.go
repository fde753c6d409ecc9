package filter

import (
	"testing"

	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
)

func TestFilterGrammar(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`name[eq]:"x"`:                `{"and":[{"name":{"eq":"x"}}]}`,
		`a[eq]:1,b.c[in]:[1,"2"]`:     `{"and":[{"a":{"eq":"1"}},{"b":{"c":{"in":["1","2"]}}}]}`,
		`or(a[eq]:1,not(b[is]:NULL))`: `{"or":[{"a":{"eq":"1"}},{"not":{"b":{"is":"NULL"}}}]}`,
		`not(a[eq]:",")`:              `{"not":{"a":{"eq":","}}}`,
		`name[eq]:`:                   `'filter' invalid for 'name[eq]:'. eg: price[gte]:10`,
		`name[foo]:"x"`: `'filter' invalid for 'name[foo]:"x"', comparator foo not in eq, neq, in, containsAny, ` +
			`is, gt, gte, ` +
			`lt, lte, startsWith, endsWith, like, ilike`,
		`or((name[eq]:"x"`: `'filter' invalid. 2 close brackets are missing in the query`,
		`name[eq]:"x")`:    `'filter' invalid. 1 open bracket is missing in the query`,
		`not(a[eq]:1,b[eq]:2)`: `'filter' invalid. 'not' conjunction should contain only 1 condition. eg: ` +
			`not(field[eq]:1)`,
		`name[in]:"Stripe"`: `'filter' invalid for 'in' operator. Received '"Stripe"' but array value expected eg: ` +
			`'field[in]:[value_1,value_2]'`,
		`or()`:                             `'filter' invalid for 'or()'. eg: price[gte]:10`,
		`or(and(a[gte]:"O'B"),b[is]:NULL)`: `{"or":[{"and(a":{"gte":"\"O'B\"),b[is]:NULL"}}]}`,
	} {
		tree, err := Parse(text)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = string(jsonb.Encode(tree))
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}
