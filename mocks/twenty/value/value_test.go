package value

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDateTimesAreReadAsTheVendorReadsThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-06-15": "2026-06-15T00:00:00.000Z", "2026-06-15 12:34:56": "2026-06-15T12:34:56.000Z",
		"2026-06-15T12:34Z": "2026-06-15T12:34:00.000Z", "2026-06-15T12:34:56.123456Z": "2026-06-15T12:34:56.123Z",
		"2026-03-29T02:30:00+01:00": "2026-03-29T01:30:00.000Z", "06/15/2026": "2026-06-15T00:00:00.000Z",
		"2026-06-15T23:59:60Z": "2026-06-15T23:59:59.000Z", "0001-01-01T00:00:00Z": "0001-01-01T00:00:00.000Z",
		"2026": "", "2026-06": "", "2026-W10": "", "2026-02-30": "", "2026-06-15T24:00:00Z": "",
		"10000-01-01T00:00:00Z": "", "": "", "1750000000000": "", "Mon, 15 Jun 2026 12:00:00 GMT": "",
		"20260615T123456Z": "2026-06-15T12:34:56.000Z", "2026-06-15t12": "2026-06-15T12:00:00.000Z",
		"2026-06-15T12:34:56,5+0200": "2026-06-15T10:34:56.500Z",
		"+002026-06-15T00:00:00Z":    "2026-06-15T00:00:00.000Z",
		"2026-06-15T12:00:00Z[UTC]":  "2026-06-15T12:00:00.000Z", "June 15, 2026": "2026-06-15T00:00:00.000Z",
		"15 jun 2026": "2026-06-15T00:00:00.000Z", "15-Jun-2026": "2026-06-15T00:00:00.000Z",
		"2026-JUN-15": "2026-06-15T00:00:00.000Z", "2026/6/15": "2026-06-15T00:00:00.000Z",
		"2026.06.15": "2026-06-15T00:00:00.000Z", "06-15-2026": "2026-06-15T00:00:00.000Z",
		"06.15.2026": "2026-06-15T00:00:00.000Z", "2026-6-15": "", "15/06/2026": "", "2026-06-15Z": "",
		"2026-06-15T12:34:56+25:00": "", "2026-06-15 ": "",
	} {
		got := ""
		if m, ok := ParseMoment(text); ok {
			got = m.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestFiltersReadFewerDateTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-06-15": "2026-06-15T00:00:00.000Z", "2026-06-15 12:34": "2026-06-15T12:34:00.000Z",
		"2026-06-15T12:34:56.789+09:00": "2026-06-15T03:34:56.789Z",
		"2026-06-15T12:34:56-0330":      "2026-06-15T16:04:56.000Z", "2026-06-15T12:34:56Z": "2026-06-15T12:34:56.000Z",
		"2026-6-5": "2026-06-05T00:00:00.000Z", "20260615": "2026-06-15T00:00:00.000Z",
		"06/15/2026": "2026-06-15T00:00:00.000Z", "2026-06-15T12:34Z": "", "2026-06-15T12:34:56.123456Z": "",
		"2026-06-15T23:59:60Z": "", "2026-06-15 12:34:56Z": "", "-000001-01-01T00:00:00Z": "", "2026-02-30": "", "": "",
	} {
		got := ""
		if m, ok := ParseFilterMoment(text); ok {
			got = m.String()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestADayIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-06-15": "2026-06-15", "2026-06-15T23:00:00-0500": "2026-06-15", "2026-06-15T10:00:00Z": "2026-06-15",
		"2026-06-15T10:00:00.123": "2026-06-15", "June 5, 2026": "2026-06-05", "2026-06-15T10:00Z": "",
		"2026-06-15Tx": "", "2026-02-30": "", "2026-06-15T25:00:00Z": "", "2026-06-15T10:00:00+02:00": "",
	} {
		got, _ := ParseDay(text)
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestLinksAreTidied(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"HTTPS://WWW.Example.COM/Path/?Q=1": "https://www.example.com/Path/?Q=1",
		"https://l4.example/":               "https://l4.example", "https://w.example/a//": "https://w.example/a/",
		"https://user:pw@x.example:8443/": "https://x.example:8443", "example.org": "example.org",
		"localhost": "localhost", "https://x.example/é": "https://x.example/%C3%A9",
		"mailto:a@b.example": "nulla@b.example", "not a url": "", "ftp://x.example": "",
		"https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example": "",
	} {
		got := ""
		if Linkable(text) {
			got = TidyURL(text)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPhonesAreSplit(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		in, want Phone
		code     string
	}{
		{"an international number tells all", Phone{Number: "+33612345678"}, Phone{"612345678", "FR", "+33"}, ""},
		{"a country loses the trunk prefix", Phone{Number: "06 12 34 56 78", Country: "FR"},
			Phone{"612345678", "FR", "+33"}, ""},
		{"a calling code tells the country", Phone{Number: "6575551234", Calling: "+1"},
			Phone{"6575551234", "US", "+1"}, ""},
		{"a calling code keeps international prefixes", Phone{Number: "0033612345678", Calling: "+33"},
			Phone{"033612345678", "FR", "+33"}, ""},
		{"letters end the number", Phone{Number: "+1-800-FLOWERS"}, Phone{"800", nil, "+1"}, ""},
		{"a short number with its country", Phone{Number: "12", Country: "GB"}, Phone{"12", "GB", "+44"}, ""},
		{"a number alone says nothing", Phone{Number: "12"}, Phone{}, "INVALID_PHONE_NUMBER"},
		{"no such country", Phone{Number: "612345678", Country: "ZZ"}, Phone{}, "INVALID_PHONE_COUNTRY_CODE"},
		{"no such calling code", Phone{Number: "1", Calling: "+999"}, Phone{}, "INVALID_PHONE_CALLING_CODE"},
		{"country against calling code", Phone{Number: "612345678", Country: "US", Calling: "+33"}, Phone{},
			"CONFLICTING_PHONE_CALLING_CODE_AND_COUNTRY_CODE"},
		{"country against number", Phone{Number: "+33612345678", Country: "US"}, Phone{},
			"CONFLICTING_PHONE_COUNTRY_CODE"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.in.Infer()
			if err != nil {
				if err.Code != tt.code {
					t.Errorf("got %v, want %s", err.Code, tt.code)
				}
				return
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestRichTextIsDerivedBothWays(t *testing.T) {
	t.Parallel()
	got :=
		Markdown(`[{"type":"heading","props":{"level":2},` +
			`"content":[{"type":"text","text":"H","styles":{"bold":true}}]},` +
			`{"type":"bulletListItem","content":[{"type":"text","text":"a","styles":{}}]}]`)
	if got != "## **H**\n\n* a\n" {
		t.Errorf("got %q", got)
	}
	if got := Markdown("no blocks"); got != "no blocks" {
		t.Errorf("got %q", got)
	}
	var kinds []string
	for _, b := range readBlocks("# T\n\n- a\n- b\n\n1. c\n\n> q\n\ntwo\nlines\n\n```\ncode\n```") {
		kinds = append(kinds, b.kind)
	}
	want := []string{"heading", "bulletListItem", "bulletListItem", "numberedListItem", "quote", "paragraph",
		"codeBlock"}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}
