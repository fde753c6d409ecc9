package record

import (
	"encoding/json"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Add stores a record of a seed: text is its JSON, with the values that a request may send. Omitted keys get their
// defaults, and no event is sent.
func (s *Store) Add(m *schema.Model, text []byte) error {
	v, _ := js.ParseJSON(string(text))
	if data, ok := v.(*js.Object); ok {
		if _, err := (&Scope{Store: s, Model: m}).read(data, false); err != nil {
			return err
		}
	}
	var r *Record
	if err := json.Unmarshal(text, &r); err != nil {
		return err
	}
	_, err := s.made(m).Insert(r)
	return err
}
