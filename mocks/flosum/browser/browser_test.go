// Package browser_test drives the consent page in a real Chromium. It is a separate package because
// the browser protocol takes longer to compile than everything else in this module.
package browser_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flosum"
)

// newBrowser starts a real Chromium. Without one the test is skipped; on a build server it fails.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("there is no chromium on this machine, and a build server must have one")
		}
		t.Skip("there is no chromium on this machine (Debian: apt-get install chromium)")
	}
	temporary, err := os.MkdirTemp("", "") // not t.TempDir, which is too long for the browser's socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temporary) })
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path),
		chromedp.Env("TMPDIR="+temporary),
		chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox,
		chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(3*time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting %s: %v", path, err)
	}
	return ctx
}

// newTab opens a tab with a browser language. The tab closes when the test ends.
func newTab(t *testing.T, browser context.Context, language string) context.Context {
	t.Helper()
	tab, cancel := chromedp.NewContext(browser, chromedp.WithListener(func(event any) {
		if dialog, ok := event.(*page.EventJavascriptDialogOpening); ok {
			t.Errorf("a script ran and said %q", dialog.Message)
		}
	}))
	t.Cleanup(cancel)
	do(t, tab)
	tab, cancel = context.WithTimeout(tab, 3*time.Minute)
	t.Cleanup(cancel)
	if _, err := chromedp.Call(tab, emulation.SetUserAgentOverride,
		emulation.SetUserAgentOverrideParams{UserAgent: "mockserver-test", AcceptLanguage: language}); err != nil {
		t.Fatal(err)
	}
	return tab
}

func do(t *testing.T, tab context.Context, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(tab, actions...); err != nil {
		t.Fatal(err)
	}
}

// read evaluates an expression in the page.
func read[T any](t *testing.T, tab context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(tab, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return value
}

const (
	approveButton = chromedp.CSS(`button[value=approve]`)
	refuseButton  = chromedp.CSS(`button[value=refuse]`)
	backInTheApp  = chromedp.CSS(`#back`)
)

// newApp starts the client app; called receives the queries of its callback.
func newApp(t *testing.T) (callback string, called <-chan url.Values) {
	t.Helper()
	calls := make(chan url.Values, 10)
	app := fake.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/callback" {
			calls <- r.URL.Query()
		}
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte(`<p id="back">back in the app</p>`))
	}))
	return app + "/callback", calls
}

// asking returns the URL to which an app sends its user for consent.
func asking(srv *fake.TestServer, client, back, state string) string {
	return srv.URL + "/api/v1/oauth/authorize?" +
		url.Values{"response_type": {"code"}, "client_id": {client}, "redirect_uri": {back}, "state": {state}}.Encode()
}

// redeemed exchanges a code for an access token.
func redeemed(t *testing.T, srv *fake.TestServer, back, code string) string {
	t.Helper()
	res, err := http.PostForm(srv.URL+"/api/v1/oauth/token", url.Values{
		"grant_type": {"authorization_code"}, "client_id": {"app"}, "client_secret": {"s"}, "redirect_uri": {back},
		"code": {code}})
	if err != nil {
		t.Fatal(err)
	}
	var tokens struct {
		AccessToken string `json:"access_token"`
	}
	decode(t, res, &tokens)
	return tokens.AccessToken
}

func get(t *testing.T, address, token string, into any) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	decode(t, res, into)
}

func decode(t *testing.T, res *http.Response, into any) {
	t.Helper()
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil || res.StatusCode >= 300 {
		t.Fatal(res.Status, err)
	}
}

func TestBrowserSignsIn(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	back, called := newApp(t)
	srv := flosum.NewServer(t, flosum.WithConnectedApp(flosum.ConnectedApp{
		ClientID:     "app",
		ClientSecret: "s",
		Name:         "Acme Portal",
		RedirectURIs: []string{back},
	}))
	address := asking(srv, "app", back, "s t/ä")

	type actions = []chromedp.Action[chromedp.Void]
	mouse := func(button chromedp.CSS) actions {
		return actions{chromedp.Click(chromedp.CSS(`input[name=user][value="2"]`)), chromedp.Click(button)}
	}
	keyboard := func(keys ...string) (all actions) { // the first user has the focus when the page opens
		for _, key := range keys {
			all = append(all, chromedp.KeyEvent(key))
		}
		return all
	}
	for _, tt := range []struct {
		name, language, title, button string
		answer                        actions
		approves                      bool
	}{
		{"mouse, English", "en-GB,en", "Connect an app", "Approve", mouse(approveButton), true},
		{"mouse, Japanese", "ja-JP,ja", "アプリの接続", "承認する", mouse(approveButton), true},
		{"mouse, refusing", "en", "Connect an app", "Approve", mouse(refuseButton), false},
		{"keyboard, English", "en", "Connect an app", "Approve", keyboard(kb.ArrowDown, kb.Tab, kb.Enter), true},
		{"keyboard, Japanese", "ja", "アプリの接続", "承認する", keyboard(kb.ArrowDown, kb.Tab, " "), true},
		{"keyboard, Enter on the user", "ja", "アプリの接続", "承認する", keyboard(kb.ArrowDown, kb.Enter), true},
		{"keyboard, refusing", "en", "Connect an app", "Approve", keyboard(kb.Tab, kb.Tab, kb.Enter), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tab := newTab(t, browser, tt.language)
			do(t, tab, chromedp.Navigate(address), chromedp.WaitVisible(approveButton))
			got := read[[]string](t, tab,
				`[document.title, document.querySelector("button[value=approve]").innerText, `+
					`document.activeElement.name + document.activeElement.value]`)
			if diff := cmp.Diff([]string{tt.title, tt.button, "user1"}, got); diff != "" {
				t.Errorf("title, button and focus (-want +got):\n%s", diff)
			}
			do(t, tab, append(tt.answer, chromedp.WaitVisible(backInTheApp))...)
			query := <-called
			if query.Get("state") != "s t/ä" {
				t.Errorf("called back with %v", query)
			}
			if !tt.approves {
				if query.Get("error") != "access_denied" || query.Has("code") {
					t.Errorf("called back with %v", query)
				}
				return
			}
			var list struct{ Total int }
			get(t, srv.URL+"/api/v1/connections?page=1&limit=1", redeemed(t, srv, back, query.Get("code")), &list)
			if list.Total != 2 {
				t.Errorf("the token sees %d connections; Ben, who was picked, sees 2", list.Total)
			}
		})
	}
}

func TestBrowserRunsNothingOfNamesAndState(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	back, called := newApp(t)
	evil := `</p></title></style><script>alert(1)</script><img src=x onerror="alert(2)">{{.}}`
	srv := flosum.NewServer(t, flosum.WithUsers(flosum.User{Email: evil, Name: evil}),
		flosum.WithConnectedApp(flosum.ConnectedApp{
			ClientID:     `a"onclick="alert(3)`,
			ClientSecret: "s",
			Name:         evil,
			RedirectURIs: []string{back + `?x="><script>alert(4)</script>`},
		}))
	address := asking(srv, `a"onclick="alert(3)`, back+`?x="><script>alert(4)</script>`, evil)
	tab := newTab(t, browser, "en")
	do(t, tab, chromedp.Navigate(address), chromedp.WaitVisible(refuseButton))
	shown, elements := read[string](t, tab, `document.querySelector("#ask").textContent`),
		read[int](t, tab, `document.querySelectorAll("script,img").length`)
	if !strings.HasPrefix(shown, evil) || elements != 0 {
		t.Errorf("the page shows %q and has %d scripts and images", shown, elements)
	}
	do(t, tab, chromedp.Click(refuseButton), chromedp.WaitVisible(backInTheApp))
	if query := <-called; query.Get("state") != evil {
		t.Errorf("called back with %v", query)
	}
}
