package schema

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
)

// FieldInput is a client's input for a field. Nil pointers were omitted.
type FieldInput struct {
	ObjectID              string
	Type                  Type
	Name, Label           *string
	Description, Icon     Optional
	IsActive, IsNullable  *bool
	IsUnique              *bool
	IsLabelSyncedWithName *bool
	isSystem, isRemote    *bool
	isUIEditable          *bool
	isUIReadOnly          *bool // its opposite under an older name
	DefaultSet            bool
	DefaultValue          any
	OptionsSet            bool
	Options               []Option
	SettingsSet           bool
	Settings              any
	Relation              map[string]any   // relationCreationPayload
	Morph                 []map[string]any // morphRelationsCreationPayload
	fixed                 []string         // what the client said of a field that standard fields do not change
	texts                 map[string]any   // and what it said that goes into their overrides
	// what the reader of the options says of those that it cannot read; documented: packages/twenty-server/src/engine/
	// utils/transform-enum-value.ts
	crash string
}

// stamp writes a time as the server does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// CreateField adds a field to an object, with its other side if it is a relation, and shows it in the
// object's views.
func (t *Tables) CreateField(in FieldInput) (Field, error) {
	const what = "Multiple validation errors occurred while creating field"
	m, unsupported := t.Schema().ByID(in.ObjectID), ""
	switch {
	case in.crash != "":
		return Field{}, &ChangeError{Status: 500, Fault: in.crash}
	case or(in.isRemote, false): // documented: from-create-field-input-to-flat-field-metadatas-to-create.util.ts
		unsupported = "Remote fields aren't supported"
	case m == nil:
		return Field{}, early("create", what,
			Complaint{Code: "OBJECT_METADATA_NOT_FOUND", Message: "Provided object metadata id does not exist",
				UserMessage: "Created field metadata, parent object metadata not found"})
	case in.Type == TSVector:
		unsupported = "TS Vector is not supported for field creation"
	}
	if unsupported != "" {
		err := early("create", what, Complaint{Code: badField, Message: unsupported})
		err.(*ChangeError).Report.UserMessage = "Metadata validation failed" // recorded
		return Field{}, err
	}
	f := t.newField(m, in)
	made := []Field{f}
	if f.Type == Relation || f.Type == MorphRelation {
		sides, c := t.relate(m, f, in)
		if c != nil {
			return Field{}, early("create", what, *c)
		}
		made = sides
	}
	if err := t.checkFields(made); err != nil {
		return Field{}, err
	}
	for _, one := range made {
		if !m.fitsDatabase(one) {
			return Field{}, migrationFailed("create", fieldMetadata, one.UniversalIdentifier)
		}
	}
	return made[0], t.storeFields(made)
}

func (t *Tables) newField(m *Model, in FieldInput) Field {
	w, now := t.Workspace(), stamp(t.State.Now())
	f := Field{ID: t.State.NewID(), UniversalIdentifier: t.State.NewID(), ApplicationID: w.CustomApplicationID,
		WorkspaceID:      w.ID,
		ObjectMetadataID: m.ID, Type: in.Type, Name: *in.Name, Label: *in.Label, Description: in.Description.Value,
		Icon: in.Icon.Value, IsActive: true, IsSystem: or(in.isSystem, false),
		IsUIEditable: or(in.isUIEditable, !or(in.isUIReadOnly, false)), IsNullable: or(in.IsNullable, true),
		IsUnique: or(in.IsUnique, false), IsLabelSyncedWithName: or(in.IsLabelSyncedWithName, false),
		DefaultValue: completed(in.Type, in.DefaultValue), Options: t.numbered(in), Settings: in.Settings,
		CreatedAt: now, UpdatedAt: now}
	f.IsUIReadOnly = !f.IsUIEditable
	if chosen[f.Type] { // documented: from-create-field-input-to-flat-field-metadatas-to-create.util.ts
		f.Settings = nil
	}
	if f.Type == Actor && in.DefaultValue == nil {
		f.DefaultValue = map[string]any{"name": "'System'", "source": "'MANUAL'", "context": nil,
			"workspaceMemberId": nil}
	}
	return f
}

// numbered gives options their identifiers. A rating has the same five in every workspace's fields.
func (t *Tables) numbered(in FieldInput) []Option {
	options := in.Options
	switch in.Type {
	case Rating:
		options = nil
		for i, label := range []string{"1", "2", "3", "4", "5"} {
			options = append(options, Option{Label: label, Value: "RATING_" + label, Position: float64(i)})
		}
	case Select, MultiSelect:
	default:
		return nil
	}
	out := make([]Option, len(options))
	for i, o := range options {
		if o.ID == "" {
			o.ID = t.State.NewID()
		}
		out[i] = o
	}
	return out
}

// completed adds to the default of a composite field the sub fields that it leaves out, as null:
// fixtures/twenty/corpus_metadata_102. Empty texts and lists are null as well, and so is a default without
// anything in it, or of another form; other keys are dropped (documented: packages/twenty-server/src/engine/
// metadata-modules/flat-field-metadata/utils/nullify-empty-composite-default-value.util.ts).
func completed(typ Type, value any) any {
	if Composites[typ] == nil {
		return value
	}
	given, _ := value.(map[string]any)
	out, some := map[string]any{}, false
	for _, sub := range Composites[typ] {
		part := given[sub.Name]
		if list, isList := part.([]any); part == "" || part == "''" || isList && len(list) == 0 {
			part = nil
		}
		out[sub.Name], some = part, some || part != nil
	}
	if !some {
		return nil
	}
	return out
}

// checkFields validates new fields. A field that is not valid cannot be shown in views or indexed either.
func (t *Tables) checkFields(made []Field) error {
	sch, seen, gone := t.Schema(), newFindings("create"), map[string]bool{}
	for _, f := range made {
		m := sch.ByID(f.ObjectMetadataID)
		out := m.newFieldComplaints(f)
		if gone[f.TargetFieldID] { // the side that was checked before
			out = append(out, Complaint{Code: "FIELD_METADATA_NOT_FOUND",
				UserMessage: "Relation field target metadata not found",
				Message: "Relation field target metadata not found in both existing and about to be created field " +
					"metadatas"})
		}
		failed := seen.add(fieldMetadata, fieldEntity(f, m.UniversalIdentifier), out)
		gone[f.ID] = failed
		if failed {
			for _, v := range t.viewsThatShow(m) {
				seen.add("viewField", map[string]any{"universalIdentifier": t.State.NewID(),
					"viewUniversalIdentifier":          v.UniversalIdentifier,
					"fieldMetadataUniversalIdentifier": f.UniversalIdentifier}, []Complaint{viewFieldMissing})
			}
		}
		name, out := m.indexComplaints(f, failed)
		switch {
		case name == "" || chosen[f.Type] && !failed:
		case f.relates():
			seen.add("index", map[string]any{"universalIdentifier": t.State.NewID(), "name": name}, out)
		default:
			seen.add("index", map[string]any{"universalIdentifier": derived(f.UniversalIdentifier, name),
				"name": name}, out)
		}
	}
	return seen.changeError("creating fields")
}

// indexComplaints returns the index that a field requests, or "", and its errors.
func (m *Model) indexComplaints(f Field, failed bool) (name string, out []Complaint) {
	join, _ := f.Setting("joinColumnName").(string)
	switch {
	case f.relates() && join != "":
		name = indexName(m.DatabaseTable(), join, f.IsUnique)
		if m.Schema.hasIndex(name) {
			out = append(out, indexTaken)
		}
	case f.relates():
	case f.IsUnique:
		name = indexName(m.DatabaseTable(), f.Name, true)
		if failed {
			break
		}
		message := "Unique index cannot be created for field " + f.Name + " of type " + string(f.Type)
		if f.DefaultValue != nil {
			out = append(out, Complaint{Code: "INDEX_FIELD_INVALID_DEFAULT_VALUE", Message: message,
				UserMessage: string(f.Type) + " fields cannot have a default value."})
		}
		if !uniquely(f.Type) {
			out = append(out, Complaint{Code: "INDEX_FIELD_INVALID_TYPE_FOR_UNIQUE", Message: message,
				UserMessage: string(f.Type) + " fields cannot be unique."})
		}
	}
	if failed && name != "" {
		out = append(out, indexFieldMissing)
	}
	return name, out
}

// uniquely reports whether fields of the type can be unique: a composite needs a sub field that
// distinguishes rows. ADDRESS, NUMBER and UUID are recorded; the rest is known from the vendor's
// public source.
func uniquely(typ Type) bool {
	apart := func(sub SubField) bool { return sub.Unique }
	return Composites[typ] == nil || slices.ContainsFunc(Composites[typ], apart)
}

// chosen are the types that choose from options; an index of a new field of them is not validated, but for the
// field that it needs: kind_metadata_fields 50.
var chosen = map[Type]bool{Select: true, MultiSelect: true, Rating: true}

func (t *Tables) storeFields(made []Field) error {
	for _, f := range made {
		if _, err := t.Fields.Insert(f); err != nil {
			return err
		}
		if err := t.showField(f); err != nil {
			return err
		}
	}
	if err := t.Changed(); err != nil || t.Records == nil {
		return err
	}
	for _, f := range made {
		if err := t.Records.FieldMade(t.Schema().Attr(f.ID)); err != nil {
			return err
		}
	}
	return nil
}

func migrationFailed(change, metadata, universal string) *ChangeError {
	return &ChangeError{Status: 500, Fault: migrationText(change, metadata, universal)}
}

// UpdateField applies a client's changes to a field. Type and nullability cannot change and are
// ignored: fixtures/twenty/corpus_metadata_101.
func (t *Tables) UpdateField(id string, in FieldInput) (Field, error) {
	sch := t.Schema()
	old := sch.Attr(id)
	if in.crash != "" {
		return Field{}, &ChangeError{Status: 500, Fault: in.crash}
	}
	if old == nil {
		return Field{}, early("update", "Validation errors occurred while updating field",
			complain("FIELD_METADATA_NOT_FOUND", "Field metadata to update not found"))
	}
	if !old.custom() && len(in.fixed) > 0 {
		return Field{}, &ChangeError{Status: 403, Code: "FIELD_MUTATION_NOT_ALLOWED",
			Message: "Cannot edit standard field metadata properties: " + strings.Join(in.fixed, ", ")}
	}
	f := t.edited(old.Field, in)
	checked := f
	if old.ApplicationID == sch.standard {
		f.Label, f.Description, f.Icon = old.Label, old.Description, old.Icon
		f.Overrides = overridden(old.Field, old.Overrides, in.texts)
	}
	if same(f, old.Field) {
		return old.Field, nil
	}
	f.UpdatedAt = stamp(t.State.Now())
	if err := t.checkChange(old, checked); err != nil {
		return f, err
	}
	if !reflect.DeepEqual(f.DefaultValue, old.DefaultValue) && !old.Model.fitsDatabase(f) {
		return f, migrationFailed("update", fieldMetadata, f.UniversalIdentifier)
	}
	if err := t.Fields.Set(f); err != nil {
		return f, err
	}
	if err := t.switchOtherSide(old, f); err != nil {
		return f, err
	}
	if err := t.Changed(); err != nil || t.Records == nil {
		return f, err
	}
	if err := t.Records.FieldChanged(old, t.Schema().Attr(id)); err != nil {
		name := indexName(old.Model.DatabaseTable(), f.Name, true)
		return f, migrationFailed("create", "index", derived(f.UniversalIdentifier, name)) // values are there twice
	}
	return f, nil
}

// switchOtherSide switches the other side of a relation on or off together with it: kind_metadata_relations 53.
func (t *Tables) switchOtherSide(old *Attr, f Field) error {
	if old.Inverse == nil || old.Inverse.IsActive == f.IsActive {
		return nil
	}
	other := old.Inverse.Field
	other.IsActive, other.UpdatedAt = f.IsActive, f.UpdatedAt
	return t.Fields.Set(other)
}

// custom reports whether the field was created in the workspace and did not come with it.
func (a *Attr) custom() bool { return a.ApplicationID == a.Model.Schema.custom }

func (t *Tables) edited(f Field, in FieldInput) Field {
	f.Name, f.Label = or(in.Name, f.Name), or(in.Label, f.Label)
	f.Description, f.Icon = in.Description.onto(f.Description), in.Icon.onto(f.Icon)
	f.IsActive, f.IsUnique = or(in.IsActive, f.IsActive), or(in.IsUnique, f.IsUnique)
	f.IsLabelSyncedWithName = or(in.IsLabelSyncedWithName, f.IsLabelSyncedWithName)
	if in.DefaultSet {
		f.DefaultValue = completed(f.Type, in.DefaultValue)
	}
	if in.OptionsSet && (f.Type == Select || f.Type == MultiSelect) {
		in.Type = f.Type
		f.Options = t.numbered(in)
	}
	if in.SettingsSet && in.Settings != nil {
		f.Settings = in.Settings // of whatever shape, also of a relation: kind_metadata_relations 82
	}
	return f
}

// checkChange validates a changed field.
func (t *Tables) checkChange(old *Attr, f Field) error {
	seen := newFindings("update")
	var out []Complaint
	if old.IsActive && !f.IsActive && old.Model.Label() == old {
		out = append(out, Complaint{Code: "LABEL_IDENTIFIER_FIELD_METADATA_ID_NOT_FOUND",
			Message:     "Label identifier field metadata cannot be deactivated",
			UserMessage: "Label identifier field cannot be deactivated"})
		// its column in the table of records goes with it, and may not
		for _, v := range t.PartsOf(KindOfPart("viewField"), "") {
			if view, _ := t.Views.Find(v.ParentID); v.Text("fieldMetadataId") == f.ID && view.Type == TableView {
				seen.put(
					Failure{Errors: []Complaint{complain(invalidView,
						"Label identifier view field cannot be deleted")}, Metadata: "viewField", Type: "delete",
						Entity: map[string]any{"universalIdentifier": v.UniversalIdentifier,
							"viewUniversalIdentifier":          view.UniversalIdentifier,
							"fieldMetadataUniversalIdentifier": f.UniversalIdentifier}})
			}
		}
	}
	if forbidden := f.forbidden(old.Field); forbidden != nil {
		const what = "Forbidden updated properties for relation field metadata"
		out = append(out, Complaint{Code: "FIELD_MUTATION_NOT_ALLOWED",
			Message: what + ": " + strings.Join(forbidden, ", "), UserMessage: what})
	}
	if f.Name != old.Name {
		out = append(append(out, checkName(f.Name, badField)...), old.Model.nameTaken(f.Name, f.ID)...)
	}
	if f.IsLabelSyncedWithName && syncedName(f.Label) != f.Name {
		out = append(out, Complaint{Code: "FIELD_MUTATION_NOT_ALLOWED", Message: "Name is not synced with label.",
			UserMessage: "Updated field name is not synced with label"})
	}
	if !f.IsNullable && f.DefaultValue == nil && old.custom() {
		out = append(out, Complaint{Code: badField, Message: "Default value cannot be null for non-nullable fields",
			UserMessage: "Default value cannot be null."})
	}
	if chosen[f.Type] || f.Type == Files {
		out = append(out, f.typeComplaints()...)
	}
	failed := seen.add(fieldMetadata, fieldEntity(f, old.Model.UniversalIdentifier), out)
	if f.IsUnique && !old.IsUnique && !f.relates() {
		if name, bad := old.Model.indexComplaints(f, failed); bad != nil {
			seen.put(Failure{Status: "fail", Errors: bad, Metadata: "index", Type: "create",
				Entity: map[string]any{"universalIdentifier": derived(f.UniversalIdentifier, name), "name": name}})
		}
	}
	return seen.changeError("updating field")
}

// forbidden names what a relation cannot change: kind_metadata_relations 50 and 52; the sync with
// the label is known from the vendor's public source.
func (f Field) forbidden(old Field) (out []string) {
	if !f.relates() {
		return nil
	}
	if !reflect.DeepEqual(f.DefaultValue, old.DefaultValue) {
		out = append(out, "defaultValue")
	}
	if f.IsLabelSyncedWithName != old.IsLabelSyncedWithName {
		out = append(out, "isLabelSyncedWithName")
	}
	if f.IsUnique != old.IsUnique {
		out = append(out, "isUnique")
	}
	return out
}

// DeleteField removes a field, and the other side of a relation with it.
func (t *Tables) DeleteField(id string) (Field, error) {
	a := t.Schema().Attr(id)
	if a == nil {
		return Field{}, &ChangeError{Status: 404, Code: "FIELD_METADATA_NOT_FOUND",
			Message: "Field to delete not found"}
	}
	if !a.custom() {
		return Field{}, &ChangeError{Status: 403, Code: "FIELD_MUTATION_NOT_ALLOWED",
			Message: `Cannot delete standard field "` + a.Name + `"`}
	}
	seen := newFindings("delete")
	var out []Complaint
	if a.IsSystem {
		out = append(out, complain("FIELD_MUTATION_NOT_ALLOWED", "System fields cannot be deleted"))
	}
	if a == a.Model.Label() {
		out = append(out, complain("FIELD_MUTATION_NOT_ALLOWED",
			"Cannot delete, please update the label identifier field first"))
	}
	seen.add(fieldMetadata, fieldEntity(a.Field, a.Model.UniversalIdentifier), out)
	if err := seen.changeError("deleting field"); err != nil {
		return Field{}, err
	}
	gone := []*Attr{a}
	if a.Inverse != nil {
		gone = append(gone, a.Inverse)
	}
	return a.Field, t.dropFields(gone...)
}

// dropFields takes fields away with what shows them.
func (t *Tables) dropFields(gone ...*Attr) error {
	for _, one := range gone {
		t.Fields.Delete(one.ID)
		t.forgetField(one.ID)
	}
	if err := t.Changed(); err != nil || t.Records == nil {
		return err
	}
	for _, one := range gone {
		t.Records.FieldDropped(one)
	}
	return nil
}

// same reports whether two rows are equal as JSON.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

func withSetting(settings any, name string, value any) map[string]any {
	old, _ := settings.(map[string]any)
	return changed(old, map[string]any{name: value})
}
