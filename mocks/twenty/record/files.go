package record

import (
	"fmt"
	"regexp"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Answers show a file with its address, which depends on the caller and the time. Printed records
// have a mark in its place that no text of a client can contain: U+0000 and the file's id.
var fileURL = regexp.MustCompile(`,"url":"\\u0000([^"]*)"`)

// ExpandFileURLs writes the addresses of files into the text of an answer.
func ExpandFileURLs(text []byte, address func(id string) string) []byte {
	return fileURL.ReplaceAllFunc(text, func(mark []byte) []byte {
		return jsonb.AppendString([]byte(`,"url":`), address(string(fileURL.FindSubmatch(mark)[1])))
	})
}

// WithoutFileURLs removes the addresses of files from a text: events carry the content of the
// database (inferred).
func WithoutFileURLs(text string) string { return fileURL.ReplaceAllString(text, "") }

// appendValue writes the value of a plain column. A file comes with the mark of its address. A search vector is not
// kept: all records would have one once they are saved.
func (r *Record) appendValue(out []byte, c *Column) []byte {
	if c.kind == vector && r.vector.Load() == nil {
		return jsonb.AppendString(out, pgtext.Vector(r.searchText()))
	}
	v := r.printed(c)
	list, ok := v.([]any)
	if !ok || c.Attr.Type != schema.Files {
		return jsonb.Append(out, v)
	}
	shown := make([]any, len(list))
	for i, item := range list {
		f, ok := js.Ordered(js.Plain(item)).(*js.Object)
		if !ok { // a seed may have any list
			shown[i] = item
			continue
		}
		shown[i] = fileItem(f.Value("label"), f.Value("fileId"), f.Value("extension"))
		shown[i].(*js.Object).Set("url", "\x00"+js.StringOf(f.Value("fileId")))
	}
	return jsonb.Append(out, shown)
}

func fileItem(label, id, extension any) *js.Object {
	return js.NewObject("label", label, "fileId", id, "extension", extension)
}

// files parses a list of uploaded files. An empty list counts as none: fixtures/twenty/files_and_attachments 14.
// Documented: packages/twenty-server/src/engine/api/common/common-args-processors/data-arg-processor/
// validator-utils/validate-files-field-or-throw.util.ts.
func (r *reader) files(c *Column, name string, v any) error {
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
		f, ok := r.store.Meta.Files.Find(id)
		if (!ok || !f.Received) && r.out.deferred == nil { // noticed once all else is read: corpus_rest_write_101 #93
			r.out.deferred = reject.Data("", "File not found: %s", id)
		}
		stored = append(stored, fileItem(item.(*js.Object).Value("label"), id, f.Extension()))
	}
	if stored != nil {
		r.out.set[c] = stored
	}
	return nil
}
