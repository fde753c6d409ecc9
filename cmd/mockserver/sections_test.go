package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// contentOf returns the rows of sections, in the spelling of the file.
func contentOf(s *sections) map[string]map[string][]string {
	content := map[string]map[string][]string{}
	for name, tables := range s.tables {
		content[name] = map[string][]string{}
		for table, rows := range tables {
			for range 2 { // rows may be read again
				texts := []string{}
				rows.Each(func(_ int, row json.RawMessage) error {
					texts = append(texts, string(row))
					return nil
				})
				content[name][table] = texts
			}
		}
	}
	return content
}

// checkSections compares what is read in sections with what is decoded as a whole, and reports whether the text can be
// read in sections.
func checkSections(t *testing.T, text []byte) bool {
	t.Helper()
	s := findSections(strings.NewReader(string(text)), int64(len(text)))
	if s == nil {
		return false
	}
	want, err := decodeSections(text)
	if err != nil {
		t.Fatalf("read in sections, although it is refused with %v:\n%.1000s", err, text)
	}
	if diff := cmp.Diff(contentOf(want), contentOf(s)); diff != "" {
		t.Fatalf("(-as a whole +in sections):\n%s\n%.1000s", diff, text)
	}
	if diff := cmp.Diff(want.worlds, s.worlds); diff != "" {
		t.Fatalf("worlds (-as a whole +in sections):\n%s", diff)
	}
	return true
}

// stateTexts are state files: a whole one, and odd and broken ones.
func stateTexts() []string {
	var rows strings.Builder
	for i := range 2*perBatch + 1 {
		rows.WriteString(strings.Repeat(" ", i%3) + `,{"id":"` + strings.Repeat("é\\n", i%50) + `"}`)
	}
	return []string{`{"a":{"t":[{}` + rows.String() + `],"u":[]},"_tables":{"h":[1,"x",null]},` +
		`"_worlds":{"default":{"nonces":["n"]}}}`,
		`{}`, ` {"a":{}} `, `{"a":null}`, `{"a":{"t":null}}`, `{"a":{"t":[null]}}`, `{"a":[]}`, `{"a":{"t":{}}}`, `[]`,
		`{"a":{"t":[{}]}}{}`, `{"a":{"t":[{}]},"a":{"u":[]}}`, `{"a":{"t":[1],"t":[2]}}`, `{"a":{"t":[{},]}}`,
		`{"a":{"t":[{"x":"\ud800"}]}}`, "{\"a\":{\"t\":[\"\xff\"]}}", "\ufeff{}", "{\"\\u0061\":{\"t\":[]}}",
		`{"_worlds":null,"a":{}}`, `{"_worlds":{"default":{"unknown":1}}}`, `{"_worlds":3}`, "a:\n  t: [{}]\n", ``,
		`{"a":{"t":[{"x":[[[{"y":1}]]]}]}}`, `{"a":{"t":[01]}}`, `{"a":{"t":[1 2]}}`, `{"a":{"t":[1],}}`}
}

// TestAStateIsReadInSectionsAsItIsAsAWhole compares both ways on whole files, odd ones and those with random changes.
func TestAStateIsReadInSectionsAsItIsAsAWhole(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	texts := stateTexts()
	if !checkSections(t, []byte(texts[0])) {
		t.Error("a whole file cannot be read in sections")
	}
	read := 0
	for range 3000 {
		text := []byte(texts[1+random.IntN(len(texts)-1)])
		for range random.IntN(3) {
			const bytes = `{}[]",:0a\ ` + "\xc3\xa9"
			at := random.IntN(len(text) + 1)
			text = append(text[:at:at], append([]byte{bytes[random.IntN(len(bytes))]}, text[at:]...)...)
		}
		if checkSections(t, text[:len(text)-random.IntN(2)*random.IntN(len(text)+1)]) {
			read++
		}
	}
	if read < 100 {
		t.Errorf("only %d of 3,000 texts were read in sections", read)
	}
}

func FuzzSections(f *testing.F) {
	for _, text := range stateTexts()[1:] {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkSections(t, text) })
}

// TestABrokenStateChangesNothing loads files that break behind many good rows, and compares the errors with those of
// the same text from memory.
func TestABrokenStateChangesNothing(t *testing.T) {
	t.Parallel()
	var rows strings.Builder
	for i := range perBatch {
		fmt.Fprintf(&rows, `{"id":%d},`, 1000+i)
	}
	srv, err := fake.New(fake.Config{}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	h := &app{srv: srv, settings: &settings{}}
	if h.world, err = srv.World("default"); err != nil {
		t.Fatal(err)
	}
	dump := func() string {
		rows := h.world.Dump()
		for _, tables := range rows {
			delete(tables, "_ids") // a refused row may have used one up
		}
		text, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	before := dump()
	good := `{"flosum":{"backups":[` + rows.String()
	for end, want := range map[string]string{
		`{"id":1}]`:                   "unexpected end of JSON input",
		`{"ix":1}]}}`:                 `backups[2048]: table backups: row {"ix":1}: unknown field "ix"; nearest: "id"`,
		`{"id":1}],"backup":[]}}`:     `no table "backup"; nearest: "backups"`,
		`{"id":1}]},"fosum":{}}`:      `no fake "fosum"; nearest: "flosum"`,
		`{"id":1}}}`:                  "invalid character '}' after array element",
		`{"id":1000}]}}`:              `backups[2048]: table backups: identifier "1000" is already in use`,
		`{"id":1}],"backups":[{}}]}}`: "invalid character '}' after array element",
	} {
		file := filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(file, []byte(good+end), 0o600); err != nil {
			t.Fatal(err)
		}
		h.settings.state = file
		if err := h.loadState(fake.Settings{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
		if diff := cmp.Diff(before, dump()); diff != "" {
			t.Errorf("after %v: %s", err, diff)
		}
	}
}
