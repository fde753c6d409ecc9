package schema

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"strings"
	gosync "sync" // an application.s sync has the name
)

//go:embed key-order.json
var recordedOrder []byte

// keyOrder holds the recorded order of the keys of metadata by the key under which an object is. READ and WRITE mark
// objects that are answers themselves; =NAME refers to another entry. The orders of view sorts and of view filter
// groups are inferred from those of view filters.
var keyOrder = gosync.OnceValue(func() (orders map[string][]string) {
	if err := json.Unmarshal(recordedOrder, &orders); err != nil {
		panic(err) // embedded
	}
	for name, keys := range orders {
		if len(keys) == 1 {
			orders[name] = orders[strings.TrimPrefix(keys[0], "=")]
		}
	}
	return orders
})

// KeyOrder returns the keys of an object in the order in which the server writes them, by the end of its path that has
// an order. It is nil for an object without one, which is stored as a jsonb.
func KeyOrder(path string) []string {
	for found := true; found; {
		if keys := keyOrder()[path]; keys != nil {
			return keys
		}
		_, path, found = strings.Cut(path, ".")
	}
	return nil
}

// inOrder encodes an object with its keys, separated by blanks, in order. Null is left out, and a
// text that is empty, but for a value that was refused.
func inOrder(keys string, values map[string]any) ([]byte, error) {
	out := bytes.NewBufferString("{")
	for key := range strings.FieldsSeq(keys) {
		if values[key] == nil || key != "value" && values[key] == "" {
			continue
		}
		text, err := json.Marshal(values[key])
		if err != nil {
			return nil, err
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + key + `":`)
		out.Write(text)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}
