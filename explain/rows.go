package explain

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// content is what the rows of a world offer as values for a request.
type content struct {
	byKey map[string][]any    // plain name of a key → values that rows have there
	words []string            // short texts, and the keys of rows
	ids   map[string][]string // table → what names its rows
	rows  map[string][]object
	keys  map[string]bool // of rows
}

const (
	maxRowsRead = 300 // of a table
	maxValues   = 12  // of a key
	maxWords    = 5000
	maxWord     = 40
)

// contentOf reads the rows of a fake.
func contentOf(w *fake.World, name string) *content {
	c := &content{byKey: map[string][]any{}, ids: map[string][]string{}, rows: map[string][]object{},
		keys: map[string]bool{}}
	tables, err := w.DumpFake(name)
	if err != nil {
		return c
	}
	known := map[string]bool{}
	for _, table := range slices.Sorted(maps.Keys(tables)) {
		if strings.HasPrefix(table, "_") {
			continue
		}
		for _, row := range tables[table][:min(len(tables[table]), maxRowsRead)] {
			v, _ := parseJSON(row)
			o, _ := v.(object)
			c.rows[table] = append(c.rows[table], o)
			c.addRow(table, o, known)
		}
	}
	return c
}

func (c *content) addRow(table string, row object, known map[string]bool) {
	for _, name := range []string{"id", "code", "key", "name"} {
		if v, ok := row.get(name); ok && v != nil && plainText(v) != "" {
			c.ids[table] = append(c.ids[table], plainText(v))
			break
		}
	}
	for _, m := range row {
		c.addValue(m.key, m.value, known)
	}
}

func (c *content) addValue(key string, v any, known map[string]bool) {
	if o, ok := v.(object); ok {
		for _, m := range o {
			c.addValue(m.key, m.value, known)
		}
	}
	c.keys[key] = true
	key, plain := plainName(key), key
	if v != nil && len(c.byKey[key]) < maxValues && !slices.ContainsFunc(c.byKey[key],
		func(other any) bool { return plainText(other) == plainText(v) }) {
		c.byKey[key] = append(c.byKey[key], v)
	}
	text, _ := v.(string)
	for _, word := range []string{plain, text} {
		if word != "" && len(word) <= maxWord && !known[word] && len(c.words) < maxWords {
			known[word] = true
			c.words = append(c.words, word)
		}
	}
}

var punctuation = strings.NewReplacer("_", "", "-", "", "[", "", "]", "", ".", "")

// plainName is a name without punctuation and case.
func plainName(name string) string { return strings.ToLower(punctuation.Replace(name)) }

// valuesOf returns values that rows have under a name.
func (c *content) valuesOf(name string) []any { return c.byKey[plainName(name)] }

// likely returns identifiers of rows, those of the table first whose name is likest to a hint.
func (c *content) likely(hints ...string) (ids []string) {
	tables := slices.Sorted(maps.Keys(c.ids))
	score := func(table string) int {
		best := 100
		for _, hint := range hints {
			hint = strings.TrimSuffix(strings.ToLower(hint), "id")
			best = min(best, likeness(strings.ToLower(table), hint))
		}
		return best
	}
	slices.SortStableFunc(tables, func(a, b string) int { return cmp.Compare(score(a), score(b)) })
	for i, table := range tables[:min(len(tables), 30)] {
		most := 3
		if i > 3 {
			most = 1
		}
		ids = append(ids, c.ids[table][:min(len(c.ids[table]), most)]...)
	}
	return ids
}

// likeness is small for names of one thing: a plural, or with a word before.
func likeness(a, b string) int {
	switch {
	case b == "":
		return 50
	case a == b, a == b+"s", a+"s" == b, strings.TrimSuffix(a, "ies") == strings.TrimSuffix(b,
		"y"), strings.TrimSuffix(b, "ies") == strings.TrimSuffix(a, "y"):
		return 0
	case strings.Contains(a, b) || strings.Contains(b, a):
		return 1
	case near(a, []string{b}) != nil:
		return 2
	}
	return 10
}

// credential is the header that authenticates a principal.
type credential struct {
	header, value string
	fake.Credential
}

// credentialsOf returns the valid credentials of a world that its rows hold, in the form in which the fake's example
// sends one.
func credentialsOf(def *fake.Def, s *fake.State) (all []credential) {
	name, form := credentialHeader(def.Example)
	if name == "" || def.Known == nil {
		return nil
	}
	var known []fake.Credential
	s.View(func() { known = def.Known(s) })
	for _, c := range known {
		if c.State == "valid" && c.Secret == "" {
			all = append(all, credential{name, strings.Replace(form, "{credential}", c.Value, 1), c})
		}
	}
	return all
}

// credentialHeader finds the header with the credential in a curl command.
func credentialHeader(example string) (name, form string) {
	for i, part := range strings.FieldsFunc(example, func(r rune) bool { return r == '\'' || r == '"' }) {
		if head, value, ok := strings.Cut(part, ": "); ok && i > 0 && strings.Contains(value, "{credential}") {
			return head, value
		}
	}
	return "", ""
}
