package story

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/control/client"
)

// storyHeader marks the requests of a story in the journal.
const storyHeader = "Mockserver-Story"

// act does what a step says. The values that the step has got so far may be named as well.
func (r *Run) act(ctx context.Context, d Do, got map[string]any) (*Deed, error) {
	known := values(maps.Clone(r.values))
	maps.Copy(known, got)
	switch {
	case d.Request != nil:
		return r.request(ctx, *d.Request, known, got)
	case d.Fault != nil:
		return r.addFault(ctx, *d.Fault)
	case d.Rows != nil:
		return r.addRows(ctx, *d.Rows, known)
	}
	jobs, err := r.advance(ctx, d.Advance)
	return &Deed{Kind: "advance", Name: d.Advance, Jobs: jobs}, err
}

// request sends a request to a fake and checks the answer.
func (r *Run) request(ctx context.Context, c Call, known values, got map[string]any) (*Deed, error) {
	method, path := c.methodAndPath()
	path, err := known.text(path, url.PathEscape)
	deed := &Deed{Kind: "request", Name: method + " " + path}
	if err != nil {
		return deed, err
	}
	header, body, err := r.prepare(ctx, c, known)
	if err != nil {
		return deed, err
	}
	a, err := r.client.Send(ctx, method, r.urls[c.Fake]+path, header, body)
	if err != nil {
		return deed, err
	}
	deed.Status = a.Status
	r.findEntry(ctx, header.Get(storyHeader), deed)
	got["status"], got["answer"] = float64(a.Status), a.JSON()
	return deed, checkAnswer(c, known, a)
}

// prepare returns the header and the body of a request.
func (r *Run) prepare(ctx context.Context, c Call, known values) (http.Header, []byte, error) {
	header := http.Header{}
	header.Set("User-Agent", "mockserver-story")
	header.Set(storyHeader, fmt.Sprintf("%s %d", r.story.Name, len(r.results)+1))
	if c.As != "" {
		value, err := r.principal(c.Fake, c.As)
		if err != nil {
			return nil, nil, err
		}
		name, value, err := r.client.CredentialHeader(ctx, c.Fake, value)
		if err != nil {
			return nil, nil, err
		}
		header.Set(name, value)
	}
	for name, value := range c.Header {
		text, err := known.text(value, func(text string) string { return text })
		if err != nil {
			return nil, nil, err
		}
		header.Set(name, text)
	}
	if c.Body == nil {
		return header, nil, nil
	}
	body, err := known.expand(c.Body)
	if err != nil {
		return nil, nil, err
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json")
	}
	text, err := json.Marshal(body)
	return header, text, err
}

// findEntry finds the request in the journal by its mark. Without it the deed has no identifier.
func (r *Run) findEntry(ctx context.Context, mark string, deed *Deed) {
	var found struct {
		Requests []struct{ Entry, Operation string }
	}
	pattern := map[string]any{"allowDropped": true,
		"headers": map[string]any{storyHeader: map[string]string{"equalTo": mark}}}
	if r.client.Post(ctx, r.path("/journal/find"), pattern, &found) != nil || len(found.Requests) == 0 {
		return
	}
	last := found.Requests[len(found.Requests)-1]
	deed.ID, deed.Operation = last.Entry, last.Operation
}

// checkAnswer returns an error for an answer that is not what the story says.
func checkAnswer(c Call, known values, a *client.Answer) error {
	switch {
	case c.Status != 0 && a.Status != c.Status:
		return fmt.Errorf("%s answered %d, not %d: %s", c.Fake, a.Status, c.Status, plainJSON(a.JSON()))
	case c.Status == 0 && (a.Status < 200 || a.Status > 299):
		return fmt.Errorf("%s answered %d: %s", c.Fake, a.Status, plainJSON(a.JSON()))
	}
	differs, err := known.mismatch(c.Expect, a.JSON())
	if err == nil && differs != "" {
		err = fmt.Errorf("the answer of %s: %s", c.Fake, differs)
	}
	return err
}

func (r *Run) addFault(ctx context.Context, f Fault) (*Deed, error) {
	fault := map[string]any{}
	name := f.Name
	if f.Name != "" {
		fault["name"] = f.Name
	} else {
		fault["status"], name = f.Status, fmt.Sprint(f.Status)
	}
	order := map[string]any{"fake": f.Fake, "fault": fault, "times": max(f.Times, 1)}
	if f.Operation != "" {
		order["operation"] = f.Operation
	}
	return &Deed{Kind: "fault", Name: name}, r.client.Post(ctx, r.path("/faults"), order, nil)
}

// addRows adds rows by reading the content of the fake and writing it back.
func (r *Run) addRows(ctx context.Context, rows Rows, known values) (*Deed, error) {
	deed := &Deed{Kind: "rows", Name: rows.Table}
	var state map[string]map[string][]json.RawMessage
	if err := r.client.Get(ctx, r.path("/state?fake="+url.QueryEscape(rows.Fake)), &state); err != nil {
		return deed, err
	}
	tables := state[rows.Fake]
	if tables == nil {
		return deed, fmt.Errorf("no fake %q; fakes: %s", rows.Fake, strings.Join(sortedKeys(state), ", "))
	}
	tables[rows.Table] = slices.Clone(tables[rows.Table])
	for _, row := range rows.Add {
		expanded, err := known.expand(row)
		if err != nil {
			return deed, err
		}
		text, err := json.Marshal(expanded)
		if err != nil {
			return deed, err
		}
		tables[rows.Table] = append(tables[rows.Table], text)
	}
	_, err := r.client.Call(ctx, http.MethodPut, r.path("/state"), map[string]any{rows.Fake: tables}, nil)
	return deed, err
}
