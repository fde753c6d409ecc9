package schema

import (
	"cmp"
	"maps"
)

// viewGone is the refusal of a view that is not there.
func viewGone(id string) *Refusal {
	return &Refusal{Status: 404, Code: "VIEW_NOT_FOUND", Message: "View (id: " + id + ") not found"}
}

// View returns a view.
func (t *Tables) View(id string) (View, error) {
	v, ok := t.Views.Find(id)
	if !ok {
		return v, viewGone(id)
	}
	return v, nil
}

// CreateView makes a view of what a body says: fixtures/twenty/metadata_views.
func (t *Tables) CreateView(body map[string]any) (View, error) {
	object, _ := body["objectMetadataId"].(string)
	if t.Schema().ByID(object) == nil {
		return View{}, &Refusal{Status: 404, Code: "RELATION_UNIVERSAL_IDENTIFIER_NOT_FOUND", Message: "Could not find objectMetadata for given objectMetadataId"}
	}
	w, now := t.Workspace(), stamp(t.State.Now())
	v := View{ID: t.State.NewID(), WorkspaceID: w.ID, ApplicationID: w.CustomApplicationID, UniversalIdentifier: t.State.NewID(), Type: TableView, Icon: "IconList",
		OpenRecordIn: "SIDE_PANEL", Visibility: "WORKSPACE", IsActive: true, ObjectMetadataID: object, IsCustom: true, CreatedAt: now, UpdatedAt: now}
	if id := text(body, "id"); id != nil && IsUUID(*id) {
		v.ID = *id
	}
	v.apply(body)
	return t.Views.Insert(v)
}

// UpdateView changes what a body says.
func (t *Tables) UpdateView(id string, body map[string]any) (View, error) {
	if _, err := t.View(id); err != nil {
		return View{}, err
	}
	return t.Views.Update(id, func(v View) (View, error) {
		v.apply(body)
		v.UpdatedAt = stamp(t.State.Now())
		return v, nil
	})
}

// DeleteView removes a view with all its parts.
func (t *Tables) DeleteView(id string) error {
	if _, err := t.View(id); err != nil {
		return err
	}
	t.forgetViews(func(v View) bool { return v.ID == id })
	return nil
}

func (v *View) apply(body map[string]any) {
	for key, of := range map[string]*string{"name": &v.Name, "type": &v.Type, "icon": &v.Icon, "openRecordIn": &v.OpenRecordIn, "visibility": &v.Visibility} {
		if said := text(body, key); said != nil {
			*of = *said
		}
	}
	for key, of := range map[string]**string{"key": &v.Key, "kanbanAggregateOperation": &v.KanbanAggregateOperation,
		"kanbanAggregateOperationFieldMetadataId": &v.KanbanAggregateOperationFieldMetadataID, "anyFieldFilterValue": &v.AnyFieldFilterValue,
		"calendarLayout": &v.CalendarLayout, "calendarFieldMetadataId": &v.CalendarFieldMetadataID, "mainGroupByFieldMetadataId": &v.MainGroupByFieldMetadataID} {
		*of = optional(body, key).onto(*of)
	}
	for key, of := range map[string]*bool{"isCompact": &v.IsCompact, "shouldHideEmptyGroups": &v.ShouldHideEmptyGroups, "isActive": &v.IsActive} {
		if said := flag(body, key); said != nil {
			*of = *said
		}
	}
	if position, ok := body["position"].(float64); ok {
		v.Position = position
	}
	if width, ok := body["kanbanColumnWidth"].(float64); ok {
		n := int(width)
		v.KanbanColumnWidth = &n
	}
}

// CreateViewField adds a column to a view. Inferred: columns were recorded with the views that have them.
func (t *Tables) CreateViewField(body map[string]any) (ViewField, error) {
	view, _ := body["viewId"].(string)
	field, _ := body["fieldMetadataId"].(string)
	v, err := t.View(view)
	if err != nil {
		return ViewField{}, err
	}
	a := t.Schema().Attr(field)
	if a == nil {
		return ViewField{}, &Refusal{Status: 404, Code: "RELATION_UNIVERSAL_IDENTIFIER_NOT_FOUND", Message: "Could not find fieldMetadata for given fieldMetadataId"}
	}
	for c := range t.ViewFields.By("view", v.ID) {
		if c.Value.FieldMetadataID == field { // known from the vendor's public source
			return ViewField{}, shownAlready(c.Value, a.Field, v)
		}
	}
	c := t.column(v, a.Field, 0)
	c.ApplicationID, c.IsSystemSideEffect, c.Size = t.Workspace().CustomApplicationID, false, 0
	c.CreatedAt = stamp(t.State.Now())
	c.UpdatedAt = c.CreatedAt
	c.apply(body)
	return t.ViewFields.Insert(c)
}

// shownAlready is the refusal of a second column for a field.
func shownAlready(c ViewField, f Field, v View) error {
	seen := newFindings("create")
	seen.add("viewField", map[string]any{"universalIdentifier": c.UniversalIdentifier, "viewUniversalIdentifier": v.UniversalIdentifier, "fieldMetadataUniversalIdentifier": f.UniversalIdentifier},
		[]Complaint{{Code: invalidView, Message: "View field with same fieldMetadataUniversalIdentifier and viewUniversalIdentifier already exists", UserMessage: "View field already exists"}})
	return seen.refusal("creating view fields")
}

// UpdateViewField changes what a body says about a column.
func (t *Tables) UpdateViewField(id string, body map[string]any) (ViewField, error) {
	if _, ok := t.ViewFields.Find(id); !ok {
		return ViewField{}, ViewFieldGone
	}
	return t.ViewFields.Update(id, func(c ViewField) (ViewField, error) {
		c.apply(body)
		c.UpdatedAt = stamp(t.State.Now())
		return c, nil
	})
}

// ViewFieldGone is the refusal of a column that is not there.
var ViewFieldGone = &Refusal{Status: 404, Code: "VIEW_FIELD_NOT_FOUND", Message: "View field not found"}

func (c *ViewField) apply(body map[string]any) {
	for key, of := range map[string]*float64{"size": &c.Size, "position": &c.Position} {
		if said, ok := body[key].(float64); ok {
			*of = said
		}
	}
	if visible := flag(body, "isVisible"); visible != nil {
		c.IsVisible = *visible
	}
	c.AggregateOperation = optional(body, "aggregateOperation").onto(c.AggregateOperation)
	c.ViewFieldGroupID = optional(body, "viewFieldGroupId").onto(c.ViewFieldGroupID)
}

// CreatePart makes a part of what a body says; the keys it does not say get the kind's defaults. Inferred.
func (t *Tables) CreatePart(kind string, body map[string]any) (Part, error) {
	k := PartKinds[kind]
	parent, _ := body[k.Parent].(string)
	if k.Parent == "viewId" {
		if _, err := t.View(parent); err != nil {
			return Part{}, &Refusal{Status: 404, Code: "RELATION_UNIVERSAL_IDENTIFIER_NOT_FOUND", Message: "Could not find view for given viewId"}
		}
	}
	w, now := t.Workspace(), stamp(t.State.Now())
	p := Part{ID: t.State.NewID(), WorkspaceID: w.ID, ApplicationID: w.CustomApplicationID, UniversalIdentifier: t.State.NewID(), Kind: kind, ParentID: parent,
		Says: maps.Clone(k.Defaults), CreatedAt: now, UpdatedAt: now}
	p.apply(body)
	return t.Parts.Insert(p)
}

// Part returns a part of that kind.
func (t *Tables) Part(kind, id string) (Part, error) {
	p, ok := t.Parts.Find(id)
	if !ok || p.Kind != kind {
		return Part{}, &Refusal{Status: 404, Code: PartKinds[kind].Missing, Message: cmp.Or(PartKinds[kind].Name, kind) + " not found"}
	}
	return p, nil
}

// UpdatePart changes what a body says.
func (t *Tables) UpdatePart(kind, id string, body map[string]any) (Part, error) {
	if _, err := t.Part(kind, id); err != nil {
		return Part{}, err
	}
	return t.Parts.Update(id, func(p Part) (Part, error) {
		p.Says = maps.Clone(p.Says)
		p.apply(body)
		p.UpdatedAt = stamp(t.State.Now())
		return p, nil
	})
}

// CopyLayout copies a page layout with its tabs and their widgets, and returns the copy's identifier. The
// layouts of the dashboards that come with a workspace are no rows: a copy of one is an identifier alone.
func (t *Tables) CopyLayout(id string) (string, error) {
	p, ok := t.Parts.Find(id)
	if !ok {
		return t.State.NewID(), nil
	}
	return t.copyPart(p, p.ParentID)
}

func (t *Tables) copyPart(p Part, parent string) (string, error) {
	var below []Part
	for child := range t.Parts.All() {
		if child.ParentID == p.ID {
			below = append(below, child)
		}
	}
	p.ID, p.UniversalIdentifier, p.ParentID, p.CreatedAt = t.State.NewID(), t.State.NewID(), parent, stamp(t.State.Now())
	p.UpdatedAt = p.CreatedAt
	if _, err := t.Parts.Insert(p); err != nil {
		return "", err
	}
	for _, child := range below {
		if _, err := t.copyPart(child, p.ID); err != nil {
			return "", err
		}
	}
	return p.ID, nil
}

// DeletePart removes a part.
func (t *Tables) DeletePart(kind, id string) error {
	if _, err := t.Part(kind, id); err != nil {
		return err
	}
	t.Parts.Delete(id)
	return nil
}

func (p *Part) apply(body map[string]any) {
	for key, value := range body {
		if key != "id" && key != PartKinds[p.Kind].Parent {
			p.Says[key] = value
		}
	}
}
