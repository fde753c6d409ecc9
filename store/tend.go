package store

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/fake/world"
)

const (
	beat    = 500 * time.Millisecond // between two signs of life
	silence = 3 * time.Second        // after which a node counts as ended
)

// listen hears the signs of life of other nodes, and their questions.
func (s *Store) listen() error {
	s.since = time.Now()
	if _, err := s.nc.Subscribe(s.options.Prefix+".alive", func(m *nats.Msg) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.alive[string(m.Data)] = time.Now()
	}); err != nil {
		return err
	}
	if _, err := s.nc.Subscribe(s.options.Prefix+".removed", func(m *nats.Msg) {
		go s.heardRemoved(string(m.Data))
	}); err != nil {
		return err
	}
	_, err := s.nc.Subscribe(s.options.Prefix+".question", s.reply)
	return err
}

// tend does what is due without a request.
func (s *Store) tend(ctx context.Context) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	sweep := min(time.Minute, max(beat, s.options.EvictAfter/4), max(beat, s.options.IdleExpiry/8))
	for swept := time.Now(); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !s.nc.IsConnected() {
			continue
		}
		s.nc.Publish(s.options.Prefix+".alive", []byte(s.node)) // the next one comes soon
		s.takeOver()
		if time.Since(swept) > sweep {
			swept = time.Now()
			s.sweep()
		}
	}
}

// ended reports whether a node has been silent for too long.
func (s *Store) ended(node string) bool {
	if node == s.node {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return time.Since(s.since) > silence && time.Since(s.alive[node]) > silence
}

// takeOver sends the webhooks that ended nodes have left.
func (s *Store) takeOver() {
	s.mu.Lock()
	left := map[string]string{}
	for name, e := range s.known {
		if e.senders != "" && !e.dropped {
			left[name] = e.senders
		}
	}
	s.mu.Unlock()
	for name, senders := range left {
		if !slices.ContainsFunc(strings.Split(senders, ","), s.ended) {
			continue
		}
		if w := s.worlds.Find(name); w != nil {
			s.Use(w, &world.Turn{Writes: true, Do: func() { w.AdoptDeliveries(s.ended) }}) // or at the next beat
		}
	}
}

// sweep drops unused worlds and evicts those that this node does not use. Worlds that are read but
// not changed get a sign of use.
func (s *Store) sweep() {
	now := time.Now()
	s.mu.Lock()
	held, old := []*held{}, []string{}
	for _, h := range s.held {
		held = append(held, h)
	}
	touch := map[*world.World]bool{}
	for name, e := range s.known {
		h := s.held[name]
		switch idle := now.Sub(e.used); {
		case e.dropped:
		case h != nil && idle > s.options.IdleExpiry/4 && h.world.LastUsed().After(e.used) &&
			now.Sub(h.world.LastUsed()) < s.options.IdleExpiry:
			touch[h.world] = true
		case idle > s.options.IdleExpiry && name != "default":
			old = append(old, name)
		}
	}
	s.mu.Unlock()
	go s.bury()
	for _, h := range held {
		idle := min(now.Sub(h.world.LastUsed()), now.Sub(h.loaded))
		if touch[h.world] {
			s.touch(h)
		} else if idle > s.options.EvictAfter && h.world.Name != "default" && h.gate.TryLock() {
			if len(h.world.Senders()) == 0 {
				s.release(h)
				s.worlds.Evict(h.world, false)
			}
			h.gate.Unlock()
		}
	}
	for _, name := range old {
		s.expire(name)
	}
}

// bury removes the messages which say that worlds were dropped: on the node that dropped them, or on all others if it
// has ended since. Messages with a time to live would remove themselves, but the engine scans the stream for them when
// it starts after a kill.
func (s *Store) bury() {
	late, after := map[string]entry{}, s.options.Tombstone
	s.mu.Lock()
	for name, e := range s.known {
		if age := time.Since(e.at); e.dropped && (age > 2*after || age > after && e.node == s.node) {
			late[name] = e
			delete(s.known, name)
		}
	}
	s.mu.Unlock()
	for name, e := range late {
		if e.node == s.node || s.ended(e.node) {
			s.clean(s.subject(name), e.sequence+1, nil)
		}
	}
}

func (s *Store) touch(h *held) {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	h.gate.Lock()
	defer h.unlock()
	if _, err := s.catchUp(ctx, h, everything); err == nil && !h.gone {
		s.append(ctx, h, kindTouch, nil) // or at the next sweep
	}
}

// expire drops a world unless another node has written to it meanwhile.
func (s *Store) expire(name string) {
	ctx, cancel := context.WithTimeout(context.Background(), s.options.Timeout)
	defer cancel()
	w := s.worlds.Find(name)
	if w == nil || time.Since(w.LastUsed()) < s.options.IdleExpiry {
		return
	}
	h := w.Held.(*held)
	h.gate.Lock()
	defer h.unlock()
	if time.Since(s.lastUse(name)) > s.options.IdleExpiry {
		s.drop(ctx, h)
	}
}

// Question is a request that nodes ask of each other.
type Question struct {
	Method string `json:"method"`
	Path   string `json:"path"` // with its query
	Body   []byte `json:"body,omitempty"`
}

// Answer is what the node of that name answered.
type Answer struct {
	Node   string          `json:"node"`
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

// Serve sets the function that answers the questions of other nodes.
func (s *Store) Serve(answer func(Question) Answer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// asked is a question with the name of the node that asks.
type asked struct {
	From string `json:"from"`
	Question
}

func (s *Store) reply(m *nats.Msg) {
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	var q asked
	if json.Unmarshal(m.Data, &q) != nil || answer == nil || q.From == s.node {
		return
	}
	go func() {
		a := answer(q.Question)
		a.Node = s.node
		text := table.Encode(a)
		if int64(len(text)) >= s.nc.MaxPayload() {
			detail := fmt.Sprintf("the answer has %d bytes, and a message of the store has %d at most: ask for fewer "+
				"with limit", len(a.Body), s.nc.MaxPayload())
			a.Status, a.Body = http.StatusRequestEntityTooLarge, table.Encode(map[string]string{"detail": detail})
			text = table.Encode(a)
		}
		m.Respond(text)
	}()
}

// askTimeout is how long Ask waits for the nodes that are alive.
const askTimeout = 2 * time.Second

// Ask asks the control planes of all other nodes. It returns the nodes that did not answer, too.
func (s *Store) Ask(q Question) (answers []Answer, silent []string, err error) {
	waiting := map[string]bool{}
	s.mu.Lock()
	for node, at := range s.alive {
		if node != s.node && time.Since(at) < silence {
			waiting[node] = true
		}
	}
	s.mu.Unlock()
	inbox, err := s.nc.SubscribeSync(s.nc.NewInbox())
	if err != nil {
		return nil, nil, err
	}
	defer inbox.Unsubscribe()
	text := table.Encode(asked{s.node, q})
	if err := s.nc.PublishRequest(s.options.Prefix+".question", inbox.Subject, text); err != nil {
		return nil, nil, err
	}
	for end := time.Now().Add(askTimeout); len(waiting) > 0; {
		m, err := inbox.NextMsg(time.Until(end))
		if err != nil {
			break // the time is up
		}
		var one Answer
		if json.Unmarshal(m.Data, &one) == nil {
			delete(waiting, one.Node)
			answers = append(answers, one)
		}
	}
	for node := range waiting {
		silent = append(silent, node)
	}
	return answers, silent, nil
}
