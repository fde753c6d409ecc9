package twenty

import (
	"net/http"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// fieldView is a field as answers show it, without null keys.
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

func answeredField(f schema.Field, err error) (any, error) {
	return fieldAnswer{fieldView: shownField(f), DefaultValue: f.DefaultValue, Options: f.Options}, err
}

// objectView is an object with its fields as answers show it.
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

func (a *api) answeredObject(o schema.Object, err error) (any, error) {
	return objectAnswer{o, o.LabelIdentifierFieldMetadataID, o.ImageIdentifierFieldMetadataID, a.fieldsOf(o.ID)}, err
}

func (a *api) fieldsOf(id string) []fieldView {
	out := []fieldView{}
	if m := a.tables.Schema().ByID(id); m != nil {
		for _, attr := range m.Attrs {
			out = append(out, shownField(attr.Field))
		}
	}
	return out
}

func (a *api) listObjects(r *fake.Request) (any, error) {
	var ids []string
	for o := range a.tables.Objects.All() {
		ids = append(ids, o.ID)
	}
	return a.paged(r, "objects", ids, func(id string) any {
		o, _ := a.tables.Objects.Find(id)
		return objectView{o, a.fieldsOf(id)}
	})
}

func (a *api) getObject(r *fake.Request) (any, error) {
	if m := a.named(r.Path("id")); m != nil {
		return a.wrapped("object", objectView{m.Object, a.fieldsOf(m.ID)}), nil
	}
	id, err := identified(r)
	if err != nil {
		return nil, err
	}
	o, ok := a.tables.Objects.Find(id)
	if !ok {
		return nil, coded(404, "OBJECT_METADATA_NOT_FOUND", "Object metadata not found")
	}
	return a.wrapped("object", objectView{o, a.fieldsOf(id)}), nil
}

func (a *api) createObject(r *fake.Request) (any, error) {
	return a.changeModel(r, "createOneObject", schema.ObjectForm, func(_ string, body map[string]any) (any, error) {
		return a.answeredObject(a.tables.CreateObject(schema.ReadObject(body)))
	})
}

func (a *api) updateObject(r *fake.Request) (any, error) {
	return a.changeModel(r, "updateOneObject", schema.ObjectChange, func(id string, body map[string]any) (any, error) {
		return a.answeredObject(a.tables.UpdateObject(id, schema.ReadObject(body)))
	})
}

func (a *api) deleteObject(r *fake.Request) (any, error) {
	return a.changeModel(r, "deleteOneObject", nil, func(id string, _ map[string]any) (any, error) {
		return a.answeredObject(a.tables.DeleteObject(id))
	})
}

func (a *api) listFields(r *fake.Request) (any, error) {
	var ids []string
	for f := range a.tables.Fields.All() {
		ids = append(ids, f.ID)
	}
	return a.paged(r, "fields", ids, func(id string) any {
		f, _ := a.tables.Fields.Find(id)
		return shownField(f)
	})
}

func (a *api) getField(r *fake.Request) (any, error) {
	id, err := identified(r)
	if err != nil {
		return nil, err
	}
	f, ok := a.tables.Fields.Find(id)
	if !ok {
		return nil, coded(404, "FIELD_METADATA_NOT_FOUND", "Field metadata not found")
	}
	return a.wrapped("field", shownField(f)), nil
}

func (a *api) createField(r *fake.Request) (any, error) {
	return a.changeModel(r, "createOneField", schema.FieldForm, func(_ string, body map[string]any) (any, error) {
		return answeredField(a.tables.CreateField(schema.ReadField(body)))
	})
}

func (a *api) updateField(r *fake.Request) (any, error) {
	return a.changeModel(r, "updateOneField", schema.FieldChange, func(id string, body map[string]any) (any, error) {
		return answeredField(a.tables.UpdateField(id, schema.ReadField(body)))
	})
}

func (a *api) deleteField(r *fake.Request) (any, error) {
	return a.changeModel(r, "deleteOneField", nil, func(id string, _ map[string]any) (any, error) {
		return answeredField(a.tables.DeleteField(id))
	})
}

// changeModel checks the path and the body of a request, makes its change of the data model, and wraps the answer.
func (a *api) changeModel(r *fake.Request, name string, form schema.Form,
	change func(id string, body map[string]any) (any, error)) (any, error) {
	id, body := r.Path("id"), object(r)
	if id != "" {
		var err error
		if id, err = identified(r); err != nil {
			return nil, err
		}
	}
	if complaints := form.Complaints(body); complaints != nil {
		e := nest(http.StatusBadRequest, "Bad Request", complaints)
		e.Rule, e.Source = "the body must fit the form", "fixtures/twenty/metadata_errors"
		return nil, e
	}
	answer, err := change(id, body)
	if err != nil {
		return nil, restError(err)
	}
	return a.wrapped(name, answer), nil
}
