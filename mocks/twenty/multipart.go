package twenty

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/graphql"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
)

// mostUploads is how many files a document may bring. Known from the vendor's public source.
const mostUploads = 10

// multipartDocument parses a GraphQL multipart request: the document, then a map of the files'
// places in it, then the files. The errors are those of the public package graphql-upload; that the
// server answers them like errors of its body parsers is inferred.
func multipartDocument(r *fake.Request) (any, error) {
	_, params, _ := mime.ParseMediaType(r.Header("Content-Type"))
	if params["boundary"] == "" {
		return nil, parserFault("Multipart: Boundary not found")
	}
	d := &multipartReader{}
	parts := multipart.NewReader(bytes.NewReader(r.Body()), params["boundary"])
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, parserFault("Unexpected end of form")
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, parserFault("Unexpected end of form")
		}
		if err := d.part(part, data); err != nil {
			return nil, err
		}
	}
	return d.end()
}

type multipartReader struct {
	document any
	uploads  map[string]*graphql.Upload
	places   map[string][]string // in the document, by the name of the part
}

func badParts(format string, args ...any) error {
	return parserFault(fmt.Sprintf(format,
		args...) + " (https://github.com/jaydenseric/graphql-multipart-request-spec).")
}

func (d *multipartReader) part(p *multipart.Part, data []byte) error {
	name := p.FormName()
	switch {
	case p.FileName() != "" || p.Header.Get("Content-Type") == "application/octet-stream":
		if d.uploads == nil {
			return badParts("Misordered multipart fields; files should follow ‘map’")
		}
		if up := d.uploads[name]; up != nil {
			*up = graphql.Upload{Name: p.FileName(), Data: data}
		}
	case name == "operations":
		v, err := js.ParseJSON(string(data))
		if err != nil {
			return badParts("Invalid JSON in the ‘operations’ multipart field")
		}
		if kind := js.TypeOf(v); kind != "object" && kind != "array" {
			return badParts("Invalid type for the ‘operations’ multipart field")
		}
		d.document = v
	case name == "map":
		return d.readMap(data)
	}
	return nil
}

func (d *multipartReader) readMap(data []byte) error {
	if d.document == nil {
		return badParts("Misordered multipart fields; ‘map’ should follow ‘operations’")
	}
	v, err := js.ParseJSON(string(data))
	if err != nil {
		return badParts("Invalid JSON in the ‘map’ multipart field")
	}
	entries, ok := v.(*js.Object)
	if !ok {
		return badParts("Invalid type for the ‘map’ multipart field")
	}
	if len(entries.Members) > mostUploads {
		return parserFault(fmt.Sprintf("%d max file uploads exceeded.", mostUploads))
	}
	d.uploads, d.places = map[string]*graphql.Upload{}, map[string][]string{}
	for _, m := range entries.Members {
		paths, ok := m.Value.([]any)
		if !ok {
			return badParts("Invalid type for the ‘map’ multipart field entry key ‘%s’ array", m.Key)
		}
		d.uploads[m.Key] = &graphql.Upload{Missing: true}
		for i, path := range paths {
			text, ok := path.(string)
			if !ok {
				return badParts("Invalid type for the ‘map’ multipart field entry key ‘%s’ array index ‘%d’ value",
					m.Key, i)
			}
			d.places[m.Key] = append(d.places[m.Key], text)
		}
	}
	return nil
}

// end returns the document with its files in their places.
func (d *multipartReader) end() (any, error) {
	switch {
	case d.document == nil:
		return nil, badParts("Missing multipart field ‘operations’")
	case d.uploads == nil:
		return nil, badParts("Missing multipart field ‘map’")
	}
	for name, paths := range d.places {
		for i, path := range paths {
			if !putAt(d.document, strings.Split(path, "."), *d.uploads[name]) {
				return nil,
					badParts(
						"Invalid object path for the ‘map’ multipart field entry key ‘%s’ array index ‘%d’ value ‘%s’",
						name, i, path)
			}
		}
	}
	return d.document, nil
}

// putAt puts a value where a path leads. It makes objects on the way; ok is false if something else is there.
func putAt(in any, path []string, value any) (ok bool) {
	switch in := in.(type) {
	case *js.Object:
		if len(path) == 1 {
			in.Set(path[0], value)
			return true
		}
		if in.Value(path[0]) == nil {
			in.Set(path[0], &js.Object{})
		}
		return putAt(in.Value(path[0]), path[1:], value)
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i < 0 || i >= len(in) {
			return false
		}
		if len(path) == 1 {
			in[i] = value
			return true
		}
		return putAt(in[i], path[1:], value)
	}
	return false
}
