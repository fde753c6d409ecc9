package table

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestPutMakesTheOtherCopy writes to a table, puts what changed into a copy as it was before, some of it in parts,
// and compares the two.
func TestPutMakesTheOtherCopy(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		from, to := newBulkTable(), newBulkTable()
		for i := range random.IntN(100) {
			loadBulkRow(t, from, fmt.Sprint("old", i), random)
		}
		seed := from.Untyped().Copy()
		to.Untyped().Adopt(seed)
		for i := range random.IntN(30) {
			id := fmt.Sprint("old", random.IntN(100))
			switch row, ok := from.Find(id); {
			case !ok:
			case i%3 == 0:
				from.Delete(id)
			default:
				row.Tags = []string{"a", "changed"}
				if err := from.Set(row); err != nil {
					t.Fatal(err)
				}
			}
		}
		for i := range random.IntN(300) {
			loadBulkRow(t, from, fmt.Sprint("new", i), random)
		}
		var rows []Numbered
		for _, c := range from.Untyped().Changes(seed, nil) {
			rows = append(rows, Numbered{c.Number(), json.RawMessage(c.After())})
		}
		loose := random.IntN(len(rows) + 1)
		err := to.Untyped().Put(rows[:loose], inParts(rows[loose:], 1+random.IntN(200)), from.Untyped().Numbers(nil))
		if err != nil {
			t.Fatal(err)
		}
		compareTables(t, from, to, []string{"a", "b", "changed", "u3", "u7"})
	}
}

// loadBulkRow adds a row with a unique value of its own.
func loadBulkRow(t *testing.T, to *Table[bulkRow], id string, random *rand.Rand) {
	t.Helper()
	row := bulkRow{ID: id, Unique: fmt.Sprint("u", to.Untyped().Numbers(nil)),
		Tags: []string{"a", "b"}[:random.IntN(3)], Order: 1 + random.IntN(100)}
	if err := to.Untyped().Load(Encode(row)); err != nil {
		t.Fatal(err)
	}
}

// inParts returns rows in parts, each of which is written over the one before.
func inParts(rows []Numbered, some int) Parts {
	return func(visit func([]Numbered) bool) error {
		var part []Numbered
		var text []byte
		for rows := rows; len(rows) > 0; rows = rows[len(part):] {
			part, text = part[:0], text[:0]
			for _, row := range rows[:min(some, len(rows))] {
				if at := len(text); row.Row != nil {
					text = append(text, row.Row...)
					row.Row = text[at:len(text):len(text)]
				}
				part = append(part, row)
			}
			if !visit(part) {
				return nil
			}
		}
		return nil
	}
}

// TestPutRefusesWhatIsNoCopy puts many rows of which one cannot stand.
func TestPutRefusesWhatIsNoCopy(t *testing.T) {
	t.Parallel()
	const many = 200
	tests := map[string]struct {
		row  string
		fail bool
	}{
		"the unique value of an earlier row": {`{"id":"n","unique":"u0"}`, true},
		"the unique value of a new row":      {`{"id":"n","unique":"v7"}`, true},
		"the identifier of an earlier row":   {`{"id":"old0"}`, true},
		"an unknown field":                   {`{"id":"n","other":1}`, true},
		"a unique value with a zero byte":    {`{"id":"n","unique":"u0\u0000"}`, false},
		"nothing":                            {`{"id":"n","unique":"n"}`, false},
	}
	for name, tt := range tests {
		for _, block := range []int{0, 150} {
			to := newBulkTable()
			loadBulkRow(t, to, "old0", rand.New(rand.NewPCG(1, 1)))
			var rows []Numbered
			for i := range many {
				rows = append(rows, Numbered{uint64(i + 2), fmt.Appendf(nil, `{"id":"r%d","unique":"v%d"}`, i, i)})
			}
			rows[100].Row = []byte(tt.row)
			var parts Parts
			if block > 0 {
				rows, parts = nil, inParts(rows, block)
			}
			err := to.Untyped().Put(rows, parts, many+2)
			if (err != nil) != tt.fail {
				t.Errorf("%s, blocks of %d rows: error %v", name, block, err)
			}
			if want := many + 1; err == nil && to.Len() != want {
				t.Errorf("%s, blocks of %d rows: %d rows, want %d", name, block, to.Len(), want)
			}
		}
	}
}

func TestPutReportsAPartThatCannotBeRead(t *testing.T) {
	t.Parallel()
	want := errors.New("cut short")
	err := newBulkTable().Untyped().Put([]Numbered{{1, []byte(`{"id":"a"}`)}}, func(func([]Numbered) bool) error {
		return want
	}, 2)
	if !errors.Is(err, want) {
		t.Errorf("error %v, want %v", err, want)
	}
}
