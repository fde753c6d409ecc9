package fake

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/unfriendly"
)

// App is one fake with its rows, as an Echo application. It is an http.Handler for the root of an
// origin or, behind http.StripPrefix, for a path, and Mount adds it to a group of another Echo
// application. URLs in its answers have the origin and path that the client used. It has the methods
// of its world, as a [TestServer] has; Close stops its webhooks.
type App struct {
	*World
	Server *Server
	State  *State

	fake *mountedFake
}

// NewApp makes an App. Rate limits are off unless WithLimits is given, and an internal error of the
// fake is an answer with status 500.
func NewApp(def *Def, opts ...Option) (*App, error) { return newApp(def, nil, opts) }

// newApp makes an App that checks its answers and reports its bugs, if bug is not nil.
func newApp(def *Def, bug func(error), opts []Option) (*App, error) {
	c := setup{seed: "default"}
	c.options = Config{Settings: Settings{LimitsOff: true, Features: map[string]bool{}}, CheckAnswers: bug != nil,
		Bug: bug}
	for _, opt := range opts {
		opt(&c)
	}
	settings := &c.options.Settings
	settings.Unfriendly = cmp.Or(os.Getenv("MOCKSERVER_UNFRIENDLY"), settings.Unfriendly)
	if _, err := unfriendly.Parse(settings.Unfriendly); err != nil {
		return nil, err
	}
	for name := range settings.Features {
		if !slices.ContainsFunc(def.Flags, func(f Flag) bool { return f.Name == name && !f.Text }) {
			return nil, fmt.Errorf("%s has no feature %q", def.Name, name)
		}
	}
	settings.Seeds = map[string]string{def.Name: c.seed}
	srv, err := New(c.options, def)
	if err != nil {
		return nil, err
	}
	a := &App{Server: srv, fake: srv.fakes[def.Name]}
	a.World, _ = srv.World("default")
	a.State, err = a.World.State(def.Name)
	for _, add := range c.rows {
		if err == nil {
			err = a.State.Change(func() error { return add(a.State) })
		}
	}
	return a, err
}

// Echo returns the application itself. Each operation is a route with the operationId as its name,
// a GET a second one for HEAD. A middleware that is added runs after the fake's own, in the request's
// transaction, before the handler of the operation, and may answer itself. A route that is added is not served: an
// application of your own, with the fake mounted, has room for it.
func (a *App) Echo() *echo.Echo { return a.fake.echo }

// Close ends the jobs and webhooks of the App.
func (a *App) Close() { a.Server.Close() }

// ServeHTTP implements http.Handler.
func (a *App) ServeHTTP(w http.ResponseWriter, hr *http.Request) {
	path := hr.URL.EscapedPath()
	sent, _, _ := strings.Cut(hr.RequestURI, "?")
	if _, after, ok := strings.Cut(sent, "://"); ok { // the form that proxies get
		sent = strings.TrimLeftFunc(after, func(c rune) bool { return c != '/' })
	}
	prefix, _ := strings.CutSuffix(sent, path) // what http.StripPrefix has removed
	if prefix == sent || !strings.HasPrefix(prefix, "/") {
		prefix = ""
	}
	a.serve(w, hr, prefix, path)
}

// serve serves a request whose path below the fake's root is path, and precedes that with prefix.
func (a *App) serve(w http.ResponseWriter, hr *http.Request, prefix, path string) {
	at := entranceOf(path)
	at.prefix = prefix + at.prefix
	a.fake.serve(w, hr, at)
}

// Mount adds the fake to a group of another Echo application, with a route for each operation under
// its operationId. All other paths of the group are the fake's, too: it answers them as the vendor
// does.
func (a *App) Mount(g *echo.Group) {
	depth := 0 // of the group's prefix, in slashes
	serve := func(c echo.Context) error {
		path, end := c.Request().URL.EscapedPath(), 0
		for range depth {
			if next := strings.IndexByte(path[end+1:], '/'); next >= 0 {
				end += 1 + next
			} else {
				end = len(path)
			}
		}
		a.serve(c.Response(), c.Request(), path[:end], cmp.Or(path[end:], "/"))
		return nil
	}
	depth = strings.Count(g.RouteNotFound("/*", serve).Path, "/") - 1
	g.RouteNotFound("", serve)
	for _, route := range a.fake.echo.Routes() {
		g.Add(route.Method, route.Path, serve).Name = route.Name
	}
}
