package explain

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/nearest"
)

// replacements proposes other values for a part, the nearest first.
func (p *prober) replacements(n *node, op *fake.Operation, part part, s schema) (out []edit) {
	for _, v := range p.otherValues(n, op, part, s) {
		if plainText(v) != plainText(part.value) || !sameKind(v, part.value) {
			out = append(out, replaceWith(part.place, v))
		}
	}
	return out
}

func sameKind(a, b any) bool {
	_, textA := a.(string)
	_, textB := b.(string)
	return textA == textB
}

// otherValues lists values near to that of a part: conversions to its schema, words and values of the world, examples.
func (p *prober) otherValues(n *node, op *fake.Operation, part part, s schema) (out []any) {
	text := plainText(part.value)
	if part.in != "body" && s.text("type") == "array" {
		s = p.doc.resolve(s["items"])
	}
	if part.in == "path" && pathParameter(op, part.path[0]) == "" {
		return nil
	}
	out = append(out, nearestOf(s.enum(), text)...)
	out = append(out, converted(s, part.value)...)
	out = append(out, limited(s, part.value)...)
	if _, ok := part.value.(string); ok {
		for _, word := range append(near(text, n.words()), near(text, p.rows.words)...) {
			if fits(s, word) {
				out = append(out, word)
			}
		}
	}
	if part.in == "body" && s.text("type") == "" {
		for word, v := range map[string]any{"object": object{}, "array": []any{}} {
			if slices.Contains(n.words(), word) {
				out = append(out, v)
			}
		}
	}
	if part.in == "path" {
		return append(out, p.otherSegments(n.message, op, part)...)
	}
	if _, ok := part.value.(string); ok {
		out = append(out, p.respelled(text, n.words())...)
	}
	return append(out, p.values(strings.TrimSuffix(part.name, "[]"), s)...)
}

// otherSegments lists the identifiers of rows for a parameter of a path.
func (p *prober) otherSegments(m *message, op *fake.Operation, part part) (out []any) {
	name := pathParameter(op, part.path[0])
	var hints []string
	if i, err := strconv.Atoi(part.path[0]); err == nil && i > 0 {
		hints = append(hints, m.segments[i-1])
	}
	for _, v := range p.rows.valuesOf(name) {
		if !strings.EqualFold(name, "id") {
			out = append(out, plainText(v))
		}
	}
	for _, id := range p.rows.likely(append(hints, name)...) {
		out = append(out, id)
	}
	return out
}

// near lists the words nearest to a word, three at most, the nearest first; words that share less than two thirds of
// their letters with it are not near.
func near(word string, words []string) (out []string) {
	const most = 3
	limit := (len(word) + 2) / 3
	if len(word) < 2 || len(word) > maxWord {
		return nil
	}
	by := make([][]string, limit+1)
	for _, w := range words {
		if d := len(w) - len(word); w == word || d > limit || -d > limit {
			continue
		}
		if d := nearest.Distance(word, w); d <= limit && !slices.Contains(by[d], w) {
			by[d] = append(by[d], w)
		}
	}
	for _, same := range by {
		out = append(out, same...)
	}
	return out[:min(len(out), most)]
}

// nearestOf lists the values of an enumeration, the one first that is nearest to a text.
func nearestOf(enum []any, text string) (out []any) {
	if len(enum) == 0 {
		return nil
	}
	words := make([]string, len(enum))
	for i, v := range enum {
		words[i] = plainText(v)
	}
	if i := slices.Index(words, fake.Nearest(text, words)); i >= 0 {
		out = append(out, enum[i])
	}
	return append(out, enum[:min(len(enum), 3)]...)
}

var number = regexp.MustCompile(`-?\d+(\.\d+)?`)

// converted is a value as the type that a schema has or, without one, as the other types.
func converted(s schema, v any) (out []any) {
	kind := s.text("type")
	text := plainText(v)
	want := func(k string) bool { return kind == k || kind == "" }
	if n := number.FindString(text); n != "" && (want("number") || kind == "integer") {
		if whole, _, _ := strings.Cut(n, "."); kind == "integer" {
			n = whole
		}
		if json.Valid([]byte(n)) {
			out = append(out, json.Number(n))
		}
	}
	if kind == "boolean" {
		out = append(out, !slices.Contains([]string{"false", "0", "no", "off", ""}, strings.ToLower(text)))
	}
	if _, ok := v.(string); !ok && want("string") {
		out = append(out, text)
	}
	if _, ok := v.([]any); !ok && kind == "array" {
		out = append(out, []any{v}, []any{})
	}
	if list, ok := v.([]any); ok && kind != "array" && len(list) > 0 {
		out = append(out, list[0])
	}
	if text, ok := v.(string); ok && (kind == "object" || kind == "array") {
		if inner, ok := parseJSON([]byte(text)); ok {
			out = append(out, inner)
		}
	}
	return out
}

// limited is a value within the limits of a schema.
func limited(s schema, v any) (out []any) {
	text, isText := v.(string)
	n, err := strconv.ParseFloat(plainText(v), 64)
	if most, ok := s.number("maximum"); ok && err == nil && n > most {
		out = append(out, json.Number(strconv.FormatFloat(most, 'f', -1, 64)))
	}
	if least, ok := s.number("minimum"); ok && err == nil && n < least {
		out = append(out, json.Number(strconv.FormatFloat(least, 'f', -1, 64)))
	}
	if most, ok := s.number("maxLength"); ok && isText && len([]rune(text)) > int(most) {
		out = append(out, string([]rune(text)[:int(most)]))
	}
	if list, ok := v.([]any); ok {
		if most, ok := s.number("maxItems"); ok && len(list) > int(most) {
			out = append(out, list[:int(most)])
		}
	}
	if isText && strings.TrimSpace(text) != text {
		out = append(out, strings.TrimSpace(text))
	}
	return out
}

var identifier = regexp.MustCompile(`[\pL_][\pL\pN_]*`)

// respelled is a text with each of its words in turn replaced by a near word that the refusal or the rows have, and the
// text with its brackets and quotes closed. Of a program it respells only the words that the refusal names.
func (p *prober) respelled(text string, said []string) (out []any) {
	if len(text) > 1000 {
		return nil
	}
	program := isProgram(text)
	for _, at := range identifier.FindAllStringIndex(text, 12) {
		word := text[at[0]:at[1]]
		if len(word) == len(text) {
			break
		}
		if program && !slices.Contains(said, word) {
			continue
		}
		for _, better := range append(near(word, said), near(word, p.rows.words)...) {
			out = append(out, text[:at[0]]+better+text[at[1]:])
		}
	}
	if closed := closeBrackets(text); closed != text {
		out = append(out, closed)
	}
	return out
}

// isProgram reports whether a text has blocks in braces and is no JSON.
func isProgram(text string) bool {
	_, isJSON := parseJSON([]byte(text))
	return strings.Contains(text, "{") && !isJSON
}

// closeBrackets adds the brackets and the quote that a text leaves open.
func closeBrackets(text string) string {
	var open []rune
	pairs := map[rune]rune{'(': ')', '[': ']', '{': '}'}
	quoted := false
	for _, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case pairs[c] != 0:
			open = append(open, pairs[c])
		case len(open) > 0 && c == open[len(open)-1]:
			open = open[:len(open)-1]
		}
	}
	if quoted {
		text += `"`
	}
	slices.Reverse(open)
	return text + string(open)
}
