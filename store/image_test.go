package store

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/s2"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/world"
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

// numbered returns rows with these numbers, the last of which is gone.
func numbered(numbers ...uint64) (rows []table.Numbered) {
	for _, n := range numbers {
		rows = append(rows, table.Numbered{Number: n, Row: json.RawMessage(`{"id":1}`)})
	}
	rows[len(rows)-1].Row = nil
	return rows
}
