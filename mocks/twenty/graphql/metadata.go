package graphql

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

var metadataEngine = sync.OnceValue(func() *schemaExecutor {
	e := mustEngine(schema.MetadataSDL, metadataResolvers())
	e.absent = withoutResolver(e)
	return e
})

// metadataResolvers are the resolvers of /metadata. All except those that sign in require a caller.
func metadataResolvers() map[string]resolver {
	out := map[string]resolver{}
	for _, part := range []map[string]resolver{modelResolvers, modelChanges(), viewResolvers(),
		settingResolvers(), roleResolvers(), memberResolvers(), menuResolvers(), fileResolvers(),
		applicationResolvers()} {
		for name, resolve := range part {
			if strings.HasPrefix(name, "Query.") || strings.HasPrefix(name, "Mutation.") {
				resolve = requireCaller(resolve)
			}
			out[name] = resolve
		}
	}
	maps.Copy(out, signInResolvers())
	return out
}

// requireCaller rejects a request without a caller.
func requireCaller(resolve resolver) resolver {
	return func(c *call, parent any, args map[string]any) (any, error) {
		if c.caller == nil {
			return nil, forbidden()
		}
		return resolve(c, parent, args)
	}
}

// setting requires a role that grants a setting: fixtures/twenty/rest_restricted_key 9.
func setting(name string, resolve resolver) resolver {
	return func(c *call, parent any, args map[string]any) (any, error) {
		if !c.caller.MaySet(name) {
			return nil, &Failure{Message: noPermission,
				Extensions: &Extensions{Code: denied, SubCode: "PERMISSION_DENIED",
					UserFriendlyMessage: "User does not have permission."}}
		}
		return resolve(c, parent, args)
	}
}

const noPermission = "Entity performing the request does not have permission"

// modelResolvers read objects and fields.
var modelResolvers = map[string]resolver{
	"Query.objects": func(c *call, _ any, args map[string]any) (any, error) {
		return stored(args, objectsByID(c.tables.Schema().Models))
	},
	"Query.object": func(c *call, _ any, args map[string]any) (any, error) {
		return orMissing(c.tables.Schema().ByID(idOf(args)), "ObjectMetadataEntity", idOf(args))
	},
	"Query.fields": func(c *call, _ any, args map[string]any) (any, error) {
		var all []*schema.Attr
		for _, m := range c.tables.Schema().Models {
			all = append(all, m.Attrs...)
		}
		return stored(args, fieldsByID(all))
	},
	"Query.field": func(c *call, _ any, args map[string]any) (any, error) {
		return orMissing(c.tables.Schema().Attr(idOf(args)), "FieldMetadataEntity", idOf(args))
	},
	// assumed: the hashes were not recorded
	"Query.minimalMetadata": func(c *call, _ any, _ map[string]any) (any, error) {
		return map[string]any{"objectMetadataItems": items(c.tables.Schema().Models),
			"views": items(c.tables.ListedViews()), "collectionHashes": []any{}}, nil
	},
	"Query.objectRecordCounts": func(c *call, _ any, _ map[string]any) (any, error) { return c.recordCounts() },

	"Object.labelSingular": textOf("labelSingular"), "Object.labelPlural": textOf("labelPlural"),
	"MinimalObjectMetadata.labelSingular": textOf("labelSingular"),
	"MinimalObjectMetadata.labelPlural":   textOf("labelPlural"),
	"Object.description":                  textOf("description"), "Object.icon": textOf("icon"),
	"Field.label": textOf("label"), "Field.description": textOf("description"), "Field.icon": textOf("icon"),
	"Object.fieldsList": ofRow(func(parent any) any { return fieldsList(parent.(*schema.Model)) }),
	"Object.fields": func(_ *call, parent any, args map[string]any) (any, error) {
		return page(args, fieldsByID(parent.(*schema.Model).Attrs))
	},
	"Object.indexMetadataList": ofRow(func(parent any) any { return indexes(parent.(*schema.Model)) }),
	"Object.indexMetadatas": func(_ *call, parent any, args map[string]any) (any, error) {
		return page(args, indexes(parent.(*schema.Model)))
	},
	"Object.searchFieldMetadataList": ofRow(func(any) any { return []any{} }),

	"Field.isUnique": ofRow(func(parent any) any {
		if _, stored := parent.(storedField); stored {
			// fixtures/twenty/metadata_graphql_read 3: connections read the database, which does
			// not know
			return nil
		}
		return attrOf(parent).IsUnique
	}),
	"Field.object":         ofRow(func(parent any) any { return attrOf(parent).Model }),
	"Field.relation":       ofRow(func(parent any) any { return relationOf(attrOf(parent)) }),
	"Field.morphRelations": ofRow(func(parent any) any { return morphRelations(attrOf(parent)) }),
}

// ofRow resolves a key from its row alone.
func ofRow(show func(parent any) any) resolver {
	return func(_ *call, parent any, _ map[string]any) (any, error) { return show(parent), nil }
}

// storedField is a field as connections show it.
type storedField struct{ *schema.Attr }

func attrOf(parent any) *schema.Attr {
	if f, ok := parent.(storedField); ok {
		return f.Attr
	}
	return parent.(*schema.Attr)
}

// textOf shows a text after its override, and a missing one as an empty one:
// fixtures/twenty/metadata_graphql_mutations 1.
func textOf(name string) resolver {
	return ofRow(func(parent any) any {
		overrides, _ := member(parent, "overrides").(map[string]any)
		return schema.Shown(overrides, name, textIn(member(parent, name)))
	})
}

func orMissing[T any](row *T, entity, id string) (any, error) {
	switch {
	case row != nil:
		return row, nil
	case !schema.IsUUID(id):
		return nil, guarded(internal, fmt.Sprintf("invalid input syntax for type uuid: \"%s\"", id))
	}
	return nil, guarded(notFound, fmt.Sprintf("Unable to find %s with id: %s", entity, id))
}

// objectsByID and fieldsByID are lists in the order of connections: the last id first.
func objectsByID(list []*schema.Model) []any {
	list = slices.SortedFunc(slices.Values(list), func(a, b *schema.Model) int { return strings.Compare(b.ID, a.ID) })
	return items(list)
}

func fieldsByID(list []*schema.Attr) []any {
	list = slices.SortedFunc(slices.Values(list), func(a, b *schema.Attr) int { return strings.Compare(b.ID, a.ID) })
	return js.Map(list, func(a *schema.Attr) any { return storedField{a} })
}

// fieldsList are an object's fields. The targets of a polymorphic relation are one field, behind the others,
// by its least id: fixtures/twenty/metadata_errors 0.
func fieldsList(m *schema.Model) any {
	out, morphs := []any{}, map[string]*schema.Attr{}
	var order []string
	for _, a := range m.Attrs {
		if a.Type != schema.MorphRelation || a.MorphID == nil {
			out = append(out, a)
			continue
		}
		first := morphs[*a.MorphID]
		if first == nil {
			order = append(order, *a.MorphID)
		}
		if first == nil || a.ID < first.ID {
			morphs[*a.MorphID] = a
		}
	}
	for _, id := range order {
		out = append(out, renamed(morphs[id], baseName(morphs[id])))
	}
	return out
}

// relationOf returns a relation as its field shows it, or nil for another field.
func relationOf(a *schema.Attr) any {
	if a.Relation == schema.None || a.Target == nil || a.Type == schema.MorphRelation {
		return nil
	}
	return oneRelation(a)
}

func oneRelation(a *schema.Attr) any {
	out := map[string]any{"type": string(a.Relation), "sourceObjectMetadata": a.Model,
		"targetObjectMetadata": a.Target, "sourceFieldMetadata": a}
	if a.Inverse != nil {
		out["targetFieldMetadata"] = a.Inverse
		if a.Inverse.Type == schema.MorphRelation {
			out["targetFieldMetadata"] = renamed(a.Inverse, baseName(a.Inverse))
		}
	}
	return out
}

// baseName is what all targets of a polymorphic relation go by: target, for targetCompany.
// Evidence: fixtures/twenty/metadata_graphql_read 4.
func baseName(a *schema.Attr) string {
	if a.Target == nil {
		return a.Name
	}
	for _, name := range []string{a.Target.NamePlural, a.Target.NameSingular} {
		if base, ok := strings.CutSuffix(a.Name, schema.Capital(name)); ok && base != "" {
			return base
		}
	}
	return a.Name
}

func renamed(a *schema.Attr, name string) *schema.Attr {
	out := *a
	out.Name = name
	return &out
}

func morphRelations(a *schema.Attr) any {
	if a.Type != schema.MorphRelation || a.MorphID == nil {
		return nil
	}
	out := []any{}
	for _, other := range a.Model.Attrs {
		if other.MorphID != nil && *other.MorphID == *a.MorphID && other.Target != nil {
			out = append(out, oneRelation(other))
		}
	}
	return out
}

// indexes returns an object's indexes. Their ids are those of their fields, because the fake stores
// no indexes.
func indexes(m *schema.Model) []any {
	out := []any{}
	// order: relations, unique fields, text search: fixtures/twenty/metadata_graphql_read 4
	all := m.Indexes()
	slices.SortStableFunc(all, func(a, b schema.Index) int { return indexRank(a) - indexRank(b) })
	for _, ix := range all {
		fields := []any{}
		id := m.ID
		for i, a := range ix.Attrs {
			id = a.ID
			fields = append(fields, map[string]any{"id": a.ID, "fieldMetadataId": a.ID, "order": i,
				"createdAt": a.CreatedAt, "updatedAt": a.UpdatedAt})
		}
		out = append(out, map[string]any{"id": id, "name": ix.Name, "isCustom": m.Custom, "isUnique": ix.Unique,
			"indexType": ix.Type, "createdAt": m.CreatedAt, "updatedAt": m.UpdatedAt, "indexFieldMetadataList": fields})
	}
	return out
}

func indexRank(ix schema.Index) int {
	switch {
	case ix.Unique:
		return 1
	case ix.Type == "GIN":
		return 2
	}
	return 0
}

// modelChanges change objects and fields.
func modelChanges() map[string]resolver {
	out := map[string]resolver{
		"Mutation.createOneObject": formed(schema.ObjectForm, "object", func(c *call, _ string, in map[string]any) (
			any, error) {
			o, err := c.tables.CreateObject(schema.ReadObject(in))
			return c.model(o.ID, err)
		}),
		"Mutation.updateOneObject": func(c *call, _ any, args map[string]any) (any, error) {
			o, err := c.tables.UpdateObject(idOf(args), schema.ReadObject(input(args, "update")))
			return c.model(o.ID, err)
		},
		"Mutation.deleteOneObject": func(c *call, _ any, args map[string]any) (any, error) {
			before := c.tables.Schema().ByID(idOf(args))
			_, err := c.tables.DeleteObject(idOf(args))
			return orRefused(before, err)
		},
		"Mutation.createOneField": formed(schema.FieldForm, "field", func(c *call, _ string, in map[string]any) (
			any, error) {
			f, err := c.tables.CreateField(schema.ReadField(in))
			return c.attr(f.ID, err)
		}),
		"Mutation.updateOneField": formed(schema.FieldChange, "update", func(c *call, id string, in map[string]any) (
			any, error) {
			f, err := c.tables.UpdateField(id, schema.ReadField(in))
			return c.attr(f.ID, err)
		}),
		"Mutation.deleteOneField": func(c *call, _ any, args map[string]any) (any, error) {
			before := c.tables.Schema().Attr(idOf(args))
			_, err := c.tables.DeleteField(idOf(args))
			return orRefused(before, err)
		},
	}
	for name := range maps.Keys(maps.Clone(out)) {
		out[name] = setting(schema.SettingDataModel, out[name])
	}
	return out
}

// formed rejects an input that does not match a form, before any other check: kind_metadata_fields
// 128 to 131. How several errors are joined is known from the vendor's public source.
func formed(f schema.Form, key string, change func(*call, string, map[string]any) (any, error)) resolver {
	return func(c *call, _ any, args map[string]any) (any, error) {
		if complaints := f.Complaints(input(args, key)); complaints != nil {
			return nil, &Failure{Message: strings.Join(complaints, ", "),
				Extensions: &Extensions{Code: badInput, UserFriendlyMessage: plain}}
		}
		return change(c, idOf(args), input(args, key))
	}
}

// orRefused is a value, or nothing if the change failed.
func orRefused(v any, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	return v, nil
}

func (c *call) model(id string, err error) (any, error) {
	return orRefused(c.tables.Schema().ByID(id), err)
}

func (c *call) attr(id string, err error) (any, error) {
	return orRefused(c.tables.Schema().Attr(id), err)
}

// input is one key of the argument "input", as a map.
func input(args map[string]any, key string) map[string]any {
	in, _ := args["input"].(map[string]any)
	if key == "" {
		return in
	}
	out, _ := in[key].(map[string]any)
	return out
}

// idOf returns the id of a mutation, from its input or an argument.
func idOf(args map[string]any) string {
	if id, ok := args["id"].(string); ok {
		return id
	}
	id, _ := input(args, "")["id"].(string)
	return id
}

// recordCounts counts the records of each object.
func (c *call) recordCounts() (any, error) {
	out := []any{}
	for _, m := range c.tables.Schema().Active() {
		n, err := c.count(m)
		if err != nil {
			continue // an object that the caller may not read is not counted
		}
		out = append(out, map[string]any{"objectNamePlural": m.NamePlural, "totalCount": n})
	}
	return out, nil
}
