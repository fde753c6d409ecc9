package explain

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake"
)

// progress reports whether another rule refuses a child than its parent. A text that was changed and cannot be read is
// no progress: what is wrong with it next depends on what was cut out of it.
func (p *prober) progress(parent, child *node) bool {
	if child.rejection == nil || parent.rejection == nil || unreadable(parent.message, child) {
		return false
	}
	before, after := violated(parent.rejection), violated(child.rejection)
	if len(before) > 0 && len(after) > 0 {
		left := 0
		for _, v := range before {
			if slices.Contains(after, v) {
				left++
			}
		}
		return left < len(before) && len(after) <= len(before)
	}
	return p.signature(parent, child) != p.signature(child, child)
}

// syntaxError matches what parsers say of documents and of JSON.
var syntaxError = regexp.MustCompile(`(?i)\bsyntax error\b|\bunexpected (token|end)\b|\bin json at\b|\bvalid json\b`)

// unreadable reports whether a body, or a document in the request, has changed and cannot be parsed.
func unreadable(before *message, n *node) bool {
	e := n.rejection
	body := slices.ContainsFunc(e.Violations, func(v fake.Violation) bool { return v.Rule == "syntax" })
	text := syntaxError.MatchString(e.Rule + " " + e.Message)
	return slices.ContainsFunc(differences(before, n.message, nil), func(c Change) bool {
		return c.In == "body" && (body || text) || c.In == "query" && text
	})
}

func violated(e *fake.Error) (all []string) {
	for _, v := range e.Violations {
		all = append(all, v.In+" "+v.Field())
	}
	return all
}

// signature is what a refusal says, without the values that differ between an attempt and its parent.
func (p *prober) signature(n, child *node) string {
	e := n.rejection
	text := fmt.Sprint(n.entry.Status, e.Code, e.Rule, e.Message, e.Fields, e.Table, len(e.Violations),
		numbers.ReplaceAllString(string(n.entry.Answer), ":·"))
	for _, c := range differences(child.parent.message, child.message, operation(p.def, child.entry.Operation)) {
		for _, word := range wordsOf(c) {
			quoted := string(encodeJSON(word))
			text = strings.NewReplacer(strconv.Quote(word), "·", "'"+word+"'", "·", "="+word, "·",
				"'"+quoted[1:len(quoted)-1]+"'", "·").Replace(text)
			if len(word) > 2 {
				text = strings.ReplaceAll(text, word, "·")
			}
		}
	}
	return text
}

// numbers matches the values of an answer that count, such as the column of a word in a document.
var numbers = regexp.MustCompile(`: ?\d+`)

// wordsOf lists what a refusal may quote of a change: its values, the words in which two texts differ, its field.
func wordsOf(c Change) (words []string) {
	from, to := plainText(c.From), plainText(c.To)
	a, b := differing(from, to)
	for _, word := range []string{from, to, a, b, c.Field[strings.LastIndexByte(c.Field, '.')+1:]} {
		if word != "" {
			words = append(words, word)
		}
	}
	return words
}

// differing returns the middles of two texts, in whole words, without which they are equal.
func differing(a, b string) (inA, inB string) {
	from, end := 0, 0
	for from < min(len(a), len(b)) && a[from] == b[from] {
		from++
	}
	for end < min(len(a), len(b))-from && a[len(a)-1-end] == b[len(b)-1-end] {
		end++
	}
	for from > 0 && isWordByte(a[from-1]) {
		from--
	}
	for end > 0 && isWordByte(a[len(a)-end]) {
		end--
	}
	return a[from : len(a)-end], b[from : len(b)-end]
}

func isWordByte(c byte) bool {
	return c == '_' || c >= utf8.RuneSelf || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
