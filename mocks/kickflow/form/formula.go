package form

import (
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

var formulaWord = regexp.MustCompile(
	`"(?:[^"\\]|\\.)*"|\d+(?:\.\d+)?|\{[^}]*\}|\$\w+|[\p{L}_][\p{L}\p{N}_]*|==|!=|<>|<=|>=|[-+*/(),<>=]`)

// formula evaluates a calculation field. The vendor does not publish its language: see the package
// comment. Values are numbers (*big.Rat), strings, booleans, the properties of a person by name,
// and nil. values returns the values of a code, several for a column of a slip.
type formula struct {
	words  []string
	values func(code string) []any
	broken bool
}

// calculate returns the result, a number with so many decimals, or nil if the formula has none:
// division by zero, an unknown function, trailing text.
func calculate(field *Field, values func(code string) []any) any {
	f := formula{words: formulaWord.FindAllString(dialect.Deref(field.Formula), -1), values: values}
	result := f.comparison()
	if f.broken || len(f.words) > 0 {
		return nil
	}
	if n, ok := result.(*big.Rat); ok && field.DecimalDigit != nil {
		return n.FloatString(*field.DecimalDigit)
	}
	if text := textOf(result); text != "" {
		return text
	}
	return nil
}

func (f *formula) eat(words ...string) string {
	if len(f.words) > 0 && slices.Contains(words, f.words[0]) {
		word := f.words[0]
		f.words = f.words[1:]
		return word
	}
	return ""
}

// comparison compares numerically if both sides are numeric, otherwise as text.
func (f *formula) comparison() any {
	left := f.sum()
	sign := f.eat("==", "=", "!=", "<>", "<=", ">=", "<", ">")
	if sign == "" {
		return left
	}
	right := f.sum()
	order := strings.Compare(textOf(left), textOf(right))
	a, okA := numberOf(left)
	if b, okB := numberOf(right); okA && okB {
		order = a.Cmp(b)
	}
	return map[string]bool{"==": order == 0, "=": order == 0, "!=": order != 0, "<>": order != 0, "<=": order <= 0,
		">=": order >= 0, "<": order < 0, ">": order > 0}[sign]
}

func (f *formula) sum() any {
	v := f.product()
	for {
		switch f.eat("+", "-") {
		case "+":
			v = new(big.Rat).Add(number(v), number(f.product()))
		case "-":
			v = new(big.Rat).Sub(number(v), number(f.product()))
		default:
			return v
		}
	}
}

func (f *formula) product() any {
	v := f.factor()
	for {
		switch f.eat("*", "/") {
		case "*":
			v = new(big.Rat).Mul(number(v), number(f.factor()))
		case "/":
			by := number(f.factor())
			if by.Sign() == 0 {
				f.broken = true
				continue
			}
			v = new(big.Rat).Quo(number(v), by)
		default:
			return v
		}
	}
}

func (f *formula) factor() any {
	if f.eat("-") != "" {
		return new(big.Rat).Neg(number(f.factor()))
	}
	if f.eat("(") != "" {
		v := f.comparison()
		f.eat(")")
		return v
	}
	if len(f.words) == 0 {
		f.broken = true
		return nil
	}
	word := f.words[0]
	f.words = f.words[1:]
	f.broken = f.broken || strings.Contains("+*/(),<>==!=", word)
	if text, err := strconv.Unquote(word); err == nil {
		return text
	}
	if n, ok := new(big.Rat).SetString(word); ok {
		return n
	}
	if f.eat("(") != "" {
		return f.call(strings.ToUpper(word))
	}
	return single(f.values(strings.Trim(word, "${}")))
}

// argument is an argument of a function; a bare code has several values.
type argument struct {
	values []any
	broken bool
}

func (f *formula) argument() (a argument) {
	before := f.broken
	f.broken = false
	if len(f.words) > 1 && (f.words[1] == ")" || f.words[1] == ",") && !numberPattern.MatchString(f.words[0]) &&
		f.words[0][0] != '"' {
		a.values = f.values(strings.Trim(f.words[0], "${}"))
		f.words = f.words[1:]
	} else {
		a.values = []any{f.comparison()}
	}
	a.broken, f.broken = f.broken, before
	return a
}

// call applies a function to its arguments. An error in the branch that IF does not select is
// ignored.
func (f *formula) call(name string) any {
	args := []argument{f.argument()}
	for f.eat(",") != "" {
		args = append(args, f.argument())
	}
	f.eat(")")
	at := func(i int) any {
		if i >= len(args) {
			return nil
		}
		f.broken = f.broken || args[i].broken
		return single(args[i].values)
	}
	switch name {
	case "IF":
		if v := at(0); v != nil && v != "" && v != false {
			return at(1)
		}
		return at(2)
	case "LEFT":
		text := []rune(textOf(at(0)))
		return string(text[:min(max(whole(at(1)), 0), len(text))])
	case "JSON_LOOKUP":
		facts, _ := at(0).(map[string]any)
		return facts[strings.TrimPrefix(textOf(at(1)), "$.")]
	}
	return f.numeric(name, args)
}

func (f *formula) numeric(name string, args []argument) any {
	var values []any
	for _, a := range args {
		f.broken = f.broken || a.broken
		values = append(values, a.values...)
	}
	order := func(a, b any) int { return number(a).Cmp(number(b)) }
	switch {
	case name == "SUM":
		return sum(values)
	case len(values) > 0 && name == "MIN":
		return number(slices.MinFunc(values, order))
	case len(values) > 0 && name == "MAX":
		return number(slices.MaxFunc(values, order))
	case len(values) > 0 && strings.HasPrefix(name, "ROUND"):
		digits := 0
		if len(values) > 1 {
			digits = whole(values[1])
		}
		return round(number(values[0]), name, min(max(digits, 0), 20))
	}
	f.broken = f.broken || name != "MIN" && name != "MAX"
	return new(big.Rat)
}

// single returns the only value of a field, the sum of several, or nil.
func single(values []any) any {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return values[0]
	}
	return sum(values)
}

func numberOf(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case *big.Rat:
		return v, true
	case string:
		return new(big.Rat).SetString(v)
	}
	return nil, false
}

// number converts a value to a number, 0 if it is not numeric.
func number(v any) *big.Rat {
	if n, ok := numberOf(v); ok {
		return n
	}
	return new(big.Rat)
}

func whole(v any) int {
	n := number(v)
	return int(new(big.Int).Quo(n.Num(), n.Denom()).Int64())
}

func textOf(v any) string {
	switch v := v.(type) {
	case *big.Rat:
		return strings.TrimSuffix(strings.TrimRight(v.FloatString(10), "0"), ".")
	case string:
		return v
	}
	return ""
}

func sum(values []any) *big.Rat {
	total := new(big.Rat)
	for _, v := range values {
		total.Add(total, number(v))
	}
	return total
}

// round rounds half away from zero, ROUNDUP away from zero, ROUNDDOWN towards it.
func round(v *big.Rat, name string, digits int) *big.Rat {
	scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)
	scaled := new(big.Rat).Mul(v, new(big.Rat).SetInt(scale))
	whole, rest := new(big.Int).QuoRem(scaled.Num(), scaled.Denom(), new(big.Int))
	twice := new(big.Int).Abs(new(big.Int).Lsh(rest, 1))
	if name == "ROUNDUP" && rest.Sign() != 0 || name == "ROUND" && twice.Cmp(scaled.Denom()) >= 0 {
		whole.Add(whole, big.NewInt(int64(scaled.Sign())))
	}
	return new(big.Rat).SetFrac(whole, scale)
}
