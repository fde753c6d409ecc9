package mutant

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
)

// mutatedTarget is a mutant in one world. Its requests come one at a time.
type mutatedTarget struct {
	mutant *Mutant
	world  *fake.World
	def    *fake.Def
	talk   *conversation
	served map[string]bool // credentials that were accepted in this world
}

// concerns reports whether a request is for the mutated operation.
func (b *mutatedTarget) concerns(r *http.Request) bool {
	name, _ := b.talk.reporter.name(r, bodyOf(r))
	return b.mutant.concerns(name)
}

// ask calls the fake and records the answer.
func ask(own http.Handler, r *http.Request) *contracts.Answer {
	rec := httptest.NewRecorder()
	own.ServeHTTP(rec, r)
	res := rec.Result()
	return &contracts.Answer{Status: res.StatusCode, Header: res.Header, Body: rec.Body.String()}
}

// report sends an answer.
func report(w http.ResponseWriter, a *contracts.Answer) {
	for name, values := range a.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	if _, err := w.Write([]byte(a.Body)); err != nil {
		panic(err) // reading from memory cannot fail
	}
}

// answering mutates answers of the fake.
func (b *mutatedTarget) answering(own http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked := bodyOf(r)
		x := b.talk.next(r, asked, ask(own, r))
		answer := x.answer
		if b.mutant.concerns(x.operation) {
			if other := b.mutant.Operator.answer(x, b.mutant.Place); other != nil {
				answer = other
			}
		}
		report(w, answer)
	})
}

// handling makes a handler that handles the mutated operation's requests with do.
func handling(own http.Handler, b *mutatedTarget, do func(r *http.Request) *contracts.Answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !b.concerns(r) {
			answer := ask(own, r)
			b.note(r, answer)
			report(w, answer)
			return
		}
		report(w, do(r))
	})
}

// note records whose requests are accepted.
func (b *mutatedTarget) note(r *http.Request, a *contracts.Answer) {
	for c := range strings.FieldsSeq(b.def.Credential(r)) {
		b.served[c] = b.served[c] || a.Status != http.StatusUnauthorized && a.Status != http.StatusForbidden
	}
}

// again returns a copy of the request.
func again(r *http.Request) *http.Request {
	body := bodyOf(r)
	copied := r.Clone(r.Context())
	setBody(copied, body)
	return copied
}

func setBody(r *http.Request, body string) {
	r.Body, r.ContentLength = http.NoBody, int64(len(body))
	if body != "" {
		r.Body = io.NopCloser(strings.NewReader(body))
	}
}

// header parses, from a fake's example, how a credential is sent: the header and the text around
// the credential.
var header = regexp.MustCompile(`-H ['"]([^:]+): ([^'"]*)\{credential\}`)

// let gives the request another credential.
func (b *mutatedTarget) let(r *http.Request, credential string) {
	if m := header.FindStringSubmatch(b.def.Example); m != nil {
		r.Header.Set(m[1], m[2]+credential)
	}
}

// valid returns the valid credentials of the world.
func (b *mutatedTarget) valid() (all []string) {
	state, err := b.world.State(b.def.Name)
	if err != nil || b.def.Known == nil {
		return nil
	}
	state.View(func() {
		for _, c := range b.def.Known(state) {
			if c.State == "valid" {
				all = append(all, c.Value)
			}
		}
	})
	return all
}
