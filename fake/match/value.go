package match

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
)

// subject is one value of a request: a header, a parameter, a cookie, the body.
type subject struct {
	text   string
	absent bool
	now    time.Time

	json parsedJSON
	xml  parsedXML
}

// value is a compiled condition on one value. Its distance is 0 for a match and at most 1.
type value interface {
	distance(s *subject) float64
}

// test is a condition without a measure. An absent value fails it.
type test func(s *subject) bool

func (t test) distance(s *subject) float64 { return unless(!s.absent && t(s)) }

type (
	every   []value
	either  []value
	negated struct{ value }
	absence bool
	equal   struct {
		text string
		fold bool
	}
)

func (e every) distance(s *subject) float64 {
	sum := 0.0
	for _, v := range e {
		sum += v.distance(s)
	}
	return sum / float64(max(len(e), 1))
}

func (e either) distance(s *subject) float64 {
	least := 1.0
	for _, v := range e {
		least = min(least, v.distance(s))
	}
	return least
}

func (n negated) distance(s *subject) float64 { return unless(n.value.distance(s) != 0) }

func (a absence) distance(s *subject) float64 { return unless(bool(a) == s.absent) }

func (e equal) distance(s *subject) float64 {
	if s.absent {
		return 1
	}
	if e.fold && strings.EqualFold(e.text, s.text) {
		return 0
	}
	return apart(e.text, s.text)
}

// apart says how different two texts are, from 0 to 1.
func apart(want, got string) float64 {
	if want == got {
		return 0
	}
	const most = 1000 // letters; the measure takes time by the product of the lengths
	if len(want) > most || len(got) > most {
		return 1
	}
	longer := max(len([]rune(want)), len([]rune(got)))
	return max(float64(levenshtein.ComputeDistance(want, got))/float64(longer), 0.001)
}

// operator compiles the operand that stands under its name.
type operator func(c *compiler, o object, name, pointer string) (value, error)

var operators map[string]operator

func init() { // the operators refer to each other
	operators = map[string]operator{
		"equalTo": func(_ *compiler, o object, name, _ string) (value, error) {
			text, err := o.text(name)
			return equal{text, o.flag("caseInsensitive")}, err
		},
		"binaryEqualTo":  binaryEqual,
		"contains":       textTest(strings.Contains),
		"doesNotContain": textTest(func(s, part string) bool { return !strings.Contains(s, part) }),
		"matches":        expression(true), "doesNotMatch": expression(false),
		"absent": func(_ *compiler, o object, name, _ string) (value, error) { return absence(o.flag(name)), nil },
		"anything": func(*compiler, object, string, string) (value, error) {
			return either{absence(true), absence(false)}, nil
		},
		"and": logical(func(list []value) value { return every(list) }),
		"or":  logical(func(list []value) value { return either(list) }),
		"not": func(c *compiler, o object, name, pointer string) (value, error) {
			v, err := c.value(o[name], pointer+"/"+name)
			return negated{v}, err
		},
		"equalToJson": equalJSON, "matchesJsonPath": jsonPath, "matchesJsonSchema": jsonSchema,
		"equalToXml": equalXML, "matchesXPath": xPath,
		"before": dateTest(time.Time.Before), "after": dateTest(time.Time.After),
		"equalToDateTime": dateTest(time.Time.Equal),
	}
}

func textTest(holds func(s, operand string) bool) operator {
	return func(_ *compiler, o object, name, _ string) (value, error) {
		operand, err := o.text(name)
		return test(func(s *subject) bool { return holds(s.text, operand) }), err
	}
}

func expression(want bool) operator {
	return func(c *compiler, o object, name, _ string) (value, error) {
		text, err := o.text(name)
		if err != nil {
			return nil, err
		}
		e, err := c.regexp(text)
		return test(func(s *subject) bool { return e.MatchString(s.text) == want }), err
	}
}

func binaryEqual(_ *compiler, o object, name, _ string) (value, error) {
	text, err := o.text(name)
	if err != nil {
		return nil, err
	}
	want, err := base64.StdEncoding.DecodeString(text)
	return test(func(s *subject) bool { return s.text == string(want) }), err
}

func logical(combine func([]value) value) operator {
	return func(c *compiler, o object, name, pointer string) (value, error) {
		list, err := c.list(o[name], pointer+"/"+name)
		return combine(list), err
	}
}

func (c *compiler) list(raw json.RawMessage, pointer string) (list []value, err error) {
	var raws []json.RawMessage
	if err := json.Unmarshal(raw, &raws); err != nil {
		return nil, &Error{pointer, "expected a list of match operations"}
	}
	for i, raw := range raws {
		v, err := c.value(raw, fmt.Sprintf("%s/%d", pointer, i))
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return list, nil
}

// Condition is a compiled condition on one text.
type Condition struct{ value value }

// CompileCondition compiles a condition as bodies have. An error is an *Error.
func CompileCondition(raw json.RawMessage) (*Condition, error) {
	v, err := newCompiler().value(raw, "")
	return &Condition{v}, err
}

// Match reports whether a text is as the condition wants it.
func (c *Condition) Match(text string) bool { return c.value.distance(&subject{text: text}) == 0 }
