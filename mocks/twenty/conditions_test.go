package twenty

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/filter"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
)

// comparisonTexts are comparisons in the grammar of REST and as objects of GraphQL.
var comparisonTexts = [][2]string{
	{`name[eq]:"Acme"`, `{"name":{"eq":"Acme"}}`},
	{`name[eq]:7`, `{"name":{"eq":7}}`},
	{`name[startsWith]:A`, `{"name":{"startsWith":"A"}}`},
	{`name[ilike]:"%a%"`, `{"name":{"ilike":"%a%"}}`},
	{`name[in]:["Acme",Zed]`, `{"name":{"in":["Acme","Zed"]}}`},
	{`position[gte]:3`, `{"position":{"gte":3}}`},
	{`position[lt]:"2.5e0"`, `{"position":{"lt":2.5}}`},
	{`address.addressCity[is]:NULL`, `{"address":{"addressCity":{"is":"NULL"}}}`},
	{`address.addressLat[gt]:1`, `{"address":{"addressLat":{"gt":1}}}`},
	{`createdAt[lte]:2026-01-02T03:04:05Z`, `{"createdAt":{"lte":"2026-01-02T03:04:05.000Z"}}`},
	{`deletedAt[is]:NOT_NULL`, `{"deletedAt":{"is":"NOT_NULL"}}`},
	{`id[in]:[` + strings.ToUpper(member) + `]`, `{"id":{"in":["` + member + `"]}}`},
	{`accountOwnerId[neq]:` + member, `{"accountOwnerId":{"neq":"` + strings.ToUpper(member) + `"}}`},
	{`accountOwner.name.firstName[like]:"J%"`, `{"accountOwner":{"name":{"firstName":{"like":"J%"}}}}`},
}

func filterObject(t *testing.T, text string) *js.Object {
	t.Helper()
	o, err := js.ParseJSON(text)
	if err != nil {
		t.Fatal(text, err)
	}
	return o.(*js.Object)
}

// anyFilter makes a random filter in both spellings. Several conditions that all hold are one object of GraphQL, a
// list, or both.
func anyFilter(t *testing.T, r *rand.Rand, depth int) (rest string, graphql *js.Object) {
	t.Helper()
	if depth == 0 || r.IntN(3) == 0 {
		one := comparisonTexts[r.IntN(len(comparisonTexts))]
		return one[0], filterObject(t, one[1])
	}
	if r.IntN(4) == 0 {
		rest, graphql = anyFilter(t, r, depth-1)
		return "not(" + rest + ")", js.NewObject("not", graphql)
	}
	var rests []string
	var objects []any
	for range 1 + r.IntN(3) {
		rest, graphql := anyFilter(t, r, depth-1)
		rests, objects = append(rests, rest), append(objects, graphql)
	}
	word := []string{"and", "or"}[r.IntN(2)]
	rest = word + "(" + strings.Join(rests, ",") + ")"
	switch {
	case len(objects) == 1 && r.IntN(2) == 0:
		return rest, js.NewObject(word, objects[0])
	case word == "and" && r.IntN(2) == 0:
		return rest, oneObject(objects)
	}
	return rest, js.NewObject(word, objects)
}

// oneObject has the members of all objects. After the first that has a key again, the others are a list.
func oneObject(objects []any) *js.Object {
	all := &js.Object{}
	for i, o := range objects {
		for _, m := range o.(*js.Object).Members {
			if _, again := all.Get(m.Key); again || m.Key == "and" {
				return js.NewObject("and", append([]any{all}, objects[i:]...))
			}
		}
		all.Members = append(all.Members, o.(*js.Object).Members...)
	}
	return all
}

func TestBothSpellingsOfAFilterAreOneCondition(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	state, err := srv.World.State("twenty")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(5, 6))
	state.View(func() {
		a := fake.Of[api](state)
		condition := func(tree *js.Object) filter.Condition {
			t.Helper()
			c, err := filter.Read(a.records, a.tables.Schema().Singular("company"), tree)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		parsed := func(text string) filter.Condition {
			t.Helper()
			o, err := filter.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			return condition(o)
		}
		for range 500 {
			rest, graphql := anyFilter(t, r, 4)
			if a, b := parsed(rest), condition(graphql); !reflect.DeepEqual(a, b) {
				t.Fatalf("%s\n%s\nare\n%v\n%v", rest, jsonb.Encode(graphql), a, b)
			}
		}
		for i, one := range comparisonTexts {
			for _, other := range comparisonTexts[i+1:] {
				if reflect.DeepEqual(parsed(one[0]), parsed(other[0])) {
					t.Errorf("%s and %s are one condition", one[0], other[0])
				}
			}
		}
	})
}
