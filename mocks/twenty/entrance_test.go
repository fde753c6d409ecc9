package twenty

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/andybalholm/brotli"

	"github.com/afba07b5/mockserver/fake"
)

func packed(tb testing.TB, text string, in func(io.Writer) io.WriteCloser) string {
	tb.Helper()
	var out bytes.Buffer
	w := in(&out)
	if _, err := io.WriteString(w, text); err != nil {
		tb.Fatal(err)
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

func utf16LE(text string) string {
	var out bytes.Buffer
	binary.Write(&out, binary.LittleEndian, utf16.Encode([]rune(text)))
	return out.String()
}

// TestBodiesAreDecodedBeforeTheyAreRead compares with the reference file of the observed entrance.
func TestBodiesAreDecodedBeforeTheyAreRead(t *testing.T) {
	t.Parallel()
	const company = `{"name":"Café"}`
	gzipped := packed(t, company, func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) })
	const made = `"name":"Café"`
	for _, tt := range []struct {
		name, kind, coding, body string
		want                     int
		wantBody                 string
	}{
		{"gzip", "application/json", "gzip", gzipped, 201, made},
		{"gzip in capitals", "application/json", "GZIP", gzipped, 201, made},
		{"deflate", "application/json", "deflate",
			packed(t, company, func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }), 201, made},
		{"brotli", "application/json", "br",
			packed(t, company, func(w io.Writer) io.WriteCloser { return brotli.NewWriter(w) }), 201, made},
		{"a claim of gzip", "application/json", "gzip", company, 500, `"incorrect header check"`},
		{"half of gzip", "application/json", "gzip", gzipped[:len(gzipped)-9], 500, `"unexpected end of file"`},
		{"zstd", "application/json", "zstd", company, 500, `"unsupported content encoding \"zstd\""`},
		{"a byte order mark", "application/json", "", "\ufeff" + company, 201, made},
		{"UTF-16", "application/json; charset=utf-16le", "", utf16LE(company), 201, made},
		{"UTF-16 with a mark", "application/json; charset=utf-16", "", utf16LE("\ufeff" + company), 201, made},
		{"Latin 1", "application/json; charset=iso-8859-1", "", company, 500, `"unsupported charset \"ISO-8859-1\""`},
		{"UTF-8 without its dash", "application/json; charset=utf8", "", company, 500,
			`"unsupported charset \"UTF8\""`},
		{"Shift_JIS", "application/json; charset=Shift_JIS", "", company, 500, `"unsupported charset \"SHIFT_JIS\""`},
		{"a charset before a coding", "application/json; charset=latin1", "zstd", company, 500,
			`"unsupported charset \"LATIN1\""`},
		{"bytes that are no UTF-8", "application/json", "", "{\"name\":\"a\xffb\"}", 201, "\"name\":\"a\ufffdb\""},
		{"over ten megabytes", "application/json", "", `{"name":"` + strings.Repeat("x", 11<<20) + `"}`, 500,
			`"request entity too large"`},
		{"over ten megabytes, packed", "application/json", "gzip",
			packed(t, `{"name":"`+strings.Repeat("x", 11<<20)+`"}`,
				func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }), 500, `"request entity too large"`},
		{"two megabytes of blanks", "application/json", "", strings.Repeat(" ", 2<<20) + company, 201, made},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer(t, fake.WithSeed("empty"))
			for _, path := range []string{"/rest/companies", "/graphql"} {
				if path == "/graphql" && tt.want == 201 {
					continue
				}
				req, err := http.NewRequest("POST", srv.URL+path, strings.NewReader(tt.body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header.Set("Authorization", "Bearer "+Key)
				req.Header.Set("Content-Type", tt.kind)
				if tt.coding != "" {
					req.Header.Set("Content-Encoding", tt.coding)
				}
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					t.Fatal(err)
				}
				defer res.Body.Close()
				text, err := io.ReadAll(res.Body)
				if err != nil {
					t.Fatal(err)
				}
				got := string(text)
				if res.StatusCode != tt.want || tt.want == 201 && !strings.Contains(got, tt.wantBody) ||
					tt.want == 500 && got != tt.wantBody {
					t.Errorf("%s: got %d %.300s\nwant %d %s", path, res.StatusCode, got, tt.want, tt.wantBody)
				}
			}
		})
	}
}

// TestQueryStringsAreNodes compares with querystring.parse in Node.
func TestQueryStringsAreNodes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"a=b+c": "b c", "a=%": "%", "a=%zz": "%zz", "a=50%": "50%", "a=%41%": "A%", "a=%22%__X%%22": `"%__X%"`,
		"a=%E0%A4%A": "\ufffd%A", "a=%ff": "\ufffd", "a=%C3%A9": "é", "a=b;c": "b;c", "a": "", "a=": "", "&&a=1&": "1",
		"a=b=c": "b=c", "%61=1": "1", "a=%2B": "+", "a=%e9%": "\ufffd%",
	} {
		values, err := parseQuery(raw)
		if got := values["a"]; err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %q %v, want %q", raw, got, err, want)
		}
	}
}

// FuzzQueryStrings checks that every query string is accepted and that no answer contains Go's
// messages.
func FuzzQueryStrings(f *testing.F) {
	for _, raw := range []string{"limit=1;x", "filter=name[eq]:50%", "limit=%zz", "a=%E0%A4%A", "=&=", "%"} {
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values, err := parseQuery(raw)
		if err != nil {
			t.Fatal(err)
		}
		for key, list := range values {
			if strings.ToValidUTF8(key+strings.Join(list, ""), "?") != key+strings.Join(list, "") {
				t.Errorf("%q: %q is no UTF-8", raw, list)
			}
		}
	})
}

func TestPathsMatchAsInExpress(t *testing.T) {
	t.Parallel()
	const id, path = "c0000000-0000-4000-8000-000000000001", "/rest/companies/c0000000-0000-4000-8000-000000000001"
	runGrammar(t, []string{`/rest/companies {"id":"` + id + `","name":"Acme"}`}, []grammarCase{
		{"REST in capitals is a name", "GET /REST/companies", "", 400, `'companies' is not a valid UUID`},
		{"of an object", "GET /REST/" + id, "", 400, `object 'REST' not found. eg: companies`},
		{"two slashes are one", "GET /rest//companies//", "", 200, `"totalCount":1`},
		{"escapes stay", "GET /rest/comp%61nies", "", 400, `object 'comp%61nies' not found. eg: companies`},
		{"a slash in an escape too", "GET /rest/companies%2F" + id, "", 400,
			`object 'companies%2F` + id + `' not found. eg: companies`},
		{"what does not decode", "GET /rest/companies/%ff", "", 400,
			`{"message":"Failed to decode param '%ff'","error":"Bad Request","statusCode":400}`},
		{"fixed paths have no case", "GET /Rest/Metadata/Webhooks/", "", 200, `[]`},
		{"nor do old ones", "GET /rest/WEBHOOKS", "", 200, `[]`},
		{"other methods of them are paths of records", "PUT /rest/metadata/webhooks/" + id, `{}`, 400,
			`Query path '/rest/metadata/webhooks/` + id +
				`' invalid. Valid examples: /rest/companies/id or /rest/companies or /rest/batch/companies`},
		{"with two segments", "DELETE /rest/metadata/objects", "", 400, `'objects' is not a valid UUID`},
		{"verbs have no case for the router, but for the parser", "POST /rest/companies/Duplicates", `{}`, 400,
			`'Duplicates' is not a valid UUID`},
		{"a verb with another method counts for nothing", "GET /rest/companies/merge", "", 200, `"totalCount":1`},
		{"as does batch", "GET /rest/batch/companies", "", 200, `"totalCount":1`},
		{"GraphQL has one path", "GET /graphql/", "", 404, ``},
		{"and two methods", "PUT /graphql", `{}`, 405,
			`{"errors":[{"message":"GraphQL only supports GET and POST requests."}]}`},
		{"a method that nobody has", "QUERY /rest/companies", "", 404, `{"message":"Cannot QUERY /rest/companies`},
		{"limits are JavaScript's numbers", "GET /rest/companies?limit=0x1", "", 200, `"totalCount":1`},
		{"not Go's", "GET /rest/companies?limit=1_0", "", 400, `limit '1_0' is invalid. Should be an integer`},
		{"depth too", "GET " + path + "?depth=0b1", "", 200, `"people":[]`},
	})
}

func TestReadsAreTaggedAndNotSentTwice(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	get := func(line string, header ...string) *http.Response {
		method, path, _ := strings.Cut(line, " ")
		req, err := http.NewRequest(method, srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+Key)
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res
	}
	const tag = `W/"81-nhWwYTbeYd0zgYDZ39n1bHk2B2k"` // fixtures/twenty/kind_entrance_etag 7
	if got := get("GET /rest/notes").Header.Get("ETag"); got != tag {
		t.Errorf("got %s, want %s", got, tag)
	}
	for _, tt := range []struct {
		header []string
		want   int
	}{
		{[]string{"If-None-Match", tag}, 304}, {[]string{"If-None-Match", tag[2:]}, 304},
		{[]string{"If-None-Match", "*"}, 304}, {[]string{"If-None-Match", `"x",` + tag}, 304},
		{[]string{"If-None-Match", `W/"x"`}, 200}, {[]string{"If-None-Match", tag, "Cache-Control", "no-cache"}, 200},
		{[]string{"If-None-Match", tag, "If-Modified-Since", "Sat, 28 Nov 2026 00:00:00 GMT"}, 200},
	} {
		res := get("GET /rest/notes", tt.header...)
		if res.StatusCode != tt.want || res.StatusCode == 304 &&
			(res.Header.Get("Content-Type") != "" || res.Header.Get("ETag") != tag) {
			t.Errorf("%v: got %d %v, want %d", tt.header, res.StatusCode, res.Header, tt.want)
		}
	}
	if got := get("GET /graphql?query={__typename}").Header.Get("ETag"); got != "" {
		t.Errorf("GraphQL has the tag %s", got)
	}
}

// TestMetadataWithU0000IsRefused, and stores nothing: the database behind the server has no such texts.
func TestMetadataWithU0000IsRefused(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	before := srv.World.Version()
	const message = `invalid byte sequence for encoding \"UTF8\": 0x00`
	for _, c := range []struct {
		line, body string
		status     int
	}{
		{"POST /rest/metadata/webhooks", `{"targetUrl":"https://a.example","operations":["*.*"],` +
			`"description":"a\u0000"}`, 400},
		{"POST /rest/metadata/objects", `{"nameSingular":"ship","namePlural":"ships","labelSingular":"Ship\u0000",` +
			`"labelPlural":"Ships"}`, 400},
		{"POST /metadata", `{"query":"mutation($i:CreateWebhookInput!){createWebhook(input:$i){id}}",` +
			`"variables":{"i":{"targetUrl":"https://a.example","operations":["*.*"],"description":"a\u0000"}}}`, 200},
	} {
		status, got := ask(t, srv, Key, c.line, c.body)
		if status != c.status || !strings.Contains(got, message) {
			t.Errorf("%s %s: %d %s", c.line, c.body, status, got)
		}
	}
	if srv.World.Version() != before {
		t.Error("the world has changed")
	}
	words := make([]string, 150_000)
	for i := range words {
		words[i] = "w" + strconv.Itoa(i)
	}
	for body, want := range map[string]string{
		`{"name":"` + strings.Join(words, " ") + `"}`:       "Data validation error.",
		`{"name":"` + strings.Repeat("x", 1_500_000) + `"}`: `"createCompany"`, // no word of a search vector is so long
	} {
		if _, got := ask(t, srv, Key, "POST /rest/companies", body); !strings.Contains(got, want) {
			t.Errorf("%.40s: %.200s", body, got)
		}
	}
	const duplicates = "POST /rest/companies/duplicates"
	if status, got := ask(t, srv, Key, duplicates, `{"data":[{"name":"a\u0000"}]}`); status != 500 {
		t.Errorf("duplicates: %d %s", status, got)
	}
	r, err := http.NewRequest(http.MethodPost, srv.URL+"/rest/companies/duplicates", strings.NewReader(`{"ids":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = http.Header{"Authorization": {"Bearer " + Key}, "Content-Type": {"text/plain"}}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(text), `You have to provide either \"data\" or \"ids\" argument`) {
		t.Errorf("a text for duplicates: %d %s %v", res.StatusCode, text, err) // observed
	}
}
