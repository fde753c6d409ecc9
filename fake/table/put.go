package table

import (
	"encoding/json"
	"sort"
)

// Numbered is a row with its number, or the number of a row that is gone.
type Numbered struct {
	Number uint64          `json:"n"`
	Row    json.RawMessage `json:"row,omitempty"`
}

// Parts calls visit with rows in the order of their numbers, some at a time, until it returns false. The rows are valid
// until the next call.
type Parts func(visit func([]Numbered) bool) error

// Numbers implements Any.
func (t *core) Numbers(copied any) uint64 { return t.rowsOf(copied).seq }

// Put implements Any. It first removes the rows that are gone or replaced, so that rows may swap
// unique values.
func (t *core) Put(first []Numbered, more Parts, numbers uint64) error {
	t.touch()
	rows, err := t.decodeAll(first, more)
	if err != nil {
		return err
	}
	last := t.data.seq
	behind := sort.Search(len(rows), func(i int) bool { return rows[i].own().seq > last })
	err = t.putEach(rows[:behind])
	t.data.seq = last
	if rows = rows[behind:]; err == nil && (len(rows) < block || !t.putAll(rows)) {
		err = t.putEach(rows)
	}
	t.data.seq = numbers
	return err
}

func (t *core) putEach(rows []stored) error {
	for _, row := range rows {
		t.fillRow(row)
		t.data.seq = row.own().seq - 1
		if err := t.replace(nil, row); err != nil {
			return err
		}
	}
	return nil
}
