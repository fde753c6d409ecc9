package twenty

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// typeError is an error that JavaScript throws at the vendor's code.
func typeError(format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return &fake.Error{Status: http.StatusBadRequest, Message: message,
		Rule:   "the server trips over a body that is no object",
		Source: "fixtures/twenty/rest_validation_errors",
		Body:   plainBody{StatusCode: http.StatusBadRequest, Error: "TypeError", Messages: []string{message}}}
}

// object reads the body of a write of one record. A list is an object with numbers for keys.
func (q *recordsRequest) object() (*js.Object, error) {
	switch v := q.Decoded.(type) {
	case *js.Object:
		return v, nil
	case []any:
		out := &js.Object{}
		for i, item := range v {
			out.Members = append(out.Members, js.Member{Key: strconv.Itoa(i), Value: item})
		}
		return out, nil
	case string:
		return nil, typeError("Cannot create property 'position' on string '%s'", v)
	}
	return nil, typeError("Cannot read properties of undefined (reading 'position')")
}

// properties reads the body of an operation that looks at single properties of it. A text, a list or no body has none
// of them; of a text for duplicates the entrance of the real server was observed, the rest is inferred.
func (q *recordsRequest) properties() *js.Object {
	if o, ok := q.Decoded.(*js.Object); ok {
		return o
	}
	return &js.Object{}
}

// batch reads the body of a write of several records.
func (q *recordsRequest) batch() ([]any, error) {
	list, ok := q.Decoded.([]any)
	if !ok {
		return nil, typeError("args.data.forEach is not a function")
	}
	for _, item := range list {
		if _, ok := item.(*js.Object); !ok {
			return nil, typeError("Cannot create property 'position' on %s '%s'", jsTypeOf(item), fmt.Sprint(item))
		}
	}
	return list, nil
}

func jsTypeOf(v any) string {
	switch v.(type) {
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	}
	return "object"
}

// restoreBelow restores below the object, where newer servers do; 2.21.0 reads such a path otherwise
// (fixtures/twenty/picklists_restore_dashboards).
func (a *api) restoreBelow(r *fake.Request) (any, error) {
	if !a.tables.Has(schema.RestoreBelowObject) {
		name, id, err := recordPath(r.HTTP.URL.Path)
		if err == nil && id != "" {
			err = noRecordID(id)
		}
		if err == nil {
			_, err = a.object(name)
		}
		return nil, err
	}
	m, err := a.object(r.Path("objects"))
	if err != nil {
		return nil, err
	}
	q := a.newRecordsRequest(r, m, r.Path("id"))
	if q.id != "" && !schema.IsUUID(q.id) {
		return nil, noRecordID(r.Path("id"))
	}
	return q.do(record.RestoreOne, record.RestoreMany)
}

func (a *api) restoreRecords(r *fake.Request) (any, error) {
	if a.tables.Has(schema.RestoreBelowObject) {
		return nil, noRecordID(r.Path("objects"))
	}
	return a.recordOp(record.RestoreMany)(r)
}
