package flexcrm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
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
	match  func(*Cell) bool // never called with empty cells
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

// conditions parses the filters of a query; a record must match all of them. Assumed: a field that
// the table does not have is ignored (a 400 with the feature "strict-filters"), an empty value is
// no condition, and of a key sent twice the last value counts, as in PHP (all of them with the
// feature "every-filter").
func (a *api) conditions(r *fake.Request, t Table) (out []condition, err error) {
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
			out = append(out, condition{c, op == "!=", match})
		}
	}
	return out, nil
}

// compile returns the predicate of one condition. For != it returns that of the plain search, which
// the caller negates: "does not contain".
func (s search) compile(c *column, op, value string) (func(*Cell) bool, error) {
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
		return func(cell *Cell) bool { return cell.Text == value }, nil
	}
	return func(cell *Cell) bool { return strings.Contains(cell.Text, value) }, nil
}

// compileNumber compares numbers. Assumed: a plain search means equality.
func compileNumber(c *column, op, value string) (func(*Cell) bool, error) {
	value = strings.TrimSpace(value)
	if !decimal.MatchString(value) || len(value) > 40 {
		return nil, refuse("%s is compared with a number, not %q", c.key, value)
	}
	want := numberCell("", plainDecimal(value))
	holds := comparison(op)
	return func(cell *Cell) bool { return holds(compareNumbers(cell, &want)) }, nil
}

func compileDate(c *column, op, value string) (func(*Cell) bool, error) {
	want, ok := readDate(value)
	if !ok {
		return nil, refuse("%s is compared with a date, not %q", c.key, value)
	}
	holds := comparison(op)
	return func(cell *Cell) bool { return holds(strings.Compare(cell.Text, want)) }, nil
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

// compareNumbers compares two numbers, exactly where float64 is too coarse.
func compareNumbers(a, b *Cell) int {
	switch {
	case a.Num < b.Num:
		return -1
	case a.Num > b.Num:
		return 1
	case a.Text == b.Text:
		return 0
	}
	return exact(a.Text).Cmp(exact(b.Text))
}

// compileOption compares options. A plain search matches an option by its id, alone or among
// several, or by a part of its label; = requires the same set of ids in any order.
func compileOption(c *column, op, value string) func(*Cell) bool {
	wanted := splitIDs(value)
	if op == "=" {
		slices.Sort(wanted)
		return func(cell *Cell) bool {
			have := strings.Split(cell.Text, ",")
			slices.Sort(have)
			return slices.Equal(have, wanted)
		}
	}
	labelled := map[string]bool{}
	for _, o := range c.field.Options {
		labelled[o.ID] = strings.Contains(o.Label, value)
	}
	return func(cell *Cell) bool {
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
func remember(match func(*Cell) bool) func(*Cell) bool {
	said := map[string]bool{}
	return func(cell *Cell) bool {
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
func compileZip(op, value string) func(*Cell) bool {
	value = strings.ReplaceAll(value, "-", "")
	return func(cell *Cell) bool {
		written := "0000000"[:max(0, 7-len(cell.Text))] + cell.Text
		if op == "=" {
			return written == value || cell.Text == value
		}
		return strings.Contains(written, value)
	}
}

// compileState accepts the prefecture's number or a part of its name.
func compileState(op, value string) func(*Cell) bool {
	if digits(value) {
		value = plainDecimal(value)
		return func(cell *Cell) bool { return cell.Text == value }
	}
	return func(cell *Cell) bool {
		name := prefecture(int(wholeNumber(cell.Num)))
		return name == value || op != "=" && strings.Contains(name, value)
	}
}

// filter returns the records that match all conditions, by number.
func (a *api) filter(t *Table, conditions []condition) []*fake.Row[Record] {
	slices.SortStableFunc(conditions, func(a, b condition) int { return b.column.cheap() - a.column.cheap() })
	var found []*fake.Row[Record]
	for row := range a.records(*t).Rows() {
		if a.matches(t, row.Value, conditions) {
			found = append(found, row)
		}
	}
	byID := func(a, b *fake.Row[Record]) int { return compareNumbers(&a.Value[atID], &b.Value[atID]) }
	if !slices.IsSortedFunc(found, byID) {
		slices.SortFunc(found, byID)
	}
	return found
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

// shown returns a cell as answers show it. The caller must not change it.
func (a *api) shown(t *Table, rec Record, c *column) *Cell {
	if c.derived() {
		cell := a.derive(*t, rec, c, 0)
		return &cell
	}
	return rec.at(c)
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

// item is a row with the cells that it is sorted by.
type item struct {
	row  *fake.Row[Record]
	keys []*Cell
}

// sort sorts rows, ties by number. Only the first rows, as many as wanted, need to be in order.
func (a *api) sort(t *Table, rows []*fake.Row[Record], order []sorting, first int) {
	if len(order) == 0 {
		return
	}
	items, keys := make([]item, len(rows)), make([]*Cell, len(rows)*len(order))
	for i, row := range rows {
		items[i] = item{row, keys[i*len(order) : (i+1)*len(order)]}
		for j, by := range order {
			items[i].keys[j] = a.shown(t, row.Value, by.column)
		}
	}
	arrange(items, first, func(a, b item) int {
		for j, by := range order {
			if d := compareCells(a.keys[j], b.keys[j]); d != 0 {
				if by.down {
					return -d
				}
				return d
			}
		}
		return compareNumbers(&a.row.Value[atID], &b.row.Value[atID])
	})
	for i := range items {
		rows[i] = items[i].row
	}
}

// arrange sorts items or, if only a few of many are wanted, moves the first few into their places:
// each later item that belongs among them replaces their last one.
func arrange(items []item, first int, compare func(a, b item) int) {
	if first == 0 || first > largestLimit || first > len(items)/4 {
		slices.SortFunc(items, compare)
		return
	}
	head := items[:first]
	slices.SortFunc(head, compare)
	for i := first; i < len(items); i++ {
		if compare(items[i], head[first-1]) > 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(head, items[i], compare)
		pushed, new := head[first-1], items[i]
		copy(head[at+1:], head[at:first-1])
		head[at], items[i] = new, pushed
	}
}

// compareCells sorts empty values first, numbers by value, texts by code point. Dates are spelled
// so that they sort as texts.
func compareCells(a, b *Cell) int {
	switch {
	case a.empty() && b.empty():
		return 0
	case a.empty():
		return -1
	case b.empty():
		return 1
	case a.kind == aNumber && b.kind == aNumber:
		return compareNumbers(a, b)
	}
	return strings.Compare(a.Text, b.Text)
}
