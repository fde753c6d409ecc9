package record

import (
	"encoding/json"
	"fmt"
	"strings"
)

// defaultValue is what a column of a new record holds when nobody says otherwise. Texts in metadata carry
// quotes inside: 'NEW'.
func (c *Column) defaultValue(now millis) any {
	v := c.Attr.DefaultValue
	if c.Sub != "" {
		parts, _ := v.(map[string]any)
		v = parts[c.Sub]
	}
	switch v := v.(type) {
	case nil:
		return nil
	case string:
		return c.textDefault(v, now)
	case []any:
		return c.listDefault(v)
	case map[string]any:
		if c.kind == document {
			return v
		}
		if plain, err := json.Marshal(v); c.kind == text && err == nil {
			return string(plain)
		}
		return nil
	}
	if c.kind == text {
		return fmt.Sprint(v) // the database makes a text of it
	}
	if _, isNumber := v.(float64); isNumber && c.kind != number && c.kind != document {
		return nil
	}
	return v
}

func (c *Column) textDefault(v string, now millis) any {
	switch {
	case v == "now" && c.kind == moment:
		return now
	case v == "uuid":
		return nil
	}
	s := unquoteDefault(v)
	switch c.kind {
	case moment:
		if t, ok := parseMoment(s); ok {
			return t
		}
		return nil
	case number:
		return jsToNumber(s)
	case text:
		if s == "" && c.nullable {
			return nil
		}
	case document:
		return nil
	}
	return s
}

func (c *Column) listDefault(v []any) any {
	if c.kind == document {
		return v
	}
	if c.kind == text { // the database writes a list into a text with braces
		parts := make([]string, len(v))
		for i, one := range v {
			parts[i] = fmt.Sprint(one)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	out := []string{} // an empty default is an empty list, not NULL: corpus_metadata_101 #92
	for _, x := range v {
		if s, ok := x.(string); ok {
			out = append(out, unquoteDefault(s))
		}
	}
	return out
}

func unquoteDefault(s string) string {
	if len(s) >= 2 && strings.HasPrefix(s, "'") && strings.HasSuffix(s, "'") {
		return strings.ReplaceAll(s[1:len(s)-1], "''", "'")
	}
	return s
}
