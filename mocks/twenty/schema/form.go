package schema

import (
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// formRule is one rule of a form: what a key of the body must be.
type formRule struct {
	key   string
	kind  string // text, name, label, flag or uuid; name and label are texts that may never be empty
	among []string
	must  bool // it may not be left out
}

// Form is the required form of a body, in the order of the vendor's errors.
type Form []formRule

// ObjectForm and ObjectChange are the forms of new and changed objects, FieldForm and FieldChange
// those of fields.
var (
	ObjectForm = Form{{key: "nameSingular", kind: "text", must: true}, {key: "namePlural", kind: "text", must: true},
		{key: "labelSingular", kind: "text", must: true}, {key: "labelPlural", kind: "text", must: true},
		{key: "description", kind: "text"}, {key: "icon", kind: "text"}, {key: "shortcut", kind: "text"},
		{key: "color", kind: "text"}, {key: "skipNameField", kind: "flag"}, {key: "isRemote", kind: "flag"},
		{key: "isLabelSyncedWithName", kind: "flag"}}

	ObjectChange = Form{{key: "labelSingular", kind: "text"}, {key: "labelPlural", kind: "text"},
		{key: "nameSingular", kind: "text"}, {key: "namePlural", kind: "text"},
		{key: "description", kind: "text"}, {key: "icon", kind: "text"}, {key: "shortcut", kind: "text"},
		{key: "color", kind: "text"}, {key: "isActive", kind: "flag"}, {key: "labelIdentifierFieldMetadataId",
			kind: "uuid"}, {key: "imageIdentifierFieldMetadataId", kind: "uuid"},
		{key: "isLabelSyncedWithName", kind: "flag"}, {key: "isSearchable", kind: "flag"}}

	FieldForm = append(Form{{key: "objectMetadataId", kind: "uuid", must: true},
		{key: "type", kind: "text", among: typeNames(), must: true},
		{key: "name", kind: "name", must: true}, {key: "label", kind: "label", must: true}}, FieldChange[2:]...)

	FieldChange = Form{{key: "name", kind: "name"}, {key: "label", kind: "label"}, {key: "description", kind: "text"},
		{key: "icon", kind: "text"},
		{key: "isActive", kind: "flag"}, {key: "isSystem", kind: "flag"}, {key: "isUIEditable", kind: "flag"},
		{key: "isUIReadOnly", kind: "flag"}, {key: "isNullable", kind: "flag"}, {key: "isUnique", kind: "flag"},
		{key: "isLabelSyncedWithName", kind: "flag"}}
)

func typeNames() []string { return js.Map(Types, func(t Type) string { return string(t) }) }

// Complaints returns all that does not fit the form at once: fixtures/twenty/metadata_errors. Keys that the form
// does not know are ignored.
func (f Form) Complaints(body map[string]any) (out []string) {
	for _, rule := range f {
		value, said := body[rule.key]
		if !rule.must && (!said || value == nil) {
			continue
		}
		out = append(out, rule.complaints(value)...)
	}
	return out
}

// safeName and unsafeNames are known from the vendor's public source; kind_metadata_fields 48 has an empty name.
var (
	safeName    = regexp.MustCompile(`^[^'"\\;.=*/]+$`)
	unsafeNames = []any{"not", "or", "and", "Int", "Float", "Boolean", "String", "ID"}
)

func (l formRule) complaints(value any) (out []string) {
	text, isText := value.(string)
	named, filled := l.kind == "name", l.kind == "name" || l.kind == "label" || l.kind == "text" && l.must
	if named && !safeName.MatchString(js.Text(value)) || named && slices.Contains(unsafeNames, value) {
		out = append(out, l.key+" has failed the name validation check")
	}
	if filled && (value == nil || text == "" && isText) {
		out = append(out, l.key+" should not be empty")
	}
	switch l.kind {
	case "text", "name", "label":
		if len(l.among) == 0 && !isText {
			out = append(out, l.key+" must be a string")
		}
		if len(l.among) > 0 && !(isText && slices.Contains(l.among, text)) {
			out = append(out, l.key+" must be one of the following values: "+strings.Join(l.among, ", "))
		}
	case "flag":
		if _, ok := value.(bool); !ok {
			out = append(out, l.key+" must be a boolean value")
		}
	case "uuid":
		if !isText || !IsUUID(text) {
			out = append(out, l.key+" must be a UUID")
		}
	}
	return out
}
