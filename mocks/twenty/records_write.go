package twenty

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// body returns the body as the framework passes it on: JSON, a form, a text, or nothing.
func (q *recordsRequest) body() (any, error) {
	switch kind, _ := contentType(q.Request); {
	case kind == "text/plain" && q.HTTP.Body != nil: // an empty text is one: kind_entrance_bodies 2
		return string(q.Body()), nil
	case len(q.Body()) == 0 && kind == "application/json":
		return &record.Object{}, nil
	case len(q.Body()) == 0:
		return record.Undefined{}, nil
	case kind == "application/json":
		v, err := record.ParseJSON(string(q.Body()))
		return v, err
	case kind == "application/x-www-form-urlencoded":
		return formObject(string(q.Body())), nil
	}
	return record.Undefined{}, nil
}

// typeError is an error that JavaScript throws at the vendor's code.
func typeError(format string, args ...any) error {
	message := fmt.Sprintf(format, args...)
	return &fake.Error{Status: http.StatusBadRequest, Message: message,
		Rule:   "the server trips over a body that is no object",
		Source: "fixtures/twenty/rest_validation_errors",
		Body:   plainBody{StatusCode: http.StatusBadRequest, Error: "TypeError", Messages: []string{message}}}
}

// object reads the body of a write of one record. A list is an object with numbers for keys.
func (q *recordsRequest) object() (*record.Object, error) {
	v, err := q.body()
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case *record.Object:
		return v, nil
	case []any:
		out := &record.Object{}
		for i, item := range v {
			out.Members = append(out.Members, record.Member{Key: strconv.Itoa(i), Value: item})
		}
		return out, nil
	case string:
		return nil, typeError("Cannot create property 'position' on string '%s'", v)
	}
	return nil, typeError("Cannot read properties of undefined (reading 'position')")
}

// properties reads the body of an operation that looks at single properties of it. A text, a list or no body has none
// of them; of a text for duplicates the entrance of the real server was observed, the rest is inferred.
func (q *recordsRequest) properties() (*record.Object, error) {
	v, err := q.body()
	if o, ok := v.(*record.Object); ok {
		return o, err
	}
	return &record.Object{}, err
}

func (a *api) createRecord(r *fake.Request) (any, error) {
	q, err := a.onRecords(r)
	if err != nil {
		return nil, err
	}
	data, err := q.object()
	if err != nil {
		return nil, err
	}
	if err := a.take(q.Scope.Caller); err != nil {
		return nil, err
	}
	row, err := q.Create(data, q.says("upsert"))
	if err != nil {
		return nil, refusal(err)
	}
	return q.one(q.singular("create"), row), nil
}

func (a *api) createRecords(r *fake.Request) (any, error) {
	q, err := a.onRecords(r)
	if err != nil {
		return nil, err
	}
	v, err := q.body()
	if err != nil {
		return nil, err
	}
	list, ok := v.([]any)
	if !ok {
		return nil, typeError("args.data.forEach is not a function")
	}
	data := make([]*record.Object, len(list))
	for i, item := range list {
		if data[i], ok = item.(*record.Object); !ok {
			return nil, typeError("Cannot create property 'position' on %s '%s'", jsTypeOf(item), fmt.Sprint(item))
		}
	}
	if err := a.take(q.Scope.Caller); err != nil {
		return nil, err
	}
	rows, err := q.CreateMany(data, q.says("upsert"))
	if err != nil {
		return nil, refusal(err)
	}
	return q.several(q.plural("create"), rows), nil
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

func (a *api) updateRecord(r *fake.Request) (any, error) {
	q, err := a.onRecords(r)
	if err != nil {
		return nil, err
	}
	if q.id == "" {
		return a.updateAll(q)
	}
	data, err := q.object()
	if err != nil {
		return nil, err
	}
	if err := a.take(q.Scope.Caller); err != nil {
		return nil, err
	}
	row, err := q.Update(strings.ToLower(q.id), data)
	if err != nil {
		return nil, refusal(err)
	}
	return q.one(q.singular("update"), row), nil
}

func (a *api) updateRecords(r *fake.Request) (any, error) {
	q, err := a.onRecords(r)
	if err != nil {
		return nil, err
	}
	return a.updateAll(q)
}

func (a *api) updateAll(q *recordsRequest) (any, error) {
	filter, err := q.filter()
	if err != nil {
		return nil, err
	}
	data, err := q.object()
	if err != nil {
		return nil, err
	}
	if err := a.take(q.Scope.Caller); err != nil {
		return nil, err
	}
	rows, err := q.UpdateMany(filter, data)
	if err != nil {
		return nil, refusal(err)
	}
	return q.several(q.plural("update"), rows), nil
}

// deleteRecord removes for good, unless soft_delete says true exactly.
func (a *api) deleteRecord(r *fake.Request) (any, error) {
	q, err := a.onRecords(r)
	if err != nil {
		return nil, err
	}
	if q.id == "" {
		return a.deleteAll(q)
	}
	if err := a.take(q.Scope.Caller); err != nil {
		return nil, err
	}
	id := strings.ToLower(q.id)
	if q.says("soft_delete") {
		row, err := q.Delete(id)
		if err != nil {
			return nil, refusal(err)
		}
		return q.one(q.singular("delete"), row), nil
	}
	if _, err := q.Destroy(id); err != nil {
		return nil, refusal(err)
	}
	return fake.Raw(`{"data":{` + quote(q.singular("delete")) + `:{"id":"` + id + `"}}}`), nil
}

func (a *api) deleteRecords(r *fake.Request) (any, error) {
	q, err := a.onRecords(r)
	if err != nil {
		return nil, err
	}
	return a.deleteAll(q)
}

func (a *api) deleteAll(q *recordsRequest) (any, error) {
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
	if err := a.take(q.Scope.Caller); err != nil {
		return nil, err
	}
	if soft {
		rows, err := q.DeleteMany(filter)
		if err != nil {
			return nil, refusal(err)
		}
		return q.several(q.plural("delete"), rows), nil
	}
	rows, err := q.DestroyMany(filter)
	if err != nil {
		return nil, refusal(err)
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = `{"id":"` + row.Value.ID + `"}`
	}
	return fake.Raw(`{"data":{` + quote(q.plural("delete")) + `:[` + strings.Join(ids, ",") + `]}}`), nil
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
	caller, _ := r.Caller.(*schema.Caller)
	q := &recordsRequest{Request: r, Scope: a.records.Scope(r.HTTP.Context(), caller, m), id: r.Path("id")}
	switch {
	case q.id == "":
		return a.restoreAll(q)
	case !record.IsUUID(q.id):
		return nil, noRecordID(q.id)
	}
	if err := a.take(caller); err != nil {
		return nil, err
	}
	row, err := q.Restore(strings.ToLower(q.id))
	if err != nil {
		return nil, refusal(err)
	}
	return q.one(q.singular("restore"), row), nil
}

func (a *api) restoreRecords(r *fake.Request) (any, error) {
	if a.tables.Has(schema.RestoreBelowObject) {
		return nil, noRecordID(r.Path("objects"))
	}
	q, err := a.onRecords(r)
	if err != nil {
		return nil, err
	}
	return a.restoreAll(q)
}

func (a *api) restoreAll(q *recordsRequest) (any, error) {
	filter, err := q.filter()
	if err != nil {
		return nil, err
	}
	if err := a.take(q.Scope.Caller); err != nil {
		return nil, err
	}
	rows, err := q.RestoreMany(filter)
	if err != nil {
		return nil, refusal(err)
	}
	return q.several(q.plural("restore"), rows), nil
}
