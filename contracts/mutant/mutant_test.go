package mutant_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/mutant"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// run replays a hand-written case with one request against the mutants of one fake.
func run(t *testing.T, response string) (*mutant.Score, string, error) {
	t.Helper()
	steps := "headers: {Authorization: \"Bearer {{credential:ada}}\"}\nsteps:\n" +
		"  - request: {url: \"/api/v1/connections?page=2&limit=3\"}\n    response: " + response + "\n"
	files := fstest.MapFS{
		"flosum/one/case.yaml":  {Data: []byte("about: One request.\nsource: inferred\n")},
		"flosum/one/steps.yaml": {Data: []byte(steps)},
	}
	suite, err := contracts.Load(files, contracts.Config{Fakes: []string{"flosum"}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	defs := slices.DeleteFunc(mocks.All(), func(d *fake.Def) bool { return d.Name != "flosum" })
	score, err := mutant.Run(context.Background(), suite, defs)
	if err != nil {
		return nil, "", err
	}
	var out strings.Builder
	score.Show(&out, true)
	return score, out.String(), nil
}

func TestCasesJudgeMutants(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, response string
		want           []string
	}{
		{"a case that looks closely", `{status: 200, body: {total: 3, items: []}}`, []string{
			"killed    body empty, flosum, ConnectionsController_find  by flosum/one #0 $",
			"killed    header missing, flosum, Content-Type  by flosum/one #0 header Content-Type",
			"killed    limit one less, flosum, ConnectionsController_find, limit  by flosum/one #0 $.items",
			"harmless  page off by one, flosum, ConnectionsController_find, page",
			"error: code reusable changes no answer of flosum in any case",
			"\n       Write a case that it breaks or, if none can be,",
			"(100.0 %)",
		}},
		{"a case that looks away", `{status: 200, text: '{"total":3,"items":[]}'}`, []string{
			"survived  header missing, flosum, Content-Type",
			"\n          A case kills it that lists the header Content-Type of an answer of any operation.\n",
			"\n          No difference in flosum/one.\n",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			score, out, err := run(t, test.response)
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range test.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if score.Exit() != contracts.ExitFailed { // one case cannot show the effect of every operator
				t.Errorf("exit %d", score.Exit())
			}
		})
	}
}

// TestAdviceOnDeliveries requires that the advice on a mutant of a delivery is not about the answer.
func TestAdviceOnDeliveries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ operator, place, want string }{
		{"delivery without a header", "X-Signature", "lists the header X-Signature of a delivery because of sell"},
		{"delivery wrongly signed", "X-Signature", "lists the header X-Signature of a delivery because of sell"},
		{"delivery twice", "", "lists all deliveries because of sell"},
		{"delivery with null", "item.name", "fixes item.name in the body of a delivery because of sell"},
	} {
		var out strings.Builder
		n := slices.IndexFunc(mutant.Operators, func(o *mutant.Operator) bool { return o.Name == test.operator })
		alive := &mutant.Mutant{Operator: mutant.Operators[n], Operation: "sell", Place: test.place}
		(&mutant.Score{Mutants: []*mutant.Mutant{alive}}).Show(&out, false)
		if !strings.Contains(out.String(), "A case kills it that "+test.want+".") {
			t.Errorf("%s: %s, want %s", test.operator, out.String(), test.want)
		}
	}
}

func TestCasesHaveToPassFirst(t *testing.T) {
	t.Parallel()
	if _, _, err := run(t, `{status: 200, body: {total: 4, items: []}}`); err == nil ||
		!strings.Contains(err.Error(), "flosum/one #0 differs without a mutant: $.total") {
		t.Errorf("got %v", err)
	}
}

func TestScore(t *testing.T) {
	t.Parallel()
	mutants := func(killed, alive int) (all []*mutant.Mutant) {
		for n := range killed + alive {
			m := &mutant.Mutant{Operator: mutant.Operators[0], Touched: true}
			if n < killed {
				m.Killer = "a case"
			}
			all = append(all, m)
		}
		return all
	}
	for _, test := range []struct {
		name  string
		score mutant.Score
		exit  int
	}{
		{"nothing was broken", mutant.Score{}, contracts.ExitNothing},
		{"enough are killed", mutant.Score{Mutants: mutants(99, 1)}, contracts.ExitFine},
		{"too few are killed", mutant.Score{Mutants: mutants(989, 11)}, contracts.ExitFailed},
		{"a kind does not apply", mutant.Score{Mutants: mutants(1, 0), Problems: []string{"x"}}, contracts.ExitFailed},
	} {
		if got := test.score.Exit(); got != test.exit {
			t.Errorf("%s: exit %d, want %d", test.name, got, test.exit)
		}
	}
}
