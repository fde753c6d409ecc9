package recorder

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/internal/recording"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/redact"
)

// Generated values without a shape that a replay would recognise: short hexadecimal codes, tokens that are not a
// UUID, a JWT or a long hexadecimal number, and what the document marks.
var (
	shortHex = regexp.MustCompile(`"([0-9a-f]{12,31})"`)
	longHex  = regexp.MustCompile(`^(?:[0-9a-f]{32,}|[0-9A-F]{32,})$`)
)

// generatedValues lists such values of a scrubbed recording: those that occur in an answer before any
// request and that the seed does not have.
func (r *Recorder) generatedValues(b *redact.Secrets, interactions []*cassette.Interaction) (list []string) {
	for value := range candidates(b, interactions) {
		has := func(text string) bool { return strings.Contains(text, value) }
		if !has(r.public.rows) && recording.FromServer(interactions, has) {
			list = append(list, value)
		}
	}
	for _, value := range recording.GeneratedIDs(fake.NewRouter(r.options.Fake), interactions) {
		if compare.IsRowNumber(value) || !strings.Contains(r.public.rows, value) {
			list = append(list, value)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func candidates(b *redact.Secrets, interactions []*cassette.Interaction) map[string]bool {
	all := map[string]bool{}
	for _, made := range b.StandIns() {
		if !longHex.MatchString(made) {
			all[made] = true
		}
	}
	for _, i := range interactions {
		for _, m := range shortHex.FindAllStringSubmatch(i.Response.Body, -1) {
			if strings.ContainsAny(m[1], "abcdef") && strings.ContainsAny(m[1], "0123456789") {
				all[m[1]] = true
			}
		}
	}
	return all
}
