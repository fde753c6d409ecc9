package safeyaml_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/safeyaml"
)

func bomb(levels int) string {
	text := "a: &a [" + strings.Repeat(`"lol",`, 9) + "]\n"
	for i := range levels {
		text += fmt.Sprintf("%c: &%c [%s]\n", 'b'+i, 'b'+i, strings.Repeat(fmt.Sprintf("*%c,", 'a'+i), 9))
	}
	return text
}

func TestBombsAreRefused(t *testing.T) {
	t.Parallel()
	merged := "a0: &a0 {k: v}\n"
	for i := range 40 {
		merged += fmt.Sprintf("a%d: &a%d {x: *a%d, y: *a%d}\n", i+1, i+1, i, i)
	}
	for name, text := range map[string]string{
		"aliases": bomb(6), "more aliases": bomb(9), "aliases that double": merged,
		"a long text many times": "a: &a " + strings.Repeat("x", 100_000) + "\nb: [" + strings.Repeat("*a,", 1000) +
			"]",
		"brackets": strings.Repeat("[", 20_000), "braces": strings.Repeat("{a: ", 20_000),
		"closed brackets": strings.Repeat("[", 1000) + strings.Repeat("]", 1000), "dashes": strings.Repeat("- ", 5000),
		"questions": strings.Repeat("? ", 5000), "anchors": "a: " + strings.Repeat("&a ", 5000) + "x",
		"tags": "a: " + strings.Repeat("!!str ", 5000) + "x",
		"indents": func() (s string) {
			for i := range 300 {
				s += strings.Repeat(" ", i) + "a:\n"
			}
			return s
		}(),
	} {
		if out, err := safeyaml.ToJSON(context.Background(), []byte(text)); err == nil {
			t.Errorf("%s: became %d bytes", name, len(out))
		}
	}
}

func TestWhatPeopleWriteIsRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"\ufeffa: 1": `{"a": 1}`,
		"a: &x {b: [1, 2]}\nc: *x\nd: [*x, *x]\n": `{"a": {"b": [1, 2]}, "c": {"b": [1, 2]},` +
			` "d": [{"b": [1, 2]}, {"b": [1, 2]}]}`,
		"a:\n  - b: # note\n      - c\n  - d\n": `{"a": [{"b": ["c"]}, "d"]}`,
		bomb(3):                                 "",
		strings.Repeat("- a\n", 50_000):         "",
		"a: " + strings.Repeat("[", 90) + strings.Repeat("]", 90): "",
	} {
		out, err := safeyaml.ToJSON(context.Background(), []byte(text))
		if err != nil || want != "" && strings.TrimSpace(string(out)) != want {
			t.Errorf("%.60q: %.200s, %v", text, out, err)
		}
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := safeyaml.ToJSON(gone, []byte("a: 1")); err == nil {
		t.Error("read for somebody who has gone")
	}
}
