package table

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
)

// NotFoundError reports a look-up that found no row.
type NotFoundError struct{ Table, ID string }

func (e *NotFoundError) Error() string { return fmt.Sprintf("table %s: no row %q", e.Table, e.ID) }

// ConflictError reports a write that would give two rows the same identifier or unique value. Index
// is empty for the identifier; ID is the row that has the value.
type ConflictError struct{ Table, Index, Value, ID string }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("table %s: the %s %q belongs to row %s", e.Table, cmp.Or(e.Index, "identifier"), e.Value, e.ID)
}

func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func shorten(text []byte) string {
	if len(text) > 80 {
		return string(text[:80]) + "…"
	}
	return string(text)
}
