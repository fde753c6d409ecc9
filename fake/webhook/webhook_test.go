package webhook_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake/listen"
	"github.com/afba07b5/mockserver/fake/webhook"
)

type outcome struct {
	status int
	err    error
}

func always() bool { return true }

// send sends a delivery and waits for its outcome.
func send(t *testing.T, s *webhook.Sender, d webhook.Delivery) outcome {
	t.Helper()
	done := make(chan outcome, 1)
	s.NewQueue().Send(d, always, func(o webhook.Outcome) { done <- outcome{o.Status, o.Err} })
	select {
	case o := <-done:
		return o
	case <-time.After(30 * time.Second):
		t.Fatal("no outcome")
		return outcome{}
	}
}

func TestDeliveryReachesALoopbackTargetByteForByte(t *testing.T) {
	t.Parallel()
	got := make(chan string, 1)
	target := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got <- r.Method + " " + r.Header.Get("X-Sign") + " " + string(body)
		w.WriteHeader(http.StatusAccepted)
	}))
	s := webhook.New(nil)
	defer s.Close()
	if o := send(t, s, webhook.Delivery{
		URL:    target,
		Header: map[string]string{"X-Sign": "abc"},
		Body:   `{"a":"<&>"}`,
	}); o.status != 202 || o.err != nil {
		t.Errorf("outcome %+v", o)
	}
	if text := <-got; text != `POST abc {"a":"<&>"}` {
		t.Error(text)
	}
}

func TestTargetsOffLoopbackAreRefused(t *testing.T) {
	t.Parallel()
	s := webhook.New([]string{"allowed.test"})
	defer s.Close()
	if o := send(t, s, webhook.Delivery{
		URL:     "http://192.0.2.1/hook",
		Timeout: time.Second,
	}); !errors.Is(o.err, webhook.ErrTarget) {
		t.Errorf("outcome %+v", o)
	}
}

// Whether an allowed address answers is all the same.
func TestPrivateNetworksCanBeAllowed(t *testing.T) {
	t.Parallel()
	s := webhook.New([]string{"private"})
	defer s.Close()
	for url, allowed := range map[string]bool{"http://10.255.255.1:1/": true, "http://[fd00:ffff::1]:1/": true,
		"http://192.0.2.1/": false, "http://169.254.169.254/": false, "http://[fe80::1]/": false} {
		o := send(t, s, webhook.Delivery{URL: url, Timeout: time.Second})
		if errors.Is(o.err, webhook.ErrTarget) == allowed {
			t.Errorf("%s: outcome %+v", url, o)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	target := serve(t, http.RedirectHandler("/elsewhere", http.StatusFound))
	s := webhook.New(nil)
	defer s.Close()
	if o := send(t, s, webhook.Delivery{URL: target}); o.status != http.StatusFound {
		t.Errorf("outcome %+v", o)
	}
}

func TestFollowedRedirectIsAGet(t *testing.T) {
	t.Parallel()
	var got *http.Request
	mux := http.NewServeMux()
	mux.Handle("/hook", http.RedirectHandler("/after", http.StatusFound))
	mux.HandleFunc("/after", func(_ http.ResponseWriter, r *http.Request) { got = r })
	s := webhook.New(nil)
	defer s.Close()
	o := send(t, s, webhook.Delivery{
		URL:    serve(t, mux) + "/hook",
		Body:   "{}",
		Follow: true,
		Header: map[string]string{"Content-Type": "application/json", "X-Kept": "1"},
	})
	if o.status != http.StatusOK || got == nil || got.Method != http.MethodGet ||
		got.Header.Get("Content-Type") != "" || got.Header.Get("X-Kept") != "1" || got.ContentLength != 0 {
		t.Errorf("outcome %+v, request %+v", o, got)
	}
}

func TestSettleWaitsForWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	target := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	s := webhook.New(nil)
	defer s.Close()
	s.NewQueue().Send(webhook.Delivery{URL: target}, always, func(webhook.Outcome) {})
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Settle(ended); err == nil {
		t.Error("settled with a delivery under way")
	}
	close(release)
	if err := s.Settle(context.Background()); err != nil {
		t.Error(err)
	}
}

func serve(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	url, stop, err := listen.Serve(h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return url
}

func TestDeliveriesAreMarkedAndNeverGoToTheServerItself(t *testing.T) {
	t.Parallel()
	marks := make(chan string, 10)
	target := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		marks <- r.Header.Get(webhook.Mark)
	}))
	u, err := url.Parse(target)
	if err != nil {
		t.Fatal(err)
	}
	for _, targets := range [][]string{nil, {"*"}} {
		s := webhook.New(targets)
		defer s.Close()
		if o := send(t, s, webhook.Delivery{
			ID:     "d1",
			URL:    target,
			Header: map[string]string{webhook.Mark: ""},
		}); o.err != nil || <-marks != "d1" {
			t.Errorf("outcome %+v, or no mark", o)
		}
		port, _ := strconv.Atoi(u.Port())
		for _, own := range []net.IP{net.IPv4zero, net.IPv4(127, 0, 0, 1)} {
			s := webhook.New(targets)
			defer s.Close()
			s.SetOwn([]net.Addr{&net.TCPAddr{IP: own, Port: port}})
			for _, host := range []string{"127.0.0.1", "localhost"} {
				if o := send(t, s, webhook.Delivery{
					ID:  "d2",
					URL: "http://" + net.JoinHostPort(host, u.Port()),
				}); !errors.Is(o.err, webhook.ErrOwn) {
					t.Errorf("to %s with a listener on %s: %+v", host, own, o)
				}
			}
		}
	}
}
