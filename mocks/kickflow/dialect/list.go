package dialect

import (
	"fmt"
	"iter"
	"maps"
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// Orders maps the fields that a list can be sorted by to the sort key of a row.
type Orders[T any] map[string]func(*T) string

var sortForm = regexp.MustCompile(`^(\w+?)(?:-(asc|desc))?$`)

// Sorted sorts the rows by sortBy. It ignores an unknown field: documented.
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
	p := page{max(r.Int("page", 1), 1), r.Int("perPage", 25)}
	if p.per <= 0 {
		p.per = 25
	}
	p.per = min(p.per, 100)
	return p
}

// ListRows sorts and pages rows and renders them; if view is nil, they are rendered as stored.
func ListRows[T any](r *fake.Request, rows iter.Seq[*fake.Row[T]], known Orders[T], view func(T) any) (any, error) {
	if form := sortForm.FindStringSubmatch(r.Query("sortBy")); form != nil && known[form[1]] != nil {
		all := slices.Collect(rows)
		Sorted(all, known[form[1]], form[2] == "desc")
		rows = slices.Values(all)
	}
	p, total := pageOf(r), 0
	shown := make([]*fake.Row[T], 0, p.per)
	for row := range rows {
		if p.has(total) {
			shown = append(shown, row)
		}
		total++
	}
	p.setHeaders(r, total)
	return showRows(shown, view), nil
}

// ListTable is listRows for the rows of a table that a query selects, with the table's indexes.
func ListTable[T any](r *fake.Request, t *fake.Table[T], q fake.Query[T], known Orders[T],
	view func(T) any) (any, error) {
	if form := sortForm.FindStringSubmatch(r.Query("sortBy")); form != nil && known[form[1]] != nil {
		key, descending := known[form[1]], form[2] == "desc"
		q.Order = fake.Key[T]{Name: r.Query("sortBy"), Of: func(row *T, out []byte) []byte {
			return table.AppendText(out, key(row), descending)
		}}
	}
	p := pageOf(r)
	q.Offset, q.Limit = min(p.number-1, math.MaxInt32)*p.per, p.per
	rows, total, plan := t.Select(q)
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

// showRows shows rows by a view, or as they are stored without a view.
func showRows[T any](rows []*fake.Row[T], view func(T) any) any {
	if view == nil {
		return fake.Joined(rows)
	}
	out := make([]any, len(rows))
	for i, row := range rows {
		out[i] = view(row.Value)
	}
	return out
}

// FilterRows yields the rows that match.
func FilterRows[T any](t *fake.Table[T], match func(*T) bool) iter.Seq[*fake.Row[T]] {
	return func(yield func(*fake.Row[T]) bool) {
		for row := range t.Rows() {
			if match(&row.Value) && !yield(row) {
				return
			}
		}
	}
}

// has reports whether the page contains the row with index i, counted from 0.
func (p page) has(i int) bool { return i/p.per == p.number-1 }

// setHeaders sets the headers Total and Link of the page for a number of rows. The set of links is
// inferred.
func (p page) setHeaders(r *fake.Request, total int) {
	r.SetHeader("Total", strconv.Itoa(total))
	last := (total + p.per - 1) / p.per
	var links []string
	link := func(rel string, to int) {
		q := maps.Clone(r.QueryValues())
		if q == nil {
			q = url.Values{}
		}
		q.Set("page", strconv.Itoa(to))
		links = append(links, fmt.Sprintf("<%s%s?%s>; rel=%q", r.Base, r.HTTP.URL.EscapedPath(), q.Encode(), rel))
	}
	if p.number > 1 {
		link("first", 1)
		link("prev", p.number-1)
	}
	if p.number < last {
		link("next", p.number+1)
		link("last", last)
	}
	if len(links) > 0 {
		r.SetHeader("Link", strings.Join(links, ", "))
	}
}

// List returns the handler that lists a whole table.
func List[T any](t *fake.Table[T], known Orders[T], view func(T) any) fake.Handler {
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

// View shows the row with an identifier; it is nil if there is none.
func View[T, V any](t *fake.Table[T], id string, view func(T) V) *V {
	if row, ok := t.Find(id); ok {
		return To(view(row))
	}
	return nil
}

// Views shows the rows with the identifiers, without those that are not there.
func Views[T, V any](t *fake.Table[T], ids []string, view func(T) V) []V {
	out := []V{}
	for _, id := range ids {
		if row, ok := t.Find(id); ok {
			out = append(out, view(row))
		}
	}
	return out
}

// AsStored is the view of rows that are shown as they are stored.
func AsStored[T any](row T) T { return row }

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
	for _, layout := range Moments {
		if t, err := time.ParseInLocation(layout, text, JST); err == nil {
			return FormatTime(t), nil
		}
	}
	return "", &fake.Error{Status: http.StatusBadRequest,
		Message: "Invalid request: " + name + ": value at root does not match format: date-time", Rule: name +
			" is a date or a date-time", Evidence: fake.Documented, Source: Troubles}
}

// Moments are the layouts of times that clients send.
var Moments = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05", "2006-01-02T15:04",
	"2006-01-02T15:04Z07:00"}

// Has reports whether a time is in the range.
func (b Span) Has(at string) bool {
	if b == (Span{}) {
		return true
	}
	return at != "" && at >= b.from && (b.to == "" || at <= b.to)
}
