package fake

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/fake/fault"
	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/match"
	"github.com/afba07b5/mockserver/fake/stub"
	"github.com/afba07b5/mockserver/fake/world"
)

// Stubbed is the evidence of an answer that a stub gave or changed.
const Stubbed = "stub"

// Matchable returns what request patterns see of a journal entry, with a body that may be longer than the entry keeps.
func Matchable(e *Entry, body []byte) *match.Request {
	r := &match.Request{Method: e.Method, Header: e.Header, Body: body, Now: e.At,
		Fake: e.Fake, Operation: e.Operation, Evidence: e.Evidence, Status: e.Status, ClientIP: e.Remote}
	r.SetOrigin(e.URL)
	r.URL = journal.Rooted(e.Fake, e.URL)
	if host, _, err := net.SplitHostPort(e.Remote); err == nil {
		r.ClientIP = host
	}
	return r
}

// matchStub returns the stub that the request meets, nil if it meets none. Without stubs it costs nothing.
func (r *Request) matchStub() (*stub.Served, *match.Request) {
	set := &r.world.Stubs
	if !set.Used() {
		return nil, nil
	}
	if r.Op != nil {
		r.entry.Operation, r.entry.Evidence = r.Op.ID, r.Op.Evidence
	}
	facts := Matchable(r.entry, r.in.Body)
	var served *stub.Served
	serve := func() { served = set.Serve(facts, r.entry.Position) }
	if r.world.Use(&world.Turn{Writes: true, Do: serve}) != nil { // each node counts for itself
		serve()
	}
	return served, facts
}

// delay waits for the delay that the settings give all answers.
func (r *Request) delay() {
	if set := &r.world.Stubs; set.Used() {
		r.entry.Delay = set.Delay(r.entry.Position)
		fault.Wait(r.HTTP.Context(), r.entry.Delay)
	}
}

// answerStub answers as a stub says. It calls own for the fake's answer only if the stub needs it; own
// is nil if no fake has the path.
func (r *Request) answerStub(s *stub.Served, facts *match.Request, own func() (int, []byte)) {
	r.entry.Stub = &journal.Stub{ID: s.ID, Name: s.Name, Mapping: s.Text, Definition: s.Mapping.Response}
	a, err := s.Answer(facts, r.entry.ID)
	if err == nil {
		r.entry.Delay = a.Delay
		fault.Wait(r.HTTP.Context(), a.Delay)
		err = r.completeStub(a, own)
	}
	if err != nil {
		r.failStub(s, err)
		return
	}
	r.header.Set("Matched-Stub-Id", s.ID)
	if s.Name != "" {
		r.header.Set("Matched-Stub-Name", s.Name)
	}
	if a.Break != "" {
		r.broken = &Fault{Break: a.Break, Delay: a.Over, Chunks: a.Chunks}
		if a.Break != "dribble" {
			r.entry.Fault = r.broken.String()
		}
	}
}

// failStub answers that a stub could not be served, which is neither the fake's nor the client's doing.
func (r *Request) failStub(s *stub.Served, err error) {
	clear(r.header)
	r.header.Set("Matched-Stub-Id", s.ID)
	detail := fmt.Sprintf("the stub %s %s: %v", s.ID, s.Name, err)
	const status = http.StatusInternalServerError
	r.finish(status, problem(r.header, status, "Stub failed", detail))
}

// completeStub gets the answer of the fake or of another server if the stub wants it, and finishes the request.
func (r *Request) completeStub(a *stub.Answer, own func() (int, []byte)) (err error) {
	status, body := a.Status, a.Body
	switch {
	case a.Change != nil && own == nil:
		return errors.New("proxyToFake: no fake has this path")
	case a.Change != nil:
		status, body = own()
		if body, err = a.Change.Apply(body); err != nil {
			return err
		}
		if a.Change.Status != 0 {
			status = a.Change.Status
		}
	case a.Proxy != nil:
		if status, body, err = r.forward(a.Proxy); err != nil {
			return err
		}
	}
	maps.Copy(r.header, a.Header)
	r.finish(status, body)
	return nil
}

// hopByHop are the headers that concern one connection only.
var hopByHop = []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer",
	"Transfer-Encoding", "Upgrade", "Content-Length"}

const (
	via            = "1.1 mockserver" // marks requests that were sent on, so that they do not go round
	mostForwarded  = 8 << 20          // bytes of another server's answer
	forwardTimeout = 30 * time.Second
)

// forward sends the request on to another server, which must be one that webhooks may go to.
func (r *Request) forward(p *stub.Proxy) (status int, body []byte, err error) {
	if slices.Contains(r.HTTP.Header.Values("Via"), via) {
		return 0, nil, fmt.Errorf("proxyBaseUrl %s: a stub has sent this request on already", p.URL)
	}
	out, err := http.NewRequestWithContext(r.HTTP.Context(), r.HTTP.Method, p.URL, bytes.NewReader(r.in.Body))
	if err != nil {
		return 0, nil, err
	}
	out.Header = r.HTTP.Header.Clone()
	for _, name := range append(p.Remove, hopByHop...) {
		out.Header.Del(name)
	}
	maps.Copy(out.Header, p.Header)
	out.Header.Add("Via", via)
	answer, err := r.server.Forward(out, forwardTimeout)
	if err != nil {
		return 0, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, mostForwarded+1))
	if err == nil && len(body) > mostForwarded {
		err = fmt.Errorf("the answer of %s is longer than %d bytes", p.URL, mostForwarded)
	}
	for _, name := range hopByHop {
		answer.Header.Del(name)
	}
	maps.Copy(r.header, answer.Header)
	return answer.StatusCode, body, err
}
