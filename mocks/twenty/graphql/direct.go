package graphql

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// maxRoots is the vendor's: fixtures/twenty/graphql_errors 42.
const maxRoots = 20

// direct executes root fields over records, and introspection, one by one. A field that
// fails is null; the others are kept, even those that wrote: twenty-corpus graphql_write_101.
func (c *call) direct(doc *document, fields []*ast.Field, variables *js.Object) (Answer, error) {
	if variables == nil {
		variables = &js.Object{}
	}
	if failure := tooMuch(fields); failure != nil {
		return answer(http.StatusOK, own, []byte("{}"), failure), nil
	}
	names := c.API.names()
	var failures []*Failure
	anything := false // was written
	data := []byte{'{'}
	for i, f := range fields {
		before := data
		if len(data) > 1 {
			data = append(data, ',')
		}
		data = append(jsonb.AppendString(data, f.Alias), ':')
		r, ok := names.roots[f.Name]
		if !ok {
			out, failed := c.introspect(data, doc, f, variables)
			data, failures = out, append(failures, failed...)
		} else if out, err := c.root(data, doc, r, f, variables); err != nil {
			failures = append(failures, c.failure(err))
			data = append(data, "null"...)
			anything = anything || kept(err)
		} else {
			data, anything = out, anything || r.verb.Writes()
		}
		if slices.ContainsFunc(fields[i+1:], func(later *ast.Field) bool { return later.Alias == f.Alias }) {
			data = before // the last of one key stays
		}
	}
	out := answer(http.StatusOK, own, append(data, '}'), failures...)
	out.Undo = !anything
	return out, c.bug
}

// tooMuch rejects too many root fields, and duplicates of one under any alias.
func tooMuch(fields []*ast.Field) *Failure {
	if len(fields) > maxRoots {
		return coded(badInput,
			fmt.Sprintf(
				"Query too complex - Too many root resolvers requested: %d - Maximum allowed root resolvers: %d",
				len(fields), maxRoots))
	}
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.Name] {
			return coded(badInput, fmt.Sprintf("Duplicate root resolver: %q", f.Name))
		}
		seen[f.Name] = true
	}
	return nil
}

// introspect answers __schema or __type from the workspace's own types. Nothing has validated the document.
func (c *call) introspect(out []byte, doc *document, f *ast.Field, variables *js.Object) ([]byte, []*Failure) {
	if _, err := doc.flatten(f, letsAll); err != nil { // a cycle of fragments, or too many fields
		return append(out, "null"...), []*Failure{c.failure(err)}
	}
	t := c.types()
	x := &execution{schemaExecutor: &schemaExecutor{types: t}, call: c, doc: doc, variables: variables}
	def := typeField
	if f.Name == "__schema" {
		def = schemaField
	}
	text, _ := x.one(nil, t.schema.Query, def, nil, []*ast.Field{f})
	return append(out, text...), x.failures
}

// root executes one root field and appends its value.
func (c *call) root(out []byte, doc *document, r root, f *ast.Field, variables *js.Object) ([]byte, error) {
	args := arguments(f.Arguments, variables)
	if err := checkArgs(r.verb, args); err != nil {
		return nil, err
	}
	selected, err := doc.flatten(f, letsTruthy)
	if err != nil {
		return nil, err
	}
	if r.verb == verb.FindOne && filterOf(args) == nil {
		return nil, misused("Missing filter argument") // fixtures/twenty/graphql_companies_crud 21
	}
	if err := c.Take(c.caller); err != nil {
		return nil, err
	}
	run := &fieldExecution{call: c, scope: write.NewScope(c.context, c.Store, c.caller, r.model), root: r, args: args,
		selected: selected}
	run.compile()
	if run.err != nil {
		return nil, run.err
	}
	if !r.verb.Writes() {
		return run.checkDeadline(out)
	}
	var failed error
	err = c.Try(func() error {
		out, failed = run.checkDeadline(out)
		if kept(failed) {
			return nil
		}
		return failed
	})
	return out, cmp.Or(err, failed)
}

// kept reports whether an error keeps the changes before it.
func kept(err error) bool {
	var e *reject.Error
	return errors.As(err, &e) && e.Kept
}

// fieldExecution is one root field being executed.
type fieldExecution struct {
	*call
	scope    *write.Scope
	root     root
	args     *js.Object
	selected *selection
	record   *projection
	list     *connection
	err      error
}

// compile prepares how the answer will be printed, before anything is done.
func (r *fieldExecution) compile() {
	c := &compiler{store: r.Store, scope: &r.scope.Scope}
	switch r.root.verb {
	case verb.FindMany, verb.FindDuplicates, verb.GroupBy:
		r.list = c.connection(r.root.model, r.selected, false, 0)
	default:
		r.record = c.record(r.root.model, r.selected, false, 0)
	}
	r.err = c.err
}

// checkDeadline executes, and fails if the time was not enough.
func (r *fieldExecution) checkDeadline(out []byte) ([]byte, error) {
	out, err := r.execute(out)
	return out, cmp.Or(err, r.scope.DeadlineError())
}

func (r *fieldExecution) execute(out []byte) ([]byte, error) {
	switch r.root.verb {
	case verb.FindMany:
		return r.findMany(out)
	case verb.FindDuplicates:
		return r.duplicates(out)
	case verb.GroupBy:
		return r.groups(out)
	}
	rows, err := r.scope.Do(r.root.verb, r.args, r.record.selected)
	if err != nil {
		return nil, err
	}
	p := &encoder{scope: &r.scope.Scope}
	if !r.root.verb.Lists() {
		out = p.record(out, rows[0].Value, r.record)
		return out, p.err
	}
	out = append(out, '[')
	for i, row := range rows {
		out = js.Comma(out, i)
		out = p.record(out, row.Value, r.record)
	}
	return append(out, ']'), p.err
}

// defaultPage is the default length of a list: fixtures/twenty/rest_pagination_limits 11.
const defaultPage = 200.0

func (r *fieldExecution) findMany(out []byte) ([]byte, error) {
	q := query.Query{Filter: filterOf(r.args), Order: argAs(r.args, "orderBy"), First: optionalFloat(r.args, "first"),
		Last:  optionalFloat(r.args, "last"),
		After: verb.Argument[string](r.args, "after"), Before: verb.Argument[string](r.args, "before"),
		Offset: verb.Argument[float64](r.args, "offset"), NoTotal: !r.list.has("totalCount")}
	bound(&q)
	page, err := r.scope.Find(q)
	if err != nil {
		return nil, err
	}
	l := &connectionEncoder{conn: r.list, total: page.Total, hasNext: page.HasNext, hasPrev: page.HasPrev,
		records: recordsOf(page.Rows)}
	if wanted := r.list.aggregates(); len(wanted) > 0 {
		if err := query.AggregateError(r.root.model, wanted); err != nil {
			return nil, err
		}
		l.figures = page.Aggregates(&r.scope.Scope, r.root.model, wanted)
	}
	p := &encoder{scope: &r.scope.Scope, order: q.Order}
	out = p.listing(out, l)
	return out, p.err
}

// bound gives a query its limit. A limit of 0 does not count where arguments exclude each other, and first
// goes before last: twenty-corpus graphql_query_101, interactions 102 to 107, graphql_query_102, 25.
func bound(q *query.Query) {
	limit, none := defaultPage, 0.0
	zero := func(n *float64) bool { return n != nil && *n == 0 }
	if q.First != nil && q.Last != nil && (zero(q.First) || zero(q.Last)) {
		q.Last = nil
	}
	switch {
	case q.First == nil && q.Last == nil && q.Before != "":
		q.Last = &limit
	case q.First == nil && q.Last == nil:
		q.First = &limit
	case q.Before != "" && zero(q.First):
		q.First, q.Last = nil, &none
	case q.After != "" && zero(q.Last):
		q.First, q.Last = &none, nil
	}
}

func recordsOf(rows []*record.Row) []*record.Record {
	out := make([]*record.Record, len(rows))
	for i, row := range rows {
		out[i] = row.Value
	}
	return out
}

func textsIn(list []any) []string { return js.Map(list, textIn) }
