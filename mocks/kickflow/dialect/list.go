package dialect

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// Orders maps the fields that a list can be sorted by to the sort key of a row. A nil function is
// TextOf the field.
type Orders[T any] map[string]func(*T) string

// orderOf returns the key that a request sorts by, and whether it sorts downwards. It is nil if the request names no
// known field, which is ignored: documented.
func orderOf[T any](r *fake.Request, known Orders[T]) (key func(*T) string, down bool) {
	name, direction, dashed := strings.Cut(r.Query("sortBy"), "-")
	if dashed && direction != "asc" && direction != "desc" {
		return nil, false
	}
	key, ok := known[name]
	if ok && key == nil {
		key = TextOf[T](name)
	}
	return key, direction == "desc"
}

// TextOf returns the function that reads a field, a text or a pointer to one. It takes the field's
// name in JSON, which differs from the one in Go by case only.
func TextOf[T any](name string) func(*T) string {
	f, _ := reflect.TypeFor[T]().FieldByNameFunc(func(field string) bool { return strings.EqualFold(field, name) })
	return func(row *T) string {
		field := reflect.Indirect(reflect.ValueOf(row).Elem().FieldByIndex(f.Index))
		if !field.IsValid() { // a nil pointer
			return ""
		}
		return field.String()
	}
}

// Sorted sorts rows by a key. Rows with equal keys keep their order.
func Sorted[T any](rows []*fake.Row[T], key func(*T) string, down bool) {
	slices.SortStableFunc(rows, func(a, b *fake.Row[T]) int {
		if down {
			a, b = b, a
		}
		return strings.Compare(key(&a.Value), key(&b.Value))
	})
}

// page is the requested part of a list. The handling of numbers out of range is inferred.
type page struct{ number, per int }

func pageOf(r *fake.Request) page {
	p := page{max(r.Int("page", 1), 1), min(r.Int("perPage", 25), 100)}
	if p.per <= 0 {
		p.per = 25
	}
	return p
}

// first returns how many rows precede the page.
func (p page) first() int { return min(p.number-1, math.MaxInt32) * p.per }

// ListRows sorts and pages rows and shows them; if view is nil, as they are stored.
func ListRows[T any](r *fake.Request, rows iter.Seq[*fake.Row[T]], known Orders[T],
	view func(*T) fake.Raw) (any, error) {
	all := slices.Collect(rows)
	if key, down := orderOf(r, known); key != nil {
		Sorted(all, key, down)
	}
	p := pageOf(r)
	p.setHeaders(r, len(all))
	all = all[min(p.first(), len(all)):]
	return showRows(all[:min(p.per, len(all))], view), nil
}

// ListTable is ListRows for the rows of a table that a query selects, with the table's indexes.
func ListTable[T any](r *fake.Request, t *fake.Table[T], q fake.Query[T], known Orders[T],
	view func(*T) fake.Raw) (any, error) {
	if key, down := orderOf(r, known); key != nil {
		q.Order = fake.Key[T]{Name: r.Query("sortBy"), Of: func(row *T, out []byte) []byte {
			return table.AppendText(out, key(row), down)
		}}
	}
	p := pageOf(r)
	q.Offset, q.Limit = p.first(), p.per
	rows, total, plan := table.Select(t, q)
	r.SetPlan(plan)
	p.setHeaders(r, total)
	return showRows(rows, view), nil
}

// Having selects the rows whose field has one of the values. Without values it selects all rows.
// name names the field.
func Having[T any](name string, field func(*T) string, values []string) fake.Query[T] {
	if len(values) == 0 {
		return fake.Query[T]{}
	}
	q := fake.Query[T]{Name: fmt.Sprintf("%s %q", name, values)}
	if len(values) > 1 {
		q.Match = func(row *T) bool { return slices.Contains(values, field(row)) }
		return q
	}
	low := string(table.AppendText(nil, values[0], false))
	key := fake.Key[T]{Name: name, Of: func(row *T, out []byte) []byte {
		return table.AppendText(out, field(row), false)
	}}
	q.Range = &fake.Range[T]{Key: key, Low: low, High: table.After(low), One: true}
	return q
}

// setHeaders sets the headers Total and Link of the page for a number of rows. The set of links is
// inferred.
func (p page) setHeaders(r *fake.Request, total int) {
	r.SetHeader("Total", strconv.Itoa(total))
	last := (total + p.per - 1) / p.per
	if p.number == 1 && last <= 1 {
		return
	}
	links, q := []string(nil), url.Values(maps.Collect(maps.All(r.QueryValues())))
	link := func(rel string, to int) {
		q.Set("page", strconv.Itoa(to))
		links = append(links, "<"+r.Base+r.HTTP.URL.EscapedPath()+"?"+q.Encode()+`>; rel="`+rel+`"`)
	}
	if p.number > 1 {
		link("first", 1)
		link("prev", p.number-1)
	}
	if p.number < last {
		link("next", p.number+1)
		link("last", last)
	}
	r.SetHeader("Link", strings.Join(links, ", "))
}

// List returns the handler that lists a whole table.
func List[T any](t *fake.Table[T], known Orders[T], view func(*T) fake.Raw) fake.Handler {
	return func(r *fake.Request) (any, error) { return ListTable(r, t, fake.Query[T]{}, known, view) }
}

// On returns a handler that finds what it acts on before it acts.
func On[T any](find func(*fake.Request) (T, error), act func(*fake.Request, T) (any, error)) fake.Handler {
	return func(r *fake.Request) (any, error) {
		found, err := find(r)
		if err != nil {
			return nil, err
		}
		return act(r, found)
	}
}

// OnBody is On for an action that has a body, whose keys are the fields of B in any case.
func OnBody[T, B any](find func(*fake.Request) (T, error),
	act func(*fake.Request, T, B) (any, error)) fake.Handler {
	return On(find, func(r *fake.Request, found T) (any, error) {
		var body B
		if err := r.Decode(&body); err != nil {
			return nil, err
		}
		return act(r, found, body)
	})
}

// Span is a range of times, both ends included (inferred); an empty end is open.
type Span struct{ from, to string }

// ParseSpan parses <name>Start and <name>End.
func ParseSpan(r *fake.Request, name string) (b Span, err error) {
	if b.from, err = moment(r, name+"Start", 0); err == nil {
		b.to, err = moment(r, name+"End", 24*time.Hour-time.Millisecond)
	}
	return b, err
}

// moment parses a date, which means its whole Japanese day, or a date-time, which is Japanese
// unless it has an offset (inferred). A date-time whose plus sign was not escaped is invalid:
// documented in troubles.
func moment(r *fake.Request, name string, whole time.Duration) (string, error) {
	text := r.Query(name)
	if text == "" {
		return "", nil
	}
	if t, err := time.ParseInLocation(time.DateOnly, text, JST); err == nil {
		return FormatTime(t.Add(whole)), nil
	}
	t, err := ParseMoment(text)
	if err != nil {
		e := Malformed("Invalid request: "+name+": value at root does not match format: date-time",
			name+" is a date or a date-time")
		if strings.Contains(text, " ") { // the plus sign
			e = Stated(Troubles, e)
		}
		return "", e
	}
	return FormatTime(t), nil
}

// ParseMoment parses a date-time as clients send it.
func ParseMoment(text string) (t time.Time, err error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05",
		"2006-01-02T15:04", "2006-01-02T15:04Z07:00"} {
		if t, err = time.ParseInLocation(layout, text, JST); err == nil {
			return t, nil
		}
	}
	return t, err
}

// Has reports whether a time is in the range.
func (b Span) Has(at string) bool {
	return b == (Span{}) || at != "" && at >= b.from && (b.to == "" || at <= b.to)
}
