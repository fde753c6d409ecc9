package coverage

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Roots returns the sorted kinds of the root fields of a GraphQL request, or nil if the body is not
// a GraphQL request. If generic is true, field names contain object names and are reduced to their
// kind: companies is findMany, company findOne, createCompanies createMany, companiesGroupBy
// groupBy. Roots recognises the kind by verb, suffix and the s of the plural, without a schema.
func Roots(body string, generic bool) []string {
	var ask struct{ Query string }
	if json.Unmarshal([]byte(body), &ask) != nil || ask.Query == "" {
		return nil
	}
	var kinds []string
	for _, name := range rootFields(ask.Query) {
		if generic && !strings.HasPrefix(name, "__") {
			name = kindOf(name)
		}
		kinds = append(kinds, name)
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

var tokens = regexp.MustCompile(`"(?:\\.|[^"\\])*"|#[^\n]*|\.\.\.|[{}():]|@?[A-Za-z_][A-Za-z0-9_]*`)

// rootFields returns the names of the top-level fields of a query's operations, without their
// aliases.
func rootFields(query string) (names []string) {
	depth, round, fragment := 0, 0, false
	all := tokens.FindAllString(query, -1)
	for i, token := range all {
		switch {
		case token == "(":
			round++
		case token == ")":
			round--
		case round > 0 || strings.ContainsAny(token[:1], `"#@`):
		case token == "{":
			depth++
		case token == "}":
			depth--
		case depth == 0 && slices.Contains([]string{"query", "mutation", "subscription", "fragment"}, token):
			fragment = token == "fragment"
		case depth == 1 && !fragment && token != "..." && token != ":" && !isAlias(all, i):
			names = append(names, token)
		}
	}
	return names
}

// isAlias reports whether the name at i is an alias or the name of a fragment.
func isAlias(all []string, i int) bool {
	return i+1 < len(all) && all[i+1] == ":" || i > 0 && all[i-1] == "..."
}

var verbs = []string{"create", "update", "delete", "destroy", "restore"}

func kindOf(name string) string {
	switch {
	case name == "search":
		return name
	case strings.HasSuffix(name, "GroupBy"):
		return "groupBy"
	case strings.HasSuffix(name, "Duplicates"):
		return "findDuplicates"
	case strings.HasPrefix(name, "merge"):
		return "mergeMany"
	}
	verb := "find"
	for _, v := range verbs {
		if rest, ok := strings.CutPrefix(name, v); ok && rest != "" && rest[0] >= 'A' && rest[0] <= 'Z' {
			verb = v
		}
	}
	if strings.HasSuffix(name, "s") || strings.HasSuffix(name, "eople") {
		return verb + "Many"
	}
	return verb + "One"
}
