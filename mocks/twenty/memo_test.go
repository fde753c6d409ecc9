package twenty

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// TestFiltersSeeEveryWrite repeats queries between writes, rejected ones included, so that a stale
// cache entry shows.
func TestFiltersSeeEveryWrite(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	r := rand.New(rand.NewPCG(1, 2))
	names := map[string]string{} // id → name, of those outside the trash
	var ids []string
	for n := range 120 {
		id, name := fmt.Sprintf("c0000000-0000-4000-8000-%012d", n), string(rune('A'+r.IntN(3)))
		switch pick := r.IntN(6); {
		case pick < 3 || len(ids) == 0:
			ask(t, srv, Key, "POST /rest/companies", fmt.Sprintf(`{"id":%q,"name":%q}`, id, name))
			ids, names[id] = append(ids, id), name
		case pick == 3:
			id = ids[r.IntN(len(ids))]
			ask(t, srv, Key, "PATCH /rest/companies/"+id, fmt.Sprintf(`{"name":%q}`, name))
			if _, there := names[id]; there {
				names[id] = name
			}
		case pick == 4:
			id = ids[r.IntN(len(ids))]
			ask(t, srv, Key, "DELETE /rest/companies/"+id+"?soft_delete=true", "")
			delete(names, id)
		default: // the second of the batch is rejected, and with it the first
			ask(t, srv, Key, "POST /rest/batch/companies",
				fmt.Sprintf(`[{"id":%q,"name":"A"},{"id":%q,"name":"A"}]`, id, ids[0]))
		}
		for _, name := range []string{"A", "B"} {
			_, body := ask(t, srv, Key, "GET /rest/companies?limit=200&filter=name%5Beq%5D:"+name, "")
			var answer struct {
				Data       struct{ Companies []struct{ ID string } }
				TotalCount int
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatal(err, body)
			}
			var got, want []string
			for _, c := range answer.Data.Companies {
				got = append(got, c.ID)
			}
			for id, its := range names {
				if its == name {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" || answer.TotalCount != len(want) {
				t.Fatalf("step %d, name %s, total %d: %s", n, name, answer.TotalCount, diff)
			}
		}
	}
}
