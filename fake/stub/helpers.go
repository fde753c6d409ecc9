package stub

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/mailgun/raymond/v2/ast"

	"github.com/afba07b5/mockserver/fake/match"
)

// call is a call of a helper.
type call struct {
	*evaluation
	args  []any
	hash  map[string]any
	block *ast.BlockStatement // nil unless the helper opens one
}

func (c *call) arg(i int) any {
	if i < len(c.args) {
		return c.args[i]
	}
	return nil
}

func (c *call) text(i int) string { return valueText(c.arg(i)) }

func (c *call) option(name, otherwise string) string {
	if v, ok := c.hash[name]; ok {
		return valueText(v)
	}
	return otherwise
}

// number returns an argument or option as a number.
func number(v any, otherwise float64) float64 {
	if n, ok := v.(float64); ok {
		return n
	}
	if n, err := strconv.ParseFloat(strings.TrimSpace(valueText(v)), 64); err == nil {
		return n
	}
	return otherwise
}

// run calls a helper. A condition that opens a block chooses between its programs; any other helper but those that
// render their block themselves gets it as its first argument.
func (c *call) run(name string) (any, error) {
	if condition := conditions[name]; condition != nil {
		ok, err := condition(c)
		if c.block == nil || err != nil {
			return ok, err
		}
		if ok {
			return c.program(c.block.Program)
		}
		return c.program(c.block.Inverse)
	}
	if c.block != nil && name != "each" && name != "with" && name != "assign" {
		text, err := c.program(c.block.Program)
		if err != nil {
			return nil, err
		}
		c.args = append([]any{text}, c.args...)
	}
	return helpers[name](c)
}

// valueText is the text of a value.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case object:
		return v.text
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return match.Plain(v)
}

func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case float64:
		return v != 0
	case object:
		return v.text != ""
	case []any:
		return len(v) > 0
	}
	return true
}

func compare(holds func(a, b float64) bool) func(*call) (bool, error) {
	return func(c *call) (bool, error) {
		return holds(number(c.arg(0), math.NaN()), number(c.arg(1), math.NaN())), nil
	}
}

func same(c *call) (bool, error) { return valueText(c.arg(0)) == valueText(c.arg(1)), nil }

var conditions map[string]func(*call) (bool, error)

func init() { // helpers and conditions refer to the evaluation, which looks them up
	conditions = map[string]func(*call) (bool, error){
		"if":     func(c *call) (bool, error) { return truth(c.arg(0)), nil },
		"unless": func(c *call) (bool, error) { return !truth(c.arg(0)), nil },
		"eq":     same,
		"neq":    func(c *call) (bool, error) { return valueText(c.arg(0)) != valueText(c.arg(1)), nil },
		"gt":     compare(func(a, b float64) bool { return a > b }),
		"gte":    compare(func(a, b float64) bool { return a >= b }),
		"lt":     compare(func(a, b float64) bool { return a < b }),
		"lte":    compare(func(a, b float64) bool { return a <= b }),
		"not":    func(c *call) (bool, error) { return !truth(c.arg(0)), nil },
		"and":    func(c *call) (bool, error) { return all(c.args), nil },
		"or":     func(c *call) (bool, error) { return slices.ContainsFunc(c.args, truth), nil },
		"isOdd":  func(c *call) (bool, error) { return math.Mod(number(c.arg(0), 0), 2) != 0, nil },
		"isEven": func(c *call) (bool, error) { return math.Mod(number(c.arg(0), 1), 2) == 0, nil },
		"contains": func(c *call) (bool, error) {
			if list, ok := c.arg(0).([]any); ok {
				return slices.ContainsFunc(list, func(v any) bool { return valueText(v) == c.text(1) }), nil
			}
			return strings.Contains(c.text(0), c.text(1)), nil
		},
		"matches": func(c *call) (bool, error) {
			e, err := expression("^(?:" + c.text(1) + ")$")
			return err == nil && e.MatchString(c.text(0)), err
		},
	}
	helpers = map[string]func(*call) (any, error){
		"each": each, "with": with, "assign": assign, "val": val,
		"lookup": func(c *call) (any, error) {
			v, _ := step(c.arg(0), c.text(1))
			return v, nil
		},
	}
	for _, more := range []map[string]func(*call) (any, error){textHelpers, dataHelpers, timeHelpers} {
		for name, do := range more {
			helpers[name] = do
		}
	}
}

var helpers map[string]func(*call) (any, error)

func all(values []any) bool {
	return !slices.ContainsFunc(values, func(v any) bool { return !truth(v) })
}

// expression compiles an expression of a template, of which not much may be left to chance.
func expression(text string) (*regexp.Regexp, error) {
	if len(text) > 1000 {
		return nil, errors.New("an expression of a template has at most 1,000 letters")
	}
	return regexp.Compile(text)
}

var errArithmetic = errors.New("math: expected two numbers with one of + - * / % between them")

func arithmetic(c *call) (any, error) {
	a, b := number(c.arg(0), math.NaN()), number(c.arg(2), math.NaN())
	var n float64
	switch c.text(1) {
	case "+":
		n = a + b
	case "-":
		n = a - b
	case "*", "x":
		n = a * b
	case "/":
		n = a / b
	case "%":
		n = math.Mod(a, b)
	default:
		return nil, errArithmetic
	}
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return nil, fmt.Errorf("math: %v %s %v has no result", a, c.text(1), b)
	}
	return n, nil
}
