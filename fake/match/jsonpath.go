package match

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ohler55/ojg/jp"
)

// Path is a compiled JSONPath.
type Path struct {
	path     jp.Expr
	definite bool // leads to one value at most
	count    bool // ends in length() or size()
	filters  bool // begins with a filter, which holds for an object itself and for each element of a list
}

var (
	countSuffix = regexp.MustCompile(`\.(length|size)\(\)$`)
	indefinite  = regexp.MustCompile(`\.\.|\*|\[\?|\[[^\]'"]*[:,]|'\s*,\s*'`)
)

// CompilePath compiles a JSONPath.
func CompilePath(text string) (*Path, error) {
	if len(text) > mostExpression || strings.Count(text, "..") > 2 || strings.Count(text, "*") > 8 {
		return nil, fmt.Errorf("the JSONPath is too large: at most %d letters, two .. and eight *", mostExpression)
	}
	bare := countSuffix.ReplaceAllString(text, "")
	path, err := jp.ParseString(bare)
	if err != nil {
		return nil, fmt.Errorf("JSONPath %q: %v", text, err)
	}
	return &Path{path, !indefinite.MatchString(bare), bare != text, strings.HasPrefix(bare, "$[?")}, nil
}

// Get returns what the path leads to: of a path that may lead to several values a list of them. ok is false if it
// leads nowhere.
func (p *Path) Get(document any) (value any, ok bool) {
	if _, ok := document.(map[string]any); ok && p.filters {
		document = []any{document}
	}
	found := p.path.Get(document)
	switch {
	case !p.definite:
		value, ok = append([]any{}, found...), true
	case len(found) > 0:
		value, ok = found[0], true
	}
	if !p.count || !ok {
		return value, ok
	}
	switch v := value.(type) {
	case []any:
		return float64(len(v)), true
	case map[string]any:
		return float64(len(v)), true
	case string:
		return float64(len([]rune(v))), true
	}
	return nil, false
}

// Set replaces what the path leads to, which must be there.
func (p *Path) Set(document, value any) error {
	if p.count || !p.definite {
		return errors.New("the JSONPath leads to more than one value")
	}
	if !p.path.Has(document) {
		return fmt.Errorf("nothing is at %s", p.path)
	}
	return p.path.Set(document, value)
}

// operand returns the expression of matchesJsonPath or matchesXPath, and the condition on what it leads to.
func (c *compiler) operand(o object, name, pointer string) (expression string, inner value, err error) {
	if expression, err = o.text(name); err == nil {
		return expression, nil, nil
	}
	var within object
	if err := json.Unmarshal(o[name], &within); err != nil {
		return "", nil, fmt.Errorf("%s: expected an expression, or an object with one", name)
	}
	if expression, err = within.text("expression"); err != nil || expression == "" {
		return "", nil, fmt.Errorf("%s: expected an expression", name)
	}
	delete(within, "expression")
	inner, err = c.object(within, pointer+"/"+name)
	return expression, inner, err
}

func jsonPath(c *compiler, o object, name, pointer string) (value, error) {
	text, inner, err := c.operand(o, name, pointer)
	if err != nil {
		return nil, err
	}
	path, err := CompilePath(text)
	if err != nil {
		return nil, err
	}
	return test(func(s *subject) bool {
		document, ok := s.asJSON()
		if !ok {
			return false
		}
		found, ok := path.Get(document)
		if inner == nil {
			return ok && !empty(found)
		}
		return slices.ContainsFunc(subjects(found, ok, s), func(one *subject) bool { return inner.distance(one) == 0 })
	}), nil
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// subjects turns what a path leads to into values: each element of a list, or the list itself where nothing matches.
func subjects(found any, ok bool, of *subject) (out []*subject) {
	list, isList := found.([]any)
	if !ok || found == nil || isList && len(list) == 0 {
		return []*subject{{absent: true, now: of.now}}
	}
	for _, one := range list {
		out = append(out, &subject{text: Plain(one), now: of.now})
	}
	return append(out, &subject{text: Plain(found), now: of.now})
}

// Plain returns a text as it is and every other JSON value encoded.
func Plain(v any) string {
	if text, ok := v.(string); ok {
		return text
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSuffix(out.String(), "\n")
}
