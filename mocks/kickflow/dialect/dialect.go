// Package dialect has what all resources of the fake share: the formats of times and codes, the
// errors in the vendor's words, the defaults of rows, and lists with their pages and orders. It
// knows no resource, and of a request no more than its body and the query of a list.
package dialect

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// FormatTime formats a time as all answers do: Japanese time with milliseconds and a colon in the
// offset. Times of one width and zone sort as text.
func FormatTime(t time.Time) string { return t.In(JST).Format("2006-01-02T15:04:05.000-07:00") }

// JST is the zone of all times.
var JST = time.FixedZone("JST", 9*60*60)

// Day returns the Japanese date of a time.
func Day(t time.Time) string { return t.In(JST).Format(time.DateOnly) }

// Deref returns the value that p points to, or the zero value if p is nil.
func Deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// Slash separates the names in a full name. This and other formats that the definition leaves open
// follow the webhook body of 2025-04 in test_json.php of the client Rextlab/kickflow.
const Slash = " / "

// Lower converts identifiers to lower case.
func Lower(ids []string) []string {
	out := slices.Clone(ids)
	for i := range out {
		out[i] = strings.ToLower(out[i])
	}
	return out
}

// Period rejects days that do not exist and an end before the start; the document validates the
// format.
func Period(startsOn, endsOn *string) error {
	for i, on := range []*string{startsOn, endsOn} {
		if _, err := time.Parse(time.DateOnly, Deref(on)); on != nil && err != nil {
			return Invalid([]string{"startsOn", "endsOn"}[i], Wrong)
		}
	}
	if startsOn != nil && endsOn != nil && *endsOn < *startsOn {
		return Invalid("endsOn", Wrong)
	}
	return nil
}

// Source is where new rows have their identifiers and times from, a fake's State.
type Source interface {
	NewID() string
	Now() time.Time
}

// SetID sets an identifier if it is empty.
func SetID(s Source, id *string) {
	if *id = strings.ToLower(*id); *id == "" {
		*id = s.NewID()
	}
}

// SetCode sets a code if it is empty: random letters and digits (documented), 16 of them (client
// Rextlab/kickflow). The vendor's have letters up to Z; these are hexadecimal, because a replay
// recognises generated values only in that form.
func SetCode(s Source, code *string) {
	if *code == "" {
		*code = strings.ReplaceAll(s.NewID(), "-", "")[:16]
	}
}

// SetDefaults sets the defaults that most rows share. A row that a client creates already has
// its id here.
func SetDefaults(s Source, id, code, createdAt, updatedAt *string) {
	SetID(s, id)
	if code != nil {
		SetCode(s, code)
	}
	if *createdAt == "" {
		*createdAt = FormatTime(s.Now())
	}
	*updatedAt = cmp.Or(*updatedAt, *createdAt)
}

// RequireText returns an error for an empty text.
func RequireText(field, value string) error {
	if strings.TrimSpace(value) == "" {
		return Invalid(field, Blank)
	}
	return nil
}
