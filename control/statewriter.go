package control

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

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
	indented bytes.Buffer
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
		w.WriteString("\n" + strings.Repeat(w.indent, depth))
	}
}

// value writes a value, and returns the first error of either kind.
func (w *stateWriter) value(depth int, text []byte) error {
	if w.indent != "" {
		w.indented.Reset()
		if err := json.Indent(&w.indented, text, strings.Repeat(w.indent, depth), w.indent); err != nil {
			w.err = err
		}
		text = w.indented.Bytes()
	}
	_, err := w.Write(text)
	return cmp.Or(w.err, err)
}
