package webhook

import (
	"errors"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrTarget is the outcome of a delivery to an address that is not allowed.
var ErrTarget = errors.New("webhooks go to loopback addresses only; others need --webhook-targets: a host name, " +
	"private, *")

// Mark is the header of every delivery. The control plane rejects requests that carry it, so that a
// client who can create a webhook cannot drive the server through it.
const Mark = "Mockserver-Delivery"

// ErrOwn is the outcome of a delivery to one of the server's own listeners.
var ErrOwn = errors.New("webhooks do not go to the server's own ports")

// SetOwn sets the addresses of the server's own listeners. Deliveries to them fail with ErrOwn.
func (s *Sender) SetOwn(listeners []net.Addr) { s.own.Store(&listeners) }

// check returns an error if the dialer must not connect to address.
func (s *Sender) check(address string, allow func(net.IP) bool) error {
	host, port, err := net.SplitHostPort(address)
	host, _, _ = strings.Cut(host, "%") // a zone
	ip := net.ParseIP(host)
	if err != nil || ip == nil || !allow(ip) {
		return ErrTarget
	}
	own := s.own.Load()
	if own == nil || !isLocal(ip) {
		return nil
	}
	for _, listener := range *own {
		if tcp, ok := listener.(*net.TCPAddr); ok && strconv.Itoa(tcp.Port) == port &&
			(tcp.IP.IsUnspecified() || tcp.IP.Equal(ip) || ip.IsUnspecified()) {
			return ErrOwn
		}
	}
	return nil
}

// Forward sends a request to a host that webhooks may reach. It follows no redirect.
func (s *Sender) Forward(r *http.Request, timeout time.Duration) (*http.Response, error) {
	client := *s.client
	client.Timeout = timeout
	return client.Do(r)
}

// isLocal reports whether ip is an address of this machine.
func isLocal(ip net.IP) bool {
	if ip.IsLoopback() || ip.IsUnspecified() {
		return true
	}
	addresses, _ := net.InterfaceAddrs()
	return slices.ContainsFunc(addresses, func(a net.Addr) bool {
		network, ok := a.(*net.IPNet)
		return ok && network.IP.Equal(ip)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
