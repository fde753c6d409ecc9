package graphql

import (
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// words splits a name where camel case does, and between letters and digits, which is why the plural
// gizmo2s is gizmo2S here: observed on the real server.
func words(name string) (out []string) {
	kind := func(i int) byte {
		switch c := name[i]; {
		case c >= 'a' && c <= 'z':
			return 'a'
		case c >= 'A' && c <= 'Z':
			return 'A'
		case c >= '0' && c <= '9':
			return '0'
		}
		return ' '
	}
	from := 0
	for i := 1; i <= len(name); i++ {
		if i < len(name) {
			before, now := kind(i-1), kind(i)
			last := now == 'A' && before == 'A' && i+1 < len(name) && kind(i+1) == 'a' // the capital begins a word
			if before == now && !last || before == 'A' && now == 'a' && (i-1 == from) {
				continue
			}
		}
		if word := name[from:i]; kind(from) != ' ' {
			out = append(out, word)
		}
		from = i
	}
	return out
}

// camel and pascal are the spellings of names of fields and of types.
func camel(name string) string {
	parts := words(name)
	for i, w := range parts {
		if parts[i] = strings.ToLower(w); i > 0 {
			parts[i] = schema.Capital(parts[i])
		}
	}
	return strings.Join(parts, "")
}

func pascal(name string) string { return schema.Capital(camel(name)) }
