package value

import "testing"

// TestLinksHaveAHostOfTheVendorsPattern checks what the vendor adds to new URL; package js tests
// that.
func TestLinksHaveAHostOfTheVendorsPattern(t *testing.T) {
	t.Parallel()
	const refused = ""
	for text, want := range map[string]string{ // as the vendor's functions answer in Node
		"acme.example": "acme.example", "https://acme.example/a/../b/": "https://acme.example/b",
		"HTTP://ACME.example:80":   "http://acme.example",
		"http://Ünï.example/é?é#é": "http://xn--n-nga1b.example/%C3%A9?%C3%A9#%C3%A9",
		"//acme.example":           "//acme.example", " https://acme.example ": "https://acme.example",
		"acme.example:8080/x": "null8080/x", "mailto:a@b.example": "nulla@b.example",
		"https://u:p@acme.example": "https://acme.example", "127.0.0.1": "127.0.0.1", "http://1.2": "http://1.0.0.2",
		"1.2": "1.2", "localhost": "localhost", "_dmarc.acme.example": "_dmarc.acme.example",
		"a.b.c.d.e.f.g.h.i.j.example": "a.b.c.d.e.f.g.h.i.j.example", "acme.c": "acme.c", "a_b.example": refused,
		"https://acme": refused, "https://acme.": refused, "https://a..example": refused, "-a.example": refused,
		"https://a-.example": refused, "http://[::1]": refused, "https://acme.example:65536": refused, "1": refused,
		"12/abc": refused, "https://7": refused, "x.1": refused, "Http://acme.example": refused,
		"ftp://acme.example": refused, "javascript:alert(1)": refused, "": refused, "#": refused, "/path": refused,
		"a.b.c.d.e.f.g.h.i.j.k.l.example": refused, "acme example.com": refused,
	} {
		got := refused
		if Linkable(text) {
			got = TidyURL(text)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestPhoneNumbersAreReadAsLibphonenumberJSReads compares with libphonenumber-js 1.13.
func TestPhoneNumbersAreReadAsLibphonenumberJSReadsThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ number, country, calling, want string }{
		{"0612345678", "FR", "", "33 612345678"}, {"+33 (0)6 12 34 56 78", "", "", "33 612345678"},
		{"++33612345678", "FR", "", ""}, {"＋33612345678", "US", "", "1 33612345678"},
		{"٠٦١٢٣٤٥٦٧٨", "FR", "", "33 612345678"}, {"+٣٣٦١٢٣٤٥٦٧٨", "", "", "33 612345678"}, {"０６１２３４５６７８", "", "33",
			"33 612345678"}, {"०६१२३४५६७८", "FR", "", ""}, {"0612345678 ext 5", "FR", "", "33 612345678"},
		{"0612345678x12", "FR", "", "33 612345678"}, {"1-800-FLOWERS", "US", "", "1 1800"},
		{"phone: 0612345678", "FR", "", "33 612345678"}, {"33612345678", "", "33", "33 612345678"},
		{"06 1234", "", "33", "33 061234"}, {"123", "", "1", "1 123"}, {"0612345678", "", "", ""}, {"1", "FR", "", ""},
		{"+", "FR", "", ""}, {"abc", "FR", "", ""}, {"+0123", "", "", ""}, {"0033612345678", "FR", "", "33 612345678"},
	} {
		got := ""
		if national, code, _, ok := readPhone(tt.number, tt.country, tt.calling); ok {
			got = code + " " + national
		}
		if got != tt.want {
			t.Errorf("%q %s %s: got %q, want %q", tt.number, tt.country, tt.calling, got, tt.want)
		}
	}
}
