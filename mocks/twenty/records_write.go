package twenty

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

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
func (q *recordsRequest) properties() (*js.Object, error) {
	if o, ok := q.Decoded.(*js.Object); ok {
		return o, nil
	}
	return &js.Object{}, nil
}

func (q *recordsRequest) create() (any, error) {
	data, err := input(q, q.object)
	if err != nil {
		return nil, err
	}
	return q.one(q.singular("create"))(q.Create(data, q.says("upsert")))
}

func (q *recordsRequest) createAll() (any, error) {
	data, err := input(q, q.batch)
	if err != nil {
		return nil, err
	}
	return q.several(q.plural("create"))(q.CreateMany(data, q.says("upsert")))
}

// batch reads the body of a write of several records.
func (q *recordsRequest) batch() ([]*js.Object, error) {
	list, ok := q.Decoded.([]any)
	if !ok {
		return nil, typeError("args.data.forEach is not a function")
	}
	data := make([]*js.Object, len(list))
	for i, item := range list {
		if data[i], ok = item.(*js.Object); !ok {
			return nil, typeError("Cannot create property 'position' on %s '%s'", jsTypeOf(item), fmt.Sprint(item))
		}
	}
	return data, nil
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

func (q *recordsRequest) update() (any, error) {
	if q.id == "" {
		return q.updateAll()
	}
	data, err := input(q, q.object)
	if err != nil {
		return nil, err
	}
	return q.one(q.singular("update"))(q.Update(q.id, data))
}

func (q *recordsRequest) updateAll() (any, error) {
	filter, err := q.filter()
	if err != nil {
		return nil, err
	}
	data, err := input(q, q.object)
	if err != nil {
		return nil, err
	}
	return q.several(q.plural("update"))(q.UpdateMany(filter, data))
}

// remove removes for good, unless soft_delete says true exactly.
func (q *recordsRequest) remove() (any, error) {
	if q.id == "" {
		return q.removeAll()
	}
	if err := q.take(); err != nil {
		return nil, err
	}
	if q.says("soft_delete") {
		return q.one(q.singular("delete"))(q.Delete(q.id))
	}
	_, err := q.Destroy(q.id)
	return fake.Raw(`{"data":{` + quote(q.singular("delete")) + `:{"id":"` + q.id + `"}}}`), err
}

func (q *recordsRequest) removeAll() (any, error) {
	soft := q.says("soft_delete")
	filter, err := q.filter()
	if err != nil {
		return nil, err
	}
	if filter == nil {
		what := map[bool]string{true: "delete", false: "destroy"}[soft]
		return nil, refuse(http.StatusBadRequest, "Filters are mandatory for bulk "+what+
			" operations. Please provide at least one filter to prevent accidental deletion of all records.")
	}
	if err := q.take(); err != nil {
		return nil, err
	}
	if soft {
		return q.several(q.plural("delete"))(q.DeleteMany(filter))
	}
	rows, err := q.DestroyMany(filter)
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = `{"id":"` + row.Value.ID + `"}`
	}
	return fake.Raw(`{"data":{` + quote(q.plural("delete")) + `:[` + strings.Join(ids, ",") + `]}}`), err
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
	if q.id != "" && !record.IsUUID(q.id) {
		return nil, noRecordID(r.Path("id"))
	}
	out, err := q.restore()
	return out, recordError(err)
}

// restore restores the record of a path, or those that a filter finds.
func (q *recordsRequest) restore() (any, error) {
	if q.id == "" {
		return q.restoreAll()
	}
	if err := q.take(); err != nil {
		return nil, err
	}
	return q.one(q.singular("restore"))(q.Restore(q.id))
}

func (q *recordsRequest) restoreAll() (any, error) {
	filter, err := input(q, q.filter)
	if err != nil {
		return nil, err
	}
	return q.several(q.plural("restore"))(q.RestoreMany(filter))
}

func (a *api) restoreRecords(r *fake.Request) (any, error) {
	if a.tables.Has(schema.RestoreBelowObject) {
		return nil, noRecordID(r.Path("objects"))
	}
	return a.recordOp((*recordsRequest).restoreAll)(r)
}
