package graphql

import "testing"

func TestSeparatorsAreNotEscaped(t *testing.T) {
	t.Parallel()
	in := []string{"a\u2028b\u2029", `\u2028`, `\\u2029`, "<&>"}
	const want = "[\"a\u2028b\u2029\",\"\\\\u2028\",\"\\\\\\\\u2029\",\"<&>\"]"
	if got := string(appendPlain(nil, in)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
