package recorder

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Bound is the maximum size of a recorded body, in bytes, before and after decompression.
const Bound = 4 << 20

// capture sends a request through do and records it with its answer, whose body it decompresses.
// The exchange takes its position when the request arrives.
func (r *Recorder) capture(q *http.Request, do func(*http.Request) (*http.Response, error)) (*http.Response, error) {
	x := &exchange{location: r.begin(), method: q.Method, url: q.URL.String(), header: q.Header.Clone()}
	whyNot := error(nil)
	if x.body, whyNot = takeBody(&q.Body); whyNot == nil {
		x.body, whyNot = decompressed(q.Header, x.body)
	}
	began := time.Now()
	res, err := do(q)
	if err != nil {
		r.leaveOut(x.location, q.Method, q.URL.Path, "no answer")
		return nil, err
	}
	x.took = time.Since(began)
	if whyNot == nil && isStream(res) {
		r.follow(x, res)
		return res, nil
	}
	if whyNot == nil {
		whyNot = x.take(res)
	}
	if whyNot != nil {
		r.leaveOut(x.location, q.Method, q.URL.Path, whyNot.Error())
		return res, nil
	}
	r.keep(x)
	return res, nil
}

func (r *Recorder) begin() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots = append(r.slots, nil)
	return len(r.slots) - 1
}

func (r *Recorder) keep(x *exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.slots[x.location] = x
}

func (r *Recorder) leaveOut(place int, method, path, reason string) {
	r.note("%s", leftOut(place, method, path, reason))
}

// take records an answer, or returns why the answer is only forwarded.
func (x *exchange) take(res *http.Response) error {
	if res.StatusCode == http.StatusSwitchingProtocols {
		return errors.New("the answer switches to another protocol")
	}
	packed, err := takeBody(&res.Body)
	if err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if x.result, err = decompressed(res.Header, packed); err != nil {
		return fmt.Errorf("answer: %w", err)
	}
	if res.Header.Get("Content-Encoding") != "" {
		res.Header.Del("Content-Encoding")
		setBody(res, x.result)
	}
	x.answered(res)
	return nil
}

func (x *exchange) answered(res *http.Response) {
	x.status, x.phrase, x.proto, x.answer = res.StatusCode, res.Status, res.Proto, res.Header.Clone()
}

// setBody replaces the body of an answer.
func setBody(res *http.Response, body []byte) {
	res.Body = io.NopCloser(bytes.NewReader(body))
	if res.Request == nil || res.Request.Method != http.MethodHead {
		res.ContentLength = int64(len(body))
		res.Header.Set("Content-Length", fmt.Sprint(len(body)))
	}
}

// takeBody reads a body and puts it back. For a body above Bound it returns only the error.
func takeBody(body *io.ReadCloser) ([]byte, error) {
	if *body == nil || *body == http.NoBody {
		return nil, nil
	}
	data, err := io.ReadAll(io.LimitReader(*body, Bound+1))
	if err == nil && len(data) > Bound {
		*body = both{io.MultiReader(bytes.NewReader(data), *body), *body}
		return nil, errTooLarge
	}
	rest := io.Reader(bytes.NewReader(data))
	if err != nil { // a later reader gets the same error
		rest = io.MultiReader(rest, broken{err})
	}
	*body = both{rest, *body}
	return data, err
}

var errTooLarge = fmt.Errorf("a body has more than %d bytes", Bound)

type both struct {
	io.Reader
	io.Closer
}

type broken struct{ err error }

func (b broken) Read([]byte) (int, error) { return 0, b.err }

// decompressed undoes Content-Encoding, because compressed data cannot be searched.
func decompressed(h http.Header, data []byte) ([]byte, error) {
	codings := strings.Split(strings.ToLower(strings.Join(h.Values("Content-Encoding"), ",")), ",")
	for i := len(codings) - 1; i >= 0 && len(data) > 0; i-- {
		var unpacked io.Reader
		var err error
		switch coding := strings.TrimSpace(codings[i]); coding {
		case "", "identity":
			continue
		case "gzip", "x-gzip":
			unpacked, err = gzip.NewReader(bytes.NewReader(data))
		case "deflate":
			unpacked, err = zlib.NewReader(bytes.NewReader(data))
		default:
			err = fmt.Errorf("content encoding %q cannot be undone", coding)
		}
		if err == nil {
			data, err = io.ReadAll(io.LimitReader(unpacked, Bound+1))
		}
		if err == nil && len(data) > Bound {
			err = errTooLarge
		}
		if err != nil {
			return nil, err
		}
	}
	return data, nil
}

// request builds the request again, for code that reads an *http.Request. Its URL is relative to
// the upstream's origin.
func (x *exchange) request() (*http.Request, error) {
	q, err := http.NewRequest(x.method, x.url, bytes.NewReader(x.body))
	if err != nil {
		return nil, err
	}
	q.Header = x.header.Clone()
	q.URL = &url.URL{Path: q.URL.Path, RawPath: q.URL.RawPath, RawQuery: q.URL.RawQuery}
	q.RequestURI = q.URL.RequestURI()
	q.RemoteAddr = "127.0.0.1:40000"
	return q, nil
}
