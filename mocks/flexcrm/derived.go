package flexcrm

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// deepest is the maximum length of a chain of references; a longer one shows blank.
const deepest = 5

// derive computes a 参照 or 計算結果 of a record.
func (a *api) derive(t Table, rec Record, c *column, depth int) Cell {
	blank := Cell{Key: c.key, kind: c.kind}
	if depth >= deepest {
		return blank
	}
	if c.field.Type == Computed {
		cell, err := evaluate(c.field.Formula, func(key string) (Cell, bool) {
			from := t.layout.column(key)
			if from == nil || from.derived() && depth+1 >= deepest {
				return Cell{}, from != nil
			}
			return a.at(t, rec, from, depth+1), true
		})
		if err != nil {
			return blank // a formula of a seed that define would reject
		}
		cell.Key = c.key
		cell.kind = aText
		return cell
	}
	via := t.layout.column(c.field.Via)
	if via == nil {
		return blank
	}
	other, err := a.tableByID(via.field.Table)
	if err != nil {
		return blank
	}
	row := a.byPrimaryKey(other, rec.cell(via).Text)
	from := other.layout.column(c.field.Target)
	if row == nil || from == nil {
		return blank
	}
	cell := a.at(other, row.Value, from, depth+1)
	cell.Key = c.key
	return cell
}

func (a *api) at(t Table, rec Record, c *column, depth int) Cell {
	if c.derived() {
		return a.derive(t, rec, c, depth)
	}
	return rec.cell(c)
}

// term is a value in a formula.
type term struct {
	what termKind
	num  float64
	text string
	date time.Time
}

type termKind uint8

const (
	blankTerm termKind = iota
	numberTerm
	dateTerm
	textTerm
)

// formula evaluates the small language of 計算結果 fields: numbers, "texts", {field}, + - * / with
// parentheses, and & which joins texts. A date plus a number is that many days later; a date minus
// a date is the number of days between them. If an operand is empty, so is the result.
type formula struct {
	rest  string
	depth int
	field func(key string) (Cell, bool)
}

var errFormula = errors.New("cannot be read")

// evaluate evaluates a formula; field returns the values of the fields it names.
func evaluate(text string, field func(key string) (Cell, bool)) (Cell, error) {
	f := &formula{rest: text, field: field}
	value, err := f.sum()
	if err == nil && f.next() != 0 {
		err = fmt.Errorf("%w from %q on", errFormula, f.rest)
	}
	return value.cell(), err
}

func (t term) cell() Cell { return Cell{Text: t.String()} }

func (t term) String() string {
	switch t.what {
	case numberTerm:
		return strconv.FormatFloat(math.Round(t.num*1e6)/1e6, 'f', -1, 64)
	case dateTerm:
		return t.date.Format("2006/01/02 15:04:05")
	}
	return t.text
}

// next returns the next byte that is not a space, or 0 at the end.
func (f *formula) next() byte {
	f.rest = strings.TrimLeft(f.rest, " ")
	if f.rest == "" {
		return 0
	}
	return f.rest[0]
}

func (f *formula) sum() (term, error)     { return f.chain("+-&", f.product) }
func (f *formula) product() (term, error) { return f.chain("*/", f.operand) }

func (f *formula) chain(ops string, part func() (term, error)) (term, error) {
	left, err := part()
	for err == nil {
		op := f.next()
		if op == 0 || strings.IndexByte(ops, op) < 0 {
			break
		}
		f.rest = f.rest[1:]
		var right term
		right, err = part()
		left = apply(op, left, right)
	}
	return left, err
}

func (f *formula) operand() (term, error) {
	if f.depth++; f.depth > 100 {
		return term{}, fmt.Errorf("%w: it is too long", errFormula)
	}
	switch c := f.next(); {
	case c == '(':
		f.rest = f.rest[1:]
		inner, err := f.sum()
		if err == nil && f.next() != ')' {
			return inner, fmt.Errorf("%w: a ) is missing", errFormula)
		}
		f.rest = strings.TrimPrefix(f.rest, ")")
		return inner, err
	case c == '{':
		return f.fieldValue()
	case c == '"':
		text, rest, ok := strings.Cut(f.rest[1:], `"`)
		if !ok {
			return term{}, fmt.Errorf("%w: a \" is missing", errFormula)
		}
		f.rest = rest
		return term{what: textTerm, text: text}, nil
	case c >= '0' && c <= '9':
		return f.literal()
	}
	return term{}, fmt.Errorf("%w from %q on", errFormula, f.rest)
}

func (f *formula) fieldValue() (term, error) {
	key, rest, ok := strings.Cut(f.rest[1:], "}")
	cell, known := f.field(key)
	if !ok || !known {
		return term{}, fmt.Errorf("%w: there is no field %q", errFormula, key)
	}
	f.rest = rest
	if cell.empty() {
		return term{}, nil
	}
	if cell.kind == aNumber {
		return term{what: numberTerm, num: cell.num()}, nil
	}
	if date, ok := readDate(cell.Text); ok {
		t, _ := time.Parse(time.DateTime, date)
		return term{what: dateTerm, date: t}, nil
	}
	if n, err := strconv.ParseFloat(cell.Text, 64); err == nil && isDecimal(cell.Text) {
		return term{what: numberTerm, num: n, text: cell.Text}, nil
	}
	return term{what: textTerm, text: cell.Text}, nil
}

func (f *formula) literal() (term, error) {
	end := 0
	for end < len(f.rest) && (f.rest[end] >= '0' && f.rest[end] <= '9' || f.rest[end] == '.') {
		end++
	}
	n, err := strconv.ParseFloat(f.rest[:end], 64)
	f.rest = f.rest[end:]
	return term{what: numberTerm, num: n}, err
}

// farthestDay is how many days a formula may move a date: more than two centuries, within the range
// of time.Duration.
const farthestDay = 100_000

func apply(op byte, a, b term) term {
	switch {
	case op == '&':
		return term{what: textTerm, text: a.String() + b.String()}
	case a.what == blankTerm || b.what == blankTerm:
		return term{}
	case a.what == dateTerm && b.what == dateTerm && op == '-':
		return term{what: numberTerm, num: a.date.Sub(b.date).Hours() / 24}
	case a.what == dateTerm && b.what == numberTerm && (op == '+' || op == '-'):
		days := b.num
		if math.Abs(days) > farthestDay {
			return term{} // shows blank, like a division by zero (assumed)
		}
		if op == '-' {
			days = -days
		}
		return term{what: dateTerm, date: a.date.Add(time.Duration(days * 24 * float64(time.Hour)))}
	case a.what == numberTerm && b.what == numberTerm:
		return calculate(op, a.num, b.num)
	}
	return term{}
}

func calculate(op byte, a, b float64) term {
	switch op {
	case '+':
		a += b
	case '-':
		a -= b
	case '*':
		a *= b
	case '/':
		a /= b
	}
	if math.IsInf(a, 0) || math.IsNaN(a) {
		return term{} // a division by zero shows blank
	}
	return term{what: numberTerm, num: a}
}
