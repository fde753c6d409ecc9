package record

import (
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// UpdateAsServer changes one record without updatedBy: fixtures/twenty/surface_members 48.
func (s *Scope) UpdateAsServer(id string, data *js.Object) (*Row, error) {
	c, err := s.readUpdate(verb.UpdateOne, "", data)
	if err != nil {
		return nil, err
	}
	row := s.Row(s.Model, id)
	if row == nil {
		return nil, s.notFound(id)
	}
	d := s.overwrite(row, c, false)
	for _, column := range d.now.layout.Columns {
		if column.Name == "updatedBy" {
			d.now.Set(column, d.old.At(column))
		}
	}
	rows, err := s.store([]*draft{d})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// ObjectOf makes an object of decoded JSON.
func ObjectOf(members map[string]any) *js.Object {
	out := &js.Object{}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		v := members[key]
		if nested, ok := v.(map[string]any); ok {
			v = ObjectOf(nested)
		}
		out.Set(key, v)
	}
	return out
}
