package mutant

import (
	"testing"

	"github.com/afba07b5/mockserver/contracts"
)

func TestPlain(t *testing.T) {
	t.Parallel()
	for body, same := range map[string]bool{
		`{"url":"http://127.0.0.1:40001/hook","at":"2026-11-30T01:02:03Z","id":"par_0123456789ab"}`:  true,
		`{"url":"http://127.0.0.1:40002/hook","at":"2026-11-30T01:02:04Z","id":"par_a0b1c2d3e4f5"}`:  true,
		`{"url":"http://127.0.0.1:40001/other","at":"2026-11-30T01:02:03Z","id":"par_0123456789ab"}`: false,
		`{"url":"http://127.0.0.1:40001/hook","at":"2026-11-30T01:02:03Z","id":"par_unknown"}`:       false,
	} {
		one := comparableText(&contracts.Answer{Status: 201,
			Body: `{"url":"http://127.0.0.1:4000/hook","at":"2026-11-29T00:00:00Z","id":"par_ba9876543210"}`})
		if (comparableText(&contracts.Answer{Status: 201, Body: body}) == one) != same {
			t.Errorf("%s is the same answer: %v, want %v", body, !same, same)
		}
	}
}
