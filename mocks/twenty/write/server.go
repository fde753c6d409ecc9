package write

import (
	"context"
	"encoding/json"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// UpdateAsServer changes one record without updatedBy: fixtures/twenty/surface_members 48.
func (s *Scope) UpdateAsServer(id string, data *js.Object) (*record.Row, error) {
	c, err := s.readUpdate(verb.UpdateOne, "", data)
	if err != nil {
		return nil, err
	}
	row, err := s.row(id)
	if err != nil {
		return nil, err
	}
	d := s.overwrite(row, c, false)
	for _, column := range d.now.Layout().Columns {
		if column.Name == "updatedBy" {
			d.now.Set(column, d.old.At(column))
		}
	}
	return s.storeOne(d)
}

// ObjectOf makes an object of decoded JSON.
func ObjectOf(members map[string]any) *js.Object { return js.Ordered(members).(*js.Object) }

// Add stores a record of a seed: text is its JSON, with the values that a request may send. Omitted keys get their
// defaults, and no event is sent.
func Add(s *record.Store, m *schema.Model, text []byte) error {
	v, _ := js.ParseJSON(string(text))
	if data, ok := v.(*js.Object); ok {
		if _, err := NewScope(context.Background(), s, nil, m).read(data, false); err != nil {
			return err
		}
	}
	var r *record.Record
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	_, err := s.EnsureTable(m).Insert(r)
	return err
}
