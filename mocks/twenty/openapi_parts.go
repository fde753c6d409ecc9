package twenty

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// uses of a record's schema.
const (
	forCreate   = ""
	forUpdate   = "ForUpdate"
	forResponse = "ForResponse"
)

// describeSchemas adds the three schemas of one object.
func describeSchemas(m *schema.Model, schemas *ordered) {
	for _, use := range []string{forCreate, forUpdate, forResponse} {
		properties := &ordered{}
		var required []string
		for _, a := range m.Attrs {
			describeValue(a, use, properties)
			if use == forCreate && needed(a) {
				required = append(required, a.Name)
			}
		}
		for _, a := range m.Attrs {
			if use == forResponse {
				describeRelation(a, properties)
			}
		}
		s := describe(node{"type": "object", "properties": properties}, m.Description)
		if use != forResponse {
			s["example"] = exampleOf(m)
		}
		if required != nil {
			s["required"] = required
		}
		schemas.set(capital(m.NameSingular)+use, s)
	}
}

// needed reports whether the document calls a field required: it may not be null and has no default.
func needed(a *schema.Attr) bool {
	return a.IsActive && !a.IsNullable && a.DefaultValue == nil && a.Type != schema.MorphRelation
}

// served are the fields that clients cannot write.
var served = []string{"id", "createdAt", "updatedAt", "deletedAt"}

func describeValue(a *schema.Attr, use string, properties *ordered) {
	switch {
	case !a.IsActive || a.Type == schema.TSVector || use != forResponse && slices.Contains(served, a.Name):
	case a.Relation == schema.None:
		properties.set(a.Name, describe(valueSchema(a, use), a.Description))
	case a.JoinColumn != "":
		properties.set(a.JoinColumn, formatted("uuid"))
	}
}

func describeRelation(a *schema.Attr, properties *ordered) {
	if !a.IsActive || a.Relation == schema.None || a.Target == nil {
		return
	}
	target := ref("schemas", capital(a.Target.NameSingular)+forResponse)
	if a.Relation == schema.Many {
		properties.set(a.Name, describe(many(target), a.Description))
	} else {
		properties.set(a.Name, describe(node{"type": "object", "oneOf": []node{target}}, a.Description))
	}
}

// valueSchema describes the values of a field.
func valueSchema(a *schema.Attr, use string) node {
	switch a.Type {
	case schema.UUID:
		return formatted("uuid")
	case schema.DateTime:
		return formatted("date-time")
	case schema.Date:
		return formatted("date")
	case schema.Boolean:
		return typed("boolean")
	case schema.Number:
		if a.Setting("dataType") == "int" || a.Setting("dataType") == nil {
			return typed(numberType(a))
		}
		return typed("number")
	case schema.Numeric, schema.Position:
		return typed("number")
	case schema.Select, schema.Rating:
		return chosen(a)
	case schema.MultiSelect:
		return many(chosen(a))
	case schema.Array:
		return many(typed("string"))
	case schema.RawJSON:
		return typed("object")
	case schema.Files:
		file := node{"fileId": formatted("uuid"), "label": typed("string")}
		if use == forResponse {
			file["extension"], file["url"] = typed("string"), typed("string")
		}
		return many(shape(file))
	case schema.Actor:
		return actorSchema(use)
	}
	if a.Composite() {
		return compositeSchema(a.Type)
	}
	return typed("string")
}

// numberType is the JSON type of a NUMBER: with decimals or not.
func numberType(a *schema.Attr) string {
	if decimals, ok := a.Setting("decimals").(float64); ok && decimals > 0 {
		return "number"
	}
	return "integer"
}

func chosen(a *schema.Attr) node {
	return node{"type": "string", "enum": js.Map(a.Options, func(o schema.Option) string { return o.Value })}
}

// actorSchema lists one source less than the server takes, and lets clients write the source alone.
func actorSchema(use string) node {
	properties := node{"source": node{"type": "string", "enum": schema.ActorSources[:len(schema.ActorSources)-1]}}
	if use == forResponse {
		properties["workspaceMemberId"], properties["name"] = formatted("uuid"), typed("string")
	}
	return shape(properties)
}

func compositeSchema(typ schema.Type) node {
	lists, properties := fixed("lists"), node{}
	for _, sub := range schema.Composites[typ] {
		switch {
		case lists[sub.Name] != nil:
			properties[sub.Name] = lists[sub.Name]
		case sub.Type == schema.Numeric:
			properties[sub.Name] = typed("number")
		default:
			properties[sub.Name] = typed("string")
		}
	}
	return shape(properties)
}

// ordered is an object of a document that keeps the order of its keys, which generators show.
type ordered struct {
	keys   []string
	values node
}

// inOrder returns an object of keys and their values in turn.
func inOrder(pairs ...any) *ordered {
	out := &ordered{}
	for i := 0; i < len(pairs); i += 2 {
		out.set(pairs[i].(string), pairs[i+1])
	}
	return out
}

// with sets all keys of another object too.
func (o *ordered) with(other *ordered) *ordered {
	for _, key := range other.keys {
		o.set(key, other.values[key])
	}
	return o
}

func (o *ordered) set(key string, value any) {
	if o.values == nil {
		o.values = node{}
	}
	if _, known := o.values[key]; !known {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// MarshalJSON writes the object.
func (o *ordered) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, key := range o.keys {
		out = js.Comma(out, i)
		out = append(out, jsText(key)+":"+jsText(o.values[key])...)
	}
	return append(out, '}'), nil
}
