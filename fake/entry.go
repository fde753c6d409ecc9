package fake

import (
	"strconv"
	"time"

	"github.com/afba07b5/mockserver/fake/journal"
)

// begin starts the journal entry of a request.
func (r *Request) begin(j *Journal, def *Def) *Entry {
	at := j.Next()
	return &Entry{ID: strconv.Itoa(at), Position: at, Fake: def.Name, Remote: r.HTTP.RemoteAddr, Method: r.HTTP.Method, URL: r.Base + r.HTTP.URL.RequestURI(),
		At: r.State.World().Clock.Now(), Header: r.HTTP.Header}
}

func (r *Request) finish(status int, body []byte) {
	e := r.entry
	if r.Op != nil {
		e.Operation, e.Evidence = r.Op.ID, r.Op.Evidence
	}
	e.Status, r.answered = status, body
	e.Body, e.Answer = r.in.Body[:min(len(r.in.Body), journal.KeptBody)], body[:min(len(body), journal.KeptBody)]
}

func (r *Request) refused(err *Error) {
	e := r.entry
	e.Refusal = &Refusal{Rule: err.Rule, Source: err.Source, Evidence: "inferred"}
	if r.Op != nil {
		e.Refusal.Evidence = r.Op.Evidence
		if err.Source == "" {
			e.Refusal.Source = r.Op.Source
		}
	}
	if err.Rule == "" {
		e.Refusal.Rule = err.Error()
	}
}

// keep puts the entry into the journal. It must not change afterwards.
func (r *Request) keep() {
	r.entry.Took = time.Since(r.started)
	r.entry.Answered = r.header
	r.State.World().Journal.Add(r.entry)
}
