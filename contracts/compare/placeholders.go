package compare

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// placeholder is a placeholder of a hand-written case: {{name:kind}}, or {{name}} once it is bound.
type placeholder struct{ name, kind string }

var placeholderPattern = regexp.MustCompile(`\{\{([A-Za-z_][A-Za-z0-9_]*)(?::([a-z]+[0-9]{0,2}))?\}\}`)

// PlaceholderNames returns the names of the placeholders in a text.
func PlaceholderNames(s string) (names []string) {
	for _, m := range placeholderPattern.FindAllStringSubmatch(s, -1) {
		names = append(names, m[1])
	}
	return names
}

// kindPatterns are the patterns of the kinds of placeholders.
var kindPatterns = map[string]*regexp.Regexp{
	"uuid":   regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`),
	"time":   regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)`),
	"time0":  regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)`),
	"time3":  regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)`),
	"time6":  regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)`),
	"date":   regexp.MustCompile(`^\d{4}-\d\d-\d\d`),
	"number": regexp.MustCompile(`^-?(0|[1-9]\d*)`),
	"digits": regexp.MustCompile(`^\d+`),
	"token":  regexp.MustCompile(`^[A-Za-z0-9._~+/=-]{16,}`),
	"hex":    regexp.MustCompile(`^[0-9a-f]{16,}`),
	"jwt":    regexp.MustCompile(`^eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+`),
}

// lengthKind matches a kind that ends with its length, such as hex12 or token20.
var lengthKind = regexp.MustCompile(`^(hex|token)([4-9]|[1-9][0-9])$`)

// patternOf returns the pattern of a kind, or nil for an unknown kind.
func patternOf(kind string) *regexp.Regexp {
	m := lengthKind.FindStringSubmatch(kind)
	if m == nil {
		return kindPatterns[kind]
	}
	return regexp.MustCompile(strings.Replace(kindPatterns[m[1]].String(), "16,", m[2], 1))
}

// shapeOf describes a kind.
func shapeOf(kind string) string {
	switch kind {
	case "hex":
		return "hex, 16 lower-case digits or more (12 are hex12)"
	case "token":
		return "token, 16 characters or more (12 are token12)"
	}
	return kind
}

// IsOfPrincipal reports whether a placeholder has a principal in place of a kind: {{credential:ada}}, {{secret:ada}},
// and {{basic:ada}} of both.
func IsOfPrincipal(name string) bool {
	return name == "credential" || name == "secret" || name == "basic"
}

// CheckPlaceholders returns an error for a placeholder of a kind that there is not. Those of credentials have a
// principal in its place.
func CheckPlaceholders(s string) error {
	for _, p := range placeholdersIn(s) {
		h := p.placeholder
		if h == nil || h.kind == "" || patternOf(h.kind) != nil || IsOfPrincipal(h.name) {
			continue
		}
		return fmt.Errorf("{{%s:%s}} has no known kind; kinds: %s, and hexN and tokenN with a length from 4 to 99",
			h.name, h.kind, strings.Join(slices.Sorted(maps.Keys(kindPatterns)), ", "))
	}
	return nil
}

// shared lists the kinds of which two names may have the same value: each table counts from 1.
var shared = map[string]bool{"number": true, "digits": true, "date": true}

// placeholdersIn splits a text of a hand-written case into parts. "{{{{" is a literal "{{".
func placeholdersIn(s string) (found []part) {
	literal := func(s string) part { return part{literal: strings.ReplaceAll(s, "{{{{", "{{")} }
	from := 0
	for _, m := range placeholderPattern.FindAllStringSubmatchIndex(s, -1) {
		if m[0] >= 2 && s[m[0]-2:m[0]] == "{{" {
			continue
		}
		h := &placeholder{name: s[m[2]:m[3]]}
		if m[4] >= 0 {
			h.kind = s[m[4]:m[5]]
		}
		found = append(found, literal(s[from:m[0]]), part{token: &scan.Token{Shape: scan.Placeholder}, placeholder: h})
		from = m[1]
	}
	return append(found, literal(s[from:]))
}

// fill matches a placeholder with the start of got: the value bound to its name or, the first time,
// any text with the shape of its kind.
func (c *Comparison) fill(h *placeholder, got, next string) (n int, why string) {
	if known, ok := c.Binding.To[h.name]; ok {
		if !strings.HasPrefix(got, known) {
			return 0, fmt.Sprintf("{{%s}} stands for %s since an earlier answer", h.name, known)
		}
		return len(known), ""
	}
	kind := patternOf(h.kind)
	if kind == nil {
		return 0, fmt.Sprintf("{{%s}} is bound by no earlier answer and has no known kind", h.name)
	}
	value := kind.FindString(got)
	if i := strings.Index(value, next); next != "" && i > 0 && h.kind == "token" {
		value = value[:i]
	}
	if value == "" {
		return 0, fmt.Sprintf("expected %s here, for {{%s}}", shapeOf(h.kind), h.name)
	}
	return len(value), c.bindPlaceholder(h, value)
}

func (c *Comparison) bindPlaceholder(h *placeholder, value string) string {
	b := c.Binding
	if !shared[h.kind] {
		if other, ok := b.From[value]; ok {
			return fmt.Sprintf("%s stands for {{%s}} already%s", value, other, adviceOn(h.kind))
		}
		b.From[value] = h.name
	}
	b.To[h.name], b.kinds[h.name] = value, h.kind
	b.log = append(b.log, func() {
		delete(b.To, h.name)
		delete(b.kinds, h.name)
		if b.From[value] == h.name {
			delete(b.From, value)
		}
	})
	if strings.HasPrefix(h.kind, "time") {
		if why := b.keepZone(value); why != "" {
			return why
		}
		return c.later(h.name, value)
	}
	return ""
}

// adviceOn says how values of a kind come to differ.
func adviceOn(kind string) string {
	if strings.HasPrefix(kind, "time") {
		return `; "- advance: 1s" between the steps gives them two times`
	}
	return ""
}

// keepZone returns an error for a time in another zone than the first one that a placeholder of the
// case was bound to: a server writes all of its times in one.
func (b *Binding) keepZone(value string) string {
	zone := value[strings.LastIndexAny(value, "Z+-"):]
	if b.zone == "" {
		b.zone = zone
		b.log = append(b.log, func() { b.zone = "" })
	}
	if b.zone != zone {
		return fmt.Sprintf("%s is in another zone than earlier times, %s", value, b.zone)
	}
	return ""
}

// later returns an error for a new time in the answer to a write that is before one of an earlier
// answer.
func (c *Comparison) later(name, value string) string {
	t, _ := scan.TimeAt(value, 0)
	ms, _ := t.Instant()
	pairs := c.Binding.times.pairs
	for _, p := range pairs {
		if c.At.Write && p.first < c.At.Interaction && p.got > ms {
			return fmt.Sprintf("{{%s}} is an earlier instant than %s of an earlier answer", name,
				utc(p.got).Format(time.RFC3339Nano))
		}
	}
	c.Binding.times.pairs = append(pairs[:len(pairs):len(pairs)],
		timePair{rec: int64(len(pairs)), got: ms, first: c.At.Interaction, write: c.At.Write})
	c.Binding.log = append(c.Binding.log, func() { c.Binding.times.pairs = pairs })
	return ""
}

// comparePlaceholder compares a string that is one placeholder for a number with the target's
// value, which must be a JSON number.
func (c *Comparison) comparePlaceholder(rec, got *jsontree.Node, path string) bool {
	m := placeholderPattern.FindStringSubmatch(rec.Text)
	if m == nil || m[0] != rec.Text {
		return false
	}
	kind := c.kindOf(m[1], m[2])
	if kind != "number" && (kind != "" || got.Kind != jsontree.Number) {
		return false
	}
	why := "expected a JSON number"
	if got.Kind == jsontree.Number {
		var n int
		if n, why = c.fill(&placeholder{m[1], m[2]}, got.Text, ""); why == "" && n != len(got.Text) {
			why = unequal
		}
	}
	if why != "" {
		c.Differ(path, rec.Text, got.String(), why)
	}
	return true
}

func (c *Comparison) kindOf(name, kind string) string {
	if known := c.Binding.kinds[name]; known != "" {
		return known
	}
	return kind
}

// alone matches a JSON string that is one placeholder.
var alone = regexp.MustCompile(`"` + placeholderPattern.String() + `"`)

// ExpandJSON is Expand for JSON without blanks, in which a string that is one placeholder for a number
// becomes that number.
func (c *Comparison) ExpandJSON(s string) (string, error) {
	var b strings.Builder
	from := 0
	for _, m := range alone.FindAllStringSubmatchIndex(s, -1) {
		kind := ""
		if m[4] >= 0 {
			kind = s[m[4]:m[5]]
		}
		inner, key := m[0] > 0 && s[m[0]-1] == '\\', strings.HasPrefix(s[m[1]:], ":")
		if !inner && !key && c.kindOf(s[m[2]:m[3]], kind) == "number" {
			b.WriteString(s[from:m[0]] + s[m[0]+1:m[1]-1])
			from = m[1]
		}
	}
	return c.Expand(b.String() + s[from:])
}

// Expand replaces the placeholders of a text to send. Every name must be bound.
func (c *Comparison) Expand(s string) (string, error) {
	var b strings.Builder
	for _, p := range placeholdersIn(s) {
		if p.placeholder == nil {
			b.WriteString(p.literal)
			continue
		}
		value, ok := c.Binding.To[p.placeholder.name]
		if !ok {
			return "", fmt.Errorf("{{%s}} is bound by no earlier answer", p.placeholder.name)
		}
		b.WriteString(value)
	}
	return b.String(), nil
}
