package evidence

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Value stands for a value in a template.
const Value = "…"

// longestRead is how much of a message is read, in bytes: words are looked for in time that grows with its square.
const longestRead = 2 << 10

// Templates returns the templates of all messages in an answer, sorted, each once. An answer without a message has its
// status in place of one.
func Templates(status int, answer []byte, isName func(word string) bool) []string {
	var all []string
	var v any
	if err := json.Unmarshal(answer, &v); err != nil {
		v = string(answer)
	}
	messages(v, true, func(text string) { all = append(all, Template(text, isName)) })
	if len(all) == 0 {
		all = append(all, fmt.Sprint("status ", status))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// messages visits the texts below the members that hold messages.
func messages(v any, inMessage bool, visit func(text string)) {
	switch v := v.(type) {
	case string:
		if inMessage && v != "" {
			visit(v)
		}
	case []any:
		for _, item := range v {
			messages(item, inMessage, visit)
		}
	case map[string]any:
		for key, item := range v {
			messages(item, key == "message" || key == "messages" || key == "userFriendlyMessage", visit)
		}
	}
}

// Template returns a message with Value in place of each value: what is quoted or in braces, numbers, identifiers,
// addresses, names in camel or upper case, words of programs, and what isName says is a name. Several values in a row
// are one. Of a long message it reads the beginning and the end; the middle is part of a quoted value.
func Template(message string, isName func(word string) bool) string {
	if len(message) > longestRead {
		message = strings.ToValidUTF8(message[:longestRead/2]+message[len(message)-longestRead/2:], "")
	}
	var out []string
	for rest := strings.TrimSpace(message); rest != ""; rest = strings.TrimLeftFunc(rest, unicode.IsSpace) {
		var word, shown string
		if word, rest = cut(rest); word == "" {
			break
		}
		body := strings.TrimRight(word, ".,;:!?)")
		begin, end := word[:len(word)-len(strings.TrimLeft(word, "("))], word[len(body):]
		shown = word
		if isValue(strings.TrimLeft(body, "("), isName) || isLast(out, rest, end) {
			shown = begin + Value + end
		}
		if len(out) > 0 && continues(out[len(out)-1], shown) {
			out[len(out)-1] = shown
			continue
		}
		out = append(out, shown)
	}
	return strings.Join(out, " ")
}

// isLast reports whether a word is the last one of a message or of a part in parentheses, and follows a colon.
func isLast(before []string, rest, end string) bool {
	return len(before) > 0 && strings.HasSuffix(before[len(before)-1], ":") &&
		(rest == "" || strings.Contains(end, ")"))
}

// continues reports whether a value follows another one in a list.
func continues(before, shown string) bool {
	return strings.HasPrefix(shown, Value) && (before == Value || before == Value+",")
}

// closing are the ends of what is quoted or in braces.
var closing = map[byte]string{'"': `"`, '\'': `'`, '`': "`", '{': "}", '[': "]"}

// cut returns the first word of a text and the rest. A quoted text and a text in braces are one word.
func cut(text string) (word, rest string) {
	end := strings.IndexFunc(text, unicode.IsSpace)
	if closed := closedAt(text); closed > 0 {
		end = closed
		for end < len(text) && !unicode.IsSpace(rune(text[end])) {
			end++
		}
	}
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// closedAt returns where the quotes or braces end that a text begins with, or 0.
func closedAt(text string) int {
	opening := text[0]
	end := closing[opening]
	if end == "" {
		return 0
	}
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case i > 0 && text[i:i+1] == end:
			if depth--; depth <= 0 {
				return i + 1
			}
		case text[i] == opening:
			depth++
		}
	}
	return 0
}

var valueWords = map[string]bool{"true": true, "false": true, "null": true, "undefined": true, "NaN": true,
	"Infinity": true}

// isValue reports whether a word stands for a value rather than for itself.
func isValue(word string, isName func(word string) bool) bool {
	if word == "" {
		return false
	}
	return closing[word[0]] != "" || valueWords[word] || isName(word) || ofPrograms(word)
}

// acronyms are words in upper case that are not identifiers of a program.
var acronyms = map[string]bool{"API": true, "GROUP": true, "JSON": true, "URL": true, "UUID": true}

// ofPrograms reports whether a word is a number, an address or an identifier of a program.
func ofPrograms(word string) bool {
	if strings.ToUpper(word) == word && len(word) > 2 && !acronyms[word] {
		return true
	}
	before := rune(0)
	for _, c := range word {
		if unicode.IsDigit(c) || strings.ContainsRune("_./@=<", c) || unicode.IsLower(before) && unicode.IsUpper(c) {
			return true
		}
		before = c
	}
	return false
}
