package table

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type bulkRow struct {
	ID     string   `json:"id"`
	Unique string   `json:"unique,omitempty"`
	Tags   []string `json:"tags"`
	Order  int      `json:"order"`
}

type nobody struct{}

func (nobody) Touch(Any) {}

// newBulkTable makes a table whose rows get their order from the rows before them.
func newBulkTable() *Table[bulkRow] {
	var t *Table[bulkRow]
	n := 0
	t = New(nobody{}, "rows", func(r bulkRow) string { return r.ID }, func(r *bulkRow) {
		if n++; r.Order == 0 {
			r.Order = n
		}
		if t.Has(r.ID + "x") {
			r.Order += 1000
		}
	})
	Index(t, "unique", true, func(r bulkRow) []string { return []string{r.Unique, r.Unique}[:min(2, len(r.Unique))] })
	Index(t, "tags", false, func(r bulkRow) []string { return r.Tags })
	return t
}

// TestBulkIsLikeOneByOne loads random rows, some of them invalid, at once and one after the other.
func TestBulkIsLikeOneByOne(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	texts := []string{"", "a", "b", "\x00", "a\x00", "a\x00\x00", "ab"}
	accepted := 0
	for round := range 400 {
		var rows []json.RawMessage
		for i := range random.IntN(200) {
			row := bulkRow{ID: fmt.Sprintf("%d%s", random.IntN(1_000_000), []string{"", "x"}[random.IntN(2)])}
			if row.Unique = fmt.Sprint("u", random.IntN(1_000_000)); random.IntN(40) == 0 {
				row.Unique = texts[random.IntN(len(texts))]
			}
			for range random.IntN(3) {
				row.Tags = append(row.Tags, texts[random.IntN(len(texts))])
			}
			text := Encode(row)
			if round%10 == 0 && i%50 == 17 {
				odd := []string{`{"id":"i","other":1}`, `[]`, `null`, `{"ID":"i"}`, `{"id":1}`, ` {"id":"\ud800"} `,
					`{"id":"a","id":"b"}`, `{"id":"n","tags":null}`, `{"id":"f","order":1.5}`, `{"id":"i"} {}`}
				text = []byte(odd[random.IntN(len(odd))])
			}
			rows = append(rows, text)
		}
		bulk, single := newBulkTable(), newBulkTable()
		var err error
		for _, row := range rows {
			if err = single.Untyped().Load(row); err != nil {
				break
			}
		}
		switch ok := bulk.Untyped().LoadAll(InBatches(rows)); {
		case ok && err != nil:
			t.Fatalf("round %d: loaded at once what alone fails: %v", round, err)
		case !ok && bulk.Len() > 0:
			t.Fatalf("round %d: a refused load left %d rows", round, bulk.Len())
		case ok:
			accepted++
			compareTables(t, single, bulk, texts)
		}
	}
	if accepted < 100 {
		t.Errorf("only %d of 400 rounds were loaded at once", accepted)
	}
}

func compareTables(t *testing.T, want, got *Table[bulkRow], values []string) {
	t.Helper()
	view := func(x *Table[bulkRow]) (out []string) {
		for row := range x.Rows() {
			out = append(out, fmt.Sprint(row.own().seq, string(row.JSON())))
		}
		for row := range From(x, "", false) {
			out = append(out, row.Value.ID)
		}
		for _, name := range []string{"unique", "tags"} {
			for _, value := range values {
				for row := range x.By(name, value) {
					out = append(out, name+value+row.Value.ID)
				}
			}
		}
		return out
	}
	if diff := cmp.Diff(view(want), view(got)); diff != "" {
		t.Fatalf("(-one by one +at once)\n%s", diff)
	}
	for _, x := range []*Table[bulkRow]{want, got} {
		ids := slices.Collect(x.All())
		for i, row := range ids {
			if i%2 == 0 {
				x.Delete(row.ID)
			}
		}
	}
	if diff := cmp.Diff(view(want), view(got)); diff != "" {
		t.Fatalf("after deletions (-one by one +at once)\n%s", diff)
	}
}

// TestSortedKeysAreAllKeysInOrder sorts random keys that begin alike, of which some are the beginning of others.
func TestSortedKeysAreAllKeysInOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 12))
	for range 2_000 {
		begin := "a common beginning"[:random.IntN(18)]
		var rows []stored
		var want []string
		for range random.IntN(50) {
			key := []byte(begin)
			for range random.IntN(20) {
				key = append(key, "\x00\x01ab\xff"[random.IntN(5)])
			}
			rows = append(rows, &Row[string]{Value: string(key)})
			want = append(want, string(key), string(key)+"\x00")
		}
		var got []string
		for _, k := range sortedKeys(rows, func(row stored, add func(string)) {
			add(row.(*Row[string]).Value + "\x00")
			add(row.(*Row[string]).Value)
		}) {
			if value := rows[k.row].(*Row[string]).Value; value != k.key && value+"\x00" != k.key {
				t.Fatalf("%q is a key of the row %q", k.key, value)
			}
			got = append(got, k.key)
		}
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got)\n%s", diff)
		}
	}
}
