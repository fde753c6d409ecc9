// Package client asks the control plane and the fakes of one server, over the network or in process.
//
//	c := client.New("http://127.0.0.1:4000", token)
//	err := c.Get(ctx, "/worlds/orders/clock", &clock)
//
// It sends requests and decodes answers. It knows no route, and it does not retry.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
)

// Prefix is the path of the control plane.
const Prefix = "/__admin"

// mostAnswer bounds an answer that is read, in bytes.
const mostAnswer = 64 << 20

// Client asks one server. It is safe for concurrent use.
type Client struct {
	base  string // the origin, without a slash at its end
	token string // of the control plane; may be empty
	http  *http.Client

	headers sync.Map // fake → the header of its credentials, see credentialHeader
}

// New returns a client of the server at an origin like http://127.0.0.1:4000. The token may be empty.
func New(origin, token string) *Client {
	return &Client{base: strings.TrimSuffix(origin, "/"), token: token, http: &http.Client{
		Transport:     &http.Transport{}, // no proxy, which the environment may name
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// InProcess returns a client of a handler, which it calls in process as http://localhost.
func InProcess(h http.Handler) *Client {
	c := New("http://localhost", "")
	c.http.Transport = inProcess{h}
	return c
}

// ProblemError is an answer of the control plane that is no success.
type ProblemError struct {
	Status int
	Detail string
}

func (e *ProblemError) Error() string { return e.Detail }

// Get decodes the answer of GET path into a value.
func (c *Client) Get(ctx context.Context, path string, into any) error {
	_, err := c.Call(ctx, http.MethodGet, path, nil, into)
	return err
}

// Post sends a body to a path of the control plane and decodes the answer into a value, if into is not nil.
func (c *Client) Post(ctx context.Context, path string, body, into any) error {
	_, err := c.Call(ctx, http.MethodPost, path, body, into)
	return err
}

// Call sends a request to a path below the control plane's prefix. A nil body sends none, a nil into discards the
// answer. A status of 400 or more is a *ProblemError.
func (c *Client) Call(ctx context.Context, method, path string, body, into any) (status int, err error) {
	header, text := http.Header{}, []byte(nil)
	if body != nil {
		if text, err = json.Marshal(body); err != nil {
			return 0, err
		}
		header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	a, err := c.Send(ctx, method, c.base+Prefix+path, header, text)
	if err != nil {
		return 0, err
	}
	if a.Status >= http.StatusBadRequest {
		return a.Status, &ProblemError{a.Status, a.detail()}
	}
	if into == nil || len(a.Body) == 0 {
		return a.Status, nil
	}
	if err := json.Unmarshal(a.Body, into); err != nil {
		return a.Status, fmt.Errorf("%s %s: %w", method, path, err)
	}
	return a.Status, nil
}

// Answer is a response whose body was read.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON returns the decoded body, or its text if it is no JSON. An empty body is nil.
func (a *Answer) JSON() any {
	if len(a.Body) == 0 {
		return nil
	}
	var v any
	if json.Unmarshal(a.Body, &v) != nil {
		return string(a.Body)
	}
	return v
}

// detail returns the words of a problem, or those of WireMock's list of errors.
func (a *Answer) detail() string {
	var p struct {
		Detail string
		Errors []struct{ Title, Detail string }
	}
	json.Unmarshal(a.Body, &p) // without one the status says enough
	switch {
	case p.Detail != "":
		return p.Detail
	case len(p.Errors) > 0:
		return strings.TrimSpace(p.Errors[0].Title + " " + p.Errors[0].Detail)
	}
	return fmt.Sprintf("the server answered %d without a reason", a.Status)
}

// Send sends a request to an address of the server, without the token. It follows no redirect.
func (c *Client) Send(ctx context.Context, method, address string, header http.Header, body []byte) (*Answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header = header
	res, err := c.http.Do(r)
	if err != nil {
		return nil, namingServer(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, mostAnswer))
	return &Answer{res.StatusCode, res.Header, text}, err
}

// namingServer returns an error that names the server that gave no answer, in place of the words of net/http.
func namingServer(err error) error {
	failed, ok := errors.AsType[*url.Error](err)
	if !ok {
		return err
	}
	u, wrong := url.Parse(failed.URL)
	if wrong != nil || u.Host == "" {
		return err
	}
	reason := failed.Err.Error()
	if op, ok := errors.AsType[*net.OpError](failed.Err); ok {
		reason = strings.TrimPrefix(op.Err.Error(), "connect: ")
	}
	return fmt.Errorf("%s://%s does not answer: %s", u.Scheme, u.Host, reason)
}

// inProcess is a transport that calls a handler.
type inProcess struct{ handler http.Handler }

func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.Host, in.RequestURI, in.RemoteAddr = r.URL.Host, r.URL.RequestURI(), "127.0.0.1:0"
	if in.Body == nil {
		in.Body = http.NoBody
	}
	out := &recorder{header: http.Header{}}
	t.handler.ServeHTTP(out, in)
	out.WriteHeader(http.StatusOK)
	return &http.Response{StatusCode: out.status, Status: http.StatusText(out.status), Proto: "HTTP/1.1",
		ProtoMajor: 1, ProtoMinor: 1, Header: out.sent, Body: io.NopCloser(&out.body),
		ContentLength: int64(out.body.Len()), Request: r}, nil
}

// recorder keeps the response of a handler.
type recorder struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}
