package schema

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// A PartKind declares one of the kinds of metadata that views and page layouts consist of. The
// common behaviour is in part.go; checks of single kinds are in partRules.
//
// Recorded: fixtures/twenty/view_fields_crud, view_filters_crud, view_groups_crud,
// page_layouts_crud, page_layout_widgets_crud and surface_views_layouts. The server's public source
// has the rules of sorts, filter groups and field groups.
type PartKind struct {
	Route    string // its name in paths, and the kind of its rows
	Metadata string // its name in reports and in the messages of the database
	Name     string // its name in messages
	Code     string // what its codes begin with
	Parent   string // the column that names the view, layout or tab it belongs to
	Columns  []PartColumn
	Entity   []string // the references that reports name
	Sort     string   // the column by which lists are ordered, "" for the order of creation
	Stored   bool     // reads query the database, which wants identifiers
	Layout   bool     // belongs to page layouts: deletion is final and answers true
	Missing  string   // the message about an identifier that is not there; {} is the identifier
	Update   string   // the same when one is to be changed
	Delete   string   // the same when one is to be deleted
	Several  bool     // reports of creations speak of several

	Overridable bool // changes of standard ones are kept apart, and can be reset
}

// PartColumn is a column of a kind.
type PartColumn struct {
	Name    string
	Default any      // the default of a new row
	Refers  string   // the metadata that it names: fieldMetadata, view and so on
	Must    bool     // it may not be null
	Fixed   bool     // updates ignore it
	Values  []string // of an enum of the database
	Quiet   bool     // left out of REST answers while it is null
	Type    string   // of the database: "" for JSON and references, flagged where the vendor names none
}

var aggregates = []string{"MIN", "MAX", "AVG", "SUM", "COUNT", "COUNT_UNIQUE_VALUES", "COUNT_EMPTY", "COUNT_NOT_EMPTY",
	"COUNT_TRUE", "COUNT_FALSE", "PERCENTAGE_EMPTY", "PERCENTAGE_NOT_EMPTY"}

// PartKinds are the kinds in the order in which their references depend on each other.
var PartKinds = []*PartKind{
	{Route: "viewFieldGroups", Overridable: true, Metadata: "viewFieldGroup", Name: "View field group",
		Code: "VIEW_FIELD_GROUP", Parent: "viewId", Sort: "position", Several: true,
		Columns: []PartColumn{viewColumn, nameColumn, positionColumn, visibleColumn, activeColumn}},
	{Route: "viewFields", Overridable: true, Metadata: "viewField", Name: "View field", Code: "VIEW_FIELD",
		Parent: "viewId", Several: true, Entity: []string{"viewId", "fieldMetadataId"},
		Columns: []PartColumn{{Name: "fieldMetadataId", Refers: fieldMetadata, Must: true, Fixed: true}, viewColumn,
			visibleColumn, {Name: "size", Default: 180.0, Type: "integer"}, positionColumn,
			{Name: "aggregateOperation", Values: aggregates},
			{Name: "viewFieldGroupId", Refers: "viewFieldGroup"}, activeColumn, sideEffect}},
	{Route: "viewFilterGroups", Metadata: "viewFilterGroup", Name: "View filter group", Code: "VIEW_FILTER_GROUP",
		Parent: "viewId", Sort: "positionInViewFilterGroup", Stored: true, Update: "View filter group not found",
		Delete: "View filter group not found",
		Columns: []PartColumn{viewColumn, {Name: "parentViewFilterGroupId", Refers: "viewFilterGroup"},
			{Name: "logicalOperator", Default: "AND", Values: []string{"AND", "OR", "NOT"}},
			filterPosition}},
	{Route: "viewFilters", Metadata: "viewFilter", Name: "View filter", Code: "VIEW_FILTER", Parent: "viewId",
		Sort: "positionInViewFilterGroup", Stored: true,
		Columns: []PartColumn{{Name: "fieldMetadataId", Refers: fieldMetadata, Must: true}, viewColumn,
			{Name: "operand", Default: "CONTAINS"}, {Name: "value", Must: true},
			{Name: "viewFilterGroupId", Refers: "viewFilterGroup"}, filterPosition, subFieldColumn,
			{Name: "relationTargetFieldMetadataId", Refers: fieldMetadata}}},
	{Route: "viewSorts", Metadata: "viewSort", Name: "View sort", Code: "VIEW_SORT", Parent: "viewId", Stored: true,
		Entity: []string{"viewId"}, Update: "View sort not found", Delete: "View sort not found",
		Columns: []PartColumn{{Name: "fieldMetadataId", Refers: fieldMetadata, Must: true, Fixed: true}, viewColumn,
			{Name: "direction", Default: "ASC", Values: []string{"ASC", "DESC"}}, subFieldColumn}},
	{Route: "viewGroups", Metadata: "viewGroup", Name: "View group", Code: "VIEW_GROUP", Parent: "viewId",
		Sort: "position", Stored: true, Several: true, Entity: []string{"viewId"},
		Columns: []PartColumn{viewColumn, visibleColumn, {Name: "fieldValue", Type: "text"}, positionColumn}},
	{Route: "pageLayouts", Metadata: "pageLayout", Name: "Page layout", Code: "PAGE_LAYOUT",
		Parent: "objectMetadataId", Layout: true,
		Columns: []PartColumn{{Name: "objectMetadataId", Refers: objectMetadata}, nameColumn,
			{Name: "type", Default: "RECORD_PAGE",
				Values: []string{"RECORD_INDEX", "RECORD_PAGE", "DASHBOARD", "STANDALONE_PAGE"}},
			{Name: "defaultTabToFocusOnMobileAndSidePanelId", Refers: "pageLayoutTab", Quiet: true}, sideEffect}},
	{Route: "pageLayoutTabs", Overridable: true, Metadata: "pageLayoutTab", Name: "Page layout tab",
		Code: "PAGE_LAYOUT_TAB", Parent: "pageLayoutId", Sort: "position", Layout: true,
		Columns: []PartColumn{{Name: "pageLayoutId", Refers: "pageLayout", Must: true, Fixed: true},
			titleColumn, positionColumn, {Name: "icon", Type: "text"},
			{Name: "layoutMode", Default: "GRID", Values: []string{"GRID", "VERTICAL_LIST", "CANVAS"}},
			activeColumn, sideEffect}},
	{Route: "pageLayoutWidgets", Overridable: true, Metadata: "pageLayoutWidget", Name: "Page layout widget",
		Code: "PAGE_LAYOUT_WIDGET", Parent: "pageLayoutTabId", Layout: true,
		Update: `Page layout widget with ID "{}" not found`, Entity: []string{"pageLayoutTabId"},
		Columns: []PartColumn{{Name: "pageLayoutTabId", Refers: "pageLayoutTab", Must: true, Fixed: true},
			{Name: "objectMetadataId", Refers: objectMetadata, Quiet: true},
			titleColumn, {Name: "type", Default: "VIEW"}, {Name: "gridPosition"}, {Name: "position"},
			{Name: "configuration"}, {Name: "conditionalDisplay"}, {Name: "conditionalAvailabilityExpression"},
			activeColumn, sideEffect}},
}

const flagged = "Boolean"

var (
	nameColumn     = PartColumn{Name: "name", Must: true, Type: "text"}
	titleColumn    = PartColumn{Name: "title", Must: true, Type: "text"}
	subFieldColumn = PartColumn{Name: "subFieldName", Type: "text"}
	filterPosition = PartColumn{Name: "positionInViewFilterGroup", Type: "double precision"}
	viewColumn     = PartColumn{Name: "viewId", Refers: "view", Must: true, Fixed: true}
	positionColumn = PartColumn{Name: "position", Default: 0.0, Type: "double precision"}
	visibleColumn  = PartColumn{Name: "isVisible", Default: true, Type: flagged}
	activeColumn   = PartColumn{Name: "isActive", Default: true, Type: flagged, Fixed: true}
	sideEffect     = PartColumn{Name: "isSystemSideEffect", Default: false, Type: flagged, Fixed: true}
)

// KindOfPart returns the kind of a route or of a name in reports, or nil.
func KindOfPart(name string) *PartKind {
	i := slices.IndexFunc(PartKinds, func(k *PartKind) bool { return k.Route == name || k.Metadata == name })
	if i < 0 {
		return nil
	}
	return PartKinds[i]
}

// stored returns a value as the database reads it into a column, or why it rejects it. Documented: the entities of
// packages/twenty-server/src/engine/metadata-modules/view-field, view-filter and so on, and PostgreSQL's messages.
func (c PartColumn) stored(table string, value any) (any, string) {
	switch {
	case value == nil && (c.Must || c.Default != nil):
		return nil, isNull(table, c.Name)
	case value == nil:
		return nil, ""
	case c.Values != nil:
		name, text := table+"_"+strings.ToLower(c.Name)+"_enum", js.Text(value)
		if slices.Contains(c.Values, text) {
			return text, ""
		}
		if strings.ToLower(name) != name {
			name = `"` + name + `"`
		}
		return nil, `invalid input value for enum core.` + name + `: "` + text + `"`
	case c.Type == "":
		return value, ""
	case c.Type == flagged: // the database layer makes a flag of it
		return value == true, ""
	}
	text := *columnText(value)
	if c.Type == "text" {
		return text, ""
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	switch yes, ok := DatabaseBoolean(text); {
	case c.Type == "boolean" && ok:
		return yes, ""
	case c.Type == "boolean", err != nil, !(math.Abs(n) <= math.MaxFloat64), c.Type == "integer" && n != math.Trunc(n):
		return nil, "invalid input syntax for type " + c.Type + `: "` + text + `"`
	case c.Type == "integer" && n != float64(int32(n)):
		return nil, `value "` + text + `" is out of range for type integer`
	}
	return n, ""
}

func isNull(table, column string) string {
	return `null value in column "` + column + `" of relation "` + table + `" violates not-null constraint`
}
