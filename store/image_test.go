package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/world"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
)

// TestAnImageIsTheWorld stores the seeds of all fakes as an image and compares the world that comes of it.
func TestAnImageIsTheWorld(t *testing.T) {
	t.Parallel()
	from, to := seededWorld(t), seededWorld(t)
	from.SetBaseline()
	img, err := from.Image()
	if err != nil {
		t.Fatal(err)
	}
	stored, err := encodeImage(img)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(img)
	if err != nil {
		t.Fatal(err)
	}
	again := &world.Image{} // what is empty may be absent or {}
	if err := json.Unmarshal(text, again); err != nil {
		t.Fatal(err)
	}
	for name, stored := range map[string][]byte{"rows apart": stored, "as JSON": s2.Encode(nil, text)} {
		got, err := decodeImage(stored)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(encodeJSON(t, again), encodeJSON(t, got)); diff != "" {
			t.Errorf("%s (-stored +decoded):\n%s", name, diff)
		}
		if err := to.Apply(got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(encodeJSON(t, from.Dump()), encodeJSON(t, to.Dump())); diff != "" {
			t.Errorf("%s: rows (-stored +loaded):\n%s", name, diff)
		}
	}
}

func seededWorld(t *testing.T) *world.World {
	t.Helper()
	srv, err := fake.New(fake.Config{}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	w, err := srv.World("default")
	if err == nil {
		err = w.Build()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func encodeJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestAnImageThatIsCutShortIsAnError(t *testing.T) {
	t.Parallel()
	img := &world.Image{Fakes: map[string]*world.FakeImage{"a": nil, "b": {Tables: map[string]world.TableImage{
		"rows": {Numbers: 300, Rows: numbered(200, 201, 202)}, "none": {Numbers: 2}}}},
		Base: &world.Base{Kept: map[string]*world.FakeImage{"b": {Tables: map[string]world.TableImage{
			"rows": {Numbers: 3, Rows: numbered(3)}}}}}}
	stored, err := encodeImage(img)
	if err != nil {
		t.Fatal(err)
	}
	text, err := s2.Decode(nil, stored)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(text) {
		if _, err := decodeImage(s2.Encode(nil, text[:n])); err == nil {
			t.Errorf("the first %d of %d bytes are an image", n, len(text))
		}
	}
	if _, err := decodeImage(s2.Encode(nil, append(bytes.Clone(text), 0))); err == nil {
		t.Error("an image with another byte is an image")
	}
	got, err := decodeImage(stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(encodeJSON(t, img), encodeJSON(t, got)); diff != "" {
		t.Errorf("(-stored +decoded):\n%s", diff)
	}
}

// TestAnImageWithBlocksIsTheWorld stores worlds of so many rows that they are in blocks.
func TestAnImageWithBlocksIsTheWorld(t *testing.T) {
	t.Parallel()
	for _, sample := range samples.All {
		from, name := emptyWorld(t), sample.Fake
		var rows fake.Rows
		if err := json.Unmarshal(manyRows(t, name, blockRows), &rows); err != nil {
			t.Fatal(err)
		}
		if err := from.Load(rows); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"whole", "grown from a seed"} {
			img, err := from.Image()
			if err != nil {
				t.Fatal(err)
			}
			if kind != "whole" {
				growFromSeed(t, name, img.Fakes[name])
			}
			body, err := encodeImage(img)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decodeImage(body)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, kind, err)
			}
			to := emptyWorld(t)
			if err := to.Apply(got); err != nil {
				t.Fatalf("%s, %s: %v", name, kind, err)
			}
			stored, loaded, blocks := from.Dump()[name], to.Dump()[name], 0
			for table, img := range got.Fakes[name].Tables {
				if img.More == nil {
					continue
				}
				if blocks++; !cmp.Equal(encodeJSON(t, stored[table]), encodeJSON(t, loaded[table])) {
					t.Errorf("%s, %s: %s differs from what was stored", name, kind, table)
				}
			}
			if blocks == 0 {
				t.Errorf("%s, %s: no blocks", name, kind)
			}
		}
	}
}

func TestBlocksAreTheirRows(t *testing.T) {
	t.Parallel()
	rows := func(n int) (out []table.Numbered) {
		for i := range n {
			out = append(out, table.Numbered{Number: uint64(2*i + 1), Row: fmt.Appendf(nil, `{"id":"%0200d"}`, i)})
		}
		out[n/2].Row = nil
		return out
	}
	tables := map[string]world.TableImage{"few": {Rows: numbered(3, 4)}, "none": {}, "many": {Rows: rows(blockRows)},
		"more": {Rows: rows(3 * blockRows)}}
	img := &world.Image{Fakes: map[string]*world.FakeImage{"a": nil, "b": {Tables: tables}},
		Base: &world.Base{Origins: map[string]*world.FakeImage{"b": {Tables: tables}}}}
	stored, err := encodeImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeImage(stored)
	if err != nil {
		t.Fatal(err)
	}
	for _, decoded := range []*world.FakeImage{got.Fakes["b"], got.Base.Origins["b"]} {
		for name, want := range tables {
			all, err := mergeRows(decoded.Tables[name])
			if err != nil {
				t.Fatal(err)
			}
			have := slices.DeleteFunc(slices.Clone(want.Rows), func(r table.Numbered) bool { return r.Row == nil })
			if encodeJSON(t, have) != encodeJSON(t, all) {
				t.Errorf("%s: %d rows differ from the %d that were stored", name, len(all), len(have))
			}
		}
	}
	for n := 0; n < len(stored); n += 1 + n/50 {
		if _, err := decodeImage(stored[:n]); err == nil {
			t.Errorf("the first %d of %d bytes are an image", n, len(stored))
		}
	}
	if _, err := decodeImage(append(bytes.Clone(stored), 0)); err == nil {
		t.Error("an image with another byte is an image")
	}
	clear(stored[len(stored)-100:])
	if _, err := mergeRows(got.Base.Origins["b"].Tables["more"]); err == nil {
		t.Error("a block that ends with zeros is one")
	}
}

// numbered returns rows with these numbers, the last of which is gone.
func numbered(numbers ...uint64) (rows []table.Numbered) {
	for _, n := range numbers {
		rows = append(rows, table.Numbered{Number: n, Row: json.RawMessage(`{"id":1}`)})
	}
	rows[len(rows)-1].Row = nil
	return rows
}
