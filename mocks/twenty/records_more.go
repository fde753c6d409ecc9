package twenty

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// findDuplicates fails, as the server does by its public source, for one record or one id in place
// of a list.
func (q *recordsRequest) findDuplicates() (any, error) {
	if err := q.take(); err != nil {
		return nil, err
	}
	body := q.properties()
	ids, data := verb.Texts(body, "ids"), objects(body, "data")
	if one, ok := body.Value("data").(*js.Object); ok {
		if ids == nil && len(one.Members) > 0 {
			return nil, typeError("partialRecordInputs is not iterable")
		}
		data = []*js.Object{one}[:min(len(one.Members), 1)]
	}
	if one, _ := body.Value("ids").(string); one != "" && data == nil {
		return nil, typeError("args.ids?.map is not a function")
	}
	if list, _ := body.Value("data").([]any); slices.Contains(list, nil) {
		return nil, typeError("Cannot convert undefined or null to object") // the text is inferred
	}
	pages, err := q.Duplicates(ids, data)
	if err != nil {
		return nil, err
	}
	out := fake.Raw(`{"data":[`)
	for i, page := range pages {
		out = js.Comma(out, i)
		out = append(append(append(out, '{'), quote(q.Model.NameSingular+"Duplicates")...), ':')
		out = append(q.appendRows(out, page.Rows), `,"totalCount":`...)
		out = append(append(out, js.Inspect(float64(page.Total))...), `,"pageInfo":`...)
		out = append(appendPageInfo(out, page, true), '}')
	}
	return append(out, "]}"...), nil
}

func objects(body *js.Object, key string) []*js.Object {
	list, ok := body.Value(key).([]any)
	if !ok {
		return nil
	}
	return append([]*js.Object{}, js.Only[*js.Object](list)...)
}

// The examples in the vendor's messages about malformed parameters of groupBy.
const (
	groupByExample = `valid array of objects - ex: [{"firstField": true}, {"secondField": {"subField": true}},` +
		` {"dateField": {"granularity": 'DAY'}}]`
	aggregateExample = `valid array of string - ex: ["countNotEmptyId", "countEmptyField"]`
	orderByExample   = `valid array of objects - ex: [{"firstField": "AscNullsFirst"},` +
		` {"secondField": {"subField": "DescNullsLast"}}, {"aggregate": {"aggregateField": "DescNullsLast"}},` +
		` {dateField: {"orderBy": "AscNullsFirst", "granularity": "DAY"}}]`
)

func (q *recordsRequest) group() (any, error) {
	g, err := input(q, q.grouping)
	if err != nil {
		return nil, err
	}
	groups, err := q.GroupBy(g)
	if err != nil {
		return nil, err
	}
	return q.printGroups(groups, g.Records), nil
}

func (q *recordsRequest) grouping() (g query.Grouping, err error) {
	g.REST = true
	if g.By, err = q.jsonList("group_by", groupByExample, true); err != nil {
		return g, err
	}
	names, err := q.jsonList("aggregate", aggregateExample, false)
	if err != nil {
		return g, err
	}
	for _, v := range names {
		name, _ := v.(string)
		g.Aggregates = append(g.Aggregates, name)
	}
	if g.Filter, err = q.filter(); err != nil {
		return g, err
	}
	if g.Order, err = q.jsonList("order_by", orderByExample, false); err != nil {
		return g, err
	}
	if g.RecordOrder, err = q.order("order_by_for_records"); err != nil {
		return g, err
	}
	g.Records, g.View = q.says("include_records_sample"), q.single("viewId") // whatever the document calls it
	g.Limit, err = q.limit(0)
	return g, err
}

func (q *recordsRequest) jsonList(name, example string, needed bool) ([]any, error) {
	values := q.QueryValues()[name]
	text := strings.Join(values, ",")
	if text == "" && !needed {
		return nil, nil
	}
	if len(values) > 1 {
		text = "" // a list of texts counts as none
	}
	v, err := js.ParseJSON(text)
	if one, ok := v.(*js.Object); ok {
		v = []any{one} // corpus_rest_groupby_101 #139
	}
	list, ok := v.([]any)
	if err != nil || !ok {
		return nil, refuse(http.StatusBadRequest, "Invalid "+name+" query parameter - should be a "+example)
	}
	return list, nil
}

func (q *recordsRequest) printGroups(groups []query.Group, samples bool) any {
	out := []any{}
	for _, g := range groups {
		item := &js.Object{Members: append([]js.Member{}, g.Aggregates...)}
		item.Set("groupByDimensionValues", g.Values)
		if samples {
			rows := js.Map(g.Rows, func(row *record.Row) any { return row.Value.Sample() })
			item.Set("records", rows)
		}
		out = append(out, item)
	}
	return fake.Raw(jsonb.Encode(out))
}
