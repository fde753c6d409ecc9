package store

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/world"
	"github.com/afba07b5/mockserver/internal/cpu"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
)

// BenchmarkLoad measures how long a world of 10,000 and 100,000 rows takes to load: from the rows of a
// state file, and from the image that a store has, which has all rows or, as is usual, those that have been added to a
// seed.
func BenchmarkLoad(b *testing.B) {
	for _, sample := range samples.All {
		name := sample.Fake
		for _, n := range []int{10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d/state", name, n), func(b *testing.B) { loadState(b, manyRows(b, name, n)) })
			b.Run(fmt.Sprintf("%s/%d/image", name, n), func(b *testing.B) { loadImage(b, manyRows(b, name, n), nil) })
			b.Run(fmt.Sprintf("%s/%d/grown", name, n), func(b *testing.B) {
				loadImage(b, manyRows(b, name, n), func(f *world.FakeImage) { growFromSeed(b, name, f) })
			})
		}
	}
}

// big says which table of a fake gets many rows, and which fields of a row have to be unique. Another fake gets rows by
// the write of its sample.
var big = map[string]struct {
	table  string
	unique func(row map[string]any, i int)
}{
	"kickflow": {"users", func(row map[string]any, i int) {
		row["id"], row["code"] = randomID(i), randomID(i)[:8]
		row["email"] = fmt.Sprintf("u%d@example.com", i)
	}},
	"twenty": {"record:person", func(row map[string]any, i int) {
		row["id"] = randomID(i)
		row["emails"] = map[string]any{"primaryEmail": fmt.Sprintf("u%d@example.com", i),
			"additionalEmails": []string{}}
	}},
	"flexcrm": {"flexdb/tbl_customer", func(row map[string]any, i int) {
		row["id"], row["customer_code"] = i+1000, fmt.Sprint("C", i+1000)
	}},
	"flosum": {"backups", func(row map[string]any, i int) { row["id"] = i + 1000 }},
}

// randomID returns the identifier of the nth row, whose order is not that of the rows, as vendors make them.
func randomID(n int) string {
	random := rand.New(rand.NewPCG(uint64(n), 1))
	return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", random.Uint32(), random.IntN(1<<16), random.IntN(1<<12),
		random.IntN(1<<12), random.Uint64()>>16)
}

// manyRows returns the rows of a default seed with one table multiplied, as JSON.
func manyRows(b testing.TB, name string, n int) []byte {
	b.Helper()
	t, known := big[name]
	if !known {
		return encodeRows(b, name, rowsOf(b, writtenWorld(b, name, n), name))
	}
	rows := rowsOf(b, emptyWorld(b), name)
	old := rows[t.table]
	if len(old) == 0 {
		var names []string
		for other, all := range rows {
			names = append(names, fmt.Sprintf("%s:%d", other, len(all)))
		}
		b.Fatal(name, " has no ", t.table, ": ", strings.Join(names, " "))
	}
	for i := range n {
		var row map[string]any
		if err := json.Unmarshal(old[i%len(old)], &row); err != nil {
			b.Fatal(err)
		}
		t.unique(row, i)
		text, err := json.Marshal(row)
		if err != nil {
			b.Fatal(err)
		}
		rows[t.table] = append(rows[t.table], text)
	}
	return encodeRows(b, name, rows)
}

func rowsOf(b testing.TB, w *fake.World, name string) fake.Seed {
	b.Helper()
	rows, err := w.DumpFake(name)
	if err != nil {
		b.Fatal(err)
	}
	return rows
}

func encodeRows(b testing.TB, name string, rows fake.Seed) []byte {
	b.Helper()
	text, err := json.Marshal(fake.Rows{name: rows})
	if err != nil {
		b.Fatal(err)
	}
	return text
}

// writtenWorld returns a world to which the write of a fake's sample was sent n times.
func writtenWorld(b testing.TB, name string, n int) *fake.World {
	b.Helper()
	sample, err := samples.Of(name)
	if err != nil {
		b.Fatal(err)
	}
	all := mocks.All()
	def := all[slices.IndexFunc(all, func(def *fake.Def) bool { return def.Name == name })]
	srv := fake.NewServer(b, def)
	key := ""
	for _, c := range def.Known(srv.State) {
		if c.Principal == sample.Principal {
			key = c.Value
		}
	}
	header, value, _ := strings.Cut(sample.CredentialHeader(key), ": ")
	for i := range n {
		r := httptest.NewRequest("POST", sample.Write, strings.NewReader(sample.BodyOf(fmt.Sprint("row ", i))))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(header, value)
		w := httptest.NewRecorder()
		srv.App.ServeHTTP(w, r)
		if w.Code >= 300 {
			b.Fatalf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	return srv.World
}

func emptyWorld(b testing.TB) *fake.World {
	b.Helper()
	srv, err := fake.New(fake.Config{}, mocks.All()...) // shares the seeds with all others of the process
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(srv.Close)
	w, err := srv.World("default")
	if err != nil {
		b.Fatal(err)
	}
	return w
}

func loadState(b *testing.B, text []byte) {
	b.SetBytes(int64(len(text)))
	defer processorTime(b)()
	for b.Loop() {
		w := emptyWorld(b)
		var rows fake.Rows
		if err := json.Unmarshal(text, &rows); err != nil {
			b.Fatal(err)
		}
		if err := w.Load(rows); err != nil {
			b.Fatal(err)
		}
	}
}

// growFromSeed makes an image as it is after clients have added all rows to those of the default seed.
func growFromSeed(b testing.TB, name string, f *world.FakeImage) {
	b.Helper()
	w := emptyWorld(b)
	rows, err := w.DumpFake(name)
	if err != nil {
		b.Fatal(err)
	}
	f.Seed = "default"
	for table, t := range f.Tables {
		if t.Rows = t.Rows[len(rows[table]):]; len(t.Rows) == 0 {
			delete(f.Tables, table)
			continue
		}
		f.Tables[table] = t
	}
}

func loadImage(b *testing.B, text []byte, change func(*world.FakeImage)) {
	w := emptyWorld(b)
	var rows fake.Rows
	if err := json.Unmarshal(text, &rows); err != nil {
		b.Fatal(err)
	}
	if err := w.Load(rows); err != nil {
		b.Fatal(err)
	}
	img, err := w.Image()
	if err != nil {
		b.Fatal(err)
	}
	for name, f := range img.Fakes {
		if _, loaded := rows[name]; loaded && change != nil {
			change(f)
		}
	}
	stored, err := encodeImage(img)
	if err != nil {
		b.Fatal(err)
	}
	defer processorTime(b)()
	defer func() { b.ReportMetric(float64(len(stored)), "stored-B") }() // the loop forgets earlier ones
	for b.Loop() {
		w := emptyWorld(b)
		img, err := decodeImage(stored)
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Apply(img); err != nil {
			b.Fatal(err)
		}
	}
}

// processorTime reports the processor time of the iterations: on a busy machine the time on the clock says little.
func processorTime(b *testing.B) func() {
	since := cpu.Time()
	return func() { b.ReportMetric(float64((cpu.Time()-since).Milliseconds())/float64(b.N), "cpu-ms/op") }
}
