package mutant

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// decode decodes a JSON body and keeps the spelling of numbers; ok is false if it is not JSON.
func decode(body string) (v any, ok bool) {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	_, err := d.Token()
	return v, err == io.EOF
}

// encode encodes a decoded body.
func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // decoded JSON can be encoded
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// visit calls see for each value with its path: "" for the root, then like data[].owner.name. key
// is the value's name in its object, "" in a list.
func visit(v any, path, key string, see func(path, key string, v any)) {
	see(path, key, v)
	switch v := v.(type) {
	case map[string]any:
		for k, kid := range v {
			visit(kid, below(path, k), k, see)
		}
	case []any:
		for _, kid := range v {
			visit(kid, path+"[]", "", see)
		}
	}
}

func below(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// gone is the result of a change that removes a value.
type gone struct{}

// change returns the replacement of a key and its value.
type change func(key string, v any) (string, any)

// edit changes all values at a path and returns the tree, which it modifies.
func edit(v any, at, path string, do change) any {
	if at == path {
		_, v = do("", v)
		return v
	}
	switch v := v.(type) {
	case map[string]any:
		editObject(v, at, path, do)
	case []any:
		if !strings.HasPrefix(path, at+"[]") {
			return v
		}
		kept := v[:0]
		for _, kid := range v {
			if kid = edit(kid, at+"[]", path, do); kid != (gone{}) {
				kept = append(kept, kid)
			}
		}
		return kept
	}
	return v
}

func editObject(v map[string]any, at, path string, do change) {
	for key, kid := range v {
		at := below(at, key)
		if at == path {
			delete(v, key)
			if key, kid = do(key, kid); kid != (gone{}) {
				v[key] = kid
			}
			return
		}
		if strings.HasPrefix(path, at) {
			v[key] = edit(kid, at, path, do)
		}
	}
}
