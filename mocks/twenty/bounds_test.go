package twenty

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// TestAnIndexOfOneConditionLeavesTheOthers asks a table that is long enough for indexes. The first answer to each
// filter matches the rows in the index of one condition, the second reads an index of the whole filter.
func TestAnIndexOfOneConditionLeavesTheOthers(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	type company struct {
		name     string
		position int
		trashed  bool
	}
	var all []company
	var bodies []string
	for n := range 150 {
		c := company{[]string{"A", "B", "a", ""}[n%4], n % 7, n%5 == 0}
		all = append(all, c)
		bodies = append(bodies, fmt.Sprintf(`{"id":%q,"name":%q,"position":%d}`, numbered(n), c.name, c.position))
	}
	ask(t, srv, Key, "POST /rest/batch/companies", "["+strings.Join(bodies, ",")+"]")
	for n, c := range all {
		if c.trashed {
			ask(t, srv, Key, "DELETE /rest/companies/"+numbered(n)+"?soft_delete=true", "")
		}
	}
	for filter, match := range map[string]func(company) bool{
		`name[eq]:A`:                               func(c company) bool { return c.name == "A" },
		`name[eq]:A,position[gt]:3`:                func(c company) bool { return c.name == "A" && c.position > 3 },
		`position[gt]:3,name[eq]:A`:                func(c company) bool { return c.name == "A" && c.position > 3 },
		`position[eq]:3,name[eq]:A`:                func(c company) bool { return c.name == "A" && c.position == 3 },
		`name[eq]:A,name[eq]:B`:                    func(company) bool { return false },
		`name[eq]:A,not(name[eq]:A)`:               func(company) bool { return false },
		`name[eq]:A,name[neq]:B`:                   func(c company) bool { return c.name == "A" },
		`name[startsWith]:A,position[lt]:2`:        func(c company) bool { return c.name == "A" && c.position < 2 },
		`name[eq]:A,deletedAt[is]:NOT_NULL`:        func(c company) bool { return c.name == "A" },
		`name[eq]:"",position[eq]:2`:               func(c company) bool { return c.name == "" && c.position == 2 },
		`name[eq]:A,or(name[eq]:B,position[eq]:2)`: func(c company) bool { return c.name == "A" && c.position == 2 },
	} {
		want := []string{}
		for n, c := range all {
			if c.trashed == strings.Contains(filter, "deletedAt") && match(c) {
				want = append(want, numbered(n))
			}
		}
		for _, when := range []string{"first", "again", "once more"} {
			_, body := ask(t, srv, Key, "GET /rest/companies?limit=200&filter="+url.QueryEscape(filter), "")
			var answer struct {
				Data struct{ Companies []struct{ ID string } }
			}
			if err := json.Unmarshal([]byte(body), &answer); err != nil {
				t.Fatal(err, body)
			}
			got := []string{}
			for _, c := range answer.Data.Companies {
				got = append(got, c.ID)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, %s:\n%s", filter, when, diff)
			}
		}
	}
}

// numbered returns an identifier; those of greater numbers come later.
func numbered(n int) string { return fmt.Sprintf("c0000000-0000-4000-8000-%012d", n) }
