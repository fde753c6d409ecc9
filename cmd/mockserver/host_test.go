package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestHostsOverIPv6 asks every fake, on its own port and on the edge, at each address that a host stands for.
func TestHostsOverIPv6(t *testing.T) {
	t.Parallel()
	probe, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Skipf("this machine has no IPv6: %v", err)
	}
	probe.Close()
	for host, wants := range map[string][]string{
		"::1": {"[::1]"}, "[::1]": {"[::1]"}, "localhost": {"[::1]", "127.0.0.1", "localhost"},
		// as in the image
		"0.0.0.0": {"[::1]", "127.0.0.1"}, "::": {"[::1]", "127.0.0.1"}, "[::]": {"[::1]", "127.0.0.1"},
	} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "--host", host, "--limits", "off")
			for _, want := range wants {
				for _, name := range append([]string{""}, namesOf(s.app.defs)...) {
					_, port, _ := strings.Cut(strings.TrimPrefix(s.app.ears.url(name), "http://[::1]"), ":")
					if i := strings.LastIndexByte(port, ':'); i >= 0 {
						port = port[i+1:]
					}
					s.askAt(t, "http://"+want+":"+port, name)
				}
			}
			s.stop()
		})
	}
}

// askAt asks for the health of the server and for the document of one fake.
func (s *running) askAt(t *testing.T, origin, name string) {
	t.Helper()
	paths := []string{"/__admin/health", "/openapi.json"}
	if name == "" {
		paths = []string{"/__admin/ready", "/kickflow/openapi.json"}
	}
	for _, path := range paths {
		res, err := http.Get(origin + path)
		if err != nil {
			t.Error(err)
			continue
		}
		res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("%s%s answers %s", origin, path, res.Status)
		}
	}
}
