package write

import (
	"fmt"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
)

// files parses a list of uploaded files. An empty list counts as none: fixtures/twenty/files_and_attachments 14.
// Documented: packages/twenty-server/src/engine/api/common/common-args-processors/data-arg-processor/
// validator-utils/validate-files-field-or-throw.util.ts.
func (r *reader) files(c *record.Column, name string, v any) error {
	r.out.set[c] = nil
	whole := func(format string, args ...any) error {
		message := fmt.Sprintf(format, args...)
		return reject.Data(message, "%s", message)
	}
	if text, ok := v.(string); ok {
		parsed, err := js.ParseJSON(text)
		if err != nil {
			return whole(`Invalid value "%s" for FILES field "%s" - It should be an array of objects with "fileId" `+
				`and "label" properties.`, js.Inspect(v), name)
		}
		v = parsed
	}
	if found := fileErrors(v); found != "" {
		return reject.Data(`Invalid value for FILES field "`+name+`" - `+found,
			`Invalid value "%s" for FILES field "%s" - %s`, js.Inspect(v), name, found)
	}
	items := v.([]any)
	if most, _ := c.Attr.Setting("maxNumberOfValues").(float64); most > 0 && float64(len(items)) > most {
		return whole(`Max number of files is %v for field "%s"`, most, name)
	}
	var stored []any
	for _, item := range items {
		id := js.StringOf(item.(*js.Object).Value("fileId"))
		f, ok := r.scope.Meta.Files.Find(id)
		if (!ok || !f.Received) && r.out.deferred == nil { // noticed once all else is read: corpus_rest_write_101 #93
			r.out.deferred = reject.Data("", "File not found: %s", id)
		}
		stored = append(stored, js.NewObject("label", item.(*js.Object).Value("label"), "fileId", id,
			"extension", f.Extension()))
	}
	if stored != nil {
		r.out.set[c] = stored
	}
	return nil
}
