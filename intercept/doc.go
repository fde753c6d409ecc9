// Package intercept lets programs reach the fakes whose API hosts are fixed, such as https://api.kickflow.com.
//
// An [Authority] issues certificates for those hosts. A [Proxy] takes CONNECT and absolute-form requests for them and
// hands them to the server's own handler; nothing is sent to the hosts. An [Environment] is what a program needs in
// its environment to use both: the variables of many languages, and the files these name.
package intercept

import (
	"net"
	"strings"

	"github.com/afba07b5/mockserver/fake/origin"
)

// Hosts are host names; "*.example.com" stands for every name below example.com.
type Hosts []string

// Has reports whether a host, with or without a port, is one of the names.
func (h Hosts) Has(host string) bool {
	return origin.Match(h, bare(host))
}

// bare returns a host name without port, brackets and final dot, in lower case.
func bare(hostport string) string {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.Trim(hostport, "[]")
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
