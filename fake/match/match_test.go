package match_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake/match"
)

func compile(text string) (*match.Pattern, error) {
	var spec match.Spec
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&spec); err != nil {
		return nil, err
	}
	return match.Compile(spec)
}

// request is what the patterns below are compared with; a fresh one each time, for it keeps what it parsed.
func request() *match.Request {
	r := &match.Request{
		Method: "POST", URL: "/orders/7/items?page=2&tag=a&tag=b", ClientIP: "127.0.0.1",
		Now: time.Date(2026, 5, 10, 12, 0, 0, 0, time.UTC),
		Header: http.Header{"X-Team": {"red"}, "Cookie": {"theme=dark"},
			"Authorization": {"Basic dXNlcjpwYXNz"}, "X-When": {"2026-05-10T09:00:00Z"}, "X-Day": {"10/05/2026"}},
		Body: []byte(`{"name":"Ada","n":3,"tags":["x","y"],"o":{},"big":9007199254740993}`),
	}
	r.SetOrigin("http://shop.test:8080/base/orders/7/items?page=2&tag=a&tag=b")
	return r
}

func TestPatterns(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		`{}`: true,
		`{"url":"/orders/7/items?page=2&tag=a&tag=b"}`:                                     true,
		`{"url":"/base/orders/7/items?page=2&tag=a&tag=b"}`:                                true,
		`{"url":"/orders/7/items"}`:                                                        false,
		`{"urlPath":"/orders/7/items"}`:                                                    true,
		`{"urlPattern":"/orders/.*page=2.*"}`:                                              true,
		`{"urlPathPattern":"/orders/[0-9]+/items"}`:                                        true,
		`{"urlPathPattern":"/orders"}`:                                                     false,
		`{"urlPathTemplate":"/orders/{id}/items"}`:                                         true,
		`{"urlPathTemplate":"/orders/{id}"}`:                                               false,
		`{"urlPathTemplate":"/orders/**"}`:                                                 true,
		`{"urlPathTemplate":"/orders/{id}/items","pathParameters":{"id":{"equalTo":"7"}}}`: true,
		`{"urlPathTemplate":"/orders/{id}/items","pathParameters":{"id":{"equalTo":"8"}}}`: false,
		`{"method":"ANY"}`:                                                                 true,
		`{"method":"post"}`:                                                                true,
		`{"method":"GET"}`:                                                                 false,
		`{"scheme":"http"}`:                                                                true,
		`{"scheme":"https"}`:                                                               false,
		`{"port":8080}`:                                                                    true, `{"port":80}`: false,
		`{"host":{"equalTo":"shop.test"}}`: true, `{"host":{"contains":"mall"}}`: false,
		`{"clientIp":{"matches":"127.*"}}`:         true,
		`{"headers":{"x-team":{"equalTo":"red"}}}`: true, `{"headers":{"X-Team":{"equalTo":"RED"}}}`: false,
		`{"headers":{"X-Team":{"equalTo":"RED","caseInsensitive":true}}}`:                          true,
		`{"headers":{"X-None":{"absent":true}}}`:                                                   true,
		`{"headers":{"X-Team":{"absent":true}}}`:                                                   false,
		`{"headers":{"X-None":{"doesNotContain":"x"}}}`:                                            false,
		`{"headers":{"X-Team":{"and":[{"contains":"r"},{"contains":"d"}]}}}`:                       true,
		`{"headers":{"X-Team":{"or":[{"equalTo":"blue"},{"equalTo":"red"}]}}}`:                     true,
		`{"headers":{"X-Team":{"not":{"equalTo":"blue"}}}}`:                                        true,
		`{"headers":{"X-Team":{"not":{"equalTo":"red"}}}}`:                                         false,
		`{"queryParameters":{"tag":{"equalTo":"b"}}}`:                                              true,
		`{"queryParameters":{"tag":{"hasExactly":[{"equalTo":"b"},{"equalTo":"a"}]}}}`:             true,
		`{"queryParameters":{"tag":{"hasExactly":[{"equalTo":"a"}]}}}`:                             false,
		`{"queryParameters":{"tag":{"includes":[{"equalTo":"a"}]}}}`:                               true,
		`{"queryParameters":{"page":{"matches":"[0-9]+"}}}`:                                        true,
		`{"cookies":{"theme":{"equalTo":"dark"}}}`:                                                 true,
		`{"basicAuthCredentials":{"username":"user","password":"pass"}}`:                           true,
		`{"basicAuthCredentials":{"username":"user","password":"word"}}`:                           false,
		`{"bodyPatterns":[{"equalToJson":{"n":3.0,"name":"Ada"},"ignoreExtraElements":true}]}`:     true,
		`{"bodyPatterns":[{"equalToJson":"{\"tags\":[\"y\",\"x\"]}","ignoreExtraElements":true}]}`: false,

		`{"bodyPatterns":[{"equalToJson":{"tags":["y","x"]},` +
			`"ignoreArrayOrder":true,"ignoreExtraElements":true}]}`: true,

		`{"bodyPatterns":[{"equalToJson":{"name":"${json-unit.regex}[A-Z].*"},"ignoreExtraElements":true}]}`: true,

		`{"bodyPatterns":[{"equalToJson":{"name":"${json-unit.any-number}"},"ignoreExtraElements":true}]}`: false,

		`{"bodyPatterns":[{"matchesJsonPath":"$.name"}]}`:                                           true,
		`{"bodyPatterns":[{"matchesJsonPath":"$.none"}]}`:                                           false,
		`{"bodyPatterns":[{"matchesJsonPath":"$.o"}]}`:                                              false,
		`{"bodyPatterns":[{"matchesJsonPath":{"expression":"$.name","contains":"Ad"}}]}`:            true,
		`{"bodyPatterns":[{"matchesJsonPath":{"expression":"$.none","absent":true}}]}`:              true,
		`{"bodyPatterns":[{"matchesJsonPath":{"expression":"$.tags.length()","equalTo":"2"}}]}`:     true,
		`{"bodyPatterns":[{"matchesJsonPath":"$.tags[?(@ == 'y')]"}]}`:                              true,
		`{"bodyPatterns":[{"matchesJsonPath":"$[?(@.n > 2)]"}]}`:                                    true,
		`{"bodyPatterns":[{"matchesJsonPath":"$[?(@.n > 3)]"}]}`:                                    false,
		`{"bodyPatterns":[{"matchesJsonSchema":{"type":"object","required":["name"]}}]}`:            true,
		`{"bodyPatterns":[{"matchesJsonSchema":"{\"required\":[\"none\"]}","schemaVersion":"V7"}]}`: false,
		`{"bodyPatterns":[{"contains":"Ada"},{"doesNotContain":"Bob"},{"doesNotMatch":"x"}]}`:       true,
		`{"bodyPatterns":[{"matchesXPath":"//a"}]}`:                                                 false,
		`{"headers":{"X-When":{"before":"now"}}}`:                                                   true,
		`{"headers":{"X-When":{"after":"now -4 hours"}}}`:                                           true,
		`{"headers":{"X-When":{"after":"now -2 hours"}}}`:                                           false,
		`{"headers":{"X-When":{"equalToDateTime":"2026-05-10T09:00:00Z"}}}`:                         true,

		`{"headers":{"X-Day":{"equalToDateTime":"now","actualFormat":"dd/MM/yyyy",` +
			`"truncateExpected":"first hour of day"}}}`: true,
	} {
		p, err := compile(pattern)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		r := request()
		if got := p.Match(r); got != want {
			t.Errorf("%s: matches %v", pattern, got)
		}
		if d := p.Distance(r); (d == 0) != want || d < 0 || d > 1 {
			t.Errorf("%s: distance %v", pattern, d)
		}
	}
}

func TestXMLAndParts(t *testing.T) {
	t.Parallel()
	xml := `<o xmlns:s="urn:s" id="7"><s:item>tea</s:item><b>jam</b><!-- no --></o>`
	parts := "--b\r\nContent-Disposition: form-data; name=\"one\"\r\nContent-Type: " +
		"text/plain\r\n\r\nhello\r\n--b\r\nContent-Disposition: form-data; name=\"two\"\r\n\r\nbye\r\n--b--\r\n"
	for _, c := range []struct {
		media, body, pattern string
		want                 bool
	}{
		{"text/xml", xml, `{"bodyPatterns":[{"equalToXml":"<o id='7' xmlns:x='urn:s'> <b>jam</b> ` +
			`<x:item>tea</x:item></o>"}]}`, true},
		{"text/xml", xml, `{"bodyPatterns":[{"equalToXml":"<o id='8' ` +
			`xmlns:x='urn:s'><b>jam</b><x:item>tea</x:item></o>"}]}`, false},
		{"text/xml", xml, `{"bodyPatterns":[{"equalToXml":"<o id='7' ` +
			`xmlns:x='urn:s'><b>${xmlunit.ignore}</b><x:item>tea</x:item></o>","enablePlaceholders":true}]}`, true},
		{"text/xml", xml, `{"bodyPatterns":[{"matchesXPath":"/o[@id='7']/b"}]}`, true},
		{"text/xml", xml, `{"bodyPatterns":[{"matchesXPath":{"expression":"/o/z:item/text()","equalTo":"tea"},` +
			`"xPathNamespaces":{"z":"urn:s"}}]}`, true},
		{"text/xml", xml, `{"bodyPatterns":[{"matchesXPath":{"expression":"count(//b)","equalTo":"1"}}]}`, true},
		{"multipart/form-data; boundary=b", parts,
			`{"multipartPatterns":[{"name":"two","bodyPatterns":[{"equalTo":"bye"}]}]}`, true},
		{"multipart/form-data; boundary=b", parts,
			`{"multipartPatterns":[{"matchingType":"ALL","bodyPatterns":[{"equalTo":"bye"}]}]}`, false},
		{"multipart/form-data; boundary=b", parts,
			`{"multipartPatterns":[{"headers":{"content-type":{"contains":"plain"}},` +
				`"bodyPatterns":[{"equalTo":"hello"}]}]}`, true},
		{"application/x-www-form-urlencoded", "a=1&a=2&b=c+d",
			`{"formParameters":{"b":{"equalTo":"c d"},"a":{"hasExactly":[{"equalTo":"1"},{"equalTo":"2"}]}}}`, true},
	} {
		p, err := compile(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got := p.Match(&match.Request{Header: http.Header{"Content-Type": {c.media}},
			Body: []byte(c.body)}); got != c.want {
			t.Errorf("%s: matches %v", c.pattern, got)
		}
	}
}

// TestWhatCannotBeCompiledSaysWhere looks at the pointer of each error.
func TestWhatCannotBeCompiledSaysWhere(t *testing.T) {
	t.Parallel()
	many := `{"bodyPatterns":[` + strings.Repeat(`{"contains":"x"},`, 600) + `{"contains":"x"}]}`
	for pattern, pointer := range map[string]string{
		`{"urlPattern":"("}`:                                                     "/urlPattern",
		`{"urlPattern":"(a|b|c){1000}"}`:                                         "/urlPattern",
		`{"bodyPatterns":[{"contains":"x"},{"containz":"x"}]}`:                   "/bodyPatterns/1",
		`{"headers":{"A":{"matches":"(?=x)"}}}`:                                  "/headers/A",
		`{"headers":{"A":{"and":[{"nope":1}]}}}`:                                 "/headers/A/and/0",
		`{"bodyPatterns":[{"equalToJson":"("}]}`:                                 "/bodyPatterns/0",
		`{"bodyPatterns":[{"matchesJsonPath":"$["}]}`:                            "/bodyPatterns/0",
		`{"bodyPatterns":[{"matchesJsonPath":"$..a..b..c"}]}`:                    "/bodyPatterns/0",
		`{"bodyPatterns":[{"matchesXPath":"//a//b//c//d"}]}`:                     "/bodyPatterns/0",
		`{"bodyPatterns":[{"matchesXPath":"//["}]}`:                              "/bodyPatterns/0",
		`{"bodyPatterns":[{"matchesJsonSchema":{"type":"nope"}}]}`:               "/bodyPatterns/0",
		`{"bodyPatterns":[{"matchesJsonSchema":{"$ref":"file:///etc/passwd"}}]}`: "/bodyPatterns/0",
		`{"bodyPatterns":[{"caseInsensitive":true}]}`:                            "/bodyPatterns/0",
		`{"headers":{"A":{"before":"some day"}}}`:                                "/headers/A",
		`{"pathParameters":{"a":{"equalTo":"b"}}}`:                               "/pathParameters",
		`{"multipartPatterns":[{"matchingType":"SOME"}]}`:                        "/multipartPatterns/0/matchingType",
		`{"customMatcher":{"name":"x"}}`:                                         "/customMatcher",
		many:                                                                     "/bodyPatterns/500",
	} {
		_, err := compile(pattern)
		e, ok := err.(*match.Error)
		if !ok || e.Pointer != pointer || e.Detail == "" {
			t.Errorf("%.80s: %#v, want an error at %s", pattern, err, pointer)
		}
	}
}

// FuzzPatterns compiles any pattern and matches it with any body: nothing may panic, and a match has no distance.
func FuzzPatterns(f *testing.F) {
	f.Add(`{"bodyPatterns":[{"matchesJsonPath":"$..a[?(@.b == 1)]"}]}`, `{"a":[{"b":1}]}`)
	f.Add(`{"bodyPatterns":[{"matchesXPath":"//a[1]/text()"},{"equalToXml":"<a/>"}]}`, `<a>1</a>`)
	f.Add(`{"bodyPatterns":[{"matchesJsonSchema":{"type":"object"}},{"equalToJson":[1,{}],"ignoreArrayOrder":true}]}`,
		`[1,{}]`)
	f.Add(`{"headers":{"A":{"before":"now +3 days","truncateActual":"last day of year"}},`+
		`"formParameters":{"a":{"includes":[{"not":{"absent":true}}]}}}`, `a=1`)
	f.Fuzz(func(t *testing.T, pattern, body string) {
		p, err := compile(pattern)
		if err != nil {
			return
		}
		r := &match.Request{URL: "/", Header: http.Header{"A": {"2026-01-01"},
			"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(body)}
		if p.Match(r) != (p.Distance(r) == 0) {
			t.Errorf("%s: a match has a distance, or none has none: %v", pattern, p.Distance(r))
		}
	})
}
