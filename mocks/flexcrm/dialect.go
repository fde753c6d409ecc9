package flexcrm

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/query"
	"github.com/afba07b5/mockserver/fake/table"
)

const (
	keyHeader    = "X-FlexCRM-API-KEY"
	success      = "success"
	defaultLimit = 100
	largestLimit = 1000
)

// japan is the zone of all dates, which are written without a zone.
var japan = time.FixedZone("JST", 9*60*60)

// Key is an API key of a site. The vendor does not say which user a key acts as; here each key
// names one.
type Key struct {
	Key       string   `json:"key"`
	Site      string   `json:"site"`
	UserID    int64    `json:"user_id"`          // the author of what the key writes
	Tables    []string `json:"tables,omitempty"` // the FlexDB tables it may use; none = all
	Principal string   `json:"principal"`
	About     string   `json:"about,omitempty"` // what it may do, in a few words
	State     string   `json:"state"`           // valid or revoked
}

// credentialOf implements Def.Credential.
func credentialOf(r *http.Request) string { return r.Header.Get(keyHeader) }

// authenticate implements Def.Auth. The vendor's table of statuses swaps the usual meanings: 403
// means an unknown caller, 401 a known one without permission.
func authenticate(r *fake.Request) error {
	if r.Header("User-Agent") == "" {
		return refuse("a request names its User-Agent (the header is documented as required, its refusal is not)")
	}
	key, known := fake.Of[api](r.State).keys.Find(r.Header(keyHeader))
	if !known || key.State != "valid" {
		return &fake.Error{Status: http.StatusForbidden, Rule: "no valid key in " + keyHeader,
			Evidence: fake.Documented, Source: statusTable}
	}
	if site := r.Path("site_id"); site != "" && !strings.EqualFold(site, key.Site) {
		return &fake.Error{Status: http.StatusUnauthorized, Rule: "the key belongs to another site",
			Evidence: fake.Documented, Source: statusTable}
	}
	if table := r.Path("table_id"); table != "" && !key.mayUse(table) {
		return &fake.Error{Status: http.StatusUnauthorized, Rule: "the key may not use this table",
			Evidence: fake.Documented, Source: statusTable}
	}
	r.Caller = key
	return nil
}

func (k Key) mayUse(table string) bool {
	for _, t := range k.Tables {
		if strings.EqualFold(t, table) {
			return true
		}
	}
	return len(k.Tables) == 0
}

// caller returns the user that the request's key acts as.
func caller(r *fake.Request) int64 { return r.Caller.(Key).UserID }

// newCredentials implements Def.Credentials: one new key per principal of the seed.
func newCredentials(s *fake.State, value string) []fake.Credential {
	keys := fake.Of[api](s).keys
	var patterns []Key
	seen := map[string]bool{}
	for key := range keys.All() {
		if !seen[key.Principal] {
			seen[key.Principal] = true
			patterns = append(patterns, key)
		}
	}
	for u := range fake.Of[api](s).users.All() {
		if value != "" && len(patterns) == 0 { // a seed with users alone
			patterns = append(patterns, Key{Site: "flex", UserID: u.ID, Principal: u.UserID, State: "valid"})
		}
	}
	var out []fake.Credential
	for _, key := range patterns {
		key.Key, value = value, ""
		if key.Key == "" {
			key.Key = newKey(s)
		} else {
			s.RegisterCredential(key.Key)
		}
		if _, taken := keys.Find(key.Key); !taken {
			keys.Insert(key) // cannot fail: no other column is unique
		}
		out = append(out, key.credential())
	}
	return out
}

// keyDigits is the number of hexadecimal digits of a generated key.
const keyDigits = 32

// newKey generates an API key of 32 hexadecimal digits, after the world's name and a dash unless
// the world is the default one.
func newKey(s *fake.State) string {
	key := s.NewToken("key")[:keyDigits]
	if name := s.World().Label(); name != "" {
		return name + "-" + key
	}
	return key
}

// credentialWorld implements Def.CredentialWorld.
func credentialWorld(key string) string {
	end := len(key) - keyDigits - 1
	if end < 1 || key[end] != '-' || strings.Trim(key[end+1:], "0123456789abcdef") != "" {
		return ""
	}
	return key[:end]
}

func (k Key) credential() fake.Credential {
	role := cmp.Or(k.About, strings.Join(k.Tables, ", "), "all tables")
	return fake.Credential{Principal: k.Principal, Role: role, State: k.State, Value: k.Key}
}

// knownCredentials implements Def.Known.
func knownCredentials(s *fake.State) (out []fake.Credential) {
	for key := range fake.Of[api](s).keys.All() {
		out = append(out, key.credential())
	}
	return out
}

const statusTable = "support.flex-crm.com/api.html, table of statuses"

// errorBody is the only error shape that the vendor publishes.
type errorBody struct {
	Status string `json:"status"`
	Error  string `json:"error"`
}

// statuses are those of the vendor's table. Statuses that it lacks (404, 409, 413 and 415) become
// 400 (inferred).
var statuses = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed}

// renderError implements Def.Error. Only the text of 405 is the vendor's; the others are the reason
// phrases.
func renderError(_ *fake.Request, e *fake.Error) any {
	if e.Status < http.StatusInternalServerError && !slices.Contains(statuses, e.Status) {
		e.Status = http.StatusBadRequest
	}
	text := e.Message
	if text == "" {
		text = http.StatusText(e.Status)
	}
	return errorBody{"error", text}
}

// faults are the statuses of the vendor's table, in its shape.
var faults = map[string]fake.Fault{
	"bad-request": {Error: &fake.Error{Status: http.StatusBadRequest, Rule: "fault bad-request",
		Evidence: fake.Documented, Source: statusTable}},
	"unauthorized": {Error: &fake.Error{Status: http.StatusUnauthorized, Rule: "fault unauthorized",
		Evidence: fake.Documented, Source: statusTable}},
	"forbidden": {Error: &fake.Error{Status: http.StatusForbidden, Rule: "fault forbidden",
		Evidence: fake.Documented, Source: statusTable}},
	"unknown-method": {Error: &fake.Error{Status: http.StatusMethodNotAllowed, Message: "Unknown method.",
		Rule: "fault unknown-method", Evidence: fake.Documented, Source: statusTable}},
	"internal-error": {Error: &fake.Error{Status: http.StatusInternalServerError, Rule: "fault internal-error",
		Evidence: fake.Inferred, Source: "the vendor publishes no such status"}},
}

// unknownRoute implements Def.Unknown: an unknown endpoint is a 405, like an unsupported method.
func unknownRoute(*fake.Request) (any, error) {
	return nil, &fake.Error{Status: http.StatusMethodNotAllowed, Message: "Unknown method.",
		Rule: "no such endpoint or verb", Evidence: fake.Documented, Source: statusTable}
}

func renderInvalid(_ *fake.Request, found []fake.Violation) error {
	return &fake.Error{Status: http.StatusBadRequest, Violations: found, Evidence: fake.Inferred, Source: silent}
}

// silent is the source of rules that the vendor does not state.
const silent = "the vendor does not say"

// refuse returns a 400 with its rule, inferred: the vendor has one status for all of them and no
// published text.
func refuse(rule string, args ...any) *fake.Error {
	return &fake.Error{Status: http.StatusBadRequest, Rule: fmt.Sprintf(rule, args...), Evidence: fake.Inferred,
		Source: silent}
}

// stated marks an error whose rule is on the vendor's page.
func stated(e *fake.Error) *fake.Error {
	e.Evidence, e.Source = fake.Documented, "support.flex-crm.com/api.html, table of field types"
	return e
}

// evidenceOf implements Def.Evidence: the vendor documents none of the core's errors.
func evidenceOf(*fake.Request, *fake.Error) (evidence, source string) { return fake.Inferred, silent }

// done is the answer of writes that return no data.
var done = fake.Raw(`{"status":"success"}`)

// created answers a POST that created a row: 201, or 200 with the feature "post-answers-200". Which
// of the two the vendor uses is not known.
func created(r *fake.Request, answer any) any {
	if r.State.World().Enabled("post-answers-200") {
		r.SetStatus(http.StatusOK)
	} else {
		r.SetStatus(http.StatusCreated)
	}
	return answer
}

// createdID answers like created, with the new row's number.
func createdID(r *fake.Request, id int64) any {
	return created(r, fake.Raw(fmt.Sprintf(`{"status":"success","id":%d}`, id)))
}

// parseQuery implements Def.Query, for forms too. Inferred: the vendor's server parses both as PHP
// does. If a name is sent twice, the last value counts unless the name ends in []. A dot or a blank
// in a name becomes an underscore. An invalid escape is kept as it is. The feature "every-filter"
// keeps all values.
func parseQuery(raw string) (url.Values, error) {
	values := url.Values{}
	for name, value := range query.Pairs(raw) {
		name = phpName(query.Unescape(name))
		values[name] = append(values[name], query.Unescape(value))
	}
	return values, nil
}

var underscores = strings.NewReplacer(".", "_", " ", "_")

// phpName spells the name of a variable as PHP does; text in brackets is unchanged.
func phpName(name string) string {
	head, rest, bracket := strings.Cut(strings.TrimLeft(name, " "), "[")
	head = underscores.Replace(head)
	switch {
	case bracket && strings.Contains(rest, "]"):
		return head + "[" + rest
	case bracket:
		return head + "_" + rest
	}
	return head
}

// last returns the last value of a query parameter.
func last(q url.Values, name string) string {
	if all := q[name]; len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// page is the part of a list that the client asked for.
type page struct{ limit, offset int }

func pageOf(r *fake.Request) (p page, err error) {
	q := r.QueryValues()
	if p.limit, err = count(q, "limit", defaultLimit); err != nil {
		return p, err
	}
	p.limit = min(p.limit, largestLimit)
	p.offset, err = count(q, "offset", 0)
	return p, err
}

// count parses a number of rows. Assumed: a negative or missing number is a 400, see
// fixtures/flexcrm/bad-paging.
func count(q url.Values, name string, otherwise int) (int, error) {
	text := last(q, name)
	if text == "" {
		return otherwise, nil
	}
	if !digits(text) {
		return 0, refuse("%s is a number of rows, not %q", name, text)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		n = math.MaxInt32 // overflow
	}
	return n, nil
}

func digits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// isDecimal reports whether a text is digits, after a minus or not, or digits, a point and digits.
func isDecimal(text string) bool {
	whole, fraction, point := strings.Cut(strings.TrimPrefix(text, "-"), ".")
	return digits(whole) && (!point || digits(fraction))
}

func cut[T any](all []T, p page) []T {
	from := min(p.offset, len(all))
	return all[from : min(len(all)-from, p.limit)+from]
}

// envelope wraps a page of encoded rows; total is the key of the number of all rows.
func (p page) envelope(total string, all int, rows []fake.Raw) fake.Raw {
	size := 120
	for _, row := range rows {
		size += len(row) + 1
	}
	out := fmt.Appendf(make(fake.Raw, 0, size), `{"status":"success","limit":%d,"offset":%d,"count":%d,%q:%d,"data":[`,
		p.limit, p.offset, len(rows), total, all)
	for i, row := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, row...)
	}
	return append(out, ']', '}')
}

// listOf answers with a page of a table, by record number.
func listOf[T any](t *fake.Table[T], total string) fake.Handler {
	return func(r *fake.Request) (any, error) {
		p, err := pageOf(r)
		if err != nil {
			return nil, err
		}
		var rows []fake.Raw
		for _, row := range pageByNumber(t, p) {
			rows = append(rows, row.JSON())
		}
		return p.envelope(total, t.Len(), rows), nil
	}
}

// pageByNumber returns a page without walking past its end.
func pageByNumber[T any](t *fake.Table[T], p page) (rows []*fake.Row[T]) {
	if p.limit == 0 {
		return nil
	}
	for row := range table.Nth(t, p.offset) {
		if rows = append(rows, row); len(rows) == p.limit {
			break
		}
	}
	return rows
}

// rowOf returns the row whose number is in a path parameter. Assumed: an unknown number is a 400,
// because the vendor has no 404.
func rowOf[T any](r *fake.Request, t *fake.Table[T], param string) (*fake.Row[T], error) {
	return rowAt(t, r.Path(param))
}

func rowAt[T any](t *fake.Table[T], number string) (*fake.Row[T], error) {
	if n, ok := rowNumber(number); ok {
		if row := t.Row(rowKey(n)); row != nil {
			return row, nil
		}
	}
	return nil, &fake.Error{Status: http.StatusBadRequest, Table: t.Name(), ID: number, Rule: "no such record",
		Evidence: fake.Inferred, Source: silent}
}

// rowKey returns the identifier of a numbered row; it sorts like the number.
func rowKey(n int64) string {
	text := strconv.FormatInt(n, 10)
	return "0000000000000000000"[:max(0, 19-len(text))] + text
}

func rowNumber(text string) (int64, bool) {
	if !digits(text) {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil && n > 0
}

// Timestamps are the system keys that every row has in addition to its number.
type Timestamps struct {
	CreateUserID      int64  `json:"create_user_id"`
	UpdateUserID      int64  `json:"update_user_id"`
	UpdateDateForUser string `json:"update_date_for_user"`
	UpdateDate        string `json:"update_date"`
	CreateDate        string `json:"create_date"`
}

// fill dates a new row.
func (s *Timestamps) fill(now time.Time) {
	if s.CreateDate == "" {
		s.CreateDate = showTime(now)
	}
	for _, date := range []*string{&s.UpdateDate, &s.UpdateDateForUser} {
		if *date == "" {
			*date = s.CreateDate
		}
	}
	for _, user := range []*int64{&s.CreateUserID, &s.UpdateUserID} {
		if *user == 0 {
			*user = 1
		}
	}
}

// by sets the stamps of a row that a user has just created or changed.
func (s *Timestamps) by(user int64, now time.Time) {
	s.UpdateUserID, s.UpdateDate, s.UpdateDateForUser = user, showTime(now), showTime(now)
	if s.CreateDate == "" {
		s.CreateUserID, s.CreateDate = user, s.UpdateDate
	}
}

// showTime formats a time as the vendor does: Japan time, without a zone.
func showTime(t time.Time) string { return t.In(japan).Format(time.DateTime) }

// readDate parses a date in one of the vendor's spellings and returns it as answers show it.
func readDate(text string) (string, bool) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "/", "-"))
	for _, layout := range []string{time.DateTime, time.DateOnly, "2006-01-02 15:04"} {
		if t, err := time.Parse(layout, text); err == nil && t.Year() > 0 {
			return t.Format(time.DateTime), true
		}
	}
	return "", false
}
