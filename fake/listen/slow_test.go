package listen

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// slowClient is a connection from which each read takes some time of a clock and gives some bytes.
type slowClient struct {
	net.Conn
	now      time.Time
	wait     time.Duration
	most     int
	text     *strings.Reader
	deadline time.Time
}

func (c *slowClient) SetReadDeadline(t time.Time) error { c.deadline = t; return nil }

func (c *slowClient) Read(p []byte) (int, error) {
	end := c.now.Add(c.wait)
	if !c.deadline.IsZero() && end.After(c.deadline) {
		c.now = c.deadline
		return 0, os.ErrDeadlineExceeded
	}
	c.now = end
	return c.text.Read(p[:min(len(p), c.most)])
}

// TestABodyHasAMinimalRate: a body may take the timeout, and a second more for each minRate bytes of it. A silence ends
// it as well. Each body of a connection has its own time.
func TestABodyHasAMinimalRate(t *testing.T) {
	t.Parallel()
	head, body := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n", strings.Repeat("a", 10_000)
	for _, c := range []struct {
		name     string
		messages int
		wait     time.Duration // before each read of so many bytes
		bytes    int
		after    time.Duration // when the body is given up; 0 for never
	}{
		{"a byte every three seconds", 1, 3 * time.Second, 1, 30 * time.Second},
		{"a byte every tenth of a second", 1, 100 * time.Millisecond, 1, 30 * time.Second},
		{"silence", 1, time.Minute, 1, 30 * time.Second},
		{"500 bytes a second", 1, time.Second, 500, 0},
		{"the same, three bodies", 3, time.Second, 500, 0},
		{"all at once after 29 seconds", 3, 29 * time.Second, 100_000, 0},
		{"250 bytes a second", 1, time.Second, 250, 0}, // 40 seconds of 50
		{"170 bytes a second", 1, time.Second, 170, 44 * time.Second},
	} {
		text := strings.NewReader(strings.Repeat(head+body, c.messages))
		slow := &slowClient{wait: 0, most: len(head), text: text}
		conn := Conn(slow, 30*time.Second).(*conn)
		conn.now = func() time.Time { return slow.now }
		var err error
		for err == nil {
			if conn.state == atHead {
				slow.wait, slow.most = 0, len(head)
			} else {
				slow.wait, slow.most = c.wait, c.bytes
			}
			_, err = conn.Read(make([]byte, 1<<20))
		}
		took := slow.now.Sub(time.Time{})
		ended := errors.Is(err, os.ErrDeadlineExceeded) && took.Round(time.Second) == c.after
		if c.after == 0 && err != io.EOF || c.after > 0 && !ended {
			t.Errorf("%s: ends after %v with %v, want %v", c.name, took, err, c.after)
		}
	}
}

// TestAReadThatIsGivenUpIsNoStall: net/http waits for a client to go away while it answers, and gives that read up by
// a deadline in the past. The body of the next request, whose head is there already, is read as usual.
func TestAReadThatIsGivenUpIsNoStall(t *testing.T) {
	t.Parallel()
	head := "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n"
	slow := &slowClient{now: time.Unix(1_800_000_000, 0), most: len(head), text: strings.NewReader(head + "body")}
	conn := Conn(slow, 30*time.Second).(*conn)
	conn.now = func() time.Time { return slow.now }
	buffer := make([]byte, 4<<10)
	if n, err := conn.Read(buffer); err != nil || string(buffer[:n]) != head {
		t.Fatalf("%q, %v", buffer[:n], err)
	}
	conn.SetReadDeadline(time.Unix(1, 0))
	if _, err := conn.Read(buffer[:1]); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read that was given up: %v", err)
	}
	conn.SetReadDeadline(time.Time{})
	if n, err := conn.Read(buffer); err != nil || string(buffer[:n]) != "body" {
		t.Errorf("%q, %v", buffer[:n], err)
	}
}
