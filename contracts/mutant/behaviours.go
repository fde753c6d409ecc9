package mutant

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
)

// behaviours are the operators that handle a request in another way than the fake does.
var behaviours = []*Operator{
	{
		Name: "authentication ignored", About: "It accepts requests without a valid credential",
		places: rejections,
		around: func(own http.Handler, b *mutatedTarget) http.Handler { return letting(own, b, false) },
	},
	{
		Name: "permissions ignored", About: "It lets authenticated callers do what they may not",
		places: rejections,
		around: func(own http.Handler, b *mutatedTarget) http.Handler { return letting(own, b, true) },
	},
	{
		Name: "write lost", About: "It answers a write without storing it",
		places: func(x *exchange) []string { return where(x.write && x.answer.Status < 400) },
		around: losing,
	},
	{
		Name: "stale answer", About: "It repeats its earlier answer to a repeated read",
		places: func(x *exchange) []string { return where(!x.write && x.known(whole(x.request, x.requestBody))) },
		around: repeating,
	},
	{
		Name: "write repeated", About: "It repeats its earlier answer to a repeated write, and does nothing",
		places: func(x *exchange) []string { return where(x.write && x.known(whole(x.request, x.requestBody))) },
		around: repeating,
	},
	{
		Name: "code reusable", About: "It exchanges a code a second time",
		places: func(x *exchange) []string {
			code := formValue(x.requestBody, "code")
			return where(code != "" && formValue(x.requestBody, "grant_type") != "" && x.known("code "+code))
		},
		around: repeating,
	},
	{
		Name: "token reusable", About: "It accepts a refresh token that was used before",
		places: func(x *exchange) []string {
			token := formValue(x.requestBody, "refresh_token")
			return where(token != "" && x.known("refresh_token "+token))
		},
		around: repeating,
	},
}

func where(is bool) []string {
	if is {
		return []string{""}
	}
	return nil
}

func rejections(x *exchange) []string {
	return where(x.answer.Status == http.StatusUnauthorized || x.answer.Status == http.StatusForbidden)
}

// letting repeats rejected requests with a valid credential: those of callers with a valid
// credential if known is true, otherwise those of the others.
func letting(own http.Handler, b *mutatedTarget, known bool) http.Handler {
	return handling(own, b, func(r *http.Request) *contracts.Answer {
		second := again(r)
		offered := strings.Fields(b.def.Credential(r))
		first := ask(own, r)
		b.note(second, first)
		isKnown := slices.ContainsFunc(offered,
			func(c string) bool { return b.served[c] || slices.Contains(b.valid(), c) })
		if first.Status != http.StatusUnauthorized && first.Status != http.StatusForbidden || isKnown != known {
			return first
		}
		answer := first
		for _, credential := range b.valid() { // some of them may not either
			third := again(second)
			b.let(third, credential)
			if answer = ask(own, third); answer.Status != http.StatusUnauthorized &&
				answer.Status != http.StatusForbidden {
				break
			}
		}
		return answer
	})
}

// losing undoes a write once it is answered.
func losing(own http.Handler, b *mutatedTarget) http.Handler {
	return handling(own, b, func(r *http.Request) *contracts.Answer {
		entries, _ := b.world.Journal.Entries()
		if len(entries) == 0 { // undoing needs an earlier entry
			ask(own, b.nothing(r))
			entries, _ = b.world.Journal.Entries()
		}
		answer := ask(own, r)
		if _, err := b.world.Rewind(entries[len(entries)-1].ID); err != nil {
			panic(err) // the entry before the newest one exists
		}
		return answer
	})
}

// nothing is a request that matches no operation.
func (b *mutatedTarget) nothing(r *http.Request) *http.Request {
	r = r.Clone(r.Context())
	r.Method, r.URL, r.Body, r.ContentLength = http.MethodGet, &url.URL{Path: "/nothing-there"}, http.NoBody, 0
	return r
}

// repeating answers a repeated request with the earlier answer.
func repeating(own http.Handler, b *mutatedTarget) http.Handler {
	before := map[string]*contracts.Answer{}
	return handling(own, b, func(r *http.Request) *contracts.Answer {
		asked := bodyOf(r)
		key := whole(r, asked)
		if old := before[key]; old != nil {
			return old
		}
		answer := ask(own, r)
		if answer.Status < 400 {
			before[key] = answer
		}
		return answer
	})
}

// whole returns a request as one text.
func whole(r *http.Request, asked string) string {
	return strings.Join([]string{r.Method, r.Host, r.URL.RequestURI(), r.Header.Get("Authorization"), asked}, " ")
}

// formValue returns a value of a form, or of the equivalent JSON object.
func formValue(asked, name string) string {
	if v, ok := decode(asked); ok {
		fields, _ := v.(map[string]any)
		text, _ := fields[name].(string)
		return text
	}
	form, err := url.ParseQuery(asked)
	if err != nil {
		return ""
	}
	return form.Get(name)
}
