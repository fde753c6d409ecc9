package vcr_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/vcr"
)

// FuzzEncode checks that a cassette is decoded as it was encoded, whatever its bodies are.
func FuzzEncode(f *testing.F) {
	for _, s := range []string{"", "it's 'quoted'", "a\nb\r\n\tc", "\x00\x7f\u0085\u2028\ufeff", "\xff\xfe", " a\n  b",
		"\n\n", "a\n", "\ta: b\n", "- x: y # z", "null", "12", "0x1", "---", "...", "{", "日本語 😀", "=", "<<", "1:30",
		"\n<html>", "\x001"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		i := &cassette.Interaction{}
		i.Request.Body, i.Response.Body = body, body+"\n"
		i.Request.Headers = map[string][]string{"A": {body, "b"}}
		text, err := vcr.Encode([]*cassette.Interaction{i})
		if err != nil {
			t.Skip(err) // the recorder leaves such an interaction out, and says so
		}
		c, err := vcr.Decode(text)
		if err != nil {
			t.Fatalf("%q: %v\n%s", body, err, text)
		}
		if diff := cmp.Diff(i, c.Interactions[0], cmpopts.IgnoreUnexported(cassette.Interaction{}),
			cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q: %s\n%s", body, diff, text)
		}
	})
}

func TestWhatGoVCRDoesNotWriteIsRejected(t *testing.T) {
	t.Parallel()
	const good = "version: 2\ninteractions: [{id: 0, request: {method: GET}, response: {code: 200}}]\n"
	if _, err := vcr.Decode([]byte("\ufeff" + good)); err != nil {
		t.Error(err)
	}
	bomb := "a: &a [x, x, x, x, x, x, x, x, x]\n"
	for n := range 9 {
		was, now := string(rune('a'+n)), string(rune('b'+n))
		bomb += now + ": &" + now + " [" + strings.Repeat("*"+was+",", 9) + "]\n"
	}
	for name, test := range map[string]struct{ text, want string }{
		"an unknown field":   {strings.Replace(good, "method", "colour", 1), "colour"},
		"another version":    {strings.Replace(good, "2", "1", 1), "version 1"},
		"nothing":            {"", "empty"},
		"a second document":  {good + "---\n" + good, "more than one"},
		"a key twice":        {good + "version: 2\n", "already defined"},
		"aliases of aliases": {bomb + good, "field a not found"},
		"deep brackets":      {"interactions: " + strings.Repeat("[", 20_000), "exceeded max depth"},
	} {
		if _, err := vcr.Decode([]byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
