// Package browser_test drives the page of the control plane in a real Chromium, against all fakes. It is a package
// of its own because the browser's protocol takes longer to compile than everything else in this module.
//
//	go test ./control/ui/browser -screenshots   # writes docs/see-*.png anew
package browser_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/samples"
	"github.com/afba07b5/mockserver/mocks"
)

var screenshots = flag.Bool("screenshots", false, "write docs/see-*.png")

// newBrowser starts a real Chromium. Without one the test is skipped, on a build server it fails.
func newBrowser(t *testing.T) context.Context {
	t.Helper()
	temporary, err := os.MkdirTemp("", "") // not t.TempDir, which is too long for the browser's socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(temporary) })
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(program(t, "chromium", "chromium-browser", "google-chrome")),
		chromedp.UserDataDir(t.TempDir()), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Env("TMPDIR="+temporary),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true),
		chromedp.WSURLReadTimeout(3*time.Minute))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("starting the browser: %v", err)
	}
	return ctx
}

// program returns the first program of these names that is there. Without one the test is skipped, on a build server it
// fails.
func program(t *testing.T, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("there is no %s on this machine, and a build server must have it", names[0])
	}
	t.Skipf("SKIPPED: there is no %s on this machine (Debian: apt-get install %s)", names[0], names[0])
	return ""
}

// newTab opens a tab that ends with the test. A dialog in it fails the test: a script ran that is none of the page's.
func newTab(t *testing.T, browser context.Context, language string) context.Context {
	t.Helper()
	tab, cancel := chromedp.NewContext(browser, chromedp.WithListener(func(event any) {
		if dialog, ok := event.(*page.EventJavascriptDialogOpening); ok {
			t.Errorf("a script ran and said %q", dialog.Message)
		}
	}))
	t.Cleanup(cancel)
	do(t, tab)
	tab, cancel = context.WithTimeout(tab, 90*time.Second)
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

// read evaluates an expression in the page, and waits for it if it is a promise.
func read[T any](t *testing.T, tab context.Context, expression string) T {
	t.Helper()
	value, err := chromedp.Run(tab, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%.80s: %v", expression, err)
	}
	return value
}

// await waits in the page until an expression is true, over a navigation too.
func await(t *testing.T, tab context.Context, expression string) {
	t.Helper()
	look := `new Promise(done => { const end = Date.now() + 500; const look = () => (` + expression +
		`) ? done(true) : Date.now() > end ? done(false) : setTimeout(look, 20); look(); })`
	for tab.Err() == nil {
		if ok, err := chromedp.Run(tab, chromedp.Evaluate[bool](look, chromedp.EvalAwaitPromise)); err == nil && ok {
			return // an error is a page that was left meanwhile
		}
	}
	t.Fatalf("never: %s", expression)
}

// member is how the tests write to one fake.
type member struct{ fake, principal, header, method, path, body string }

var members = func() (all []member) {
	for _, s := range samples.All {
		all = append(all, member{s.Fake, s.Principal, s.Header, "POST", s.Write,
			strings.Replace(s.Body, `"%s"`, "%s", 1)})
	}
	return all
}()

// rig is a server with its page.
type rig struct {
	t           *testing.T
	url         string
	credentials map[string][]fake.Credential
}

// start serves the fakes with a world called seen.
func start(t *testing.T) *rig {
	t.Helper()
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true},
		Bug: func(err error) { t.Error(err) }}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(srv, control.Options{})
	plane.Ready()
	g := &rig{t: t, url: fake.Serve(t, plane.Wrap(srv.Edge(), ""))}
	t.Cleanup(func() { plane.Close(); srv.Close() })
	res, err := http.Post(g.url+"/__admin/worlds", "application/json", strings.NewReader(`{"name":"seen"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(g); err != nil {
		t.Fatal(err)
	}
	return g
}

// UnmarshalJSON reads the answer that made the world.
func (g *rig) UnmarshalJSON(text []byte) error {
	var made struct{ Credentials map[string][]fake.Credential }
	err := json.Unmarshal(text, &made)
	g.credentials = made.Credentials
	return err
}

func (g *rig) credential(m member) string {
	for _, c := range g.credentials[m.fake] {
		if c.Principal == m.principal && c.State == "valid" {
			return c.Value
		}
	}
	g.t.Fatalf("%s has no credential of %s", m.fake, m.principal)
	return ""
}

// write sends a row with a name to a fake.
func (g *rig) write(m member, name string) {
	g.t.Helper()
	quoted, _ := json.Marshal(name) // a string always encodes
	body := fmt.Sprintf(samples.Fresh(m.body), quoted)
	req, err := http.NewRequest(m.method, g.url+"/"+m.fake+m.path, strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	header, value, _ := strings.Cut(fmt.Sprintf(m.header, g.credential(m)), ": ")
	req.Header.Set(header, value)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "tests "+strings.Map(func(r rune) rune {
		if r < ' ' {
			return ' '
		}
		return r
	}, name))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		g.t.Fatal(err)
	}
	res.Body.Close()
}

func (g *rig) open(tab context.Context, path string) {
	g.t.Helper()
	do(g.t, tab, chromedp.Navigate(g.url+"/__admin/ui"+path))
	await(g.t, tab, `document.readyState === "complete"`)
}

const evil = `"><script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>{{.}}`

// TestRequestsAreLive: a request to each fake appears without a reload, opens to what it was and
// changed, and can be sent again and forked from.
func TestRequestsAreLive(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	g := start(t)
	tab := newTab(t, browser, "en")
	for _, m := range members {
		g.open(tab, "/requests?world=seen&fake="+m.fake)
		await(t, tab, `document.querySelector("main").dataset.listening === "true"`)
		g.write(m, "mark-"+m.fake+evil)
		await(t, tab, fmt.Sprintf(`document.querySelector("tbody a")?.textContent.includes(%q)`, m.path))
		do(t, tab, chromedp.Click(chromedp.CSS(`tbody a`)))
		await(t, tab, `document.querySelector("h1.mono") !== null && document.readyState === "complete"`)
		text := read[string](t, tab, `document.querySelector("main").textContent`)
		for _, part := range []string{"mark-" + m.fake, "<script>alert(1)</script>", "Rows before and after",
			"nothing refused it"} {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the request lacks %q:\n%s", m.fake, part, text)
			}
		}
		if n := read[int](t, tab, `document.querySelectorAll("main script, main img, main svg").length`); n != 0 {
			t.Errorf("%s: the page has %d elements of the request", m.fake, n)
		}
		was := read[string](t, tab, `location.pathname`)
		do(t, tab, chromedp.Click(chromedp.CSS(`form[action$="/do/send"] button`)))
		await(t, tab, fmt.Sprintf(`location.pathname !== %q && document.readyState === "complete"`, was))
		do(t, tab, chromedp.Click(chromedp.CSS(`form[action$="/do/fork"] button`)))
		await(t, tab, `location.pathname.includes("/worlds/") && document.readyState === "complete"`)
	}
}

// TestRowsAreTriedAndFound: a form sends the write to each fake, and a search finds the row with
// the request that wrote it.
func TestRowsAreTriedAndFound(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	g := start(t)
	tab := newTab(t, browser, "en")
	for _, m := range members {
		name, _ := json.Marshal("tried-" + m.fake + evil)
		body := fmt.Sprintf(samples.Fresh(m.body), name)
		g.open(tab, "/try?world=seen&fake="+m.fake)
		path := m.path
		options := read[[]string](t, tab, `[...document.querySelectorAll("select[name=operation] option")].map(o => `+
			`o.textContent + " " + o.value)`)
		if len(options) < 3 {
			t.Fatalf("%s has the operations %v", m.fake, options)
		}
		operation := ""
		for _, option := range options {
			if words := strings.Fields(option); len(words) == 3 && words[0] == m.method && fits(words[1], path) {
				operation = words[2]
			}
		}
		g.open(tab, "/try?world=seen&fake="+m.fake+"&operation="+operation)
		script, _ := json.Marshal([]string{body, m.principal})
		read[bool](t, tab, `(([body, principal, path]) => {
			const form = document.querySelector("form.stacked");
			form.elements.body.value = body;
			const choice = [...form.elements.credential.options]
				.find(o => o.textContent.startsWith(principal + " (valid)"));
			form.elements.credential.value = choice.value;
			for (const field of form.elements) {
				if (field.name === "path.connectionId") field.value = "2";
				if (field.name === "path.objects") field.value = "companies";
				if (field.name === "path.site_id") field.value = "flex";
			}
			return true; })(`+string(script)+`)`)
		do(t, tab, chromedp.Click(chromedp.CSS(`form.stacked button`)))
		await(t, tab, `location.pathname.includes("/requests/") && document.readyState === "complete"`)
		if status := read[string](t, tab, `document.querySelector(".status").textContent`); status != "200" &&
			status != "201" {
			t.Errorf("%s: the form of %s gets %s: %s", m.fake, operation, status,
				read[string](t, tab, `document.querySelector("main").textContent`))
			continue
		}
		id := read[string](t, tab, `location.pathname.split("/").pop()`)
		g.open(tab, "/rows?world=seen&q=tried-"+m.fake)
		do(t, tab, chromedp.Click(chromedp.CSS(`main li a.mono`)))
		await(t, tab, `document.querySelector("h1.mono") !== null && document.readyState === "complete"`)
		if text := read[string](t, tab, `document.querySelector("main").textContent`); !strings.Contains(text,
			"request "+id) || !strings.Contains(text, "tried-"+m.fake) {
			t.Errorf("%s: the row lacks its history: %s", m.fake, text)
		}
	}
}

// fits reports whether a path of a document is that of a request.
func fits(documented, asked string) bool {
	d, a := strings.Split(documented, "/"), strings.Split(asked, "/")
	if len(d) != len(a) {
		return false
	}
	for i := range d {
		if !strings.HasPrefix(d[i], "{") && d[i] != a[i] {
			return false
		}
	}
	return true
}

// TestWorldsClockFaultsDeliveries act on the server by clicks.
func TestWorldsClockFaultsDeliveries(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	g := start(t)
	tab := newTab(t, browser, "en")
	target := fake.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(evil)) }))
	g.open(tab, "/worlds")
	read[bool](t, tab, `(document.querySelector("form[action$='/do/make'] input[name=name]").value = "made", true)`)
	do(t, tab, chromedp.Click(chromedp.CSS(`form[action$="/do/make"] button`)))
	await(t, tab, `location.pathname.endsWith("/worlds/made") && document.readyState === "complete"`)
	for _, m := range members {
		if text := read[string](t, tab, `document.querySelector("main").textContent`); !strings.Contains(text,
			"/__world/made/"+m.fake) {
			t.Errorf("the world lacks the address of %s", m.fake)
		}
	}
	g.rewind(tab)
	g.open(tab, "/clock?world=seen")
	do(t, tab, chromedp.Click(chromedp.CSS(`form[action$="/do/freeze"] button`)))
	await(t, tab, `document.querySelector(".big")?.textContent.includes("frozen")`)
	day := read[string](t, tab, `document.querySelector(".big").textContent.slice(0, 10)`)
	do(t, tab, chromedp.Click(chromedp.CSS(`input[value="24h"] + button`)))
	await(t, tab, fmt.Sprintf(`document.readyState === "complete" && `+
		`!document.querySelector(".big").textContent.startsWith(%q)`, day))
	for _, m := range members {
		g.open(tab, "/faults?world=seen")
		do(t, tab, chromedp.Click(chromedp.CSS(fmt.Sprintf(`.cards input[value=%q] ~ button`, m.fake))))
		await(t, tab, `document.readyState === "complete" && document.querySelector("form[action$='/do/unfault'] `+
			`button") !== null`)
		if text := read[string](t, tab, `document.querySelector("tbody").textContent`); !strings.Contains(text,
			m.fake) {
			t.Errorf("the rule of %s: %s", m.fake, text)
		}
		do(t, tab, chromedp.Click(chromedp.CSS(`form[action$="/do/unfaults"] button`)))
		await(t, tab, `document.readyState === "complete" && document.querySelector("form[action$='/do/unfault'] `+
			`button") === null`)
	}
	hook := members[1]
	hook.path, hook.body = "/rest/webhooks", `{"targetUrl":%s,"operations":["company.created"]}`
	g.open(tab, "/deliveries?world=seen")
	await(t, tab, `document.querySelector("main").dataset.listening === "true"`)
	g.write(hook, target)
	g.write(members[1], evil)
	await(t, tab, `document.querySelector(".delivered") !== null`)
	read[bool](t, tab, `(document.querySelector("details").open = true)`)
	// more than one on a busy machine, on which the button may also move before a click reaches it
	tries := read[int](t, tab, `document.querySelectorAll("details ol li").length`)
	read[bool](t, tab, `(document.querySelector("form[action$='/do/redeliver'] button").click(), true)`)
	await(t, tab, fmt.Sprintf(`document.readyState === "complete" && `+
		`document.querySelectorAll("details ol li").length > %d`, tries))
	if text := read[string](t, tab, `document.querySelector("details").textContent`); !strings.Contains(text,
		"X-Twenty-Webhook-Signature") || !strings.Contains(text, "<svg onload") {
		t.Errorf("the delivery is %s", text)
	}
}

// rewind writes a row in each fake, takes the world back to the first one on the screen of worlds,
// and expects the rows of the others to be gone.
func (g *rig) rewind(tab context.Context) {
	g.t.Helper()
	for _, m := range members {
		g.write(m, "Zurueckgespult "+m.fake)
	}
	rows := func() string {
		g.open(tab, "/rows?world=seen&q=zurueckgespult")
		return read[string](g.t, tab, `document.querySelector("main").textContent`)
	}
	for _, m := range members {
		if text := rows(); !strings.Contains(text, "Zurueckgespult "+m.fake) {
			g.t.Errorf("%s has no row before the rewind: %s", m.fake, text)
		}
	}
	g.open(tab, "/worlds")
	const form = `form[action$='/do/rewind']:has(input[value=seen])`
	read[bool](g.t, tab, `(document.querySelector("`+form+` input[name=entry]").value = "1",`+
		` document.querySelector("`+form+`").removeAttribute("data-confirm"), true)`)
	do(g.t, tab, chromedp.Click(chromedp.CSS(form+" button")))
	await(g.t, tab, `location.pathname.endsWith("/requests") && document.readyState === "complete"`)
	text := rows()
	for i, m := range members {
		if strings.Contains(text, "Zurueckgespult "+m.fake) != (i == 0) {
			g.t.Errorf("after the rewind to the first request the row of %s: %s", m.fake, text)
		}
	}
}

var screens = []string{"/requests", "/requests/1", "/requests/5", "/rows", "/rows?q=mark",
	"/rows/kickflow/users", "/rows/kickflow/users/a0000000-0000-4000-8000-000000000001", "/worlds",
	"/worlds/seen", "/diff?with=default", "/clock", "/faults", "/deliveries", "/audit", "/fidelity",
	"/stories", "/stories/closed-won?world=told",
	"/try?fake=kickflow&operation=createUser", "/try?fake=flosum"}

// TestEveryScreenIsAccessible: axe-core finds no serious fault, light and dark, and nothing is wider than a phone.
func TestEveryScreenIsAccessible(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	axe := axeSource(t)
	g := start(t)
	for _, m := range members {
		g.write(m, "mark-"+m.fake)
	}
	refused := members[3]
	refused.body = `{"nmae":%s}`
	g.write(refused, "refused")
	res, err := http.Post(g.url+"/__admin/stories/closed-won/play", "application/json",
		strings.NewReader(`{"world":"told"}`))
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	for _, scheme := range []string{"light", "dark"} {
		tab := newTab(t, browser, map[string]string{"light": "en", "dark": "ja"}[scheme])
		if _, err := chromedp.Call(tab, emulation.SetEmulatedMedia,
			emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme",
				Value: scheme}}}); err != nil {
			t.Fatal(err)
		}
		for _, path := range screens {
			sep := "?"
			if strings.Contains(path, "?") {
				sep = "&"
			}
			do(t, tab, chromedp.EmulateViewport(1280, 900))
			g.open(tab, path+sep+"world=seen")
			read[bool](t, tab, axe+`; true`)
			found := read[[]string](t, tab, `axe.run(document, {resultTypes: ["violations"]}).then(r => `+
				`r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => v.id + ": " + `+
				`v.help + " " + v.nodes.slice(0, 3).map(n => n.html + " " + n.failureSummary).join(" | ")))`)
			for _, fault := range found {
				t.Errorf("%s, %s: %s", path, scheme, fault)
			}
			shoot(t, tab, path, scheme)
			do(t, tab, chromedp.EmulateViewport(360, 740))
			if wide := read[int](t, tab, `document.documentElement.scrollWidth`); wide > 360 {
				t.Errorf("%s, %s: %d pixels wide on a phone of 360", path, scheme, wide)
			}
		}
	}
}

// axeSource installs axe-core from npm and returns its script. Without npm the test is skipped.
func axeSource(t *testing.T) string {
	t.Helper()
	npm, dir := program(t, "npm"), t.TempDir()
	install := exec.Command(npm, "install", "--silent", "--no-audit", "--no-fund", "--no-save", "--prefix", dir,
		"axe-core@4.14.1")
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("SKIPPED: axe-core cannot be had from npm: %v %s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// pictures are the screens that docs/see.md shows.
var pictures = map[string]string{"/requests light": "requests", "/requests/5 light": "request",
	"/worlds light": "worlds", "/fidelity dark": "fidelity", "/rows/kickflow/users light": "rows"}

func shoot(t *testing.T, tab context.Context, path, scheme string) {
	t.Helper()
	name := pictures[path+" "+scheme]
	if !*screenshots || name == "" {
		return
	}
	read[bool](t, tab, `(document.documentElement.lang === "ja" && (location.search += "&lang=en"), true)`)
	await(t, tab, `document.documentElement.lang === "en" && document.readyState === "complete"`)
	read[bool](t, tab, `(document.querySelector("[lang=ja]").remove(), true)`) // the machine may lack the letters
	shot, err := chromedp.Call(tab, page.CaptureScreenshot,
		page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("../../../docs/see-"+name+".png", shot.Data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestTheKeyboardIsEnough reaches the content, a filter and a request without a mouse.
func TestTheKeyboardIsEnough(t *testing.T) {
	t.Parallel()
	browser := newBrowser(t)
	g := start(t)
	g.write(members[3], "by-keys")
	tab := newTab(t, browser, "en")
	g.open(tab, "/requests?world=seen")
	do(t, tab, chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	if id := read[string](t, tab, `document.activeElement.id`); id != "main" {
		t.Errorf("the first Tab and Enter lead to %q", id)
	}
	for range 40 {
		do(t, tab, chromedp.KeyEvent(kb.Tab))
		if read[bool](t, tab, `document.activeElement.matches("tbody a")`) {
			break
		}
	}
	do(t, tab, chromedp.KeyEvent(kb.Enter))
	await(t, tab, `location.pathname.includes("/requests/1")`)
}
