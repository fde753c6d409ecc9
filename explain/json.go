package explain

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// object is a JSON object whose members stay in order.
type object []member

type member struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, encodeJSON(m.key)...), ':')
		out = append(out, encodeJSON(m.value)...)
	}
	return append(out, '}'), nil
}

func (o object) get(key string) (any, bool) {
	for _, m := range o {
		if m.key == key {
			return m.value, true
		}
	}
	return nil, false
}

func encodeJSON(v any) []byte {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte("null") // numbers that JSON cannot write; nothing makes them
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}

// parseJSON reads one JSON value; numbers stay as they are written.
func parseJSON(text []byte) (v any, ok bool) {
	if !json.Valid(text) {
		return nil, false
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	v, err := readValue(d)
	if err != nil {
		return nil, false
	}
	_, err = d.Token()
	return v, err == io.EOF
}

func readValue(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		out := object{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := readValue(d)
			if err != nil {
				return nil, err
			}
			out = append(out, member{key.(string), v})
		}
		_, err = d.Token()
		return out, err
	case json.Delim('['):
		out := []any{}
		for d.More() {
			v, err := readValue(d)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		_, err = d.Token()
		return out, err
	}
	return t, nil
}

// setJSON returns the value with another one at the end of a path; objects on the way come into being.
func setJSON(v any, path []string, to any) any {
	if len(path) == 0 {
		return to
	}
	if list, ok := v.([]any); ok {
		i, err := strconv.Atoi(path[0])
		if err != nil || i > len(list) {
			return v
		}
		list = slices.Clone(list)
		if i == len(list) {
			list = append(list, nil)
		}
		list[i] = setJSON(list[i], path[1:], to)
		return list
	}
	members, _ := v.(object)
	members = slices.Clone(members)
	for i := range members {
		if members[i].key == path[0] {
			members[i].value = setJSON(members[i].value, path[1:], to)
			return members
		}
	}
	return append(members, member{path[0], setJSON(nil, path[1:], to)})
}

func dropJSON(v any, path []string) any {
	switch v := v.(type) {
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(v) {
			return v
		}
		list := slices.Clone(v)
		if len(path) == 1 {
			return slices.Delete(list, i, i+1)
		}
		list[i] = dropJSON(list[i], path[1:])
		return list
	case object:
		members := slices.Clone(v)
		if len(path) == 1 {
			return slices.DeleteFunc(members, func(m member) bool { return m.key == path[0] })
		}
		for i := range members {
			if members[i].key == path[0] {
				members[i].value = dropJSON(members[i].value, path[1:])
			}
		}
		return members
	}
	return v
}

func renameJSON(v any, path []string, name string) any {
	switch v := v.(type) {
	case []any:
		i, err := strconv.Atoi(path[0])
		if err != nil || i >= len(v) || len(path) == 1 {
			return v
		}
		list := slices.Clone(v)
		list[i] = renameJSON(list[i], path[1:], name)
		return list
	case object:
		members := slices.Clone(v)
		for i := range members {
			switch {
			case members[i].key != path[0]:
			case len(path) == 1:
				members[i].key = name
			default:
				members[i].value = renameJSON(members[i].value, path[1:], name)
			}
		}
		return members
	}
	return v
}

// plainText is a value as parameters and headers have it.
func plainText(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(encodeJSON(v))
}

// show is a value as sentences have it, cut short.
func show(v any) string {
	const most = 60
	text := []rune(string(encodeJSON(v)))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// guess reads text that is nearly JSON: single or missing quotes, missing or superfluous commas, brackets that are not
// closed, comments, a text after the value.
func guess(text string) (v any, ok bool) {
	g := &guesser{text: []rune(strings.TrimPrefix(text, "\uFEFF"))}
	v = g.value(0)
	return v, g.at > 0
}

type guesser struct {
	text []rune
	at   int
}

// deepest bounds the nesting of a guess.
const deepest = 100

func (g *guesser) peek() rune {
	if g.at < len(g.text) {
		return g.text[g.at]
	}
	return 0
}

func (g *guesser) skip(more string) {
	for g.at < len(g.text) && (unicode.IsSpace(g.text[g.at]) || strings.ContainsRune(more, g.text[g.at])) {
		g.at++
	}
}

func (g *guesser) value(depth int) any {
	g.skip(":=,;")
	switch c := g.peek(); {
	case c == '{' && depth < deepest:
		g.at++
		return g.object(depth)
	case c == '[' && depth < deepest:
		g.at++
		return g.list(depth)
	case c == '"' || c == '\'':
		return g.quoted(c)
	}
	word := g.word()
	switch strings.ToLower(word) {
	case "true":
		return true
	case "false":
		return false
	case "null", "none", "undefined", "nan", "":
		return nil
	}
	if json.Valid([]byte(word)) {
		return json.Number(word)
	}
	return word
}

func (g *guesser) object(depth int) any {
	out := object{}
	for {
		g.skip(",;")
		c := g.peek()
		if c == '}' || c == ']' {
			g.at++
		}
		if c == 0 || c == '}' || c == ']' {
			return out
		}
		from := g.at
		key := ""
		if c == '"' || c == '\'' {
			key = g.quoted(c)
		} else {
			key = g.word()
		}
		if from == g.at {
			g.at++ // a sign that means nothing here
			continue
		}
		out = append(out, member{key, g.value(depth + 1)})
	}
}

func (g *guesser) list(depth int) any {
	out := []any{}
	for {
		g.skip(",;")
		c := g.peek()
		if c == '}' || c == ']' {
			g.at++
		}
		if c == 0 || c == '}' || c == ']' {
			return out
		}
		from := g.at
		out = append(out, g.value(depth+1))
		if from == g.at {
			g.at++
		}
	}
}

func (g *guesser) quoted(quote rune) string {
	from := g.at
	for g.at++; g.at < len(g.text) && g.text[g.at] != quote && g.text[g.at] != '\n'; g.at++ {
		if g.text[g.at] == '\\' {
			g.at++
		}
	}
	end := min(g.at, len(g.text))
	g.at = min(end+1, len(g.text))
	inner := string(g.text[from+1 : end])
	var out string
	if json.Unmarshal([]byte(`"`+strings.ReplaceAll(inner, `"`, `\"`)+`"`), &out) == nil {
		return out
	}
	if json.Unmarshal([]byte(`"`+inner+`"`), &out) == nil {
		return out
	}
	return inner
}

func (g *guesser) word() string {
	from := g.at
	for g.at < len(g.text) && !unicode.IsSpace(g.text[g.at]) && !strings.ContainsRune(`{}[],:;"'=`, g.text[g.at]) {
		g.at++
	}
	return string(g.text[from:g.at])
}
