package recording

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/scan"
	"github.com/afba07b5/mockserver/fake"
)

// GeneratedIDs returns, in order, the identifiers without a shape that the server of a recording gave to new rows:
// numbers, and texts such as ship_90f3de885165, in answers to writes, at places with x-minted in the fake's document,
// that no earlier request had. router finds the operations.
func GeneratedIDs(router *fake.Router, interactions []*cassette.Interaction) (found []string) {
	for _, i := range interactions {
		q, err := http.NewRequest(i.Request.Method, i.Request.URL, nil)
		if err != nil {
			continue
		}
		op := router.Operation(q)
		if op == nil || !op.Writes || i.Response.Code >= 300 {
			continue
		}
		for _, value := range op.Generated(i.Response.Code, []byte(i.Response.Body)) {
			if (compare.IsRowNumber(value) || IsCode(value)) && !slices.Contains(found, value) &&
				FromServer(interactions, regexp.MustCompile(`\b`+value+`\b`).MatchString) {
				found = append(found, value)
			}
		}
	}
	slices.Sort(found)
	return found
}

// codePattern matches what may be an identifier in a text.
var codePattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{4,98}[A-Za-z0-9]$`)

// IsCode reports whether a text is an identifier that no replay recognises by its shape: a word with letters and
// digits, which is no UUID and no long hexadecimal number.
func IsCode(s string) bool {
	return codePattern.MatchString(s) && strings.ContainsAny(s, "0123456789") &&
		strings.Trim(s, "0123456789") != "" && len(scan.Tokens(s)) == 0
}

// Day returns the day that the server's own times in the answers of a recording show, or "".
func Day(interactions []*cassette.Interaction) string {
	var all []*compare.Interaction
	for _, i := range interactions {
		all = append(all, &compare.Interaction{Method: i.Request.Method, URL: i.Request.URL, Body: i.Request.Body,
			Result: Unpack(i.Response.Headers, i.Response.Body), Write: i.Request.Method != http.MethodGet})
	}
	return compare.DayOf(all, nil, &compare.Rules{})
}

// FromServer reports whether a value of a recording came from its server: an answer has it before
// any request.
func FromServer(interactions []*cassette.Interaction, has func(text string) bool) bool {
	for _, i := range interactions {
		if has(i.Request.URL) || has(i.Request.Body) || has(HeaderText(i.Request.Headers)) {
			return false
		}
		if has(i.Response.Body) || has(HeaderText(i.Response.Headers)) {
			return true
		}
	}
	return false
}

// HeaderText returns the values of all headers, one per line.
func HeaderText(h http.Header) string {
	var all []string
	for _, values := range h {
		all = append(all, values...)
	}
	return strings.Join(all, "\n")
}
