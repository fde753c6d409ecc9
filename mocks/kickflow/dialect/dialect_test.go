package dialect

import (
	"testing"
	"time"
)

// fixed is a source of one identifier and one time.
type fixed struct{}

func (fixed) NewID() string  { return "0123abcd-0000-4000-8000-00000000000f" }
func (fixed) Now() time.Time { return time.Date(2026, 4, 1, 15, 30, 0, 7e6, time.UTC) }

func TestDefaults(t *testing.T) {
	t.Parallel()
	var id, code, created, updated string
	SetDefaults(fixed{}, &id, &code, &created, &updated)
	if id != (fixed{}).NewID() || code != "0123abcd00004000" || created != "2026-04-02T00:30:00.007+09:00" ||
		updated != created {
		t.Errorf("%q %q %q %q", id, code, created, updated)
	}
	id, code, updated = "ABCD", "c", "u"
	SetDefaults(fixed{}, &id, &code, &created, &updated)
	if id != "abcd" || code != "c" || updated != "u" {
		t.Errorf("values are replaced: %q %q %q", id, code, updated)
	}
}

func TestDatesExist(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]bool{"2026-02-28": true, "2026-02-29": false, "2026-2-1": false} {
		if err := Period(nil, &day); (err == nil) != want {
			t.Errorf("%s: %v", day, err)
		}
	}
	if err := Period(nil, nil); err != nil {
		t.Error(err)
	}
	if err := Period(new("2026-02-28"), new("2026-02-27")); err == nil {
		t.Error("it ends before it starts")
	}
}

func TestSpans(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		span Span
		at   string
		want bool
	}{
		{Span{}, "", true},
		{Span{"b", ""}, "", false},
		{Span{"b", ""}, "a", false},
		{Span{"b", ""}, "b", true},
		{Span{"b", "d"}, "d", true},
		{Span{"b", "d"}, "e", false},
		{Span{"", "d"}, "a", true},
	} {
		if got := tt.span.Has(tt.at); got != tt.want {
			t.Errorf("%v has %q: %v", tt.span, tt.at, got)
		}
	}
}

func TestTextsOfFields(t *testing.T) {
	t.Parallel()
	type part struct{ CreatedAt string }
	type row struct {
		part
		LastUsedOn *string
	}
	created, used := TextOf[row]("createdAt"), TextOf[row]("lastUsedOn")
	one := row{part: part{CreatedAt: "c"}}
	if created(&one) != "c" || used(&one) != "" {
		t.Errorf("%q %q", created(&one), used(&one))
	}
	one.LastUsedOn = new("u")
	if used(&one) != "u" {
		t.Errorf("%q", used(&one))
	}
}
