// Package ui is the page of the control plane: what happens in the worlds of a server, for people with a browser.
//
//	page := ui.New(handler)
//	http.Handle("/__admin/ui/", page)
//
// It knows nothing that the control plane does not tell over HTTP: handler answers its requests in process, those to
// /__admin and those to the fakes. Pages are made on the server with html/template, so that everything a client sent is
// escaped; one script of our own reads the page again when the stream of events says that something changed. Without
// scripts everything works but that. The page is in English and Japanese.
//
// Who may see it is the business of the control plane that mounts it.
package ui

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Prefix is the path under which the page is.
const Prefix = "/__admin/ui"

//go:embed templates static
var files embed.FS

// policy allows the page its own script and style and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// UI answers for the page.
type UI struct {
	handler http.Handler
	mux     *http.ServeMux
}

// New returns the page of the server that handler answers for. handler is called without a credential, so it
// must not check who asks.
func New(handler http.Handler) *UI {
	u := &UI{handler: handler, mux: http.NewServeMux()}
	static := http.FileServerFS(files)
	u.mux.Handle("GET "+Prefix+"/static/", http.StripPrefix(Prefix, static))
	for _, s := range screens {
		u.mux.HandleFunc("GET "+Prefix+s.path, func(w http.ResponseWriter, r *http.Request) { u.show(w, r, s) })
	}
	u.mux.HandleFunc("POST "+Prefix+"/do/{action}", u.act)
	u.mux.HandleFunc("POST "+Prefix+"/try", u.send)
	u.mux.HandleFunc("POST "+Prefix+"/oauth", u.oauth)
	u.mux.HandleFunc("GET "+Prefix+"/{$}", func(w http.ResponseWriter, r *http.Request) { u.show(w, r, screens[0]) })
	u.mux.HandleFunc("GET "+Prefix, func(w http.ResponseWriter, r *http.Request) { u.show(w, r, screens[0]) })
	u.mux.HandleFunc(Prefix+"/", func(w http.ResponseWriter, r *http.Request) {
		u.fail(w, r, &apiError{http.StatusNotFound, "there is no such page"})
	})
	return u
}

// ServeHTTP answers with a page, or does what a form says.
func (u *UI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	Guard(w)
	u.mux.ServeHTTP(w, r)
}

// Guard sets the headers that keep a page from running what is not its own.
func Guard(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// Home answers with the first screen, for a browser at the root of the server.
func (u *UI) Home(w http.ResponseWriter, r *http.Request) {
	Guard(w)
	u.show(w, r, screens[0])
}

// SignIn answers with the form that asks for the token of the control plane.
func (u *UI) SignIn(w http.ResponseWriter, r *http.Request, detail string) {
	Guard(w)
	u.render(w, r, http.StatusUnauthorized, "signin", data{"detail": detail})
}

// data is what a template gets.
type data map[string]any

// page is what every template gets.
type page struct {
	Screen string
	Lang   string
	World  string
	Worlds []string
	Here   string // path and query, to come back to
	Note   string
	Error  string
	Live   string // the events that change the page, as a query of the stream
	Nav    []screen
	D      data
}

func (u *UI) show(w http.ResponseWriter, r *http.Request, s screen) {
	c := &request{u, r, worldOf(r)}
	d, err := s.load(c)
	if err != nil {
		u.fail(w, r, err)
		return
	}
	u.render(w, r, http.StatusOK, s.name, d)
}

func (u *UI) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := http.StatusBadRequest
	if e, ok := err.(*apiError); ok {
		status = e.status
	}
	u.render(w, r, status, "problem", data{"detail": err.Error()})
}

func (u *UI) render(w http.ResponseWriter, r *http.Request, status int, name string, d data) {
	p := page{Screen: name, Lang: languageOf(r), World: worldOf(r), Here: r.URL.RequestURI(),
		Note: r.FormValue("note"), Error: r.FormValue("error"), D: d}
	if name != "signin" {
		p.Nav = navigation()
		p.Worlds = (&request{u, r, p.World}).worldNames()
	}
	for _, s := range screens {
		if s.name == name && s.live != "" {
			p.Live = Prefix[:len("/__admin")] + "/events?" + s.live + "&world=" + url.QueryEscape(p.World)
		}
	}
	var out bytes.Buffer
	if err := templates()[p.Lang+" "+name].ExecuteTemplate(&out, "page", p); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(out.Bytes())
}

// languageOf returns ja for a browser that asks for Japanese first, or with lang=ja; else en.
func languageOf(r *http.Request) string {
	for _, from := range []string{r.FormValue("lang"), cookie(r, "mockserver-lang"), r.Header.Get("Accept-Language")} {
		if from = strings.ToLower(from); from != "" {
			if strings.HasPrefix(from, "ja") {
				return "ja"
			}
			return "en"
		}
	}
	return "en"
}

func cookie(r *http.Request, name string) string {
	if c, err := r.Cookie(name); err == nil {
		return c.Value
	}
	return ""
}

func worldOf(r *http.Request) string {
	if name := r.FormValue("world"); name != "" {
		return name
	}
	return "default"
}

// apiError is an answer of the control plane that is no success.
type apiError struct {
	status int
	detail string
}

func (e *apiError) Error() string { return e.detail }

// request is one request to the page, with the world that it is about.
type request struct {
	ui    *UI
	r     *http.Request
	world string
}

// recorded is an answer that was given in process.
type recorded struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (w *recorded) Header() http.Header { return w.header }

func (w *recorded) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorded) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// ask sends a request to the server itself, in process, about the world of the page.
func (c *request) ask(method, target string, header http.Header, body []byte) (*recorded, error) {
	req, err := http.NewRequestWithContext(c.r.Context(), method, "http://"+c.r.Host+target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Mockserver-World", c.world)
	req.RemoteAddr, req.RequestURI = c.r.RemoteAddr, req.URL.RequestURI()
	out := &recorded{header: http.Header{}}
	c.ui.handler.ServeHTTP(out, req)
	return out, nil
}

// api calls the control plane and decodes its answer.
func (c *request) api(method, path string, body any) (data, error) {
	var text []byte
	header := http.Header{}
	if body != nil {
		text, _ = json.Marshal(body) // plain data
		header.Set("Content-Type", "application/json")
	}
	out, err := c.ask(method, "/__admin"+path, header, text)
	if err != nil {
		return nil, err
	}
	var d data
	decoder := json.NewDecoder(&out.body)
	decoder.UseNumber()
	if out.body.Len() > 0 {
		if err := decoder.Decode(&d); err != nil {
			return nil, fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	if out.status >= 400 {
		return nil, &apiError{out.status, problemOf(d)}
	}
	return d, nil
}

// problemOf returns what an answer that is no success says: as a problem, or as WireMock does.
func problemOf(d data) string {
	if text := d.text("detail"); text != "" {
		return text
	}
	for _, one := range d.list("errors") {
		return strings.TrimSpace(one.text("title") + " " + one.text("detail"))
	}
	return "the server did not say why"
}

func (c *request) get(path string) (data, error) { return c.api(http.MethodGet, path, nil) }

// text is get for an answer that is no JSON; a failure is shown in its place.
func (c *request) text(path string) string {
	out, err := c.ask(http.MethodGet, "/__admin"+path, nil, nil)
	if err != nil {
		return err.Error()
	}
	return out.body.String()
}

func (c *request) worldNames() (names []string) {
	d, err := c.get("/worlds?names=true")
	if err != nil {
		return []string{c.world}
	}
	for _, w := range d.list("worlds") {
		names = append(names, w.text("name"))
	}
	return names
}

// list returns a list of objects under a key.
func (d data) list(key string) (all []data) {
	items, _ := d[key].([]any)
	for _, item := range items {
		if object, ok := item.(map[string]any); ok {
			all = append(all, object)
		}
	}
	return all
}

func (d data) text(key string) string {
	if d[key] == nil {
		return ""
	}
	return fmt.Sprint(d[key])
}
