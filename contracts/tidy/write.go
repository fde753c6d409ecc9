package tidy

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"
)

// block writes an object or a list, one field or element per line.
func (w *writer) block(n *node, indent int) {
	if n.base != nil {
		w.line(indent, "<<: *"+n.base.anchor)
	}
	for i, kid := range n.kids {
		switch {
		case n.list:
			w.element(kid, indent)
		case n.differs(i):
			w.line(indent, keyText(n.keys[i])+":")
			w.value(kid, indent, indent+2)
		}
	}
}

// element writes an element of a list. The first field of an object follows the dash.
func (w *writer) element(n *node, indent int) {
	w.line(indent, "-")
	if n.anchor != "" || n.list || w.short(n, indent+2) {
		w.value(n, indent, indent+2)
		return
	}
	w.out.Truncate(w.out.Len() - 1) // the line break
	inner := &writer{}
	inner.block(n, indent+2)
	w.out.WriteString(" " + strings.TrimLeft(inner.out.String(), " "))
}

// value writes what follows a key or a dash.
func (w *writer) value(n *node, indent, deeper int) {
	w.out.Truncate(w.out.Len() - 1)
	if n.anchor != "" {
		w.out.WriteString(" &" + n.anchor)
	}
	column := w.column()
	switch {
	case n.same != nil:
		w.out.WriteString(" *" + n.same.anchor + "\n")
	case n.scalar:
		w.out.WriteString(" " + foldedText(n.text, column, deeper) + "\n")
	case w.short(n, column):
		w.out.WriteString(" " + n.flow + "\n")
	default:
		w.out.WriteByte('\n')
		w.block(n, deeper)
	}
}

// short reports whether a value is written in one line.
func (w *writer) short(n *node, column int) bool {
	long := column + 1 + utf8.RuneCountInString(n.flow)
	switch {
	case n.scalar || n.same != nil || len(n.kids) == 0:
		return true
	case n.whole || n.planned():
		return false
	}
	for _, kid := range n.kids {
		if s, ok := kid.text.(string); ok && strings.Contains(s, "\n") {
			return false
		}
		if !kid.scalar && len(kid.kids) > 0 {
			return long <= width && len(n.flow) <= flowWidth
		}
	}
	return long <= width
}

// planned reports whether an alias, a merge or an anchor is in a value.
func (n *node) planned() bool {
	if n.base != nil {
		return true
	}
	for _, kid := range n.kids {
		if kid.same != nil || kid.anchor != "" || kid.planned() {
			return true
		}
	}
	return false
}

func (w *writer) line(indent int, text string) {
	w.out.WriteString(strings.Repeat(" ", indent) + text + "\n")
}

// column returns the length of the last line.
func (w *writer) column() int {
	text := w.out.Bytes()
	return utf8.RuneCount(text[bytes.LastIndexByte(text, '\n')+1:])
}

var (
	plainKey  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]*$`)
	plainText = regexp.MustCompile(`^[A-Za-z/_][A-Za-z0-9_/.-]*( [A-Za-z0-9_/.-]+)*$`)
	reserved  = regexp.MustCompile(`(?i)^(?:true|false|null|yes|no|on|off|y|n|\.?inf|\.?nan)$`)
)

func keyText(key string) string {
	if plainKey.MatchString(key) && !reserved.MatchString(key) {
		return key
	}
	return quoted(key)
}

func scalarText(v any) string {
	if s, ok := v.(string); ok {
		if plainText.MatchString(s) && !reserved.MatchString(s) {
			return s
		}
		return quoted(s)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return quoted(err.Error()) // no value of YAML
	}
	return string(data)
}

func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return `""` // a string can be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

var piece = regexp.MustCompile(`(?s)\\u[0-9a-fA-F]{4}|\\.|.`)

// foldedText returns a scalar that begins at a column. A long text is broken into several lines.
func foldedText(v any, column, indent int) string {
	s, isText := v.(string)
	if isText && strings.Contains(s, "\n") && literal(s) {
		return literalText(s, indent)
	}
	text := scalarText(v)
	if !isText || column+1+utf8.RuneCountInString(text) <= width {
		return text
	}
	text = quoted(s)
	var b strings.Builder
	b.WriteByte('"')
	at, margin := column+2, strings.Repeat(" ", indent)
	for _, one := range piece.FindAllString(text[1:len(text)-1], -1) {
		if at >= width {
			b.WriteString("\\\n" + margin)
			if at = indent; one == " " {
				b.WriteByte('\\')
			}
		}
		b.WriteString(one)
		at += utf8.RuneCountInString(one)
	}
	return b.String() + `"`
}

// control matches a character that a literal block cannot have.
var control = regexp.MustCompile(`[\x00-\x09\x0b-\x1f\x7f\x{85}\x{2028}\x{2029}\x{feff}]`)

// literal reports whether a text can be a literal block with lines that are not too long.
func literal(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if utf8.RuneCountInString(line) > width || strings.HasSuffix(line, " ") {
			return false
		}
	}
	return s[0] != '\n' && s[0] != ' ' && !control.MatchString(s) && !strings.HasSuffix(s, "\n\n")
}

func literalText(s string, indent int) string {
	head := "|-"
	if strings.HasSuffix(s, "\n") {
		head, s = "|", s[:len(s)-1]
	}
	margin := "\n" + strings.Repeat(" ", indent)
	return head + margin + strings.ReplaceAll(s, "\n", margin)
}
