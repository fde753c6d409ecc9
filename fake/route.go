package fake

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// mountedFake is a fake with the data that the Server derives from its document.
type mountedFake struct {
	def    *Def
	echo   *echo.Echo
	byPath map[string]map[string]*Operation // path in Echo's spelling → method → operation
}

// echoSpelling writes the parameters of a path as Echo does. The first use of a Replacer is most of its cost.
var echoSpelling = strings.NewReplacer("{", ":", "}", "")

// route registers the document's paths with Echo's router.
func route(def *Def) *mountedFake {
	f := &mountedFake{def: def, byPath: map[string]map[string]*Operation{}, echo: echo.New()}
	for _, op := range def.Spec.Operations() {
		path := echoSpelling.Replace(op.Path)
		if f.byPath[path] == nil {
			f.byPath[path] = map[string]*Operation{}
		}
		f.byPath[path][op.Method] = op
		f.echo.Router().Add(op.Method, path, func(echo.Context) error { return nil })
	}
	return f
}

// Router finds the operation of a request as a Server does, without serving it. It is safe for
// concurrent use.
type Router struct{ fake *mountedFake }

// NewRouter returns the Router of one fake.
func NewRouter(def *Def) *Router { return &Router{route(def)} }

// Operation returns the operation of a request, or nil. The request's path is relative to the
// fake's base URL; its host matters if the vendor's does. Operation does not change the request.
func (r *Router) Operation(hr *http.Request) *Operation {
	hr = strip(hr, hr.URL.EscapedPath())
	if r.fake.def.Rewrite != nil {
		r.fake.def.Rewrite(hr)
	}
	op, _, _ := r.fake.match(hr)
	return op
}

// find routes the request: it sets Op and the path parameters, or Allow.
func (f *mountedFake) find(r *Request) {
	op, ops, params := f.match(r.HTTP)
	if op != nil {
		r.Op, r.in.Path = op, params
		return
	}
	for _, m := range openapi.Methods {
		if m = strings.ToUpper(m); ops[m] != nil {
			r.allow = append(r.allow, m)
		}
	}
}

// match returns the operation of a request, all operations of its path by method, and the path's
// parameters.
func (f *mountedFake) match(hr *http.Request) (op *Operation, ops map[string]*Operation, params map[string]string) {
	method, path := strings.Replace(hr.Method, http.MethodHead, http.MethodGet, 1), echo.GetPath(hr)
	c := f.echo.AcquireContext()
	defer f.echo.ReleaseContext(c)
	c.Reset(hr, nil)
	f.echo.Router().Find(method, path, c)
	if strings.Count(path, "/") != strings.Count(c.Path(), "/") {
		return nil, nil, nil // Echo lets the last parameter of a route match slashes
	}
	params = make(map[string]string, len(c.ParamNames()))
	for i, name := range c.ParamNames() {
		value := c.ParamValues()[i]
		if hr.URL.RawPath != "" {
			value, _ = url.PathUnescape(value) // net/http has rejected invalid escapes
		}
		params[name] = value
	}
	ops = f.byPath[c.Path()]
	return ops[method], ops, params
}
