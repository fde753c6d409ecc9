package js

import "testing"

func TestValuesPrintAsInNode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`["NOPE"]`: `[ 'NOPE' ]`, `{"a":1,"b-c":null}`: `{ a: 1, 'b-c': null }`, `[]`: `[]`, `{}`: `{}`,
		`"it's"`: `"it's"`, `-1.5`: `-1.5`, `1e22`: `1e+22`,
		`{"a":{"b":{"c":{"d":1}}}}`: `{ a: { b: { c: [Object] } } }`, `[1,true]`: `[ 1, true ]`,
	} {
		v, err := ParseJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := Inspect(v); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	literal := NewObject("x", 1.0)
	literal.NullProto = true
	if got := Inspect(literal); got != "[Object: null prototype] { x: 1 }" {
		t.Error(got)
	}
}
