package table

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// page is a row that encodes itself.
type page string

func (p page) AppendJSON(to []byte) []byte { return append(append(append(to, '"'), p...), '"') }

// TestFewRowsKeepTheirJSON checks that rows drop the JSON they have kept for longest once all have too much.
func TestFewRowsKeepTheirJSON(t *testing.T) {
	t.Parallel()
	var k encodings
	const size = mostEncoded / 10
	rows := make([]Row[page], 25)
	for i := range rows {
		rows[i].Value = page(strings.Repeat("x", size-2))
		text := once(&rows[i])
		k.add(&rows[i].place, text)
		k.add(&rows[i].place, text) // as another reader does
	}
	for i := range rows {
		if keeps, wants := rows[i].encoded() > 0, i >= len(rows)-9; keeps != wants {
			t.Errorf("row %d of %d keeps its JSON: %v", i, len(rows), keeps)
		}
	}
	if want := 9 * (size + perEncoding); len(k.rows) != 9 || k.bytes != want {
		t.Errorf("%d rows keep %d bytes, want 9 and %d", len(k.rows), k.bytes, want)
	}
}

// TestReadersOfAllRowsKeepNoJSON checks that a dump leaves no encodings behind, and that the texts of rows have no
// room behind them.
func TestReadersOfAllRowsKeepNoJSON(t *testing.T) {
	t.Parallel()
	pages := New(nobody{}, "pages", func(p page) string { return string(p) }, nil)
	if _, err := pages.Insert("some text"); err != nil {
		t.Fatal(err)
	}
	since := pages.core.Copy()
	row := pages.Row("some text")
	Encoded(since)(func([]json.RawMessage) bool { return true })
	pages.core.Keyed(nil)
	pages.core.RowIn(since, "some text")
	if row.encoded() != 0 {
		t.Error("a dump keeps JSON")
	}
	text := row.JSON()
	if row.encoded() != len(text) || &text[0] != &row.JSON()[0] {
		t.Error("a read keeps no JSON")
	}
	if cap(text) > 2*len(text) {
		t.Errorf("JSON of %d bytes takes %d", len(text), cap(text))
	}
}

// TestEncodedRowsAreFewAtATime checks that batches are small, have all rows of the copy in order, and may be left.
func TestEncodedRowsAreFewAtATime(t *testing.T) {
	t.Parallel()
	pages := New(nobody{}, "pages", func(p page) string { return string(p) }, nil)
	for i := range 1000 {
		if _, err := pages.Insert(page(fmt.Sprint(i, strings.Repeat("x", 1000)))); err != nil {
			t.Fatal(err)
		}
	}
	rows := Encoded(pages.core.Copy())
	pages.Delete(string(pages.Row("0" + strings.Repeat("x", 1000)).Value))
	for range 2 {
		n, batches := 0, 0
		for batch := range rows {
			batches++
			size := 0
			for _, row := range batch {
				if want := fmt.Sprintf(`"%dx`, n); !strings.HasPrefix(string(row), want) {
					t.Fatalf("row %d is %.10s", n, row)
				}
				n, size = n+1, size+len(row)
			}
			if size > batchBytes+1010 {
				t.Errorf("a batch has %d bytes", size)
			}
		}
		if n != 1000 || batches < 5 {
			t.Errorf("%d rows in %d batches", n, batches)
		}
	}
	for range rows {
		break
	}
}
