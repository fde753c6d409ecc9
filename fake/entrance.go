package fake

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/fake/origin"
)

// entrance is where a request enters a fake: the world that its path names, what precedes the fake's
// root in the path, and the path below that root. Paths are escaped.
type entrance struct{ world, prefix, path string }

// entranceOf removes the prefix of a world from a path.
func entranceOf(path string) entrance {
	rest, ok := strings.CutPrefix(path, "/__world/")
	if !ok {
		return entrance{path: path}
	}
	first, after, _ := strings.Cut(rest, "/")
	world, _ := url.PathUnescape(first)
	return entrance{world, "/__world/" + first, "/" + after}
}

// newRequest returns the Request of an HTTP request, which its context carries from then on.
func (s *Server) newRequest(hr *http.Request, at entrance) *Request {
	r := &Request{server: s, entrance: at, started: time.Now(), Host: origin.Host(hr.Host)}
	r.carrier = carrier{Context: hr.Context(), request: r}
	r.own = *hr.WithContext(&r.carrier)
	r.HTTP = &r.own
	if name := hr.Header["Mockserver-World"]; name != nil && name[0] != "" {
		r.entrance.world = name[0]
	}
	return r
}

// carrier is the context of an HTTP request that belongs to a Request.
type carrier struct {
	context.Context
	request *Request
	end     time.Time // set by Limit
}

type requestKey struct{}

// Value implements context.Context.
func (c *carrier) Value(key any) any {
	if key == (requestKey{}) {
		return c.request
	}
	return c.Context.Value(key)
}

// Err implements context.Context.
func (c *carrier) Err() error {
	if err := c.Context.Err(); err != nil || c.end.IsZero() || time.Now().Before(c.end) {
		return err
	}
	return context.DeadlineExceeded
}

// requestOf returns the Request of an Echo context, or nil.
func requestOf(c echo.Context) *Request {
	ctx := c.Request().Context()
	if own, ok := ctx.(*carrier); ok {
		return own.request
	}
	r, _ := ctx.Value(requestKey{}).(*Request)
	return r
}
