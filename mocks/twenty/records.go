package twenty

import (
	"errors"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/filter"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// restVerbs are the verbs of the operations on records: that for the record of a path and, where it is another one,
// that for several.
var restVerbs = map[string][]verb.Verb{
	"listRecords": {verb.FindMany}, "getRecord": {verb.GetOne, verb.FindMany},
	"groupRecords": {verb.GroupBy}, "findDuplicates": {verb.FindDuplicates}, "mergeRecords": {verb.MergeMany},
	"createRecord": {verb.CreateOne}, "createRecordAt": {verb.CreateOne}, "createRecords": {verb.CreateMany},
	"updateRecord": {verb.UpdateOne, verb.UpdateMany}, "updateRecords": {verb.UpdateMany},
	"replaceRecord": {verb.UpdateOne, verb.UpdateMany}, "replaceRecords": {verb.UpdateMany},
	"deleteRecord": {verb.DestroyOne, verb.DestroyMany}, "deleteRecords": {verb.DestroyMany},
}

// recordOps are the operations on records, the same for every object.
func (a *api) recordOps() fake.Ops {
	ops := fake.Ops{"restoreRecords": a.restoreRecords, "restoreRecordsOf": a.restoreBelow,
		"restoreRecord": a.restoreBelow, "duplicateDashboard": a.duplicateDashboard}
	for name, verbs := range restVerbs {
		ops[name] = a.recordOp(verbs...)
	}
	for name, handler := range ops {
		ops[name] = withDeadline(handler)
	}
	return ops
}

// recordOp reads what all operations on records have in common, and executes the verb.
func (a *api) recordOp(verbs ...verb.Verb) fake.Handler {
	return func(r *fake.Request) (any, error) {
		q, err := a.onRecords(r)
		if err != nil {
			return nil, err
		}
		return q.do(verbs...)
	}
}

// withDeadline gives a request the time that a query has.
func withDeadline(handler fake.Handler) fake.Handler {
	return func(r *fake.Request) (any, error) {
		r.Limit(query.Timeout)
		return handler(r)
	}
}

// recordsRequest is a request for records with its path understood.
type recordsRequest struct {
	*fake.Request
	*write.Scope
	api    *api
	id     string // of one record, "" for several
	depth  int
	fields []string // the only ones to show; nil for all
}

func (a *api) newRecordsRequest(r *fake.Request, m *schema.Model, id string) *recordsRequest {
	caller, _ := r.Caller.(*schema.Caller)
	return &recordsRequest{Request: r, Scope: write.NewScope(r.HTTP.Context(), a.records, caller, m), api: a,
		id: strings.ToLower(id)}
}

// take counts the request against the limit of the workspace.
func (q *recordsRequest) take() error { return q.api.take(q.Scope.Caller) }

// input reads the input of a request and then counts the request: what cannot be read costs nothing.
func input[T any](q *recordsRequest, read func() (T, error)) (T, error) {
	value, err := read()
	if err == nil {
		err = q.take()
	}
	return value, err
}

// onRecords reads what all operations on records have in common: the object, and depth.
func (a *api) onRecords(r *fake.Request) (*recordsRequest, error) {
	name, id, err := recordPath(r.HTTP.URL.Path)
	if err == nil && id != "" && !schema.IsUUID(id) {
		err = noRecordID(id)
	}
	if err != nil {
		return nil, err
	}
	m, err := a.object(name)
	if err != nil {
		return nil, err
	}
	q := a.newRecordsRequest(r, m, id)
	if err := q.readDepth(); err != nil {
		return nil, err
	}
	return q, q.readFields()
}

// readFields reads the parameter with which newer servers show some fields only. Documented; 2.21.0 does
// not know it.
func (q *recordsRequest) readFields() error {
	values, given := q.QueryValues()["fields"]
	if !given || !q.Meta.Has(schema.ChosenFields) {
		return nil
	}
	known := q.Fields()
	var wrong []string
	for name := range strings.SplitSeq(strings.Join(values, ","), ",") {
		switch name = strings.TrimSpace(name); {
		case name == "":
		case slices.Contains(known, name):
			q.fields = append(q.fields, name)
		default:
			wrong = append(wrong, name)
		}
	}
	switch {
	case len(wrong) > 0:
		return refuse(http.StatusBadRequest,
			"'fields' parameter invalid. Unknown or unreadable fields on '"+q.Model.NameSingular+"': "+
				strings.Join(wrong, ", "))
	case len(q.fields) == 0:
		return refuse(http.StatusBadRequest,
			"'fields' parameter is empty. Expected a comma-separated list of field names, e.g. fields=id,name")
	}
	return nil
}

// object finds the object that a path names by its plural.
func (a *api) object(plural string) (*schema.Model, error) {
	s := a.tables.Schema()
	if m := s.Plural(plural); m != nil {
		return m, nil
	}
	e := refuse(http.StatusBadRequest, "object '"+plural+"' not found. eg: companies")
	if m := s.Singular(plural); m != nil {
		e.Message = "object '" + plural + "' not found. Did you mean '" + m.NamePlural + "'?"
	}
	e.Rule, e.Source = "paths name objects by their plural", "fixtures/twenty/rest_not_found_and_paths"
	return nil, e
}

// noRecordID refuses the identifier of a record in a path.
func noRecordID(id string) error {
	return refuse(http.StatusBadRequest, "'"+id+"' is not a valid UUID")
}

// says reports whether a parameter is the text true. Given twice it is a list to the server, and no text.
func (q *recordsRequest) says(name string) bool {
	return strings.Join(q.QueryValues()[name], ",") == "true"
}

// readDepth reads depth as JavaScript reads a number: 01 and 0x1 are 1 (kind_entrance_query 38 to 42).
func (q *recordsRequest) readDepth() error {
	text := strings.Join(q.QueryValues()["depth"], ",")
	switch depth := js.Number(text); depth {
	case 0, 1:
		q.depth = int(depth)
		return nil
	}
	return refuse(http.StatusBadRequest, "'depth="+text+"' parameter invalid. Allowed values are 0, 1")
}

// recordError renders an error of package reject in the shape of REST.
func recordError(err error) error {
	if missing, ok := errors.AsType[*schema.Missing](err); ok {
		return fake.Unimplemented{Kind: missing.Kind, Name: missing.What, Source: "server 2.21.0 does it"}.Error()
	}
	e, ok := errors.AsType[*reject.Error](err)
	if !ok {
		return err
	}
	out := &fake.Error{Status: e.Status, Message: e.Message, Rule: e.Rule, Keep: e.Kept,
		Body: plainBody{StatusCode: e.Status, Error: e.Name, Messages: []string{e.Message}}}
	out.Table, out.ID = e.MissingFrom, e.MissingID
	if e.Shown() {
		out.Code = e.Code
		out.Body = plainBody{StatusCode: e.Status, Error: e.Name, Messages: []string{e.Message}, Code: e.Code}
	}
	return out
}

// filter reads the filter parameter; the grammar refuses an empty one, and a missing one filters nothing. One that
// comes twice is a list to the server, which looks at texts alone: known from the vendor's public source.
func (q *recordsRequest) filter() (any, error) {
	values := q.QueryValues()["filter"]
	if len(values) != 1 {
		return nil, nil
	}
	return filter.Parse(values[0])
}

func (q *recordsRequest) order(name string) ([]any, error) {
	values := q.QueryValues()[name]
	if len(values) != 1 {
		return nil, nil
	}
	return query.ParseOrder(values[0])
}

// The pages of lists: fixtures/twenty/rest_pagination_limits.
const (
	defaultLimit = 60
	largestLimit = 200
)

func (q *recordsRequest) limit(otherwise float64) (float64, error) {
	n, problem := readLimit(q.Request, otherwise, largestLimit)
	if problem != "" {
		return 0, refuse(http.StatusBadRequest, problem)
	}
	return n, nil
}

// readLimit reads the size of a page as JavaScript reads a number, or says what is wrong with it.
func readLimit(r *fake.Request, usual, largest float64) (n float64, problem string) {
	text := strings.Join(r.QueryValues()["limit"], ",")
	if text == "" {
		return usual, ""
	}
	if n = js.Number(text); n < 0 || math.IsNaN(n) {
		return 0, "limit '" + text + "' is invalid. Should be an integer"
	}
	return min(n, largest), ""
}

// single returns a parameter that counts only as a text: given twice it is a list to the server, and ignored.
func (q *recordsRequest) single(name string) string {
	if values := q.QueryValues()[name]; len(values) == 1 {
		return values[0]
	}
	return ""
}

func (q *recordsRequest) list() (any, error) {
	query, err := input(q, q.listQuery)
	if err != nil {
		return nil, err
	}
	page, err := q.Find(query)
	if err != nil {
		return nil, err
	}
	return q.printPage(page), nil
}

func (q *recordsRequest) listQuery() (query query.Query, err error) {
	if query.Filter, err = q.filter(); err != nil {
		return query, err
	}
	if query.Order, err = q.order("order_by"); err != nil {
		return query, err
	}
	limit, err := q.limit(defaultLimit)
	if err != nil {
		return query, err
	}
	limit = math.Round(limit) // 1.5 gives two rows: fixtures/twenty/rest_pagination_limits
	query.After, query.Before = q.single("starting_after"), q.single("ending_before")
	if query.Before != "" {
		query.Last = &limit
		if query.After != "" {
			query.Last = nil
		}
		return query, nil
	}
	query.First = &limit
	return query, nil
}

// printPage writes a list answer from the kept encodings of its rows.
func (q *recordsRequest) printPage(p *query.Page) fake.Raw {
	info := appendPageInfo(make(fake.Raw, 0, 512), p, false)
	out := append(append(q.sized(p.Rows, 64+len(q.Model.NamePlural)+len(info)), `{"data":{`...),
		quote(q.Model.NamePlural)...)
	out = append(q.appendRows(append(out, ':'), p.Rows), `},"totalCount":`...)
	out = append(strconv.AppendInt(out, int64(p.Total), 10), `,"pageInfo":`...)
	return append(append(out, info...), '}')
}

// appendPageInfo writes a page's cursors and flags, in that order in lists.
func appendPageInfo(out fake.Raw, p *query.Page, flagsFirst bool) fake.Raw {
	start, end := "null", "null"
	if n := len(p.Rows); n > 0 {
		start, end = quote(p.Cursor(0, nil, nil)), quote(p.Cursor(n-1, nil, nil))
	}
	if p.Backward {
		start, end = end, start // fixtures/twenty/rest_pagination #5
	}
	ends := `"startCursor":` + start + `,"endCursor":` + end
	flags := `"hasNextPage":` + strconv.FormatBool(p.HasNext) + `,"hasPreviousPage":` + strconv.FormatBool(p.HasPrev)
	if flagsFirst {
		ends, flags = flags, ends
	}
	return append(out, "{"+ends+","+flags+"}"...)
}

func quote(s string) string { return strconv.Quote(s) } // names and cursors are plain ASCII

// plain reports whether rows are shown as they are kept.
func (q *recordsRequest) plain() bool {
	return q.depth == 0 && q.fields == nil && !q.Restricted(q.Model)
}

// sized returns an empty text with room for rows, if they are shown as they are kept, and for more bytes.
func (q *recordsRequest) sized(rows []*record.Row, more int) fake.Raw {
	if q.plain() {
		for _, row := range rows {
			more += len(row.JSON()) + 1
		}
	}
	return make(fake.Raw, 0, more)
}

func (q *recordsRequest) appendRows(out fake.Raw, rows []*record.Row) fake.Raw {
	plain := q.plain()
	out = append(out, '[')
	for i, row := range rows {
		out = js.Comma(out, i)
		if plain {
			out = append(out, row.JSON()...)
		} else {
			out = append(out, q.Encode(row, q.depth, q.fields...)...)
		}
	}
	return append(out, ']')
}
