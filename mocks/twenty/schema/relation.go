package schema

import "strings"

// relate builds both sides of a relation from the client's input. The first of the fields is the
// requested one.
func (t *Tables) relate(m *Model, f Field, in FieldInput) ([]Field, *Complaint) {
	payloads := in.Morph
	if f.Type == Relation {
		payloads = nil
		if in.Relation != nil {
			payloads = []map[string]any{in.Relation}
		}
	}
	if len(payloads) == 0 {
		c := complain(badField, "Relation creation payload is required")
		return nil, &c
	}
	var made, inverse []Field
	morph := t.State.NewID()
	for i, payload := range payloads {
		target, kind, c := t.readPayload(payload)
		if c != nil {
			return nil, c
		}
		one := f
		if i > 0 {
			one.ID, one.UniversalIdentifier = t.State.NewID(), t.State.NewID()
		}
		if f.Type == MorphRelation { // one field for each target, of one family
			one.MorphID, one.Name = &morph, f.Name+Capital(target.NameSingular)
			if kind == Many { // known from the vendor's public source
				one.Name = f.Name + Capital(target.NamePlural)
			}
		}
		here, there := t.sides(m, target, one, kind, payload)
		made, inverse = append(made, here), append(inverse, there)
	}
	return append(made, inverse...), nil
}

// readPayload rejects an invalid payload, with all its errors at once.
func (t *Tables) readPayload(payload map[string]any) (*Model, RelationKind, *Complaint) {
	kind, _ := payload["type"].(string)
	id, _ := payload["targetObjectMetadataId"].(string)
	var wrong []string
	if !IsUUID(id) {
		wrong = append(wrong, "targetObjectMetadataId must be a UUID")
	}
	for _, key := range []string{"targetFieldLabel", "targetFieldIcon"} {
		if _, ok := payload[key].(string); !ok {
			wrong = append(wrong, key+" must be a string")
		}
	}
	if RelationKind(kind) != ToOne && RelationKind(kind) != Many {
		wrong = append(wrong, "type must be one of the following values: MANY_TO_ONE, ONE_TO_MANY")
	}
	const code = "FIELD_METADATA_RELATION_MALFORMED"
	if wrong != nil {
		return nil, None, &Complaint{Code: code,
			Message:     "Relation creation payload is invalid: " + strings.Join(wrong, ", "),
			UserMessage: "Invalid relation creation payload", Value: payload}
	}
	target := t.Schema().ByID(id)
	if target == nil {
		return nil, None, &Complaint{Code: code,
			Message:     "Object metadata relation target not found for relation creation payload",
			UserMessage: "Object targeted by field to create not found", Value: payload}
	}
	return target, RelationKind(kind), nil
}

// sides returns a relation field and the field that the target gets. The side with one record holds the
// column: fixtures/twenty/metadata_custom_object_lifecycle.
func (t *Tables) sides(m, target *Model, f Field, kind RelationKind, payload map[string]any) (here, there Field) {
	label, _ := payload["targetFieldLabel"].(string)
	there = f
	there.ID, there.UniversalIdentifier = t.State.NewID(), t.State.NewID()
	there.ObjectMetadataID, there.Name, there.Label = target.ID, nameOf(label), label
	there.Icon, there.IsLabelSyncedWithName, there.IsUnique, there.IsNullable, there.IsActive = nil, false, false,
		true, true
	f.DefaultValue, there.DefaultValue, f.Options, there.Options = nil, nil, nil, nil
	if icon, ok := payload["targetFieldIcon"].(string); ok {
		there.Icon = &icon
	}
	there.Type, there.MorphID = Relation, nil
	f.TargetObjectID, f.TargetFieldID = target.ID, there.ID
	there.TargetObjectID, there.TargetFieldID = m.ID, f.ID
	one, many := &f, &there
	if kind == Many {
		one, many = &there, &f
		if f.Type == MorphRelation {
			there.Type, f.Type, there.MorphID, f.MorphID = MorphRelation, Relation, f.MorphID, nil
		}
	}
	one.Settings = map[string]any{"onDelete": "SET_NULL", "relationType": string(ToOne),
		"joinColumnName": one.Name + "Id"}
	many.Settings = map[string]any{"relationType": string(Many)}
	describe(&f, Capital(m.NamePlural)+" tied to the "+target.LabelSingular)
	describe(&there, Capital(target.NamePlural)+" "+m.LabelSingular) // kind_metadata_relations 53
	return f, there
}

// describe completes a side of a relation. The client's description applies to both sides (known
// from the vendor's public source).
func describe(f *Field, text string) {
	if f.Description == nil {
		f.Description = &text
	}
	if f.Icon == nil {
		icon := "IconRelationOneToMany"
		f.Icon = &icon
	}
}
