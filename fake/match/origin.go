package match

import (
	"net/url"
	"strconv"
)

// SetOrigin takes scheme, host and port, and path and query as the client asked, from an absolute URL.
func (r *Request) SetOrigin(absolute string) {
	u, err := url.Parse(absolute)
	if err != nil || u.Host == "" {
		return
	}
	r.Scheme, r.Host, r.Port, r.Target = u.Scheme, u.Hostname(), 80, u.RequestURI()
	if u.Scheme == "https" {
		r.Port = 443
	}
	if n, err := strconv.Atoi(u.Port()); err == nil {
		r.Port = n
	}
}
