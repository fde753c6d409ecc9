package redact

import (
	"strings"
	"testing"
)

// TestPublicValuesStandInQuotationMarks compares the set of values with a search of the text, which says what is public
// but takes a millisecond for the seed of a fake and for each address of a body.
func TestPublicValuesStandInQuotationMarks(t *testing.T) {
	t.Parallel()
	const text = `[{"id":"34d97954-c9d3-4a31-88a1-9a55d90fd741","mail":"ada@example.com","say":"a \"b1234567\" c"},` +
		`{"note":"write to bob@example.com","word":"office"}]`
	p := NewPublic(text)
	values := append(strings.Split(text, `"`), "ada@example.com", "bob@example.com",
		"34d97954-c9d3-4a31-88a1-9a55d90fd74",
		`b1234567\`, `a \"b1234567\" c`, "office", "", "carol@example.com", "34d97954-c9d3-4a31-88a1-9a55d90fd741")
	public := 0
	for _, value := range values {
		want := distinctive(value) && strings.Contains(text, `"`+value+`"`)
		if got := p.has(value); got != want {
			t.Errorf("%q is public: %v, want %v", value, got, want)
		}
		if want {
			public++
		}
	}
	if public < 4 {
		t.Errorf("only %d values are public", public)
	}
	if none := (*Public)(nil); none.has("ada@example.com") || none.quotes("ada@example.com") {
		t.Error("without a text nothing is public")
	}
}
