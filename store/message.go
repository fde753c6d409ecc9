package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/afba07b5/mockserver/fake/world"
)

// Kinds of messages on the subject of a world.
const (
	kindImage    = "image"    // a new world, whole
	kindChange   = "change"   // what one write changed
	kindSnapshot = "snapshot" // the name of the object with the world as it was after a message
	kindTouch    = "touch"    // a sign that the world is in use
	kindDropped  = "dropped"  // the end of the world
)

// Headers of messages.
const (
	headerKind     = "Mockserver-Kind"
	headerNode     = "Mockserver-Node"
	headerID       = "Mockserver-Id"       // of the message, so that its sender recognises it
	headerPrevious = "Mockserver-Previous" // the sequence of the message before it
	headerObject   = "Mockserver-Object"   // the object that holds the body
	headerAt       = "Mockserver-At"       // of a snapshot: the sequence of the newest change in it
	headerSenders  = "Mockserver-Senders"  // the nodes that have webhooks to send
	headerUsed     = "Mockserver-Used"     // when the world last answered a request, in Unix seconds
	headerWorld    = "Mockserver-World"    // of a credential
)

// message is a message of a world's subject.
type message struct {
	kind, node, id, object string
	sequence, previous, at uint64
	body                   []byte
}

func parse(m *jetstream.RawStreamMsg) message {
	number := func(name string) uint64 {
		n, _ := strconv.ParseUint(m.Header.Get(name), 10, 64) // absent from other kinds
		return n
	}
	return message{kind: m.Header.Get(headerKind), node: m.Header.Get(headerNode), id: m.Header.Get(headerID),
		object: m.Header.Get(headerObject), sequence: m.Sequence, previous: number(headerPrevious),
		at: number(headerAt), body: m.Data}
}

// subject returns the subject of a world. World names have no "=".
func (s *Store) subject(world string) string {
	return s.options.Prefix + ".w." + strings.ReplaceAll(world, ".", "=")
}

func (s *Store) worldOf(subject string) (name string, ok bool) {
	token, ok := strings.CutPrefix(subject, s.options.Prefix+".w.")
	return strings.ReplaceAll(token, "=", "."), ok
}

// encode returns a message with an image, which goes into an object if it is too long.
func (s *Store) encode(ctx context.Context, h *held, kind string, img *world.Image) (*nats.Msg, error) {
	msg := s.newMessage(h, kind)
	if img == nil {
		return msg, nil
	}
	if err := s.nameSeeds(ctx, h, img); err != nil {
		return nil, err
	}
	body, err := encodeImage(img)
	if err != nil {
		return nil, err
	}
	if int64(len(body)) < s.nc.MaxPayload()-4096 {
		msg.Data = body
		return msg, nil
	}
	name, err := s.putObject(ctx, h, body)
	msg.Header.Set(headerObject, name)
	return msg, err
}

func (s *Store) newMessage(h *held, kind string) *nats.Msg {
	msg := nats.NewMsg(h.subject)
	msg.Header.Set(headerKind, kind)
	msg.Header.Set(headerNode, s.node)
	msg.Header.Set(headerID, nuid.Next())
	used := h.world.LastUsed()
	if known := s.lastUse(h.world.Name); known.After(used) {
		used = known
	}
	msg.Header.Set(headerUsed, strconv.FormatInt(used.Unix(), 10))
	if senders := h.world.Senders(); len(senders) > 0 {
		msg.Header.Set(headerSenders, strings.Join(senders, ","))
	}
	return msg
}

// image decodes the image of a message.
func (s *Store) image(ctx context.Context, m message) (*world.Image, error) {
	body, err := m.body, error(nil)
	if m.object != "" {
		if body, err = s.object(ctx, m.object); err != nil {
			return nil, fmt.Errorf("object %s: %w", m.object, err)
		}
	}
	img, err := decodeImage(body)
	if err == nil {
		err = s.findSeeds(ctx, img)
	}
	return img, err
}

// ask is again for a request whose client waits: without a connection it fails at once.
func (s *Store) ask(ctx context.Context, do func(context.Context) error) error {
	return again(ctx, func(one context.Context) error {
		err := do(one)
		if isFull(err) {
			return errFull
		}
		if err != nil && !s.nc.IsConnected() {
			return &world.StoreError{Reason: "the store of the worlds is away"}
		}
		return err
	})
}

// next returns the first message of a world after a sequence; ok reports whether there is one.
func (s *Store) next(ctx context.Context, h *held, after uint64) (m message, ok bool, err error) {
	var raw *jetstream.RawStreamMsg
	err = s.ask(ctx, func(ctx context.Context) (err error) {
		raw, err = s.get(ctx, query{Seq: after + 1, NextFor: h.subject})
		return err
	})
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return m, false, nil
	}
	if err != nil {
		return m, false, err
	}
	return parse(raw), true, nil
}
