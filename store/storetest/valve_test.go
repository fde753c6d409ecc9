package storetest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/store"
)

const companies = "/twenty/rest/companies"

// A change is stored, its acknowledgement is late, and when it comes another node has put a snapshot in
// the place of the change. Nobody can say any more whose the change was: the client learns that, and the
// request does not run again.
func TestALateAnswerAfterASnapshotIsUnknown(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	v := startValve(t, url)
	a := startNode(t, store.Options{URL: v.url})
	b := startNode(t, store.Options{URL: url, SnapshotEvery: 3})
	token := "Bearer " + b.makeWorld("shared").Credentials["twenty"][0].Value
	a.must(nil, "GET", companies, "", bearer, token)

	v.closed.Store(true)
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
	v.closed.Store(false)

	wantUnknown(t, <-late)
	seq := b.must(nil, "POST", companies, `{"name":"Last"}`, bearer, token).sequence
	for name, n := range map[string]*node{"a": a, "b": b} {
		text := n.must(nil, "GET", companies, "", bearer, token, fake.SequenceHeader, seq).text
		if count := strings.Count(text, `"name":"Late"`); count != 1 {
			t.Errorf("node %s has the company %d times", name, count)
		}
	}
}

func wantUnknown(t *testing.T, got answer) {
	t.Helper()
	if outcome := got.header.Get("Mockserver-Outcome"); got.status != 503 || outcome != "unknown" {
		t.Errorf("%d, outcome %q, expected 503, unknown: %s", got.status, outcome, got.text)
	}
}

// A change that is stored in parts and not acknowledged may be in the stream, which then names the parts: they
// stay.
func TestThePartsOfAChangeInDoubtStay(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	v := startValve(t, url)
	a := startNode(t, store.Options{URL: v.url})
	a.makeWorld("shared")
	content := incompressible(3 << 20)
	const at = "/__admin/worlds/shared/files/long.bin"
	v.onLine(func(line string) {
		if strings.HasPrefix(line, "Mockserver-Object: ") {
			v.closed.Store(true)
		}
	})
	wantUnknown(t, a.call("PUT", at, content))
	v.onLine(nil)
	v.closed.Store(false)
	got := startNode(t, store.Options{URL: url}).must(nil, "GET", at, "")
	if got.text != content {
		t.Errorf("another node has %d bytes", len(got.text))
	}
	if got = a.must(nil, "GET", at, "", fake.SequenceHeader, got.sequence); got.text != content {
		t.Errorf("the node has %d bytes", len(got.text))
	}
}

// A snapshot that is not acknowledged may be in the stream: a node that loads the world reads it.
func TestASnapshotInDoubtStays(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	v := startValve(t, url)
	a := startNode(t, store.Options{URL: v.url, SnapshotEvery: 3})
	token := "Bearer " + a.makeWorld("shared").Credentials["twenty"][0].Value
	doubtful := make(chan struct{})
	v.onLine(func(line string) {
		switch {
		case strings.HasPrefix(line, "Mockserver-Kind: snapshot"):
			if !v.closed.Swap(true) {
				close(doubtful)
			}
		case strings.HasPrefix(line, "Mockserver-Kind: change") && v.closed.Load():
			v.onLine(nil)
			v.closed.Store(false)
		}
	})
	for i := range 3 {
		a.must(nil, "POST", companies, fmt.Sprintf(`{"name":"Acme %d"}`, i), bearer, token)
	}
	<-doubtful
	a.must(nil, "POST", companies, `{"name":"After"}`, bearer, token) // waits until a has given up its snapshot
	b := startNode(t, store.Options{URL: url})
	text := b.must(nil, "GET", companies, "", bearer, token).text
	for _, name := range []string{"Acme 0", "Acme 1", "Acme 2", "After"} {
		if !strings.Contains(text, `"name":"`+name+`"`) {
			t.Errorf("%s is not there", name)
		}
	}
}

// A request waits for a world for a while; the world is loaded nevertheless.
func TestALoadGoesOnAfterItsRequest(t *testing.T) {
	t.Parallel()
	url, _ := startEngine(t)
	token := "Bearer " + startNode(t, store.Options{URL: url}).makeWorld("shared").Credentials["twenty"][0].Value
	v := startValve(t, url)
	a := startNode(t, store.Options{URL: v.url, Timeout: 100 * time.Millisecond})
	waitFor(t, "the world", func() bool { return len(a.srv.Names()) == 2 })
	v.closed.Store(true)
	got := a.call("GET", companies, "", bearer, token)
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.text, "still being loaded") {
		t.Errorf("%d %s, expected 503: still being loaded", got.status, got.text)
	}
	v.closed.Store(false)
	waitFor(t, "the load", func() bool { return a.srv.Loaded("shared") != nil })
	a.must(nil, "GET", companies, "", bearer, token)
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

// valve passes connections on to a NATS server. The messages that the server sends while it is closed are lost;
// the connection stays.
type valve struct {
	url    string
	closed atomic.Bool
	line   atomic.Pointer[func(line string)]
}

// onLine calls do with each line that clients send from now on, before the server has it. Payloads count as lines.
func (v *valve) onLine(do func(line string)) {
	if do == nil {
		v.line.Store(nil)
		return
	}
	v.line.Store(&do)
}

func startValve(t *testing.T, url string) *valve {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v := &valve{url: "nats://" + l.Addr().String()}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			all.Go(func() { v.pass(client, strings.TrimPrefix(url, "nats://")) })
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
		defer to.Close()
		for r := bufio.NewReader(client); ; {
			line, err := r.ReadSlice('\n')
			if do := v.line.Load(); do != nil {
				(*do)(string(line))
			}
			if _, failed := to.Write(line); failed != nil || err != nil && err != bufio.ErrBufferFull {
				return
			}
		}
	}()
	for r := bufio.NewReader(to); v.passOne(r, client) == nil; {
	}
}

// passOne passes on what the server says: one line, or a message with its payload, whose size is the last word of
// the line.
func (v *valve) passOne(from *bufio.Reader, to io.Writer) error {
	line, err := from.ReadBytes('\n')
	if err != nil {
		return err
	}
	words, size := bytes.Fields(line), 0
	if kind := string(words[0]); kind == "MSG" || kind == "HMSG" {
		if size, err = strconv.Atoi(string(words[len(words)-1])); err != nil {
			return err
		}
		size += len("\r\n")
		if v.closed.Load() {
			to = io.Discard
		}
	}
	if _, err := to.Write(line); err != nil {
		return err
	}
	_, err = io.CopyN(to, from, int64(size))
	return err
}
