package match

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// The bounds of one pattern.
const (
	mostInstructions = 2_500 // of its regular expressions, compiled: one of a hundred letters has about as many
	mostValues       = 500   // conditions
	mostExpression   = 4_000 // letters of a JSONPath or XPath expression
	mostSchema       = 64 << 10
)

// compiler compiles the values of one pattern and counts what they cost.
type compiler struct{ instructions, conditions int }

func newCompiler() *compiler { return &compiler{mostInstructions, mostValues} }

// regexp compiles an expression that has to match all of a text.
func (c *compiler) regexp(expression string) (*regexp.Regexp, error) {
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	if c.instructions -= len(program.Inst); c.instructions < 0 {
		return nil, fmt.Errorf("the expressions of the pattern are too large: "+
			"compiled they have more than %d instructions", mostInstructions)
	}
	return regexp.MustCompile(`^(?:` + expression + `)$`), nil
}

// options are the keys that change what another key of the same object means.
var options = map[string]string{
	"caseInsensitive": "equalTo", "ignoreArrayOrder": "equalToJson", "ignoreExtraElements": "equalToJson",
	"schemaVersion": "matchesJsonSchema", "xPathNamespaces": "matchesXPath",
	"enablePlaceholders": "equalToXml", "placeholderOpeningDelimiterRegex": "equalToXml",
	"placeholderClosingDelimiterRegex": "equalToXml", "exemptedComparisons": "equalToXml",
	"ignoreOrderOfSameNode": "equalToXml", "namespaceAwareness": "equalToXml",
	"actualFormat": "", "expectedOffset": "", "expectedOffsetUnit": "", // of any condition on dates
	"truncateExpected": "", "truncateActual": "", "applyTruncationLast": "",
}

// object is a condition as it is written.
type object map[string]json.RawMessage

// flag returns a boolean option.
func (o object) flag(name string) (on bool) {
	json.Unmarshal(o[name], &on) // anything but a boolean means off
	return on
}

// text returns an option or operand that is text.
func (o object) text(name string) (text string, err error) {
	if raw, ok := o[name]; ok {
		if err = json.Unmarshal(raw, &text); err != nil {
			err = fmt.Errorf("%s: expected text", name)
		}
	}
	return text, err
}

// value compiles a condition. All that its object names must hold.
func (c *compiler) value(raw json.RawMessage, pointer string) (value, error) {
	var o object
	if err := json.Unmarshal(raw, &o); err != nil || o == nil {
		return nil, &Error{pointer, fmt.Sprintf("%.200s is not a match operation", raw)}
	}
	return c.object(o, pointer)
}

func (c *compiler) object(o object, pointer string) (value, error) {
	var all every
	for _, name := range slices.Sorted(maps.Keys(o)) {
		if base, ok := options[name]; ok {
			if base != "" && o[base] == nil {
				return nil, &Error{pointer, fmt.Sprintf("%s goes with %s", name, base)}
			}
			continue
		}
		if c.conditions--; c.conditions < 0 {
			detail := fmt.Sprintf("the pattern is too large: it has more than %d conditions", mostValues)
			return nil, &Error{pointer, detail}
		}
		build, ok := operators[name]
		if !ok {
			known := strings.Join(slices.Sorted(maps.Keys(operators)), ", ")
			return nil, &Error{pointer, fmt.Sprintf("%q is not a match operation; known: %s", name, known)}
		}
		v, err := build(c, o, name, pointer)
		if inner, ok := err.(*Error); ok {
			return nil, inner
		} else if err != nil {
			return nil, &Error{pointer, err.Error()}
		}
		all = append(all, v)
	}
	switch len(all) {
	case 0:
		return nil, &Error{pointer, "an object without a match operation"}
	case 1:
		return all[0], nil
	}
	return all, nil
}
