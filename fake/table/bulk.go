package table

import (
	"bytes"
	"cmp"
	"errors"
	"runtime"
	"slices"
	"strings"

	fastjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	legacy "github.com/go-json-experiment/json/v1"
	"golang.org/x/sync/errgroup"
)

// fastStrict makes the fast decoder accept what strict accepts, with the same result. Its errors differ, so that it
// need not validate a row before it decodes it.
var fastStrict = fastjson.JoinOptions(legacy.DefaultOptionsV1(), fastjson.RejectUnknownMembers(true),
	legacy.ReportErrorsWithLegacySemantics(false))

// Decode is json.Unmarshal, but faster. Rows that decode themselves use it.
func Decode(text []byte, v any) error { return fastjson.Unmarshal(text, v, legacy.DefaultOptionsV1()) }

// EachMember visits the members of a JSON object in order. The values are parts of text.
func EachMember(text []byte, visit func(name string, value []byte) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if start, err := d.ReadToken(); err != nil || start.Kind() != '{' {
		return cmp.Or(err, errors.New("expected an object"))
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		value, err := d.ReadValue()
		if err == nil {
			err = visit(key, value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// LoadBy sets how rows of seeds and saved states are loaded. check may refuse a row before it is filled; it is for
// rows that decode themselves, whose unknown fields New cannot know. decode is a faster way: it returns a row as
// decoding, checking and filling it would make it, except for what fill does with other rows and the owner, or false:
// then the row is decoded as all others are. It may run for several rows at a time, must not change anything and must
// not keep text.
func LoadBy[T any](t *Table[T], decode func(text []byte) (T, bool), check func(T) error) {
	t.core.types().checkRow = func(row stored) error { return check(row.(*Row[T]).Value) }
	t.core.types().fastRow = func(text []byte) stored {
		if v, ok := decode(text); ok {
			return &Row[T]{Value: v}
		}
		return nil
	}
}

// LoadAll implements Any.
func (t *core) LoadAll(batches Batches) bool {
	if t.Len() > 0 {
		return false
	}
	n := t.data.seq
	rows, err := t.decodeAll(nil, func(visit func([]Numbered) bool) error {
		for batch := range batches {
			part := make([]Numbered, len(batch))
			for i, text := range batch {
				n++
				part[i] = Numbered{n, text}
			}
			if !visit(part) {
				break
			}
		}
		return nil
	})
	t.touch()
	return err == nil && t.putAll(rows)
}

// putAll stores rows that have their numbers behind all others. It builds each index from sorted keys. If one of the
// rows has the number, the identifier or a unique value of another one, putAll stores nothing and returns false.
// Storing the rows one after the other then says what is wrong.
func (t *core) putAll(rows []stored) bool {
	before := t.data
	t.data = before.freeze()
	t.data.edits = &edit{}
	clash := slices.ContainsFunc(rows, func(row stored) bool { return !t.append(row) })
	if clash || parallel(len(t.indexes), 1, func(i int) error { return t.buildIndex(i, rows) }) != nil {
		t.data = before
		return false
	}
	for _, row := range rows {
		t.orders.keep(nil, row)
	}
	return true
}

// decodeAll removes the rows of those numbers and decodes the new ones on all processors, but the first one alone,
// because it may fill caches.
func (t *core) decodeAll(first []Numbered, more Parts) (rows []stored, err error) {
	decodePart := func(part []Numbered) bool {
		for _, n := range part {
			if old := t.data.at(n.Number); old != nil {
				t.drop(old)
			}
		}
		part = slices.DeleteFunc(slices.Clone(part), func(n Numbered) bool { return n.Row == nil })
		done := len(rows)
		rows = append(rows, make([]stored, len(part))...)
		decode := func(i int) error {
			row, err := t.decode(part[i].Row)
			if err == nil {
				row.own().seq, rows[done+i] = part[i].Number, row
			}
			return err
		}
		if len(part) > 0 {
			err = cmp.Or(decode(0), parallel(len(part), block, decode))
		}
		return err == nil
	}
	if decodePart(first) && more != nil {
		err = cmp.Or(more(decodePart), err)
	}
	return rows, err
}

// decodeLoaded decodes and checks a row. It returns nil if the row is invalid.
func (t *core) decodeLoaded(text []byte) stored {
	if row := t.fastRow(text); row != nil {
		return row
	}
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return nil
	}
	row := t.newRow()
	if fastjson.Unmarshal(text, row.value(), fastStrict) != nil || t.checkRow(row) != nil {
		return nil
	}
	return row
}

// append stores a row behind all others, but not in the indexes. It returns false if it has the number
// or the identifier of another row. Unlike the indexes, identifiers are there when the next row is filled.
func (t *core) append(row stored) bool {
	number := row.own().seq
	if number <= t.data.seq {
		return false
	}
	t.fillRow(row)
	t.data.seq = number
	if t.sizeOf != nil {
		t.data.held += t.sizeOf(row)
	}
	t.data.bySeq.Load(number, row)
	_, taken := t.data.byKey.Load(t.id(row), number) // Load is Set with a short way to the end
	return !taken
}

// buildIndex adds rows to the tree of an index. It returns an error if a value of a unique index belongs to two rows,
// or may.
func (t *core) buildIndex(n int, rows []stored) (err error) {
	ix, tree := t.indexes[n], &t.data.trees[n]
	check := ix.unique && tree.Len() > 0
	var texts keyTexts
	keys := sortedKeys(rows, func(row stored, add func(string)) {
		for _, value := range ix.keys(row) {
			if ix.unique && strings.IndexByte(value, 0) >= 0 {
				err = &ConflictError{} // keys of other values may stand between two keys of this one
			}
			add(texts.add(value, row.own().seq))
		}
	})
	for i, k := range keys {
		before, value := keys[max(0, i-1)], k.key[:len(k.key)-keyEnd]
		if ix.unique && before.row != k.row && before.key[:len(before.key)-keyEnd] == value ||
			check && t.clash(ix, tree, rows[k.row], rows[k.row].own().seq) != nil {
			return &ConflictError{}
		}
		tree.Load(k.key, rows[k.row].own().seq)
	}
	return err
}

// block is how many rows a processor takes at a time.
const block = 64

// parallel calls do for all numbers below n, on all processors, each of which takes some at a time, and returns the
// first error.
func parallel(n, some int, do func(i int) error) error {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for from := 0; from < n; from += some {
		group.Go(func() (err error) {
			for i := from; i < min(n, from+some) && err == nil; i++ {
				err = do(i)
			}
			return err
		})
	}
	return group.Wait()
}
