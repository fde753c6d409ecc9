package kickflow

import (
	"cmp"
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
	"sync"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/query"
	"github.com/afba07b5/mockserver/fake/table"
)

// slash separates the names in a full name. This and other formats that the definition leaves open
// follow the webhook body of 2025-04 in test_json.php of the client Rextlab/kickflow.
const slash = " / "

var jst = time.FixedZone("JST", 9*60*60)

// formatTime formats a time as all answers do: Japanese time with milliseconds and a colon in the
// offset. Times of one width and zone sort as text.
func formatTime(t time.Time) string { return t.In(jst).Format("2006-01-02T15:04:05.000-07:00") }

// day returns the Japanese date of a time.
func day(t time.Time) string { return t.In(jst).Format(time.DateOnly) }

func pointerTo[T any](v T) *T { return &v }

// deref returns the value that p points to, or the zero value if p is nil.
func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// hidden shadows a stored field that a view omits.
type hidden *struct{}

// parseQuery implements Def.Query. Inferred: the vendor's server, which answers like Rails, parses
// a query as Rack does. If a name is sent twice, the last value counts, unless the name ends in [].
// ; is an ordinary character. An invalid escape is an error. A parameter without a value counts as
// not sent.
func parseQuery(raw string) (url.Values, error) {
	if query.BrokenEscape(raw) {
		e := refuse(http.StatusBadRequest, "a % in a query is followed by two hexadecimal digits")
		e.Message = "Invalid request: invalid %-encoding"
		return url.Values{}, e
	}
	values, err := query.Parse(raw)
	for name, all := range values {
		last := all[len(all)-1]
		switch {
		case strings.HasSuffix(name, "[]"):
		case last == "":
			delete(values, name)
		default:
			values[name] = []string{last}
		}
	}
	return values, err
}

// unknownRoute answers requests that match no operation. A preflight needs no token and succeeds
// even if the document does not have the path; the request itself is a 404, whatever the method
// (inferred).
func unknownRoute(r *fake.Request) (any, error) {
	if r.HTTP.Method == http.MethodOptions {
		allowed := r.Allow()
		if len(allowed) == 0 { // otherwise a browser would report a failed fetch instead of the 404
			allowed = []string{"GET", "POST", "PATCH", "DELETE"}
		}
		r.SetHeader("Access-Control-Allow-Methods", strings.Join(append(allowed, http.MethodOptions), ", "))
		r.SetHeader("Access-Control-Allow-Headers", cmp.Or(r.Header("Access-Control-Request-Headers"), "*"))
		r.SetHeader("Access-Control-Max-Age", "7200")
		return nil, nil
	}
	if strings.HasPrefix(r.HTTP.URL.Path, storagePath) && r.HTTP.Method == http.MethodGet {
		return fake.Of[api](r.State).download(r)
	}
	return nil, refuse(http.StatusNotFound, "no operation has this path and method")
}

// beforeRequest sets the headers of every answer and counts the request for its address. If limits
// are off, the headers count on but no request is rejected.
func beforeRequest(r *fake.Request) error {
	r.SetHeader("Access-Control-Allow-Origin", "*")
	r.SetHeader("Access-Control-Expose-Headers", "Link, Total, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset")
	if r.HTTP.Method == http.MethodOptions || strings.HasPrefix(r.HTTP.URL.Path, storagePath) {
		return nil
	}
	k := fake.Of[api](r.State)
	limit := 0
	if n, err := strconv.Atoi(r.State.World().StringSetting("requests-per-minute")); err == nil {
		limit = n
	} else {
		k.View(func() { limit = k.enterpriseTenant().RequestsPerMinute })
	}
	if limit <= 0 {
		return nil
	}
	left, reset := k.limits.take(r.Remote(), limit, r.State.World().Clock.Now())
	r.SetHeader("RateLimit-Limit", strconv.Itoa(limit))
	r.SetHeader("RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	r.SetHeader("RateLimit-Reset", strconv.FormatInt(reset, 10))
	if left < 0 && !r.State.World().Settings().LimitsOff {
		return stated(reference+"#section/rate-limit",
			refuse(http.StatusTooManyRequests,
				fmt.Sprintf("%d requests a minute and address; --limits off stops it", limit)))
	}
	return nil
}

// limiter counts the requests of each address per minute on the world's clock. Inferred: the
// windows are fixed and begin with the minute.
type limiter struct {
	mu     sync.Mutex
	window int64
	count  map[string]int
}

func (l *limiter) take(address string, limit int, now time.Time) (left int, reset int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if window := now.Unix() / 60; window != l.window || l.count == nil {
		l.window, l.count = window, map[string]int{}
	}
	l.count[address]++
	return limit - l.count[address], (l.window + 1) * 60
}

// orders maps the fields that a list can be sorted by to the sort key of a row.
type orders[T any] map[string]func(*T) string

var sortForm = regexp.MustCompile(`^(\w+?)(?:-(asc|desc))?$`)

// sorted sorts the rows by sortBy. It ignores an unknown field: documented.
func sorted[T any](rows []*fake.Row[T], key func(*T) string, down bool) {
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

// has reports whether the page contains the row with index i, counted from 0.
func (p page) has(i int) bool { return i/p.per == p.number-1 }

// tell sets the headers Total and Link of the page for a number of rows. The set of links is
// inferred.
func (p page) tell(r *fake.Request, total int) {
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

// listRows sorts and pages rows and renders them; if view is nil, they are rendered as stored.
func listRows[T any](r *fake.Request, rows iter.Seq[*fake.Row[T]], known orders[T], view func(T) any) (any, error) {
	if form := sortForm.FindStringSubmatch(r.Query("sortBy")); form != nil && known[form[1]] != nil {
		all := slices.Collect(rows)
		sorted(all, known[form[1]], form[2] == "desc")
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
	p.tell(r, total)
	return showRows(shown, view), nil
}

// listTable is listRows for the rows of a table that a query selects, with the table's indexes.
func listTable[T any](r *fake.Request, t *fake.Table[T], q fake.Query[T], known orders[T],
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
	p.tell(r, total)
	return showRows(rows, view), nil
}

// having selects the rows whose field has one of the values. Without values it selects all rows.
// name names the field.
func having[T any](name string, field func(*T) string, values []string) fake.Query[T] {
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

// filterRows yields the rows that match.
func filterRows[T any](t *fake.Table[T], match func(*T) bool) iter.Seq[*fake.Row[T]] {
	return func(yield func(*fake.Row[T]) bool) {
		for row := range t.Rows() {
			if match(&row.Value) && !yield(row) {
				return
			}
		}
	}
}

// findRow returns a row by its identifier or, in tables with codes, by its code.
func findRow[T any](t *fake.Table[T], idOrCode string) (T, error) {
	if row := t.Row(strings.ToLower(idOrCode)); row != nil {
		return row.Value, nil
	}
	if row := t.One("code", idOrCode); row != nil {
		return row.Value, nil
	}
	return t.Get(idOrCode)
}

// uuidInPath matches a UUID, possibly in upper case, in a path.
var uuidInPath = regexp.MustCompile(`/[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\b`)

// rewrite converts the UUIDs of a path to lower case, as rows have them: RFC 9562 ignores case. It
// also removes a trailing slash (inferred: Rails, which the answers resemble, does so).
func rewrite(hr *http.Request) {
	if hr.URL.Path != "/" {
		hr.URL.Path, hr.URL.RawPath = strings.TrimSuffix(hr.URL.Path, "/"), strings.TrimSuffix(hr.URL.RawPath, "/")
	}
	if hr.URL.Path == strings.ToLower(hr.URL.Path) {
		return
	}
	hr.URL.Path = uuidInPath.ReplaceAllStringFunc(hr.URL.Path, strings.ToLower)
	hr.URL.RawPath = uuidInPath.ReplaceAllStringFunc(hr.URL.RawPath, strings.ToLower)
}

// lower converts identifiers to lower case.
func lower(ids []string) []string {
	out := slices.Clone(ids)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out
}

// dates rejects dates that do not exist; the document validates the format.
func dates(days map[string]*string) error {
	for field, on := range days {
		if _, err := time.Parse(time.DateOnly, deref(on)); on != nil && err != nil {
			return invalid(field, wrong)
		}
	}
	return nil
}

// randomCode returns a code for a row without one: random letters and digits (documented), 16 of
// them (client Rextlab/kickflow). The vendor's have letters up to Z; these are hexadecimal, because
// a replay recognises generated values only in that form.
func randomCode(s *fake.State) string { return strings.ReplaceAll(s.NewID(), "-", "")[:16] }

// freeCode returns an error if another row has the code.
func freeCode[T any](t *fake.Table[T], key func(T) string, code, own string) error {
	if row := t.One("code", code); row != nil && key(row.Value) != own {
		return invalid("code", taken)
	}
	return nil
}

// setCommonDefaults sets the defaults that most rows share. A row that a client creates already has
// its id here.
func (a *api) setCommonDefaults(id, code, createdAt, updatedAt *string) {
	*id = cmp.Or(strings.ToLower(*id), a.NewID())
	if code != nil && *code == "" {
		*code = randomCode(a.State)
	}
	*createdAt = cmp.Or(*createdAt, formatTime(a.Now()))
	*updatedAt = cmp.Or(*updatedAt, *createdAt)
}

// requireText returns an error for an empty text.
func requireText(field, value string) error {
	if strings.TrimSpace(value) == "" {
		return invalid(field, blank)
	}
	return nil
}

// firstError returns the first error that is not nil.
func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
