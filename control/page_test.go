package control_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/samples"
)

const browser = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"

// TestEveryScreenShowsEveryFake writes to each fake and reads each screen in both languages.
func TestEveryScreenShowsEveryFake(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	w := g.world("POST /__admin/worlds", `{"name":"w"}`)
	for _, m := range members {
		m.put(g, w.of(t, m.fake, m.principal).Value, "mark-"+m.fake)
	}
	screens := map[string][]string{
		"/requests":                          {"mark"},
		"/rows":                              {"kickflow", "record:company", "Search"},
		"/rows?q=mark-twenty":                {"record:company"},
		"/worlds":                            {"default", "Fork"},
		"/worlds/w":                          {"KICKFLOW_API_BASE_URL", "recorder"},
		"/diff?with=default":                 {"mark-twenty", "mark-kickflow", "mark-flexcrm", "mark-flosum"},
		"/clock":                             {"1 day", "Due"},
		"/faults":                            {"maintenance", "truncate"},
		"/deliveries":                        {"Waiting"},
		"/stories":                           {"closed-won", "approval-denied", "Step by step"},
		"/stories/backup-fails":              {"break-the-backup", "Next step"},
		"/fidelity":                          {"You rest on 1 inferred operations", "/v1/users"},
		"/fidelity?used=true":                {"createCategory"},
		"/try":                               {"kickflow"},
		"/rows/twenty/record:company?q=mark": {"mark-twenty"},
	}
	delete(screens, "/requests")
	for _, m := range members {
		id := g.last("w", m.fake)
		screens["/requests?fake="+m.fake] = []string{m.fake, strings.Fields(m.write)[0]}
		screens["/requests/"+id] = []string{"Rows before and after", "mark-" + m.fake, "curl -X", "func TestRequest"}
		screens["/try?fake="+m.fake] = []string{"Operation"}
		rows, _ := g.changed("w", id, "")
		table, row, _ := strings.Cut(rows[0], " ")
		screens["/rows/"+m.fake+"/"+table] = []string{row}
		screens["/rows/"+m.fake+"/"+table+"/"+url.PathEscape(row)] = []string{"request " + id}
	}
	for path, parts := range screens {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		for _, lang := range []string{"en", "ja"} {
			status, text := g.ask("GET /__admin/ui"+path+sep+"world=w&lang="+lang, "", browser)
			if status != 200 || strings.Contains(text, "no value") || strings.Contains(text, "ZgotmplZ") ||
				!strings.Contains(text, `<html lang="`+lang+`">`) {
				t.Errorf("%s in %s: %d %s", path, lang, status, text)
			}
			for _, part := range parts {
				if lang == "en" && !strings.Contains(text, part) {
					t.Errorf("%s lacks %q", path, part)
				}
			}
		}
	}
}

// do sends a form of the page and returns where it leads.
func (g *rig) do(path string, form url.Values) string {
	g.t.Helper()
	res := g.send("POST /__admin/ui"+path, form.Encode(), formType)
	to, err := url.Parse(res.header.Get("Location"))
	if res.status != http.StatusSeeOther || err != nil || to.Query().Get("error") != "" {
		g.t.Fatalf("%s %v answered %d %s %s", path, form, res.status, res.header.Get("Location"), res.body)
	}
	return to.Path
}

// TestThePageActs sends the forms of the screens.
func TestThePageActs(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	form := func(pairs ...string) url.Values {
		f := url.Values{"world": {"p"}}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	if to := g.do("/do/make", form("name", "p", "seed.kickflow", "empty")); to != "/__admin/ui/worlds/p" {
		t.Errorf("a new world leads to %s", to)
	}
	g.do("/do/freeze", form("time", "2026-04-01T09:00:00Z"))
	g.do("/do/advance", form("by", "24h"))
	if now := g.must("GET /__admin/worlds/p/clock", "")["now"]; now != "2026-04-02T09:00:00Z" {
		t.Errorf("the clock shows %v", now)
	}
	g.do("/do/fault", form("fake", "kickflow", "status", "503", "nth", "2"))
	rules := g.must("GET /__admin/worlds/p/faults", "")["faults"].([]any)
	if len(rules) != 1 || rules[0].(map[string]any)["nth"] != 2.0 {
		t.Errorf("rules: %v", rules)
	}
	g.do("/do/unfaults", form())
	to := g.do("/try", form("fake", "kickflow", "operation", "createCategory", "credential",
		"kickflow-admin-token", "media", "application/json", "body", `{"name":"Tried"}`))
	one := g.must("GET /__admin/worlds/p/requests/lines", "")["lines"].([]any)[0].(map[string]any)
	if one["status"] != 200.0 || to != "/__admin/ui/requests/"+one["id"].(string) {
		t.Errorf("trying leads to %s of %v", to, one)
	}
	g.do("/do/send", form("id", one["id"].(string)))
	g.do("/do/fork", form("fork", "p", "before", one["id"].(string), "name", "q"))
	g.do("/do/rewind", form("before", one["id"].(string)))
	if rows := g.must("GET /__admin/worlds/p/rows?fake=kickflow&table=categories&q=Tried", ""); rows["total"] != 0.0 {
		t.Errorf("after a rewind: %v", rows)
	}
	g.do("/do/drop", form("id", "q"))
	if status, _ := g.ask("GET /__admin/worlds/q", ""); status != 404 {
		t.Errorf("a dropped world answers %d", status)
	}
	status, text := g.ask("POST /__admin/ui/oauth", form("fake", "flosum", "redirect",
		"http://localhost:3000/callback", "client", clientOf(g)).Encode(), formType)
	if status != 200 || !strings.Contains(text, "access_token") {
		t.Errorf("the OAuth walk: %d %s", status, text)
	}
	for _, back := range []string{"https://evil.example/", "//evil.example/__admin/ui", "/kickflow"} {
		f := form("time", "2026-04-01")
		f.Set("back", back)
		if to := g.do("/do/set", f); to != "/__admin/ui/requests" {
			t.Errorf("back to %s leads to %s", back, to)
		}
	}
}

// clientOf returns id and secret of an OAuth client of Flosum in the world p.
func clientOf(g *rig) string {
	for _, c := range g.world("PUT /__admin/worlds/p", "").Credentials["flosum"] {
		if c.Secret != "" {
			return c.Value + " " + c.Secret
		}
	}
	g.t.Fatal("no client")
	return ""
}

var scriptTag = regexp.MustCompile(`(?i)<script(?:[^>]*)>`)

// TestNothingHostileIsMarkup sends markup in every place of a request, and looks for it on the screens.
func TestNothingHostileIsMarkup(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	w := g.world("POST /__admin/worlds", `{"name":"w"}`)
	for _, m := range members {
		body := quoted(evil)
		headers := []string{m.header(w.of(t, m.fake, m.principal).Value), "User-Agent: " + evil, "X-Evil: " + evil}
		g.ask(m.write, fmt.Sprintf(samples.Fresh(m.body), body), headers...)
		g.ask("GET /"+m.fake+"/"+url.PathEscape(evil)+"?"+url.QueryEscape(evil), "", headers...)
		for _, path := range []string{"/requests?q=" + url.QueryEscape(evil), "/requests", "/requests/" +
			g.last("w", m.fake), "/rows?q=" + url.QueryEscape(evil), "/diff?with=" + url.QueryEscape(evil),
			"/try?fake=" + url.QueryEscape(evil)} {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			note := url.QueryEscape(evil)
			res := g.send("GET /__admin/ui"+path+sep+"world=w&note="+note+"&error="+note, "", browser)
			if scripts := scriptTag.FindAllString(res.body, -1); len(scripts) != 1 ||
				strings.Contains(res.body, "<img") {
				t.Errorf("%s has %v", path, scripts)
			}
			if csp := res.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
				strings.Contains(csp, "unsafe") {
				t.Errorf("%s: the policy is %q", path, csp)
			}
		}
	}
}

// quoted is a text within a JSON string.
func quoted(text string) string {
	text = fmt.Sprintf("%q", text)
	return text[1 : len(text)-1]
}

// TestTheRootIsThePageForBrowsersOnly at the edge; the fakes' own hosts and other clients see no difference.
func TestTheRootIsThePageForBrowsersOnly(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	if status, text := g.ask("GET /", "", browser); status != 200 || !strings.HasPrefix(text, "<!DOCTYPE html>") {
		t.Errorf("a browser gets %d %s", status, text)
	}
	if status, text := g.ask("GET /", "", "Accept: */*"); status != 404 ||
		!strings.Contains(text, "no fake has this path") {
		t.Errorf("another client gets %d %s", status, text)
	}
	if _, text := g.ask("GET /", "", browser, "Host: api.kickflow.com"); strings.Contains(text,
		"<!DOCTYPE html>\n<html lang") {
		t.Errorf("at the vendor's host: %s", text)
	}
	if status, _ := g.ask("GET /", "", browser, "Host: evil.example"); status != 403 {
		t.Errorf("at a foreign host: %d", status)
	}
	if status, _ := g.ask("POST /__admin/ui/do/reset", "world=default", formType,
		"Origin: https://evil.example"); status != 403 {
		t.Errorf("from a foreign page: %d", status)
	}
}

// TestTheTokenGuardsThePage: the link of the start counts once, the form takes the token, and the cookie opens the
// control plane to pages of its own origin.
func TestTheTokenGuardsThePage(t *testing.T) {
	t.Parallel()
	srv, err := fake.New(fake.Config{}, toy("alpha"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	plane := control.New(srv, control.Options{Token: "t0k3n"})
	g := &rig{t, srv, fake.Serve(t, plane.Wrap(srv.Edge(), ""))}
	if res := g.send("GET /__admin/ui", "", browser); res.status != 401 ||
		!strings.Contains(res.body, `type="password"`) || strings.Contains(res.body, "alpha") {
		t.Errorf("without a token: %d %s", res.status, res.body)
	}
	if res := g.send("GET /__admin/ui/static/style.css", ""); res.status != 200 {
		t.Errorf("the style: %d", res.status)
	}
	link := strings.TrimPrefix(plane.PageURL(""), "")
	first := g.send("GET "+link, "", browser)
	cookie := "Cookie: " + strings.SplitN(first.header.Get("Set-Cookie"), ";", 2)[0]
	if first.status != 303 || !strings.Contains(first.header.Get("Set-Cookie"), "HttpOnly; SameSite=Strict") {
		t.Errorf("the link: %d %v", first.status, first.header)
	}
	if again := g.send("GET "+link, "", browser); again.status != 401 {
		t.Errorf("the link a second time: %d", again.status)
	}
	for _, row := range []struct {
		what, body string
		headers    []string
		want       int
	}{
		{"GET /__admin/ui/requests", "", []string{cookie, browser}, 200},
		{"GET /__admin/worlds", "", []string{cookie}, 200},
		{"GET /__admin/worlds", "", []string{cookie, "Origin: https://evil.example"}, 403},
		{"GET /__admin/worlds", "", []string{"Cookie: mockserver-session=guess"}, 401},
		{"POST /__admin/ui/do/reset", "", []string{formType}, 401},
		{"POST /__admin/ui/signin", "token=wrong", []string{formType}, 401},
		{"POST /__admin/ui/signin", "token=t0k3n", []string{formType, "Origin: https://evil.example"}, 403},
		{"POST /__admin/ui/signin", "token=t0k3n", []string{formType}, 303},
	} {
		if res := g.send(row.what, row.body, row.headers...); res.status != row.want {
			t.Errorf("%s with %v answered %d %s, want %d", row.what, row.headers, res.status, res.body, row.want)
		}
	}
}

// TestABrowserSignsInOnceForAllNodes: nodes with the same token take each other's cookie.
func TestABrowserSignsInOnceForAllNodes(t *testing.T) {
	t.Parallel()
	node := start(t, control.Options{Token: "t0k3n"})
	res := node.send("POST /__admin/ui/signin", "token=t0k3n", formType)
	cookie := "Cookie: " + strings.SplitN(res.header.Get("Set-Cookie"), ";", 2)[0]
	for token, want := range map[string]int{"t0k3n": 200, "0ther": 401} {
		other := start(t, control.Options{Token: token})
		if status, _ := other.ask("GET /__admin/worlds", "", cookie); status != want {
			t.Errorf("a node with the token %s answered %d, want %d", token, status, want)
		}
	}
	open := start(t, control.Options{}) // and none is made of no token
	if set := open.send("POST /__admin/ui/signin", "token=", formType).header.Get("Set-Cookie"); set != "" {
		t.Errorf("a node without a token set the cookie %q", set)
	}
}
