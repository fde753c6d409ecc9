package fake

import (
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/openapi"
)

// mountedFake is a fake as an Echo application.
type mountedFake struct {
	server  *Server // nil in a Router
	def     *Def
	echo    *echo.Echo
	conduct func() (*conduct.Document, error)
	byPath  map[string]map[string]*Operation // path in Echo's spelling → method → operation
	lacked  func() []lackedPath
}

// echoSpelling writes the parameters of a path as Echo does. The first use of a Replacer is most of its cost.
var echoSpelling = strings.NewReplacer("{", ":", "}", "")

// routes registers the operations of the document with Echo, under their operationIds. HEAD is
// answered like GET.
func routes(def *Def) *mountedFake {
	f := &mountedFake{def: def, byPath: map[string]map[string]*Operation{}, echo: echo.New(),
		lacked:  sync.OnceValue(def.lackedPaths),
		conduct: sync.OnceValues(func() (*conduct.Document, error) { return conduct.Read(def.Spec) })}
	for _, op := range def.Spec.Operations() {
		path := echoSpelling.Replace(op.Path)
		if f.byPath[path] == nil {
			f.byPath[path] = map[string]*Operation{}
		}
		f.byPath[path][op.Method] = op
		f.echo.Add(op.Method, path, operate).Name = op.ID
		if op.Method == http.MethodGet {
			f.echo.Add(http.MethodHead, path, operate).Name = op.ID
		}
	}
	return f
}

// Router finds the operation of a request as a Server does, without serving it. It is safe for
// concurrent use.
type Router struct{ fake *mountedFake }

// NewRouter returns the Router of one fake.
func NewRouter(def *Def) *Router { return &Router{routes(def)} }

// Operation returns the operation of a request, or nil. The request's path is relative to the
// fake's base URL; its host matters if the vendor's does. Operation does not change the request.
func (r *Router) Operation(hr *http.Request) *Operation {
	hr = hr.WithContext(hr.Context())
	hr.URL = withPath(hr.URL, new(url.URL), hr.URL.EscapedPath())
	if r.fake.def.Rewrite != nil {
		r.fake.def.Rewrite(hr)
	}
	c := r.fake.echo.AcquireContext()
	defer r.fake.echo.ReleaseContext(c)
	c.Reset(hr, nil)
	r.fake.echo.Router().Find(hr.Method, echo.GetPath(hr), c)
	op, _ := r.fake.found(c)
	return op
}

// find sets the operation of a request and the path's parameters, or the methods that the path has.
func (f *mountedFake) find(r *Request) {
	if r.in.Path = r.context; r.HTTP.URL.RawPath != "" {
		r.in.Path = escaped{r.context}
	}
	op, ops := f.found(r.context)
	if r.Op = op; op != nil {
		return
	}
	for _, m := range openapi.Methods {
		if m = strings.ToUpper(m); ops[m] != nil {
			r.allow = append(r.allow, m)
		}
	}
}

// found returns the operation of the route that Echo has found, and all operations of its path by
// method.
func (f *mountedFake) found(c echo.Context) (op *Operation, ops map[string]*Operation) {
	hr := c.Request()
	if strings.Count(echo.GetPath(hr), "/") != strings.Count(c.Path(), "/") {
		return nil, nil // Echo lets the last parameter of a route match slashes
	}
	ops = f.byPath[c.Path()]
	if hr.Method == http.MethodHead {
		return ops[http.MethodGet], ops
	}
	return ops[hr.Method], ops
}

// escaped are the parameters of a path that is escaped. net/http has rejected invalid escapes.
type escaped struct{ echo.Context }

// Param returns a parameter, decoded.
func (e escaped) Param(name string) string {
	plain, _ := url.PathUnescape(e.Context.Param(name))
	return plain
}
