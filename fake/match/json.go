package match

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// parsedJSON is a text as JSON, read once.
type parsedJSON struct {
	done, ok bool
	value    any
}

// asJSON parses the text as JSON; ok is false if it is invalid.
func (s *subject) asJSON() (value any, ok bool) {
	if !s.json.done {
		s.json.done = true
		s.json.value, s.json.ok = decodeJSON(s.text)
	}
	return s.json.value, s.json.ok
}

func decodeJSON(text string) (value any, ok bool) {
	if len(text) > mostParsed {
		return nil, false
	}
	d := json.NewDecoder(strings.NewReader(text))
	return value, d.Decode(&value) == nil && !d.More()
}

// comparison compares JSON values; what is expected may have fewer keys, or another order of arrays.
type comparison struct{ anyOrder, extra bool }

// mostUnordered is the longest array that may come in any order: the time grows with the square of its length.
const mostUnordered = 1000

func equalJSON(c *compiler, o object, name, _ string) (value, error) {
	text := string(o[name])
	var inner string
	if json.Unmarshal(o[name], &inner) == nil {
		text = inner
	}
	want, ok := decodeJSON(text)
	if !ok {
		return nil, fmt.Errorf("%s: %.200q is not JSON", name, text)
	}
	how := comparison{o.flag("ignoreArrayOrder"), o.flag("ignoreExtraElements")}
	if how.anyOrder && longest(want) > mostUnordered {
		return nil, fmt.Errorf("%s: an array in any order has at most %d elements", name, mostUnordered)
	}
	if err := how.compile(c, want); err != nil {
		return nil, err
	}
	return test(func(s *subject) bool {
		got, ok := s.asJSON()
		return ok && how.same(want, got)
	}), nil
}

func longest(v any) (n int) {
	switch v := v.(type) {
	case map[string]any:
		for _, one := range v {
			n = max(n, longest(one))
		}
	case []any:
		n = len(v)
		for _, one := range v {
			n = max(n, longest(one))
		}
	}
	return n
}

// placeholder is an expression in a wanted value, which stands in its place.
type placeholder struct{ e *regexp.Regexp }

var unitPlaceholder = regexp.MustCompile(`^[$#]\{json-unit\.([a-z-]+)\}(?s:(.*))$`)

// compile replaces the texts like ${json-unit.regex}[a-z]+ by expressions.
func (how comparison) compile(c *compiler, v any) error {
	replace := func(one any, put func(any)) error {
		text, ok := one.(string)
		if m := unitPlaceholder.FindStringSubmatch(text); ok && m != nil && m[1] == "regex" {
			e, err := c.regexp(m[2])
			put(placeholder{e})
			return err
		}
		return how.compile(c, one)
	}
	var errs []error
	switch v := v.(type) {
	case map[string]any:
		for key, one := range v {
			errs = append(errs, replace(one, func(to any) { v[key] = to }))
		}
	case []any:
		for i, one := range v {
			errs = append(errs, replace(one, func(to any) { v[i] = to }))
		}
	}
	return errors.Join(errs...)
}

func (how comparison) same(want, got any) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		return ok && (len(got) == len(want) || how.extra || hasIgnored(want)) && how.sameKeys(want, got)
	case []any:
		got, ok := got.([]any)
		return ok && (len(got) == len(want) || how.extra && len(got) > len(want)) &&
			how.sameItems(want, slices.Clone(got))
	case placeholder:
		text, ok := got.(string)
		return ok && want.e.MatchString(text)
	case string:
		return want == got || isPlaceholder(want, got)
	}
	return want == got
}

func (how comparison) sameKeys(want, got map[string]any) bool {
	for key := range want {
		value, ok := got[key]
		if !ok && want[key] == "${json-unit.ignore-element}" {
			continue
		}
		if !ok || !how.same(want[key], value) {
			return false
		}
	}
	for key := range got {
		if _, ok := want[key]; !ok && !how.extra {
			return false
		}
	}
	return true
}

func hasIgnored(want map[string]any) bool {
	for _, v := range want {
		if v == "${json-unit.ignore-element}" {
			return true
		}
	}
	return false
}

func isPlaceholder(want string, got any) bool {
	m := unitPlaceholder.FindStringSubmatch(want)
	if m == nil {
		return false
	}
	switch m[1] {
	case "ignore", "ignore-element":
		return true
	case "any-string":
		_, ok := got.(string)
		return ok
	case "any-number":
		_, ok := got.(float64)
		return ok
	case "any-boolean":
		_, ok := got.(bool)
		return ok
	}
	return false
}

func (how comparison) sameItems(want, got []any) bool {
	for i, item := range want {
		if !how.anyOrder {
			if !how.same(item, got[i]) {
				return false
			}
			continue
		}
		at := slices.IndexFunc(got, func(other any) bool { return how.same(item, other) })
		if at < 0 {
			return false
		}
		got = slices.Delete(got, at, at+1)
	}
	return true
}
