package schema

import "strings"

// View is a saved way to look at the records of an object.
type View struct {
	ID                                      string  `json:"id"`
	WorkspaceID                             string  `json:"workspaceId"`
	ApplicationID                           string  `json:"applicationId"`
	UniversalIdentifier                     string  `json:"universalIdentifier"`
	IsSystemSideEffect                      bool    `json:"isSystemSideEffect"`
	Key                                     *string `json:"key"`
	CreatedByUserWorkspaceID                *string `json:"createdByUserWorkspaceId"`
	Name                                    string  `json:"name"`
	Type                                    string  `json:"type"`
	Icon                                    string  `json:"icon"`
	Position                                float64 `json:"position"`
	IsCompact                               bool    `json:"isCompact"`
	OpenRecordIn                            string  `json:"openRecordIn"`
	KanbanAggregateOperation                *string `json:"kanbanAggregateOperation"`
	KanbanAggregateOperationFieldMetadataID *string `json:"kanbanAggregateOperationFieldMetadataId"`
	AnyFieldFilterValue                     *string `json:"anyFieldFilterValue"`
	CalendarLayout                          *string `json:"calendarLayout"`
	CalendarFieldMetadataID                 *string `json:"calendarFieldMetadataId"`
	Visibility                              string  `json:"visibility"`
	MainGroupByFieldMetadataID              *string `json:"mainGroupByFieldMetadataId"`
	ShouldHideEmptyGroups                   bool    `json:"shouldHideEmptyGroups"`
	KanbanColumnWidth                       *int    `json:"kanbanColumnWidth"`
	IsActive                                bool    `json:"isActive"`
	ObjectMetadataID                        string  `json:"objectMetadataId"`
	IsCustom                                bool    `json:"isCustom"`
	CreatedAt                               string  `json:"createdAt"`
	UpdatedAt                               string  `json:"updatedAt"`
	DeletedAt                               *string `json:"deletedAt"`
}

// The types of views that come with every object.
const (
	TableView  = "TABLE"
	WidgetView = "FIELDS_WIDGET"
)

const invalidView = "INVALID_VIEW_DATA"

var (
	viewObjectMissing = complain(invalidView, "Object metadata not found")
	viewFieldMissing  = complain(invalidView, "Field metadata not found")
	viewNotMade       = complain(invalidView, "View not found")
)

// shown are the fields that the views of a new object show: fixtures/twenty/metadata_errors counts nine
// columns, five in the table and four on the record page.
var shown = []string{"name", "createdAt", "createdBy", "updatedAt", "updatedBy"}

func (d *draft) showIn() {
	index := "INDEX"
	d.addView("All {objectLabelPlural}", TableView, &index, shown)
	d.addView(d.object.LabelSingular+" Record Page Fields", WidgetView, nil, shown[1:])
}

// ViewName is the name of a view as answers show it: its placeholder is the label of the object. Documented: packages/
// twenty-server/src/engine/metadata-modules/view/view.resolver.ts and, for REST, controllers/view.controller.ts.
func (t *Tables) ViewName(v View) string {
	if m := t.Schema().ByID(v.ObjectMetadataID); m != nil {
		return strings.Replace(v.Name, "{objectLabelPlural}", Shown(m.Overrides, "labelPlural", m.LabelPlural), 1)
	}
	return v.Name
}

func (d *draft) addView(name, typ string, key *string, columns []string) {
	t := d.t
	v := View{ID: t.State.NewID(), WorkspaceID: d.object.WorkspaceID, ApplicationID: d.object.ApplicationID,
		UniversalIdentifier: t.State.NewID(),
		IsSystemSideEffect:  true, Key: key, Name: name, Type: typ, Icon: "IconList", OpenRecordIn: "SIDE_PANEL",
		Visibility: "WORKSPACE",
		IsActive:   true, ObjectMetadataID: d.object.ID, CreatedAt: d.object.CreatedAt, UpdatedAt: d.object.UpdatedAt}
	d.views = append(d.views, v)
	position := 0.0
	for _, column := range columns {
		for _, f := range d.own {
			if f.Name == column {
				d.columns = append(d.columns, t.column(v, f, position))
				position++
			}
		}
	}
}

// column makes the column of a view that shows a field.
func (t *Tables) column(v View, f Field, position float64) Part {
	return Part{ID: t.State.NewID(), WorkspaceID: v.WorkspaceID, ApplicationID: f.ApplicationID,
		UniversalIdentifier: t.State.NewID(), Kind: "viewFields",
		ParentID: v.ID, Says: map[string]any{"fieldMetadataId": f.ID, "position": position,
			"isSystemSideEffect": true}, CreatedAt: f.CreatedAt, UpdatedAt: f.UpdatedAt}
}

// checkViews notes what becomes of a draft's views if the object or the fields are not valid.
func (d *draft) checkViews(good bool, failed map[string]bool) {
	universal, fields := map[string]string{}, map[string]Field{}
	for _, f := range d.own {
		fields[f.ID] = f
	}
	for _, v := range d.views {
		universal[v.ID] = v.UniversalIdentifier
		if !good {
			d.seen.add("view", map[string]any{"universalIdentifier": v.UniversalIdentifier},
				[]Complaint{viewObjectMissing})
		}
	}
	for _, c := range d.columns {
		f := fields[c.Says["fieldMetadataId"].(string)]
		var out []Complaint
		if failed[f.UniversalIdentifier] {
			out = append(out, viewFieldMissing)
		}
		if !good {
			out = append(out, viewNotMade)
		}
		d.seen.add("viewField", map[string]any{"universalIdentifier": c.UniversalIdentifier,
			"viewUniversalIdentifier":          universal[c.ParentID],
			"fieldMetadataUniversalIdentifier": f.UniversalIdentifier}, out)
	}
}

// viewsThatShow returns the views to which new fields of an object are added: the record page, then the
// table of all records.
func (t *Tables) viewsThatShow(m *Model) []View {
	var pages, tables []View
	for v := range t.Views.By("object", m.ID) {
		switch {
		case v.Value.Type == WidgetView:
			pages = append(pages, v.Value)
		case v.Value.Key != nil:
			tables = append(tables, v.Value)
		}
	}
	return append(pages, tables...)
}

// showField adds a column for a new field to the object's views, hidden in its table
// (testdata/metadata-deliveries.jsonl).
func (t *Tables) showField(f Field) error {
	m := t.Schema().ByID(f.ObjectMetadataID)
	for _, v := range t.viewsThatShow(m) {
		last := -1.0
		for _, c := range t.shows(v.ID, "") {
			last = max(last, c.number("position"))
		}
		column := t.column(v, f, last+1)
		column.Says["isVisible"] = v.Type == WidgetView
		if _, err := t.Parts.Insert(column); err != nil {
			return err
		}
	}
	return nil
}

// forgetViews removes views with all their parts.
func (t *Tables) forgetViews(drop func(View) bool) {
	gone := map[string]bool{}
	t.Views.DeleteIf(func(v View) bool {
		gone[v.ID] = drop(v)
		return gone[v.ID]
	})
	t.Parts.DeleteIf(func(p Part) bool { return gone[p.ParentID] })
}

// forgetField removes what views say about a field.
func (t *Tables) forgetField(id string) {
	t.Parts.DeleteIf(func(p Part) bool { return p.Says["fieldMetadataId"] == id })
}
