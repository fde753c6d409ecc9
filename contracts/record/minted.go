package record

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
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
		if !strings.Contains(b.seed, value) && answeredFirst(tape, value) {
			list = append(list, value)
		}
	}
	slices.Sort(list)
	return list
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

// answeredFirst reports whether a value comes from the server.
func answeredFirst(tape []*cassette.Interaction, value string) bool {
	for _, i := range tape {
		asked, answered := strings.Join(headerTexts(i.Request.Headers), "\n"), strings.Join(headerTexts(i.Response.Headers), "\n")
		if strings.Contains(i.Request.URL, value) || strings.Contains(i.Request.Body, value) || strings.Contains(asked, value) {
			return false
		}
		if strings.Contains(i.Response.Body, value) || strings.Contains(answered, value) {
			return true
		}
	}
	return false
}

func headerTexts(h map[string][]string) (all []string) {
	for _, values := range h {
		all = append(all, values...)
	}
	return all
}
