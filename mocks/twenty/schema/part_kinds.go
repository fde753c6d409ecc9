package schema

import "slices"

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
}

var aggregates = []string{"MIN", "MAX", "AVG", "SUM", "COUNT", "COUNT_UNIQUE_VALUES", "COUNT_EMPTY", "COUNT_NOT_EMPTY",
	"COUNT_TRUE", "COUNT_FALSE",
	"PERCENTAGE_EMPTY", "PERCENTAGE_NOT_EMPTY"}

// PartKinds are the kinds in the order in which their references depend on each other.
var PartKinds = []*PartKind{
	{Route: "viewFieldGroups", Overridable: true, Metadata: "viewFieldGroup", Name: "View field group",
		Code:   "VIEW_FIELD_GROUP",
		Parent: "viewId", Sort: "position", Several: true,
		Columns: []PartColumn{viewColumn, {Name: "name", Must: true}, {Name: "position", Default: 0.0}, visibleColumn,
			activeColumn}},
	{Route: "viewFields", Overridable: true, Metadata: "viewField", Name: "View field", Code: "VIEW_FIELD",
		Parent:  "viewId",
		Several: true,
		Entity:  []string{"viewId", "fieldMetadataId"},
		Columns: []PartColumn{{Name: "fieldMetadataId", Refers: fieldMetadata, Must: true, Fixed: true}, viewColumn,
			visibleColumn, {Name: "size", Default: 180.0},
			{Name: "position", Default: 0.0}, {Name: "aggregateOperation", Values: aggregates},
			{Name: "viewFieldGroupId", Refers: "viewFieldGroup"}, activeColumn, sideEffect}},
	{Route: "viewFilterGroups", Metadata: "viewFilterGroup", Name: "View filter group", Code: "VIEW_FILTER_GROUP",
		Parent: "viewId", Sort: "positionInViewFilterGroup", Stored: true, Update: "View filter group not found",
		Delete: "View filter group not found",
		Columns: []PartColumn{viewColumn, {Name: "parentViewFilterGroupId", Refers: "viewFilterGroup"},
			{Name: "logicalOperator", Default: "AND", Values: []string{"AND", "OR", "NOT"}},
			{Name: "positionInViewFilterGroup"}}},
	{Route: "viewFilters", Metadata: "viewFilter", Name: "View filter", Code: "VIEW_FILTER", Parent: "viewId",
		Sort: "positionInViewFilterGroup", Stored: true,
		Columns: []PartColumn{{Name: "fieldMetadataId", Refers: fieldMetadata, Must: true}, viewColumn,
			{Name: "operand", Default: "CONTAINS"}, {Name: "value", Must: true},
			{Name: "viewFilterGroupId", Refers: "viewFilterGroup"}, {Name: "positionInViewFilterGroup"},
			{Name: "subFieldName"},
			{Name: "relationTargetFieldMetadataId", Refers: fieldMetadata}}},
	{Route: "viewSorts", Metadata: "viewSort", Name: "View sort", Code: "VIEW_SORT", Parent: "viewId", Stored: true,
		Entity: []string{"viewId"}, Update: "View sort not found", Delete: "View sort not found",
		Columns: []PartColumn{{Name: "fieldMetadataId", Refers: fieldMetadata, Must: true, Fixed: true}, viewColumn,
			{Name: "direction", Default: "ASC"}, {Name: "subFieldName"}}},
	{Route: "viewGroups", Metadata: "viewGroup", Name: "View group", Code: "VIEW_GROUP", Parent: "viewId",
		Sort: "position", Stored: true, Several: true,
		Entity:  []string{"viewId"},
		Columns: []PartColumn{viewColumn, visibleColumn, {Name: "fieldValue"}, {Name: "position", Default: 0.0}}},
	{Route: "pageLayouts", Metadata: "pageLayout", Name: "Page layout", Code: "PAGE_LAYOUT",
		Parent: "objectMetadataId", Layout: true,
		Columns: []PartColumn{{Name: "objectMetadataId", Refers: objectMetadata}, {Name: "name", Must: true},
			{Name: "type", Default: "RECORD_PAGE",
				Values: []string{"RECORD_INDEX", "RECORD_PAGE", "DASHBOARD", "STANDALONE_PAGE"}},
			{Name: "defaultTabToFocusOnMobileAndSidePanelId", Refers: "pageLayoutTab", Quiet: true}, sideEffect}},
	{Route: "pageLayoutTabs", Overridable: true, Metadata: "pageLayoutTab", Name: "Page layout tab",
		Code:   "PAGE_LAYOUT_TAB",
		Parent: "pageLayoutId", Sort: "position", Layout: true,
		Columns: []PartColumn{{Name: "pageLayoutId", Refers: "pageLayout", Must: true, Fixed: true},
			{Name: "title", Must: true}, {Name: "position", Default: 0.0}, {Name: "icon"},
			{Name: "layoutMode", Default: "GRID"}, activeColumn, sideEffect}},
	{Route: "pageLayoutWidgets", Overridable: true, Metadata: "pageLayoutWidget", Name: "Page layout widget",
		Code:   "PAGE_LAYOUT_WIDGET",
		Parent: "pageLayoutTabId", Layout: true,
		Update: `Page layout widget with ID "{}" not found`, Entity: []string{"pageLayoutTabId"},
		Columns: []PartColumn{{Name: "pageLayoutTabId", Refers: "pageLayoutTab", Must: true, Fixed: true},
			{Name: "objectMetadataId", Refers: objectMetadata, Quiet: true},
			{Name: "title", Must: true}, {Name: "type", Default: "VIEW"}, {Name: "gridPosition"}, {Name: "position"},
			{Name: "configuration"},
			{Name: "conditionalDisplay"}, {Name: "conditionalAvailabilityExpression"}, activeColumn, sideEffect}},
}

var (
	viewColumn    = PartColumn{Name: "viewId", Refers: "view", Must: true, Fixed: true}
	visibleColumn = PartColumn{Name: "isVisible", Default: true}
	activeColumn  = PartColumn{Name: "isActive", Default: true, Fixed: true}
	sideEffect    = PartColumn{Name: "isSystemSideEffect", Default: false, Fixed: true}
)

// KindOfPart returns the kind of a route or of a name in reports, or nil.
func KindOfPart(name string) *PartKind {
	i := slices.IndexFunc(PartKinds, func(k *PartKind) bool { return k.Route == name || k.Metadata == name })
	if i < 0 {
		return nil
	}
	return PartKinds[i]
}

// Column returns a column of the kind; ok is false if it has none of that name.
func (k *PartKind) Column(name string) (PartColumn, bool) {
	i := slices.IndexFunc(k.Columns, func(c PartColumn) bool { return c.Name == name })
	if i < 0 {
		return PartColumn{}, false
	}
	return k.Columns[i], true
}
