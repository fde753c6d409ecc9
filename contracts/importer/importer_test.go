package importer_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/contracts/importer"
)

// recorded are files that the tools themselves wrote (testdata/record): one conversation with two
// callers, a write, a rejected call, a revoked token and a missing record.
var recorded = map[string]string{
	"go-vcr-1.yaml": "go-vcr cassette, format 1 (go-vcr 1 and 2)",
	"go-vcr-2.yaml": "go-vcr cassette, format 1 (go-vcr 1 and 2)",
	"go-vcr-3.yaml": "go-vcr cassette, format 2 (go-vcr 3 and 4)",
	"go-vcr-4.yaml": "go-vcr cassette, format 2 (go-vcr 3 and 4)", "vcrpy.yaml": "vcrpy cassette",
	"vcrpy-decoded.yaml": "vcrpy cassette", "vcr-ruby.yml": "VCR 5.0.0 cassette (Ruby)",
	"vcr-ruby-bytes.yml": "VCR 5.0.0 cassette (Ruby)", "polly.har": "HAR 1.2", "nock.json": "nock recording",
	"postman.json": "Postman collection v2.1.0", "wiremock.json": "WireMock mappings",
}

var conversation = []string{
	`GET /v1/users?perPage=2&sortBy=email-asc Bearer kickflow-admin-token 200 hoshino@hoshino.example`,
	`POST /v1/grades Bearer kickflow-admin-token 200 "name":"Recorded"`,
	`GET /v1/grades/{id} Bearer kickflow-admin-token 200 "name":"Recorded"`,
	`POST /v1/grades Bearer kickflow-member-token 403 "code":"forbidden"`,
	`GET /v1/users Bearer kickflow-revoked-token 401 "code":"unauthorized"`,
	`GET /v1/users/none Bearer kickflow-admin-token 404 "code":"not_found"`,
}

var identifier = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func TestFilesOfTheToolsThemselves(t *testing.T) {
	t.Parallel()
	for name, format := range recorded {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		if got := importer.Recognize(data); got != format {
			t.Errorf("%s is recognized as %q, want %q", name, got, format)
		}
		rec, err := importer.Decode(name, data, nil)
		if err != nil || rec.Format != format || len(rec.LeftOut) > 0 || len(rec.Exchanges) != len(conversation) {
			t.Errorf("%s: %+v %v", name, rec, err)
			continue
		}
		for n, x := range rec.Exchanges {
			path := identifier.ReplaceAllString(x.URL[strings.Index(x.URL, "/v1"):], "{id}")
			result := unpacked(t, x.Answer.Get("Content-Encoding"), x.Result)
			got := fmt.Sprintf("%s %s %s %d ", x.Method, path, x.Header.Get("Authorization"), x.Status)
			at := strings.LastIndex(conversation[n], " ") + 1
			if got != conversation[n][:at] || !strings.Contains(result, conversation[n][at:]) ||
				x.Answer.Get("Content-Type") == "" {
				t.Errorf("%s %d: %s%s, want %s", name, n, got, result, conversation[n])
			}
			if x.Method == "POST" &&
				(!strings.Contains(string(x.Body), `"level":`) || x.Header.Get("Content-Type") != "application/json") {
				t.Errorf("%s %d: body %s, %s", name, n, x.Body, x.Header.Get("Content-Type"))
			}
		}
	}
}

func unpacked(t *testing.T, coding string, body []byte) string {
	t.Helper()
	if coding != "gzip" {
		return string(body)
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

type document struct{ name, format, text, want string }

// documents are examples from the formats' own pages, for tools that cannot be run here, and edge
// cases of the others. Each line of want is an exchange or an entry that is left out.
var documents = []document{
	{
		"Hoverfly 5", "Hoverfly simulation v5.2",
		`{"data":{"pairs":[
		  {"request":{"path":[{"matcher":"exact","value":"/v1/users"}],"method":[{"matcher":"exact","value":"GET"}],
		   "destination":[{"matcher":"exact","value":"api.kickflow.com"}],
		    "scheme":[{"matcher":"exact","value":"https"}],"query":{"page":[{"matcher":"array","value":["2"]}],
		     "q":[{"matcher":"exact","value":"a b"}]},
		    "headers":{"Authorization":[{"matcher":"exact","value":"Bearer one"}]},
		     "body":[{"matcher":"exact","value":""}]},
		   "response":{"status":200,"body":"W10=","encodedBody":true,"headers":{"Content-Type":["application/json"]}}},
		  {"request":{"path":[{"matcher":"glob","value":"/v1/*"}],"method":[{"matcher":"exact","value":"GET"}]},
		   "response":{"status":200,"body":""}},
		  {"request":{"path":[{"matcher":"exact","value":"/x"}],"method":[{"matcher":"exact","value":"GET"}]},
		   "response":{"status":200,"body":"{{ now }}","templated":true}}
		 ]},"meta":{"schemaVersion":"v5.2"}}`,
		"GET https://api.kickflow.com/v1/users?page=2&q=a+b  200 []\n" +
			"left out: 1: GET :///v1/*: it matches requests by glob and is not one\n" +
			"left out: 2: GET :///x: its answer is a template",
	},
	{ // as its code captures: a form by name, no headers, the path unescaped, its own header in the answer
		"Hoverfly 5, captured", "Hoverfly simulation v5.3",
		`{"data":{"pairs":[
		  {"request":{"path":[{"matcher":"exact","value":"/oauth/a b%2Fc?"}],
		   "method":[{"matcher":"exact","value":"POST"}],
		   "destination":[{"matcher":"exact","value":"a.test"}],"scheme":[{"matcher":"exact","value":"http"}],
		    "body":[{"matcher":"form","value":{"grant_type":[{"matcher":"exact","value":"a&b"}],
		     "code":[{"Matcher":"exact","Value":"1"}]}}]},
		   "response":{"status":200,"body":"{}","headers":{"Hoverfly":["Was-Here"],"X":["y"]}}},
		  {"request":{"path":[{"matcher":"exact","value":"/a%2Fb"}],"method":[{"matcher":"exact","value":"PUT"}],
		   "destination":[{"matcher":"exact","value":"a.test"}],"scheme":[{"matcher":"exact","value":"http"}],
		    "deprecatedQuery":[{"matcher":"exact","value":"a=1"}],"body":[{"matcher":"json","value":"{\"a\":1}"}]},
		   "response":{"status":200,"body":"{}"}}
		 ],"globalActions":{"delays":[]}},"meta":{"schemaVersion":"v5.3","hoverflyVersion":"v1.12.3",
		  "timeExported":"2026-11-21T10:00:00Z"}}`,
		"POST http://a.test/oauth/a%20b%252Fc%3F code=1&grant_type=a%26b 200 {}\n" +
			"PUT http://a.test/a%2Fb?a=1 {\"a\":1} 200 {}",
	},
	{
		"Hoverfly 1", "Hoverfly simulation v1",
		`{"data":{"pairs":[{"response":{"status":404,"body":"none","encodedBody":false,"headers":{}},` +
			`"request":{"requestType":"recording","path":"/v1/x","method":"GET","destination":"api.kickflow.com",` +
			`"scheme":"https","query":"a=1","body":"","headers":{"Accept":["*/*"]}}}]},` +
			`"meta":{"schemaVersion":"v1"}}`,
		"GET https://api.kickflow.com/v1/x?a=1  404 none",
	},
	{
		"Hoverfly 3", "Hoverfly simulation v3",
		`{"data":{"pairs":[{"response":{"status":200,"body":"ok"},"request":{"path":{"exactMatch":"/v1/x"},` +
			`"method":{"exactMatch":"POST"},"destination":{"exactMatch":"a.test"},"scheme":{"exactMatch":"http"},` +
			`"query":{"exactMatch":""},"body":{"jsonMatch":"{\"a\":1}"}}}]},"meta":{"schemaVersion":"v3"}}`,
		"POST http://a.test/v1/x {\"a\":1} 200 ok",
	},
	{
		"WireMock", "WireMock mappings",
		`{"mappings":[
		  {"request":{"method":"GET","url":"/v1/users?page=1","headers":{"Authorization":{"equalTo":"Bearer one"}}},
		   "response":{"status":200,"jsonBody":[{"a":1.50}],"headers":{"Content-Type":"application/json"}}},
		  {"request":{"method":"POST","urlPath":"/v1/grades","queryParameters":{"b":{"equalTo":"2"}},
		   "bodyPatterns":[{"equalToJson":{"name":"x"}}]},"response":{"status":201,"base64Body":"e30="}},
		  {"request":{"method":"GET","urlPattern":"/v1/.*"},"response":{"status":200}},
		  {"request":{"method":"ANY","url":"/v1/x"},"response":{"status":200}},
		  {"request":{"method":"GET","url":"/v1/file"},"response":{"bodyFileName":"file.json"}},
		  {"request":{"method":"GET","url":"/v1/gone"},"response":{"bodyFileName":"gone.json"}},
		  {"request":{"method":"GET","url":"/v1/broken"},"response":{"fault":"EMPTY_RESPONSE"}}]}`,
		"GET /v1/users?page=1  200 [{\"a\":1.50}]\nPOST /v1/grades?b=2 {\"name\":\"x\"} 201 {}\n" +
			"GET /v1/file  200 from a file\n" +
			"left out: 2: GET /v1/.*: it matches by urlPattern and is not one request\n" +
			"left out: 3: ANY /v1/x: it matches by any method and is not one request\n" +
			"left out: 5: GET /v1/gone: the body of its answer is in __files/gone.json, which cannot be read\n" +
			"left out: 6: GET /v1/broken: it has no answer of its own",
	},
	{
		"one WireMock stub", "WireMock mappings",
		`{"id":"1","request":{"method":"GET","urlPath":"/v1/x","basicAuthCredentials":{"username":"a",` +
			`"password":"b"}},"response":{"body":"y"}}`, "GET /v1/x  200 y",
	},
	{
		"HAR of a browser", "HAR 1.2",
		`{"log":{"version":"1.2","entries":[
		  {"startedDateTime":"2026-11-21T10:00:02.000Z","time":12.5,"request":{"method":"POST",
		   "url":"https://a.test/second?token=x","headers":[{"name":":authority","value":"a.test"},
		   {"name":"content-type","value":"application/x-www-form-urlencoded"}],
		   "postData":{"mimeType":"application/x-www-form-urlencoded","params":[{"name":"a b","value":"1&2"}]}},
		   "response":{"status":200,"headers":[{"name":"content-encoding","value":"br"}],
		    "content":{"size":2,"mimeType":"application/json","text":"e30=","encoding":"base64"}}},
		  {"startedDateTime":"2026-11-21T10:00:01.000Z","request":{"method":"GET","url":"https://a.test/first",
		   "headers":[]},"response":{"status":204,"headers":[],"content":{"size":0}}},
		  {"startedDateTime":"2026-11-21T10:00:03.000Z","request":{"method":"GET",
		   "url":"https://me:p4ss@a.test/aborted?token=x","headers":[]},"response":{"status":0,"headers":[],
		   "content":{}}},
		  {"startedDateTime":"2026-11-21T10:00:04.000Z","request":{"method":"GET","url":"https://a.test/cut",
		   "headers":[]},"response":{"status":200,"headers":[],"content":{"size":70}}},
		  {"startedDateTime":"2026-11-21T10:00:05.000Z","request":{"method":"POST","url":"https://a.test/upload",
		   "bodySize":9,"headers":[],"postData":{"mimeType":"multipart/form-data; boundary=x","text":""}},
		   "response":{"status":200,"headers":[],"content":{"size":0}}}]}}`,
		"GET https://a.test/first  204 \nPOST https://a.test/second?token=x a+b=1%262 200 {}\n" +
			"left out: 2: GET https://a.test/aborted: it has no answer\n" +
			"left out: 3: GET https://a.test/cut: the body of its answer is not in the file; " +
			"export the archive with content\n" +
			"left out: 4: POST https://a.test/upload: the body of its request is not in the file",
	},
	{
		"Postman 2.0 with folders", "Postman collection v2.0.0",
		`{"info":{"name":"x","schema":"https://schema.getpostman.com/json/collection/v2.0.0/collection.json"},
 "auth":{"type":"bearer","bearer":{"token":"{{t}}"}},"variable":[{"key":"base","value":"https://a.test"},
 {"key":"t","value":"one"}],
		  "item":[{"name":"folder","item":[{"name":"list","request":{"method":"GET","url":"{{base}}/v1/users"},
		   "response":[{"name":"ok","code":200,"body":"[]"}]}]},
		   {"name":"graph","request":{"method":"POST","url":{"raw":"{{base}}/graphql"},
		    "body":{"mode":"graphql","graphql":{"query":"{ a }","variables":"{\"b\":1}"}}},
		    "response":[{"code":200,"body":"{}"}]},
		   {"name":"form","request":{"method":"POST","url":"{{base}}/token","body":{"mode":"urlencoded",
		    "urlencoded":[{"key":"a","value":"b c"},{"key":"off","value":"x","disabled":true}]}},
		    "response":[{"code":400,"body":"no"}]},
		   {"name":"unsaved","request":{"method":"GET","url":"{{base}}/x"},"response":[]},
		   {"name":"open","request":{"method":"GET","url":"{{other}}/x"},"response":[{"code":200,"body":""}]},
		   {"name":"file","request":{"method":"POST","url":"{{base}}/f","body":{"mode":"file"}},
		    "response":[{"code":200,"body":""}]}]}`,
		"GET https://a.test/v1/users  200 []\n" +
			"POST https://a.test/graphql {\"query\":\"{ a }\",\"variables\":{\"b\":1}} 200 {}\n" +
			"POST https://a.test/token a=b+c 400 no\n" +
			"left out: 3: unsaved: no answer is saved with the request\n" +
			"left out: 4: GET {{other}}/x: nothing gives the variable {{other}} a value\n" +
			"left out: 5: POST {{base}}/f: its body, of mode file, is not in the file",
	},
	{"vcrpy as JSON", "vcrpy cassette",
		`{"version":1,"interactions":[{"request":{"method":"GET","uri":"https://a.test/x",` +
			`"body":null,"headers":{}},"response":{"status":{"code":200,"message":"OK"},"headers":{},` +
			`"body":{"string":"y"}}}]}`, "GET https://a.test/x  200 y"},
	{"an interaction without an answer", "go-vcr cassette, format 2 (go-vcr 3 and 4)",
		"version: 2\ninteractions:\n- request: {method: GET, url: https://a.test/x}\n",
		"left out: 0: GET https://a.test/x: it has no answer"},
}

func TestDocumentsOfTheFormats(t *testing.T) {
	t.Parallel()
	for _, test := range documents {
		rec, err := importer.Decode("file", []byte(test.text), func(name string) ([]byte, error) {
			if name != "__files/file.json" {
				return nil, os.ErrNotExist
			}
			return []byte("from a file"), nil
		})
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		var got []string
		for _, x := range rec.Exchanges {
			got = append(got, fmt.Sprintf("%s %s %s %d %s", x.Method, x.URL, x.Body, x.Status, x.Result))
		}
		for _, note := range rec.LeftOut {
			got = append(got, "left out: "+note)
		}
		if diff := cmp.Diff(test.want, strings.Join(got, "\n")); diff != "" || rec.Format != test.format {
			t.Errorf("%s, %s: %s", test.name, rec.Format, diff)
		}
	}
}

// TestHeadersOfHoverfly checks that a captured body has the media type that its matcher shows, and that the header
// which Hoverfly adds to answers is not the vendor's.
func TestHeadersOfHoverfly(t *testing.T) {
	t.Parallel()
	i := slices.IndexFunc(documents, func(d document) bool { return d.name == "Hoverfly 5, captured" })
	rec, err := importer.Decode("file", []byte(documents[i].text), nil)
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range []string{"application/x-www-form-urlencoded", "application/json"} {
		x := rec.Exchanges[n]
		if got := x.Header.Get("Content-Type"); got != want || x.Answer.Get("Hoverfly") != "" {
			t.Errorf("exchange %d: Content-Type %q, want %q; answer %v", n, got, want, x.Answer)
		}
	}
}

func TestCredentialsOfAnAuthBlockAreHeaders(t *testing.T) {
	t.Parallel()
	for auth, want := range map[string]string{
		`{"type":"bearer","bearer":[{"key":"token","value":"one"}]}`: "Authorization: Bearer one",
		`{"type":"basic","basic":[{"key":"username","value":"a"},` +
			`{"key":"password","value":"b"}]}`: "Authorization: Basic YTpi",
		`{"type":"apikey","apikey":[{"key":"key","value":"X-Api-Key"},` +
			`{"key":"value","value":"k"}]}`: "X-Api-Key: k",
		`{"type":"oauth2","oauth2":[{"key":"accessToken","value":"two"}]}`: "Authorization: Bearer two",
		`{"type":"apikey","apikey":[{"key":"in","value":"query"},{"key":"key","value":"X"},` +
			`{"key":"value","value":"k"}]}`: "X: ",
	} {
		text := `{"info":{"schema":"https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},` +
			`"item":[{"request":{"url":"http://a.test/","auth":` + auth + `},"response":[{"code":200}]}]}`
		rec, err := importer.Decode("file", []byte(text), nil)
		if err != nil || len(rec.Exchanges) != 1 {
			t.Fatalf("%v %+v", err, rec)
		}
		name, value, _ := strings.Cut(want, ": ")
		if got := rec.Exchanges[0].Header.Get(name); got != value {
			t.Errorf("%s: %s: %q, want %q", auth, name, got, value)
		}
	}
}

// TestAWrongFileGetsOneLine checks that the message names the file and the formats and repeats only
// a few words of the file.
func TestAWrongFileGetsOneLine(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a s3cret of the file, ", 2000)
	for name, text := range map[string]string{
		"empty": "", "text": long, "other JSON": `{"a":"` + long + `"}`, "broken JSON": `{"log":{"entries":["` + long,
		"other YAML": "a: 1\nb:\n  - " + long, "broken YAML": "interactions: [\n" + long + "\n- : :",
		"binary": "\x1f\x8b\x08\x00\xff" + long, "HAR without entries": `{"log":{"entries":[]}}`, "a list": "[1,2]",
		"terminal": "{\"\x1b]0;owned\x07\": [}",
	} {
		_, err := importer.Decode("my.file", []byte(text), nil)
		if err == nil {
			t.Errorf("%s: no error", name)
			continue
		}
		if message := err.Error(); !strings.HasPrefix(message, "my.file: ") || len(message) > 400 ||
			strings.ContainsAny(message, "\n\x1b") || strings.Count(message, "s3cret") > 2 {
			t.Errorf("%s: %q", name, message)
		}
		if name != "HAR without entries" && importer.Recognize([]byte(text)) != "" {
			t.Errorf("%s is recognized", name)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, test := range documents {
		f.Add([]byte(test.text))
	}
	for name := range recorded {
		if data, err := os.ReadFile(filepath.Join("testdata", name)); err == nil {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := importer.Decode("file", data, nil)
		if (err == nil) != (rec != nil) || err == nil && len(rec.Exchanges)+len(rec.LeftOut) == 0 {
			t.Errorf("%+v %v", rec, err)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("more than one line: %v", err)
		}
	})
}
