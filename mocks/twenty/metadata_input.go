package twenty

import (
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// rule is one line of a form: what a key of the body must be.
type rule struct {
	key   string
	kind  string // text, flag, list or uuid
	among []string
	must  bool // it may not be left out
}

// form is what a body must look like, in the order in which the vendor complains.
type form []rule

var objectForm = form{{key: "nameSingular", kind: "text", must: true}, {key: "namePlural", kind: "text", must: true},
	{key: "labelSingular", kind: "text", must: true}, {key: "labelPlural", kind: "text", must: true}, {key: "description", kind: "text"},
	{key: "icon", kind: "text"}, {key: "shortcut", kind: "text"}, {key: "color", kind: "text"}, {key: "skipNameField", kind: "flag"}, {key: "isRemote", kind: "flag"},
	{key: "isLabelSyncedWithName", kind: "flag"}}

var objectChange = form{{key: "labelSingular", kind: "text"}, {key: "labelPlural", kind: "text"}, {key: "nameSingular", kind: "text"}, {key: "namePlural", kind: "text"},
	{key: "description", kind: "text"}, {key: "icon", kind: "text"}, {key: "shortcut", kind: "text"}, {key: "color", kind: "text"}, {key: "isActive", kind: "flag"},
	{key: "labelIdentifierFieldMetadataId", kind: "uuid"}, {key: "imageIdentifierFieldMetadataId", kind: "uuid"},
	{key: "isLabelSyncedWithName", kind: "flag"}, {key: "isSearchable", kind: "flag"}}

var fieldForm = append(form{{key: "objectMetadataId", kind: "uuid", must: true}, {key: "type", kind: "text", among: typeNames(), must: true},
	{key: "name", kind: "text", must: true}, {key: "label", kind: "text", must: true}}, fieldChange[2:]...)

var fieldChange = form{{key: "name", kind: "text"}, {key: "label", kind: "text"}, {key: "description", kind: "text"}, {key: "icon", kind: "text"},
	{key: "isActive", kind: "flag"}, {key: "isNullable", kind: "flag"}, {key: "isUnique", kind: "flag"}, {key: "isLabelSyncedWithName", kind: "flag"}}

func typeNames() []string {
	var out []string
	for _, t := range schema.Types {
		out = append(out, string(t))
	}
	return out
}

// check refuses a body that does not fit the form, with all complaints at once:
// fixtures/twenty/metadata_errors. Keys that the form does not know are ignored.
func (f form) check(body map[string]any) error {
	var complaints []string
	for _, rule := range f {
		value, said := body[rule.key]
		if !rule.must && (!said || value == nil) {
			continue
		}
		complaints = append(complaints, rule.complaints(value)...)
	}
	if complaints == nil {
		return nil
	}
	e := nest(http.StatusBadRequest, "Bad Request", complaints)
	e.Rule, e.Source = "the body must fit the form", "fixtures/twenty/metadata_errors"
	return e
}

func (l rule) complaints(value any) (out []string) {
	text, isText := value.(string)
	if l.must && l.kind == "text" && (value == nil || isText && text == "") {
		out = append(out, l.key+" should not be empty")
	}
	switch l.kind {
	case "text":
		if len(l.among) == 0 && !isText {
			out = append(out, l.key+" must be a string")
		}
		if len(l.among) > 0 && !(isText && contains(l.among, text)) {
			out = append(out, l.key+" must be one of the following values: "+strings.Join(l.among, ", "))
		}
	case "flag":
		if _, ok := value.(bool); !ok {
			out = append(out, l.key+" must be a boolean value")
		}
	case "uuid":
		if !isText || !schema.IsUUID(text) {
			out = append(out, l.key+" must be a UUID")
		}
	}
	return out
}

func contains(list []string, text string) bool {
	for _, one := range list {
		if one == text {
			return true
		}
	}
	return false
}
