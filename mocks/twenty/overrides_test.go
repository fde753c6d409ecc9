package twenty

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// TestTextsOfStandardItemsAreOverridden changes and takes back the texts of the object company and its field name.
// Documented: packages/twenty-server/src/engine/metadata-modules/utils/compute-metadata-overrides-blob.util.ts, and
// resolve-object-metadata-standard-override.util.ts and resolve-field-metadata-standard-override.util.ts for GraphQL.
func TestTextsOfStandardItemsAreOverridden(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const object, field = "1effed75-5a5e-45da-9c11-a5ec750ce9a4", "809c76f6-f577-4bdc-84e8-9a5eac8f6705"
	const objects, fields = "/rest/metadata/objects/" + object, "/rest/metadata/fields/" + field
	for _, c := range []struct{ name, path, body, overrides, do, want string }{
		{"a label", objects, `{"labelSingular":" Firm "}`, `{"labelSingular":"Firm"}`,
			`object(id: "` + object + `") { labelSingular labelPlural icon }`,
			`{"labelSingular":"Firm","labelPlural":"Companies","icon":"IconBuildingSkyscraper"}`},
		{"more texts, and one of its own", objects, `{"labelPlural":"Companies","description":"","icon":""}`,
			`{"icon":"","description":"","labelSingular":"Firm"}`,
			`object(id: "` + object + `") { labelSingular description icon }`,
			`{"labelSingular":"Firm","description":"A company","icon":""}`},
		{"null", objects, `{"icon":null,"description":"A company"}`, `{"icon":null,"labelSingular":"Firm"}`,
			`object(id: "` + object + `") { icon }`, `{"icon":"IconBuildingSkyscraper"}`},
		{"the short list", objects, `{"labelPlural":"Firms"}`,
			`{"icon":null,"labelPlural":"Firms","labelSingular":"Firm"}`,
			`minimalMetadata { objectMetadataItems { labelPlural labelSingular } }`,
			`{"labelPlural":"Firms","labelSingular":"Firm"}`},
		{"its own again", objects,
			`{"labelSingular":"Company","labelPlural":"Companies","icon":"IconBuildingSkyscraper"}`, ``,
			`object(id: "` + object + `") { labelSingular }`, `{"labelSingular":"Company"}`},
		{"of a field", fields, `{"label":"Title","description":null,"icon":"IconTag"}`,
			`{"icon":"IconTag","label":"Title","description":null}`,
			`field(id: "` + field + `") { label description icon }`,
			`{"label":"Title","description":"The company name","icon":"IconTag"}`},
		{"its own of a field", fields,
			`{"label":"Name","description":"The company name","icon":"IconBuildingSkyscraper"}`, ``,
			`field(id: "` + field + `") { label }`, `{"label":"Name"}`},
	} {
		before, _ := textsOf(t, srv, "GET "+c.path, "")
		for _, line := range []string{"PATCH " + c.path, "GET " + c.path} {
			own, overrides := textsOf(t, srv, line, c.body)
			if own != before || overrides != c.overrides {
				t.Errorf("%s, %s: %s with %s", c.name, line, own, overrides)
			}
		}
		if got := metadata(t, srv, Key, "{ "+c.do+" }"); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}

// TestOverriddenLabelsAreShown asks what else shows the labels of objects. Documented for commands and views:
// packages/twenty-server/src/engine/metadata-modules/flat-command-menu-item/utils/
// build-navigation-flat-command-menu-item.util.ts, which makes those of standard objects too, and
// view/view.resolver.ts. That the search shows overrides is assumed.
func TestOverriddenLabelsAreShown(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const object = "1effed75-5a5e-45da-9c11-a5ec750ce9a4"
	ask(t, srv, Key, "POST /rest/companies", `{"name":"Acme"}`)
	ask(t, srv, Key, "PATCH /rest/metadata/objects/"+object, `{"labelSingular":"Firm","labelPlural":"Firms"}`)
	_, found := ask(t, srv, Key, "POST /graphql",
		`{"query":"{search(searchInput:\"acme\",limit:1){edges{node{objectLabelSingular}}}}"}`)
	if !strings.Contains(found, `{"objectLabelSingular":"Firm"}`) {
		t.Error(found)
	}
	made := metadata(t, srv, Key, `mutation { createCommandMenuItem(input: {engineComponentKey: NAVIGATION,
		label: "To ${navigateToObjectMetadataItem.labelPlural}",
		payload: {objectMetadataItemId: "`+object+`"}}) { id } }`)
	list := metadata(t, srv, Key, `{ commandMenuItems { label shortLabel } getViews(objectMetadataId: "`+object+
		`") { name } }`)
	for _, want := range []string{`"To Firms"`, `{"label":"Go to Firms","shortLabel":"Firms"}`,
		`{"name":"All Firms"}`} {
		if !strings.Contains(list, want) {
			t.Errorf("%s: no %s in %s", made, want, list)
		}
	}
	_, views := ask(t, srv, Key, "GET /rest/metadata/views?objectMetadataId="+object, "")
	if !strings.Contains(views, `"name":"All Firms"`) {
		t.Error(views)
	}
}

// textsOf returns the texts of the object or field of an answer, and its overrides.
func textsOf(t *testing.T, srv *fake.TestServer, line, body string) (own, overrides string) {
	t.Helper()
	status, answer := ask(t, srv, Key, line, body)
	var row struct {
		LabelSingular, LabelPlural, Label, Description, Icon string
		Overrides                                            json.RawMessage
	}
	if err := json.Unmarshal([]byte(answer), &row); status != 200 || err != nil {
		t.Fatalf("%s: %d %s", line, status, answer)
	}
	overrides, row.Overrides = string(row.Overrides), nil
	return fmt.Sprint(row), overrides
}
