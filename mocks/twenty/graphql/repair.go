package graphql

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/afba07b5/mockserver/fake"
)

// Repairs returns what would satisfy the failures of a request, the nearest first: the names of the document's
// operations if it fails for asking for none of them, and documents in which the parts named by the failures are
// replaced or left out.
func (a *API) Repairs(r Request, failures []*Failure) (out []fake.Repair) {
	repair := func(field, value string) {
		in := map[bool]string{true: "query", false: "body"}[r.ReadOnly]
		out = append(out, fake.Repair{In: in, Path: []string{field}, Value: value})
	}
	names, doc := a.knownNames(), documents.get(r.Query)
	for _, f := range failures {
		at := 0
		if len(f.Locations) > 0 {
			at = offsetOf(r.Query, f.Locations[0].Line, f.Locations[0].Column)
		} else if doc.failure == nil && strings.Contains(f.Message, " operation ") {
			for _, op := range doc.query.Operations {
				repair("operationName", op.Name)
			}
		}
		for _, query := range repairsOf(r.Query, f.Message, at, names) {
			repair("query", query)
		}
	}
	return out
}

// knownNames lists the names that a document may use: root fields, and fields, arguments and values of all types.
func (a *API) knownNames() (all []string) {
	all = slices.Collect(maps.Keys(a.names().roots))
	for _, types := range []*typeSystem{coreEngine().types, metadataEngine().types, a.names().types()} {
		for _, def := range types.schema.Types {
			all = append(all, namesOf(def)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func namesOf(def *ast.Definition) (all []string) {
	for _, f := range def.Fields {
		all = append(all, f.Name)
		for _, arg := range f.Arguments {
			all = append(all, arg.Name)
		}
	}
	for _, v := range def.EnumValues {
		all = append(all, v.Name)
	}
	return all
}

var quotedName = regexp.MustCompile(`"([^"]+)"`)

// repairsOf returns the repairs of one failure at a place of the document.
func repairsOf(query, message string, at int, names []string) (out []string) {
	if strings.HasPrefix(message, "Syntax Error") {
		return syntaxRepairs(query, at)
	}
	said, better, _ := strings.Cut(message, "Did you mean")
	wrong, pos := wrongWord(query, said, at, names)
	for _, m := range quotedName.FindAllStringSubmatch(better, -1) {
		out = append(out, query[:pos]+m[1]+query[pos+len(wrong):])
	}
	if wrong == "" {
		return out
	}
	end := skipArguments(query, pos+len(wrong))
	switch {
	case strings.Contains(message, "must have a selection"):
		return append(out, query[:end]+" { id }"+query[end:], query[:end]+" { __typename }"+query[end:])
	case strings.Contains(message, "must not have a selection"):
		return append(out, query[:end]+query[skipBalanced(query, end):])
	}
	names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { // values of enumerations are in capitals
		return (strings.ToUpper(name) == name) != (strings.ToUpper(wrong) == wrong)
	})
	near := suggest(wrong, names)
	for _, name := range near[:min(len(near), 5)] {
		out = append(out, query[:pos]+name+query[pos+len(wrong):])
	}
	return append(out, withoutPart(query, pos))
}

// syntaxRepairs returns a document with its brackets closed, at its end and at the place where it cannot be read, and
// with another keyword, no word and no definition there.
func syntaxRepairs(query string, at int) []string {
	open, word := closed("", query[:at]), nameStart.FindString(query[at:])
	mended := query[:at] + open[:min(1, len(open))] + query[at:]
	next := min(at+max(len(word), 1), len(query))
	out := []string{closed(query, query), closed(mended, mended)}
	for _, keyword := range suggest(word, []string{"query", "mutation", "subscription", "fragment", "on"}) {
		out = append(out, query[:at]+keyword+query[next:])
	}
	block := next + max(0, strings.IndexByte(query[next:], '{'))
	return append(out, query[:at]+query[next:], query[:at]+query[skipBalanced(query, block):])
}

var anyWord = regexp.MustCompile(`[_A-Za-z]\w*`)

// wrongWord finds the word of a document that a message speaks of: a quoted one, or one that nothing has the name of.
func wrongWord(query, message string, at int, names []string) (word string, pos int) {
	for _, m := range quotedName.FindAllStringSubmatch(message, -1) {
		word := m[1][strings.LastIndexByte(m[1], '.')+1:]
		if i := indexWord(query, word, at); i >= 0 {
			return word, i
		}
	}
	for _, word := range anyWord.FindAllString(message, -1) {
		if i := indexWord(query, word, at); i >= 0 && !slices.Contains(names, word) {
			return word, i
		}
	}
	return "", at
}

// offsetOf returns where a line and a column of a document lie.
func offsetOf(query string, line, column int) int {
	lines := strings.SplitAfterN(query, "\n", max(line, 1))
	return max(0, min(len(query)-len(lines[len(lines)-1])+column-1, len(query)))
}

// indexWord returns where a whole word stands in a text, at or after a place if it stands there, -1 for nowhere.
func indexWord(text, word string, at int) int {
	pattern := regexp.MustCompile(`\b` + regexp.QuoteMeta(word) + `\b`)
	for _, from := range []int{at, 0} {
		if found := pattern.FindStringIndex(text[from:]); found != nil {
			return from + found[0]
		}
	}
	return -1
}

// closed adds to a text the brackets that a document leaves open.
func closed(text, document string) string {
	open, pairs := "", map[byte]string{'(': ")", '[': "]", '{': "}"}
	for i := range len(document) {
		switch c := document[i]; {
		case pairs[c] != "":
			open = pairs[c] + open
		case open != "" && c == open[0]:
			open = open[1:]
		}
	}
	return text + open
}

func skipBlank(text string, at int) int {
	return len(text) - len(strings.TrimLeft(text[at:], " \t\r\n,"))
}

// skipBalanced returns the end of the brackets that open at or behind a place, or the place itself without brackets.
func skipBalanced(text string, at int) int {
	from := skipBlank(text, at)
	if from >= len(text) || !strings.ContainsRune("([{", rune(text[from])) {
		return at
	}
	depth := 0
	for i := from; i < len(text); i++ {
		switch text[i] {
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth--
		}
		if depth == 0 {
			return i + 1
		}
	}
	return len(text)
}

func skipArguments(text string, at int) int {
	if strings.HasPrefix(text[skipBlank(text, at):], "(") {
		return skipBalanced(text, at)
	}
	return at
}

var (
	aliasBefore   = regexp.MustCompile(`[_A-Za-z]\w*\s*:\s*$`)
	argumentValue = regexp.MustCompile(`^\s*:\s*("([^"\\]|\\.)*"|[^\s,(){}\[\]]+)?`)
	nameStart     = regexp.MustCompile(`^[_A-Za-z]\w*`)
	emptySet      = regexp.MustCompile(`\{\s*\}`)
)

// withoutPart leaves out the field, or the argument, whose name stands at a place.
func withoutPart(query string, at int) string {
	end := at + len(nameStart.FindString(query[at:]))
	if strings.Count(query[:at], "(") > strings.Count(query[:at], ")") {
		end += len(argumentValue.FindString(query[end:]))
		end = skipBalanced(query, end)
		return strings.ReplaceAll(query[:at]+query[end:], "()", "")
	}
	if before := aliasBefore.FindStringIndex(query[:at]); before != nil {
		at = before[0]
	}
	end = skipArguments(query, end)
	if strings.HasPrefix(query[skipBlank(query, end):], "{") {
		end = skipBalanced(query, end)
	}
	return emptySet.ReplaceAllString(query[:at]+query[end:], "{ __typename }")
}
