package schema

import (
	"maps"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// UpdateObject applies a client's changes to an object. Nothing changes, including updatedAt, if
// the values are the present ones.
func (t *Tables) UpdateObject(id string, in ObjectInput) (Object, error) {
	old := t.Schema().ByID(id)
	if old == nil {
		return Object{}, &ChangeError{Status: 404, Code: "OBJECT_METADATA_NOT_FOUND",
			Message: "Object to update not found"}
	}
	if !old.Custom && len(in.fixed) > 0 {
		return old.Object, &ChangeError{Status: 400, Code: "INVALID_OBJECT_INPUT",
			Message: "Cannot edit standard object metadata properties: " + strings.Join(in.fixed, ", ")}
	}
	o, err := t.changed(old, in)
	if err != nil {
		return o, err
	}
	seen := newFindings("update")
	seen.newID = t.State.NewID
	seen.checkLabel(old, o)
	seen.add(objectMetadata, objectEntity(old.Object), t.Schema().objectComplaints(o, id))
	if o.NameSingular != old.NameSingular {
		seen.checkTargets(old, o)
	}
	if err := seen.changeError("updating object"); err != nil {
		return o, err
	}
	if old.ApplicationID == old.Schema.standard {
		o.LabelSingular, o.LabelPlural = old.LabelSingular, old.LabelPlural
		o.Description, o.Icon = old.Description, old.Icon
		o.Overrides = overridden(old.Object, old.Overrides, in.texts)
	}
	if same(o, old.Object) {
		return old.Object, nil
	}
	o.UpdatedAt = stamp(t.State.Now())
	if err := t.Objects.Set(o); err != nil {
		return o, err
	}
	if o.NameSingular != old.NameSingular {
		if err := t.renameTargets(old, o); err != nil {
			return o, err
		}
	}
	if err := t.Changed(); err != nil {
		return o, err
	}
	if t.Records != nil && (o.NameSingular != old.NameSingular || o.NamePlural != old.NamePlural) {
		t.Records.ObjectRenamed(old, t.Schema().ByID(id))
	}
	return o, nil
}

// overridden returns the overrides of a standard object or field, whose own texts no edit changes: a text that is the
// row's own again has none (documented:
// packages/twenty-server/src/engine/metadata-modules/utils/compute-metadata-overrides-blob.util.ts).
func overridden(row any, overrides, said map[string]any) map[string]any {
	own, out := with(map[string]any(nil), row), changed(overrides, said)
	maps.DeleteFunc(out, func(key string, text any) bool { return text == own[key] })
	return changed(out, nil)
}

// Shown returns a text after its override. Only icons may be emptied by one (documented: resolve-object-metadata- and
// resolve-field-metadata-standard-override.util.ts of packages/twenty-server/src/engine/metadata-modules).
func Shown(overrides map[string]any, name, text string) string {
	if over, ok := overrides[name].(string); ok && (over != "" || name == "icon") {
		return over
	}
	return text
}

// changed applies an input to an object. A label identifier that is no field of the workspace is
// not found; null keeps the present one: fixtures/twenty/corpus_metadata_101 and corpus_metadata_102.
func (t *Tables) changed(old *Model, in ObjectInput) (Object, error) {
	o := old.Object
	o.NameSingular, o.NamePlural = or(in.NameSingular, o.NameSingular), or(in.NamePlural, o.NamePlural)
	o.LabelSingular, o.LabelPlural = or(in.LabelSingular, o.LabelSingular), or(in.LabelPlural, o.LabelPlural)
	o.IsActive, o.IsSearchable = or(in.IsActive, o.IsActive), or(in.IsSearchable, o.IsSearchable)
	o.IsLabelSyncedWithName = or(in.IsLabelSyncedWithName, o.IsLabelSyncedWithName)
	o.Description, o.Icon = in.Description.onto(o.Description), in.Icon.onto(o.Icon)
	o.Color = in.Color.onto(o.Color)
	for _, c := range []struct {
		of   **string
		said Optional
	}{{&o.LabelIdentifierFieldMetadataID, in.LabelIdentifier},
		{&o.ImageIdentifierFieldMetadataID, in.ImageIdentifier}} {
		if c.said.Value == nil {
			continue
		}
		if old.Schema.Attr(*c.said.Value) == nil {
			return o, notInMaps
		}
		*c.of = c.said.Value
	}
	return o, nil
}

var notInMaps = &ChangeError{Status: 404, Code: "ENTITY_NOT_FOUND", Message: "Could not find flat entity in maps"}

// checkLabel rejects a label identifier whose values are not texts: kind_metadata_relations 60.
func (f *findings) checkLabel(old *Model, o Object) {
	if same(o.LabelIdentifierFieldMetadataID, old.LabelIdentifierFieldMetadataID) {
		return
	}
	switch a := old.Schema.Attr(*o.LabelIdentifierFieldMetadataID); a.Type {
	case UUID, Text, FullName:
	default:
		f.put(Failure{Entity: objectEntity(old.Object), Metadata: objectMetadata, Type: f.change,
			Errors: []Complaint{{Code: "INVALID_OBJECT_INPUT",
				Message: "labelIdentifierFieldMetadataUniversalIdentifier validation failed: field type not compatible",
				UserMessage: "Field cannot be used as label identifier due to its type: " +
					"should be of type UUID, text or full name"}}})
	}
}

// checkTargets validates the polymorphic targets that a new name of their object renames, and their indexes:
// kind_metadata_fields 90 and 91.
func (f *findings) checkTargets(old *Model, now Object) {
	for _, a := range old.targets() {
		target := a.Field
		target.Name = "target" + Capital(now.NameSingular)
		column := target.Name + "Id"
		out := append(checkName(target.Name, badField), a.Model.nameTaken(target.Name, a.ID)...)
		out = append(out, a.Model.columnTaken(column, a.ID)...)
		f.add(fieldMetadata, fieldEntity(target, a.Model.UniversalIdentifier), out)
		if name := indexName(a.Model.DatabaseTable(), column, false); old.Schema.hasIndex(name) {
			f.add("index", map[string]any{"universalIdentifier": f.newID(), "name": name}, []Complaint{indexTaken})
		}
	}
}

// targets returns the polymorphic fields of other objects that are named after the object.
func (m *Model) targets() (out []*Attr) {
	for _, a := range m.Attrs {
		if a.Inverse != nil && a.Inverse.Type == MorphRelation && a.Inverse.Name == "target"+Capital(m.NameSingular) {
			out = append(out, a.Inverse)
		}
	}
	return out
}

// renameTargets gives the polymorphic targets that point to an object its new name. Assumed: the recordings
// rename objects only without records that point to them.
func (t *Tables) renameTargets(old *Model, now Object) error {
	to := "target" + Capital(now.NameSingular)
	for _, a := range old.targets() {
		f := a.Field
		f.Name = to
		f.Settings = withSetting(f.Settings, "joinColumnName", to+"Id")
		if err := t.Fields.Set(f); err != nil {
			return err
		}
		if err := t.Changed(); err != nil {
			return err
		}
		if t.Records != nil {
			if err := t.Records.FieldChanged(a, t.Schema().Attr(f.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// DeleteObject removes an object with its fields, views and records, and the fields of other objects that
// point to it. The answer shows the object as it was.
func (t *Tables) DeleteObject(id string) (Object, error) {
	m := t.Schema().ByID(id)
	if m == nil {
		return Object{}, notInMaps
	}
	if err := m.deletable(); err != nil {
		return Object{}, err
	}
	return m.Object, t.dropObject(m)
}

// dropObject takes an object away with all that belongs to it.
func (t *Tables) dropObject(m *Model) error {
	id := m.ID
	var inverse []*Attr
	for _, other := range m.Schema.Models {
		inverse = append(inverse, js.Where(other.Attrs, func(a *Attr) bool { return a.Target == m && other != m })...)
	}
	t.Objects.Delete(id)
	t.Fields.DeleteIf(func(f Field) bool { return f.ObjectMetadataID == id || f.TargetObjectID == id })
	t.forgetViews(func(v View) bool { return v.ObjectMetadataID == id })
	t.forgetLayouts(id)
	t.forgetMenuEntries(id)
	for _, a := range inverse {
		t.forgetField(a.ID)
	}
	if err := t.Changed(); err != nil || t.Records == nil {
		return err
	}
	for _, a := range inverse {
		t.Records.FieldDropped(a)
	}
	t.Records.ObjectDropped(m)
	return nil
}

// deletable returns an error for objects that came with the workspace:
// fixtures/twenty/metadata_errors.
func (m *Model) deletable() error {
	if m.Custom {
		return nil
	}
	seen := newFindings("delete")
	for _, a := range m.Attrs {
		var out []Complaint
		if a.IsSystem {
			out = append(out, complain("FIELD_MUTATION_NOT_ALLOWED", "System fields cannot be deleted"))
		}
		if a == m.Label() {
			out = append(out, complain("FIELD_MUTATION_NOT_ALLOWED",
				"Cannot delete, please update the label identifier field first"))
		}
		seen.add(fieldMetadata, fieldEntity(a.Field, m.UniversalIdentifier), out)
	}
	message := "Standard objects cannot be deleted"
	if m.IsSystem { // assumed
		message = "System objects cannot be deleted"
	}
	seen.add(objectMetadata, objectEntity(m.Object), []Complaint{complain("INVALID_OBJECT_INPUT", message)})
	return seen.changeError("deleting object")
}
