package table

import (
	"bytes"
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
	if e.Index != "" {
		return fmt.Sprintf("table %s: %s %q is already in use by row %s", e.Table, e.Index, e.Value, e.ID)
	}
	return fmt.Sprintf("table %s: identifier %q is already in use", e.Table, e.Value)
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
