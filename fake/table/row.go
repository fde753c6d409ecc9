package table

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sync/atomic"
)

// Raw is encoded JSON. A handler that returns it saves the core an encoding.
type Raw []byte

// MarshalJSON returns the text itself.
func (r Raw) MarshalJSON() ([]byte, error) { return r, nil }

// Row is one stored row. Its JSON is encoded when it is asked for, and kept for a while. A Row never
// changes: an update stores another one, so it may be kept and read without a lock.
type Row[T any] struct {
	Value T
	place
}

// place is the part of a row that does not depend on its type.
type place struct {
	seq  uint64
	text atomic.Pointer[Raw]
}

func (r *Row[T]) value() any { return &r.Value }

func (r *Row[T]) appender() Appender {
	own, _ := any(r.Value).(Appender)
	return own
}

func (p *place) own() *place { return p }

// encoded returns the length of the row's JSON, or 0 if the row does not keep it.
func (p *place) encoded() int {
	if text := p.text.Load(); text != nil {
		return len(*text)
	}
	return 0
}

// Appender is a row that appends its own JSON, compact and without HTML escapes.
type Appender interface{ AppendJSON(to []byte) []byte }

// JSON returns the row's own JSON or, if the row is no Appender, the result of Encode. The caller
// must not change it.
func (r *Row[T]) JSON() Raw { return keptJSON(r) }

//go:noinline
func keptJSON(row stored) Raw {
	text := once(row)
	if p := row.own(); p.text.Load() == nil {
		kept.add(p, text)
	}
	return text
}

// once is JSON for readers of all rows: what they encode is not kept. It is nil without a row.
func once(row stored) Raw {
	if row == nil {
		return nil
	}
	if kept := row.own().text.Load(); kept != nil {
		return *kept
	}
	return bytes.Clone(appendRow(make([]byte, 0, 1024), row)) // without the room behind it
}

// appendRow appends a row's JSON to a buffer, for readers of all rows.
func appendRow(to []byte, row stored) []byte {
	if kept := row.own().text.Load(); kept != nil {
		return append(to, *kept...)
	}
	if own := row.appender(); own != nil {
		return own.AppendJSON(to)
	}
	return appendEncoded(to, row.value())
}

// Joined returns the rows as one JSON array.
func Joined[T any](rows []*Row[T]) Raw {
	size := 2
	for _, row := range rows {
		size += len(row.JSON()) + 1
	}
	out := append(make(Raw, 0, size), '[')
	for i, row := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, row.JSON()...)
	}
	return append(out, ']')
}

// Encode encodes v as JSON without HTML escapes and without a final newline.
func Encode(v any) []byte { return appendEncoded(nil, v) }

func appendEncoded(to []byte, v any) []byte {
	buf := bytes.NewBuffer(to)
	e := json.NewEncoder(buf)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(fmt.Errorf("table: encoding %T: %w", v, err)) // plain data can always be encoded
	}
	return bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
}
