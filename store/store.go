// Package store keeps worlds in NATS JetStream, so that they outlive the process and several
// processes, called nodes, can serve them. It implements [world.Store].
//
//	kept, err := store.Open(ctx, store.Options{URL: "nats://localhost:4222"})
//	err = kept.Attach(ctx, srv.Worlds)
//
// Each world is one subject of a stream. Every change is a message, published with the sequence of
// the message before it: if another node has written meanwhile, the server refuses the message, and
// the node undoes its change, applies the other's and runs the request again. docs/scale.md
// describes the protocol and what it promises.
//
// Rate limits, journals and the times of last use are not kept: each node has its own.
package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"

	"github.com/afba07b5/mockserver/fake/world"
)

// Options of a Store. URL is required.
type Options struct {
	URL           string        // nats://host:port, tls://host:port; several with commas
	Prefix        string        // of the stream and its subjects; default mockserver
	Replicas      int           // copies of the stream, default 1
	Credentials   string        // file with the credentials of a NATS user; may be empty
	CA, Cert, Key string        // PEM files for TLS; may be empty
	SnapshotEvery int           // changes between two snapshots of a world; default 200
	Timeout       time.Duration // how long a write waits for the store; default 5 seconds
	IdleExpiry    time.Duration // worlds that no node has used for so long are dropped; default one hour
	EvictAfter    time.Duration // worlds that this node has not used for so long leave its memory; default ten minutes
	Tombstone     time.Duration // how long the store remembers that a world was dropped; default one minute
	Bug           func(error)   // receives what should not happen; may be nil
}

func (o *Options) setDefaults() {
	o.Prefix = cmp.Or(o.Prefix, "mockserver")
	o.Replicas, o.SnapshotEvery = cmp.Or(o.Replicas, 1), cmp.Or(o.SnapshotEvery, 200)
	o.Timeout, o.IdleExpiry = cmp.Or(o.Timeout, 5*time.Second), cmp.Or(o.IdleExpiry, time.Hour)
	o.EvictAfter, o.Tombstone = cmp.Or(o.EvictAfter, 10*time.Minute), cmp.Or(o.Tombstone, time.Minute)
	if o.Bug == nil {
		o.Bug = func(error) {}
	}
}

var prefixes = regexp.MustCompile(`^[A-Za-z0-9_-]{1,32}$`)

// Check returns an error for options that cannot work.
func (o Options) Check() error {
	for server := range strings.SplitSeq(o.URL, ",") {
		at, err := url.Parse(strings.TrimSpace(server))
		if err != nil || at.Scheme != "nats" && at.Scheme != "tls" || at.Hostname() == "" {
			return fmt.Errorf("%s: expected nats://host:port or tls://host:port, several with commas", redact(server))
		}
		if _, err := strconv.ParseUint(cmp.Or(at.Port(), "4222"), 10, 16); err != nil || at.Port() == "0" {
			return fmt.Errorf("%s: port %s: expected 1 to 65535", redact(server), at.Port())
		}
	}
	if o.Prefix != "" && !prefixes.MatchString(o.Prefix) {
		return fmt.Errorf("prefix %q: expected letters, digits, dashes and underscores, 32 at most", o.Prefix)
	}
	if o.Replicas != 0 && !slices.Contains([]int{1, 3, 5}, o.Replicas) {
		return fmt.Errorf("%d replicas: expected 1, 3 or 5", o.Replicas)
	}
	return nil
}

// Redacted returns the URL without names, passwords and tokens of users.
func (o Options) Redacted() string {
	all := strings.Split(o.URL, ",")
	for i := range all {
		all[i] = redact(all[i])
	}
	return strings.Join(all, ",")
}

// redact removes what precedes the last @, also from what is no URL.
func redact(server string) string {
	at := strings.LastIndexByte(server, '@')
	if at < 0 {
		return server
	}
	scheme, _, ok := strings.Cut(server[:at], "://")
	if !ok {
		return "***" + server[at:]
	}
	return scheme + "://***" + server[at:]
}

// Store is a connection to the engine that keeps the worlds. It is safe for concurrent use.
type Store struct {
	options Options
	node    string
	nc      *nats.Conn
	js      jetstream.JetStream
	stream  jetstream.Stream
	worlds  *world.Worlds
	answer  func(Question) Answer // see Serve
	stop    context.CancelFunc
	done    sync.WaitGroup
	heardTo atomic.Uint64 // the sequence of the newest message that follow has heard of
	allTo   atomic.Uint64 // a sequence up to which it has heard of all; see current
	deaf    chan struct{} // the consumer of follow may have stopped
	all     chan struct{} // closed when follow has heard of all worlds that there were at the start
	allOnce sync.Once

	loads chan struct{} // as many as run at once, so that some end soon

	mu      sync.Mutex
	loading map[string]*loading // by the names of the worlds
	held    map[string]*held    // worlds in memory, by name
	adding  map[string]int      // requests that add a world, by its name
	known   map[string]entry    // all worlds, by name
	owners  map[string]string   // hash of a credential → world
	seeds   seeds
	alive   map[string]time.Time
	since   time.Time // when this node began to hear others
}

// Open connects to the engine and makes the stream if it does not exist. It waits for an engine that
// does not answer until ctx ends.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := o.Check(); err != nil {
		return nil, err
	}
	o.setDefaults()
	s := &Store{options: o, node: nuid.Next(), held: map[string]*held{}, known: map[string]entry{},
		loads: make(chan struct{}, 4*runtime.GOMAXPROCS(0)), loading: map[string]*loading{},
		owners: map[string]string{}, alive: map[string]time.Time{}, deaf: make(chan struct{}, 1),
		all: make(chan struct{}), adding: map[string]int{},
		seeds: seeds{stream: map[seedKey]string{}, own: map[seedKey]string{}}}
	err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if s.js, err = jetstream.New(s.nc, jetstream.WithDefaultTimeout(o.Timeout)); err == nil {
		err = s.makeStream(ctx)
	}
	if err != nil {
		s.nc.Close()
		return nil, err
	}
	return s, nil
}

// connect connects to a server. It waits for one that cannot be reached, but not for one that refuses.
func (s *Store) connect(ctx context.Context) (err error) {
	if file := s.options.Credentials; file != "" {
		if _, err := os.ReadFile(file); err != nil {
			return err
		}
	}
	for {
		if s.nc, err = nats.Connect(s.options.URL, s.connection()...); err == nil || !isAway(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(attempt / 10):
		}
	}
}

// isAway reports whether an error of nats.Connect may go away by itself: no server has answered.
func isAway(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok {
		return op.Op != "remote error" // an alert of TLS
	}
	return errors.Is(err, nats.ErrNoServers) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, io.EOF)
}

// connection returns the options of the connection. Nothing waits in a buffer for a connection that
// comes back: the write that it belongs to has been refused by then.
func (s *Store) connection() []nats.Option {
	o := s.options
	out := []nats.Option{nats.Name("mockserver " + s.node), nats.MaxReconnects(-1),
		nats.ReconnectWait(100 * time.Millisecond), nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(), nats.Timeout(time.Second),
		nats.PingInterval(time.Second), nats.MaxPingsOutstanding(2), nats.ReconnectHandler(s.reconnected)}
	if o.Credentials != "" {
		out = append(out, nats.UserCredentials(o.Credentials))
	}
	if o.CA != "" {
		out = append(out, nats.RootCAs(o.CA))
	}
	if o.Cert != "" {
		out = append(out, nats.ClientCert(o.Cert, o.Key))
	}
	return out
}

func (s *Store) makeStream(ctx context.Context) error {
	config := jetstream.StreamConfig{Name: s.options.Prefix, Description: "the worlds of mockserver",
		Subjects: []string{s.options.Prefix + ".w.*", s.options.Prefix + ".c.*", s.options.Prefix + ".s.>"},
		Storage:  jetstream.FileStorage, Replicas: s.options.Replicas,
		Discard:     jetstream.DiscardNew,
		AllowDirect: true, Duplicates: time.Second}
	return again(ctx, func(ctx context.Context) (err error) {
		if s.stream, err = s.js.Stream(ctx, config.Name); errors.Is(err, jetstream.ErrStreamNotFound) {
			s.stream, err = s.js.CreateStream(ctx, config)
		}
		return s.finalError(err)
	})
}

// finalError makes an error that the start does not wait for of one that will stay the same, and leaves others. A
// server without JetStream may belong to a cluster whose others have it, but are not there yet.
func (s *Store) finalError(err error) error {
	enabled, _ := s.nc.ConnectedServerJetStream()
	switch {
	case isRefused(err, jetstream.JSErrCodeJetStreamNotEnabledForAccount):
		return &world.StoreError{Reason: "JetStream is not enabled for the account of this NATS user"}
	case errors.Is(err, nats.ErrNoResponders) && !enabled && s.nc.ConnectedClusterName() == "":
		return &world.StoreError{Reason: "JetStream is not enabled: start nats-server with -js"}
	case errors.Is(err, nats.ErrNoResponders) && !enabled:
		return fmt.Errorf("%w: JetStream is not enabled: start nats-server with -js", err)
	case isRefused(err, noReplicas):
		return &world.StoreError{Reason: fmt.Sprintf("%d replicas need a NATS cluster, and this server is alone",
			s.options.Replicas)}
	}
	return err
}

const (
	attempt = time.Second            // how long one request to the engine waits for an answer
	pause   = 20 * time.Millisecond  // after the first attempt; see backoff
	settle  = 12 * time.Second       // how long a write waits to learn whether the engine has it
	quick   = 300 * time.Millisecond // how long the first attempt to publish waits; the others wait longer
)

// backoff returns how long to wait after the nth failed attempt, from 0 on: longer and longer, up to a quarter
// of a second. While the engine elects a leader, all requests of all nodes are repeated, on the same machines.
func backoff(n int) time.Duration {
	longest := min(pause<<min(n, 10), 12*pause)
	return longest/2 + rand.N(longest/2)
}

// again repeats do until it succeeds, gets an answer that will stay the same, or ctx ends. A server
// that looks for a new leader does not answer at all.
func again(ctx context.Context, do func(context.Context) error) error {
	for n := 0; ; n++ {
		one, cancel := context.WithTimeout(ctx, attempt)
		err := do(one)
		cancel()
		_, final := errors.AsType[*world.StoreError](err)
		if err == nil || final || errors.Is(err, jetstream.ErrMsgNotFound) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(backoff(n)):
		}
	}
}

// Attach makes the Store keep all worlds of a server, which has only the default one. That one is
// loaded, or stored if the Store does not have it. Attach returns when the names of all worlds are known.
func (s *Store) Attach(ctx context.Context, worlds *world.Worlds) error {
	s.worlds = worlds
	w, err := worlds.World("default")
	if err != nil {
		return err
	}
	worlds.SetStore(s)
	for err = s.attach(ctx, w); err != nil; err = s.attach(ctx, w) {
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause): // another node may be storing it
		}
	}
	background, stop := context.WithCancel(context.Background())
	s.stop = stop
	if err = again(ctx, func(context.Context) error { return s.follow(background) }); err != nil {
		return err
	}
	select {
	case <-s.all:
	case <-time.After(s.options.Timeout): // the engine lost its leader: the rest comes later
	case <-ctx.Done():
	}
	return nil
}

// attach loads the default world or stores it, whichever node comes first.
func (s *Store) attach(ctx context.Context, w *world.World) error {
	h := s.hold(w)
	h.gate.Lock()
	defer h.unlock()
	found, err := s.load(ctx, h)
	if err == nil && !found {
		err = s.add(ctx, h)
	}
	return err
}

// Close ends the connection.
func (s *Store) Close() {
	if s.stop != nil {
		s.stop()
	}
	s.done.Wait()
	s.nc.Close()
}

// Node implements world.Store.
func (s *Store) Node() string { return s.node }

// Ready returns an error if the engine does not answer.
func (s *Store) Ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if !s.nc.IsConnected() {
		return errors.New("the store is away: no connection")
	}
	info, err := s.stream.Info(ctx)
	if err != nil {
		return fmt.Errorf("the store is away: %w", err)
	}
	if info.Cluster != nil && info.Cluster.Leader == "" { // the servers that remain are no majority
		return errors.New("the store is away: the stream has no leader")
	}
	return nil
}
