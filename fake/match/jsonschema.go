package match

import (
	"errors"
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

var drafts = map[string]*jsonschema.Draft{
	"": jsonschema.Draft2020, "V202012": jsonschema.Draft2020, "V201909": jsonschema.Draft2019,
	"V7": jsonschema.Draft7, "V6": jsonschema.Draft6, "V4": jsonschema.Draft4,
}

// noLoader refuses schemas elsewhere: a pattern must not make the server read files.
type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("a schema may not refer to %s", url)
}

func jsonSchema(_ *compiler, o object, name, _ string) (value, error) {
	text := string(o[name])
	if inner, err := o.text(name); err == nil {
		text = inner
	}
	version, err := o.text("schemaVersion")
	if err != nil || drafts[version] == nil {
		return nil, errors.New("schemaVersion: expected V4, V6, V7, V201909 or V202012")
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil || len(text) > mostSchema {
		return nil, fmt.Errorf("%s: expected JSON of at most %d bytes: %v", name, mostSchema, err)
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(noLoader{})
	c.DefaultDraft(drafts[version])
	if err := c.AddResource("pattern:schema", document); err != nil {
		return nil, err
	}
	schema, err := c.Compile("pattern:schema")
	if err != nil {
		return nil, fmt.Errorf("%s: %v", name, err)
	}
	return test(func(s *subject) bool {
		got, err := jsonschema.UnmarshalJSON(strings.NewReader(s.text))
		if err != nil {
			got = s.text // a text that is not JSON is one
		}
		return len(s.text) <= mostParsed && schema.Validate(got) == nil
	}), nil
}
