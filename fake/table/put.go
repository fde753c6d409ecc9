package table

import "encoding/json"

// Numbered is a row with its number, or the number of a row that is gone.
type Numbered struct {
	Number uint64          `json:"n"`
	Row    json.RawMessage `json:"row,omitempty"`
}

// Numbers implements Any.
func (t *core) Numbers(copied any) uint64 { return t.rowsOf(copied).seq }

// Put implements Any. It first removes the rows that are gone or replaced, so that rows may swap
// unique values.
func (t *core) Put(rows []Numbered, numbers uint64) error {
	if t.putAll(rows) {
		t.data.seq = numbers
		return nil
	}
	t.touch()
	for _, n := range rows {
		if old := t.data.at(n.Number); old != nil {
			t.drop(old)
		}
	}
	for _, n := range rows {
		if n.Row == nil {
			continue
		}
		row, err := t.decode(n.Row)
		if err != nil {
			return err
		}
		t.fillRow(row)
		t.data.seq = n.Number - 1
		if err := t.replace(nil, row); err != nil {
			return err
		}
	}
	t.data.seq = numbers
	return nil
}
