package js

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Recorded with node v24, which the vendor runs (fixtures/twenty/kind_values_links 58):
//
//	node testdata/json.mjs 500 1 > testdata/json.jsonl
func TestJSONIsParsedAsNodeDoes(t *testing.T) {
	t.Parallel()
	recorded, err := os.ReadFile("testdata/json.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	compareWithNode(t, recorded)
}

func TestJSONIsParsedAsTheInstalledNodeDoes(t *testing.T) {
	t.Parallel()
	seed := fmt.Sprint(rand.Uint32())
	answers, err := exec.Command("node", "testdata/json.mjs", "5000", seed).Output()
	if err != nil {
		t.Skip("no node that can run the script: ", err)
	}
	if !bytes.HasPrefix(answers, []byte(`"v24.`)) {
		version, _, _ := bytes.Cut(answers, []byte("\n"))
		t.Skipf("node %s words its errors otherwise than the vendor's, which is v24", version)
	}
	t.Log("seed ", seed)
	compareWithNode(t, answers)
}

// compareWithNode parses the texts of the script's answers, and compares.
func compareWithNode(t *testing.T, answers []byte) {
	lines := bufio.NewScanner(bytes.NewReader(answers))
	lines.Scan() // the version
	count := 0
	for ; lines.Scan(); count++ {
		var answer [3]*string // the text, the error, the value
		if err := json.Unmarshal(lines.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		text, message, value := *answer[0], answer[1], answer[2]
		switch v, err := ParseJSON(text); {
		case message != nil && (err == nil || err.Error() != *message):
			t.Errorf("%q: got %v, node says %s", text, err, *message)
		case message == nil && (err != nil || stringify(v) != *value):
			t.Errorf("%q: got %s, %v, node has %s", text, stringify(v), err, *value)
		}
	}
	if count < 500 {
		t.Errorf("%d texts", count)
	}
}

// stringify is JSON.stringify(v).
func stringify(v any) string {
	var parts []string
	switch v := v.(type) {
	case float64:
		if math.IsInf(v, 0) {
			return "null"
		}
		return FormatNumber(v)
	case []any:
		for _, one := range v {
			parts = append(parts, stringify(one))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case *Object:
		for _, m := range v.Members {
			parts = append(parts, stringify(m.Key)+":"+stringify(m.Value))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // texts, booleans and null always encode
	return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(out.String(), "\n"))
}

func TestBodiesAreObjectsOrLists(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // fixtures/twenty/rest_validation_errors, kind_entrance_bodies
		`{}`: "", `[]`: "", ` {"a":1}`: "", `null`: `Unexpected token 'n', "null" is not valid JSON`,
		`5`: `Unexpected token '5', "5" is not valid JSON`, `"s"`: `Unexpected token '"', ""s"" is not valid JSON`,
		` `: "Unexpected end of JSON input", ` NaN`: `Unexpected token 'N', " NaN" is not valid JSON`,
		`[object Object]`:         `"[object Object]" is not valid JSON`,
		strings.Repeat("[", 6000): `Unexpected token '[', ..."[[[[[[[[[["... is not valid JSON`,
	} {
		got := ""
		if _, err := ParseBody(text); err != nil {
			got = err.Error()
		}
		if len(text) < 100 && got != want || got == "" && want != "" {
			t.Errorf("%.20s: got %q, want %q", text, got, want)
		}
	}
}

func TestTheLastOfRepeatedKeysCounts(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 10, 1000, 200_000} {
		var text strings.Builder
		text.WriteString(`{"k":-1`)
		for i := range count {
			fmt.Fprintf(&text, `,"key%d":%d,"k":%[1]d`, i, i)
		}
		v, err := ParseJSON(text.String() + "}")
		if err != nil {
			t.Fatal(err)
		}
		o := v.(*Object)
		if len(o.Members) != count+1 || o.Members[0] != (Member{"k", float64(count - 1)}) ||
			o.Members[count] != (Member{fmt.Sprint("key", count-1), float64(count - 1)}) {
			t.Errorf("%d: got %d keys, %v to %v", count, len(o.Members), o.Members[0], o.Members[count])
		}
	}
}

func FuzzParseJSONAgreesWithEncodingJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,2e5,-0.1,"\u00e9",true,null]}`, `[01]`, `{"a" 1}`, "[\"\x01\"]", `[1,]`,
		`{"a":1,}`, `[tru]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_, err := ParseJSON(text)
		if valid := json.Valid([]byte(text)); valid != (err == nil) {
			t.Errorf("%q: encoding/json finds it valid: %v; got %v", text, valid, err)
		}
	})
}
