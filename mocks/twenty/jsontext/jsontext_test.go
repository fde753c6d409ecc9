package jsontext

import (
	"encoding/json"
	"testing"
)

func TestComplaintsAreTheEngines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{ // fixtures/twenty/rest_validation_errors, metadata_errors
		`{"name":`: "Unexpected end of JSON input",
		`nope`:     `Unexpected token 'n', "nope" is not valid JSON`,
		`"string"`: `Unexpected token '"', ""string"" is not valid JSON`,
		`null`:     `Unexpected token 'n', "null" is not valid JSON`,
		`{`:        "Expected property name or '}' in JSON at position 1 (line 1 column 2)",
	} {
		err := Check([]byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v; want %s", text, err, want)
		}
	}
}

func FuzzCheckAgreesWithEncodingJSON(f *testing.F) {
	for _, text := range []string{`{"a":[1,2e5,-0.1,"\u00e9",true,null]}`, `[01]`, `{"a" 1}`, "[\"\x01\"]", `[1,]`, `{"a":1,}`, `[tru]`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := Parse([]byte(text))
		if valid := json.Valid([]byte(text)); valid && err != nil {
			t.Errorf("%q is JSON, but: %v", text, err)
		} else if !valid && err == nil {
			t.Errorf("%q is not JSON, and nothing is said", text)
		}
	})
}
