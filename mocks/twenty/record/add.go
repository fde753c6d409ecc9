package record

import (
	"encoding/json"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Add stores a record of a seed: text is its JSON, omitted keys get their defaults, and no event is
// sent.
func (s *Store) Add(m *schema.Model, text []byte) error {
	var r *Record
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	_, err := s.made(m).Insert(r)
	return err
}

// Find returns a record by its identifier, in the trash or not, or nil.
func (s *Store) Find(m *schema.Model, id string) *Record {
	t := s.Table(m)
	if t == nil {
		return nil
	}
	r, _ := t.Find(id)
	return r
}
