package twenty

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/google/go-cmp/cmp"
)

func TestRecordRules(t *testing.T) {
	t.Parallel()
	const company = `{"id":"c0000000-0000-4000-8000-000000000001","name":"Acme",` +
		`"domainName":{"primaryLinkUrl":"https://acme.example"}}`
	tests := []struct {
		name, req, body string
		want            int
		wantBody        string
	}{
		{"objects go by their plural", "GET /rest/company", "", 400, `Did you mean 'companies'?`},
		{"an unknown key is refused", "POST /rest/companies", `{"nope":1}`, 400,
			`Object company doesn't have any \"nope\" field.`},
		{"values are printed as in JavaScript", "POST /rest/companies", `{"name":["a"]}`, 400,
			`Invalid string value [ 'a' ] for text field`},
		{"a unique value is taken", "POST /rest/companies",
			`{"domainName":{"primaryLinkUrl":"https://ACME.example/"}}`, 400, `A duplicate entry was detected`},
		{"upsert finds the unique value", "POST /rest/companies?upsert=true",
			`{"domainName":{"primaryLinkUrl":"https://acme.example"},"name":"Again"}`, 201,
			`"id":"c0000000-0000-4000-8000-000000000001"`},
		{"a reference needs its record", "POST /rest/people",
			`{"companyId":"ffffffff-ffff-4fff-8fff-ffffffffffff"}`, 400, `FK_ee066ddacfce46c9a7cb90edd1a`},
		{"connect finds by unique field", "POST /rest/people?depth=1",
			`{"company":{"connect":{"where":{"domainName":{"primaryLinkUrl":"https://acme.example"}}}}}`, 201,
			`"name":"Acme"`},
		{"a bulk deletion needs a filter", "DELETE /rest/companies", "", 400,
			`Filters are mandatory for bulk destroy operations.`},
		{"depth is 0 or 1", "GET /rest/companies?depth=2", "", 400,
			`'depth=2' parameter invalid. Allowed values are 0, 1`},
		{"a group is a bare list", "GET /rest/companies/groupBy?group_by=[{\"name\":true}]&aggregate=[\"totalCount\"]",
			"", 200, `[{"totalCount":"1","groupByDimensionValues":["Acme"]}]`},
		{"merging needs criteria", "PATCH /rest/notes/merge", `{"ids":[],"conflictPriorityIndex":0}`, 400,
			`Object 'note' does not have duplicate criteria defined.`},
		{"newer spellings of restore are unknown", "PATCH /rest/companies/c0000000-0000-4000-8000-000000000001/restore",
			`{}`, 400, `'c0000000-0000-4000-8000-000000000001ore' is not a valid UUID`},
		{"of many neither", "PATCH /rest/companies/restore", `{}`, 400,
			`object 'companiesore' not found. eg: companies`},
		{"chosen fields are of newer servers", "GET /rest/companies?fields=nope", "", 200, `"name":"Acme"`},
		{"a bare text is no object", "PATCH /rest/companies/c0000000-0000-4000-8000-000000000001",
			`{"address":"x"}`, 400, `Invalid object value 'x' for field \"address\"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t, fake.WithSeed("empty"))
			if status, text := ask(t, srv, Key, "POST /rest/companies", company); status != 201 {
				t.Fatal(status, text)
			}
			method, path, _ := strings.Cut(tt.req, " ")
			status, text := ask(t, srv, Key, method+" "+strings.NewReplacer(`"`, "%22", "[", "%5B", "]", "%5D",
				"{", "%7B", "}", "%7D").Replace(path), tt.body)
			if status != tt.want || !strings.Contains(text, tt.wantBody) {
				t.Errorf("got %d %s\nwant %d with %s", status, text, tt.want, tt.wantBody)
			}
		})
	}
}

// sample is what the property tests look at of a company.
type sample struct {
	ID       string  `json:"id"`
	Name     string  `json:"name"`
	Position float64 `json:"position"`
	Address  struct {
		City string   `json:"addressCity"`
		Lat  *float64 `json:"addressLat"`
	} `json:"address"`
	OwnerID *string `json:"accountOwnerId"`
}

const member = "7e621cf3-9e2d-4eb4-bac4-58a9f3dad274"

// samples stores random companies.
func samples(t *testing.T, srv *fake.TestServer, r *rand.Rand, n int) []sample {
	t.Helper()
	var bodies []string
	for i := range n {
		name := []string{"", "Acme", "acme", "Zed", "50%", "O'Neil"}[r.IntN(6)]
		city := []string{"", "Paris", "Lyon"}[r.IntN(3)]
		lat, owner := "null", "null"
		if r.IntN(2) == 0 {
			lat = fmt.Sprint(r.IntN(5))
		}
		if r.IntN(3) == 0 {
			owner = `"` + member + `"`
		}
		bodies = append(bodies, fmt.Sprintf(`{"id":"c0000000-0000-4000-8000-%012d","name":%q,"position":%d,`+
			`"address":{"addressCity":%q,"addressLat":%s},"accountOwnerId":%s}`,
			r.IntN(1000)*1000+i, name, r.IntN(6), city, lat, owner))
	}
	status, text := ask(t, srv, Key, "POST /rest/batch/companies", "["+strings.Join(bodies, ",")+"]")
	if status != 201 {
		t.Fatal(status, text)
	}
	var answer struct {
		Data struct{ CreateCompanies []sample }
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(answer.Data.CreateCompanies, func(a, b sample) int { return strings.Compare(a.ID, b.ID) })
	return answer.Data.CreateCompanies
}

// three is SQL's truth: -1 no, 0 unknown, 1 yes.
type three int

type naive func(sample) three

func truth(b bool) three {
	if b {
		return 1
	}
	return -1
}

// anyCondition makes a random condition and its naive meaning.
func anyCondition(r *rand.Rand, depth int) (string, naive) {
	if depth > 0 && r.IntN(2) == 0 {
		a, left := anyCondition(r, depth-1)
		b, right := anyCondition(r, depth-1)
		switch r.IntN(3) {
		case 0:
			return "and(" + a + "," + b + ")", func(s sample) three { return min(left(s), right(s)) }
		case 1:
			return "or(" + a + "," + b + ")", func(s sample) three { return max(left(s), right(s)) }
		}
		return "not(" + a + ")", func(s sample) three { return -left(s) }
	}
	switch n := r.IntN(5); r.IntN(8) {
	case 0:
		return fmt.Sprintf("position[gte]:%d", n), func(s sample) three { return truth(s.Position >= float64(n)) }
	case 1:
		return fmt.Sprintf("address.addressLat[lt]:%d", n), func(s sample) three {
			if s.Address.Lat == nil {
				return 0
			}
			return truth(*s.Address.Lat < float64(n))
		}
	case 2:
		return `name[eq]:"Acme"`, func(s sample) three {
			if s.Name == "" {
				return 0
			}
			return truth(s.Name == "Acme")
		}
	case 3:
		return `name[ilike]:"a%"`, func(s sample) three {
			if s.Name == "" {
				return 0
			}
			return truth(strings.HasPrefix(strings.ToLower(s.Name), "a"))
		}
	case 4:
		return "address.addressCity[is]:NULL", func(s sample) three { return truth(s.Address.City == "") }
	case 5:
		return "address.addressCity[startsWith]:P", func(s sample) three {
			if s.Address.City == "" {
				return 0
			}
			return truth(s.Address.City[0] == 'P')
		}
	case 6:
		return `name[in]:["Acme","50%"]`, func(s sample) three {
			if s.Name == "" {
				return 0
			}
			return truth(s.Name == "Acme" || s.Name == "50%")
		}
	}
	return `accountOwnerId[neq]:"` + member + `"`, func(s sample) three {
		if s.OwnerID == nil {
			return 0
		}
		return truth(*s.OwnerID != member)
	}
}

func found(t *testing.T, srv *fake.TestServer, query url.Values) (ids []string, end string, more bool) {
	t.Helper()
	status, text := ask(t, srv, Key, "GET /rest/companies?"+query.Encode(), "")
	if status != 200 {
		t.Fatal(status, text)
	}
	var answer struct {
		Data     struct{ Companies []sample }
		PageInfo struct {
			EndCursor   string
			HasNextPage bool
		}
	}
	if err := json.Unmarshal([]byte(text), &answer); err != nil {
		t.Fatal(err)
	}
	for _, s := range answer.Data.Companies {
		ids = append(ids, s.ID)
	}
	return ids, answer.PageInfo.EndCursor, answer.PageInfo.HasNextPage
}

func TestFiltersAgreeWithANaiveEvaluation(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	srv := NewServer(t, fake.WithSeed("empty"))
	all := samples(t, srv, r, 130) // enough for indexes
	for range 150 {
		filter, meaning := anyCondition(r, 3)
		var want []string
		for _, s := range all {
			if meaning(s) > 0 {
				want = append(want, s.ID)
			}
		}
		for range 2 { // the second time by an index
			got, _, _ := found(t, srv, url.Values{"filter": {filter}, "limit": {"200"}})
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: -want +got\n%s", filter, diff)
			}
		}
	}
}

func TestPagingByIDVisitsEachRecordOnce(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	srv := NewServer(t, fake.WithSeed("empty"))
	all := samples(t, srv, r, 130)
	for _, filter := range []string{"", "position[gte]:2"} {
		var want, got []string
		for _, s := range all {
			if filter == "" || s.Position >= 2 {
				want = append(want, s.ID)
			}
		}
		query := url.Values{"limit": {"7"}}
		if filter != "" {
			query.Set("filter", filter)
		}
		for {
			ids, end, more := found(t, srv, query)
			got = append(got, ids...)
			if !more {
				break
			}
			query.Set("starting_after", end)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: -want +got\n%s", filter, diff)
		}
	}
}

// A cursor holds no relations, so that pages by one repeat and skip records, as the vendor's do.
func TestPagingByARelationLosesRecords(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	body := `[{"id":"c0000000-0000-4000-8000-000000000001","accountOwnerId":"` + member +
		`"},{"id":"c0000000-0000-4000-8000-000000000002"},` +
		`{"id":"c0000000-0000-4000-8000-000000000003","accountOwnerId":"` + member + `"}]`
	if status, text := ask(t, srv, Key, "POST /rest/batch/companies", body); status != 201 {
		t.Fatal(status, text)
	}
	query := url.Values{"limit": {"2"}, "order_by": {"accountOwnerId[AscNullsLast]"}}
	first, end, _ := found(t, srv, query)
	query.Set("starting_after", end)
	second, _, _ := found(t, srv, query)
	want := [][]string{{"c0000000-0000-4000-8000-000000000001", "c0000000-0000-4000-8000-000000000003"}, nil}
	if diff := cmp.Diff(want, [][]string{first, second}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestRefusedWritesLeaveTheWorldAsItWas(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("default"))
	before := dump(t, srv)
	for _, write := range []string{
		`POST /rest/batch/companies [{"name":"a"},{"name":1}]`,
		`POST /rest/batch/people [{"jobTitle":"x"},{"companyId":"ffffffff-ffff-4fff-8fff-ffffffffffff"}]`,
		`POST /rest/opportunities {"stage":null}`,
		`PATCH /rest/companies {"id":"c0000000-0000-4000-8000-000000000009"}`,
		`PATCH /rest/people {"emails":{"primaryEmail":"same@x.example"}}`,
		`PATCH /rest/companies/merge {"ids":["c0000000-0000-4000-8000-000000000001",` +
			`"ffffffff-ffff-4fff-8fff-ffffffffffff"],"conflictPriorityIndex":0}`,
		`POST /rest/opportunities {"closeDate":"-000001-01-01T00:00:00Z"}`,
		`DELETE /rest/companies/ffffffff-ffff-4fff-8fff-ffffffffffff `,
	} {
		parts := strings.SplitN(write, " ", 3)
		if status, text := ask(t, srv, Key, parts[0]+" "+parts[1], parts[2]); status < 400 {
			t.Errorf("%s: %d %s", write, status, text)
		}
		if diff := cmp.Diff(before, dump(t, srv)); diff != "" {
			t.Fatalf("%s: -before +after\n%s", write, diff)
		}
	}
}

// dump is every row of the world, as JSON.
func dump(t *testing.T, srv *fake.TestServer) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for table, rows := range srv.World.Dump()["twenty"] {
		if table == "_ids" {
			continue // a refused write burns its ids
		}
		for _, row := range rows {
			out[table] = append(out[table], string(row))
		}
	}
	if len(out["record:company"]) == 0 {
		t.Fatal("no records in the dump")
	}
	return out
}

// TestIndexedPagesAgreeWithSortedOnes walks through ordered pages by cursors, which indexes answer, and
// compares them with the same pages of a filter that lists all ids, whose records are sorted anew.
func TestIndexedPagesAgreeWithSortedOnes(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	srv := NewServer(t, fake.WithSeed("empty"))
	var ids []string
	for _, s := range samples(t, srv, r, 130) {
		ids = append(ids, s.ID)
	}
	listed := "id[in]:[" + strings.Join(ids, ",") + "]"
	for _, order := range []string{"name", "name[DescNullsLast]", "position[DescNullsFirst],name", "createdAt",
		"address.addressLat[AscNullsLast]", "address.addressCity[DescNullsFirst]", "accountOwnerId", "id"} {
		for _, cursor := range []string{"starting_after", "ending_before"} {
			query := url.Values{"limit": {"9"}, "order_by": {order}}
			for page := range 6 {
				query.Set("filter", listed)
				want, wantEnd, wantMore := found(t, srv, query)
				for _, filter := range []string{"", "position[gte]:0", "position[gte]:0,position[lt]:99"} {
					if query.Set("filter", filter); filter == "" {
						query.Del("filter")
					}
					got, end, more := found(t, srv, query)
					if diff := cmp.Diff(want, got); diff != "" || end != wantEnd || more != wantMore {
						t.Fatalf("%s, page %d %s, filter %q: %s", order, page, cursor, filter, diff)
					}
				}
				if len(want) == 0 {
					break
				}
				query.Set(cursor, wantEnd)
			}
		}
		ask(t, srv, Key, "PATCH /rest/companies/"+ids[r.IntN(len(ids))], fmt.Sprintf(`{"name":"N%d"}`, r.IntN(9)))
	}
}

// TestGroupsOfViews groups opportunities by their stage as views filter them, and pages the records of groups.
// Documented: packages/twenty-shared/src/utils/filter/turnRecordFilterIntoGqlOperationFilter.ts, and
// group-by-with-records.service.ts for the offset.
func TestGroupsOfViews(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const object = "ab36707b-a156-4c57-9bc1-d3ff33d18d63"
	const company = "c0000000-0000-4000-8000-000000000001"
	_, fields := ask(t, srv, Key, "GET /rest/metadata/objects/"+object, "")
	field := func(name string) string {
		before, _, _ := strings.Cut(fields, `"name":"`+name+`"`)
		return before[strings.LastIndex(before, `{"id":"`)+7:][:36]
	}
	ask(t, srv, Key, "POST /rest/companies", `{"id":"`+company+`","name":"Acme"}`)
	ask(t, srv, Key, "POST /rest/batch/opportunities",
		`[{"name":"Ann","stage":"NEW","amount":{"amountMicros":5000000},"companyId":"`+company+`",`+
			`"closeDate":"2026-01-02T00:00:00Z"},{"name":"Ben","stage":"NEW"},`+
			`{"name":"Cy","stage":"MEETING","amount":{"amountMicros":7000000}}]`)
	groups := func(query string) string {
		_, body := ask(t, srv, Key, "GET /rest/opportunities/groupBy?"+query, "")
		return strings.NewReplacer(`"totalCount":"`, "", `","groupByDimensionValues":`, ",").Replace(body)
	}
	const all = `group_by=[{%22stage%22:true}]&aggregate=[%22totalCount%22]`
	for i, c := range []struct{ field, operand, value, sub, want string }{
		{"name", "CONTAINS", "n", "", `[{2,["NEW"]}]`},
		{"name", "DOES_NOT_CONTAIN", "N", "", `[{1,["MEETING"]}]`},
		{"name", "IS_EMPTY", "", "", `[]`},
		{"name", "IS_NOT_EMPTY", "", "", `[{2,["NEW"]},{1,["MEETING"]}]`},
		{"name", "CONTAINS", "", "", `[{2,["NEW"]},{1,["MEETING"]}]`},
		{"stage", "IS", `[\"NEW\"]`, "", `[{2,["NEW"]}]`},
		{"stage", "IS_NOT", `[\"NEW\"]`, "", `[{1,["MEETING"]}]`},
		{"amount", "GREATER_THAN_OR_EQUAL", "6", "", `[{1,["MEETING"]}]`},
		{"amount", "IS_EMPTY", "", "amountMicros", `[{1,["NEW"]}]`},
		{"company", "IS", `{\"isCurrentWorkspaceMemberSelected\":false,\"selectedRecordIds\":[\"` + company + `\"]}`,
			"", `[{1,["NEW"]}]`},
		{"company", "IS_NOT", `[\"` + company + `\"]`, "", `[{1,["NEW"]},{1,["MEETING"]}]`},
		{"closeDate", "IS_BEFORE", "2026-01-03T00:00:00Z", "", `[{1,["NEW"]}]`},
		{"closeDate", "IS_IN_PAST", "x", "", `[{1,["NEW"]}]`},
		{"closeDate", "IS_IN_FUTURE", "", "", `[]`},
		{"closeDate", "IS_TODAY", "", "", `[]`},
		{"closeDate", "IS", "2026-01-02T12:00:00Z", "", `[{1,["NEW"]}]`},
		{"closeDate", "IS", "2026-01-03", "", `[]`},
		{"closeDate", "IS", "soon", "", `{"statusCode":400,"error":"Error",` +
			`"messages":["Cannot parse \"soon\" for DATE_TIME filter"]`},
		{"closeDate", "IS_RELATIVE", "PAST_1_DAY", "", `{"code":"NOT_IN_THIS_FAKE"`},
	} {
		view := fmt.Sprintf("a0000000-0000-4000-8000-0000000000%02d", i)
		ask(t, srv, Key, "POST /rest/metadata/views",
			`{"id":"`+view+`","name":"V","icon":"I","objectMetadataId":"`+object+`"}`)
		status, made := ask(t, srv, Key, "POST /rest/metadata/viewFilters", `{"viewId":"`+view+`","fieldMetadataId":"`+
			field(c.field)+`","operand":"`+c.operand+`","value":"`+c.value+`","subFieldName":"`+c.sub+`"}`)
		if got := groups(all + "&viewId=" + view); status != 201 || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s %s %s: %s (%s)", c.field, c.operand, c.value, got, made)
		}
		if got := groups(all + "&view_id=" + view); got != `[{2,["NEW"]},{1,["MEETING"]}]` {
			t.Errorf("as the document calls it: %s", got)
		}
	}
	for offset, want := range map[string]string{"0": `[["Ann","Ben"],["Cy"]]`, "1": `[["Ben"],[]]`,
		"-9": `[["Ann"],["Cy"]]`, "99": `[[],[]]`} {
		got := queried(t, srv, Key, `{ opportunitiesGroupBy(groupBy: [{stage: true}], offsetForRecords: `+offset+
			`, orderByForRecords: [{name: AscNullsFirst}]) { edges { node { name } } } }`)
		got = strings.NewReplacer(`{"data":{"opportunitiesGroupBy":`, "", "}}", "", `{"edges":`, "",
			`{"node":{"name":`, "", "}", "").Replace(got)
		if got != want {
			t.Errorf("offset %s: %s, want %s", offset, got, want)
		}
	}
}
