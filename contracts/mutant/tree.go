package mutant

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// decode reads a JSON body, numbers as they are spelled; ok is false if it is none.
func decode(body string) (v any, ok bool) {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return nil, false
	}
	_, err := d.Token()
	return v, err == io.EOF
}

// encode writes a decoded body again.
func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // what was decoded encodes
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// visit shows every value with its path: "" for the whole, then like data[].owner.name. key is the name the
// value has in the object around it, "" in a list.
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

// gone is what change returns for a value to take out.
type gone struct{}

// change returns a key and a value in the place of those that are there.
type change func(key string, v any) (string, any)

// edit changes all values at a path and returns the tree, which it reuses.
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
