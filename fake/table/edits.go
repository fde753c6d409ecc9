package table

import "slices"

// edit is the number of a row that a write stored or removed. It points to the edit before, so that all copies of
// a table share their edits. An edit without one before is where a table begins, or has forgotten what was.
type edit struct {
	number uint64
	before *edit
	length int // how many edits are before this one
}

// fewEdits is how many edits a small table remembers at least.
const fewEdits = 1000

// edited notes that a row was stored or removed.
func (d *rows) edited(number uint64) {
	if d.edits.length > max(fewEdits, d.bySeq.Len()/8) {
		d.edits = &edit{}
	}
	d.edits = &edit{number, d.edits, d.edits.length + 1}
}

// between returns the numbers of all rows that may differ between two copies of a table, in order, perhaps
// more than once. It reports false if the edits between them are forgotten.
func between(a, b *edit) (numbers []uint64, ok bool) {
	for a != b {
		if a.length < b.length {
			a, b = b, a
		}
		if a.before == nil {
			return nil, false
		}
		numbers = append(numbers, a.number)
		a = a.before
	}
	slices.Sort(numbers)
	return numbers, true
}

// diff visits the rows that differ between two moments, in the order of their insertion: old is nil for a
// new row, now for one that is gone. It compares pointers, those of all rows if the edits between the
// moments are not remembered.
func (d *rows) diff(later *rows, visit func(old, now stored)) {
	numbers, ok := between(d.edits, later.edits)
	if !ok {
		numbers = append(d.bySeq.Keys(), later.bySeq.Keys()...)
		slices.Sort(numbers)
	}
	for _, n := range slices.Compact(numbers) {
		if old, now := d.at(n), later.at(n); old != now {
			visit(old, now)
		}
	}
}
