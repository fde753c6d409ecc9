package twenty

import (
	"fmt"
	"net/http"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// typeError is an error that JavaScript throws at the vendor's code.
func typeError(format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return &fake.Error{Status: http.StatusBadRequest, Message: message,
		Rule: "the server trips over a body that is no object",
		Body: plainBody{StatusCode: http.StatusBadRequest, Error: "TypeError", Messages: []string{message}}}
}

// object reads the body of a write of one record.
func (q *recordsRequest) object() (*js.Object, error) {
	switch q.Decoded.(type) {
	case *js.Object, []any, string:
		return verb.AsObject(q.Decoded)
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
	return list, nil
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
	return q.do(verb.RestoreOne, verb.RestoreMany)
}

func (a *api) restoreRecords(r *fake.Request) (any, error) {
	if a.tables.Has(schema.RestoreBelowObject) {
		return nil, noRecordID(r.Path("objects"))
	}
	return a.recordOp(verb.RestoreMany)(r)
}
