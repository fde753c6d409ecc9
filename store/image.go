package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/klauspost/compress/s2"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/world"
)

// An image is stored as the JSON of everything but the rows, preceded by its length, and then the rows
// of each table: their number, and of each row its number, its length plus one and its JSON; a row that
// is gone has length 0. Lengths and numbers are varints, and all is compressed. A reader finds each row
// without looking at the JSON around it. The first byte tells this form from the JSON of the whole
// image, which earlier versions stored. An image that names seeds has another number, because earlier
// versions would take the rows in it for all.
//
// The rows of a table with many follow in blocks, each compressed by itself, so that a reader needs
// memory for one of them. Before all come a zero byte, with which no compressed text begins, and the
// length of the first text. That has, after the rows of each table, the number of its blocks and the
// length of each.
const (
	rowsFormat   = 1
	seedsFormat  = 2
	blocksFormat = 3
)

// Sizes of blocks.
const (
	blockRows  = 1000      // how many rows a table with blocks has at least
	blockBytes = 128 << 10 // of the rows in a block, but for the last one
)

var errImage = errors.New("the image is not complete")

// encodeImage returns an image as it is stored.
func encodeImage(img *world.Image) ([]byte, error) {
	outline, tables := splitRows(img)
	head, err := json.Marshal(outline)
	if err != nil {
		return nil, err
	}
	format := byte(rowsFormat)
	for range fromSeeds(img) {
		format = seedsFormat
	}
	many := func(rows []table.Numbered) bool { return len(rows) >= blockRows }
	if slices.ContainsFunc(tables, many) {
		format = blocksFormat
	}
	text, blocks := append(binary.AppendUvarint([]byte{format}, uint64(len(head))), head...), []byte(nil)
	for _, rows := range tables {
		switch {
		case format != blocksFormat:
			text = appendRows(text, rows)
		case !many(rows):
			text = append(appendRows(text, rows), 0)
		default:
			text = append(text, 0)
			text, blocks = appendBlocks(text, blocks, rows)
		}
	}
	if text = s2.Encode(nil, text); format == blocksFormat {
		text = slices.Concat(binary.AppendUvarint([]byte{0}, uint64(len(text))), text, blocks)
	}
	return text, nil
}

// appendRows appends rows and their number.
func appendRows(to []byte, rows []table.Numbered) []byte {
	to = binary.AppendUvarint(to, uint64(len(rows)))
	for _, row := range rows {
		to = binary.AppendUvarint(to, row.Number)
		if row.Row == nil {
			to = append(to, 0)
			continue
		}
		to = append(binary.AppendUvarint(to, uint64(len(row.Row))+1), row.Row...)
	}
	return to
}

// appendBlocks appends blocks of rows, and to text what they are.
func appendBlocks(text, blocks []byte, rows []table.Numbered) (longer, more []byte) {
	var list []byte
	count := 0
	for len(rows) > 0 {
		n, size := 0, 0
		for n < len(rows) && size < blockBytes {
			size += len(rows[n].Row)
			n++
		}
		block := s2.Encode(nil, appendRows(nil, rows[:n]))
		list = binary.AppendUvarint(list, uint64(len(block)))
		blocks, rows = append(blocks, block...), rows[n:]
		count++
	}
	return append(binary.AppendUvarint(text, uint64(count)), list...), blocks
}

// splitRows returns an image without rows, and the rows of its tables.
func splitRows(img *world.Image) (outline world.Image, tables [][]table.Numbered) {
	cut := func(fakes map[string]*world.FakeImage) map[string]*world.FakeImage {
		out := maps.Clone(fakes)
		for _, name := range slices.Sorted(maps.Keys(fakes)) {
			if fakes[name] == nil {
				continue
			}
			f := *fakes[name]
			f.Tables = maps.Clone(f.Tables)
			for _, name := range slices.Sorted(maps.Keys(f.Tables)) {
				tables = append(tables, f.Tables[name].Rows)
				f.Tables[name] = world.TableImage{Numbers: f.Tables[name].Numbers}
			}
			out[name] = &f
		}
		return out
	}
	outline = *img
	outline.Fakes = cut(img.Fakes)
	if img.Base != nil {
		base := *img.Base
		base.Kept, base.Origins = cut(base.Kept), cut(base.Origins)
		outline.Base = &base
	}
	return outline, tables
}

// decodeImage decodes what encodeImage returned. The rows are parts of one text, but for those in blocks.
func decodeImage(stored []byte) (*world.Image, error) {
	outer := reader{text: stored}
	first := stored
	if bytes.HasPrefix(stored, []byte{0}) {
		outer.next(1)
		first = outer.next(outer.uvarint())
	} else {
		outer.text = nil
	}
	text, err := s2.Decode(nil, first)
	if err != nil {
		return nil, err
	}
	img := &world.Image{}
	if bytes.HasPrefix(text, []byte("{")) {
		return img, json.Unmarshal(text, img)
	}
	r := reader{text: text}
	switch format := r.uvarint(); format {
	case rowsFormat, seedsFormat:
	case blocksFormat:
		r.blocks = &outer
	default:
		return nil, errors.New("the image has a format of a later version")
	}
	if head := r.next(r.uvarint()); !r.failed {
		err = json.Unmarshal(head, img)
	}
	if err == nil {
		r.joinRows(img.Fakes)
	}
	if err == nil && img.Base != nil {
		r.joinRows(img.Base.Kept)
		r.joinRows(img.Base.Origins)
	}
	if err == nil && (r.failed || outer.failed || len(r.text)+len(outer.text) > 0) {
		err = errImage
	}
	return img, err
}

// reader reads the parts of an image. After a part that is not there it has failed and reads nothing.
type reader struct {
	text   []byte
	failed bool
	blocks *reader // of the blocks of a table; nil in an image without
}

func (r *reader) uvarint() uint64 {
	n, size := binary.Uvarint(r.text)
	if size <= 0 {
		r.failed, r.text = true, nil
		return 0
	}
	r.text = r.text[size:]
	return n
}

func (r *reader) next(n uint64) []byte {
	if n > uint64(len(r.text)) {
		r.failed, r.text = true, nil
		return nil
	}
	part := r.text[:n:n]
	r.text = r.text[n:]
	return part
}

// joinRows is the opposite of splitRows.
func (r *reader) joinRows(fakes map[string]*world.FakeImage) {
	for _, name := range slices.Sorted(maps.Keys(fakes)) {
		if fakes[name] == nil {
			continue
		}
		tables := fakes[name].Tables
		for _, name := range slices.Sorted(maps.Keys(tables)) {
			tables[name] = world.TableImage{Numbers: tables[name].Numbers, Rows: r.rows(), More: r.more()}
		}
	}
}

func (r *reader) rows() []table.Numbered {
	count := r.uvarint()
	rows := make([]table.Numbered, 0, min(count, uint64(len(r.text)))) // each takes a byte or more
	for range count {
		row := table.Numbered{Number: r.uvarint()}
		if size := r.uvarint(); size > 0 {
			row.Row = r.next(size - 1)
		}
		if r.failed {
			return nil
		}
		rows = append(rows, row)
	}
	return rows
}

// more reads the list of a table's blocks, and returns their rows, or nil without blocks.
func (r *reader) more() table.Parts {
	if r.blocks == nil {
		return nil
	}
	var blocks [][]byte
	for range r.uvarint() {
		if blocks = append(blocks, r.blocks.next(r.uvarint())); r.failed || r.blocks.failed {
			return nil
		}
	}
	if len(blocks) == 0 {
		return nil
	}
	return func(visit func([]table.Numbered) bool) error {
		var memory []byte
		for _, block := range blocks {
			text, err := s2.Decode(memory, block)
			if err != nil {
				return err
			}
			part := reader{text: text}
			rows := part.rows()
			if part.failed || len(part.text) > 0 {
				return errImage
			}
			if memory = text[:cap(text)]; !visit(rows) {
				return nil
			}
		}
		return nil
	}
}
