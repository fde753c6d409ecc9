package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/control/events"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/fault"
)

// kinds are the kinds of events.
var kinds = []string{"request", "row", "delivery", "clock", "fault", "job", "world"}

// happened is an event as the stream sends it. The member named like the kind has the rest.
type happened struct {
	ID       string         `json:"id"`
	Kind     string         `json:"kind"`
	World    string         `json:"world"`
	Fake     string         `json:"fake,omitempty"`
	Entry    string         `json:"entry,omitempty"` // the id of the request that caused it
	At       time.Time      `json:"at"`
	Request  *Line          `json:"request,omitempty"`
	Row      *changedRow    `json:"row,omitempty"`
	Delivery *fake.Delivery `json:"delivery,omitempty"`
	Fault    *faultChange   `json:"fault,omitempty"`
	Job      *fake.Job      `json:"job,omitempty"`
	Clock    any            `json:"clock,omitempty"`
	Change   any            `json:"change,omitempty"` // of kind world
}

type changedRow struct {
	Table  string          `json:"table"`
	ID     string          `json:"id"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

type faultChange struct {
	Action string     `json:"action"`
	Rule   *faultView `json:"rule,omitempty"`
}

// eventFilter selects events: by kind, world, fake and table, and requests as lineFilter does.
type eventFilter struct {
	kinds, worlds, tables []string
	requests              lineFilter
	onlyRequests          bool // the query filters by what only requests have
}

func (c *call) readEventFilter() (f eventFilter, err error) {
	query := c.r.URL.Query()
	for name := range query {
		f.onlyRequests = f.onlyRequests || slices.Contains(filterFields, name) && name != "fake"
	}
	f.kinds, f.worlds, f.tables = listed(query["kind"]), listed(query["world"]), listed(query["table"])
	for _, kind := range f.kinds {
		if !slices.Contains(kinds, kind) {
			return f, badRequest("kind=%s%s; kinds: %s", kind, fake.Hint(kind, kinds), strings.Join(kinds, ", "))
		}
	}
	if name := c.r.PathValue("name"); name != "" {
		f.worlds = []string{name}
	} else if name := c.r.Header.Get("Mockserver-World"); name != "" {
		f.worlds = []string{name}
	}
	f.requests, err = c.readLineFilter()
	return f, err
}

func (f eventFilter) matches(e events.Event) bool {
	if !has(f.kinds, e.Kind) || !has(f.worlds, e.World) || len(f.requests.fakes) > 0 &&
		!slices.Contains(f.requests.fakes, e.Fake) {
		return false
	}
	if row, ok := e.Data.(fake.RowChange); ok {
		return !f.onlyRequests && has(f.tables, row.Table)
	}
	if entry, ok := e.Data.(*fake.Entry); ok {
		return len(f.tables) == 0 && f.requests.matches(entry)
	}
	return !f.onlyRequests && len(f.tables) == 0
}

// happened encodes an event, secrets masked.
func (p *Plane) happened(e events.Event) happened {
	h := happened{ID: strconv.FormatUint(e.ID, 10), Kind: e.Kind, World: e.World, Fake: e.Fake, At: e.At}
	if e.Entry > 0 {
		h.Entry = strconv.Itoa(e.Entry)
	}
	m := func() mask { return (&call{plane: p}).mask(e.Fake) }
	switch data := e.Data.(type) {
	case *fake.Entry:
		line := p.line(e.World, data)
		h.Request = &line
	case fake.RowChange:
		h.Row = &changedRow{Table: data.Table, ID: data.ID, Before: m().row(data.Before()),
			After: m().row(data.After())}
	case fake.Delivery:
		data = m().delivery(data)
		h.Delivery = &data
	case fault.Change:
		h.Fault = &faultChange{Action: data.Action}
		if data.Rule.ID != "" {
			view := viewFault(data.Rule)
			h.Fault.Rule = &view
		}
	case fake.Job:
		h.Job = &data
	default:
		if e.Kind == "clock" {
			h.Clock = data
		} else {
			h.Change = data
		}
	}
	return h
}

var jsonHeader = http.Header{"Content-Type": {"application/json"}}

// row masks the secrets of a row.
func (m mask) row(text []byte) json.RawMessage {
	if len(text) == 0 {
		return nil
	}
	m.secrets.LearnMessage(jsonHeader, text)
	masked := m.body(jsonHeader, text)
	if !json.Valid(masked) {
		masked, _ = json.Marshal(string(masked)) // a string always encodes
	}
	return masked
}

// delivery masks the secrets of a webhook delivery.
func (m mask) delivery(d fake.Delivery) fake.Delivery {
	h := http.Header{}
	for name, value := range d.Header {
		h.Set(name, value)
	}
	m.secrets.LearnURL(d.URL)
	m.secrets.LearnMessage(h, []byte(d.Body))
	d.URL, d.Body = m.url(d.URL), string(m.body(h, []byte(d.Body)))
	masked := map[string]string{}
	for name, value := range d.Header {
		masked[name] = m.secrets.Replace(m.header(name, value))
	}
	d.Header = masked
	return d
}

const (
	heartbeat    = 15 * time.Second
	writeTimeout = 10 * time.Second
)

// events streams what happens as server-sent events.
func (c *call) events() (any, error) {
	f, err := c.readEventFilter()
	if err != nil {
		return nil, err
	}
	after, err := c.lastEventID()
	if err != nil {
		return nil, err
	}
	s := &eventWriter{call: c, out: http.NewResponseController(c.w)}
	r, missed := c.plane.events.Subscribe(after)
	defer r.Close()
	c.w.Header().Set("Content-Type", "text/event-stream")
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.Header().Set("X-Accel-Buffering", "no")
	c.w.WriteHeader(http.StatusOK)
	s.write(": listening\nretry: 1000\n\n")
	if missed {
		s.send("", "gap", map[string]string{"after": strconv.FormatUint(after, 10),
			"detail": "events after this one are not kept any more; look at the whole again"})
	}
	s.run(r, f)
	return streamed{}, nil
}

// streamed is the value of a handler that has written its answer itself.
type streamed struct{}

// lastEventID reads where a client left off: from the header that EventSource sends, or from the query.
func (c *call) lastEventID() (uint64, error) {
	text := c.r.Header.Get("Last-Event-ID")
	if text == "" {
		text = c.r.FormValue("after")
	}
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil || id == 0 {
		return 0, badRequest("Last-Event-ID %q: expected the id of an event", text)
	}
	return id, nil
}

// eventWriter writes server-sent events to one client.
type eventWriter struct {
	*call
	out    *http.ResponseController
	failed error
}

// run writes events until the client or the server goes, or the client is too slow.
func (s *eventWriter) run(r *events.Reader, f eventFilter) {
	for s.failed == nil {
		ctx, cancel := context.WithTimeout(s.r.Context(), heartbeat)
		e, err := r.Next(ctx)
		cancel()
		switch {
		case err == nil:
			if f.matches(e) {
				h := s.plane.happened(e)
				s.send(h.ID, h.Kind, h)
			}
		case errors.Is(err, context.DeadlineExceeded) && s.r.Context().Err() == nil:
			s.write(": still here\n\n")
		default:
			if errors.Is(err, events.ErrSlow) {
				s.send("", "dropped", map[string]string{"detail": err.Error() +
					"; connect again with Last-Event-ID, or with fewer kinds"})
			}
			return
		}
	}
}

func (s *eventWriter) send(id, kind string, data any) {
	text := strings.TrimSuffix(string(encode(data)), "\n")
	if id != "" {
		id = "id: " + id + "\n"
	}
	s.write(fmt.Sprintf("%sevent: %s\ndata: %s\n\n", id, kind, text))
}

func (s *eventWriter) write(text string) {
	if s.failed == nil {
		s.out.SetWriteDeadline(time.Now().Add(writeTimeout)) // where it is not supported, the client is local
		_, s.failed = s.w.Write([]byte(text))
	}
	if s.failed == nil {
		s.failed = s.out.Flush()
	}
}
