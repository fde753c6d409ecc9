package schema

// recordTabs are the tabs of the record page that comes with a new object, each with one widget.
// Evidence: the deliveries about metadata that belong to fixtures/twenty/webhook_deliveries_with_metadata_events.
var recordTabs = []struct{ title, icon, mode, widget, kind string }{
	{"Home", "IconHome", "VERTICAL_LIST", "Fields", "FIELDS"},
	{"Timeline", "IconTimelineEvent", "CANVAS", "Timeline", "TIMELINE"},
	{"Tasks", "IconCheckbox", "CANVAS", "Tasks", "TASKS"},
	{"Notes", "IconNotes", "CANVAS", "Notes", "NOTES"},
	{"Files", "IconPaperclip", "CANVAS", "Files", "FILES"},
}

// layOut makes the record page of a draft: a layout with its tabs and widgets.
func (d *draft) layOut() {
	page := d.layoutPart("pageLayouts", d.object.ID,
		map[string]any{"name": "Default " + d.object.LabelSingular + " Layout", "type": "RECORD_PAGE"})
	for i, tab := range recordTabs {
		parent := d.layoutPart("pageLayoutTabs", page,
			map[string]any{"title": tab.title, "icon": tab.icon, "position": float64(10 * (i + 1)),
				"layoutMode": tab.mode})
		place, rows := map[string]any{"layoutMode": tab.mode}, 6.0
		configuration := map[string]any{"configurationType": tab.kind}
		if tab.kind == "FIELDS" {
			place["index"], rows = 0.0, 12
			configuration["viewId"], configuration["newFieldDefaultVisibility"] = d.pageView(), true
		}
		d.layoutPart("pageLayoutWidgets", parent,
			map[string]any{"title": tab.widget, "type": tab.kind, "objectMetadataId": d.object.ID, "position": place,
				"configuration": configuration,
				"gridPosition":  map[string]any{"row": 0.0, "column": 0.0, "rowSpan": rows, "columnSpan": 12.0}})
	}
}

func (d *draft) layoutPart(kind, parent string, says map[string]any) (id string) {
	says["isSystemSideEffect"] = true
	p := Part{ID: d.t.State.NewID(), WorkspaceID: d.object.WorkspaceID, ApplicationID: d.object.ApplicationID,
		UniversalIdentifier: d.t.State.NewID(), Kind: kind, ParentID: parent, Says: says, CreatedAt: d.object.CreatedAt,
		UpdatedAt: d.object.UpdatedAt}
	d.layout = append(d.layout, p)
	return p.ID
}

// pageView returns the view of the draft whose fields the record page shows.
func (d *draft) pageView() string {
	for _, v := range d.views {
		if v.Type == WidgetView {
			return v.ID
		}
	}
	return ""
}

// forgetLayouts removes the page layouts of an object with all their parts.
func (t *Tables) forgetLayouts(object string) {
	for _, p := range t.PartsOf(KindOfPart("pageLayout"), object) {
		t.destroyBelow(p.ID)
		t.Parts.Delete(p.ID)
	}
}
