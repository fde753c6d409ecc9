package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/table"
)

// stateWriter writes the parts of a state file row by row, so that the file is never in memory as a whole. Its text is
// that of json.Marshal or, with an indent, of json.MarshalIndent, but for HTML escapes in rows.
type stateWriter struct {
	*bufio.Writer // keeps its first error
	indent        string
	err           error // of encoding
}

func (w *stateWriter) parts(parts map[string]any) {
	writeObject(w, 0, parts, func(part any) {
		if tables, ok := part.(map[string][]json.RawMessage); ok {
			writeObject(w, 1, tables, func(rows []json.RawMessage) {
				w.group(2, "[]", len(rows), func(i int) { w.value(3, rows[i]) })
			})
			return
		}
		text, err := json.Marshal(part)
		if err != nil {
			w.err = err
			return
		}
		w.value(1, text)
	})
}

// writeObject writes the members of an object, sorted.
func writeObject[V any](w *stateWriter, depth int, members map[string]V, value func(V)) {
	names := slices.Sorted(maps.Keys(members))
	w.group(depth, "{}", len(names), func(i int) {
		w.Write(table.Encode(names[i]))
		w.WriteByte(':')
		if w.indent != "" {
			w.WriteByte(' ')
		}
		value(members[names[i]])
	})
}

// group writes n elements between brackets.
func (w *stateWriter) group(depth int, brackets string, n int, element func(i int)) {
	w.WriteByte(brackets[0])
	for i := range n {
		if i > 0 {
			w.WriteByte(',')
		}
		w.line(depth + 1)
		element(i)
	}
	if n > 0 {
		w.line(depth)
	}
	w.WriteByte(brackets[1])
}

func (w *stateWriter) line(depth int) {
	if w.indent != "" {
		w.WriteString("\n" + strings.Repeat(w.indent, depth))
	}
}

// value writes a value.
func (w *stateWriter) value(depth int, text []byte) {
	if w.indent == "" {
		w.Write(text)
		return
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, strings.Repeat(w.indent, depth), w.indent); err != nil {
		w.err = err
	}
	w.Write(out.Bytes())
}
