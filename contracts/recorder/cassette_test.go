package recorder

import (
	"encoding/base64"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/vcr"
	"github.com/afba07b5/mockserver/redact"
)

func testSecrets() *redact.Secrets { return redact.New([]byte("a key"), nil) }

func TestOriginsAreMoved(t *testing.T) {
	t.Parallel()
	const from, to = "https://api.vendor.test", "http://127.0.0.1:4100"
	for text, want := range map[string]string{
		`<https://api.vendor.test/v1?page=2>; rel="next"`: `<http://127.0.0.1:4100/v1?page=2>; rel="next"`,
		`{"a":"https:\/\/api.vendor.test\/v1"}`:           `{"a":"http:\/\/127.0.0.1:4100\/v1"}`,
		`next=https%3A%2F%2Fapi.vendor.test%2Fv1`:         `next=http%3A%2F%2F127.0.0.1%3A4100%2Fv1`,
		"see https://api.vendor.test.":                    "see http://127.0.0.1:4100.",
		"https://api.vendor.test.evil.test/":              "https://api.vendor.test.evil.test/",
		"https://api.vendor.test:8443/":                   "https://api.vendor.test:8443/",
		"https://api.vendor.tests/":                       "https://api.vendor.tests/",
	} {
		if got := moved(text, from, to); got != want {
			t.Errorf("%s became %s, want %s", text, got, want)
		}
	}
	if got := localCookie("sid=1; Domain=.vendor.test; Path=/; Secure; HttpOnly"); got != "sid=1; Path=/; HttpOnly" {
		t.Error(got)
	}
}

func TestGoVCRReadsTheCassette(t *testing.T) {
	t.Parallel()
	var want []*cassette.Interaction
	for n, s := range []string{"", "it's 'quoted'", "a\nb\r\n\tc", "\x00\x7f\u0085\u2028\ufeff", "日本語 😀 \U000E0001",
		"\xff\xfe", "- x: y # z", "null", "12", `\n`, " ", "---"} {
		x := &exchange{
			method: "POST",
			url:    "https://a.test/?q=" + string(rune('a'+n)),
			proto:  "HTTP/1.1",
			header: http.Header{"A-B": {s, "x"}},
			body:   []byte(s),
			status: 200,
			phrase: "200 OK",
			answer: http.Header{},
			result: []byte(s + s),
		}
		want = append(want, x.scrubbed(testSecrets(), n))
		if n > 4 {
			want[n].Request.Body = s
		}
	}
	file := filepath.Join(t.TempDir(), "cassette")
	text, err := vcr.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file+".yaml", text, 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := cassette.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	for n := range want {
		if diff := cmp.Diff(exchangeOf(want[n]), exchangeOf(got.Interactions[n]),
			cmp.AllowUnexported(exchange{})); diff != "" {
			t.Errorf("%d: %s", n, diff)
		}
	}
	if found := search(testSecrets(), want); len(found) > 0 {
		t.Error(found)
	}
}

func TestTheSearchFindsWhatReplacingMissed(t *testing.T) {
	t.Parallel()
	b := testSecrets()
	b.AddCredential("missed-s3cret/1")
	for _, text := range []string{"missed-s3cret/1", "x=missed-s3cret%2F1",
		base64.StdEncoding.EncodeToString([]byte("is missed-s3cret/1 there")), `missed-s3cret\/1`} {
		interactions := []*cassette.Interaction{{Request: cassette.Request{Method: "GET", URL: "https://a.test/",
			Headers: http.Header{"A": {text}}}, Response: cassette.Response{Code: 200, Headers: http.Header{}}}}
		if found := search(b, interactions); found[0] == "" {
			t.Errorf("%s was not found", text)
		} else if strings.Contains(found[0], "s3cret") {
			t.Errorf("the reason tells the secret: %v", found)
		}
	}
}
