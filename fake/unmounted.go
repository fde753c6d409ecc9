package fake

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// serveUnmounted answers a request on the edge port whose path belongs to no fake: with the stub of the world that it
// matches, or with 404. The journal has it without a fake.
func (s *Server) serveUnmounted(w http.ResponseWriter, hr *http.Request, at entrance) {
	r := s.newRequest(hr, at)
	to, err := s.World(cmp.Or(r.entrance.world, "default"))
	if err != nil {
		noWorld(w, err)
		return
	}
	to.Used()
	if at.prefix != "" {
		r.HTTP.URL = withPath(hr.URL, &r.url, at.path)
	}
	r.begin(destination{world: to, base: s.Base(hr) + at.prefix}, nil, w.Header())
	answer := func() { r.answerUnmounted(s.nameList()) }
	if r.readBody(1<<20) == nil {
		if served, facts := r.matchStub(); served != nil {
			answer = func() { r.answerStub(served, facts, nil) }
		}
	}
	answer()
	r.send(w)
}

// answerUnmounted answers that no fake has the path.
func (r *Request) answerUnmounted(names []string) {
	const status = http.StatusNotFound
	first, _, _ := strings.Cut(strings.TrimPrefix(r.HTTP.URL.Path, "/"), "/")
	r.entry.Notes = []string{fmt.Sprintf("no fake has this path%s; paths start with /%s/", Hint(first, names),
		strings.Join(names, "/, /"))}
	r.finish(status, problem(r.header, status, http.StatusText(status),
		r.HTTP.Host+r.HTTP.URL.Path+": "+r.entry.Notes[0]))
}
