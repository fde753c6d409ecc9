package table

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
)

// scanValue decodes the next value with a Scanner; lists are decoded by the library.
func scanValue(s *Scanner) (v any) {
	if s.Null() {
		return nil
	}
	if text, ok := s.Text(); ok {
		return string(text)
	}
	if b, ok := s.Bool(); ok {
		return b
	}
	if f, ok := s.Float(); ok {
		return f
	}
	if !s.Open() {
		if json.Unmarshal(s.Value(), &v) != nil {
			s.failed = true
		}
		return v
	}
	out := map[string]any{}
	for name, ok := s.Next(); ok; name, ok = s.Next() {
		key := string(name)
		out[key] = scanValue(s)
	}
	return out
}

// TestScannerAgreesWithDecoder scans texts of which most have a few bytes changed.
func TestScannerAgreesWithDecoder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	texts := []string{`{"a":1,"b":"x\n\u00e9é","c":{"d":[1,{"e":"]"}],"f":null},"g":-0.5e+3,"h":true}`,
		` { "a" : [ ] , "b" : { } , "c" : false } `, `{"a":"\ud83d\ude00","b":"\"","c":[[["\\"]]],"n":1234567890123}`}
	const signs = "{}[]\":,\\ntf0-+.eE \n\x00\xff1u"
	accepted := 0
	for range 30_000 {
		text := []byte(texts[random.IntN(len(texts))])
		for range random.IntN(3) {
			at := random.IntN(len(text))
			text[at] = signs[random.IntN(len(signs))]
		}
		s := Scan(text)
		got := scanValue(&s)
		if !s.End() {
			continue
		}
		accepted++
		var want any
		if err := json.Unmarshal(text, &want); err != nil {
			t.Fatalf("%q is scanned as %v; the decoder says: %v", text, got, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is scanned as %v; the decoder has %v", text, got, want)
		}
	}
	if accepted < 5_000 {
		t.Errorf("only %d texts were accepted", accepted)
	}
}

// TestSharedValuesAreThoseOfTheirText asks for few texts in several forms.
func TestSharedValuesAreThoseOfTheirText(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	var shared Shared
	decoded := 0
	for range 10_000 {
		form, text := byte(random.IntN(2)), string("ab"[random.IntN(2)])
		v, ok := shared.Get(form, []byte(text), func() (any, bool) {
			decoded++
			return text + string('0'+rune(form)), text == "a"
		})
		if want := text + string('0'+rune(form)); v != want || ok != (text == "a") {
			t.Fatalf("%s in form %d is %v, %t", text, form, v, ok)
		}
	}
	if decoded > 6_000 {
		t.Errorf("%d of 10,000 values were decoded; half of them are valid and there are two of these", decoded)
	}
}

func TestSkipPassesOverSignsAndBlanksBetweenThem(t *testing.T) {
	t.Parallel()
	const signs = `},"name":{"first":`
	for text, want := range map[string]bool{
		signs: true, " } ,\n\"name\" : { \"first\" :": true, `},"na me":{"first":`: false,
		`},"name":{ first":`: false, `},"name":{"firs":`: false, `},"name":{"first"`: false, ``: false,
	} {
		s := Scan([]byte(text + " 1"))
		got := s.Skip(signs)
		if n, ok := s.Float(); got != want || s.Failed() == want || ok != want || want && n != 1 || s.Skip("x") {
			t.Errorf("%q: skipped %t, failed %t, then %v", text, got, s.Failed(), n)
		}
	}
}
