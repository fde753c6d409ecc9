package record

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts"
)

// Values that the server made up and that have no shape by which a replay would know them: short hexadecimal
// codes, and tokens that are no UUID, JWT or long hexadecimal number.
var (
	shortHex = regexp.MustCompile(`"([0-9a-f]{12,31})"`)
	longHex  = regexp.MustCompile(`^(?:[0-9a-f]{32,}|[0-9A-F]{32,})$`)
)

// minted lists such values of a scrubbed recording: those that an answer has before any request, and that the
// seed does not have.
func (b *book) minted(tape []*cassette.Interaction) (list []string) {
	for value := range b.candidates(tape) {
		has := func(text string) bool { return strings.Contains(text, value) }
		if !has(b.seed) && contracts.FromServer(tape, has) {
			list = append(list, value)
		}
	}
	list = append(list, contracts.Numbered(b.router, tape)...)
	slices.Sort(list)
	return slices.Compact(list)
}

func (b *book) candidates(tape []*cassette.Interaction) map[string]bool {
	all := map[string]bool{}
	for _, s := range b.longest {
		if made := b.of(s); s.kind == opaque && looksRandom(made) && !uuidShape.MatchString(made) && !longHex.MatchString(made) {
			all[made] = true
		}
	}
	for _, i := range tape {
		for _, m := range shortHex.FindAllStringSubmatch(i.Response.Body, -1) {
			if strings.ContainsAny(m[1], "abcdef") && strings.ContainsAny(m[1], "0123456789") {
				all[m[1]] = true
			}
		}
	}
	return all
}
