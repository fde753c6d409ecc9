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
const (
	rowsFormat  = 1
	seedsFormat = 2
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
	out := append(binary.AppendUvarint([]byte{format}, uint64(len(head))), head...)
	for _, rows := range tables {
		out = binary.AppendUvarint(out, uint64(len(rows)))
		for _, row := range rows {
			out = binary.AppendUvarint(out, row.Number)
			if row.Row == nil {
				out = append(out, 0)
				continue
			}
			out = append(binary.AppendUvarint(out, uint64(len(row.Row))+1), row.Row...)
		}
	}
	return s2.Encode(nil, out), nil
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

// decodeImage decodes what encodeImage returned. The rows are parts of one text.
func decodeImage(stored []byte) (*world.Image, error) {
	text, err := s2.Decode(nil, stored)
	if err != nil {
		return nil, err
	}
	img := &world.Image{}
	if bytes.HasPrefix(text, []byte("{")) {
		return img, json.Unmarshal(text, img)
	}
	r := reader{text: text}
	if format := r.uvarint(); format != rowsFormat && format != seedsFormat {
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
	if err == nil && (r.failed || len(r.text) > 0) {
		err = errImage
	}
	return img, err
}

// reader reads the parts of an image. After a part that is not there it has failed and reads nothing.
type reader struct {
	text   []byte
	failed bool
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
			tables[name] = world.TableImage{Numbers: tables[name].Numbers, Rows: r.rows()}
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
