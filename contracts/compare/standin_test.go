package compare

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

const tokenRules = `
redactions:
  - {text: token=CUT, keeps: token=, spans: word}
  - {text: CUT, keeps: "", spans: word}
stand-ins:
  - {text: 'CUT-JWT-[A-Z]+-\d+', jwt: true}
  - {text: CUT-KEY, path: $.key}
  - {text: CUT-SECRET}
`

func TestStandIns(t *testing.T) {
	t.Parallel()
	jwt := func(name string) string { return JwtOf(`{"alg":"HS256"}`, `{"sub":"`+name+`"}`, "c2lnbmF0dXJl") }
	q := func(s string) string { return `"` + s + `"` }
	for _, test := range []struct {
		name string
		play []said
		// a recorded text that is sent afterwards, and its expected form; want alone is a
		// difference
		sent, want string
	}{
		{
			name: "the same word is the same token",
			play: []said{{rec: q("CUT-JWT-A-1"), got: q(jwt("a"))}, {rec: q("CUT-JWT-A-1"), got: q(jwt("a"))}},
		},
		{
			name: "one word is never two tokens",
			play: []said{{rec: q("CUT-JWT-A-1"), got: q(jwt("a"))}, {rec: q("CUT-JWT-A-1"), got: q(jwt("b"))}},
			want: "stands for CUT-JWT-A-1",
		},
		{
			name: "two words are never one token",
			play: []said{{rec: q("CUT-JWT-A-1"), got: q(jwt("a"))}, {rec: q("CUT-JWT-A-2"), got: q(jwt("a"))}},
			want: "stands for",
		},
		{
			name: "a word may begin like another",
			play: []said{{rec: q("CUT-JWT-A-1"), got: q(jwt("a"))}, {rec: q("CUT-JWT-A-11"), got: q(jwt("b"))}},
			sent: "Bearer CUT-JWT-A-11",
			want: "Bearer " + jwt("b"),
		},
		{name: "a JWT is expected", play: []said{{rec: q("CUT-JWT-A-1"), got: q("plain")}}, want: "JWT"},
		{
			name: "a secret need not be a JWT",
			play: []said{{rec: q("CUT-SECRET"), got: q("s3cr3t")}},
			sent: `{"secret":"CUT-SECRET"}`,
			want: `{"secret":"s3cr3t"}`,
		},
		{
			name: "an empty secret is none",
			play: []said{{rec: q("CUT-SECRET"), got: q("")}},
			want: "a token in place of",
		},
		{name: "a word that nobody issued stays", sent: "Bearer CUT-JWT-A-1", want: "Bearer CUT-JWT-A-1"},
		{
			name: "a credential that is issued in an answer",
			play: []said{{rec: `{"key":"CUT"}`, got: `{"key":"k-1"}`}},
			sent: "Bearer CUT-KEY",
			want: "Bearer k-1",
		},
		{
			name: "and elsewhere is none",
			play: []said{{rec: `{"other":"CUT"}`, got: `{"other":"k-1"}`}},
			sent: "Bearer CUT-KEY",
			want: "Bearer CUT-KEY",
		},
		{name: "a redaction is a whole word", play: []said{{rec: q("CUT-OFF"), got: q("k")}}, want: "$"},
		{
			name: "every redaction of a text",
			play: []said{{rec: q("/a?token=CUT and /b?token=CUT."), got: q("/a?token=x and /b?token=y.")}},
		},
		{
			name: "a signed URL",
			play: []said{{rec: q("https://api.vendor.example/f/1?token=CUT"),
				got: q("http://127.0.0.1:4000/v/f/1?token=sig")}},
			sent: "https://api.vendor.example/f/1?token=CUT",
			want: "https://api.vendor.example/f/1?token=sig",
		},
		{
			name: "its generated id is the target's",
			play: []said{{rec: q("https://api.vendor.example/" + idA + "?token=CUT"),
				got: q("http://127.0.0.1:4000/v/" + idX + "?token=sig")}},
			sent: "https://api.vendor.example/" + idA + "?token=CUT",
			want: "https://api.vendor.example/" + idX + "?token=sig",
		},
		{
			name: "another URL has another signature",
			play: []said{{rec: q("https://api.vendor.example/f/1?token=CUT"),
				got: q("http://127.0.0.1:4000/v/f/1?token=sig")}},
			sent: "https://api.vendor.example/f/2?token=CUT",
			want: "https://api.vendor.example/f/2?token=CUT",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := rulesOf(t, tokenRules)
			b := NewBinding("2026-11-21")
			c := &Comparison{
				Binding: b,
				Rules:   rules,
				Origin:  "https://api.vendor.example",
				Base:    "http://127.0.0.1:4000/v",
			}
			for _, s := range test.play {
				c.CompareBody("application/json", s.rec, s.got)
			}
			switch {
			case test.sent == "" && test.want == "" && len(c.Found) > 0, test.sent != "" && len(c.Found) > 0:
				t.Errorf("differs: %v", c.Found)
			case test.sent == "" && test.want != "" &&
				(len(c.Found) == 0 || !strings.Contains(c.Found[0].String(), test.want)):
				t.Errorf("differences %v, want one with %q", c.Found, test.want)
			case test.sent != "" && c.Substitute(test.sent) != test.want:
				t.Errorf("%q is sent as %q, want %q", test.sent, c.Substitute(test.sent), test.want)
			}
		})
	}
}

const lifeRules = `
lifetimes:
  - {about: an invitation, request: '^POST /invite', path: $.until, span: 720h}
  - {about: a login, request: '^POST /login', path: '$.*.until', span: 15m}
`

func TestLifetimes(t *testing.T) {
	t.Parallel()
	start := time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)
	at := func(after time.Duration) string {
		return start.Add(after).Format("2006-01-02T15:04:05.000Z")
	}
	const month = 720 * time.Hour
	for _, test := range []struct {
		name, request, sent, rec, got, want string
	}{
		{
			name:    "a month after the request",
			request: "POST /invite",
			rec:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			got:     `{"until":"` + at(month+time.Second) + `"}`,
		},
		{
			name:    "a minute too late",
			request: "POST /invite",
			rec:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			got:     `{"until":"` + at(month+time.Minute) + `"}`,
			want:    "720h after",
		},
		{
			name:    "a minute too early",
			request: "POST /invite",
			rec:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			got:     `{"until":"` + at(month-time.Minute) + `"}`,
			want:    "720h after",
		},
		{
			name:    "the recorded time itself",
			request: "POST /invite",
			rec:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			got:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			want:    "720h after",
		},
		{
			name:    "another spelling",
			request: "POST /invite",
			rec:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			got:     `{"until":"` + strings.Replace(at(month), ".000Z", "Z", 1) + `"}`,
			want:    "spelled",
		},
		{
			name:    "no time",
			request: "POST /invite",
			rec:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			got:     `{"until":"never"}`,
			want:    "720h after",
		},
		{
			name:    "what the client asked for is literal",
			request: "POST /invite",
			sent:    "2026-12-21T19:02:48.996Z",
			rec:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			got:     `{"until":"` + at(month) + `"}`,
			want:    "$.until",
		},
		{
			name:    "a time of no request of the recording",
			request: "POST /invite",
			rec:     `{"until":"2099-01-01T00:00:00.000Z"}`,
			got:     `{"until":"` + at(month) + `"}`,
			want:    "$.until",
		},
		{
			name:    "another request has no such rule",
			request: "POST /other",
			rec:     `{"until":"2026-12-21T19:02:48.996Z"}`,
			got:     `{"until":"` + at(month) + `"}`,
			want:    "$.until",
		},
		{
			name:    "one instant is one instant",
			request: "POST /login",
			rec:     `{"a":{"until":"2026-11-21T19:02:48.996Z"},"b":{"until":"2026-11-21T19:02:48.996Z"}}`,
			got: `{"a":{"until":"` + at(15*time.Minute) + `"},"b":{"until":"` + at(15*time.Minute+time.Second) +
				`"}}`,
			want: "stands for",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := rulesOf(t, lifeRules)
			b := NewBinding("2026-11-21")
			b.Now = start
			b.Literal(test.sent)
			c := &Comparison{
				Binding:   b,
				Rules:     rules,
				lifetimes: rules.lifetimesOf(test.request),
				Now:       func() (time.Time, error) { return start.Add(time.Second), nil },
			}
			c.CompareBody("application/json", test.rec, test.got)
			switch {
			case test.want == "" && len(c.Found) > 0:
				t.Errorf("differs: %v", c.Found)
			case test.want != "" && (len(c.Found) == 0 || !strings.Contains(c.Found[0].String(), test.want)):
				t.Errorf("differences %v, want one with %q", c.Found, test.want)
			}
		})
	}
}

func TestDayOfARecording(t *testing.T) {
	t.Parallel()
	invite := func(n string) *Interaction {
		return &Interaction{
			Method: http.MethodPost,
			URL:    "http://x.example/invite",
			Write:  true,
			Result: `{"until":"2026-12-28T10:00:0` + n + `.123Z"}`,
		}
	}
	read := func(result string) *Interaction {
		return &Interaction{Method: http.MethodGet, URL: "http://x.example/things", Result: result}
	}
	write := &Interaction{
		Method: http.MethodPost,
		URL:    "http://x.example/things",
		Write:  true,
		Result: `{"made":"2026-11-28T10:00:00.123Z"}`,
	}
	old := read(`["2026-01-01T10:00:00.123Z","2026-01-01T10:00:01.123Z"]`)
	for _, test := range []struct {
		name string
		all  []*Interaction
		want string
	}{
		{"expiries alone", []*Interaction{invite("1"), invite("2")}, "2026-11-28"},
		{"more expiries than other times", []*Interaction{write, invite("1"), invite("2"), invite("3")}, "2026-11-28"},
		{"more rows of another day are read than are written", []*Interaction{old, write}, "2026-11-28"},
		{"reads alone", []*Interaction{old}, "2026-01-01"},
		{"nothing", nil, ""},
	} {
		if got := DayOf(test.all, nil, rulesOf(t, lifeRules)); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}
