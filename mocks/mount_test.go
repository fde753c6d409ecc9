package mocks_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty"
)

func Example() {
	crm, err := twenty.New(twenty.WithCompanies(twenty.Company{Name: "Acme"}))
	if err != nil {
		panic(err)
	}
	defer crm.Close()
	approvals, err := kickflow.New()
	if err != nil {
		panic(err)
	}
	defer approvals.Close()

	e := echo.New()
	crm.Mount(e.Group("/crm"))
	e.Any("/approvals/*", echo.WrapHandler(http.StripPrefix("/approvals", approvals)))

	r := httptest.NewRequest("GET", "/approvals/v1/users?perPage=1", nil)
	r.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	next, _, _ := strings.Cut(w.Header().Get("Link"), ">")
	fmt.Println(w.Code, next)
	fmt.Println(e.Reverse("listRecords", "people"))
	// Output:
	// 200 <http://example.com/approvals/v1/users?page=2&perPage=1
	// /crm/rest/people
}

// mountings are the ways to put an App under a path of another application.
var mountings = map[string]func(e *echo.Echo, app *fake.App){
	"Mount": func(e *echo.Echo, app *fake.App) { app.Mount(e.Group("/below/here")) },
	"WrapHandler": func(e *echo.Echo, app *fake.App) {
		e.Any("/below/here/*", echo.WrapHandler(http.StripPrefix("/below/here", app)))
	},
	"parameter": func(e *echo.Echo, app *fake.App) { app.Mount(e.Group("/:tenant/:crm")) },
}

// TestMountedAppsAnswerAlike sends odd and ordinary requests to each fake at the root of an origin and under a
// path of another Echo application. The answers differ in the path alone.
func TestMountedAppsAnswerAlike(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		t.Run(def.Name, func(t *testing.T) {
			t.Parallel()
			alone, lines := newApp(t, def), mountedLines(def)
			credential := def.Known(alone.State)[0].Value
			answers := make([]string, len(lines))
			for n, line := range lines {
				if !race.Enabled || n%5 == 0 { // a separate step in CI sends all
					answers[n] = send(alone, "", line, credential)
				}
			}
			for name, mount := range mountings {
				e := echo.New()
				mount(e, newApp(t, def))
				for n, line := range lines {
					if answers[n] == "" || name == "WrapHandler" && rareMethod(line) == 1 {
						continue
					}
					want, got := answers[n], send(e, "/below/here", line, credential)
					if got = strings.ReplaceAll(got, "/below/here", ""); got != want {
						t.Errorf("%s: %s\n got %s\nwant %s", name, line, got, want)
					}
				}
			}
		})
	}
}

func newApp(t *testing.T, def *fake.Def) *fake.App {
	t.Helper()
	app, err := fake.NewApp(def)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(app.Close)
	app.Freeze(time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC))
	return app
}

// mountedLines are requests: every operation without parameters, and paths that are spelt oddly. Those with methods
// that are not among Echo's Any come last, because answers count the requests before them.
func mountedLines(def *fake.Def) (lines []string) {
	for _, op := range def.Spec.Operations() {
		path := strings.NewReplacer("{", "x%2F", "}", "").Replace(op.Path)
		lines = append(lines, op.Method+" "+path, "HEAD "+path, "OPTIONS "+path, "PROPFIND "+path)
		if op.Method == "GET" && path == op.Path {
			lines = append(lines, "GET /"+path, "GET "+path+"/", "GET "+strings.ToUpper(path), "DELETE "+path)
		}
	}
	lines = append(lines, "GET /", "GET /%2F", "GET /a//b", "GET /nothing", "TRACE /")
	slices.SortStableFunc(lines, func(a, b string) int { return cmp.Compare(rareMethod(a), rareMethod(b)) })
	return lines
}

// rareMethod returns 1 for a request with a method that is not among Echo's Any, else 0.
func rareMethod(line string) int {
	if strings.HasPrefix(line, "PROPFIND") || strings.HasPrefix(line, "TRACE") {
		return 1
	}
	return 0
}

// send sends a request below a prefix and returns the answer without the headers that depend on it.
func send(h http.Handler, prefix, line, credential string) string {
	method, path, _ := strings.Cut(line, " ")
	r := httptest.NewRequest(method, "http://vendor.example"+prefix+path, nil)
	r.Header.Set("Authorization", "Bearer "+credential)
	r.Header.Set("X-FlexCRM-API-KEY", credential)
	r.Header.Set("User-Agent", "test")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	w.Header().Del("Etag")
	w.Header().Del("Content-Length") // URLs in the answer are longer
	body, _ := io.ReadAll(w.Body)
	return fmt.Sprint(w.Code, " ", w.Header(), " ", string(body))
}

// TestRoutesAreOperations compares the routes of each application with the document.
func TestRoutesAreOperations(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		var got, want []string
		e := echo.New()
		newApp(t, def).Mount(e.Group("/x"))
		for _, route := range e.Routes() {
			if route.Method != http.MethodHead && route.Method != echo.RouteNotFound {
				got = append(got, route.Name+" "+route.Method+" "+route.Path)
			}
		}
		for _, op := range def.Spec.Operations() {
			want = append(want, op.ID+" "+op.Method+" /x"+strings.NewReplacer("{", ":", "}", "").Replace(op.Path))
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s: routes %q\nwant %q", def.Name, got, want)
		}
	}
}

// TestEchoServesItself serves the Echo of an App without the App around it.
func TestEchoServesItself(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		alone, own := newApp(t, def), newApp(t, def)
		credential := def.Known(alone.State)[0].Value
		for _, line := range mountedLines(def) {
			want, got := send(alone, "", line, credential), send(own.Echo(), "", line, credential)
			if got != want {
				t.Errorf("%s: %s\n got %s\nwant %s", def.Name, line, got, want)
			}
		}
	}
}

// TestMountedWorlds reads a link below the prefix of a world, in each way to mount.
func TestMountedWorlds(t *testing.T) {
	t.Parallel()
	for name, mount := range mountings {
		app := newApp(t, kickflow.Def())
		if _, err := app.Server.NewWorld("w", fake.Settings{LimitsOff: true}, app.World); err != nil {
			t.Fatal(err)
		}
		e := echo.New()
		mount(e, app)
		got := send(e, "/below/here/__world/w", "GET /v1/users?perPage=1", kickflow.AdminToken)
		if !strings.Contains(got, "<http://vendor.example/below/here/__world/w/v1/users?page=2&perPage=1>") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// TestMiddlewareOfTheUsers adds a middleware that answers a path itself, and one that notes the statuses of the others.
func TestMiddlewareOfTheUsers(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		app := newApp(t, def)
		var noted []int
		app.Echo().Use(func(next echo.HandlerFunc) echo.HandlerFunc {
			return func(c echo.Context) error {
				if c.Request().Header.Get("X-Stop") != "" {
					return c.JSON(http.StatusTeapot, map[string]string{"from": "the user"})
				}
				if err := next(c); err != nil {
					c.Error(err)
				}
				noted = append(noted, c.Response().Status)
				return nil
			}
		})
		sample, err := samples.Of(def.Name)
		if err != nil {
			t.Fatal(err)
		}
		known := def.Known(app.State)
		who := slices.IndexFunc(known, func(c fake.Credential) bool { return c.Principal == sample.Principal })
		header, credential, _ := strings.Cut(sample.CredentialHeader(known[who].Value), ": ")
		ask := func(method, path, body, stop string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			r.Header.Set(header, credential)
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("User-Agent", "test")
			r.Header.Set("X-Stop", stop)
			w := httptest.NewRecorder()
			app.ServeHTTP(w, r)
			return w
		}
		rows := len(dump(t, app)[sample.Table])
		if w := ask("POST", sample.Write, sample.BodyOf("one"), "now"); w.Code != http.StatusTeapot ||
			strings.TrimSpace(w.Body.String()) != `{"from":"the user"}` {
			t.Errorf("%s: the middleware's answer came as %d %s", def.Name, w.Code, w.Body)
		}
		if after := len(dump(t, app)[sample.Table]); after != rows {
			t.Errorf("%s: a request that a middleware answered left %d rows of %d", def.Name, after, rows)
		}
		if all, _ := app.Journal.Entries(); len(all) != 1 || all[0].Status != http.StatusTeapot {
			t.Errorf("%s: the journal has %d requests, the first with %d", def.Name, len(all), all[0].Status)
		}
		want := []int{ask("POST", sample.Write, sample.BodyOf("two"), "").Code, ask("GET", sample.Read, "", "").Code,
			ask("GET", sample.Read, "", "").Code}
		if !slices.Equal(noted, want) || want[0] >= 300 {
			t.Errorf("%s: a middleware noted the statuses %v of %v", def.Name, noted, want)
		}
	}
}

func dump(t *testing.T, app *fake.App) map[string][]json.RawMessage {
	t.Helper()
	rows, err := app.World.DumpFake(app.State.Fake())
	if err != nil {
		t.Fatal(err)
	}
	return rows
}
