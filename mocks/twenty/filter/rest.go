package filter

import (
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
)

// comparators are those that the REST grammar knows.
var comparators = []string{"eq", "neq", "in", "containsAny", "is", "gt", "gte", "lt", "lte", "startsWith", "endsWith",
	"like", "ilike"}

var (
	anyGroup  = regexp.MustCompile(`(?s)^(and|or|not)\(.*\)$`)
	condition = regexp.MustCompile(`(?s)^(.+?)\[([^\]]*)\]:(.+)$`)
)

// Parse reads the filter parameter of REST into the tree that GraphQL writes as objects:
// fixtures/twenty/rest_filter_errors has the messages.
func Parse(s string) (*js.Object, error) {
	if err := checkBrackets(s); err != nil {
		return nil, err
	}
	if !anyGroup.MatchString(s) {
		s = "and(" + s + ")"
	}
	return parseGroup(s)
}

func badFilter(format string, args ...any) *reject.Error {
	return reject.Query("", "'filter' invalid"+format, args...)
}

func checkBrackets(s string) error {
	missing := strings.Count(s, "(") - strings.Count(s, ")")
	what := "close"
	if missing < 0 {
		what, missing = "open", -missing
	}
	switch missing {
	case 0:
		return nil
	case 1:
		return badFilter(". 1 %s bracket is missing in the query", what)
	}
	return badFilter(". %d %s brackets are missing in the query", missing, what)
}

// parseGroup reads and(…), or(…) and not(…), and plain conditions.
func parseGroup(s string) (*js.Object, error) {
	if !anyGroup.MatchString(s) {
		return parseCondition(s)
	}
	word, inner, _ := strings.Cut(s, "(")
	items := splitItems(inner[:len(inner)-1])
	if len(items) == 0 {
		return nil, badFilter(" for '%s'. eg: price[gte]:10", s)
	}
	if word == "not" {
		if len(items) > 1 {
			return nil, badFilter(". 'not' conjunction should contain only 1 condition. eg: not(field[eq]:1)")
		}
		one, err := parseGroup(items[0])
		if err != nil {
			return nil, err
		}
		return js.NewObject("not", one), nil
	}
	list := make([]any, len(items))
	for i, item := range items {
		one, err := parseGroup(item)
		if err != nil {
			return nil, err
		}
		list[i] = one
	}
	return js.NewObject(word, list), nil
}

// splitItems cuts at commas outside of brackets and quotes, as the vendor finds them: either kind of quote
// opens and closes inside the other, and brackets count inside quotes (corpus_rest_query_101 #79,
// corpus_rest_query_102 #111).
func splitItems(s string) []string {
	var out []string
	round, square, from := 0, 0, 0
	single, double := false, false
	for i := range len(s) {
		switch s[i] {
		case '\'':
			single = !single
		case '"':
			double = !double
		case '(':
			round++
		case ')':
			round--
		case '[':
			square++
		case ']':
			square--
		case ',':
			if single || double || round > 0 || square > 0 {
				continue
			}
			if i > from {
				out = append(out, s[from:i])
			}
			from = i + 1
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}

func parseCondition(s string) (*js.Object, error) {
	m := condition.FindStringSubmatch(s)
	if m == nil {
		return nil, badFilter(" for '%s'. eg: price[gte]:10", s)
	}
	path, comparator, value := m[1], m[2], m[3]
	if !slices.Contains(comparators, comparator) {
		return nil, badFilter(" for '%s', comparator %s not in %s", s, comparator, strings.Join(comparators, ", "))
	}
	operand, err := parseOperand(comparator, value)
	if err != nil {
		return nil, err
	}
	leaf := js.NewObject(comparator, operand)
	names := strings.Split(path, ".")
	for i := len(names) - 1; i >= 0; i-- {
		leaf = js.NewObject(names[i], leaf)
	}
	return leaf, nil
}

func parseOperand(comparator, value string) (any, error) {
	if comparator != "in" && comparator != "containsAny" {
		return unquote(value), nil
	}
	if !strings.HasPrefix(value, "[") || !strings.HasSuffix(value, "]") || len(value) < 2 {
		return nil, badFilter(
			" for '%s' operator. Received '%s' but array value expected eg: 'field[%s]:[value_1,value_2]'", comparator,
			value, comparator)
	}
	return js.Map(strings.Split(value[1:len(value)-1], ","), func(part string) any { return unquote(part) }), nil
}

// unquote takes one pair of quotes off.
func unquote(s string) string {
	if n := len(s); n >= 2 && (s[0] == '"' || s[0] == '\'') && s[n-1] == s[0] {
		return s[1 : n-1]
	}
	return s
}
