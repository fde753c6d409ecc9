package control

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// atEdge answers requests for metrics on the edge port. It reports whether it did.
func (p *Plane) atEdge(w http.ResponseWriter, r *http.Request, own string) bool {
	if own != "" || r.URL.Path != "/metrics" || p.srv.FakeAt(r.Host) != "" {
		return false
	}
	c := &call{plane: p, w: w, r: r}
	if err := p.admit(r); err != nil {
		c.write(nil, err)
		return true
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		c.write(nil, newProblem(http.StatusMethodNotAllowed, "%s does not know %s; it knows GET, HEAD",
			r.URL.Path, r.Method))
		return true
	}
	var out bytes.Buffer
	p.metrics.Write(&out, p.srv)
	c.write(&reply{media: "text/plain; version=0.0.4; charset=utf-8", text: out.Bytes()}, nil)
	return true
}

// wantsPage reports whether a client is a browser that asks for a page.
func wantsPage(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// logRefusedDelivery logs a webhook to an address that is not allowed. Its path and query may have
// secrets and stay out.
func (p *Plane) logRefusedDelivery(w *fake.World, name string, d fake.Delivery) {
	if p.log == nil {
		return
	}
	target := "an invalid URL"
	if u, err := url.Parse(d.URL); err == nil {
		target = u.Scheme + "://" + u.Host
	}
	p.log.send(loggedRequest{line: &Line{ID: d.ID, At: d.Made, World: w.Name, Fake: name, Operation: "webhook",
		Method: http.MethodPost, URL: target,
		Rejection: &fake.Rejection{Rule: d.Problem, Evidence: "configuration"}}})
}
