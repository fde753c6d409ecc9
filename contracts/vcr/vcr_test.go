package vcr_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

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

func TestASavedCassetteIsLoaded(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "a\nb", " a\n  b", "\n\n", "<<", "\x00", "\xff"} {
		i := &cassette.Interaction{Request: cassette.Request{Body: body}, Response: cassette.Response{Code: 200}}
		dir := t.TempDir()
		name := filepath.Join(dir, "cassette")
		if err := vcr.Save(name, []*cassette.Interaction{i}); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(name + ".yaml"); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%q: %v, %v; want a file of the owner", body, info.Mode(), err)
		}
		if err := vcr.Save(name, nil); !errors.Is(err, fs.ErrExist) {
			t.Errorf("%q: saved over a cassette: %v", body, err)
		}
		text, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for in, fsys := range map[string]fs.FS{
			"a folder": os.DirFS(dir), "memory": fstest.MapFS{"cassette.yaml": {Data: text}},
		} {
			c, err := vcr.Load(fsys, "cassette.yaml")
			if err != nil {
				t.Errorf("%q in %s: %v", body, in, err)
			} else if got := c.Interactions[0].Request.Body; got != body {
				t.Errorf("%q in %s: loaded %q", body, in, got)
			}
		}
	}
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
		"a field behind an id": {"---\nversion: 2\ninteractions:\n    - id: 0\n      answer: {}\n", "answer"},
		"an unknown field":     {strings.Replace(good, "method", "colour", 1), "colour"},
		"another version":      {strings.Replace(good, "2", "1", 1), "version 1"},
		"nothing":              {"", "empty"},
		"a second document":    {good + "---\n" + good, "more than one"},
		"a key twice":          {good + "version: 2\n", "already defined"},
		"aliases of aliases":   {bomb + good, "field a not found"},
		"deep brackets":        {"interactions: " + strings.Repeat("[", 20_000), "exceeded max depth"},
	} {
		_, err := vcr.Load(fstest.MapFS{"a.yaml": {Data: []byte(test.text)}}, "a.yaml")
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}
