package bench_test

import (
	"bytes"
	"encoding/json"
	"os"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
)

// BenchmarkMemoryPerRow measures the heap that a row takes after a collection: created by requests or as they do it,
// and loaded from a state; then after lists have shown every row; then after lists have built some indexes. Its time
// means nothing; run it with -benchtime 1x, with -profiles for a profile of the heap after each, and with -million for
// a million rows.
func BenchmarkMemoryPerRow(b *testing.B) {
	n := manyRows()
	for _, name := range fakesOf(bigTables) {
		b.Run(name+"/created", func(b *testing.B) {
			measureRows(b, name, "created", n, func(w *filledWorld) { w.create(b, n) })
		})
		b.Run(name+"/loaded", func(b *testing.B) {
			measureRows(b, name, "loaded", n, func(w *filledWorld) {
				var text bytes.Buffer
				stateOf(b, &text, name, n)
				var rows fake.Rows
				if err := json.Unmarshal(text.Bytes(), &rows); err != nil {
					b.Fatal(err)
				}
				if err := w.world.Load(rows); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}

func measureRows(b *testing.B, name, source string, n int, fill func(*filledWorld)) {
	for b.Loop() {
		w, big := newWorldOf(b, name), bigTables[name]
		w.create(b, 0)
		before := heap()
		report := func(unit string) {
			w.world.Journal.Clear() // it is not a part of the rows
			b.ReportMetric(float64(heap()-before)/float64(n), unit)
			writeHeap(b, name+"-"+source+"-"+strings.TrimSuffix(unit, "-B/row"))
		}
		fill(w)
		report("filled-B/row")
		if big.page != nil {
			for row := 0; row < n; row += 50 {
				w.ask(b, big.page(row))
			}
			report("shown-B/row")
			for _, target := range big.sorted {
				w.ask(b, target)
				w.ask(b, target)
			}
			report("indexed-B/row")
		}
		tables, err := w.world.DumpFake(name)
		if err != nil {
			b.Fatal(err)
		}
		size := 0
		for _, row := range tables[big.name] {
			size += len(row)
		}
		b.ReportMetric(float64(size)/float64(n), "json-B/row")
	}
	b.ReportMetric(0, "ns/op")
}

// heap returns the bytes of the live heap.
func heap() int {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what pools hold goes with the second collection
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

func writeHeap(b *testing.B, name string) {
	if *profiles == "" {
		return
	}
	f, err := os.Create(*profiles + "/" + name + ".heap")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	if err := pprof.Lookup("heap").WriteTo(f, 0); err != nil {
		b.Fatal(err)
	}
}
