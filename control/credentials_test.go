package control_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// carried returns the world name in a credential, in the documented formats of the fakes.
func carried(credential string) string {
	switch {
	case strings.HasPrefix(credential, "kf_"):
		return credential[3:strings.LastIndexByte(credential, '_')]
	case strings.HasPrefix(credential, "fci_"):
		_, name, _ := strings.Cut(credential, ".")
		return name
	case strings.HasPrefix(credential, "eyJ"):
		payload, _ := base64.RawURLEncoding.DecodeString(strings.Split(credential, ".")[1])
		var claims struct{ World string }
		json.Unmarshal(payload, &claims)
		return claims.World
	case strings.Contains(credential, "-"):
		return credential[:strings.LastIndexByte(credential, '-')]
	}
	_, digits, _ := strings.Cut(credential, "w")
	name, _ := hex.DecodeString(digits)
	return string(name)
}

// TestCredentialsOfWorldsDiffer makes worlds in every possible way. No two share a credential
// except the well-known ones, and each credential carries its world's name.
func TestCredentialsOfWorldsDiffer(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	owner := map[string]string{}
	for _, body := range []string{
		`{"name":"a"}`, `{"name":"b"}`, `{"name":"e",` + emptySeeds + `}`, `{"name":"e2",` + emptySeeds + `}`,
		`{"name":"fork.of_a-1","fork":"a"}`, `{"name":"fork2","fork":"a"}`, `{"name":"forkfork","fork":"fork2"}`,
		`{"name":"of-default","fork":"default"}`, `{}`,
	} {
		w := g.world("POST /__admin/worlds", body)
		for name, list := range w.Credentials {
			fresh, def := 0, g.srv.Def(name)
			for _, c := range list {
				if wellKnown(t, def, c.Value) {
					continue
				}
				fresh++
				if got := carried(c.Value); def.CredentialWorld != nil && got != w.Name {
					t.Errorf("%s of %s in world %s carries %q: %s", c.Principal, name, w.Name, got, c.Value)
				}
				for _, value := range []string{c.Value, c.Secret} {
					if other, taken := owner[value]; taken && value != "" {
						t.Errorf("%s: worlds %s and %s have the same credential %s", name, other, w.Name, value)
					}
					owner[value] = w.Name
				}
			}
			if fresh == 0 {
				t.Errorf("world %s has no credential of its own at %s", w.Name, name)
			}
		}
	}
}

// seedTexts are the texts of the seeds of each fake, by its name.
var seedTexts sync.Map

// wellKnown reports whether a credential is one of the seeds'.
func wellKnown(t *testing.T, def *fake.Def, value string) bool {
	t.Helper()
	texts, known := seedTexts.Load(def.Name)
	if !known {
		files, err := fs.Glob(def.Seeds, "seeds/*.json")
		if err != nil || len(files) == 0 {
			t.Fatalf("%s has no seeds: %v", def.Name, err)
		}
		var all []byte
		for _, file := range files {
			text, err := fs.ReadFile(def.Seeds, file)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, text...)
		}
		texts = all
		seedTexts.Store(def.Name, all)
	}
	if bytes.Contains(texts.([]byte), []byte(`"`+value+`"`)) {
		return true
	}
	return strings.HasPrefix(value, "eyJ") && carried(value) == "" // signed, and so in no seed
}

// TestAWorldIsReachedByItsCredentialAlone uses clients with only a credential, in two worlds and a
// fork, while other worlds are reset and dropped.
func TestAWorldIsReachedByItsCredentialAlone(t *testing.T) {
	t.Parallel()
	for _, m := range members {
		t.Run(m.fake, func(t *testing.T) {
			t.Parallel()
			g := startReal(t, fake.Config{})
			g.t = t
			keys := map[string]string{}
			for _, body := range []string{`{"name":"a"}`, `{"name":"b"}`, `{"name":"c","fork":"a"}`} {
				w := g.world("POST /__admin/worlds", body)
				keys[w.Name] = w.of(t, m.fake, m.principal).Value
				if status, text := m.put(g, keys[w.Name], "only-"+w.Name); status >= 300 {
					t.Fatalf("writing in %s answered %d %s", w.Name, status, text)
				}
			}
			sees := func(want map[string]string) {
				t.Helper()
				got := map[string]string{}
				for name, key := range keys {
					status, text := m.list(g, key)
					got[name] = fmt.Sprint(status)
					for _, other := range []string{"a", "b", "c"} {
						if strings.Contains(text, "only-"+other) {
							got[name] += " only-" + other
						}
					}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Error(diff)
				}
			}
			sees(map[string]string{"a": "200 only-a", "b": "200 only-b", "c": "200 only-a only-c"})
			g.must("POST /__admin/worlds/b/reset", "")
			sees(map[string]string{"a": "200 only-a", "b": "200", "c": "200 only-a only-c"})
			g.must("DELETE /__admin/worlds/a", "")
			gone := fmt.Sprint(m.unknown)
			sees(map[string]string{"a": gone, "b": "200", "c": "200 only-a only-c"})
			g.must("POST /__admin/worlds", `{"name":"a"}`)
			sees(map[string]string{"a": gone, "b": "200", "c": "200 only-a only-c"})
		})
	}
}

// TestARegisteredCredentialLeadsToItsWorld checks that credentials without a world's name reach their worlds, and that
// a fork does not list those of the world that it was forked from.
func TestARegisteredCredentialLeadsToItsWorld(t *testing.T) {
	t.Parallel()
	def := toy("alpha")
	def.CredentialWorld = nil
	def.Credentials = func(s *fake.State, _ string) []fake.Credential {
		value := s.NewToken("key")
		s.RegisterCredential(value)
		if _, err := fake.TableOf[note](s, "notes").Insert(note{ID: value, Text: "ann"}); err != nil {
			panic(err) // a generated token is new
		}
		return []fake.Credential{{Principal: "ann", State: "valid", Value: value}}
	}
	def.Known = func(s *fake.State) (all []fake.Credential) {
		for n := range fake.TableOf[note](s, "notes").All() {
			if n.ID == "n1" || n.Text == "ann" {
				all = append(all, fake.Credential{Principal: n.Text, State: "valid", Value: n.ID})
			}
		}
		return all
	}
	g := startWith(t, control.Options{}, def)
	for _, body := range []string{`{"name":"a"}`, `{"name":"b","fork":"a"}`} {
		w := g.world("POST /__admin/worlds", body)
		list := w.Credentials["alpha"]
		if len(list) != 2 || list[0].Principal != "ann" || list[1].Value != "n1" {
			t.Errorf("credentials of world %s: %v", w.Name, list)
		}
		g.must("POST /alpha/notes", `{"text":"only in `+w.Name+`"}`, "Authorization: Bearer "+list[0].Value)
		if _, text := g.ask("GET /__world/"+w.Name+"/alpha/notes", ""); !strings.Contains(text, "only in "+w.Name) {
			t.Errorf("the credential of world %s leads elsewhere: %s", w.Name, text)
		}
	}
}

// TestTheCredentialOfADroppedWorldIsRefused also checks the journal entry.
func TestTheCredentialOfADroppedWorldIsRefused(t *testing.T) {
	t.Parallel()
	for _, m := range members {
		t.Run(m.fake, func(t *testing.T) {
			t.Parallel()
			g := startReal(t, fake.Config{})
			g.t = t
			key := g.world("POST /__admin/worlds", `{"name":"short-lived"}`).of(t, m.fake, m.principal).Value
			g.must("DELETE /__admin/worlds/short-lived", "")
			before := g.must("GET /__admin/worlds/default", "")["rows"]
			for _, answer := range []func() (int, string){func() (int, string) { return m.list(g, key) },
				func() (int, string) { return m.put(g, key, "lost") }} {
				if status, text := answer(); status != m.unknown || !strings.Contains(text, m.rejection) {
					t.Errorf("answered %d %s, want %d with %s", status, text, m.unknown, m.rejection)
				}
			}
			if diff := cmp.Diff(before, g.must("GET /__admin/worlds/default", "")["rows"]); diff != "" {
				t.Error(diff)
			}
			if _, text := g.ask("GET /__admin/requests", ""); strings.Count(text, `"goneWorld":"short-lived"`) != 2 {
				t.Errorf("the journal says %s", text)
			}
			if _, text := g.ask("GET /__admin/requests/1/explain", ""); !strings.Contains(text,
				`the credential belongs to the world \"short-lived\", which is gone`) {
				t.Errorf("explain says %s", text)
			}
		})
	}
}

// TestWhatAWorldGeneratesSelectsIt makes the same calls in two worlds, by credential alone.
// Everything that they generate differs and selects its world.
func TestWhatAWorldGeneratesSelectsIt(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	seen := map[string]string{}
	for _, name := range []string{"one", "two"} {
		w := g.world("POST /__admin/worlds", `{"name":"`+name+`"}`)
		code, access, refresh := oauth(g, w.of(t, "flosum", "Acme Portal"))
		token := apiKey(g, w.of(t, "twenty", "tim").Value)
		id, link := share(g, w.of(t, "kickflow", "member").Value)
		for kind, value := range map[string]string{"code": code, "access token": access, "refresh token": refresh,
			"API key": token, "file": id} {
			if other := seen[value]; other != "" {
				t.Errorf("worlds %s and %s generate the same %s %s", other, name, kind, value)
			}
			seen[value] = name
			if got := carried(value); kind != "file" && got != name {
				t.Errorf("the %s of %s carries %q", kind, name, got)
			}
		}
		members[0].put(g, access, "by-"+name)
		if status, text := members[0].list(g, access); status != 200 || !strings.Contains(text, "by-"+name) {
			t.Errorf("the access token of %s answers %d %s", name, status, text)
		}
		members[1].put(g, token, "by-"+name)
		if status, text := g.ask("GET /twenty/rest/companies?limit=60", "", "Authorization: Bearer "+token,
			"Mockserver-World: "+name); status != 200 || !strings.Contains(text, "by-"+name) {
			t.Errorf("the API key of %s answers %d %s", name, status, text)
		}
		if got := g.send("GET "+link, ""); got.status != 200 || got.body != "hello" {
			t.Errorf("the link of %s answers %d %s", name, got.status, got.body)
		}
		g.must("DELETE /__admin/worlds/"+name, "")
		for want, got := range map[int]answered{
			401: g.send("GET /flosum/api/v1/connections?page=1&limit=10", "", "Authorization: Bearer "+access),
			404: g.send("GET "+link, ""),
		} {
			if got.status != want {
				t.Errorf("after %s was dropped: %d %s, want %d", name, got.status, got.body, want)
			}
		}
		if got := g.send("GET /twenty/rest/companies", "", "Authorization: Bearer "+token); got.status != 401 {
			t.Errorf("the API key of a dropped world answers %d %s", got.status, got.body)
		}
	}
	if _, text := g.ask("GET /__admin/requests", ""); strings.Count(text, `"goneWorld":"two"`) != 3 ||
		strings.Count(text, `"goneWorld":"one"`) != 3 {
		t.Errorf("the journal does not name the world that is gone: %s", text)
	}
}

// TestTheCredentialOfAnotherWorldIsRefused names one world and sends the credential of another. A
// fork accepts those of its origin, which are among its rows.
func TestTheCredentialOfAnotherWorldIsRefused(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	a := g.world("POST /__admin/worlds", `{"name":"a"}`)
	g.world("POST /__admin/worlds", `{"name":"b"}`)
	g.world("POST /__admin/worlds", `{"name":"fork","fork":"a"}`)
	for _, m := range members {
		key := a.of(t, m.fake, m.principal).Value
		for world, want := range map[string]int{"b": m.unknown, "default": m.unknown, "fork": 200, "a": 200} {
			if status, text := g.ask(m.read, "", m.header(key), "User-Agent: tests",
				"Mockserver-World: "+world); status != want {
				t.Errorf("%s: a's credential in %s answers %d %s", m.fake, world, status, text)
			}
		}
	}
}

// TestATokenOfADyingWorldDoesNotReviveIt drops the world during a request for a token.
func TestATokenOfADyingWorldDoesNotReviveIt(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	app := g.world("POST /__admin/worlds", `{"name":"w"}`).of(t, "flosum", "Acme Portal")
	code, _, _ := oauth(g, app)
	w, err := g.srv.World("w")
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"grant_type": {"authorization_code"}, "redirect_uri": {"http://localhost:3000/callback"},
		"client_id": {app.Value}, "client_secret": {app.Secret}, "code": {code}}
	g.must("POST /__admin/worlds/w/rewind", `{"entry":"1"}`) // the code is valid again
	body, send := io.Pipe()
	before, answer := w.Journal.Last(), make(chan answered)
	go func() {
		req, _ := http.NewRequest("POST", g.url+"/__world/w/flosum/api/v1/oauth/token", body)
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Error(err)
			close(answer)
			return
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		answer <- answered{res.StatusCode, res.Header, string(text)}
	}()
	for w.Journal.Last() == before { // until the request has found its world
		runtime.Gosched()
	}
	g.must("DELETE /__admin/worlds/w", "")
	io.WriteString(send, form.Encode())
	send.Close()
	token := pick(g, <-answer, "access_token")
	if status, text := members[0].list(g, token); status != 401 {
		t.Errorf("the token of a dropped world answers %d %s", status, text)
	}
	if _, text := g.ask("GET /__admin/worlds", ""); strings.Contains(text, `"w"`) {
		t.Errorf("worlds: %s", text)
	}
}

// TestWellKnownCredentialsMeanTheDefaultWorld creates several worlds and uses the well-known
// credentials.
func TestWellKnownCredentialsMeanTheDefaultWorld(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	w := g.world("POST /__admin/worlds", `{"name":"w"}`)
	for _, m := range members {
		for _, c := range w.Credentials[m.fake] {
			if c.Principal != m.principal || c.State != "valid" || !wellKnown(t, g.srv.Def(m.fake), c.Value) {
				continue
			}
			m.put(g, c.Value, "home")
			for world, want := range map[string]bool{"default": true, "w": false} {
				if _, text := g.ask(m.read, "", m.header(c.Value), "User-Agent: tests",
					"Mockserver-World: "+world); strings.Contains(text, "home") != want {
					t.Errorf("%s: %s in %s: %v", m.fake, c.Value, world, text)
				}
			}
		}
	}
}

// TestNoCredentialLeavesTheJournal of a real fake, though the seed has it and anybody can read it there, nor what
// stands in other places of secrets.
func TestNoCredentialLeavesTheJournal(t *testing.T) {
	t.Parallel()
	g := startReal(t, fake.Config{})
	w := g.world("POST /__admin/worlds", `{"name":"w"}`)
	const planted = "Zx9hush4711"
	secrets := []string{planted}
	hook(g, w, "http://127.0.0.1:1/?token="+planted)
	for _, m := range members {
		key := w.of(t, m.fake, m.principal).Value
		m.put(g, key, "new")
		for _, known := range w.Credentials[m.fake] {
			secrets = append(secrets, known.Value)
			method, path, _ := strings.Cut(m.read, " ")
			g.ask(method+" /__world/w"+path, "", m.header(known.Value), "User-Agent: tests",
				"X-Auth-Token: "+planted, "Cookie: theme="+planted)
		}
	}
	for _, path := range []string{"requests", "requests/export?format=har", "requests/export?format=curl",
		"deliveries"} {
		status, text := g.ask("GET /__admin/worlds/w/"+path, "")
		if status != 200 || path == "requests" && strings.Count(text, "Bearer REDACTED") < 10 {
			t.Errorf("%s answers %d %.2000s", path, status, text)
		}
		for _, secret := range secrets {
			if strings.Contains(text, secret) {
				t.Errorf("%s shows %s", path, secret)
			}
		}
	}
}
