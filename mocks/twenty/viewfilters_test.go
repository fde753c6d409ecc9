package twenty

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// TestViewsOfComposites counts what filters of whole composites, their parts, and groups of filters leave.
// Documented: packages/twenty-shared/src/utils/filter/turnRecordFilterIntoGqlOperationFilter.ts, and
// computeRecordGqlOperationFilter.ts beside it for the groups.
func TestViewsOfComposites(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const object, group = "1effed75-5a5e-45da-9c11-a5ec750ce9a4", "b0000000-0000-4000-8000-0000000000"
	_, fields := ask(t, srv, Key, "GET /rest/metadata/objects/"+object, "")
	ask(t, srv, Key, "POST /rest/batch/companies", `[{"name":"A","address":{"addressCity":"Kobe",`+
		`"addressCountry":"Japan"},"domainName":{"primaryLinkLabel":"A","primaryLinkUrl":"https://a.example"}},`+
		`{"name":"B","address":{"addressStreet1":"1 Kobe Road","addressCity":"Leeds"},`+
		`"domainName":{"primaryLinkLabel":"B","primaryLinkUrl":"https://b.example"}},{"name":"C"}]`)
	filter := func(name, operand, value, sub string) string {
		before, _, _ := strings.Cut(fields, `"name":"`+name+`"`)
		return `"fieldMetadataId":"` + before[strings.LastIndex(before, `{"id":"`)+7:][:36] +
			`","operand":"` + operand + `","value":"` + value + `","subFieldName":"` + sub + `"`
	}
	for i, c := range []struct {
		groups, filters []string // of a view; a group has its operator and the number of its parent
		want            string
	}{
		{nil, []string{filter("address", "CONTAINS", "kobe", "")}, "A B"},
		{nil, []string{filter("address", "DOES_NOT_CONTAIN", "kobe", "")}, "C"},
		{nil, []string{filter("address", "CONTAINS", "kobe", "addressCity")}, "A"},
		{nil, []string{filter("address", "DOES_NOT_CONTAIN", "kobe", "addressCity")}, "B C"},
		{nil, []string{filter("address", "CONTAINS", `[\"Japan\"]`, "addressCountry")}, "A"},
		{nil, []string{filter("address", "IS_EMPTY", "", "addressCity")}, "C"},
		{nil, []string{filter("domainName", "CONTAINS", "A.EX", "")}, "A"},
		{nil, []string{filter("domainName", "DOES_NOT_CONTAIN", "a.ex", "")}, "B"}, // texts that are null do not match
		{[]string{"OR"}, []string{filter("name", "CONTAINS", "a", "") + `,"viewFilterGroupId":"` + group + `00"`,
			filter("name", "CONTAINS", "b", "") + `,"viewFilterGroupId":"` + group + `00"`}, "A B"},
		{[]string{"AND", "OR"}, []string{filter("name", "CONTAINS", "a", "") + `,"viewFilterGroupId":"` + group + `11"`,
			filter("name", "CONTAINS", "c", "") + `,"viewFilterGroupId":"` + group + `11"`,
			filter("address", "IS_EMPTY", "", "addressCity") + `,"viewFilterGroupId":"` + group + `10"`}, "C"},
	} {
		view := fmt.Sprintf("a0000000-0000-4000-8000-0000000000%02d", i)
		ask(t, srv, Key, "POST /rest/metadata/views",
			`{"id":"`+view+`","name":"V","icon":"I","objectMetadataId":"`+object+`"}`)
		first := fmt.Sprintf(group+"%02d", (i-8)*10)
		for j, operator := range c.groups {
			body := fmt.Sprintf(`{"id":"%s%02d","viewId":"%s","logicalOperator":"%s"`, group,
				(i-8)*10+j, view, operator)
			if j > 0 {
				body += `,"parentViewFilterGroupId":"` + first + `"`
			}
			if status, made := ask(t, srv, Key, "POST /rest/metadata/viewFilterGroups", body+"}"); status != 201 {
				t.Errorf("view %d: %s", i, made)
			}
		}
		for _, f := range c.filters {
			if status, made := ask(t, srv, Key, "POST /rest/metadata/viewFilters",
				`{"viewId":"`+view+`",`+f+`}`); status != 201 {
				t.Errorf("view %d: %s", i, made)
			}
		}
		_, got := ask(t, srv, Key, "GET /rest/companies/groupBy?group_by=[{%22name%22:true}]"+
			"&order_by=[{%22name%22:%22AscNullsFirst%22}]&viewId="+view, "")
		names := regexp.MustCompile(`"groupByDimensionValues":\["(.)"\]`).FindAllStringSubmatch(got, -1)
		if found := strings.Join(js.Map(names, func(m []string) string { return m[1] }), " "); found != c.want {
			t.Errorf("view %d: %s, want %s: %s", i, found, c.want, got)
		}
	}
}
