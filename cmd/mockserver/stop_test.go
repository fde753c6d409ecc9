package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/internal/samples"
)

// closed waits until the listeners of a server take no connection any more.
func (s *running) closed() {
	for {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
		if err != nil {
			return
		}
		conn.Close()
		runtime.Gosched()
	}
}

// TestAStopAnswersWhatIsInFlight: requests whose bodies were half there when the server was interrupted succeed
// at each fake, and their answers say that they are the last of their connections.
func TestAStopAnswersWhatIsInFlight(t *testing.T) {
	t.Parallel()
	s := serve(t, "--drain", "10m", "--limits", "off")
	halves := s.sendHalves()
	s.awaitInFlight(len(halves))
	s.interrupt()
	s.closed()
	for _, h := range halves {
		io.WriteString(h, h.rest)
		res, body, last := h.answer(t)
		if res.StatusCode >= 300 || res.Header.Get("Connection") != "close" && !res.Close || !last {
			t.Errorf("%s answers %s %v %s; the connection ends: %v", h.fake, res.Status, res.Header, body, last)
		}
	}
	if err := <-s.ended; err != nil {
		t.Errorf("the server ended with %v", err)
	}
}

// TestAStopSaysWhatItCut: after --drain the requests that are still in flight are cut and counted.
func TestAStopSaysWhatItCut(t *testing.T) {
	t.Parallel()
	s := serve(t, "--drain", "1ms", "--limits", "off")
	halves := s.sendHalves()
	s.awaitInFlight(len(halves))
	s.interrupt()
	err := <-s.ended
	e, ok := errors.AsType[*exitError](err)
	if !ok || e.code != exitFailed || e.Error() !=
		fmt.Sprintf("not answered within 1ms: %d requests; --drain waits longer", len(halves)) {
		t.Errorf("the server ended with %v", err)
	}
	for _, h := range halves {
		if text, _ := io.ReadAll(h); len(text) > 0 {
			t.Errorf("%s answers %s", h.fake, text)
		}
	}
}

// TestAStalledBodyEnds: each fake refuses a body that stops in the middle, in the shape in which it refuses what it
// cannot parse, and the connection ends.
func TestAStalledBodyEnds(t *testing.T) {
	t.Parallel()
	s := serve(t, "--body-timeout", "50ms", "--limits", "off")
	for _, h := range s.sendHalves() {
		res, body, last := h.answer(t)
		if res.StatusCode != http.StatusBadRequest || !strings.Contains(res.Header.Get("Content-Type"),
			"json") || !last {
			t.Errorf("%s answers %s %v %s; the connection ends: %v", h.fake, res.Status, res.Header, body, last)
		}
	}
	journal := s.ask("GET /__admin/requests", "")
	if n := strings.Count(journal, "the body stalls"); n != len(samples.All) {
		t.Errorf("%d of %d refusals name the reason: %s", n, len(samples.All), journal)
	}
	s.stop()
}
