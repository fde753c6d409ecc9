package schema

import (
	"slices"
	"strings"
)

// ObjectInput is a client's input for an object. Nil pointers were omitted.
type ObjectInput struct {
	NameSingular, NamePlural, LabelSingular, LabelPlural *string
	Description, Icon, Color, Shortcut                   Optional
	IsActive, IsSearchable, IsLabelSyncedWithName        *bool
	IsRemote                                             *bool
	SkipNameField                                        bool
	LabelIdentifier, ImageIdentifier                     Optional
	fixed                                                []string       // said, though standard objects keep them
	texts                                                map[string]any // said, and overrides of standard objects
}

// Optional is a text that a client may leave out or make null.
type Optional struct {
	Set   bool
	Value *string
}

func (o Optional) onto(text *string) *string {
	if o.Set {
		return o.Value
	}
	return text
}

// draft is an object in the making, with all the metadata that comes with it.
type draft struct {
	t       *Tables
	sch     *Schema
	object  Object
	own     []Field // of the object itself
	inverse []Field // on the objects that every object relates to
	views   []View  // table and record page
	columns []Part  // of the views
	layout  []Part  // the record page
	seen    *findings
}

// companions are the objects that every custom object relates to, with the field on its side:
// fixtures/twenty/metadata_custom_object_lifecycle.
var companions = []struct{ object, field, label, icon string }{
	{"timelineActivity", "timelineActivities", "Timeline Activities", "IconTimelineEvent"},
	{"attachment", "attachments", "Attachments", "IconFileImport"},
	{"noteTarget", "noteTargets", "Notes", "IconNotes"},
	{"taskTarget", "taskTargets", "Tasks", "IconCheckbox"},
}

// CreateObject makes an object with its default fields, relations and views.
func (t *Tables) CreateObject(in ObjectInput) (Object, error) {
	d := &draft{t: t, sch: t.Schema(), seen: newFindings("create")}
	d.build(in)
	d.check()
	if err := d.seen.changeError("creating object"); err != nil {
		return Object{}, err
	}
	if err := d.store(); err != nil {
		return Object{}, err
	}
	o, err := t.Objects.Get(d.object.ID)
	if err != nil || t.Records == nil {
		return o, err
	}
	sch := t.Schema()
	if err := t.Records.ObjectMade(sch.ByID(o.ID)); err != nil {
		return o, err
	}
	for _, f := range d.inverse {
		if err := t.Records.FieldMade(sch.Attr(f.ID)); err != nil {
			return o, err
		}
	}
	return o, nil
}

func (d *draft) build(in ObjectInput) {
	t, w := d.t, d.t.Workspace()
	now := stamp(t.State.Now())
	d.object = Object{ID: t.State.NewID(), UniversalIdentifier: t.State.NewID(), ApplicationID: w.CustomApplicationID,
		WorkspaceID:  w.ID,
		NameSingular: *in.NameSingular, NamePlural: *in.NamePlural, LabelSingular: Capital(*in.LabelSingular),
		LabelPlural: Capital(*in.LabelPlural), Description: in.Description.Value,
		Icon: in.Icon.Value, Color: in.Color.Value,
		Shortcut: in.Shortcut.Value, IsActive: true, IsUIEditable: true, IsUICreatable: true, IsSearchable: true,
		IsLabelSyncedWithName: or(in.IsLabelSyncedWithName, false), IsRemote: or(in.IsRemote, false),
		CreatedAt: now, UpdatedAt: now}
	d.defaults(in.SkipNameField)
	for _, c := range companions {
		d.relate(c.object, c.field, c.label, c.icon)
	}
	d.showIn()
	d.layOut()
}

// field makes one of the object's default fields.
func (d *draft) field(typ Type, name, label, icon string, change func(*Field)) *Field {
	f := Field{ID: d.t.State.NewID(), UniversalIdentifier: derived(d.object.UniversalIdentifier, name),
		ApplicationID: d.object.ApplicationID,
		WorkspaceID:   d.object.WorkspaceID, ObjectMetadataID: d.object.ID, Type: typ, Name: name, Label: label,
		Description: &label, Icon: &icon,
		IsActive: true, IsSystem: true, IsUIReadOnly: true, CreatedAt: d.object.CreatedAt,
		UpdatedAt: d.object.UpdatedAt}
	if change != nil {
		change(&f)
	}
	d.own = append(d.own, f)
	return &d.own[len(d.own)-1]
}

func (d *draft) defaults(withoutName bool) {
	described := func(text string, value any) func(*Field) {
		return func(f *Field) { f.Description, f.DefaultValue = &text, value }
	}
	nullable := func(text string) func(*Field) {
		return func(f *Field) { f.Description, f.IsNullable = &text, true }
	}
	if !withoutName {
		d.field(Text, "name", "Name", "IconAbc", func(f *Field) {
			f.IsSystem, f.IsUIEditable, f.IsUIReadOnly, f.IsNullable = false, true, false, true
		})
	}
	actor := map[string]any{"name": "''", "source": "'MANUAL'"}
	d.field(UUID, "id", "Id", "Icon123", described("Id", "uuid"))
	d.field(DateTime, "createdAt", "Creation date", "IconCalendar", described("Creation date", "now"))
	d.field(Actor, "createdBy", "Created by", "IconCreativeCommonsSa", described("The creator of the record", actor))
	d.field(DateTime, "deletedAt", "Deleted at", "IconCalendarClock", nullable("Deletion date"))
	d.field(Position, "position", "Position", "IconHierarchy2", described("Position", float64(0)))
	d.field(DateTime, "updatedAt", "Last update", "IconCalendarClock",
		described("Last time the record was changed", "now"))
	d.field(Actor, "updatedBy", "Updated by", "IconUserCircle",
		described("The workspace member who last updated the record", actor))
	d.field(TSVector, "searchVector", "Search vector", "IconSearch", nullable("Search vector"))
	d.object.LabelIdentifierFieldMetadataID = &d.own[0].ID // the name, or the id where there is no name
}

// relate adds a relation to one of the companions and its other side, which joins the companion's
// polymorphic targets.
func (d *draft) relate(companion, name, label, icon string) {
	other := d.sch.Singular(companion)
	if other == nil {
		return
	}
	describe := Capital(d.object.NamePlural) + " tied to the " + other.LabelSingular
	f := d.field(Relation, name, label, icon, func(f *Field) {
		f.IsSystem, f.IsUIEditable, f.IsUIReadOnly, f.IsNullable, f.Description = false, true, false, true, &describe
		f.Settings = map[string]any{"relationType": string(Many)}
		f.TargetObjectID = other.ID
	})
	target := "target" + Capital(d.object.NameSingular)
	text := Capital(other.NamePlural) + " " + d.object.LabelSingular
	inverse := Field{ID: d.t.State.NewID(),
		UniversalIdentifier: derived(other.UniversalIdentifier, target, d.object.ApplicationID),
		ApplicationID:       d.object.ApplicationID, WorkspaceID: d.object.WorkspaceID, ObjectMetadataID: other.ID,
		Type: MorphRelation, Name: target, Label: d.object.LabelSingular, Description: &text, Icon: other.Icon,
		IsActive: true, IsUIEditable: true, IsNullable: true, Settings: map[string]any{"onDelete": "SET_NULL",
			"relationType": string(ToOne), "joinColumnName": target + "Id"},
		MorphID:   morphOf(other),
		CreatedAt: d.object.CreatedAt, UpdatedAt: d.object.UpdatedAt, TargetObjectID: d.object.ID, TargetFieldID: f.ID}
	f.TargetFieldID = inverse.ID
	d.inverse = append(d.inverse, inverse)
}

// morphOf returns the identifier that the polymorphic targets of an object share.
func morphOf(m *Model) *string {
	for _, a := range m.Attrs {
		if a.MorphID != nil {
			return a.MorphID
		}
	}
	return nil
}

// check validates the draft in the vendor's order. An object that is not valid drags everything along that
// was to come with it: fixtures/twenty/metadata_errors.
func (d *draft) check() {
	good := !d.seen.add(objectMetadata, objectEntity(d.object), d.complaints())
	failed := map[string]bool{}
	for _, f := range d.own {
		if good {
			break
		}
		failed[f.UniversalIdentifier] = d.seen.add(fieldMetadata, fieldEntity(f, d.object.UniversalIdentifier),
			[]Complaint{
				{Code: "OBJECT_METADATA_NOT_FOUND", Message: "Object metadata not found",
					UserMessage: "Field to create related object not found"}})
	}
	for _, f := range d.inverse {
		other := d.sch.ByID(f.ObjectMetadataID)
		failed[f.UniversalIdentifier] = d.seen.add(fieldMetadata, fieldEntity(f, other.UniversalIdentifier),
			d.inverseComplaints(f, other, good))
	}
	d.checkViews(good, failed)
	d.checkIndexes(good, failed)
	if !good {
		d.seen.add("searchFieldMetadata",
			map[string]any{"universalIdentifier": derived(d.object.UniversalIdentifier, "search"),
				"objectMetadataUniversalIdentifier": d.object.UniversalIdentifier}, []Complaint{
				complain("FIELD_METADATA_NOT_FOUND", "Field metadata not found"),
				{Code: "TS_VECTOR_FIELD_METADATA_NOT_FOUND", Message: "TS_VECTOR field metadata not found",
					UserMessage: "Search vector field not found"},
				complain("OBJECT_METADATA_NOT_FOUND", "Object metadata not found")})
	}
}

func (d *draft) complaints() (out []Complaint) {
	if d.object.IsRemote {
		out = append(out, complain("INVALID_OBJECT_INPUT", "Remote objects are not supported yet"))
	}
	return append(out, d.sch.objectComplaints(d.object, "")...)
}

// objectComplaints returns what is wrong with an object's names and labels. self is the id of the
// changed object, "" for a new one.
func (s *Schema) objectComplaints(o Object, self string) []Complaint {
	const code = "INVALID_OBJECT_INPUT"
	out := append(checkName(o.NameSingular, code), checkName(o.NamePlural, code)...)
	if strings.EqualFold(o.NameSingular, o.NamePlural) {
		c := complain(code, "The singular and plural names cannot be the same for an object")
		c.Value = o.NamePlural
		out = append(out, c)
	}
	out = append(append(out, checkLabel(o.LabelSingular, code)...), checkLabel(o.LabelPlural, code)...)
	if o.IsLabelSyncedWithName && (syncedName(o.LabelSingular) != o.NameSingular ||
		syncedName(o.LabelPlural) != o.NamePlural) {
		out = append(out, complain(code, "Names are not synced with labels"))
	}
	taken := func(m *Model) bool {
		return m.ID != self && (slices.Contains([]string{o.NameSingular, o.NamePlural}, m.NameSingular) ||
			slices.Contains([]string{o.NameSingular, o.NamePlural}, m.NamePlural))
	}
	if slices.ContainsFunc(s.Models, taken) {
		out = append(out, complain("OBJECT_ALREADY_EXISTS", "Object already exists"))
	}
	return out
}

func (d *draft) inverseComplaints(f Field, other *Model, good bool) (out []Complaint) {
	identical := func(a *Attr) bool { return a.UniversalIdentifier == f.UniversalIdentifier }
	exists := slices.ContainsFunc(other.Attrs, identical)
	if exists {
		out = append(out, Complaint{Code: "FIELD_ALREADY_EXISTS",
			Message:     "Field with same universal identifier already exists in object",
			UserMessage: "Field already exists"})
	}
	out = append(out, other.nameTaken(f.Name, "")...)
	out = append(out, checkName(f.Name, badField)...)
	if !good {
		out = append(out, Complaint{Code: "OBJECT_METADATA_NOT_FOUND",
			Message:     "Relation target object metadata not found",
			UserMessage: "Object targeted by the relation not found"})
	}
	if exists {
		out = append(out, Complaint{Code: "ENTITY_ALREADY_EXISTS",
			Message: `Cannot create fieldMetadata: universalIdentifier "` + f.UniversalIdentifier +
				`" already exists in fieldMetadata maps from application "` + f.ApplicationID + `"`})
	}
	return out
}

func (d *draft) checkIndexes(good bool, failed map[string]bool) {
	index := func(m *Model, f Field, column string, objectThere bool) {
		table, universal := d.object.databaseTable(true), derived(d.object.UniversalIdentifier, column, "index")
		if m != nil {
			table, universal = m.DatabaseTable(), d.t.State.NewID()
		}
		name := indexName(table, column, false)
		var out []Complaint
		if !objectThere {
			out = append(out, Complaint{Code: "INDEX_OBJECT_NOT_FOUND",
				Message: "Could not find index related object metadata", UserMessage: "Index related object not found"})
		}
		if d.sch.hasIndex(name) {
			out = append(out, indexTaken)
		}
		if failed[f.UniversalIdentifier] && !d.sch.knows(f.UniversalIdentifier) {
			out = append(out, indexFieldMissing)
		}
		d.seen.add("index", map[string]any{"universalIdentifier": universal, "name": name}, out)
	}
	for _, f := range d.inverse {
		index(d.sch.ByID(f.ObjectMetadataID), f, f.Name+"Id", true)
	}
	for _, f := range d.own {
		if f.Type == TSVector {
			index(nil, f, f.Name, good)
		}
	}
}

var indexTaken = complain("INDEX_ALREADY_EXISTS", "Index with same name already exists")

var indexFieldMissing = Complaint{Code: "INDEX_FIELD_NOT_FOUND",
	Message:     "Could not find index field related field metadata",
	UserMessage: "Field referenced in index does not exist"}

// knows reports whether a field has that universal identifier.
func (s *Schema) knows(universal string) bool {
	for _, a := range s.attrs {
		if a.UniversalIdentifier == universal {
			return true
		}
	}
	return false
}

func (d *draft) store() error {
	if _, err := d.t.Objects.Insert(d.object); err != nil {
		return err
	}
	for _, f := range append(d.own, d.inverse...) {
		if _, err := d.t.Fields.Insert(f); err != nil {
			return err
		}
	}
	for _, v := range d.views {
		if _, err := d.t.Views.Insert(v); err != nil {
			return err
		}
	}
	for _, c := range append(d.columns, d.layout...) {
		if _, err := d.t.Parts.Insert(c); err != nil {
			return err
		}
	}
	if err := d.menuEntries(); err != nil {
		return err
	}
	return d.t.Changed()
}

func objectEntity(o Object) map[string]any {
	return map[string]any{"universalIdentifier": o.UniversalIdentifier, "namePlural": o.NamePlural,
		"nameSingular": o.NameSingular}
}

func fieldEntity(f Field, object string) map[string]any {
	return map[string]any{"universalIdentifier": f.UniversalIdentifier, "name": f.Name,
		"objectMetadataUniversalIdentifier": object}
}
