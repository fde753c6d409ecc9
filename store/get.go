package store

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Messages are read in two ways. The leader of the stream answers for certain, and if it says that there
// is no message, there is none. Every server answers a direct request, with many messages at once and
// without an election, but it may lack the newest ones. It has a prefix of what the leader has, because
// servers apply changes in one order.

// query asks for the first message from a sequence on, or for the last one, of a subject.
type query struct {
	Seq     uint64 `json:"seq,omitempty"`
	NextFor string `json:"next_by_subj,omitempty"`
	LastFor string `json:"last_by_subj,omitempty"`
	Batch   int    `json:"batch,omitempty"`     // of a direct request
	Bytes   int    `json:"max_bytes,omitempty"` // of a direct request
}

// get asks the leader. Without such a message it returns jetstream.ErrMsgNotFound.
func (s *Store) get(ctx context.Context, q query) (*jetstream.RawStreamMsg, error) {
	text, err := json.Marshal(q)
	if err != nil {
		return nil, err
	}
	res, err := s.nc.RequestWithContext(ctx, "$JS.API.STREAM.MSG.GET."+s.options.Prefix, text)
	if err != nil {
		return nil, err
	}
	var answer struct {
		Error   *jetstream.APIError
		Message *struct {
			Subject string
			Seq     uint64
			Headers []byte `json:"hdrs"`
			Data    []byte
			Time    time.Time
		}
	}
	if err := json.Unmarshal(res.Data, &answer); err != nil {
		return nil, err
	}
	m := answer.Message
	switch {
	case answer.Error != nil && answer.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return nil, jetstream.ErrMsgNotFound
	case answer.Error != nil:
		return nil, answer.Error
	case m == nil:
		return nil, errors.New("the store answers without a message")
	}
	out := &jetstream.RawStreamMsg{Subject: m.Subject, Sequence: m.Seq, Data: m.Data, Time: m.Time}
	if len(m.Headers) > 0 {
		out.Header, err = nats.DecodeHeadersMsg(m.Headers)
	}
	return out, err
}

// Limits of one direct request.
const (
	directMessages = 512
	directBytes    = 16 << 20
	directTimeout  = 500 * time.Millisecond // between two messages; after that the leader is asked
)

// direct returns messages of a subject from a sequence on that any server has, and whether that server has no more.
func (s *Store) direct(ctx context.Context, subject string, from uint64) (all []*nats.Msg, whole bool, err error) {
	text, err := json.Marshal(query{Seq: max(1, from), NextFor: subject, Batch: directMessages, Bytes: directBytes})
	if err != nil {
		return nil, false, err
	}
	inbox, err := s.nc.SubscribeSync(s.nc.NewInbox())
	if err != nil {
		return nil, false, err
	}
	defer inbox.Unsubscribe()
	if err := s.nc.PublishRequest("$JS.API.DIRECT.GET."+s.options.Prefix, inbox.Subject, text); err != nil {
		return nil, false, err
	}
	for {
		m, err := s.nextDirect(ctx, inbox)
		if err != nil {
			return all, false, err
		}
		if m.Header.Get("Status") != "" { // the end, or there is no message
			return all, m.Header.Get("Nats-Num-Pending") == "0", nil
		}
		all = append(all, m)
	}
}

func (s *Store) nextDirect(ctx context.Context, inbox *nats.Subscription) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, directTimeout)
	defer cancel()
	return inbox.NextMsgWithContext(ctx)
}

// following returns messages of a world after a sequence, in order, and whether the server that was asked
// has no more. The list is empty only if no message follows. While there is no leader, one server after
// the other is asked directly.
func (s *Store) following(ctx context.Context, h *held, after uint64) (all []message, whole bool, err error) {
	err = s.ask(ctx, func(ctx context.Context) error {
		found, end, _ := s.direct(ctx, h.subject, after+1)
		for _, m := range found {
			all = append(all, parseDirect(m))
		}
		if whole = end; len(all) > 0 {
			return nil
		}
		m, err := s.get(ctx, query{Seq: after + 1, NextFor: h.subject})
		if err == nil {
			all = []message{parse(m)}
		}
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, true, nil
	}
	return all, whole, err
}

func parseDirect(m *nats.Msg) message {
	seq, _ := strconv.ParseUint(m.Header.Get(jetstream.SequenceHeader), 10, 64) // the server wrote it
	return parse(&jetstream.RawStreamMsg{Sequence: seq, Header: m.Header, Data: m.Data})
}

// directParts returns the parts of an object that any server has, by their numbers.
func (s *Store) directParts(ctx context.Context, id string, count int) map[int][]byte {
	parts := map[int][]byte{}
	prefix := s.options.Prefix + ".s." + id + "."
	for from := uint64(1); len(parts) < count; {
		found, _, err := s.direct(ctx, prefix+"*", from)
		for _, m := range found {
			from = parseDirect(m).sequence + 1
			if n, err := strconv.Atoi(strings.TrimPrefix(m.Header.Get(jetstream.SubjectHeader), prefix)); err == nil {
				parts[n] = m.Data
			}
		}
		if err != nil || len(found) == 0 {
			break
		}
	}
	return parts
}
