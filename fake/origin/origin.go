// Package origin reads host names, and the origin that a client has used, also behind proxies.
package origin

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strings"
)

// Of returns the origin of a request as the client sees it, with the path prefix that a proxy has
// removed: from Forwarded (RFC 7239), then from X-Forwarded-Proto, -Host, -Port and -Prefix.
func Of(hr *http.Request) string {
	scheme, host := "http", hr.Host
	if hr.TLS != nil {
		scheme = "https"
	}
	for part := range strings.SplitSeq(firstOf(hr.Header, "Forwarded"), ";") {
		key, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch value = strings.Trim(value, `"`); strings.ToLower(key) {
		case "proto":
			scheme = value
		case "host":
			host = value
		}
	}
	scheme = cmp.Or(firstOf(hr.Header, "X-Forwarded-Proto"), scheme)
	host = cmp.Or(firstOf(hr.Header, "X-Forwarded-Host"), host)
	if port := firstOf(hr.Header, "X-Forwarded-Port"); port != "" && strings.Trim(port, "0123456789") == "" {
		host = withPort(scheme, host, port)
	}
	return scheme + "://" + host + strings.TrimSuffix(firstOf(hr.Header, "X-Forwarded-Prefix"), "/")
}

// withPort adds a port to a host without one, unless it is the default port of the scheme.
func withPort(scheme, host, port string) string {
	bare := strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if _, _, err := net.SplitHostPort(host); err == nil || scheme+port == "http80" || scheme+port == "https443" {
		return host
	}
	return net.JoinHostPort(bare, port)
}

// firstOf returns the first element of a header that is a list. name is in canonical form.
func firstOf(h http.Header, name string) string {
	if h[name] == nil {
		return ""
	}
	first, _, _ := strings.Cut(h[name][0], ",")
	return strings.TrimSpace(first)
}

// Match reports whether a host name, in lower case and without a port, is one of the names. "*.example.com" stands
// for every name below example.com.
func Match(names []string, host string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return host == name || strings.HasPrefix(name, "*.") && strings.HasSuffix(host, name[1:])
	})
}

// Host returns the host of an address, in lower case and without its port.
func Host(hostport string) string {
	if !strings.Contains(hostport, ":") {
		return strings.ToLower(hostport)
	}
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return strings.ToLower(host)
	}
	return strings.ToLower(hostport)
}
