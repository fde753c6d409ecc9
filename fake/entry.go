package fake

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake/journal"
)

// newEntry starts the journal entry of a request. Its URL and ID are parts of one text.
func (r *Request) newEntry() *Entry {
	w := r.world
	at := w.Journal.Next()
	var digits [20]byte
	id := strconv.AppendInt(digits[:0], int64(at), 10)
	text := r.Base + r.HTTP.URL.RequestURI() + string(id)
	end := len(text) - len(id)
	return &Entry{ID: text[end:], Position: at, Remote: r.HTTP.RemoteAddr, Method: r.HTTP.Method, Base: r.Base,
		URL: text[:end], At: w.Clock.Now(), Host: r.Host, Header: r.HTTP.Header}
}

func (r *Request) finish(status int, body []byte) {
	if clock := &r.world.Clock; clock.Moved() { // otherwise net/http writes the same
		r.SetHeader("Date", clock.Now().Format(http.TimeFormat))
	}
	e := r.entry
	if r.Op != nil {
		e.Operation, e.Evidence = r.Op.ID, cmp.Or(e.Evidence, r.Op.Evidence)
	}
	if e.Stub != nil {
		e.Evidence = Stubbed
	}
	e.Status, r.answered = status, body
	if e.Unfriendly = r.plan.Applied(); len(e.Unfriendly) > 0 {
		r.SetHeader("Preference-Applied", "unfriendly="+strings.Join(e.Unfriendly, ","))
	}
	e.Body, e.Answer = journal.Cut(r.in.Body), journal.Cut(body)
}

// recordRejection records the rule that rejected the request. In tests a rule without evidence, or with
// evidence that contradicts its source, is a bug of the fake.
func (r *Request) recordRejection(def *Def, err *Error) {
	evidence, source := err.Evidence, err.Source
	if evidence == "" && def.Evidence != nil {
		evidence, source = def.Evidence(r, err)
	}
	rejection, wrong := err.rejection(evidence, source)
	if wrong != nil && r.server.options.CheckAnswers {
		r.server.ReportBug(fmt.Errorf("%s %s: %w", r.HTTP.Method, r.HTTP.URL, wrong))
	}
	r.rejected, r.entry.Rejection = err, rejection
}

// Rate sets the evidence of what an answer shows if it is not that of the operation: one operation may do many things,
// as a GraphQL endpoint does. It returns the error of a server that refuses what is inferred.
func (r *Request) Rate(what, evidence, source string) error {
	r.entry.Evidence = evidence
	if !r.server.options.RefuseInferred || evidence != Inferred || strings.HasPrefix(r.Op.Path, "/__") {
		return nil
	}
	text := what + " is inferred, not recorded or documented: " + source + "; start without --refuse inferred to use it"
	return &Error{Status: http.StatusNotImplemented, Rule: "operations without evidence are refused",
		Evidence: Inferred, Source: source, Body: map[string]string{"error": text}}
}

// evidence returns the evidence of the rule that rejected the request, or else that of what the answer shows.
func (r *Request) evidence() string {
	if r.entry.Stub == nil && r.entry.Rejection != nil {
		return r.entry.Rejection.Evidence
	}
	return r.entry.Evidence
}

// keep adds the entry to the journal. It must not change afterwards.
func (r *Request) keep() {
	r.entry.Took, r.entry.Answered = time.Since(r.started), r.header
	r.world.Record(r.entry)
}
