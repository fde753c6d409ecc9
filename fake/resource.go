package fake

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"

	"github.com/afba07b5/mockserver/fake/table"
)

// Resource implements the five standard operations on a table. Only Table and Param are required.
// Each answers with the status of success that the document gives its operation: usually 201 for
// Create, and 204 for Delete, which has no body.
type Resource[T any] struct {
	Table *Table[T]
	Param string // the path parameter with the row's identifier

	// Find returns the row for the path parameter; default: by identifier.
	Find func(r *Request, id string) (T, error)
	// Rule validates a new row (old is nil) or a changed one, and may normalise it. It need not
	// undo changes.
	Rule func(r *Request, old, row *T) error
	// View returns what clients see of a row; default: the row itself.
	View func(r *Request, row T) any
	// Page filters, sorts and pages a list, and sets headers such as its total; default: all rows. The rows it takes
	// are all of the table in insertion order.
	Page func(r *Request, rows []*Row[T]) ([]*Row[T], error)
	// Drop validates or prepares the removal of a row.
	Drop func(r *Request, row T) error
}

// List answers with the rows as a bare array.
func (c Resource[T]) List(r *Request) (any, error) {
	rows := make([]*Row[T], 0, c.Table.Len())
	for row := range c.Table.Rows() {
		rows = append(rows, row)
	}
	if c.Page != nil {
		var err error
		if rows, err = c.Page(r, rows); err != nil {
			return nil, err
		}
	}
	if c.View == nil {
		return Joined(rows), nil
	}
	out := make([]any, len(rows))
	for i, row := range rows {
		out[i] = c.View(r, row.Value)
	}
	return out, nil
}

// Get answers with one row.
func (c Resource[T]) Get(r *Request) (any, error) {
	row, err := c.find(r)
	if err != nil {
		return nil, err
	}
	return c.view(r, row), nil
}

// Create stores a row from the body. It ignores keys that the document does not declare.
func (c Resource[T]) Create(r *Request) (any, error) {
	var row T
	if err := r.decodeDeclared(&row); err != nil {
		return nil, err
	}
	if c.Rule != nil {
		if err := c.Rule(r, nil, &row); err != nil {
			return nil, err
		}
	}
	row, err := c.Table.Insert(row)
	if err != nil {
		return nil, err
	}
	return c.view(r, row), nil
}

// Update changes the fields in the body. It ignores keys that the document does not declare.
func (c Resource[T]) Update(r *Request) (any, error) {
	old, err := c.find(r)
	if err != nil {
		return nil, err
	}
	row, err := table.Update(c.Table, c.Table.Key(old), func(old T) (T, error) {
		var row T
		if err := json.Unmarshal(encode(old), &row); err != nil { // a copy that shares no slice
			return row, err
		}
		if err := r.decodeDeclared(&row); err != nil {
			return row, err
		}
		if c.Rule == nil {
			return row, nil
		}
		err := c.Rule(r, &old, &row)
		return row, err
	})
	if err != nil {
		return nil, err
	}
	return c.view(r, row), nil
}

// Delete removes a row and answers without a body.
func (c Resource[T]) Delete(r *Request) (any, error) {
	row, err := c.find(r)
	if err != nil {
		return nil, err
	}
	if c.Drop != nil {
		if err := c.Drop(r, row); err != nil {
			return nil, err
		}
	}
	c.Table.Delete(c.Table.Key(row))
	return nil, nil
}

func (c Resource[T]) find(r *Request) (T, error) {
	if !strings.Contains(r.Op.Path, "{"+c.Param+"}") && c.Find == nil {
		return *new(T), fmt.Errorf("operation %s: the path %s has no parameter %q", r.Op.ID, r.Op.Path, c.Param)
	}
	if c.Find != nil {
		return c.Find(r, r.Path(c.Param))
	}
	return c.Table.Get(r.Path(c.Param))
}

func (c Resource[T]) view(r *Request, row T) any {
	if c.View != nil {
		return c.View(r, row)
	}
	if kept := c.Table.Row(c.Table.Key(row)); kept != nil {
		return kept.JSON()
	}
	return row
}

// decodeDeclared decodes the body without the keys that the operation's schema does not declare.
func (r *Request) decodeDeclared(v any) error {
	object, ok := r.in.JSON.(map[string]any)
	if !ok {
		return r.Decode(v)
	}
	maps.DeleteFunc(object, func(key string, _ any) bool { return !r.Op.Declares(key) })
	return decode(encode(object), v)
}

func decode(body []byte, v any) error {
	err := json.Unmarshal(body, v)
	if err == nil {
		return nil
	}
	return &Error{Status: 400, Violations: []Violation{{In: "body", Rule: "type", Reason: err.Error()}}}
}
