package schema

import "encoding/json"

// ReadObject reads the object's keys from a decoded body. It skips keys of a wrong type: callers
// that answer clients validate them first.
func ReadObject(body map[string]any) ObjectInput {
	skip := flag(body, "skipNameField")
	return ObjectInput{
		NameSingular: text(body, "nameSingular"), NamePlural: text(body, "namePlural"),
		LabelSingular: text(body, "labelSingular"), LabelPlural: text(body, "labelPlural"),
		Description: optional(body, "description"), Icon: optional(body, "icon"), Color: optional(body, "color"),
		Shortcut: optional(body, "shortcut"), IsActive: flag(body, "isActive"),
		IsSearchable: flag(body, "isSearchable"), IsRemote: flag(body, "isRemote"),
		IsLabelSyncedWithName: flag(body, "isLabelSyncedWithName"), SkipNameField: skip != nil &&
			*skip, LabelIdentifier: optional(body, "labelIdentifierFieldMetadataId"),
		ImageIdentifier: optional(body, "imageIdentifierFieldMetadataId"),
	}
}

// ReadField reads the field's keys from a decoded body; see [ReadObject].
func ReadField(body map[string]any) FieldInput {
	in := FieldInput{Name: text(body, "name"), Label: text(body, "label"), Description: optional(body, "description"),
		Icon:     optional(body, "icon"),
		IsActive: flag(body, "isActive"), IsNullable: flag(body, "isNullable"), IsUnique: flag(body, "isUnique"),
		IsLabelSyncedWithName: flag(body, "isLabelSyncedWithName")}
	in.ObjectID, _ = body["objectMetadataId"].(string)
	typ, _ := body["type"].(string)
	in.Type = Type(typ)
	in.DefaultValue, in.DefaultSet = body["defaultValue"]
	in.Settings, in.SettingsSet = body["settings"]
	in.Relation, _ = body["relationCreationPayload"].(map[string]any)
	list, _ := body["morphRelationsCreationPayload"].([]any)
	for _, one := range list {
		if payload, ok := one.(map[string]any); ok {
			in.Morph = append(in.Morph, payload)
		}
	}
	if options, ok := body["options"].([]any); ok {
		in.OptionsSet = true
		in.Options = readOptions(options)
	}
	return in
}

func readOptions(list []any) (out []Option) {
	for _, one := range list {
		var o Option
		if plain, err := json.Marshal(one); err == nil && json.Unmarshal(plain, &o) == nil {
			given, _ := one.(map[string]any)
			o.noValue, o.noLabel = given["value"] == nil, given["label"] == nil
			out = append(out, o)
		}
	}
	return out
}

func text(body map[string]any, key string) *string {
	if v, ok := body[key].(string); ok {
		return &v
	}
	return nil
}

func flag(body map[string]any, key string) *bool {
	if v, ok := body[key].(bool); ok {
		return &v
	}
	return nil
}

func optional(body map[string]any, key string) Optional {
	_, said := body[key]
	return Optional{Set: said, Value: text(body, key)}
}
