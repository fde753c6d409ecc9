package record

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRichTextIsDerivedBothWays(t *testing.T) {
	t.Parallel()
	got :=
		markdownOf(`[{"type":"heading","props":{"level":2},` +
			`"content":[{"type":"text","text":"H","styles":{"bold":true}}]},` +
			`{"type":"bulletListItem","content":[{"type":"text","text":"a","styles":{}}]}]`)
	if got != "## **H**\n\n* a\n" {
		t.Errorf("got %q", got)
	}
	if got := markdownOf("no blocks"); got != "no blocks" {
		t.Errorf("got %q", got)
	}
	var kinds []string
	for _, b := range readBlocks("# T\n\n- a\n- b\n\n1. c\n\n> q\n\ntwo\nlines\n\n```\ncode\n```") {
		kinds = append(kinds, b.kind)
	}
	want := []string{"heading", "bulletListItem", "bulletListItem", "numberedListItem", "quote", "paragraph",
		"codeBlock"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func TestAveragesHaveTheDigitsOfPostgreSQL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		sum  float64
		by   int
		want string
	}{
		{2, 3, "0.66666666666666666667"}, {1, 1, "1.00000000000000000000"}, {0, 4, "0.00000000000000000000"},
		{9007199254740991, 1, "9007199254740991.0000"}, {100, 3, "33.3333333333333333"},
	}
	for _, tt := range tests {
		if got := divide(shortest(tt.sum), tt.by, 0).rest(); got != tt.want {
			t.Errorf("%v/%d: got %v, want %s", tt.sum, tt.by, got, tt.want)
		}
	}
}
