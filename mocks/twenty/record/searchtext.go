package record

import (
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// searched lists, in order, the fields whose texts make the search vector of a standard object;
// other objects use their label. Evidence: the search vectors of fixtures/twenty.
var searched = map[string][]string{
	"company":         {"name", "domainName"},
	"person":          {"name", "emails", "phones", "jobTitle"},
	"note":            {"title", "bodyV2"},
	"task":            {"title", "bodyV2"},
	"workspaceMember": {"name", "userEmail"},

	"messageChannelMessageAssociation": {}, // observed
}

// searchText is the text that a record is found by.
func (r *Record) searchText() string {
	m := r.layout.Model
	names := searched[m.NameSingular]
	if label := m.Label(); names == nil && label != nil {
		names = []string{label.Name}
	}
	parts := make([]string, 0, 16)
	for _, name := range names {
		i := slices.IndexFunc(r.layout.Fields, func(g Field) bool { return g.Name == name })
		if i < 0 {
			continue
		}
		g := r.layout.Fields[i]
		if !g.Composite {
			parts = append(parts, pgtext.Unaccent(r.Text(g.Columns[0])))
			continue
		}
		parts = append(parts, r.searchParts(g)...)
	}
	return strings.Join(parts, " ")
}

// Text returns the value of a column that holds texts, "" for another one or none.
func (r *Record) Text(c *Column) string {
	s, _ := r.values[c.at].(string)
	return s
}

func (r *Record) searchParts(g Field) []string {
	at := func(i int) string { return pgtext.Unaccent(r.Text(g.Columns[i])) }
	extra := func(i int) string { return pgtext.Unaccent(listedText(r.values[g.Columns[i].at])) }
	switch g.Columns[0].Attr.Type {
	case schema.Emails:
		_, domain, _ := strings.Cut(at(0), "@")
		return []string{at(0), domain, extra(1), strings.ReplaceAll(extra(1), "@", " ")}
	case schema.Phones:
		return append(phoneWords(at(0), at(2)), extra(3))
	case schema.Links:
		return []string{at(0), at(1), extra(2)}
	case schema.RichText:
		return []string{at(1)}
	}
	var out []string
	for i, c := range g.Columns {
		if c.Kind == Text {
			out = append(out, at(i))
		}
	}
	return out
}

// phoneWords are the ways in which people type a number: fixtures/twenty/rest_composite_fields.
func phoneWords(number, callingCode string) []string {
	if number == "" {
		return []string{callingCode}
	}
	if callingCode == "" {
		return []string{number, "0" + number}
	}
	return []string{number, callingCode, callingCode + number, strings.TrimPrefix(callingCode, "+") + number,
		"0" + number}
}

var listSigns = strings.NewReplacer("[", " ", "]", " ", "{", " ", "}", " ", `"`, " ", ",", " ", ":", " ")

// listedText is a JSON list as the search vector takes it: its values without the signs around them.
func listedText(v any) string {
	switch v := v.(type) {
	case []any:
		parts := js.Map(v, listedText)
		return strings.Join(parts, " ")
	case []string:
		return listSigns.Replace(strings.Join(v, " "))
	case map[string]any:
		var parts []string
		for _, key := range []string{"url", "label", "number", "callingCode", "countryCode"} {
			if s, ok := v[key].(string); ok {
				parts = append(parts, s)
			}
		}
		return listSigns.Replace(strings.Join(parts, " "))
	case string:
		return listSigns.Replace(v)
	}
	return ""
}
