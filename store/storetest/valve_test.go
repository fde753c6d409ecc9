package storetest

import (
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/store"
)

// A change is stored, its acknowledgement is late, and when it comes another node has put a snapshot in
// the place of the change. Nobody can say any more whose the change was: the client learns that, and the
// request does not run again.
func TestALateAnswerAfterASnapshotIsUnknown(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	v := startValve(t, strings.TrimPrefix(url, "nats://"))
	a := startNode(t, store.Options{URL: "nats://" + v.address})
	b := startNode(t, store.Options{URL: url, SnapshotEvery: 3})
	token := "Bearer " + b.makeWorld("shared").Credentials["twenty"][0].Value
	const companies = "/twenty/rest/companies"
	a.must(nil, "GET", companies, "", bearer, token)

	v.close()
	late := make(chan answer, 1)
	go func() { late <- a.call("POST", companies, `{"name":"Late"}`, bearer, token) }()
	var at uint64
	waitFor(t, "the change of a", func() bool {
		got := b.must(nil, "GET", companies, "", bearer, token)
		at, _ = strconv.ParseUint(got.sequence, 10, 64) // 0 is no sequence of a message
		return strings.Contains(got.text, `"Late"`)
	})
	for i := range 4 {
		b.must(nil, "POST", companies, fmt.Sprintf(`{"name":"Other %d"}`, i), bearer, token)
	}
	waitFor(t, "the snapshot of b", func() bool { return !hasMessage(t, url, at) })
	v.open()

	got := <-late
	if outcome := got.header.Get("Mockserver-Outcome"); got.status != 503 || outcome != "unknown" {
		t.Errorf("%d, outcome %q, expected 503, unknown: %s", got.status, outcome, got.text)
	}
	seq := b.must(nil, "POST", companies, `{"name":"Last"}`, bearer, token).sequence
	for name, n := range map[string]*node{"a": a, "b": b} {
		text := n.must(nil, "GET", companies, "", bearer, token, "Mockserver-Sequence", seq).text
		if count := strings.Count(text, `"name":"Late"`); count != 1 {
			t.Errorf("node %s has the company %d times", name, count)
		}
	}
}

// hasMessage reports whether the stream has the message with a sequence.
func hasMessage(t *testing.T, url string, sequence uint64) (found bool) {
	t.Helper()
	withStream(t, url, func(ctx context.Context, stream jetstream.Stream) {
		_, err := stream.GetMsg(ctx, sequence)
		found = err == nil
	})
	return found
}

// messagesOf returns the number of a world's messages in the stream.
func messagesOf(t *testing.T, url, world string) (n uint64) {
	t.Helper()
	withStream(t, url, func(ctx context.Context, stream jetstream.Stream) {
		info, err := stream.Info(ctx, jetstream.WithSubjectFilter("mockserver.w."+world))
		if err != nil {
			t.Fatal(err)
		}
		n = info.State.Subjects["mockserver.w."+world]
	})
	return n
}

// valve passes connections on to a server. What the server says while it is closed is lost, and the
// connection with it when it opens.
type valve struct {
	address string
	mu      sync.Mutex
	opens   chan struct{} // closed when the valve opens; nil while it is open
}

func (v *valve) close() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.opens = make(chan struct{})
}

func (v *valve) open() {
	v.mu.Lock()
	defer v.mu.Unlock()
	close(v.opens)
	v.opens = nil
}

// wait returns when the valve is open, and whether it was.
func (v *valve) wait() (open bool) {
	v.mu.Lock()
	opens := v.opens
	v.mu.Unlock()
	if opens != nil {
		<-opens
	}
	return opens == nil
}

func startValve(t *testing.T, server string) *valve {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &valve{address: l.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			all.Go(func() { v.pass(client, server) })
		}
	})
	t.Cleanup(func() {
		l.Close()
		all.Wait()
	})
	return v
}

func (v *valve) pass(client net.Conn, server string) {
	defer client.Close()
	to, err := net.Dial("tcp", server)
	if err != nil {
		return
	}
	defer to.Close()
	go func() {
		io.Copy(to, client) // ends with either connection
		to.Close()
	}()
	piece := make([]byte, 32<<10)
	for {
		n, err := to.Read(piece)
		if !v.wait() || err != nil {
			return
		}
		if _, err := client.Write(piece[:n]); err != nil {
			return
		}
	}
}
