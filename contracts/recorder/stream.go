package recorder

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// isStream reports whether an answer is a stream of events, which a client reads as it arrives.
func isStream(res *http.Response) bool {
	return strings.HasPrefix(strings.ToLower(res.Header.Get("Content-Type")), "text/event-stream") &&
		res.StatusCode != http.StatusSwitchingProtocols
}

// follow forwards a stream of events as it arrives. Once the stream has ended, follow records it
// with the exchange.
func (r *Recorder) follow(x *exchange, res *http.Response) {
	body := io.ReadCloser(res.Body)
	if coding := strings.ToLower(res.Header.Get("Content-Encoding")); coding == "gzip" || coding == "x-gzip" {
		res.Header.Del("Content-Encoding")
		res.Header.Del("Content-Length")
		res.ContentLength = -1
		body = &unpacking{packed: res.Body}
	}
	x.answered(res)
	s := &stream{ReadCloser: body, recorder: r, exchange: x}
	s.why = errors.New("its stream of events had not ended")
	if coding := res.Header.Get("Content-Encoding"); coding != "" {
		s.why = errors.New("its stream of events is packed as " + coding)
		s.over = true
	}
	res.Body = s
	r.mu.Lock()
	defer r.mu.Unlock()
	r.streams = append(r.streams, s)
}

// stream is the body of an answer that the client reads while it is recorded.
type stream struct {
	io.ReadCloser
	recorder *Recorder
	exchange *exchange

	mu   sync.Mutex
	read []byte
	over bool  // recording has stopped
	why  error // why the stream is not recorded; nil once it is
}

func (s *stream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return n, err
	}
	switch s.read = append(s.read, p[:n]...); {
	case len(s.read) > Bound:
		s.over, s.why, s.read = true, errTooLarge, nil
	case errors.Is(err, io.EOF):
		s.over, s.why = true, nil
		s.exchange.result = s.read
		s.recorder.keep(s.exchange)
	case err != nil:
		s.over, s.why = true, errors.New("its stream of events broke off")
	}
	return n, err
}

// unfinished returns notes about the streams that are not in the recording.
func (r *Recorder) unfinished() (notes []string) {
	r.mu.Lock()
	streams := slices.Clone(r.streams)
	r.mu.Unlock() // a stream locks itself first
	for _, s := range streams {
		s.mu.Lock()
		if s.why != nil {
			notes = append(notes, leftOut(s.exchange.location, s.exchange.method, pathOf(s.exchange.url),
				s.why.Error()))
		}
		s.mu.Unlock()
	}
	return notes
}

// unpacking decompresses a body on first read, because its first bytes may take long to arrive.
type unpacking struct {
	packed io.ReadCloser
	plain  *gzip.Reader
}

func (u *unpacking) Read(p []byte) (n int, err error) {
	if u.plain == nil {
		if u.plain, err = gzip.NewReader(u.packed); err != nil {
			return 0, err
		}
	}
	return u.plain.Read(p)
}

func (u *unpacking) Close() error { return u.packed.Close() }
