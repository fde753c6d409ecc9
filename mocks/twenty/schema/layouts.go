package schema

import (
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// Page layouts, and the views of widgets, that are saved as a whole or reset. Known from the vendor's public source.

// savePart creates a part below a parent, or updates the one of that id and moves it there. A configuration that stays
// as it is need not be one that clients can send.
func (t *Tables) savePart(k *PartKind, parent string, in map[string]any) error {
	in = maps.Clone(in)
	in[k.Parent] = parent
	id, _ := in["id"].(string)
	old, ok := t.Parts.Find(id)
	if !ok || old.Kind != k.Route {
		_, err := t.CreatePart(k, in)
		return err
	}
	if same(in["configuration"], old.Get("configuration")) {
		delete(in, "configuration")
	}
	if old.ParentID != parent {
		old.ParentID = parent
		if err := t.Parts.Set(old); err != nil {
			return err
		}
	}
	_, err := t.UpdatePart(k, id, in)
	return err
}

// SaveLayout gives a page layout the tabs and widgets of an input. Those that the input does not name go.
func (t *Tables) SaveLayout(id string, in map[string]any) (Part, error) {
	layout, tab, widget := KindOfPart("pageLayout"), KindOfPart("pageLayoutTab"), KindOfPart("pageLayoutWidget")
	if _, err := t.UpdatePart(layout, id, map[string]any{"name": in["name"], "type": in["type"],
		"objectMetadataId": in["objectMetadataId"]}); err != nil {
		return Part{}, err
	}
	stays := map[string]bool{}
	save := func(k *PartKind, parent string, one map[string]any) error {
		own, _ := one["id"].(string)
		stays[own] = true
		return t.savePart(k, parent, one)
	}
	for _, one := range objectsIn(in["tabs"]) {
		if err := save(tab, id, one); err != nil {
			return Part{}, err
		}
		for _, inner := range objectsIn(one["widgets"]) {
			own, _ := one["id"].(string)
			if err := save(widget, own, inner); err != nil {
				return Part{}, err
			}
		}
	}
	for _, p := range t.PartsOf(tab, id) {
		for _, inner := range append(t.PartsOf(widget, p.ID), p) {
			if !stays[inner.ID] {
				t.Parts.Delete(inner.ID)
			}
		}
	}
	if err := t.touch(); err != nil {
		return Part{}, err
	}
	return t.PartOf(layout, id)
}

func objectsIn(v any) []map[string]any {
	list, _ := v.([]any)
	return js.Only[map[string]any](list)
}

// ResetPart takes back the changes of a standard layout, tab or widget with all below it, and what was added there.
func (t *Tables) ResetPart(k *PartKind, id string) (Part, error) {
	p, err := t.PartOf(k, id)
	if err != nil {
		return p, err
	}
	name := map[string]string{"pageLayout": "page layout", "pageLayoutTab": "tab",
		"pageLayoutWidget": "widget"}[k.Metadata]
	no := k.required("")
	switch {
	case k.Metadata == "pageLayoutWidget" && configurationOf(p)["configurationType"] != "FIELDS":
		no.Message = `Widget "` + id + `" is not a FIELDS widget and cannot be reset to default`
		return p, no
	case p.ApplicationID == t.Workspace().CustomApplicationID:
		no.Message = "Custom " + name + ` "` + id + `" cannot be reset to default`
		return p, no
	}
	if err := t.reset(p); err != nil {
		return p, err
	}
	return p, t.touch()
}

func configurationOf(p Part) map[string]any {
	conf, _ := p.Get("configuration").(map[string]any)
	return conf
}

func (t *Tables) reset(p Part) error {
	if p.ApplicationID == t.Workspace().CustomApplicationID {
		t.destroyBelow(p.ID)
		t.Parts.Delete(p.ID)
		return nil
	}
	if p.Overrides != nil {
		p.Overrides, p.UpdatedAt = nil, stamp(t.State.Now())
		if err := t.Parts.Set(p); err != nil {
			return err
		}
	}
	children := t.below(p.ID)
	if view, ok := configurationOf(p)["viewId"].(string); ok && p.Kind == "pageLayoutWidgets" {
		children = append(children, t.below(view)...)
	}
	for _, child := range children {
		if err := t.reset(child); err != nil {
			return err
		}
	}
	return nil
}

// widgetView returns the view of a widget with one of some types of configurations.
func (t *Tables) widgetView(id any, what, code string, types ...string) (View, error) {
	key, _ := id.(string)
	p, err := t.PartOf(KindOfPart("pageLayoutWidget"), key)
	conf := configurationOf(p)
	typ, _ := conf["configurationType"].(string)
	if err != nil || !slices.Contains(types, typ) {
		return View{}, &ChangeError{Status: 404, Code: code, Message: what + " not found"}
	}
	view, _ := conf["viewId"].(string)
	v, ok := t.Views.Find(view)
	if !ok {
		return v, &ChangeError{Status: 404, Code: code, Message: what + " has no associated view"}
	}
	return v, nil
}

// SaveFieldsWidget arranges the fields of a widget in groups, or without any.
func (t *Tables) SaveFieldsWidget(in map[string]any) (View, error) {
	group, field := KindOfPart("viewFieldGroup"), KindOfPart("viewField")
	grouped := in["groups"] != nil
	if grouped == (in["fields"] != nil) {
		return View{}, &ChangeError{Status: 400, Code: "INVALID_VIEW_FIELD_GROUP_DATA",
			Message: `Exactly one of "groups" or "fields" must be provided`}
	}
	v, err := t.widgetView(in["widgetId"], "Fields widget", "FIELDS_WIDGET_NOT_FOUND", "FIELDS")
	if err != nil {
		return v, err
	}
	stays := map[any]bool{}
	arrange := func(fields any, group any) error {
		for _, f := range objectsIn(fields) {
			id, _ := f["viewFieldId"].(string)
			if p, ok := t.Parts.Find(id); !ok || p.ParentID != v.ID {
				continue
			}
			if _, err := t.UpdatePart(field, id, map[string]any{"isVisible": f["isVisible"], "position": f["position"],
				"viewFieldGroupId": group}); err != nil {
				return err
			}
		}
		return nil
	}
	for _, g := range objectsIn(in["groups"]) {
		stays[g["id"]] = true
		if err := t.savePart(group, v.ID, g); err != nil {
			return v, err
		}
		if err := arrange(g["fields"], g["id"]); err != nil {
			return v, err
		}
	}
	for _, p := range t.PartsOf(group, v.ID) {
		if !stays[p.ID] {
			t.Parts.Delete(p.ID)
		}
	}
	return v, arrange(in["fields"], nil)
}

// SaveViewWidget changes the columns of the view of a widget, and replaces its filters and orders.
func (t *Tables) SaveViewWidget(in map[string]any) (View, error) {
	v, err := t.widgetView(in["widgetId"], "Record table widget", "VIEW_WIDGET_NOT_FOUND", "RECORD_TABLE")
	if err != nil {
		return v, err
	}
	for _, name := range []string{"viewFields", "viewFilterGroups", "viewFilters", "viewSorts"} {
		k, stays := KindOfPart(name), map[any]bool{}
		old := t.PartsOf(k, v.ID)
		for _, one := range objectsIn(in[name]) {
			if name == "viewFields" {
				one = knownColumn(one, old)
			}
			stays[one["id"]] = true
			if err := t.savePart(k, v.ID, one); err != nil {
				return v, err
			}
		}
		for _, p := range old {
			if in[name] != nil && name != "viewFields" && !stays[p.ID] {
				t.Parts.Delete(p.ID)
			}
		}
	}
	return v, t.touch()
}

// knownColumn names the column that an input means, by its id or its field.
func knownColumn(in map[string]any, columns []Part) map[string]any {
	in = maps.Clone(in)
	in["id"] = in["viewFieldId"]
	for _, p := range columns {
		if in["id"] == nil && p.Get("fieldMetadataId") == in["fieldMetadataId"] {
			in["id"] = p.ID
		}
	}
	return in
}
