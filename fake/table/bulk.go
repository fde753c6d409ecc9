package table

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	fastjson "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	legacy "github.com/go-json-experiment/json/v1"
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
func (t *core) LoadAll(rows Batches) bool {
	return t.bulk(rows, func(int) uint64 { return t.data.seq + 1 })
}

// putAll is LoadAll for rows that have numbers.
func (t *core) putAll(rows []Numbered) bool {
	texts := make([]json.RawMessage, len(rows))
	for i := range rows {
		texts[i] = rows[i].Row
	}
	return t.bulk(InBatches(texts), func(i int) uint64 { return rows[i].Number })
}

// bulk stores rows in an empty table: it decodes them on all processors and builds each index from
// sorted keys. If the table has rows or one of the new ones is invalid, bulk changes nothing and
// returns false. Storing the rows one after the other then says what is wrong.
func (t *core) bulk(batches Batches, number func(i int) uint64) bool {
	if t.Len() > 0 {
		return false
	}
	rows, ok := t.decodeAll(batches)
	if !ok {
		return false
	}
	t.touch()
	empty := t.data
	t.data = noRows(len(t.indexes))
	t.data.seq = empty.seq
	for i := 0; ok && i < len(rows); i++ {
		ok = t.append(rows[i], number(i))
	}
	if !ok || !parallel(len(t.indexes), 1, func(i int) bool { return t.buildIndex(i, rows) }) {
		t.data = empty
		return false
	}
	for _, row := range rows {
		t.orders.keep(nil, row)
	}
	return true
}

// decodeAll decodes rows, the first one alone, because it may fill caches. ok is false if one of them is invalid.
func (t *core) decodeAll(batches Batches) (rows []stored, ok bool) {
	for batch := range batches {
		done := len(rows)
		rows = append(rows, make([]stored, len(batch))...)
		decode := func(i int) bool {
			rows[done+i] = t.decodeLoaded(batch[i])
			return rows[done+i] != nil
		}
		if len(batch) > 0 && !decode(0) || !parallel(len(batch), block, decode) {
			return nil, false
		}
	}
	return rows, true
}

// decodeLoaded decodes and checks a row. It returns nil if the row is invalid.
func (t *core) decodeLoaded(text []byte) stored {
	if t.fastRow != nil {
		if row := t.fastRow(text); row != nil {
			return row
		}
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
func (t *core) append(row stored, number uint64) bool {
	if number <= t.data.seq {
		return false
	}
	t.fillRow(row)
	t.data.seq, row.own().seq = number, number
	if t.sizeOf != nil {
		t.data.held += t.sizeOf(row)
	}
	t.data.bySeq.Load(number, row)
	_, taken := t.data.byKey.Load(t.id(row), number) // Load is Set with a short way to the end
	return !taken
}

// buildIndex fills the tree of an index. It returns false if two rows share a value of a unique index, or if
// it cannot tell.
func (t *core) buildIndex(n int, rows []stored) bool {
	ix, tree, ok := t.indexes[n], &t.data.trees[n], true
	var texts keyTexts
	keys := sortedKeys(rows, func(row stored, add func(string)) {
		for _, value := range ix.keys(row) {
			if ix.unique && strings.IndexByte(value, 0) >= 0 {
				ok = false // keys of other values may stand between two keys of this one
			}
			add(texts.add(value, row.own().seq))
		}
	})
	for i, k := range keys {
		before := keys[max(0, i-1)]
		if ix.unique && before.row != k.row && before.key[:len(before.key)-keyEnd] == k.key[:len(k.key)-keyEnd] {
			return false
		}
		tree.Load(k.key, rows[k.row].own().seq)
	}
	return ok
}

// block is how many rows a processor takes at a time.
const block = 64

// parallel calls do for all numbers below n, on all processors, until one call returns false. It
// reports whether none did. A processor takes some numbers at a time.
func parallel(n, some int, do func(i int) bool) bool {
	var next atomic.Int64
	var failed atomic.Bool
	take := func() int { return int(next.Add(int64(some))) - some }
	work := func() {
		for from := take(); from < n && !failed.Load(); from = take() {
			for i := from; i < min(n, from+some); i++ {
				if !do(i) {
					failed.Store(true)
					return
				}
			}
		}
	}
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), (n+some-1)/some) - 1 { // this goroutine works, too
		workers.Go(work)
	}
	work()
	workers.Wait()
	return !failed.Load()
}
