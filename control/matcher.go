package control

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// matcher says what a value must be, in WireMock's terms. All conditions must hold.
type matcher struct {
	EqualTo         *string         `json:"equalTo"`
	CaseInsensitive bool            `json:"caseInsensitive"`
	Contains        *string         `json:"contains"`
	DoesNotContain  *string         `json:"doesNotContain"`
	Matches         *string         `json:"matches"` // the whole value
	DoesNotMatch    *string         `json:"doesNotMatch"`
	EqualToJSON     json.RawMessage `json:"equalToJson"` // JSON, or JSON in a string
	IgnoreOrder     bool            `json:"ignoreArrayOrder"`
	IgnoreExtra     bool            `json:"ignoreExtraElements"`
	Absent          *bool           `json:"absent"`

	matches, doesNotMatch *regexp.Regexp
	json                  any
}

func (m *matcher) prepare(p *pattern) (err error) {
	for _, e := range []struct {
		from *string
		to   **regexp.Regexp
	}{{m.Matches, &m.matches}, {m.DoesNotMatch, &m.doesNotMatch}} {
		if e.from == nil {
			continue
		}
		if *e.to, err = p.compile(*e.from); err != nil {
			return err
		}
	}
	if len(m.EqualToJSON) == 0 {
		return nil
	}
	text := []byte(m.EqualToJSON)
	var inner string
	if json.Unmarshal(text, &inner) == nil {
		text = []byte(inner)
	}
	if err := json.Unmarshal(text, &m.json); err != nil {
		return badBody("equalToJson: %v", err)
	}
	return nil
}

// any reports whether one of the values matches; with absent, whether there is none.
func (m *matcher) any(values []string) bool {
	if m.Absent != nil {
		return *m.Absent == (len(values) == 0)
	}
	return slices.ContainsFunc(values, m.is)
}

func (m *matcher) is(value string) bool {
	if m.EqualTo != nil && value != *m.EqualTo && !(m.CaseInsensitive && strings.EqualFold(value, *m.EqualTo)) {
		return false
	}
	if m.Contains != nil && !strings.Contains(value, *m.Contains) ||
		m.DoesNotContain != nil && strings.Contains(value, *m.DoesNotContain) {
		return false
	}
	if m.matches != nil && !m.matches.MatchString(value) || m.doesNotMatch != nil && m.doesNotMatch.MatchString(value) {
		return false
	}
	if len(m.EqualToJSON) == 0 {
		return true
	}
	var got any
	return json.NewDecoder(bytes.NewReader([]byte(value))).Decode(&got) == nil && m.same(m.json, got)
}

// same compares JSON values. If the matcher allows it, want may have fewer keys or arrays in
// another order.
func (m *matcher) same(want, got any) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		if !ok || len(got) != len(want) && !m.IgnoreExtra {
			return false
		}
		for key := range want {
			value, ok := got[key]
			if !ok || !m.same(want[key], value) {
				return false
			}
		}
		return true
	case []any:
		got, ok := got.([]any)
		return ok && (len(got) == len(want) || m.IgnoreExtra && len(got) > len(want)) &&
			m.sameItems(want, slices.Clone(got))
	}
	return reflect.DeepEqual(want, got)
}

func (m *matcher) sameItems(want, got []any) bool {
	for i, item := range want {
		if !m.IgnoreOrder {
			if !m.same(item, got[i]) {
				return false
			}
			continue
		}
		at := slices.IndexFunc(got, func(other any) bool { return m.same(item, other) })
		if at < 0 {
			return false
		}
		got = slices.Delete(got, at, at+1)
	}
	return true
}
