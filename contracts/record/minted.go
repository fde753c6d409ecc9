package record

import (
	"net/http"
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
		has := func(text string) bool { return strings.Contains(text, value) }
		if !has(b.seed) && answeredFirst(tape, has) {
			list = append(list, value)
		}
	}
	for value := range b.numbered(tape) {
		if answeredFirst(tape, regexp.MustCompile(`\b`+value+`\b`).MatchString) {
			list = append(list, value)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

var number = regexp.MustCompile(`^[1-9][0-9]{0,10}$`)

// numbered are the numbers that the server gave new rows: they stand in answers to writes, where the fake's
// document says that values are minted.
func (b *book) numbered(tape []*cassette.Interaction) map[string]bool {
	all := map[string]bool{}
	for _, i := range tape {
		q, err := http.NewRequest(i.Request.Method, i.Request.URL, nil)
		if err != nil {
			continue
		}
		op := b.router.Operation(q)
		if op == nil || !op.Writes || i.Response.Code >= 300 {
			continue
		}
		for _, value := range op.Minted(i.Response.Code, []byte(i.Response.Body)) {
			if number.MatchString(value) {
				all[value] = true
			}
		}
	}
	return all
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
func answeredFirst(tape []*cassette.Interaction, has func(string) bool) bool {
	for _, i := range tape {
		asked, answered := strings.Join(headerTexts(i.Request.Headers), "\n"), strings.Join(headerTexts(i.Response.Headers), "\n")
		if has(i.Request.URL) || has(i.Request.Body) || has(asked) {
			return false
		}
		if has(i.Response.Body) || has(answered) {
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
