package control

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/control/wiremock"
	"github.com/afba07b5/mockserver/fake"
)

// listRequests answers like WireMock: newest first, by page, since a time, on request only
// unmatched ones.
func (c *call) listRequests() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	p, err := c.paging(requestPage)
	if err != nil {
		return nil, err
	}
	since, err := c.since()
	if err != nil {
		return nil, err
	}
	unmatched, err := c.flag("unmatched")
	if err != nil {
		return nil, err
	}
	kept, _ := w.Journal.Entries()
	list := func(p paging) (out map[string]any, total int) {
		events := []wiremock.ServeEvent{}
		for _, e := range slices.Backward(kept) {
			if e.At.Before(since) || unmatched && !isUnmatched(e) ||
				c.r.FormValue("matchingStub") != "" && (e.Stub == nil || e.Stub.ID != c.r.FormValue("matchingStub")) {
				continue
			}
			if p.has(total) {
				events = append(events, c.event(w, e))
			}
			total++
		}
		return c.journal(w, map[string]any{"requests": events, "meta": map[string]int{"total": total}}), total
	}
	if c.ofAllNodes() {
		first := paging{limit: p.offset + p.limit} // any of them may be on the page
		own, _ := list(first)
		return c.addRequests(w, p, first, own)
	}
	out, total := list(p)
	c.linkNext(p, total)
	return out, nil
}

// journal adds what every answer that reads the journal contains. A header says how many entries
// are lost, and on routes that WireMock lacks also the body.
func (c *call) journal(w *fake.World, answer map[string]any) map[string]any {
	_, dropped := w.Journal.Entries()
	c.w.Header().Set("Mockserver-World", w.Name)
	c.w.Header().Set("Mockserver-Dropped", strconv.Itoa(dropped))
	answer["requestJournalDisabled"] = false
	if !c.wiremock {
		answer["world"], answer["dropped"] = w.Name, dropped
	}
	return answer
}

// since reads the time since from the query.
func (c *call) since() (since time.Time, err error) {
	if text := c.r.FormValue("since"); text != "" {
		return readTime(text)
	}
	return since, nil
}

func (c *call) clearRequests() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	w.Journal.Clear()
	return map[string]any{}, nil
}

// removeRequest removes one request.
func (c *call) removeRequest() (any, error) {
	w, e, err := c.entry()
	if err != nil {
		return nil, err
	}
	w.Journal.Remove([]*fake.Entry{e})
	return map[string]any{}, nil
}

// removeRequests removes the requests that match a pattern.
func (c *call) removeRequests() (any, error) {
	w, p, err := c.pattern()
	if err != nil {
		return nil, err
	}
	matching, err := c.matching(w, p)
	if err != nil {
		return nil, err
	}
	w.Journal.Remove(matching)
	return c.serveEvents(w, matching), nil
}

// serveEvents is how WireMock lists the requests that it has forgotten.
func (c *call) serveEvents(w *fake.World, entries []*fake.Entry) any {
	events := make([]wiremock.ServeEvent, len(entries))
	for i, e := range entries {
		events[i] = c.event(w, e)
	}
	return map[string]any{"serveEvents": events}
}

// isUnmatched reports whether neither an operation nor a stub has a request.
func isUnmatched(e *fake.Entry) bool { return e.Operation == "" && e.Stub == nil }

func unmatched(w *fake.World) []*fake.Entry {
	kept, _ := w.Journal.Entries()
	return slices.DeleteFunc(kept, func(e *fake.Entry) bool { return !isUnmatched(e) })
}

// pattern decodes a request pattern from the body; an empty one matches everything.
func (c *call) pattern() (*fake.World, *pattern, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, nil, err
	}
	var p pattern
	if err := c.decode(&p); err != nil {
		return nil, nil, err
	}
	return w, &p, c.prepare(&p)
}

// matching returns the requests that match, oldest first. It stops when the client disconnects.
func (c *call) matching(w *fake.World, p *pattern) (matching []*fake.Entry, err error) {
	kept, _ := w.Journal.Entries()
	for _, e := range kept {
		if err := c.r.Context().Err(); err != nil {
			return nil, err
		}
		if p.matches(e) {
			matching = append(matching, e)
		}
	}
	return matching, nil
}

// whole returns the requests that match, or an error if the journal has lost entries, which might
// match.
func (c *call) whole(w *fake.World, p *pattern) ([]*fake.Entry, error) {
	matching, err := c.matching(w, p)
	if _, dropped := w.Journal.Entries(); err == nil && dropped > 0 && !p.AllowDropped {
		return nil, &problem{status: http.StatusConflict, more: c.journal(w, map[string]any{"count": len(matching)}),
			detail: fmt.Sprintf("the journal of world %q has lost its %d oldest requests, "+
				"and some of them may match; forget them with DELETE %s/requests before the test, "+
				"raise --journal-bytes, or say \"allowDropped\": true", w.Name, dropped, Prefix)}
	}
	return matching, err
}

func (c *call) findRequests() (any, error) {
	w, p, err := c.pattern()
	if err != nil {
		return nil, err
	}
	matching, err := c.whole(w, p)
	if err != nil {
		return nil, err
	}
	return c.journal(w, map[string]any{"requests": c.foundAll(w, matching)}), nil
}

// foundAll renders requests, with ours on routes that WireMock lacks.
func (c *call) foundAll(w *fake.World, entries []*fake.Entry) any {
	if c.wiremock {
		all := make([]wiremock.LoggedRequest, len(entries))
		for i, e := range entries {
			all[i] = c.logged(w, e, c.maskOf(e))
		}
		return all
	}
	all := make([]found, len(entries))
	for i, e := range entries {
		all[i] = c.found(w, e)
	}
	return all
}

// journalRequests lists the requests by page, oldest first.
func (c *call) journalRequests() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	p, err := c.paging(requestPage)
	if err != nil {
		return nil, err
	}
	kept, _ := w.Journal.Entries()
	c.linkNext(p, len(kept))
	return c.journal(w, map[string]any{"requests": c.foundAll(w, page(kept, p)),
		"meta": map[string]int{"total": len(kept)}}), nil
}

func (c *call) countRequests() (any, error) {
	w, p, err := c.pattern()
	if err != nil {
		return nil, err
	}
	matching, err := c.whole(w, p)
	if err != nil {
		return nil, err
	}
	return c.journal(w, map[string]any{"count": len(matching)}), nil
}

const (
	waitDefault = 10 * time.Second
	waitMost    = 5 * time.Minute
)

// waitOrder is the body of POST /requests/wait.
type waitOrder struct {
	pattern
	Count   int      `json:"count"`   // default 1
	Timeout duration `json:"timeout"` // default 10s
}

// waitForRequests answers once the journal has count matching requests. After the timeout it
// answers an error with those that arrived.
func (c *call) waitForRequests() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	body, err := c.body(bodyLimit)
	if err != nil {
		return nil, err
	}
	c.r.Body = io.NopCloser(bytes.NewReader(body))
	var order waitOrder
	if err := c.decode(&order); err != nil {
		return nil, err
	}
	if err := c.prepare(&order.pattern); err != nil {
		return nil, err
	}
	most := order.Timeout.span()
	if most <= 0 {
		most = waitDefault
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), min(most, waitMost))
	defer cancel()
	for {
		changed := w.Journal.Changed()
		matching, err := c.whole(w, &order.pattern)
		if err != nil {
			return nil, err
		}
		n := len(matching)
		out := c.journal(w, map[string]any{"requests": c.foundAll(w, matching), "count": n})
		var others <-chan time.Time
		if c.ofAllNodes() {
			if out, err = c.addMatching(w, patternOf(body), out); err != nil {
				return nil, err
			}
			n, others = out["count"].(int), time.After(askAgain)
		}
		if n >= max(order.Count, 1) {
			return out, nil
		}
		select {
		case <-changed:
		case <-others:
		case <-c.plane.stopped.Done():
			return nil, newProblem(http.StatusServiceUnavailable, "the server stops")
		case <-ctx.Done():
			return nil, &problem{status: http.StatusGatewayTimeout, more: out,
				detail: "waited " + min(most, waitMost).String() + " for " + strconv.Itoa(max(order.Count, 1)) +
					" matching requests, and saw " + strconv.Itoa(n)}
		}
	}
}

// askAgain is how long a call that waits for the requests of all nodes does not ask the others.
const askAgain = 200 * time.Millisecond

// patternOf returns the question for the requests that an order waits for.
func patternOf(order []byte) Question {
	var members map[string]json.RawMessage
	json.Unmarshal(order, &members) // it was decoded before
	maps.DeleteFunc(members, func(name string, _ json.RawMessage) bool {
		return strings.EqualFold(name, "count") || strings.EqualFold(name, "timeout")
	})
	return Question{Method: http.MethodPost, Path: "/journal/find", Body: encode(members)}
}

// unmatchedRequests answers with the requests that match no operation, each with the nearest one.
func (c *call) unmatchedRequests() (any, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, err
	}
	return c.journal(w, map[string]any{"requests": c.foundAll(w, unmatched(w))}), nil
}

func (c *call) entry() (*fake.World, *fake.Entry, error) {
	w, err := c.chosen()
	if err != nil {
		return nil, nil, err
	}
	kept, dropped := w.Journal.Entries()
	id, err := c.position(w, c.r.PathValue("id"))
	if err != nil {
		return nil, nil, err
	}
	if strings.Trim(id, "0123456789") != "" && !isUUID(id) {
		return nil, nil, badRequest("%s is not a valid UUID", id)
	}
	for _, e := range kept {
		if e.ID == id {
			return w, e, nil
		}
	}
	return nil, nil, newProblem(http.StatusNotFound,
		"the journal of world %q has no request %q; it keeps %d, %d older ones were dropped", w.Name,
		c.r.PathValue("id"), len(kept), dropped)
}

func (c *call) request() (any, error) {
	w, e, err := c.entry()
	if err != nil {
		return nil, err
	}
	if !c.wiremock {
		return c.found(w, e), nil
	}
	return c.event(w, e), nil
}
