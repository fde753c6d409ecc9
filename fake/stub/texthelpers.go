package stub

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"github.com/afba07b5/mockserver/fake/match"
)

func textOf(do func(string) string) func(*call) (any, error) {
	return func(c *call) (any, error) { return do(c.text(0)), nil }
}

var textHelpers = map[string]func(*call) (any, error){
	"trim": textOf(strings.TrimSpace), "upper": textOf(strings.ToUpper), "lower": textOf(strings.ToLower),
	"capitalize": textOf(capitalize), "stripNewlines": textOf(strings.NewReplacer("\n", "", "\r", "").Replace),
	"replace": func(c *call) (any, error) { return strings.ReplaceAll(c.text(0), c.text(1), c.text(2)), nil },
	"substring": func(c *call) (any, error) {
		runes := []rune(c.text(0))
		from := int(number(c.arg(1), 0))
		to := int(number(c.arg(2), float64(len(runes))))
		if from < 0 || from > to || to > len(runes) {
			return nil, fmt.Errorf("substring: %q has no letters from %d to %d", c.text(0), from, to)
		}
		return string(runes[from:to]), nil
	},
	"join": func(c *call) (any, error) {
		_, values := elements(c.arg(0))
		texts := make([]string, len(values))
		for i, v := range values {
			texts[i] = valueText(v)
		}
		return strings.Join(texts, c.text(1)), nil
	},
	"split": func(c *call) (any, error) {
		var out []any
		for part := range strings.SplitSeq(c.text(0), c.text(1)) {
			out = append(out, part)
		}
		return out, nil
	},
	"defaultIfEmpty": func(c *call) (any, error) {
		if truth(c.arg(0)) {
			return c.arg(0), nil
		}
		return c.arg(1), nil
	},
	"base64": func(c *call) (any, error) {
		if c.option("decode", "") == "true" {
			text, err := base64.StdEncoding.DecodeString(c.text(0))
			return string(text), err
		}
		if c.option("padding", "") == "false" {
			return base64.RawStdEncoding.EncodeToString([]byte(c.text(0))), nil
		}
		return base64.StdEncoding.EncodeToString([]byte(c.text(0))), nil
	},
	"urlEncode": func(c *call) (any, error) {
		if c.option("decode", "") == "true" {
			return url.QueryUnescape(c.text(0))
		}
		return url.QueryEscape(c.text(0)), nil
	},
	"regexExtract": regexExtract, "math": arithmetic,
	"size": func(c *call) (any, error) {
		if text, ok := c.arg(0).(string); ok {
			return float64(len([]rune(text))), nil
		}
		_, values := elements(c.arg(0))
		return float64(len(values)), nil
	},
}

func capitalize(text string) string {
	var out strings.Builder
	start := true
	for _, r := range text {
		if start {
			r = unicode.ToUpper(r)
		}
		start = unicode.IsSpace(r)
		out.WriteRune(r)
	}
	return out.String()
}

// regexExtract returns what an expression finds, or keeps its groups under a name.
func regexExtract(c *call) (any, error) {
	e, err := expression(c.text(1))
	if err != nil {
		return nil, err
	}
	found := e.FindStringSubmatch(c.text(0))
	if found == nil {
		return c.option("default", ""), nil
	}
	name := c.text(2)
	if name == "" {
		return found[0], nil
	}
	var groups []any
	for _, text := range found[1:] {
		groups = append(groups, text)
	}
	c.vars[name] = groups
	return nil, nil
}

// elements returns the keys and values of a list or object, in order.
func elements(v any) (keys, values []any) {
	if o, ok := v.(object); ok {
		v = o.names
	}
	switch v := v.(type) {
	case []any:
		for i := range v {
			keys = append(keys, float64(i))
		}
		return keys, v
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			keys, values = append(keys, key), append(values, v[key])
		}
	}
	return keys, values
}

// paths returns what a JSONPath or XPath of a template leads to.
func jsonPath(c *call) (any, error) {
	path, err := match.CompilePath(c.text(1))
	if err != nil {
		return nil, err
	}
	document := c.arg(0)
	if text, ok := document.(string); ok {
		if document, err = decode(text); err != nil {
			return nil, fmt.Errorf("jsonPath: %v", err)
		}
	}
	v, ok := path.Get(document)
	if !ok {
		return c.hash["default"], nil
	}
	return v, nil
}

func xPath(c *call) (any, error) {
	path, err := match.CompileXPath(c.text(1), nil)
	if err != nil {
		return nil, err
	}
	return strings.Join(path.Get(c.text(0)), ""), nil
}
