package pgtext

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The vectors are those that PostgreSQL 15 prints for to_tsvector('simple', text).
func TestSearchVectorsAreThoseOfPostgreSQL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Acme Inc.":                            "'acme':1 'inc':2",
		"uniq@x.example x.example":             "'uniq@x.example':1 'x.example':2",
		"https://www.a.example/P/?q=1":         "'/p/?q=1':3 'www.a.example':2 'www.a.example/p/?q=1':1",
		"https //l6b.example b":                "'/l6b.example':2 'b':3 'https':1",
		"b1000000-0000-4000-8000-000000000001": "'-0000':2 '-000000000001':5 '-4000':3 '-8000':4 'b1000000':1",
		"42d3db11-69b9-4169-9546-ff85d872bc37": "'-9546':5 '4169':4 '42d3db11':2 '42d3db11-69b9':1 '69b9':3 " +
			"'ff85d872bc37':6",
		"+44 02071838750":        "'+44':1 '02071838750':2",
		"a-b a_b O'Neil":         "'a':2,4 'a-b':1 'b':3,5 'neil':7 'o':6",
		"3.4.5 -3.4.5 1e5 12f3":  "'12f3':4 '1e5':3 '3.4.5':1,2",
		"a@x..example":           "'a':1 'example':3 'x':2",
		"<b>bold</b> &amp; rest": "'bold':1 'rest':2",
		"日本 山田":                  "'山田':2 '日本':1",
		"quote '' \\ back":       "'back':2 'quote':1",
		"company.created":        "'company.created':1",
		"c13.example:8080/a":     "'/a':3 'c13.example:8080':2 'c13.example:8080/a':1",
		"2½ x² ⓐb a\u00adb":      "'2':1 'a':4 'b':5 'x':2 'ⓐb':3",
		"":                       "",
	} {
		if diff := cmp.Diff(want, Vector(text)); diff != "" {
			t.Errorf("%q: -want +got\n%s", text, diff)
		}
	}
}

func TestUnaccentKeepsOtherScripts(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Été Łukasz": "Ete Lukasz", "ß-straße": "ss-strasse", "X Æ": "X AE", "žluť": "zlut", "Ａｃｍｅ": "Acme",
		"Жук": "Жук", "東京": "東京", "ソニー": "ソニー", "½™ ª": "1/2™ ª", "e\u0301 ǽ": "e ǽ", "Ɓɓ ǅ": "Bb Dz",
	} {
		if got := Unaccent(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// An entry takes 4 bytes, its word, a byte to an even address, and 2 bytes for the number of places and for each place.
func TestSizesOfVectorsCountEveryWord(t *testing.T) {
	t.Parallel()
	for vector, want := range map[string]int{
		"":                     0,
		"'ab':1":               4 + 2 + 2 + 2,
		"'a':1":                4 + 1 + 1 + 2 + 2,
		"'ab':1,3 'c':2":       (4 + 2 + 2 + 4) + (4 + 1 + 1 + 2 + 2),
		"'a':1 'b':2 'cdef':3": 10 + 10 + (4 + 4 + 2 + 2),
	} {
		if got := vectorSize(vector); got != want {
			t.Errorf("%s: %d, want %d", vector, got, want)
		}
	}
}
