package flosum

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

var (
	hiddenToken = regexp.MustCompile(`name="token" value="([^"]+)"`)
	hiddenApp   = regexp.MustCompile(`name="client_id" value="([^"]+)"`)
	formAction  = regexp.MustCompile(`action="([^"]+)"`)
)

// shown is a consent page in a browser.
type shown struct {
	answer
	token, action, cookie, app string
}

func openPage(t *testing.T, srv *fake.TestServer, a ask) shown {
	t.Helper()
	a.as = "-"
	got := send(t, srv, a)
	check(t, got, 200, "")
	token, action, app := hiddenToken.FindStringSubmatch(got.body), formAction.FindStringSubmatch(got.body),
		hiddenApp.FindStringSubmatch(got.body)
	cookie, _, _ := strings.Cut(got.header.Get("Set-Cookie"), ";")
	if token == nil || action == nil || app == nil || cookie == "" {
		t.Fatalf("no form: %s", got.body)
	}
	return shown{got, token[1], html.UnescapeString(action[1]), cookie, html.UnescapeString(app[1])}
}

func (p shown) press(t *testing.T, srv *fake.TestServer, decision, user string, cookie string) answer {
	t.Helper()
	form := url.Values{"token": {p.token}, "client_id": {p.app}, "decision": {decision}, "user": {user}}
	return send(t, srv, ask{
		line:   "POST " + p.action,
		as:     "-",
		form:   true,
		body:   form.Encode(),
		header: map[string]string{"Cookie": cookie},
	})
}

func TestConsentPageApprovesForTheChosenUser(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	p := openPage(t, srv, ask{line: authorizeLine()})
	if strings.Contains(p.body, "Cleo") || strings.Contains(p.body, "花岡") ||
		!strings.Contains(p.body, "Akira Hoshino") {
		t.Errorf("the page offers the wrong users: %s", p.body)
	}
	got := p.press(t, srv, "approve", "2", p.cookie)
	u, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != 302 || !strings.HasPrefix(u.String(), portalBack+"?code=") ||
		u.Query().Get("state") != "xyz" {
		t.Fatalf("%d %s", got.status, u)
	}
	one := tokensOf(t, send(t, srv, tokenForm("code", u.Query().Get("code"))))
	if s := send(t, srv, ask{line: "GET /api/v1/connections/3", as: one.AccessToken}).status; s != 403 {
		t.Errorf("Ben's token got %d for a connection that is not his", s)
	}
	check(t, p.press(t, srv, "approve", "2", p.cookie), 400, "") // a form is valid once
}

func TestConsentPageRefuses(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	p := openPage(t, srv, ask{line: authorizeLine()})
	got := p.press(t, srv, "refuse", "", p.cookie)
	if to := got.header.Get("Location"); got.status != 302 || to != portalBack+"?error=access_denied&state=xyz" {
		t.Errorf("%d %s", got.status, to)
	}
}

func TestConsentFormIsAnsweredByItsBrowserOnly(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	srv.World.Freeze(noon)
	const again = "the consent form is unknown or too old, or comes from another browser; start again from the app"
	p := openPage(t, srv, ask{line: authorizeLine()})
	check(t, p.press(t, srv, "approve", "1", ""), 400, badRequest(again))
	check(t, p.press(t, srv, "approve", "1", consentCookie+"="+strings.Repeat("0", 40)), 400, badRequest(again))
	check(t, shown{token: "0", action: p.action}.press(t, srv, "approve", "1", p.cookie), 400, badRequest(again))
	check(t, p.press(t, srv, "approve", "4", p.cookie), 400, badRequest("user must be one of those offered"))
	check(t, p.press(t, srv, "maybe", "1", p.cookie), 400,
		badRequest("decision must be one of the following values: approve, refuse"))
	second := openPage(t, srv, ask{line: authorizeLine(), header: map[string]string{"Cookie": p.cookie}})
	if second.cookie != p.cookie || second.token == p.token {
		t.Error("two pages of one browser shall share the cookie and not the token")
	}
	check(t, p.press(t, srv, "approve", "1", p.cookie), 302, "")
	srv.World.Advance(11 * time.Minute)
	check(t, second.press(t, srv, "approve", "1", p.cookie), 400, badRequest(again))
}

func TestConsentIsCheckedAgainWhenAnswered(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	p := openPage(t, srv, ask{line: authorizeLine()})
	err := srv.State.Change(func() error {
		_, err := table.Update(fake.Of[api](srv.State).apps, portalID,
			func(a ConnectedApp) (ConnectedApp, error) { a.RedirectURIs = nil; return a, nil })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, p.press(t, srv, "approve", "1", p.cookie), 400,
		badRequest("redirect_uri is not allowed for this connected app"))
}

func TestConsentPageKeepsItsPrefix(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	if _, err := srv.Server.NewWorld("wörld", fake.Settings{}, srv.World); err != nil {
		t.Fatal(err)
	}
	line := strings.Replace(authorizeLine(), "GET ", "GET /__world/w%C3%B6rld", 1)
	p := openPage(t, srv, ask{line: line, header: map[string]string{"X-Forwarded-Prefix": "/proxy"}})
	if want := "/proxy/__world/w%C3%B6rld/__consent"; p.action != want ||
		!strings.Contains(p.header.Get("Set-Cookie"), "Path=/proxy/__world/w%C3%B6rld/;") {
		t.Errorf("action %q, cookie %q; want %s", p.action, p.header.Get("Set-Cookie"), want)
	}
	p.action = strings.TrimPrefix(p.action, "/proxy")
	got := p.press(t, srv, "approve", "1", p.cookie)
	check(t, got, 302, "")
	u, _ := url.Parse(got.header.Get("Location"))
	tokensOf(t, send(t, srv, tokenForm("code", u.Query().Get("code"))))
	check(t, p.press(t, srv, "approve", "1", p.cookie), 400, "")
	if s := send(t, srv, ask{line: "GET /api/v1/connections?page=1&limit=1"}); s.status != 200 {
		t.Errorf("the default world answers %d", s.status)
	}
}

func TestAppOfAWorldFindsItWithoutAPrefix(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	if _, err := srv.Server.NewWorld("other", fake.Settings{}, nil); err != nil {
		t.Fatal(err)
	}
	var app ConnectedApp
	send(t, srv, ask{
		line:   "POST /__connected-apps",
		as:     "-",
		body:   `{"name":"Theirs","redirectUris":["http://h/cb"]}`,
		header: map[string]string{"Mockserver-World": "other"},
	}).into(t, &app)
	p := openPage(t, srv, ask{line: authorizeLine("client_id", app.ClientID, "redirect_uri", "http://h/cb")})
	got := p.press(t, srv, "approve", "1", p.cookie)
	check(t, got, 302, "")
	u, _ := url.Parse(got.header.Get("Location"))
	one := tokensOf(t, send(t, srv, tokenForm("client_id", app.ClientID, "client_secret", app.ClientSecret,
		"redirect_uri", "http://h/cb", "code", u.Query().Get("code"))))
	if status(t, srv, one.AccessToken) != 200 {
		t.Error("the token does not find its world")
	}
	check(t, send(t, srv, tokenForm("client_id", app.ClientID, "client_secret", app.ClientSecret, "redirect_uri",
		"http://h/cb", "code", "none")), 400, badRequest("code is invalid"))
}

func TestConsentPageSpeaksEnglishAndJapanese(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	for header, want := range map[string]string{
		"": "en", "ja": "ja", "ja-JP,ja;q=0.9,en;q=0.8": "ja", "en-GB, ja;q=0.5": "en", "de-DE": "en",
		"fr;q=0.9, ja;q=0.8": "ja", "*": "en", ";;q=x": "en",
	} {
		p := openPage(t, srv, ask{line: authorizeLine(), header: map[string]string{"Accept-Language": header}})
		if p.header.Get("Content-Language") != want || !strings.Contains(p.body, `<html lang="`+want+`">`) ||
			strings.Contains(p.body, "承認する") != (want == "ja") {
			t.Errorf("Accept-Language %q: Content-Language %q", header, p.header.Get("Content-Language"))
		}
	}
}

func TestNothingOnThePageRuns(t *testing.T) {
	t.Parallel()
	evil := `"><script>alert(1)</script><img src=x onerror=alert(2)>`
	back := "http://h.example/cb?x='\"%3E%3Cscript%3Ealert(3)</script>"
	srv := NewServer(t, WithUsers(User{Email: evil, Name: evil}),
		WithConnectedApp(ConnectedApp{
			ClientID:     "evil\"'>",
			ClientSecret: "s",
			Name:         evil,
			RedirectURIs: []string{back, "my.app+x:done;y", "http://h;script-src:1/"},
		}))
	for uri, target := range map[string]string{back: " http://h.example;", "my.app+x:done;y": " my.app+x:;",
		"http://h;script-src:1/": " http:;"} {
		p := openPage(t, srv, ask{line: authorizeLine("client_id", "evil\"'>", "redirect_uri", uri, "state", evil)})
		if strings.Contains(p.body, "<script") || strings.Contains(p.body, "<img") || strings.Contains(p.body, `=x'"`) {
			t.Errorf("the page took markup over: %s", p.body)
		}
		policy := p.header.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'; style-src 'sha256-") ||
			strings.Contains(policy, "script-src") || !strings.Contains(policy, "form-action 'self'"+target) {
			t.Errorf("%s: policy %s", uri, policy)
		}
		got := p.press(t, srv, "refuse", "", p.cookie)
		if to := got.header.Get("Location"); !strings.HasPrefix(to, strings.SplitN(uri, "\"", 2)[0]) ||
			strings.ContainsAny(strings.TrimPrefix(to, uri), "<>\"' ") {
			t.Errorf("Location %s", to)
		}
	}
}

func TestConsentPageMayNotBeFramedOrKept(t *testing.T) {
	t.Parallel()
	p := openPage(t, NewServer(t), ask{line: authorizeLine()})
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Frame-Options": "DENY",
		"X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8"} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if cookie, err := http.ParseSetCookie(p.header.Get("Set-Cookie")); err != nil || !cookie.HttpOnly ||
		cookie.SameSite != http.SameSiteLaxMode {
		t.Errorf("cookie %v, %v", cookie, err)
	}
}
