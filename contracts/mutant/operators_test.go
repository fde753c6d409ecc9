package mutant

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
)

const rich = `{"id":"0c0ffee0-0000-4000-8000-00000000000a","owner":{"id":7,"name":" Ada Lovelace "},
 "items":[{"rank":"12"},{"rank":"é"}],
"total":2,"price":10,"open":true,"none":null,"empty":[],"state":"active","at":"2026-11-21T10:00:00.123Z",
 "day":"2026-11-21 10:00:00","self":"http://shop.example/x"}`

// samples are answers that together have a place for every operator on answers.
func samples() []*exchange {
	known := map[string]int{"0c0ffee0-0000-4000-8000-00000000000a": 0, "2026-11-21T10:00:00.123Z": 0,
		"id 7": 0}
	sample := func(status int, body, asked string, header http.Header) *exchange {
		x := &exchange{
			operation:   "op",
			request:     httptest.NewRequest("POST", "http://shop.example/things", nil),
			requestBody: asked,
			first:       known,
			number:      2,
		}
		x.answer = &contracts.Answer{Status: status, Header: header, Body: body}
		x.body, x.json = decode(body)
		return x
	}
	return []*exchange{
		sample(200, rich, "", http.Header{"Content-Type": {"application/json"},
			"Link": {`<http://shop.example/things?page=2>; rel="next"`}}),
		sample(422, `{"code":"invalid","message":"It is not good"}`, "", http.Header{}),
		sample(302, "", "", http.Header{"Location": {"http://shop.example/back?code=1&state=2"}}),
		sample(200, `{"refresh_token":"new"}`, "refresh_token=old", http.Header{}),
		delivering(sample(201, `{}`, "", http.Header{})),
	}
}

// delivering adds a signed delivery to a sample.
func delivering(x *exchange) *exchange {
	header := http.Header{"Content-Type": {"application/json"}, "X-Signature": {"00ff"}, "Host": {"hook.example"}}
	x.answer.Deliveries = []*contracts.Delivery{{Method: "POST", Path: "/hook", Header: header,
		Body: `{"event":"made","row":{"id":7,"name":"oak"}}`}}
	return x
}

// TestDeliveriesAreBroken checks that operators change each part of a delivery that a case
// compares, and no other part.
func TestDeliveriesAreBroken(t *testing.T) {
	t.Parallel()
	const body = `{"event":"made","row":{"id":7,"name":"oak"}}`
	for _, test := range []struct {
		kind, place string
		places      []string
		count       int // number of deliveries of the mutated answer
		header      string
		body        string
	}{
		{kind: "delivery missing", places: []string{""}, count: 0},
		{kind: "delivery twice", places: []string{""}, count: 2, header: "00ff", body: body},
		{
			kind:   "delivery without a header",
			place:  "X-Signature",
			places: []string{"Content-Type", "X-Signature"},
			count:  1,
			body:   body,
		},
		{
			kind:   "delivery with a header cut",
			place:  "X-Signature",
			places: []string{"Content-Type", "X-Signature"},
			count:  1,
			header: "00f",
			body:   body,
		},
		{
			kind:   "delivery wrongly signed",
			place:  "X-Signature",
			places: []string{"X-Signature"},
			count:  1,
			header: "00f0",
			body:   body,
		},
		{
			kind:   "delivery without a key",
			place:  "row.name",
			places: []string{"event", "row", "row.id", "row.name"},
			count:  1,
			header: "00ff",
			body:   `{"event":"made","row":{"id":7}}`,
		},
		{
			kind:   "delivery with null",
			place:  "row",
			places: []string{"event", "row", "row.id", "row.name"},
			count:  1,
			header: "00ff",
			body:   `{"event":"made","row":null}`,
		},
		{
			kind:   "delivery with an extra key",
			place:  "row",
			places: []string{"row"},
			count:  1,
			header: "00ff",
			body:   `{"event":"made","row":{"extra":true,"id":7,"name":"oak"}}`,
		},
	} {
		t.Run(test.kind, func(t *testing.T) {
			t.Parallel()
			k := Operators[slices.IndexFunc(Operators, func(k *Operator) bool { return k.Name == test.kind })]
			x := delivering(&exchange{answer: &contracts.Answer{Status: 201}})
			places := k.places(x)
			slices.Sort(places)
			if diff := cmp.Diff(test.places, places); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
			got := k.answer(x, test.place)
			if got == nil || len(got.Deliveries) != test.count {
				t.Fatalf("got %+v, want %d deliveries", got, test.count)
			}
			if test.count == 0 {
				return
			}
			if d := got.Deliveries[0]; d.Header.Get("X-Signature") != test.header || d.Body != test.body {
				t.Errorf("got %+v", d)
			}
		})
	}
}

// TestEveryKindBreaksAnAnswer checks that every operator on answers finds a place in a sample,
// changes the answer there, and leaves the original unchanged.
func TestEveryKindBreaksAnAnswer(t *testing.T) {
	t.Parallel()
	for _, k := range Operators {
		if k.answer == nil {
			continue
		}
		broke := 0
		for _, x := range samples() {
			before := *x.answer
			for _, place := range k.places(x) {
				if got := k.answer(x, place); got != nil && !cmp.Equal(got, &before) {
					broke++
				}
			}
			if !cmp.Equal(*x.answer, before) {
				t.Errorf("%s has changed the answer it was given", k.Name)
			}
		}
		if broke == 0 {
			t.Errorf("%s breaks none of the samples", k.Name)
		}
	}
}

func TestKindsAreNamed(t *testing.T) {
	t.Parallel()
	names := map[string]bool{}
	for _, k := range Operators {
		if k.Name == "" || k.About == "" || k.places == nil || names[k.Name] {
			t.Errorf("%q: name, about and places are needed, and each name once", k.Name)
		}
		names[k.Name] = true
	}
	listed := slices.Collect(maps.Keys(inapplicable))
	for _, n := range needs {
		listed = append(listed, n.operators...)
	}
	for _, name := range listed {
		if !slices.ContainsFunc(Operators, func(o *Operator) bool {
			return o.Name == name || strings.HasPrefix(o.Name, name+" ")
		}) {
			t.Errorf("capabilities.go speaks of %q, which is no operator", name)
		}
	}
	if len(Operators) < 25 {
		t.Errorf("%d kinds", len(Operators))
	}
}

func TestRequestsAreBroken(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		kind, url, header, body string
		places                  []string
		place, wantURL, want    string
	}{
		{
			kind:    "parameter ignored",
			url:     "/x?page=1&filter=a%5Beq%5D:b",
			places:  []string{"page", "filter"},
			place:   "filter",
			wantURL: "/x?page=1",
		},
		{
			kind:    "limit one more",
			url:     "/x?perPage=2&page=3",
			places:  []string{"perPage"},
			place:   "perPage",
			wantURL: "/x?perPage=3&page=3",
		},
		{kind: "limit one less", url: "/x?limit=1", places: []string{"limit"}, place: "limit", wantURL: "/x?limit=1"},
		{kind: "page off by one", url: "/x?page=3", places: []string{"page"}, place: "page", wantURL: "/x?page=4"},
		{
			kind:    "field ignored",
			url:     "/x",
			body:    `{"a":1,"b":[{"c":2}]}`,
			places:  []string{"a", "b", "b[].c"},
			place:   "b[].c",
			wantURL: "/x",
			want:    `{"a":1,"b":[{}]}`,
		},
		{
			kind:    "field ignored",
			url:     "/x",
			body:    `a=1&b=2`,
			header:  "application/x-www-form-urlencoded",
			places:  []string{"a", "b"},
			place:   "a",
			wantURL: "/x",
			want:    `b=2`,
		},
		{
			kind:    "field ignored",
			url:     "/x",
			body:    `{"query":"{x}","variables":{"a":{"b":1}}}`,
			places:  []string{"variables.a", "variables.a.b"},
			place:   "variables.a",
			wantURL: "/x",
			want:    `{"query":"{x}","variables":{}}`,
		},
		{
			kind:    "comparison exchanged",
			url:     "/x?amount%3E%3D=5",
			places:  []string{"== for =", ">= for <=", ">= for >"},
			place:   ">= for >",
			wantURL: "/x?amount%3E=5",
		},
		{
			kind:    "comparison exchanged",
			url:     "/x",
			body:    `{"query":"{a(filter:{n:{gt:1}})}"}`,
			places:  []string{"{gt: for {gte:"},
			place:   "{gt: for {gte:",
			wantURL: "/x",
			want:    `{"query":"{a(filter:{n:{gte:1}})}"}`,
		},
		{
			kind:    "comparison exchanged",
			url:     "/x?sort=-name,-age&weight_min=-3",
			places:  []string{",- for ,", "=- for =", "_min= for _max="},
			place:   "=- for =",
			wantURL: "/x?sort=name%2C-age&weight_min=-3",
		},
		{
			kind:    "comparison exchanged",
			url:     "/x?weight_min=-3",
			places:  []string{"_min= for _max="},
			place:   "_min= for _max=",
			wantURL: "/x?weight_max=-3",
		},
	} {
		t.Run(test.kind+" "+test.place, func(t *testing.T) {
			t.Parallel()
			k := Operators[slices.IndexFunc(Operators, func(k *Operator) bool { return k.Name == test.kind })]
			r := httptest.NewRequest("POST", test.url, strings.NewReader(test.body))
			r.Header.Set("Content-Type", test.header)
			places := k.places(&exchange{request: r, requestBody: test.body})
			slices.Sort(places)
			slices.Sort(test.places)
			if diff := cmp.Diff(test.places, places); diff != "" {
				t.Errorf("places (-want +got):\n%s", diff)
			}
			b := &mutatedTarget{
				mutant: &Mutant{Operator: k, Place: test.place},
				talk:   newConversation(reporter{emptyRouter()}),
			}
			seen := ""
			own := http.HandlerFunc(
				func(_ http.ResponseWriter, r *http.Request) { seen = r.URL.String() + "\n" + bodyOf(r) })
			k.around(own, b).ServeHTTP(httptest.NewRecorder(), r)
			if diff := cmp.Diff(test.wantURL+"\n"+test.want, seen); diff != "" {
				t.Errorf("the fake is asked (-want +got):\n%s", diff)
			}
		})
	}
}

// emptyRouter returns a router without operations.
func emptyRouter() *fake.Router {
	spec, err := fake.LoadSpec([]byte(`{"openapi":"3.0.3","paths":{}}`))
	if err != nil {
		panic(err)
	}
	return fake.NewRouter(&fake.Def{Spec: spec})
}
