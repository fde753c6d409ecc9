package flexcrm

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/afba07b5/mockserver/fake/table"
)

// kind is the JSON type of a Cell.
type kind uint8

const (
	aText   kind = iota // a string; empty: ""
	aNumber             // a number; empty: null
	aList               // a list of strings, stored as JSON; empty: []
)

// Cell is the value of one key of a record, in the read form.
type Cell struct {
	Key  string
	Text string // the text, the number's digits, or the list as JSON; "" is empty
	kind kind
}

func (c *Cell) empty() bool { return c.Text == "" }

// num returns the value of a number, 0 if it is empty or no number.
func (c *Cell) num() float64 {
	if c.kind != aNumber {
		return 0
	}
	n, _ := strconv.ParseFloat(c.Text, 64)
	return n
}

// Record is one record as answers show it: the six system keys, then the fields in display order.
// Seeds write it as a JSON object; omitted keys are empty. The texts of all cells are kept as one.
type Record struct {
	layout *layout // nil for a record that is not filled yet
	text   string  // where each text ends, in ends of four bytes, and the texts; without a layout, the JSON
}

// cells is a record that is being made or changed.
type cells []Cell

const endSize = 4

// pack returns the cells as a record of a layout.
func (l *layout) pack(from cells) Record {
	return pack(l, func(i int) string { return from[i].Text })
}

// pack returns the texts of columns as a record. Columns that are computed have no value of their own.
func pack[T string | []byte](l *layout, nth func(i int) T) Record {
	var room [1024]byte // usually enough, so that only the record is allocated
	out := append(room[:0], make([]byte, endSize*len(l.columns))...)
	for i := range l.columns {
		if !l.columns[i].derived() {
			out = append(out, nth(i)...)
		}
		binary.LittleEndian.PutUint32(out[endSize*i:], uint32(len(out)))
	}
	return Record{l, string(out)}
}

// cells returns a copy to change.
func (rec Record) cells() cells {
	if rec.layout == nil {
		all, _ := decodeCells([]byte(rec.text)) // UnmarshalJSON has seen it
		return all
	}
	out := make(cells, len(rec.layout.columns))
	for i := range out {
		out[i] = rec.nth(i)
	}
	return out
}

// nth returns the value of the nth column of the record's own layout.
func (rec Record) nth(i int) Cell {
	c := &rec.layout.columns[i]
	from := endSize * len(rec.layout.columns)
	if i > 0 {
		from = rec.end(i - 1)
	}
	return Cell{Key: c.key, Text: rec.text[from:rec.end(i)], kind: c.kind}
}

func (rec Record) end(i int) int {
	e := rec.text[endSize*i : endSize*i+endSize]
	return int(e[0]) | int(e[1])<<8 | int(e[2])<<16 | int(e[3])<<24
}

func (rec Record) key() string { return rowKey(rec.id()) }

func (rec Record) id() int64 {
	cell := rec.cell(&systemID)
	return wholeNumber(cell.num())
}

var systemID = column{key: "id", kind: aNumber}

// cell returns the value of a column.
func (rec Record) cell(c *column) Cell {
	if l := rec.layout; l != nil && c.at < len(l.columns) && l.columns[c.at].key == c.key {
		return rec.nth(c.at)
	}
	return rec.cells().cell(c)
}

func (all cells) cell(c *column) Cell {
	for i := range all {
		if all[i].Key == c.key {
			return all[i]
		}
	}
	return Cell{Key: c.key, kind: c.kind}
}

// AppendJSON writes the keys in order.
func (rec Record) AppendJSON(out []byte) []byte {
	if rec.layout == nil {
		all := rec.cells()
		return appendCells(out, len(all), all.nth)
	}
	return appendCells(out, len(rec.layout.columns), rec.nth)
}

func (all cells) nth(i int) Cell { return all[i] }

func appendCells(out []byte, n int, nth func(i int) Cell) []byte {
	out = append(out, '{')
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		c := nth(i)
		out = append(appendText(out, c.Key), ':')
		out = c.append(out)
	}
	return append(out, '}')
}

func (c Cell) append(out []byte) []byte {
	switch {
	case c.kind == aText, !c.empty() && !json.Valid([]byte(c.Text)): // a seed may have a text anywhere
		return appendText(out, c.Text)
	case c.kind == aList && c.Text == "":
		return append(out, "[]"...)
	case c.Text == "":
		return append(out, "null"...)
	}
	return append(out, c.Text...)
}

// UnmarshalJSON decodes an object and keeps the order of its keys.
func (rec *Record) UnmarshalJSON(text []byte) error {
	*rec = Record{text: string(text)}
	_, err := decodeCells(text)
	return err
}

func decodeCells(text []byte) (cells, error) {
	all := make(cells, 0, 16)
	err := table.EachMember(text, func(key string, value []byte) error {
		cell, err := asCell(key, value)
		all = append(all, cell)
		return err
	})
	return all, err
}

func asCell(key string, value []byte) (Cell, error) {
	switch value[0] {
	case 'n':
		return Cell{Key: key, kind: aNumber}, nil
	case '"':
		cell := Cell{Key: key}
		return cell, table.Decode(value, &cell.Text)
	case '[':
		if len(value) == len("[]") {
			return Cell{Key: key, kind: aList}, nil
		}
		var list []any
		d := json.NewDecoder(bytes.NewReader(value))
		d.UseNumber()
		if err := d.Decode(&list); err != nil || len(list) == 0 {
			return Cell{Key: key, kind: aList}, err
		}
		return Cell{Key: key, Text: jsonText(list), kind: aList}, nil
	case '{', 't', 'f':
		return Cell{}, fmt.Errorf("record: %s is neither text, number nor list", key)
	}
	return numberCell(key, string(value)), nil
}

// wholeNumber truncates a number to an integer that float64 represents exactly.
func wholeNumber(n float64) int64 {
	const most = 1 << 53
	if n != n { // a text of a loaded state may be NaN
		return 0
	}
	return int64(min(max(n, -most), most))
}

func numberCell(key, digits string) Cell {
	return Cell{Key: key, Text: digits, kind: aNumber}
}

// appendText writes a JSON string without HTML escapes.
func appendText(out []byte, s string) []byte {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] == '"' || s[i] == '\\' {
			return append(out, jsonText(s)...)
		}
	}
	if !utf8.ValidString(s) {
		return append(out, jsonText(s)...)
	}
	out = append(out, '"')
	return append(append(out, s...), '"')
}

// fillRecord completes a record of a seed: it adds missing keys in order, the number and the dates.
func (a *api) fillRecord(table string, l *layout, rec *Record) {
	if rec.layout != l || !rec.complete() {
		*rec = l.pack(a.completed(table, l, *rec))
	}
	for i := range l.columns {
		if c := &l.columns[i]; c.field.Auto {
			cell := rec.nth(i)
			if n := wholeNumber(cell.num()); n > 0 {
				a.Number(table+"/"+c.key, n)
			}
		}
	}
	a.Number(table, rec.id())
}

// complete reports whether a record has all values that the server sets.
func (rec Record) complete() bool {
	for i := range systemColumns {
		if cell := rec.nth(i); cell.empty() {
			return false
		}
	}
	return true
}

func (a *api) completed(table string, l *layout, rec Record) cells {
	given, out := rec.cells(), make(cells, len(l.columns))
	for i := range l.columns {
		c := &l.columns[i]
		out[i] = given.cell(c)
		out[i].Key, out[i].kind = c.key, c.kind
		if c.derived() {
			out[i].Text = ""
		}
	}
	if out[atID].empty() {
		out.number(a.NextNumber(table))
	}
	now := showTime(a.Now())
	for _, at := range []int{atCreateDate, atUpdateDate, atUpdateDateForUser} {
		if out[at].empty() {
			out[at].Text = now
			if at != atCreateDate {
				out[at].Text = out[atCreateDate].Text
			}
		}
	}
	for _, at := range []int{atCreateUser, atUpdateUser} {
		if out[at].empty() {
			out[at] = numberCell(out[at].Key, "1")
		}
	}
	return out
}

func (all cells) number(n int64) { all[atID] = numberCell("id", strconv.FormatInt(n, 10)) }

// stamp dates a record that a user has just changed.
func (all cells) stamp(user int64, now string) {
	all[atUpdateUser] = numberCell("update_user_id", strconv.FormatInt(user, 10))
	all[atUpdateDate].Text, all[atUpdateDateForUser].Text = now, now
}

// decode decodes a record that has all columns and all values that the server sets, as stored ones have. Their order is
// usually that of the layout.
func (l *layout) decode(text []byte) (rec Record, ok bool) {
	s := table.Scan(text)
	var room [48][]byte
	values := append(room[:0], make([][]byte, len(l.columns))...)
	var known [48]bool
	seen := append(known[:0], make([]bool, len(l.columns))...)
	n := 0
	if !s.Open() {
		return rec, false
	}
	for i := 0; ; i++ {
		name, more := s.Next()
		if !more {
			break
		}
		if i = l.index(name, i); i < 0 || seen[i] {
			return rec, false
		}
		seen[i] = true
		if values[i], ok = l.columns[i].scan(&s); !ok {
			return rec, false
		}
		n++
	}
	rec = pack(l, func(i int) []byte { return values[i] })
	return rec, n == len(l.columns) && s.End() && rec.complete()
}

// index returns the index of a column, looked for from one on, or -1.
func (l *layout) index(key []byte, from int) int {
	for i := range l.columns {
		if at := (from + i) % len(l.columns); l.columns[at].key == string(key) {
			return at
		}
	}
	return -1
}

// scan reads a value of the type that the column has; ok is false if it is another.
func (c *column) scan(s *table.Scanner) (value []byte, ok bool) {
	if s.Null() {
		return nil, true
	}
	switch c.kind {
	case aText:
		return s.Text()
	case aNumber:
		return s.Number()
	}
	list := s.Value()
	if len(list) == 0 || list[0] != '[' {
		return nil, false
	}
	cell, err := asCell(c.key, list)
	return []byte(cell.Text), err == nil
}
