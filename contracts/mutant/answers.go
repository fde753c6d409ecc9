package mutant

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
)

// answers are the operators that change a whole answer, its status, or its headers.
var answers = []*Operator{
	{
		Name: "wrong status", About: "An answer has another status",
		places: func(x *exchange) []string { return []string{strconv.Itoa(x.answer.Status)} },
		answer: func(x *exchange, place string) *contracts.Answer {
			if strconv.Itoa(x.answer.Status) != place {
				return nil
			}
			return &contracts.Answer{Status: confused(x.answer.Status), Header: x.answer.Header, Body: x.answer.Body,
				Deliveries: x.answer.Deliveries}
		},
	},
	{
		Name: "refusal as success", About: "A refused request is answered with 200",
		places: func(x *exchange) []string { return where(x.answer.Status >= 400) },
		answer: func(x *exchange, _ string) *contracts.Answer {
			if x.answer.Status < 400 {
				return nil
			}
			return &contracts.Answer{Status: http.StatusOK, Header: x.answer.Header, Body: x.answer.Body,
				Deliveries: x.answer.Deliveries}
		},
	},
	{
		Name: "body empty", About: "An answer has no body",
		places: hasBody,
		answer: func(x *exchange, _ string) *contracts.Answer { return x.with(x.answer.Body != "", "") },
	},
	{
		Name: "body broken off", About: "An answer ends in its middle",
		places: hasBody, answer: func(x *exchange, _ string) *contracts.Answer {
			return x.with(x.answer.Body != "", x.answer.Body[:len(x.answer.Body)/2])
		},
	},
	{
		Name: "body in an envelope", About: "An answer is wrapped in an object",
		places: hasBody, answer: func(x *exchange, _ string) *contracts.Answer {
			return x.with(x.json, `{"data":`+x.answer.Body+`}`)
		},
	},
	{
		Name: "body for none", About: "An answer without a body has one",
		places: func(x *exchange) []string {
			return where(x.answer.Body == "" && x.request.Method != http.MethodHead &&
				x.answer.Status != http.StatusNoContent)
		},
		answer: func(x *exchange, _ string) *contracts.Answer { return x.with(x.answer.Body == "", "{}") },
	},
	{
		Name: "header missing", About: "A header is missing", common: true,
		places: headers, answer: func(x *exchange, place string) *contracts.Answer {
			return x.header(place, func(string) []string { return nil })
		},
	},
	{
		Name: "header changed", About: "A header has another value", common: true,
		places: headers, answer: func(x *exchange, place string) *contracts.Answer {
			return x.header(place, func(value string) []string { return []string{another(value)} })
		},
	},
	{
		Name:   "Link names the wrong page",
		About:  "The Link header calls the next page the previous, the last the first",
		places: func(x *exchange) []string { return where(x.answer.Header.Get("Link") != "") },
		answer: func(x *exchange, _ string) *contracts.Answer {
			return x.header("Link", func(value string) []string { return []string{relations.Replace(value)} })
		},
	},
	{
		Name: "Link off by one", About: "The Link header leads to the page after",
		places: func(x *exchange) []string { return where(pageIn.MatchString(x.answer.Header.Get("Link"))) },
		answer: func(x *exchange, _ string) *contracts.Answer {
			return x.header("Link",
				func(value string) []string { return []string{pageIn.ReplaceAllString(value, "${1}1$2")} })
		},
	},
	{
		Name: "redirect without a parameter", About: "A redirect lacks one of its parameters, like state",
		places: func(x *exchange) (found []string) {
			if u, err := url.Parse(x.answer.Header.Get("Location")); err == nil {
				found = slices.Sorted(maps.Keys(u.Query()))
			}
			return found
		},
		answer: func(x *exchange, place string) *contracts.Answer {
			return x.header("Location", func(value string) []string { return []string{withoutParameter(value, place)} })
		},
	},
	{
		Name: "another origin", About: "A URL in an answer has another host than the client asked",
		places: func(x *exchange) []string { return where(strings.Contains(x.answer.Body, x.request.Host)) },
		answer: func(x *exchange, _ string) *contracts.Answer {
			body := strings.ReplaceAll(x.answer.Body, x.request.Host, "elsewhere.example")
			return x.with(body != x.answer.Body, body)
		},
	},
	{
		Name: "refresh token kept", About: "A new refresh token is the one that was sent",
		places: func(x *exchange) []string { return where(newToken(x) != "") },
		answer: func(x *exchange, _ string) *contracts.Answer {
			fresh := newToken(x)
			return x.with(fresh != "", strings.Replace(x.answer.Body, fresh,
				formValue(x.requestBody, "refresh_token"), 1))
		},
	},
}

// newToken returns the refresh token of an answer if it differs from the one that was sent.
func newToken(x *exchange) string {
	fields, _ := x.body.(map[string]any)
	fresh, _ := fields["refresh_token"].(string)
	if sent := formValue(x.requestBody, "refresh_token"); sent == "" || sent == fresh {
		return ""
	}
	return fresh
}

// confused returns a status that a careless client mistakes for the given one.
func confused(status int) int {
	other := map[int]int{200: 201, 201: 200, 202: 200, 204: 200, 302: 307, 401: 403, 403: 401, 400: 422, 422: 400,
		404: 400, 405: 404, 409: 400, 429: 503}
	if s := other[status]; s != 0 {
		return s
	}
	return status + 1
}

func hasBody(x *exchange) []string { return where(x.answer.Body != "") }

// travelling lists headers about transport or server software, which no case compares.
var travelling = []string{"Content-Length", "Date", "X-Powered-By"}

func headers(x *exchange) (names []string) {
	for name, values := range x.answer.Header {
		if len(values) > 0 && !slices.Contains(travelling, name) {
			names = append(names, name)
		}
	}
	return names
}

// header returns the answer with another value of a header, or nil if it has no such header.
func (x *exchange) header(name string, do func(value string) []string) *contracts.Answer {
	old := x.answer.Header[name]
	if len(old) == 0 {
		return nil
	}
	now := do(old[0])
	if slices.Equal(old, now) {
		return nil
	}
	h := x.answer.Header.Clone()
	if h[name] = now; now == nil {
		delete(h, name)
	}
	return &contracts.Answer{Status: x.answer.Status, Header: h, Body: x.answer.Body, Deliveries: x.answer.Deliveries}
}

// another returns a different value of a header. For Content-Type it has a different meaning,
// because no vendor's documentation fixes the parameters.
func another(value string) string {
	if strings.Contains(value, "json") {
		return "text/plain"
	}
	return value + "x"
}

var (
	relations = strings.NewReplacer(`rel="next"`, `rel="prev"`, `rel="prev"`, `rel="next"`, `rel="last"`,
		`rel="first"`, `rel="first"`, `rel="last"`)
	pageIn = regexp.MustCompile(`([?&]page=)(\d+)`)
)

func withoutParameter(location, name string) string {
	base, query, _ := strings.Cut(location, "?")
	pieces, names := parameters(query)
	var kept []string
	for i, piece := range pieces {
		if names[i] != name {
			kept = append(kept, piece)
		}
	}
	return base + "?" + strings.Join(kept, "&")
}
