package contracts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/fake"
)

// Remote is a Target at a URL: a mockserver with its control plane, as a process or a container. It
// creates one world per case and drops it afterwards. token is that of the control plane and may be
// "".
func Remote(base, token string) Target {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableCompression = true
	return &remote{base: strings.TrimSuffix(base, "/"), token: token, transport: transport,
		run: time.Now().Format("150405"), literals: map[string][]byte{}}
}

type remote struct {
	base, token string
	transport   http.RoundTripper
	run         string
	number      atomic.Int64

	mu       sync.Mutex
	literals map[string][]byte // fake and seed → rows
}

func (t *remote) World(ctx context.Context, start Start) (World, error) {
	name := fmt.Sprintf("verify-%s-%d", t.run, t.number.Add(1))
	order := map[string]any{
		"name": name, "seed": map[string]string{start.Fake: start.Seed},
		"settings": map[string]any{"limitsOff": start.LimitsOff, "features": start.Features, "unlabeled": true},
	}
	w := &remoteWorld{target: t, start: start, name: name}
	if err := t.control(ctx, http.MethodPost, "/worlds", order, &w.made); err != nil {
		return nil, err
	}
	if w.made.URLs[start.Fake] == "" {
		return nil, fmt.Errorf("%s has no fake %q", t.base, start.Fake)
	}
	return w, nil
}

// control sends a request to the control plane.
func (t *remote) control(ctx context.Context, method, path string, body, into any) error {
	data, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, t.base+"/__admin"+path, bytes.NewReader(data))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	if t.token != "" {
		r.Header.Set("Authorization", "Bearer "+t.token)
	}
	res, err := t.transport.RoundTrip(r)
	if err != nil {
		return fmt.Errorf("%w: %v", ErrUnreachable, err)
	}
	defer res.Body.Close()
	data, err = io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= 300 {
		err = fmt.Errorf("%s %s/__admin%s answered %d: %s", method, t.base, path, res.StatusCode,
			compare.Shorten(string(data)))
	}
	if err == nil && into != nil {
		err = json.Unmarshal(data, into)
	}
	return err
}

type remoteWorld struct {
	target *remote
	start  Start
	name   string
	made   struct {
		URLs        map[string]string            `json:"urls"`
		Credentials map[string][]fake.Credential `json:"credentials"`
	}
}

// Base returns the world's own URL. If a case needs one of the vendor's hosts, the URL has that
// host name, but the connection still goes to the target.
func (w *remoteWorld) Base(host string) string {
	if host == "" {
		return strings.TrimSuffix(w.made.URLs[w.start.Fake], "/")
	}
	return "http://" + host + "/__world/" + w.name
}

func (w *remoteWorld) Do(r *http.Request) (*http.Response, error) {
	own, err := url.Parse(w.made.URLs[w.start.Fake])
	if err != nil {
		return nil, err
	}
	r.Host, r.URL.Host, r.URL.Scheme = r.URL.Host, own.Host, own.Scheme
	quiet(r)
	res, err := w.target.transport.RoundTrip(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrUnreachable, err)
	}
	if id := res.Header.Get("Matched-Stub-Id"); id != "" {
		res.Body.Close()
		return nil, fmt.Errorf("the stub %s %q answered %s %s in the fake's place; verify a server without stubs",
			id, res.Header.Get("Matched-Stub-Name"), r.Method, r.URL.Path)
	}
	return res, nil
}

// quiet suppresses the User-Agent that Go would add; a recorded one is sent.
func quiet(r *http.Request) {
	if r.Header.Get("User-Agent") == "" {
		r.Header["User-Agent"] = []string{""}
	}
}

func (w *remoteWorld) Credential(principal, state string) (fake.Credential, error) {
	return find(w.made.Credentials[w.start.Fake], principal, state)
}

func (w *remoteWorld) Literals() ([]byte, error) {
	w.target.mu.Lock()
	defer w.target.mu.Unlock()
	key := w.start.Fake + "\x00" + w.start.Seed
	if known := w.target.literals[key]; known != nil {
		return known, nil
	}
	var rows map[string]json.RawMessage
	if err := w.target.control(context.Background(), http.MethodGet, "/worlds/"+w.name+"/state", nil,
		&rows); err != nil {
		return nil, err
	}
	w.target.literals[key] = rows[w.start.Fake]
	return rows[w.start.Fake], nil
}

func (w *remoteWorld) Now() (time.Time, error) {
	var clock struct {
		Now time.Time `json:"now"`
	}
	err := w.target.control(context.Background(), http.MethodGet, "/worlds/"+w.name+"/clock", nil, &clock)
	return clock.Now, err
}

func (w *remoteWorld) Advance(d time.Duration) error {
	return w.target.control(context.Background(), http.MethodPost, "/worlds/"+w.name+"/clock/advance",
		map[string]string{"by": d.String()}, nil)
}

// settle waits until the log of deliveries has no queued one.
func (w *remoteWorld) settle(ctx context.Context) error {
	for {
		var log struct {
			Deliveries []struct {
				State string `json:"state"`
			} `json:"deliveries"`
		}
		if err := w.target.control(ctx, http.MethodGet, "/worlds/"+w.name+"/deliveries", nil, &log); err != nil {
			return err
		}
		open := false
		for _, d := range log.Deliveries {
			open = open || d.State == "queued"
		}
		if !open {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func (w *remoteWorld) Close() error {
	return w.target.control(context.Background(), http.MethodDelete, "/worlds/"+w.name, nil, nil)
}
