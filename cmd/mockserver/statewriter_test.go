package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAStateIsWrittenAsJSONMarshalDoes compares the text that is written row by row with that of the standard library.
func TestAStateIsWrittenAsJSONMarshalDoes(t *testing.T) {
	t.Parallel()
	rows := func(texts ...string) (all []json.RawMessage) {
		for _, text := range texts {
			all = append(all, json.RawMessage(text))
		}
		return all
	}
	parts := map[string]any{
		"b": map[string][]json.RawMessage{"two": rows(`{"a":[1,{"é\"":"\n"}],"e":{}}`, `3`), "none": {},
			"é\"": rows(`[]`)},
		"a":        map[string][]json.RawMessage{},
		worldsPart: map[string]fileWorld{"default": {Rows: tableHashes{"a": {"t": "h"}}}},
		tablesPart: map[string]json.RawMessage{"h": json.RawMessage(`[{"x":[1,2]}]`)},
	}
	for _, indent := range []string{"", " "} {
		want, err := json.Marshal(parts)
		if indent != "" {
			want, err = json.MarshalIndent(parts, "", indent)
		}
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		w := &stateWriter{Writer: bufio.NewWriter(&got), indent: indent}
		w.parts(parts)
		if w.Flush(); w.err != nil {
			t.Fatal(w.err)
		}
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("indent %q (-marshalled +written):\n%s", indent, diff)
		}
	}
	w := &stateWriter{Writer: bufio.NewWriter(&bytes.Buffer{}), indent: " "}
	if w.parts(map[string]any{"a": map[string][]json.RawMessage{"t": rows("{")}}); w.err == nil {
		t.Error("a row that is no JSON is written")
	}
}
