package journal

import (
	"encoding/json"
	"strings"
)

// Stub is the stub that answered a request, as it was then.
type Stub struct {
	ID         string
	Name       string
	Mapping    json.RawMessage
	Definition json.RawMessage // of the response
}

// Rooted cuts an absolute URL to path and query at the root of the fake: without a world's prefix, and
// without the fake's on the edge port.
func Rooted(name, absolute string) string {
	_, rest, ok := strings.Cut(absolute, "://")
	if !ok {
		return absolute
	}
	_, rest, _ = strings.Cut(rest, "/")
	if after, ok := strings.CutPrefix(rest, "__world/"); ok {
		_, rest, _ = strings.Cut(after, "/")
	}
	if after, ok := strings.CutPrefix(rest, name); ok &&
		(after == "" || strings.HasPrefix(after, "/") || strings.HasPrefix(after, "?")) {
		rest = strings.TrimPrefix(after, "/")
	}
	return "/" + rest
}
