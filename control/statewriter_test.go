package control

import (
	"bufio"
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake/table"
)

// TestAStateIsWrittenAsJSONMarshalDoes compares the text that is written row by row with that of the standard library.
func TestAStateIsWrittenAsJSONMarshalDoes(t *testing.T) {
	t.Parallel()
	rows := func(texts ...string) []json.RawMessage {
		all := []json.RawMessage{}
		for _, text := range texts {
			all = append(all, json.RawMessage(text))
		}
		return all
	}
	odd := rows(`{"a":[1,{"é\"":"\n"}],"e":{}}`, `3`, `{"\\":"\\\"{","x":[[],[{}],"]"]}`)
	b := map[string][]json.RawMessage{"two": odd, "none": rows(), "é\"": rows(`[]`)}
	rest := map[string]any{"default": map[string]any{"rows": map[string]string{"a": "h"}}, "x": []any{}}
	parts := map[string]any{"b": table.InTables(b)[0], "a": table.Tables{}, "_worlds": rest}
	plain := map[string]any{"b": b, "a": map[string]any{}, "_worlds": rest}
	for _, indent := range []string{"", " "} {
		want, err := json.Marshal(plain)
		if indent != "" {
			want, err = json.MarshalIndent(plain, "", indent)
		}
		if err != nil {
			t.Fatal(err)
		}
		var got bytes.Buffer
		to := bufio.NewWriter(&got)
		if err := WriteState(to, parts, indent); err != nil {
			t.Fatal(err)
		}
		to.Flush()
		if diff := cmp.Diff(string(want), got.String()); diff != "" {
			t.Errorf("indent %q (-marshalled +written):\n%s", indent, diff)
		}
	}
	broken := map[string]any{"a": table.InTables(map[string][]json.RawMessage{"t": rows("{")})[0]}
	if WriteState(bufio.NewWriter(&bytes.Buffer{}), broken, " ") == nil {
		t.Error("a row that is no JSON is written")
	}
}
