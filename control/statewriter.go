package control

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/fake/table"
)

// WriteState writes the parts of a state file, which ReadState reads: rows as map[string]table.Tables has them, and
// anything else. It takes rows as they come, so that the file is never in memory as a whole. Its text is that of
// json.Marshal or, with an indent, of json.MarshalIndent, but for HTML escapes in rows. It returns the first error of
// encoding; to keeps its own.
func WriteState(to *bufio.Writer, parts map[string]any, indent string) error {
	w := &stateWriter{Writer: to, indent: indent}
	writeObject(w, 0, parts, func(part any) {
		if tables, ok := part.(table.Tables); ok {
			writeObject(w, 1, tables, w.rows)
			return
		}
		text, err := json.Marshal(part)
		if err != nil {
			w.err = err
			return
		}
		w.value(1, text)
	})
	return w.err
}

// stateWriter writes JSON in pieces.
type stateWriter struct {
	*bufio.Writer
	indent   string
	indented []byte
	err      error // of encoding
}

// writeObject writes the members of an object, sorted.
func writeObject[V any](w *stateWriter, depth int, members map[string]V, value func(V)) {
	w.WriteByte('{')
	for i, name := range slices.Sorted(maps.Keys(members)) {
		w.next(depth+1, i)
		w.Write(table.Encode(name))
		w.WriteByte(':')
		if w.indent != "" {
			w.WriteByte(' ')
		}
		value(members[name])
	}
	w.end(depth, len(members), '}')
}

// rows writes the rows of a table. It stops at the first error.
func (w *stateWriter) rows(rows table.Batches) {
	w.WriteByte('[')
	n := 0
	rows.Each(func(i int, row json.RawMessage) error {
		n = i + 1
		w.next(3, i)
		return w.value(3, row)
	})
	w.end(2, n, ']')
}

// next begins an element.
func (w *stateWriter) next(depth, i int) {
	if i > 0 {
		w.WriteByte(',')
	}
	w.line(depth)
}

// end ends an object or a list of n elements.
func (w *stateWriter) end(depth, n int, bracket byte) {
	if n > 0 {
		w.line(depth)
	}
	w.WriteByte(bracket)
}

func (w *stateWriter) line(depth int) {
	if w.indent != "" {
		w.indented = w.appendLine(w.indented[:0], depth)
		w.Write(w.indented)
	}
}

// value writes a value, and returns the first error of either kind.
func (w *stateWriter) value(depth int, text []byte) error {
	if w.indent != "" {
		w.indented = w.appendIndented(w.indented[:0], text, depth)
		text = w.indented
	}
	_, err := w.Write(text)
	return cmp.Or(w.err, err)
}

var errNotJSON = errors.New("a row is not JSON")

// appendIndented appends a value with line breaks, as json.Indent does, which takes four times as long: it validates.
func (w *stateWriter) appendIndented(out, text []byte, depth int) []byte {
	top := depth
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			end := i + endOfText(text[i:])
			out = append(out, text[i:end]...)
			i = end - 1
		case '{', '[':
			if out = append(out, c); i+1 < len(text) && text[i+1] == c+2 { // its end
				out = append(out, c+2)
				i++
				continue
			}
			depth++
			out = w.appendLine(out, depth)
		case '}', ']':
			depth--
			out = append(w.appendLine(out, depth), c)
		case ',':
			out = w.appendLine(append(out, c), depth)
		case ':':
			out = append(out, c, ' ')
		case ' ', '\t', '\r', '\n':
		default:
			out = append(out, c)
		}
	}
	if depth != top {
		w.err = errNotJSON
	}
	return out
}

func (w *stateWriter) appendLine(out []byte, depth int) []byte {
	out = append(out, '\n')
	for range depth {
		out = append(out, w.indent...)
	}
	return out
}

// endOfText returns where the JSON text ends that another begins with.
func endOfText(text []byte) int {
	for at := 1; ; {
		i := bytes.IndexByte(text[at:], '"')
		if i < 0 {
			return len(text)
		}
		escapes := 0
		for text[at+i-1-escapes] == '\\' {
			escapes++
		}
		if at += i + 1; escapes%2 == 0 {
			return at
		}
	}
}
