package mocks_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/flosum"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// defaultStates returns a function that finds the State of a fake in the default world of a new server.
func defaultStates(t *testing.T) func(name string) *fake.State {
	srv, err := fake.New(fake.Config{}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	world, _ := srv.World("default")
	return func(name string) *fake.State {
		s, err := world.State(name)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
}

// TestReplacedRowsAreBoundedByTheirJSON compares the estimate of a removed row's memory, which
// bounds undo, with the row's JSON: it must be at least a third, because a control character takes
// six bytes there, and at most twenty times the JSON, plus the memory of the trees. The rows are
// those of the seeds with random texts.
func TestReplacedRowsAreBoundedByTheirJSON(t *testing.T) {
	t.Parallel()
	state := defaultStates(t)
	k, f, c, tw := state("kickflow"), state("flosum"), state("flexcrm"), state("twenty")
	checkWeights[kickflow.User](t, k, "users")
	checkWeights[kickflow.Ticket](t, k, "tickets")
	checkWeights[kickflow.Workflow](t, k, "workflows")
	checkWeights[kickflow.Comment](t, k, "comments")
	checkWeights[flosum.Connection](t, f, "connections")
	checkWeights[flosum.Job](t, f, "jobs")
	checkWeights[flosum.User](t, f, "users")
	checkWeights[flexcrm.Record](t, c, "flexdb/tbl_customer")
	checkWeights[flexcrm.Application](t, c, "applications")
	checkWeights[flexcrm.User](t, c, "users")
	checkWeights[*record.Record](t, tw, "record:company")
	checkWeights[*record.Record](t, tw, "record:person")
	checkWeights[*record.Record](t, tw, "record:note")
	checkWeights[schema.Field](t, tw, "fields") // last, since records have the fields of this table
}

func checkWeights[T any](t *testing.T, s *fake.State, name string) {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	rows, loaded := s.Dump(name), 0
	tab := fake.TableOf[T](s, name)
	most := 200
	if race.Enabled {
		most = 50 // a separate step in CI takes all
	}
	for n := 0; n < most && len(rows) > 0; n++ {
		text := rows[n%len(rows)]
		kept := []int{2, 4, 8}[n%3] // few rows with a closed set of values load when most texts change
		var old any
		if err := json.Unmarshal(text, &old); err != nil {
			t.Fatal(err)
		}
		changed, err := json.Marshal(changeTexts(r, kept, old, ""))
		if err != nil {
			t.Fatal(err)
		}
		s.Change(func() error {
			tab.DeleteIf(func(T) bool { return true })
			if tab.Untyped().Load(changed) != nil {
				return nil // a type with a closed set of values
			}
			loaded++
			checkWeight(t, tab)
			return nil
		})
	}
	t.Logf("%s: %d of %d rows were loaded", name, loaded, most)
	if loaded < most/20 {
		t.Errorf("%s: only %d rows were loaded", name, loaded)
	}
}

func checkWeight[T any](t *testing.T, tab *fake.Table[T]) {
	const trees = 8 * 512
	for row := range tab.Rows() {
		before := tab.Untyped().Replaced()
		tab.Delete(tab.Key(row.Value))
		weight, text := tab.Untyped().Replaced()-before, len(row.JSON())
		if weight < text/3 || weight > trees+20*text {
			t.Errorf("%s: a row of %d bytes of JSON counts as %d: %.300s", tab.Name(), text, weight, row.JSON())
		}
		return
	}
}

// changeTexts replaces texts, but no identifier, by random ones. It keeps about kept in ten of them,
// and the same seed changes the same texts.
func changeTexts(r *rand.Rand, kept int, v any, key string) any {
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			v[k] = changeTexts(r, kept, v[k], k)
		}
	case []any:
		for i, x := range v {
			v[i] = changeTexts(r, kept, x, key)
		}
	case string:
		if !strings.HasSuffix(strings.ToLower(key), "id") && r.IntN(10) >= kept {
			return strings.Repeat([]string{"a", "é", "\"", "\n", "\x01", "青"}[r.IntN(6)], r.IntN(2000)*r.IntN(2))
		}
	}
	return v
}
