package flexcrm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// search says how filters compare a column.
type search uint8

const (
	byText search = iota
	byNumber
	byDate
	byUser
	byOption
	byZip
	byState
)

// condition is one filter of a list's query.
type condition struct {
	column *column
	not    bool
	match  func(Cell) bool // never called with empty cells
	text   string          // the condition as the query has it
	op     string
	value  string
}

// operators, longest first, because the two-letter ones end in one-letter ones.
var operators = []string{"!=", ">=", "<=", "=", ">", "<"}

// splitKey splits a decoded query key into field and operator; the operator is "" for a plain
// search.
func splitKey(key string) (field, op string) {
	for _, op := range operators {
		if field, ok := strings.CutSuffix(key, op); ok {
			return field, op
		}
	}
	return key, ""
}

// noteRawOperators notes the conditions whose operator the client has not percent-encoded: the first = ends the key,
// so that amount>=5 means amount>5, and name==x looks for "=x".
func noteRawOperators(r *fake.Request) {
	for part := range strings.SplitSeq(r.HTTP.URL.RawQuery, "&") {
		key, value, _ := strings.Cut(part, "=")
		if strings.ContainsAny(key, "<>!") || strings.HasPrefix(value, "=") {
			r.Note(fmt.Sprintf("the operator of %q is not percent-encoded: it is read as the key %q with the value %q",
				part, key, value))
		}
	}
}

// conditions parses the filters of a query; a record must match all of them. Assumed: a field that
// the table does not have is ignored (a 400 with the feature "strict-filters"), an empty value is
// no condition, and of a key sent twice the last value counts, as in PHP (all of them with the
// feature "every-filter").
func (a *api) conditions(r *fake.Request, t Table) (out []condition, err error) {
	noteRawOperators(r)
	for key, values := range r.QueryValues() {
		if key == "limit" || key == "offset" || key == "order-by" {
			continue
		}
		field, op := splitKey(key)
		c := t.layout.column(field)
		if c == nil || c.part == "list" {
			if r.State.World().Enabled("strict-filters") {
				return nil, refuse("table %s has no field %q to filter by", t.ID, field)
			}
			r.Note(fmt.Sprintf("table %s has no field %q, so the condition %q filters nothing", t.ID, field, key))
			continue
		}
		if !r.State.World().Enabled("every-filter") {
			values = values[len(values)-1:]
		}
		for _, value := range values {
			if value == "" {
				r.Note(fmt.Sprintf("the condition %q has no value, so it filters nothing", key))
				continue
			}
			match, err := c.search.compile(c, op, value)
			if err != nil {
				return nil, err
			}
			out = append(out, condition{c, op == "!=", match, key + "=" + value, op, value})
		}
	}
	return out, nil
}

// compile returns the predicate of one condition. For != it returns that of the plain search, which
// the caller negates: "does not contain".
func (s search) compile(c *column, op, value string) (func(Cell) bool, error) {
	if strings.ContainsAny(op, "<>") && s != byNumber && s != byDate {
		return nil, refuse("%s compares numbers and dates, and %s is neither", op, c.key)
	}
	switch s {
	case byNumber, byUser:
		return compileNumber(c, op, value)
	case byDate:
		return compileDate(c, op, value)
	case byOption:
		return remember(compileOption(c, op, value)), nil
	case byZip:
		return compileZip(op, value), nil
	case byState:
		return compileState(op, value), nil
	}
	if op == "=" {
		return func(cell Cell) bool { return cell.Text == value }, nil
	}
	return func(cell Cell) bool { return strings.Contains(cell.Text, value) }, nil
}

// compileNumber compares numbers. Assumed: a plain search means equality.
func compileNumber(c *column, op, value string) (func(Cell) bool, error) {
	value = strings.TrimSpace(value)
	if !isDecimal(value) || len(value) > 40 {
		return nil, refuse("%s is compared with a number, not %q", c.key, value)
	}
	want := numberCell("", plainDecimal(value))
	holds, n := comparison(op), want.num()
	return func(cell Cell) bool { return holds(compareNumbers(&cell, n, want.Text)) }, nil
}

func compileDate(c *column, op, value string) (func(Cell) bool, error) {
	want, ok := readDate(value)
	if !ok {
		return nil, refuse("%s is compared with a date, not %q", c.key, value)
	}
	holds := comparison(op)
	return func(cell Cell) bool { return holds(strings.Compare(cell.Text, want)) }, nil
}

func comparison(op string) func(int) bool {
	switch op {
	case ">":
		return func(d int) bool { return d > 0 }
	case ">=":
		return func(d int) bool { return d >= 0 }
	case "<":
		return func(d int) bool { return d < 0 }
	case "<=":
		return func(d int) bool { return d <= 0 }
	}
	return func(d int) bool { return d == 0 }
}

// compareNumbers compares a number with another, exactly where float64 is too coarse.
func compareNumbers(a *Cell, n float64, digits string) int {
	switch num := a.num(); {
	case num < n:
		return -1
	case num > n:
		return 1
	case a.Text == digits:
		return 0
	}
	return exact(a.Text).Cmp(exact(digits))
}

// compileOption compares options. A plain search matches an option by its id, alone or among
// several, or by a part of its label; = requires the same set of ids in any order.
func compileOption(c *column, op, value string) func(Cell) bool {
	wanted := splitIDs(value)
	if op == "=" {
		slices.Sort(wanted)
		return func(cell Cell) bool {
			have := strings.Split(cell.Text, ",")
			slices.Sort(have)
			return slices.Equal(have, wanted)
		}
	}
	labelled := map[string]bool{}
	for _, o := range c.field.Options {
		labelled[o.ID] = strings.Contains(o.Label, value)
	}
	return func(cell Cell) bool {
		for id := range strings.SplitSeq(cell.Text, ",") {
			if labelled[id] {
				return true
			}
		}
		return !slices.ContainsFunc(wanted, func(id string) bool { return !holds(cell.Text, id) })
	}
}

// remember caches the results of a predicate by text, because texts repeat. The cache lives for one
// request.
func remember(match func(Cell) bool) func(Cell) bool {
	said := map[string]bool{}
	return func(cell Cell) bool {
		hit, known := said[cell.Text]
		if !known {
			hit = match(cell)
			said[cell.Text] = hit
		}
		return hit
	}
}

// holds reports whether a comma-joined list contains an id.
func holds(list, id string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one == id {
			return true
		}
	}
	return false
}

// compileZip searches the seven digits as they were written.
func compileZip(op, value string) func(Cell) bool {
	value = strings.ReplaceAll(value, "-", "")
	return func(cell Cell) bool {
		written := "0000000"[:max(0, 7-len(cell.Text))] + cell.Text
		if op == "=" {
			return written == value || cell.Text == value
		}
		return strings.Contains(written, value)
	}
}

// compileState accepts the prefecture's number or a part of its name.
func compileState(op, value string) func(Cell) bool {
	if digits(value) {
		value = plainDecimal(value)
		return func(cell Cell) bool { return cell.Text == value }
	}
	return func(cell Cell) bool {
		name := prefecture(int(wholeNumber(cell.num())))
		return name == value || op != "=" && strings.Contains(name, value)
	}
}

// query selects the records that match all conditions, in an order and then by number. What depends on other records or
// on the time, which derived columns do, has no name.
func (a *api) query(t *Table, conditions []condition, order []sorting) fake.Query[Record] {
	slices.SortStableFunc(conditions, func(a, b condition) int { return b.column.cheap() - a.column.cheap() })
	q := fake.Query[Record]{Order: a.orderKey(t, order)}
	pure, names, rest := true, []string{}, []condition{}
	for _, c := range conditions {
		pure = pure && !c.column.derived()
		names = append(names, c.text)
		if key, ok := c.bounds(t); ok && q.Range == nil {
			q.Range = key
			continue
		}
		rest = append(rest, c)
	}
	if len(rest) > 0 {
		q.Match = func(rec *Record) bool { return a.matches(t, *rec, rest) }
	}
	if pure && !q.Order.Fleeting {
		slices.Sort(names)
		q.Name = fmt.Sprintf("%p %q", t.layout, names)
	}
	return q
}

// bounds returns a condition as bounds of the column's values, if it can be.
func (c *condition) bounds(t *Table) (*fake.Range[Record], bool) {
	var want Cell
	switch {
	case c.not || c.column.derived():
		return nil, false
	case c.column.search == byNumber || c.column.search == byUser:
		want = numberCell("", plainDecimal(strings.TrimSpace(c.value)))
	case c.column.search == byDate:
		want.Text, _ = readDate(c.value)
	case c.column.search == byText && c.op == "=":
		want.Text = c.value
	default:
		return nil, false
	}
	column := c.column
	in := fake.Range[Record]{In: func(rec *Record) bool { return rec.filled(column) },
		Key: fake.Key[Record]{Name: fmt.Sprintf("%p %s", t.layout, column.key),
			Of: func(rec *Record, key []byte) []byte { return rec.appendKey(key, column, false) }}}
	value := string(want.appendKey(nil, false))
	switch c.op {
	case ">":
		in.Low = table.After(value)
	case ">=":
		in.Low = value
	case "<":
		in.High = value
	case "<=":
		in.High = table.After(value)
	default:
		in.Low, in.High, in.One = value, table.After(value), true
	}
	return &in, true
}

// orderKey is the key by which records are ordered.
func (a *api) orderKey(t *Table, order []sorting) fake.Key[Record] {
	name, fleeting := fmt.Sprintf("%p", t.layout), false
	for _, by := range order {
		fleeting = fleeting || by.column.derived()
		name += fmt.Sprintf(" %s %t", by.column.key, by.down)
	}
	return fake.Key[Record]{Name: name, Fleeting: fleeting, Of: func(rec *Record, key []byte) []byte {
		for _, by := range order {
			cell := a.shown(t, *rec, by.column)
			if cell.empty() {
				key = appendByte(key, 0, by.down)
				continue
			}
			key = cell.appendKey(appendByte(key, 1, by.down), by.down)
		}
		return rec.appendKey(key, &systemID, false)
	}}
}

// appendKey appends a cell to the key of an index: numbers by value, texts by code point. Dates are spelled so they
// sort as texts.
func (c *Cell) appendKey(key []byte, down bool) []byte {
	if c.kind != aNumber {
		return table.AppendText(key, c.Text, down)
	}
	return appendDecimal(key, c.Text, down)
}

// appendDecimal appends a number exactly: its sign, the place of its first digit, and its digits.
func appendDecimal(key []byte, text string, down bool) []byte {
	if !isDecimal(text) { // a seed may write an exponent
		n, _ := strconv.ParseFloat(text, 64)
		text = strconv.FormatFloat(n, 'f', -1, 64)
	}
	positive, minus := strings.CutPrefix(text, "-")
	whole, fraction, _ := strings.Cut(positive, ".")
	whole = strings.TrimLeft(whole, "0")
	digits := whole + fraction
	point := 1<<15 + len(whole)
	if whole == "" {
		digits = strings.TrimLeft(fraction, "0")
		point -= len(fraction) - len(digits)
	}
	if digits = strings.TrimRight(digits, "0"); digits == "" {
		return appendByte(key, 1, down)
	}
	sign := byte(2)
	if minus {
		sign = 0
	}
	key = appendByte(key, sign, down)
	down = down != minus
	key = appendByte(appendByte(key, byte(point>>8), down), byte(point), down)
	return table.AppendText(key, digits, down)
}

// cheap is higher for columns that are faster to compare.
func (c *column) cheap() int {
	switch {
	case c.derived():
		return 0
	case c.search == byText:
		return 1
	}
	return 2
}

// matches reports whether a record matches all conditions. An empty value matches "does not
// contain" and nothing else.
func (a *api) matches(t *Table, rec Record, conditions []condition) bool {
	for i := range conditions {
		c := &conditions[i]
		cell := a.shown(t, rec, c.column)
		if cell.empty() {
			if !c.not {
				return false
			}
			continue
		}
		if c.match(cell) == c.not {
			return false
		}
	}
	return true
}

// shown returns a cell as answers show it.
func (a *api) shown(t *Table, rec Record, c *column) Cell { return a.at(*t, rec, c, 0) }

// blank reports whether answers show no value.
func (a *api) blank(t *Table, rec Record, c *column) bool {
	cell := a.shown(t, rec, c)
	return cell.empty()
}

// filled reports whether a record has a value in a column.
func (rec Record) filled(c *column) bool {
	cell := rec.cell(c)
	return !cell.empty()
}

// appendKey appends a value to the key of an index.
func (rec Record) appendKey(key []byte, c *column, down bool) []byte {
	cell := rec.cell(c)
	return cell.appendKey(key, down)
}

// sorting is one key of order-by.
type sorting struct {
	column *column
	down   bool
}

// order parses order-by=<field> <asc|desc>[,...]. Assumed: asc if the direction is missing, and a
// 400 for an unknown field or direction.
func (a *api) order(r *fake.Request, t Table) (out []sorting, err error) {
	text := strings.TrimSpace(last(r.QueryValues(), "order-by"))
	if text == "" {
		return nil, nil
	}
	for item := range strings.SplitSeq(text, ",") {
		words := strings.Fields(item)
		if len(words) == 0 || len(words) > 2 {
			return nil, refuse("order-by: %q is not a field and a direction", item)
		}
		c := t.layout.column(words[0])
		if c == nil || c.part == "list" {
			return nil, refuse("order-by: table %s has no field %q", t.ID, words[0])
		}
		direction := "asc"
		if len(words) == 2 {
			direction = strings.ToLower(words[1])
		}
		if direction != "asc" && direction != "desc" {
			return nil, refuse("order-by: the direction is asc or desc, not %q", words[1])
		}
		out = append(out, sorting{c, direction == "desc"})
	}
	return out, nil
}

// appendByte appends a small number to a key.
func appendByte(key []byte, b byte, down bool) []byte {
	if down {
		b = ^b
	}
	return append(key, b)
}
