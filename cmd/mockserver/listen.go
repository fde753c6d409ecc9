package main

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"

	"github.com/afba07b5/mockserver/fake"
)

// listeners are the open listeners: that of the edge under "", and one for each fake under its
// name.
type listeners map[string]net.Listener

// listening is a port to listen on: of a fake, or of the edge under "".
type listening struct {
	name, flag string
	port       int
}

// listenings returns the ports to listen on, if all can be listened on together.
func (s *settings) listenings(defs []*fake.Def) ([]listening, error) {
	all := []listening{{"", "port", s.port}}
	for i, def := range defs {
		port := *s.ports[def.Name]
		switch {
		case s.edgeOnly && port >= 0:
			return nil, fmt.Errorf("--edge-only leaves no port for --%s-port; give one of the two", def.Name)
		case s.edgeOnly:
			continue
		case port < 0 && s.port == 0:
			port = 0
		case port < 0:
			port = s.port + i + 1
		}
		all = append(all, listening{def.Name, def.Name + "-port", port})
	}
	for i, one := range all {
		if err := checkPort(one.port, one.flag); err != nil {
			return nil, err
		}
		for _, other := range all[:i] {
			if one.port > 0 && one.port == other.port {
				return nil, fmt.Errorf("--%s and --%s are both %d; give one of them another port (0 = a free one)",
					other.flag, one.flag, one.port)
			}
		}
	}
	return all, nil
}

func checkPort(port int, flag string) error {
	if port < 0 || port > 65535 {
		return fmt.Errorf("--%s %d: expected 0 to 65535", flag, port)
	}
	return nil
}

// listen opens all listeners, or none.
func (s *settings) listen(defs []*fake.Def) (listeners, error) {
	all, err := s.listenings(defs)
	if err != nil {
		return nil, err
	}
	open := listeners{}
	for _, one := range all {
		l, second, err := listenBoth(s.host, one.port, one.flag)
		if err != nil {
			open.close()
			return nil, err
		}
		open[one.name] = l
		if second != nil {
			open[one.name+overIPv6] = second
		}
	}
	return open, nil
}

// overIPv6 is the suffix of the name of a listener on ::1.
const overIPv6 = " over IPv6"

// listenBoth listens on a host. For localhost it also listens on ::1 with the same port, since
// clients may try either first; second is nil if there is no such address.
func listenBoth(host string, port int, flag string) (first, second net.Listener, err error) {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if host != "localhost" {
		first, err = listenOn(host, port, flag)
		return first, nil, err
	}
	for range 20 {
		if first, err = listenOn("127.0.0.1", port, flag); err != nil {
			return nil, nil, err
		}
		second, err = net.Listen("tcp6", net.JoinHostPort("::1", strconv.Itoa(first.Addr().(*net.TCPAddr).Port)))
		if !errors.Is(err, syscall.EADDRINUSE) {
			return first, second, nil // without an error, or without IPv6
		}
		first.Close()
		if port != 0 {
			break
		}
	}
	return nil, nil,
		fmt.Errorf("port %d of ::1 is taken; stop what uses it, choose another with --%s (0 = a free one), "+
			"or listen on 127.0.0.1 alone with --host", port, flag)
}

func listenOn(host string, port int, flag string) (net.Listener, error) {
	if err := checkPort(port, flag); err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf(
			"port %d of %s is taken; stop what uses it, or choose another with --%s (0 = a free one)", port, host, flag)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("port %d of %s needs more rights than this process has; choose one from 1024 with --%s",
			port, host, flag)
	case err != nil:
		return nil, fmt.Errorf("--host %s: cannot listen on port %d: %v", host, port, err)
	}
	return l, nil
}

func (e listeners) close() {
	for _, l := range e {
		l.Close()
	}
}

// addresses returns the addresses of the listeners.
func (e listeners) addresses() (all []net.Addr) {
	for _, l := range e {
		all = append(all, l.Addr())
	}
	return all
}

// url returns the origin of a listener, as reached from this machine.
func (e listeners) url(name string) string {
	l := e[name]
	if l == nil {
		return ""
	}
	address := l.Addr().(*net.TCPAddr)
	host := address.IP.String()
	if address.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	scheme := "http://"
	if _, ok := l.(overTLS); ok {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, strconv.Itoa(address.Port))
}

// local reports whether all listeners are on loopback addresses.
func (e listeners) local() bool {
	return e[""].Addr().(*net.TCPAddr).IP.IsLoopback()
}

// base returns the URL of a fake: that of its port, or a path of the edge port.
func (e listeners) base(name string) string {
	if own := e.url(name); own != "" {
		return own
	}
	return e.url("") + "/" + name
}
