package jsonb

import "testing"

// TestStringsAreThoseOfJSONStringify has the texts that Go's own encoder writes in another way, and others.
func TestStringsAreThoseOfJSONStringify(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"a<b>&c":           `"a<b>&c"`,
		"\u2028\u2029\x7f": "\"\u2028\u2029\x7f\"",
		"\b\f\n\r\t\"\\":   `"\b\f\n\r\t\"\\"`,
		"\x00\x1b":         `"\u0000\u001b"`,
		"\xff\n\xfe":       "\"\ufffd\\n\ufffd\"", // no request has it: its text would not be valid
	} {
		if got := string(AppendString(nil, text)); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
