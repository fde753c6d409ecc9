package ui

import (
	"net/http"
	"net/url"
	"strings"
)

// action is what a form of the page can have the control plane do. Then is where the browser goes, "" for back.
type action struct {
	method string
	path   func(f url.Values) string
	body   func(f url.Values) data
	then   func(f url.Values, answer data) string
}

func to(path string) func(url.Values) string { return func(url.Values) string { return path } }

func withID(before, after string) func(url.Values) string {
	return func(f url.Values) string { return before + url.PathEscape(f.Get("id")) + after }
}

// fields makes a body of the fields that are filled in.
func fields(names ...string) func(url.Values) data {
	return func(f url.Values) data {
		body := data{}
		for _, name := range names {
			if value := f.Get(name); value != "" {
				body[name] = value
			}
		}
		return body
	}
}

func toWorld(f url.Values, answer data) string {
	return Prefix + "/worlds/" + url.PathEscape(answer.text("name"))
}

// storyBody is the order for a story in the world that a form names. From the beginning, the world is reset.
func storyBody(f url.Values) data {
	return data{"world": f.Get("in"), "reset": f.Get("reset") == "true"}
}

func toStory(f url.Values, answer data) string {
	return Prefix + "/stories/" + url.PathEscape(f.Get("id")) + "?world=" + url.QueryEscape(answer.text("world"))
}

var actions = map[string]action{
	"send": {"POST", withID("/requests/", "/send"), nil, func(f url.Values, answer data) string {
		return Prefix + "/requests/" + url.PathEscape(answer.text("id")) + "?world=" + url.QueryEscape(f.Get("world"))
	}},
	"rewind": {"POST", to("/rewind"), fields("before", "entry"), func(f url.Values, _ data) string {
		return Prefix + "/requests?world=" + url.QueryEscape(f.Get("world"))
	}},
	"fork":      {"POST", to("/worlds"), fields("name", "fork", "before"), toWorld},
	"make":      {"POST", to("/worlds"), makeBody, toWorld},
	"drop":      {"DELETE", withID("/worlds/", ""), nil, func(url.Values, data) string { return Prefix + "/worlds" }},
	"reset":     {"POST", to("/reset"), nil, nil},
	"clear":     {"DELETE", to("/requests"), nil, nil},
	"freeze":    {"POST", to("/clock/freeze"), fields("time"), nil},
	"thaw":      {"POST", to("/clock/thaw"), nil, nil},
	"set":       {"POST", to("/clock/set"), fields("time"), nil},
	"advance":   {"POST", to("/clock/advance"), fields("by"), nil},
	"fault":     {"POST", to("/faults"), faultBody, nil},
	"unfault":   {"DELETE", withID("/faults/", ""), nil, nil},
	"unfaults":  {"DELETE", to("/faults"), nil, nil},
	"start":     {"POST", withID("/stories/", "/start"), storyBody, toStory},
	"step":      {"POST", withID("/stories/", "/step"), storyBody, toStory},
	"play":      {"POST", withID("/stories/", "/play"), storyBody, toStory},
	"redeliver": {"POST", withID("/deliveries/", "/redeliver"), nil, nil},
	"probe":     {"POST", to("/audit/probe"), nil, nil},
	"limits": {"PUT", to("/settings"),
		func(f url.Values) data { return data{"limitsOff": f.Get("off") == "true"} }, nil},
}

// makeBody is the order for a new world: of each fake the seed that was chosen.
func makeBody(f url.Values) data {
	body, seeds := fields("name")(f), data{}
	for name, values := range f {
		if fake, ok := strings.CutPrefix(name, "seed."); ok && values[0] != "" {
			seeds[fake] = values[0]
		}
	}
	if len(seeds) > 0 {
		body["seed"] = seeds
	}
	return body
}

// faultBody is the order for a rule.
func faultBody(f url.Values) data {
	body := fields("fake", "operation", "method", "pathPrefix")(f)
	fault := fields("name", "delay", "body", "break")(f)
	for to, names := range map[string][]string{"rule": {"nth", "times", "probability"}, "fault": {"status"}} {
		for _, name := range names {
			value := f.Get(name)
			if value == "" {
				continue
			}
			if to == "rule" {
				body[name] = number(value)
			} else {
				fault[name] = number(value)
			}
		}
	}
	body["fault"] = fault
	return body
}

// act does what a form says, and sends the browser on.
func (u *UI) act(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		u.fail(w, r, err)
		return
	}
	name := r.PathValue("action")
	if name == "language" {
		http.SetCookie(w, &http.Cookie{Name: "mockserver-lang", Value: r.PostForm.Get("lang"), Path: "/",
			HttpOnly: true, SameSite: http.SameSiteStrictMode, MaxAge: 365 * 24 * 3600})
		leave(w, r, back(r), "", "")
		return
	}
	a, ok := actions[name]
	if !ok {
		u.fail(w, r, &apiError{http.StatusNotFound, "there is no action " + name})
		return
	}
	c := &request{u, r, worldOf(r)}
	var body any
	if a.body != nil {
		body = a.body(r.PostForm)
	}
	answer, err := c.api(a.method, a.path(r.PostForm), body)
	switch {
	case err != nil:
		leave(w, r, back(r), "", err.Error())
	case a.then != nil:
		leave(w, r, a.then(r.PostForm, answer), "done", "")
	default:
		leave(w, r, back(r), "done", "")
	}
}

// back is where the form was: a page of the UI, or the first one.
func back(r *http.Request) string {
	target := r.PostForm.Get("back")
	if u, err := url.Parse(target); err != nil || u.Host != "" || u.Scheme != "" || !strings.HasPrefix(u.Path, Prefix) {
		return Prefix + "/requests"
	}
	return target
}

// leave sends the browser to a page of the UI with a message.
func leave(w http.ResponseWriter, r *http.Request, target, note, problem string) {
	u, err := url.Parse(target)
	if err != nil {
		u = &url.URL{Path: Prefix + "/requests"}
	}
	query := u.Query()
	query.Del("note")
	query.Del("error")
	if note != "" {
		query.Set("note", note)
	}
	if problem != "" {
		query.Set("error", problem)
	}
	u.RawQuery = query.Encode()
	http.Redirect(w, r, u.RequestURI(), http.StatusSeeOther)
}
