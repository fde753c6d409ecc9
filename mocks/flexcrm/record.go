package flexcrm

import (
	"bytes"
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
	Text string  // the text, the number's digits, or the list as JSON; "" is empty
	Num  float64 // of a number
	kind kind
}

func (c *Cell) empty() bool { return c.Text == "" }

// Record is one record as answers show it: the six system keys, then the fields in display order.
// Seeds write it as a JSON object; omitted keys are empty.
type Record []Cell

func (rec Record) key() string { return rowKey(rec.id()) }
func (rec Record) id() int64   { return wholeNumber(rec.at(&systemID).Num) }

var systemID = column{key: "id"}

// cell returns the value of a column.
func (rec Record) cell(c *column) Cell { return *rec.at(c) }

// at returns a pointer to the value of a column, without copying it.
func (rec Record) at(c *column) *Cell {
	if c.at < len(rec) && rec[c.at].Key == c.key {
		return &rec[c.at]
	}
	for i := range rec {
		if rec[i].Key == c.key {
			return &rec[i]
		}
	}
	return &Cell{Key: c.key, kind: c.kind}
}

// MarshalJSON writes the keys in order.
func (rec Record) MarshalJSON() ([]byte, error) {
	out := make([]byte, 1, 512)
	out[0] = '{'
	for i, c := range rec {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendText(out, c.Key), ':')
		out = c.append(out)
	}
	return append(out, '}'), nil
}

func (c Cell) append(out []byte) []byte {
	switch {
	case c.kind == aText:
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
	cells := make(Record, 0, 16)
	err := table.EachMember(text, func(key string, value []byte) error {
		cell, err := asCell(key, value)
		cells = append(cells, cell)
		return err
	})
	*rec = cells
	return err
}

func asCell(key string, value []byte) (Cell, error) {
	switch value[0] {
	case 'n':
		return Cell{Key: key, kind: aNumber}, nil
	case '"':
		cell := Cell{Key: key}
		return cell, table.Decode(value, &cell.Text)
	case '[':
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
	n, _ := strconv.ParseFloat(digits, 64)
	return Cell{Key: key, Text: digits, Num: n, kind: aNumber}
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
	out := make(Record, len(l.columns))
	for i := range l.columns {
		c := &l.columns[i]
		out[i] = rec.cell(c)
		out[i].Key = c.key
		if c.kind == aNumber && out[i].kind == aText && out[i].Text != "" {
			out[i] = numberCell(c.key, out[i].Text)
		}
		out[i].kind = c.kind
		if c.derived() {
			out[i].Text = ""
		}
		if c.field.Auto {
			a.BumpNumber(table+"/"+c.key, wholeNumber(out[i].Num))
		}
	}
	if out[atID].empty() {
		out.number(a.NextNumber(table))
	}
	a.BumpNumber(table, out.id())
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
	*rec = out
}

func (rec Record) number(n int64) { rec[atID] = numberCell("id", strconv.FormatInt(n, 10)) }

// stamp dates a record that a user has just changed.
func (rec Record) stamp(user int64, now string) {
	rec[atUpdateUser] = numberCell("update_user_id", strconv.FormatInt(user, 10))
	rec[atUpdateDate].Text, rec[atUpdateDateForUser].Text = now, now
}
