package compare

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/safeyaml"
)

// said is one interaction of a conversation for the binding: what was sent, recorded and answered.
type said struct {
	sent, rec, got string
}

const (
	idA, idB = "8a76caa5-1ae6-4199-9fee-c49e96893701", "6253753c-fb15-4a3d-8253-cad7ccdccea6"
	idX, idY = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
	early    = "2026-11-21T19:02:47.996Z"
	late     = "2026-11-21T19:02:48.996Z"
	secret   = "7b5ba1298dce65a77afb114ac8940e63253f845212076182403b143ebdca6db4"
	other    = "1399fa08be55c849aa4e28f11b946f2720702b81569325733c17ad083e304858"
)

// now returns a time of the replay's day.
func now(seconds int) string {
	return time.Date(2027, 3, 1, 10, 0, seconds, 0, time.UTC).Format("2006-01-02T15:04:05.000Z")
}

func cursorOf(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func JwtOf(header, claims, signature string) string {
	e := base64.RawURLEncoding
	return e.EncodeToString([]byte(header)) + "." + e.EncodeToString([]byte(claims)) + "." + signature
}

// differs replays a conversation and returns the first difference.
func differs(t *testing.T, rules *Rules, seed string, conversation []said) string {
	t.Helper()
	b := NewBinding("2026-11-21")
	b.Now = time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)
	b.Literal(seed)
	for n, s := range conversation {
		b.Literal(s.sent)
		c := &Comparison{
			Binding: b,
			Rules:   rules,
			At:      Moment{Interaction: n, Write: s.sent != ""},
			Origin:  "https://api.vendor.example",
			Base:    "http://127.0.0.1:4000/v",
		}
		c.Lists = rules.ListsOf("GET /things ")
		c.CompareBody("application/json", s.rec, s.got)
		if len(c.Found) > 0 {
			return c.Found[0].String()
		}
	}
	return ""
}

func TestBinding(t *testing.T) {
	t.Parallel()
	one := func(rec, got string) []said { return []said{{rec: rec, got: got}} }
	q := func(s string) string { return `"` + s + `"` }
	header := `{"alg":"HS256","typ":"JWT"}`
	for _, test := range []struct {
		name string
		seed string
		play []said
		want string // part of the difference; "" if equal
	}{
		{name: "a generated id is renamed", play: one(q(idA), q(idX))},
		{
			name: "one id has one name",
			play: []said{{rec: q(idA), got: q(idX)}, {rec: q(idA), got: q(idY)}},
			want: "stands for",
		},
		{name: "two ids never share a name", play: one(`["`+idA+`","`+idB+`"]`, `["`+idX+`","`+idX+`"]`), want: "$[1]"},
		{
			name: "swapped ids",
			play: []said{{rec: `["` + idA + `","` + idB + `"]`, got: `["` + idX + `","` + idY + `"]`},
				{rec: `["` + idB + `","` + idA + `"]`, got: `["` + idX + `","` + idY + `"]`}},
			want: "stands for",
		},
		{name: "an id the client sent is literal", play: []said{{sent: idA, rec: q(idA), got: q(idX)}}, want: "$"},
		{
			name: "an id the client sent in upper case comes back in lower",
			play: []said{{sent: strings.ToUpper(idA), rec: q(idA), got: q(idA)}},
		},
		{
			name: "a generated id is no id that the client sent",
			play: []said{{sent: idX, rec: q(idA), got: q(idX)}},
			want: "named before",
		},
		{name: "an id of the seed is literal", seed: q(idA), play: one(q(idA), q(idX)), want: "$"},
		{name: "a generated id is none of the seed", seed: q(idX), play: one(q(idA), q(idX)), want: "named before"},
		{
			name: "an id keeps its version",
			play: one(q(idA), q("11111111-2222-1333-8444-555555555555")),
			want: "version",
		},
		{name: "an id keeps its case", play: one(q(idA), q(strings.ToUpper(idY[:35])+"A")), want: "spelling"},
		{
			name: "an id inside a URL",
			play: one(q("https://api.vendor.example/things/"+idA+"?x=1"),
				q("http://127.0.0.1:4000/v/things/"+idX+"?x=1")),
		},
		{
			name: "the recorded origin is the target's",
			play: one(q("https://api.vendor.example/things"), q("https://api.vendor.example/things")),
			want: "$",
		},
		{name: "an id inside JSON inside a string", play: one(`"[{\"id\":\"`+idA+`\"}]"`, `"[{\"id\":\"`+idX+`\"}]"`)},
		{name: "text around an id is literal", play: one(q("see "+idA), q("see: "+idX)), want: "$"},
		{name: "an id is not renamed by half", play: one(q(idA), q(idX[:30])), want: "expected a UUID"},
		{name: "an id is no text", play: one(q(idA), q("abc")), want: "expected a UUID"},
		{name: "a missing id is a difference", play: one(`{"id":"`+idA+`"}`, `{}`), want: "missing"},
		{name: "null is no id", play: one(q(idA), "null"), want: "null"},

		{
			name: "a number that only looks like an id",
			play: one(`8123456789012345678`, `8123456789012345679`),
			want: "$",
		},
		{
			name: "digits as long as an id are literal",
			play: one(q("1234567890123456"), q("1234567890123457")),
			want: "$",
		},
		{name: "a digest in the middle of a word is literal", play: one(q("x"+secret), q("x"+other)), want: "$"},
		{name: "a long secret is renamed", play: one(q(secret), q(other))},
		{name: "a secret keeps its length", play: one(q(secret), q(other[:40])), want: "hex digits"},

		{name: "a time of the day is renamed", play: one(q(early), q(now(1)))},
		{name: "a time of another day is literal", play: one(q("2025-11-21T19:02:47.996Z"), q(now(1))), want: "$"},
		{
			name: "a time the client sent is literal in any zone",
			play: []said{{sent: "2026-11-21T21:02:47.996+02:00", rec: q(early), got: q(now(1))}},
			want: "$",
		},
		{
			name: "a renamed time is of the replay's day",
			play: one(q(early), q("2019-01-01T00:00:00.000Z")),
			want: "time of day",
		},
		{
			name: "times keep their order",
			play: []said{{rec: q(early), got: q(now(2))}, {rec: q(late), got: q(now(1))}},
			want: "recorded after",
		},
		{
			name: "two requests make two times",
			play: []said{{sent: "a", rec: q(early), got: q(now(1))}, {sent: "b", rec: q(late), got: q(now(1))}},
			want: "recorded after",
		},
		{
			name: "one write may make one time of two",
			play: []said{{sent: "a", rec: `[{"at":"` + early + `"},{"at":"` + late + `"}]`,
				got: `[{"at":"` + now(1) + `"},{"at":"` + now(1) + `"}]`}},
		},
		{
			name: "but not within a row",
			play: []said{{sent: "a", rec: `{"createdAt":"` + early + `","updatedAt":"` + late + `"}`,
				got: `{"createdAt":"` + now(1) + `","updatedAt":"` + now(1) + `"}`}},
			want: "within the row",
		},
		{
			name: "equal times stay equal",
			play: one(`{"createdAt":"`+early+`","updatedAt":"`+early+`"}`,
				`{"createdAt":"`+now(1)+`","updatedAt":"`+now(2)+`"}`),
			want: "stands for",
		},
		{name: "a time keeps its precision", play: one(q(early), q("2027-03-01T10:00:01Z")), want: "spelled"},
		{name: "a time keeps its zone", play: one(q(early), q("2027-03-01T10:00:01.000+00:00")), want: "spelled"},
		{
			name: "one instant at two precisions",
			play: one(`["`+early+`","2026-11-21T19:02:47.996123+00:00"]`,
				`["`+now(1)+`","2027-03-01T10:00:01.000456+00:00"]`),
		},
		{
			name: "two instants at two precisions",
			play: one(`["`+early+`","2026-11-21T19:02:47.996123+00:00"]`,
				`["`+now(1)+`","2027-03-01T10:00:02.000456+00:00"]`),
			want: "$[1]",
		},

		{
			name: "times to the second may fall together",
			play: []said{{sent: "a", rec: q("2026-11-21 19:02:47"), got: q("2027-03-01 10:00:01")},
				{sent: "b", rec: q("2026-11-21 19:02:49"), got: q("2027-03-01 10:00:01")}},
		},
		{
			name: "or fall into two",
			play: []said{{sent: "a", rec: q("2026-11-21 19:02:47"), got: q("2027-03-01 10:00:01")},
				{sent: "b", rec: q("2026-11-21 19:02:47"), got: q("2027-03-01 10:00:02")}},
		},
		{
			name: "but not further apart",
			play: []said{{sent: "a", rec: q("2026-11-21 19:02:47"), got: q("2027-03-01 10:00:01")},
				{sent: "b", rec: q("2026-11-21 19:02:47"), got: q("2027-03-01 10:00:03")}},
			want: "recorded 19:02:47 and 19:02:47",
		},
		{
			name: "and not the other way round",
			play: []said{{sent: "a", rec: q("2026-11-21 19:02:47"), got: q("2027-03-01 10:00:02")},
				{sent: "b", rec: q("2026-11-21 19:02:49"), got: q("2027-03-01 10:00:01")}},
			want: "recorded 19:02:47 and 19:02:49",
		},
		{
			name: "within a row too",
			play: one(`{"made":"2026-11-21 19:02:47","changed":"2026-11-21 19:02:49"}`,
				`{"made":"2027-03-01 10:00:01","changed":"2027-03-01 10:00:01"}`),
		},

		{
			name: "a cursor is opened",
			play: one(q(cursorOf(`{"name":"A","id":"`+idA+`"}`)), q(cursorOf(`{"name":"A","id":"`+idX+`"}`))),
		},
		{
			name: "what a cursor says is literal",
			play: one(q(cursorOf(`{"name":"A","id":"`+idA+`"}`)), q(cursorOf(`{"name":"B","id":"`+idX+`"}`))),
			want: "cursor",
		},
		{
			name: "a cursor keeps its order of keys",
			play: one(q(cursorOf(`{"name":"A","id":"`+idA+`"}`)), q(cursorOf(`{"id":"`+idX+`","name":"A"}`))),
			want: "cursor",
		},
		{
			name: "an id is the same inside a cursor",
			play: []said{{rec: q(idA), got: q(idX)},
				{rec: q(cursorOf(`{"id":"` + idA + `"}`)), got: q(cursorOf(`{"id":"` + idY + `"}`))}},
			want: "stands for",
		},
		{
			name: "ranks are good to 32 bits",
			play: one(q(cursorOf(`{"rank":0.06079271,"id":"`+idA+`"}`)),
				q(cursorOf(`{"rank":0.06079271048307419,"id":"`+idX+`"}`))),
		},
		{
			name: "another rank is a difference",
			play: one(q(cursorOf(`{"rank":0.06079271,"id":"`+idA+`"}`)),
				q(cursorOf(`{"rank":0.0607928,"id":"`+idX+`"}`))),
			want: "number",
		},
		{
			name: "other numbers in cursors are literal",
			play: one(q(cursorOf(`{"position":0.06079271,"id":"`+idA+`"}`)),
				q(cursorOf(`{"position":0.06079271048307419,"id":"`+idX+`"}`))),
			want: "cursor",
		},

		{
			name: "a JWT is renamed",
			play: one(q(JwtOf(header, `{"sub":"`+idA+`","iat":1}`, "abc")),
				q(JwtOf(header, `{"sub":"`+idX+`","iat":2}`, "xyz"))),
		},
		{
			name: "a JWT keeps its header",
			play: one(q(JwtOf(header, `{"sub":"`+idA+`"}`, "abc")),
				q(JwtOf(`{"alg":"none"}`, `{"sub":"`+idX+`"}`, "xyz"))),
			want: "header",
		},
		{
			name: "a JWT keeps its claims",
			play: one(q(JwtOf(header, `{"role":"admin"}`, "abc")), q(JwtOf(header, `{"role":"user"}`, "xyz"))),
			want: "claim role",
		},
		{
			name: "one JWT has one name",
			play: []said{{rec: q(JwtOf(header, `{"iat":1}`, "abc")), got: q(JwtOf(header, `{"iat":2}`, "xyz"))},
				{rec: q(JwtOf(header, `{"iat":1}`, "abc")), got: q(JwtOf(header, `{"iat":3}`, "uvw"))}},
			want: "stands for",
		},

		{name: "what the recorder took out is any text", play: one(q("/file?token=REDACTED"), q("/file?token=abc"))},
		{name: "but some text", play: one(q("/file?token=REDACTED"), q("/file?token=")), want: "took out"},
		{
			name: "and what follows it is literal",
			play: one(q("/file?token=REDACTED&x=1"), q("/file?token=abc&x=2")),
			want: "$",
		},

		{
			name: "an id that is a key",
			play: []said{{rec: q(idA), got: q(idX)}, {rec: `{"` + idA + `":1}`, got: `{"` + idX + `":1}`}},
		},
		{
			name: "another id that is a key",
			play: []said{{rec: q(idA), got: q(idX)}, {rec: `{"` + idA + `":1}`, got: `{"` + idY + `":1}`}},
			want: "missing",
		},
		{name: "key order is nothing", play: one(`{"a":1,"b":2}`, `{"b":2,"a":1}`)},
		{name: "array order is something", play: one(`[1,2]`, `[2,1]`), want: "$[0]"},
		{name: "a number keeps its spelling", play: one(`1`, `1.0`), want: "$"},
		{name: "a key twice is a difference", play: one(`{"a":1}`, `{"a":1,"a":1}`), want: "twice"},
		{name: "an extra key is a difference", play: one(`{}`, `{"a":null}`), want: "extra"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := &Rules{Float32: []string{"rank"}, Redactions: []Redaction{{"token=REDACTED", "token=", "word"}}}
			if err := rules.Compile(); err != nil {
				t.Fatal(err)
			}
			got := differs(t, rules, test.seed, test.play)
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestListsInTheOrderOfIdentifiers(t *testing.T) {
	t.Parallel()
	list := func(ids ...string) string {
		var rows []string
		for n, id := range ids {
			id, name, _ := strings.Cut(id, " ")
			rows = append(rows, fmt.Sprintf(`{"id":%q,"name":%q}`, id, name), "")
			rows = rows[:n+1]
		}
		return `{"data":[` + strings.Join(rows, ",") + `],"end":"` +
			cursorOf(`{"id":"`+strings.Fields(ids[len(ids)-1])[0]+`"}`) + `"}`
	}
	rec := list(idB+" b", idA+" a")
	for _, test := range []struct{ name, rec, got, want string }{
		{"elements stand where the target's identifiers put them", rec, list(idX+" a", idY+" b"), ""},
		{"or where they stood", rec, list(idX+" b", idY+" a"), ""},
		{"the target's list is in order", rec, list(idY+" a", idX+" b"), "target is not in the ascending"},
		{"the recorded list is in order", list(idA+" a", idB+" b"), list(idX+" a", idY+" b"), "recording is not"},
		{"the same elements are there", rec, list(idX+" a", idY+" c"), "no element"},
		{"no element is missing", rec, list(idX + " a"), "no element"},
		{"the cursor is that of the last element", rec,
			strings.Replace(list(idX+" a", idY+" b"), cursorOf(`{"id":"`+idY+`"}`), cursorOf(`{"id":"`+idX+`"}`), 1),
			"cursor"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := &Rules{
				Ends:  []string{"end"},
				Lists: []*ListRule{{Request: "^GET /things ", Path: "$.data", ID: "id", Direction: "ascending"}},
			}
			if err := rules.Compile(); err != nil {
				t.Fatal(err)
			}
			got := differs(t, rules, "", []said{{rec: test.rec, got: test.got}})
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestIdentifiersDecideAmongEqualTimes checks a list in the order of times, in which rows of one time are in the order
// of their identifiers.
func TestIdentifiersDecideAmongEqualTimes(t *testing.T) {
	t.Parallel()
	row := func(id, name, at string) string { return fmt.Sprintf(`{"id":%q,"name":%q,"at":%q}`, id, name, at) }
	list := func(rows ...string) string { return `{"data":[` + strings.Join(rows, ",") + `]}` }
	const idC, idZ = "0bbbbbbb-0000-4000-8000-000000000000", "0ccccccc-0000-4000-8000-000000000000"
	rec := list(row(idB, "b", "1"), row(idA, "a", "1"), row(idC, "c", "2"))
	for _, test := range []struct{ name, got, want string }{
		{"as they stood", list(row(idX, "b", "1"), row(idY, "a", "1"), row(idZ, "c", "2")), ""},
		{"changed places", list(row(idX, "a", "1"), row(idY, "b", "1"), row(idZ, "c", "2")), ""},
		{"out of order", list(row(idY, "b", "1"), row(idX, "a", "1"), row(idZ, "c", "2")),
			"target is not in the ascending"},
		{"another time first", list(row(idZ, "c", "2"), row(idX, "b", "1"), row(idY, "a", "1")), "no element"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			rules := &Rules{Lists: []*ListRule{
				{Request: "^GET /things ", Path: "$.data", ID: "id", Within: "at", Direction: "ascending"},
			}}
			if err := rules.Compile(); err != nil {
				t.Fatal(err)
			}
			got := differs(t, rules, "", []said{{rec: rec, got: test.got}})
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestRelaxations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ how, rec, got, want string }{
		{"order", `[{"a":1},{"a":2}]`, `[{"a":2},{"a":1}]`, ""},
		{"order", `[{"a":1},{"a":1}]`, `[{"a":1},{"a":2}]`, "no element"},
		{"order", `[{"a":1}]`, `[{"a":1},{"a":1}]`, "no recorded element"},
		{"order", `[]`, `{}`, "an object"},
		{"shape", `{"a":"x","b":{"c":1}}`, `{"a":"y","b":{"c":2}}`, ""},
		{"shape", `{"a":"x"}`, `{"a":1}`, "a number"},
		{"shape", `{"a":"x"}`, `{}`, "missing"},
		{"shape", `{"a":"x"}`, `{"a":"x","b":1}`, "extra"},
		{"shape", `{"a":"x"}`, `null`, "null"},
	} {
		t.Run(test.how+" "+test.rec+" "+test.got, func(t *testing.T) {
			t.Parallel()
			r := &Relaxation{
				Interactions: "0 3-4",
				Paths:        []string{"$"},
				How:          test.how,
				Why:          "the server does not fix it",
			}
			if err := r.Compile(); err != nil || !r.Numbers[4] || r.Numbers[2] {
				t.Fatal(err, r.Numbers)
			}
			c := &Comparison{Binding: NewBinding("2026-11-21"), Rules: &Rules{}, Relaxed: Relaxations{r}}
			c.CompareBody("json", test.rec, test.got)
			got := fmt.Sprint(c.Found)
			if (len(c.Found) == 0) != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %v, want %q", got, test.want)
			}
		})
	}
}

func TestSubstitution(t *testing.T) {
	t.Parallel()
	b := NewBinding("2026-11-21")
	b.Now = time.Date(2027, 3, 1, 10, 0, 0, 0, time.UTC)
	c := &Comparison{Binding: b, Rules: &Rules{}}
	c.CompareBody("json", `["`+idA+`","`+early+`"]`, `["`+idX+`","`+now(1)+`"]`)
	for rec, want := range map[string]string{
		"/things/" + idA: "/things/" + idX,
		"/things/" + idB: "/things/" + idB,
		"/things?filter=id%5Beq%5D%3A%22" + idA + "%22": "/things?filter=id%5Beq%5D%3A%22" + idX + "%22",
		"/things?after=" + cursorOf(`{"id":"`+idA+`","at":1}`): "/things?after=" +
			cursorOf(`{"id":"`+idX+`","at":1}`),
		"/things?since=2026-11-21T19%3A02%3A47.996Z": "/things?since=2027-03-01T10%3A00%3A01.000Z",
		"/things?since=2026-11-21T21:02:47.996%2B02:00&x=" +
			early: "/things?since=2027-03-01T12%3A00%3A01.000%2B02%3A00&x=" + now(1),
	} {
		if got := c.Substitute(rec); got != want {
			t.Errorf("%s\n got %s\nwant %s", rec, got, want)
		}
	}
}

// rulesOf decodes rules as rules.yaml has them.
func rulesOf(t *testing.T, text string) *Rules {
	t.Helper()
	rules := &Rules{}
	if err := safeyaml.Unmarshal([]byte(text), rules, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if err := rules.Compile(); err != nil {
		t.Fatal(err)
	}
	return rules
}
