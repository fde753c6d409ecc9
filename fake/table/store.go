package table

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/btree"
)

// put stores v, in place of old if that is not nil.
func (t *Table[T]) put(old *Row[T], v T) error {
	t.touch()
	row := &Row[T]{Value: v, seq: t.data.seq + 1}
	if old != nil {
		row.seq = old.seq
	}
	for i, ix := range t.indexes {
		if err := t.clash(ix, &t.data.trees[i], v, row.seq); err != nil {
			return err
		}
	}
	if old != nil {
		t.remove(old)
	} else {
		t.data.seq++
	}
	t.data.bySeq.Set(row.seq, row)
	t.data.byKey.Set(t.key(v), row.seq)
	for i, ix := range t.indexes {
		enter(ix, &t.data.trees[i], row)
	}
	return nil
}

func (t *Table[T]) remove(row *Row[T]) {
	t.data.bySeq.Delete(row.seq)
	t.data.byKey.Delete(t.key(row.Value))
	for i, ix := range t.indexes {
		for _, value := range ix.keys(row.Value) {
			t.data.trees[i].Delete(indexKey(value, row.seq))
		}
	}
}

func (t *Table[T]) clash(ix index[T], tree *btree.Map[string, uint64], v T, own uint64) error {
	if !ix.unique {
		return nil
	}
	for _, value := range ix.keys(v) {
		var err error
		under(tree, value, func(seq uint64) bool {
			if seq != own {
				row, _ := t.data.bySeq.Get(seq)
				err = &Taken{Table: t.name, Index: ix.name, Value: value, ID: t.key(row.Value)}
			}
			return err == nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func enter[T any](ix index[T], tree *btree.Map[string, uint64], row *Row[T]) {
	for _, value := range ix.keys(row.Value) {
		tree.Set(indexKey(value, row.seq), row.seq)
	}
}

func indexKey(value string, seq uint64) string {
	return string(binary.BigEndian.AppendUint64(append([]byte(value), 0), seq))
}

// under visits what a tree holds under a value.
func under(tree *btree.Map[string, uint64], value string, visit func(seq uint64) bool) {
	prefix := value + "\x00"
	tree.Ascend(prefix, func(key string, seq uint64) bool {
		if !strings.HasPrefix(key, prefix) {
			return false
		}
		return len(key) != len(prefix)+8 || visit(seq) // a longer key belongs to a value with a zero byte in it
	})
}

// Missing is the error of a look-up that found nothing.
type Missing struct{ Table, ID string }

func (e *Missing) Error() string { return fmt.Sprintf("table %s: no row %q", e.Table, e.ID) }

// Taken is the error of a write that would give two rows the same identifier or unique value.
// Index is empty for the identifier; ID is the row that has the value.
type Taken struct{ Table, Index, Value, ID string }

func (e *Taken) Error() string {
	what := e.Index
	if what == "" {
		what = "identifier"
	}
	return fmt.Sprintf("table %s: the %s %q belongs to row %s", e.Table, what, e.Value, e.ID)
}

// Any is what the owner knows of its tables, whatever their rows are.
type Any interface {
	Name() string
	Len() int
	Copy() any                                   // its rows as they are now, for PutBack
	PutBack(rows any)                            // undoes everything since Copy
	Adopt(rows any)                              // takes over what Copy of the same table of another owner returned, sharing it
	Dump() []json.RawMessage                     // all rows in the order of their insertion
	Keyed() map[string]json.RawMessage           // all rows by identifier
	KeyedIn(rows any) map[string]json.RawMessage // the same of what Copy returned
	Load(text json.RawMessage) error             // inserts one row; unknown keys are refused
}

func (d *rows[T]) copy() rows[T] {
	c := rows[T]{seq: d.seq, trees: make([]btree.Map[string, uint64], len(d.trees))}
	if d.bySeq.Len() == 0 {
		return c
	}
	c.bySeq, c.byKey = *d.bySeq.Copy(), *d.byKey.Copy()
	for i := range d.trees {
		c.trees[i] = *d.trees[i].Copy()
	}
	return c
}

// Copy implements Any.
func (t *Table[T]) Copy() any { return &kept[T]{t.data.copy(), t.indexes} }

// kept is a table's rows together with the indexes that go with them.
type kept[T any] struct {
	data    rows[T]
	indexes []index[T]
}

// PutBack implements Any.
func (t *Table[T]) PutBack(data any) {
	k := data.(*kept[T])
	t.data, t.indexes = k.data.copy(), k.indexes
	t.version++
}

// Adopt implements Any. Indexes are found by their names; one that the other owner has not is built.
func (t *Table[T]) Adopt(rows any) {
	from := rows.(*kept[T])
	data := from.data.copy()
	trees := data.trees
	data.trees = make([]btree.Map[string, uint64], len(t.indexes))
	t.data = data
	t.version++
	for i, ix := range t.indexes {
		if n := slices.IndexFunc(from.indexes, func(other index[T]) bool { return other.name == ix.name }); n >= 0 {
			data.trees[i] = trees[n]
			continue
		}
		for row := range t.Rows() {
			enter(ix, &data.trees[i], row)
		}
	}
}

// Dump implements Any.
func (t *Table[T]) Dump() []json.RawMessage {
	out := make([]json.RawMessage, 0, t.Len())
	for row := range t.Rows() {
		out = append(out, json.RawMessage(row.JSON()))
	}
	return out
}

// Keyed implements Any.
func (t *Table[T]) Keyed() map[string]json.RawMessage { return t.keyed(&t.data) }

// KeyedIn implements Any.
func (t *Table[T]) KeyedIn(rows any) map[string]json.RawMessage {
	return t.keyed(&rows.(*kept[T]).data)
}

func (t *Table[T]) keyed(d *rows[T]) map[string]json.RawMessage {
	out := make(map[string]json.RawMessage, d.bySeq.Len())
	d.bySeq.Scan(func(_ uint64, row *Row[T]) bool {
		out[t.key(row.Value)] = json.RawMessage(row.JSON())
		return true
	})
	return out
}

// Load implements Any.
func (t *Table[T]) Load(text json.RawMessage) error {
	var v T
	if err := strict(text, &v); err != nil {
		return fmt.Errorf("table %s: row %s: %w", t.name, shorten(text), err)
	}
	_, err := t.Insert(v)
	return err
}

func strict(text []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(v)
}

func shorten(text []byte) string {
	if len(text) > 80 {
		return string(text[:80]) + "…"
	}
	return string(text)
}
