package contracts

import (
	"strings"
	"testing"
	"testing/fstest"
)

// TestByteOrderMark checks that a cassette may begin with a byte order mark.
func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"desk/one.yaml": {Data: []byte("\uFEFF" + deskCassette)}}
	if suite, err := Load(files, Config{Fakes: []string{"desk"}, Seed: "default"}, "."); err != nil ||
		suite.Cases[0].Len() != 2 {
		t.Errorf("%v", err)
	}
}

// TestControlCharactersAreShownAsEscapes checks that the content of a recording or an answer never
// reaches a terminal as a command.
func TestControlCharactersAreShownAsEscapes(t *testing.T) {
	t.Parallel()
	const evil = "x\x1b]0;owned\x07\x1b[2J\r\u009b1m\u202e\xff"
	cassette := strings.Replace(deskCassette, "desk.example/desks\"", `desk.example/\e[2Jdesks"`, 1)
	_, shown := drift(t, fstest.MapFS{"desk/one/case.yaml": {Data: []byte(deskInfo)},
		"desk/one/cassette.yaml": {Data: []byte(cassette)}},
		&clerk{mark: "a", change: map[string]string{"oak": "elm\x7f"}}, &clerk{mark: "b"})
	shown += Difference{Path: "$", Recorded: evil, Got: evil, Why: evil}.String()
	for _, c := range shown {
		if c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 || c == '\u202e' {
			t.Errorf("%q is in %q", c, shown)
		}
	}
	if want := `x\u001b]0;owned\u0007\u001b[2J\u000d\u009b1m\u202e\xff`; !strings.Contains(shown, want) ||
		Printable("a\n\té日") != "a\n\té日" {
		t.Errorf("%q is missing in %s", want, shown)
	}
}
