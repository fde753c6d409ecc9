package twenty

import (
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// fieldView is a field as it is read: what is null is left out.
type fieldView struct {
	schema.Field
	TargetObjectID hidden `json:"targetObjectId,omitempty"`
	TargetFieldID  hidden `json:"targetFieldId,omitempty"`
}

// fieldAnswer is a field as a change answers it: default and options are there even if null.
type fieldAnswer struct {
	fieldView
	DefaultValue any             `json:"defaultValue"`
	Options      []schema.Option `json:"options"`
}

func shownField(f schema.Field) fieldView { return fieldView{Field: f} }

func answeredField(f schema.Field) fieldAnswer {
	return fieldAnswer{fieldView: shownField(f), DefaultValue: f.DefaultValue, Options: f.Options}
}

// objectView is an object with its fields as it is read.
type objectView struct {
	schema.Object
	Fields []fieldView `json:"fields"`
}

// objectAnswer is an object as a change answers it: its identifiers are there even if null.
type objectAnswer struct {
	schema.Object
	LabelIdentifier *string     `json:"labelIdentifierFieldMetadataId"`
	ImageIdentifier *string     `json:"imageIdentifierFieldMetadataId"`
	Fields          []fieldView `json:"fields,omitempty"`
}

func answeredObject(o schema.Object, fields []fieldView) objectAnswer {
	return objectAnswer{o, o.LabelIdentifierFieldMetadataID, o.ImageIdentifierFieldMetadataID, fields}
}

func (t *api) fieldsOf(id string) []fieldView {
	out := []fieldView{}
	if m := t.tables.Schema().ByID(id); m != nil {
		for _, a := range m.Attrs {
			out = append(out, shownField(a.Field))
		}
	}
	return out
}

func (t *api) listObjects(r *fake.Request) (any, error) {
	var ids []string
	for o := range t.tables.Objects.All() {
		ids = append(ids, o.ID)
	}
	return t.paged(r, "objects", ids, func(id string) any {
		o, _ := t.tables.Objects.Find(id)
		return objectView{o, t.fieldsOf(id)}
	})
}

func (t *api) getObject(r *fake.Request) (any, error) {
	if m := t.named(r.Path("id")); m != nil {
		return t.wrapped("object", objectView{m.Object, t.fieldsOf(m.ID)}), nil
	}
	id, err := identified(r)
	if err != nil {
		return nil, err
	}
	o, ok := t.tables.Objects.Find(id)
	if !ok {
		return nil, coded(404, "OBJECT_METADATA_NOT_FOUND", "Object metadata not found")
	}
	return t.wrapped("object", objectView{o, t.fieldsOf(id)}), nil
}

func (t *api) createObject(r *fake.Request) (any, error) {
	body := object(r)
	if err := objectForm.check(body); err != nil {
		return nil, err
	}
	o, err := t.tables.CreateObject(schema.ReadObject(body))
	if err != nil {
		return nil, refused(err)
	}
	return t.wrapped("createOneObject", answeredObject(o, t.fieldsOf(o.ID))), nil
}

func (t *api) updateObject(r *fake.Request) (any, error) {
	id, err := identified(r)
	if err != nil {
		return nil, err
	}
	body := object(r)
	if err := objectChange.check(body); err != nil {
		return nil, err
	}
	o, err := t.tables.UpdateObject(id, schema.ReadObject(body))
	if err != nil {
		return nil, refused(err)
	}
	return t.wrapped("updateOneObject", answeredObject(o, t.fieldsOf(id))), nil
}

func (t *api) deleteObject(r *fake.Request) (any, error) {
	id, err := identified(r)
	if err != nil {
		return nil, err
	}
	o, err := t.tables.DeleteObject(id)
	if err != nil {
		return nil, refused(err)
	}
	return t.wrapped("deleteOneObject", answeredObject(o, nil)), nil
}

func (t *api) listFields(r *fake.Request) (any, error) {
	var ids []string
	for f := range t.tables.Fields.All() {
		ids = append(ids, f.ID)
	}
	return t.paged(r, "fields", ids, func(id string) any {
		f, _ := t.tables.Fields.Find(id)
		return shownField(f)
	})
}

func (t *api) getField(r *fake.Request) (any, error) {
	id, err := identified(r)
	if err != nil {
		return nil, err
	}
	f, ok := t.tables.Fields.Find(id)
	if !ok {
		return nil, coded(404, "FIELD_METADATA_NOT_FOUND", "Field metadata not found")
	}
	return t.wrapped("field", shownField(f)), nil
}

func (t *api) createField(r *fake.Request) (any, error) {
	body := object(r)
	if err := fieldForm.check(body); err != nil {
		return nil, err
	}
	f, err := t.tables.CreateField(schema.ReadField(body))
	if err != nil {
		return nil, refused(err)
	}
	return t.wrapped("createOneField", answeredField(f)), nil
}

func (t *api) updateField(r *fake.Request) (any, error) {
	id, err := identified(r)
	if err != nil {
		return nil, err
	}
	body := object(r)
	if err := fieldChange.check(body); err != nil {
		return nil, err
	}
	f, err := t.tables.UpdateField(id, schema.ReadField(body))
	if err != nil {
		return nil, refused(err)
	}
	return t.wrapped("updateOneField", answeredField(f)), nil
}

func (t *api) deleteField(r *fake.Request) (any, error) {
	id, err := identified(r)
	if err != nil {
		return nil, err
	}
	f, err := t.tables.DeleteField(id)
	if err != nil {
		return nil, refused(err)
	}
	return t.wrapped("deleteOneField", answeredField(f)), nil
}
