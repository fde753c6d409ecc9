package twenty

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
)

// TestChartsAreChecked sends configurations of charts. What is wrong with members is said in the words of
// class-validator, which the vendor's public source names.
func TestChartsAreChecked(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	company, revenue, title := fieldOf(t, srv, "company", ""), fieldOf(t, srv, "company", "annualRevenue"),
		fieldOf(t, srv, "person", "jobTitle")
	made := regexp.MustCompile(`"id":"([^"]+)"`)
	layout := made.FindStringSubmatch(metadata(t, srv, Key,
		`mutation { createPageLayout(input: {name: "L", type: DASHBOARD}) { id } }`))[1]
	tab := made.FindStringSubmatch(metadata(t, srv, Key,
		`mutation { createPageLayoutTab(input: {title: "T", pageLayoutId: "`+layout+`"}) { id } }`))[1]
	bar := func(more string) string {
		return `configurationType: "BAR_CHART", aggregateFieldMetadataId: "` + revenue +
			`", aggregateOperation: "SUM", primaryAxisGroupByFieldMetadataId: "` + revenue + `", layout: ` +
			`"VERTICAL"` + more
	}
	const aggregates = "MIN, MAX, AVG, SUM, COUNT, COUNT_UNIQUE_VALUES, COUNT_EMPTY, COUNT_NOT_EMPTY, COUNT_TRUE, " +
		"COUNT_FALSE, PERCENTAGE_EMPTY, PERCENTAGE_NOT_EMPTY"
	for _, c := range []struct{ name, object, configuration, message string }{
		{"a good one", company, bar(""), ""},
		{"all that may be there", company, bar(`, displayLegend: true, rangeMin: 0, color: "red", filter: {},
			timezone: "Europe/Berlin", firstDayOfTheWeek: 7, groupMode: "STACKED", axisNameDisplay: "BOTH",
			primaryAxisManualSortOrder: ["a"]`), ""},
		{"nothing that must be there", company, `configurationType: "AGGREGATE_CHART"`,
			"aggregateFieldMetadataId: aggregateFieldMetadataId should not be empty, aggregateFieldMetadataId " +
				"must be a " +
				"UUID; aggregateOperation: aggregateOperation should not be empty, aggregateOperation must be " +
				"one of the " +
				"following values: " + aggregates},
		{"types", company, bar(`, displayLegend: 1, rangeMin: "x", color: 2, filter: [], timezone: "Nowhere",
			firstDayOfTheWeek: 8, groupMode: "PILED", primaryAxisManualSortOrder: "a",
			secondaryAxisGroupByFieldMetadataId: "x"`),
			"primaryAxisManualSortOrder: each value in primaryAxisManualSortOrder must be a string, " +
				"primaryAxisManualSortOrder must be an array; secondaryAxisGroupByFieldMetadataId: " +
				"secondaryAxisGroupByFieldMetadataId must be a UUID; displayLegend: displayLegend must be a " +
				"boolean value; " +
				"rangeMin: rangeMin must be a number conforming to the specified constraints; color: color must " +
				"be a string; " +
				"filter: filter must be an object; groupMode: groupMode must be one of the following values: " +
				"STACKED, " +
				"GROUPED; timezone: timezone must be a valid IANA time-zone; firstDayOfTheWeek: " +
				"firstDayOfTheWeek must not " +
				"be greater than 7"},
		{"a kind that 2.21.0 does not have", company, `configurationType: "GAUGE_CHART"`,
			"Invalid configuration type: GAUGE_CHART"},
		{"a field that is not there", company, strings.Replace(bar(""), revenue, layout, 1),
			`Chart "W": aggregateFieldMetadataId "` + layout + `" not found.`},
		{"a field of another object", company, bar(`, secondaryAxisGroupByFieldMetadataId: "` + title + `"`),
			`Chart "W": secondaryAxisGroupByFieldMetadataId must belong to objectMetadataId "` + company + `".`},
		{"a part of no field", company, bar(`, secondaryAxisGroupBySubFieldName: "x"`),
			`Chart "W": secondaryAxisGroupByFieldMetadataId is required when secondaryAxisGroupBySubFieldName ` +
				`is provided.`},
	} {
		got := metadata(t, srv, Key, `mutation { createPageLayoutWidget(input: {pageLayoutTabId: "`+tab+
			`", title: "W", type: GRAPH, objectMetadataId: "`+c.object+
			`", gridPosition: {row: 0, column: 0, rowSpan: 1, columnSpan: 1}, configuration: {`+c.configuration+
			`}}) { title } }`)
		want, user := `{"data":{"createPageLayoutWidget":{"title":"W"}}}`, "Invalid page layout widget data."
		if strings.HasPrefix(c.message, "Chart") {
			user = c.message
		}
		if c.message != "" {
			want = fmt.Sprintf(`{"errors":[{"message":%q,"extensions":{"userFriendlyMessage":%q,`+
				`"code":"BAD_USER_INPUT"}}],"data":null}`, c.message, user)
		}
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.name, diff)
		}
	}
}

// fieldOf returns the id of a field, or of an object without one.
func fieldOf(t *testing.T, srv *fake.TestServer, object, field string) string {
	t.Helper()
	all := metadata(t, srv, Key, `{ objects(paging: {first: 1000}) { edges { node { id nameSingular } } } }`)
	found := regexp.MustCompile(`"id":"([^"]+)","nameSingular":"` + object + `"`).FindStringSubmatch(all)
	if found == nil {
		t.Fatal(all)
	}
	if field == "" {
		return found[1]
	}
	fields := metadata(t, srv, Key, `{ object(id: "`+found[1]+
		`") { fields(paging: {first: 1000}) { edges { node { id name } } } } }`)
	return regexp.MustCompile(`"id":"([^"]+)","name":"` + field + `"`).FindStringSubmatch(fields)[1]
}

// TestLayoutsAreSavedWhole replaces the tabs and widgets of a layout, moves a widget, and leaves all as it was when one
// of them is refused. Known from the vendor's public source.
func TestLayoutsAreSavedWhole(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const one, two, frame, text = "b1000000-0000-4000-8000-000000000001", "b1000000-0000-4000-8000-000000000002",
		"b2000000-0000-4000-8000-000000000001", "b2000000-0000-4000-8000-000000000002"
	layout := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(metadata(t, srv, Key,
		`mutation { createPageLayout(input: {name: "L", type: DASHBOARD}) { id } }`))[1]
	widget := func(id, tab, title, url string) string {
		return `{id: "` + id + `", pageLayoutTabId: "` + tab + `", title: "` + title + `", type: IFRAME, ` +
			`gridPosition: {row: 0,
			column: 0, rowSpan: 1, columnSpan: 1}, configuration: {configurationType: "IFRAME", url: "` + url + `"}}`
	}
	tab := func(id, title string, widgets ...string) string {
		return `{id: "` + id + `", title: "` + title + `", position: 0, widgets: [` + strings.Join(widgets, ",") + `]}`
	}
	const shown = `{ name tabs { title widgets { title } } }`
	for _, c := range []struct{ name, tabs, want string }{
		{"two tabs", tab(one, "A", widget(frame, one, "F", "https://a.example"), widget(text, one, "G",
			"https://b.example")) + tab(two, "B"),
			`{"name":"N","tabs":[{"title":"A","widgets":[{"title":"F"},{"title":"G"}]},{"widgets":[],"title":"B"}]}`},
		{"a widget moves, another goes", tab(one, "A") + tab(two, "C", widget(frame, two, "F2", "https://a.example")),
			`{"name":"N","tabs":[{"widgets":[],"title":"A"},{"title":"C","widgets":[{"title":"F2"}]}]}`},
		{"one of them is refused", tab(one, "Z") + tab(two, "Y", widget(frame, two, "F3", "nowhere")),
			`url: url must be a URL address`},
		{"a tab goes", tab(two, "C", widget(frame, two, "F2", "https://a.example")),
			`{"name":"N","tabs":[{"title":"C","widgets":[{"title":"F2"}]}]}`},
	} {
		before := metadata(t, srv, Key, `{ getPageLayout(id: "`+layout+`") `+shown+` }`)
		got := metadata(t, srv, Key, `mutation { updatePageLayoutWithTabsAndWidgets(id: "`+layout+
			`", input: {name: "N", type: DASHBOARD, tabs: [`+c.tabs+`]}) `+shown+` }`)
		after := metadata(t, srv, Key, `{ getPageLayout(id: "`+layout+`") `+shown+` }`)
		if !strings.HasPrefix(c.want, "{") {
			if !strings.Contains(got, c.want) || before != after {
				t.Errorf("%s: %s; before %s, after %s", c.name, got, before, after)
			}
			continue
		}
		if want := `{"data":{"updatePageLayoutWithTabsAndWidgets":` + c.want + `}}`; got != want {
			t.Errorf("%s: -want +got\n%s", c.name, gocmp.Diff(want, got))
		}
		if want := `{"data":{"getPageLayout":` + c.want + `}}`; after != want {
			t.Errorf("%s: -want +got\n%s", c.name, gocmp.Diff(want, after))
		}
	}
}

// TestStandardLayoutsAreReset changes the record page of companies and takes the changes back.
func TestStandardLayoutsAreReset(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	company := fieldOf(t, srv, "company", "")
	layout := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(metadata(t, srv, Key,
		`{ getPageLayouts(objectMetadataId: "`+company+`") { id } }`))[1]
	const parts = `tabs { id title position isOverridden widgets { id type isOverridden configuration { ... on ` +
		`FieldsConfiguration {
		viewId } } } }`
	show := func() string { return metadata(t, srv, Key, `{ getPageLayout(id: "`+layout+`") { `+parts+` } }`) }
	was := show()
	tab := regexp.MustCompile(`"id":"([^"]+)","position":`).FindStringSubmatch(was)
	fields := regexp.MustCompile(`"id":"([^"]+)","type":"FIELDS","isOverridden":false,"configuration":{` +
		`"viewId":"([^"]+)"`).
		FindStringSubmatch(was)
	if tab == nil || fields == nil {
		t.Fatal(was)
	}
	columns := func() string {
		return metadata(t, srv, Key, `{ getViewFields(viewId: "`+fields[2]+`") { id isVisible position `+
			`viewFieldGroupId } }`)
	}
	stood := columns()
	column := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(stood)[1]
	const group = "b3000000-0000-4000-8000-000000000001"
	if got := metadata(t, srv, Key, `mutation { upsertFieldsWidget(input: {widgetId: "`+fields[1]+`", groups: [{id: "`+
		group+`", name: "G", position: 0, isVisible: true, fields: [{viewFieldId: "`+column+
		`", isVisible: true, position: 41}]}]}) { id } }`); got != `{"data":{"upsertFieldsWidget":{`+
		`"id":"`+fields[2]+`"}}}` {
		t.Fatal(got)
	}
	if got, want := columns(), `{"id":"`+column+`","isVisible":true,"position":41,`+
		`"viewFieldGroupId":"`+group+`"}`; !strings.
		Contains(got, want) {
		t.Errorf("no %s in %s", want, got)
	}
	metadata(t, srv, Key, `mutation { updatePageLayoutTab(id: "`+tab[1]+`", input: {title: "Mine"}) { id } }`)
	metadata(t, srv, Key, `mutation { createPageLayoutTab(input: {title: "Own", pageLayoutId: "`+layout+`"}) { id } }`)
	if got := show(); !strings.Contains(got, `"title":"Mine"`) ||
		!strings.Contains(got, `"isOverridden":true`) || !strings.Contains(got, `"Own"`) {
		t.Errorf("after the changes: %s", got)
	}
	got := metadata(t, srv, Key, `mutation { resetPageLayoutToDefault(id: "`+layout+`") { `+parts+` } }`)
	if want := strings.Replace(was, "getPageLayout", "resetPageLayoutToDefault", 1); got != want {
		t.Errorf("-want +got\n%s", gocmp.Diff(want, got))
	}
	if got := show(); got != was {
		t.Errorf("-want +got\n%s", gocmp.Diff(was, got))
	}
	for name, c := range map[string][2]string{
		"both": {`upsertFieldsWidget(input: {widgetId: "` + fields[1] + `"}) { id }`,
			`"message":"Exactly one of \"groups\" or \"fields\" must be provided"`},
		"another widget": {`upsertViewWidget(input: {widgetId: "` + fields[1] + `"}) { id }`,
			`"message":"Record table widget not found"`},
		"an own layout": {`resetPageLayoutTabToDefault(id: "` + group + `") { id }`, `not found`},
	} {
		if got := metadata(t, srv, Key, "mutation { "+c[0]+" }"); !strings.Contains(got, c[1]) {
			t.Errorf("%s: %s", name, got)
		}
	}
}
