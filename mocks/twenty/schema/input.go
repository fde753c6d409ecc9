package schema

import (
	"encoding/json"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// ReadObject reads the object's keys from a decoded body. It skips keys of a wrong type: callers
// that answer clients validate them first.
func ReadObject(body map[string]any) ObjectInput {
	body = tidied(body).(map[string]any)
	return ObjectInput{
		NameSingular: textAt(body, "nameSingular"), NamePlural: textAt(body, "namePlural"),
		LabelSingular: textAt(body, "labelSingular"), LabelPlural: textAt(body, "labelPlural"),
		Description: optional(body, "description"), Icon: optional(body, "icon"), Color: optional(body, "color"),
		Shortcut: optional(body, "shortcut"), IsActive: flag(body, "isActive"),
		IsSearchable: flag(body, "isSearchable"), IsRemote: flag(body, "isRemote"),
		IsLabelSyncedWithName: flag(body, "isLabelSyncedWithName"),
		SkipNameField:         or(flag(body, "skipNameField"), false),
		LabelIdentifier:       optional(body, "labelIdentifierFieldMetadataId"),
		ImageIdentifier:       optional(body, "imageIdentifierFieldMetadataId"),
		fixed: said(body, "isLabelSyncedWithName", "namePlural", "nameSingular",
			"labelIdentifierFieldMetadataId"),
		texts: only(body, "labelSingular", "labelPlural", "description", "icon"),
	}
}

// tidied returns a value whose texts have no blanks around them and no two in a row (documented:
// packages/twenty-shared/src/utils/trim-and-remove-duplicated-whitespaces-from-string.ts).
func tidied(value any) any {
	return js.Walk(value, func(v any) any {
		if text, ok := v.(string); ok {
			return js.OneSpaced(text)
		}
		return v
	})
}

// said returns those of the keys that a body has.
func said(body map[string]any, keys ...string) []string {
	return slices.DeleteFunc(keys, func(key string) bool {
		_, has := body[key]
		return !has
	})
}

// only returns what a body says of some of its keys.
func only(body map[string]any, keys ...string) map[string]any {
	out := map[string]any{}
	for _, key := range said(body, keys...) {
		out[key] = body[key]
	}
	return out
}

// ReadField reads the field's keys from a decoded body; see [ReadObject].
func ReadField(body map[string]any) FieldInput {
	body = tidied(body).(map[string]any)
	in := FieldInput{Name: textAt(body, "name"), Label: textAt(body, "label"),
		Description: optional(body, "description"),
		Icon:        optional(body, "icon"),
		IsActive:    flag(body, "isActive"), IsNullable: flag(body, "isNullable"), IsUnique: flag(body, "isUnique"),
		IsLabelSyncedWithName: flag(body, "isLabelSyncedWithName"), isSystem: flag(body, "isSystem"),
		isUIEditable: flag(body, "isUIEditable"), isUIReadOnly: flag(body, "isUIReadOnly"),
		isRemote: flag(body, "isRemoteCreation"),
		fixed:    said(body, "isLabelSyncedWithName", "name"), texts: only(body, "label", "description", "icon")}
	in.ObjectID, _ = body["objectMetadataId"].(string)
	typ, _ := body["type"].(string)
	in.Type = Type(typ)
	in.DefaultValue, in.DefaultSet = body["defaultValue"]
	in.Settings, in.SettingsSet = body["settings"]
	in.Relation, _ = body["relationCreationPayload"].(map[string]any)
	in.Morph = objectsIn(body["morphRelationsCreationPayload"])
	switch options, ok := body["options"].([]any); {
	case slices.Contains(options, nil):
		in.crash = "Cannot read properties of null (reading 'value')"
	case ok:
		in.OptionsSet, in.Options = true, readOptions(options)
	case body["options"] != nil:
		in.crash = "options?.map is not a function"
	}
	return in
}

func readOptions(list []any) (out []Option) {
	for _, one := range list {
		given, _ := one.(map[string]any)
		o := with(Option{}, given) // members of a wrong type stay empty
		o.given = given
		out = append(out, o)
	}
	return out
}

// with returns a row with other values of some columns, which have their types.
func with[T any](row T, says any) (out T) {
	for _, from := range []any{row, says} {
		raw, _ := json.Marshal(from)
		_ = json.Unmarshal(raw, &out)
	}
	return out
}

func textAt(body map[string]any, key string) *string {
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

// or returns what a client said, and otherwise what counts where it said nothing.
func or[T any](said *T, otherwise T) T {
	if said == nil {
		return otherwise
	}
	return *said
}

func optional(body map[string]any, key string) Optional {
	_, said := body[key]
	return Optional{Set: said, Value: textAt(body, key)}
}
