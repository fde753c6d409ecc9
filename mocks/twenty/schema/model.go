package schema

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// Model is an object with its fields resolved.
type Model struct {
	Object
	Schema *Schema
	Attrs  []*Attr // in metadata order, those that are switched off included
	Custom bool    // created in the workspace
	Broken *Attr   // a relation whose settings lack its direction; may be nil

	byName   map[string]*Attr
	byColumn map[string]*Attr
}

// Attr is a field with its relation resolved.
type Attr struct {
	Field
	Model *Model

	Relation   RelationKind // None unless it is a RELATION or MORPH_RELATION
	Target     *Model       // of a relation
	Inverse    *Attr        // the field on the other side; nil if it is gone
	JoinColumn string       // of a to-one relation: companyId
	OnDelete   string       // of a to-one relation: CASCADE, SET_NULL or RESTRICT
}

// RelationKind is the direction of a relation field.
type RelationKind string

// The directions of a relation. The values are those of the settings.
const (
	None  RelationKind = ""
	ToOne RelationKind = "MANY_TO_ONE"
	Many  RelationKind = "ONE_TO_MANY"
)

func (m *Model) add(a *Attr) {
	m.Attrs = append(m.Attrs, a)
	m.byName[a.Name] = a
	m.Schema.attrs[a.ID] = a
}

// resolve fills in the relation, once all models are there.
func (a *Attr) resolve(s *Schema) {
	if a.Type != Relation && a.Type != MorphRelation {
		return
	}
	kind, _ := a.Setting("relationType").(string)
	a.Target, a.Inverse = s.byID[a.TargetObjectID], s.attrs[a.TargetFieldID]
	if a.Relation = RelationKind(kind); a.Relation != ToOne && a.Relation != Many {
		a.Model.Broken, a.Relation = a, ToOne // the records keep their columns
		if a.Inverse != nil && a.Inverse.Setting("relationType") == string(ToOne) {
			a.Relation = Many
		}
	}
	if a.Relation == ToOne {
		a.JoinColumn = a.Name + "Id" // whatever the settings call it: kind_metadata_relations 42
	}
	a.OnDelete, _ = a.Setting("onDelete").(string)
	if a.JoinColumn != "" {
		a.Model.byColumn[a.JoinColumn] = a
	}
}

// Attr returns the field of that name, or nil. Join columns are not names: see Column.
func (m *Model) Attr(name string) *Attr { return m.byName[name] }

// Column returns the to-one relation with that join column, or nil.
func (m *Model) Column(name string) *Attr { return m.byColumn[name] }

// Label returns the field that names a record for people, or nil.
func (m *Model) Label() *Attr { return m.identifier(m.LabelIdentifierFieldMetadataID) }

// Image returns the field that holds a record's picture, or nil.
func (m *Model) Image() *Attr { return m.identifier(m.ImageIdentifierFieldMetadataID) }

func (m *Model) identifier(id *string) *Attr {
	if id == nil {
		return nil
	}
	return m.Schema.attrs[*id]
}

// Unique returns the fields whose values are unique.
func (m *Model) Unique() []*Attr { return js.Where(m.Attrs, func(a *Attr) bool { return a.IsUnique }) }

// UniqueTogether are the fields, by object, of which no two records have all values alike:
// fixtures/twenty/graphql_introspection.
var UniqueTogether = map[string][]string{
	"messageListMember":                             {"person", "list"},
	"messageChannelMessageAssociation":              {"messageChannelId", "message"},
	"messageChannelMessageAssociationMessageFolder": {"messageChannelMessageAssociation", "messageFolderId"},
}

// DatabaseTable returns the name that database errors give the object.
func (m *Model) DatabaseTable() string { return m.databaseTable(m.ApplicationID != m.Schema.standard) }

func (o Object) databaseTable(custom bool) string {
	if custom {
		return "_" + o.NameSingular
	}
	return o.NameSingular
}

// Composite reports whether values of the field are objects with fixed sub fields.
func (a *Attr) Composite() bool { return len(Composites[a.Type]) > 0 }

// Sub returns the sub field of that name of a composite field.
func (a *Attr) Sub(name string) (SubField, bool) {
	i := slices.IndexFunc(Composites[a.Type], func(s SubField) bool { return s.Name == name })
	if i < 0 {
		return SubField{}, false
	}
	return Composites[a.Type][i], true
}

// Sorted returns the options in the order of their positions, which is the order in which values compare.
func (f *Field) Sorted() []Option {
	out := slices.Clone(f.Options)
	slices.SortStableFunc(out, func(a, b Option) int {
		switch {
		case a.Position < b.Position:
			return -1
		case a.Position > b.Position:
			return 1
		}
		return 0
	})
	return out
}

// Setting returns one of the field's settings, nil if it has none of that name.
func (f *Field) Setting(name string) any {
	settings, _ := f.Settings.(map[string]any)
	return settings[name]
}
