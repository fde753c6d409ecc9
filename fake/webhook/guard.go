package webhook

import (
	"errors"
	"net"
	"slices"
	"strconv"
	"strings"
)

// Mark is the header of every delivery. The control plane refuses requests with it: a client that may write a webhook
// must not drive the server by it.
const Mark = "Mockserver-Delivery"

// ErrOwn is the outcome of a delivery to one of the server's own listeners.
var ErrOwn = errors.New("webhooks do not go to the server's own ports")

// SetOwn names the listeners of the server itself. Deliveries to them are refused.
func (s *Sender) SetOwn(listeners []net.Addr) { s.own.Store(&listeners) }

// check refuses an address that the dialer is about to connect to.
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
		if tcp, ok := listener.(*net.TCPAddr); ok && strconv.Itoa(tcp.Port) == port && (tcp.IP.IsUnspecified() || tcp.IP.Equal(ip) || ip.IsUnspecified()) {
			return ErrOwn
		}
	}
	return nil
}

// isLocal reports whether an address is one of this machine.
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
