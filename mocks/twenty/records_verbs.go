package twenty

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// do executes a verb, the first of several on the record of the path, the last if the path names none.
func (q *recordsRequest) do(verbs ...verb.Verb) (any, error) {
	v := verbs[0]
	if q.id == "" {
		v = verbs[len(verbs)-1]
	}
	out, err := q.execute(v)
	return out, recordError(err)
}

func (q *recordsRequest) execute(v verb.Verb) (any, error) {
	switch v {
	case verb.FindMany:
		return q.list()
	case verb.FindDuplicates:
		return q.findDuplicates()
	case verb.GroupBy:
		return q.group()
	}
	if soft, ok := softly[v]; ok && q.says("soft_delete") {
		v = soft
	}
	args, err := input(q, func() (*js.Object, error) { return q.arguments(v) })
	if err != nil {
		return nil, err
	}
	rows, err := q.Scope.Do(v, args)
	if err != nil {
		return nil, err
	}
	return q.print(v, rows), nil
}

// softly are the verbs in place of those that remove for good, if soft_delete says true exactly.
var softly = map[verb.Verb]verb.Verb{
	verb.DestroyOne: verb.DeleteOne, verb.DestroyMany: verb.DeleteMany,
}

// arguments reads the arguments of a verb.
func (q *recordsRequest) arguments(v verb.Verb) (*js.Object, error) {
	out := &js.Object{}
	for _, arg := range v.Args() {
		value, err := q.argument(v, arg)
		if err != nil {
			return nil, err
		}
		out.Set(arg.Name, value)
	}
	return out, nil
}

func (q *recordsRequest) argument(v verb.Verb, arg verb.Arg) (any, error) {
	switch {
	case arg.Name == "id":
		return q.id, nil
	case arg.Name == "upsert":
		return q.says("upsert"), nil
	case arg.Name == "filter":
		return q.filterOf(v)
	case arg.Name == "data" && arg.Kind == verb.ListArg:
		return q.batch()
	case arg.Name == "data":
		return q.object()
	}
	return q.properties().Value(arg.Name), nil
}

// filterOf reads the filter of a verb, which may be missing unless the verb removes records.
func (q *recordsRequest) filterOf(v verb.Verb) (any, error) {
	filter, err := q.filter()
	if err == nil && filter == nil && (v == verb.DeleteMany || v == verb.DestroyMany) {
		return nil, refuse(http.StatusBadRequest, "Filters are mandatory for bulk "+v.Word()+
			" operations. Please provide at least one filter to prevent accidental deletion of all records.")
	}
	return filter, err
}

// print encodes the answer of a verb: {"data":{"createCompany":{…}}}. Of records that are gone only the id is left.
func (q *recordsRequest) print(v verb.Verb, rows []*record.Row) fake.Raw {
	word := v.Word()
	if v == verb.DestroyOne || v == verb.DestroyMany {
		word = "delete"
	}
	name := q.Model.NameSingular
	if v.Lists() {
		name = q.Model.NamePlural
	}
	if word != "" {
		name = word + capital(name)
	}
	return enveloped(name, q.encode(v, rows))
}

func (q *recordsRequest) encode(v verb.Verb, rows []*record.Row) fake.Raw {
	switch {
	case v == verb.DestroyOne:
		return idOf(rows[0])
	case v == verb.DestroyMany:
		ids := js.Map(rows, func(row *record.Row) []byte { return idOf(row) })
		return fake.Raw("[" + string(bytes.Join(ids, []byte(","))) + "]")
	case v.Lists():
		return q.appendRows(q.sized(rows, 2), rows)
	}
	return q.Encode(rows[0], q.depth, q.fields...)
}

func idOf(row *record.Row) fake.Raw { return fake.Raw(`{"id":"` + row.Value.ID + `"}`) }

func enveloped(key string, value fake.Raw) fake.Raw {
	out := append(append(make(fake.Raw, 0, len(key)+len(value)+16), `{"data":{`...), quote(key)...)
	return append(append(append(out, ':'), value...), "}}"...)
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
