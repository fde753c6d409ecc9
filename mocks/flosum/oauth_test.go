package flosum

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// The seed's first app.
const (
	portalID     = "fci_synthetic-acme-portal0"
	portalSecret = "synthetic-secret-of-acme-portal-00000000000"
	portalBack   = "http://localhost:3000/callback"
	reportID     = "fci_synthetic-acme-report0"
	reportSecret = "synthetic-secret-of-acme-report-00000000000"
	reportBack   = "https://report.example.com/signed-in?from=flosum"
)

func authorizeLine(pairs ...string) string {
	q := url.Values{"client_id": {portalID}, "response_type": {"code"}, "redirect_uri": {portalBack}, "state": {"xyz"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		}
	}
	return "GET /api/v1/oauth/authorize?" + q.Encode()
}

func approving(pairs ...string) ask {
	return ask{line: authorizeLine(pairs...), as: "-", header: map[string]string{"Mockserver-Consent": "approve"}}
}

// codeOf authorizes without a browser and returns the code.
func codeOf(t testing.TB, srv *fake.TestServer, pairs ...string) string {
	t.Helper()
	got := send(t, srv, approving(pairs...))
	u, err := url.Parse(got.header.Get("Location"))
	if err != nil || got.status != http.StatusFound || u.Query().Get("code") == "" {
		t.Fatalf("%d, Location %q, %s", got.status, got.header.Get("Location"), got.body)
	}
	return u.Query().Get("code")
}

func tokenForm(pairs ...string) ask {
	f := url.Values{"grant_type": {"authorization_code"}, "client_id": {portalID}, "client_secret": {portalSecret},
		"redirect_uri": {portalBack}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "" {
			f.Del(pairs[i])
		}
	}
	return ask{line: "POST /api/v1/oauth/token", as: "-", form: true, body: f.Encode()}
}

func refreshForm(token string, pairs ...string) ask {
	return tokenForm(append([]string{"grant_type", "refresh_token", "refresh_token", token}, pairs...)...)
}

func tokensOf(t testing.TB, got answer) (out tokens) {
	t.Helper()
	check(t, got, 200, "")
	got.into(t, &out)
	return out
}

func status(t testing.TB, srv *fake.TestServer, token string) int {
	t.Helper()
	return send(t, srv, ask{line: "GET /api/v1/connections?page=1&limit=1", as: token}).status
}

func TestCodeBecomesTokens(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	code := codeOf(t, srv)
	got := tokensOf(t, send(t, srv, tokenForm("code", code)))
	shapes := map[string]string{code: `^[0-9a-z]{18}$`, got.AccessToken: `^[0-9a-f]{64}$`,
		*got.RefreshToken: `^[0-9a-z]{72}$`}
	for text, shape := range shapes {
		if !regexp.MustCompile(shape).MatchString(text) {
			t.Errorf("%q is not of the form %s", text, shape)
		}
	}
	if got.TokenType != "Bearer" || got.ExpiresIn != 3600 || status(t, srv, got.AccessToken) != 200 {
		t.Errorf("tokens %+v", got)
	}
}

func TestAuthorizeRedirectsWithStateAndBody(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	got := send(t, srv, approving("client_id", reportID, "redirect_uri", reportBack, "state", `a&b="<ü>`))
	var body redirected
	got.into(t, &body)
	to := got.header.Get("Location")
	u, err := url.Parse(to)
	if err != nil || !strings.HasPrefix(to, reportBack+"&code=") || u.Query().Get("state") != `a&b="<ü>` ||
		body.URL != to || body.Status != 302 {
		t.Errorf("Location %q, body %s", to, got.body)
	}
	if to := send(t, srv, approving("state", "")).header.Get("Location"); strings.Contains(to, "state") {
		t.Errorf("a state that was not sent came back: %s", to)
	}
	refused := send(t, srv, ask{
		line:   authorizeLine(),
		as:     "-",
		header: map[string]string{"Mockserver-Consent": "refuse"},
	})
	check(t, refused, 302, `{"url":"http://localhost:3000/callback?error=access_denied&state=xyz","status":302}`)
	faulty := send(t, srv, ask{
		line:   authorizeLine(),
		as:     "-",
		header: map[string]string{"Mockserver-Consent": "approve", "Prefer": "fault=access-denied"},
	})
	check(t, faulty, 302, string(refused.body))
}

func TestAuthorizeRefusesWithoutRedirecting(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		ask  ask
		want string
	}{
		{"everything missing", approving("client_id", "", "response_type", "", "redirect_uri", ""), badRequest(
			"client_id must be longer than or equal to 1 characters", "client_id must be a string",
			"response_type must be one of the following values: code",
			"redirect_uri must be longer than or equal to 1 characters", "redirect_uri must be a string")},
		{"another response type", approving("response_type", "token"),
			badRequest("response_type must be one of the following values: code")},
		{"an unknown client", approving("client_id", "fci_nobody"), badRequest("client_id is unknown")},
		{"a redirect URI of another app", approving("redirect_uri", reportBack),
			badRequest("redirect_uri is not allowed for this connected app")},
		{"a redirect URI with more at its end", approving("redirect_uri", portalBack+"/x"),
			badRequest("redirect_uri is not allowed for this connected app")},
		{"a client of another region", approving("client_id", "fci_synthetic-kumo-portal0", "redirect_uri",
			"https://kumo.example.com/callback"), badRequest("client_id is unknown")},
		{"a user who may not approve", ask{
			line:   authorizeLine(),
			as:     "-",
			header: map[string]string{"Mockserver-Consent": "approve hana@kumo.example"},
		},
			badRequest("Mockserver-Consent names no user who may approve Acme Portal")},
		{"an inactive user", ask{
			line:   authorizeLine(),
			as:     "-",
			header: map[string]string{"Mockserver-Consent": "approve watanabe@hoshino.example"},
		},
			badRequest("Mockserver-Consent names no user who may approve Acme Portal")},
		{"another verdict", ask{
			line:   authorizeLine(),
			as:     "-",
			header: map[string]string{"Mockserver-Consent": "perhaps"},
		},
			badRequest("Mockserver-Consent must be approve, refuse, or approve and an e-mail address")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := send(t, NewServer(t), tt.ask)
			check(t, got, 400, tt.want)
			if to := got.header.Get("Location"); to != "" {
				t.Errorf("redirected to %s", to)
			}
		})
	}
}

func TestTokenRefuses(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithRows("connectedApps", ConnectedApp{
		ClientID:     "renew-only",
		ClientSecret: "s",
		RedirectURIs: []string{portalBack},
		Flows:        []string{"refresh_token"},
	}))
	code := codeOf(t, srv)
	badClient := badRequest("client_id or client_secret is invalid")
	allMissing := badRequest("grant_type must be one of the following values: authorization_code, refresh_token",
		"redirect_uri must be a string", "client_id must be a string", "client_secret must be a string")
	json := ask{
		line: "POST /api/v1/oauth/token",
		as:   "-",
		body: `{"grant_type":"authorization_code","client_id":"` + portalID + `"}`,
	}
	jp := tokenForm("code", code)
	jp.host = "global-jp.flosum.app"
	wrongService := tokenForm("code", code)
	wrongService.host = "backup-us.flosum.app"
	for _, tt := range []struct {
		name   string
		ask    ask
		status int
		want   string
	}{
		{"an empty body", ask{line: "POST /api/v1/oauth/token", as: "-", form: true}, 400, allMissing},
		{"a JSON body", json, 400, badRequest("redirect_uri must be a string", "client_secret must be a string")},
		{"another grant type", tokenForm("grant_type", "password", "code", code), 400,
			badRequest("grant_type must be one of the following values: authorization_code, refresh_token")},
		{"missing fields", tokenForm("client_secret", "", "redirect_uri", "", "code", code), 400,
			badRequest("client_secret must be a string", "redirect_uri must be a string")},
		{"an unknown client", tokenForm("client_id", "nobody", "code", code), 400, badClient},
		{"a wrong secret", tokenForm("client_secret", portalSecret+"x", "code", code), 400, badClient},
		{"an empty secret for an unknown client", tokenForm("client_id", "nobody", "client_secret", "", "code", code),
			400, badRequest("client_secret must be a string")},
		{"another app's secret", tokenForm("client_secret", reportSecret, "code", code), 400, badClient},
		{"another region's host", jp, 400, badClient},
		{"the other service's host", wrongService, 404, notFound("Cannot POST /api/v1/oauth/token")},
		{"a redirect URI that is not allowed", tokenForm("redirect_uri", "https://evil.example", "code", code), 400,
			badRequest("redirect_uri is not allowed for this connected app")},
		{"another redirect URI than the code's", tokenForm("redirect_uri", "https://app.example.com/oauth/callback",
			"code", code), 400, badRequest("redirect_uri does not match the one the code was made for")},
		{"another client's code", tokenForm("client_id", reportID, "client_secret", reportSecret, "redirect_uri",
			reportBack, "code", code), 400, badRequest("code is invalid")},
		{"an unknown code", tokenForm("code", "0123456789abcdefgh"), 400, badRequest("code is invalid")},
		{"no code", tokenForm(), 400, badRequest("code is invalid")},
		{"a flow that the app lacks", tokenForm("client_id", reportID, "client_secret", reportSecret, "redirect_uri",
			reportBack, "grant_type", "refresh_token", "refresh_token", "x"), 400,
			badRequest("grant_type is not among the connected app's flows")},
		{"codes of an app that only refreshes", tokenForm("client_id", "renew-only", "client_secret", "s", "code",
			code), 400, badRequest("grant_type is not among the connected app's flows")},
		{"an unknown refresh token", refreshForm("x"), 400, badRequest("refresh_token is invalid")},
		{"no refresh token", refreshForm(""), 400, badRequest("refresh_token is invalid")},
		{"fields in the query", ask{line: "POST /api/v1/oauth/token?" + tokenForm("code", code).body, as: "-",
			form: true}, 400, allMissing},
	} {
		check(t, send(t, srv, tt.ask), tt.status, tt.want)
		if t.Failed() {
			t.Fatalf("the refusal of %s", tt.name)
		}
	}
	tokensOf(t, send(t, srv, tokenForm("code", code))) // no failed attempt used up the code
}

func TestReusedCodeRevokesWhatItGave(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	code := codeOf(t, srv)
	got := tokensOf(t, send(t, srv, tokenForm("code", code)))
	second := tokensOf(t, send(t, srv, refreshForm(*got.RefreshToken)))
	other := tokensOf(t, send(t, srv, tokenForm("code", codeOf(t, srv))))
	check(t, send(t, srv, tokenForm("code", code)), 400, badRequest("code was already used"))
	have := map[string]int{"first": status(t, srv, got.AccessToken), "refreshed": status(t, srv, second.AccessToken),
		"another grant": status(t, srv, other.AccessToken)}
	if diff := cmp.Diff(map[string]int{"first": 401, "refreshed": 401, "another grant": 200}, have); diff != "" {
		t.Errorf("answers to the tokens (-want +got):\n%s", diff)
	}
	check(t, send(t, srv, refreshForm(*second.RefreshToken)), 400, badRequest("refresh_token is invalid"))
}

func TestLifetimesEndOnTheWorldsClock(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	srv.World.Freeze(noon)
	late := codeOf(t, srv)
	got := tokensOf(t, send(t, srv, tokenForm("code", codeOf(t, srv))))
	srv.World.Advance(10*time.Minute + time.Second)
	check(t, send(t, srv, tokenForm("code", late)), 400, badRequest("code has expired"))
	if status(t, srv, got.AccessToken) != 200 {
		t.Error("the access token ended early")
	}
	srv.World.Advance(50 * time.Minute)
	if status(t, srv, got.AccessToken) != 401 {
		t.Error("the access token outlived its hour")
	}
	srv.World.Advance(29 * 24 * time.Hour)
	again := tokensOf(t, send(t, srv, refreshForm(*got.RefreshToken)))
	if status(t, srv, again.AccessToken) != 200 {
		t.Error("the refreshed token does not work")
	}
	srv.World.Advance(24 * time.Hour)
	check(t, send(t, srv, refreshForm(*got.RefreshToken)), 400, badRequest("refresh_token has expired"))
	tokensOf(t, send(t, srv, refreshForm(*again.RefreshToken)))
}

func TestRefreshKeepsTheOldTokenUnlessTheWorldRotates(t *testing.T) {
	t.Parallel()
	for _, rotates := range []bool{false, true} {
		srv := NewServer(t, fake.WithFeature(RotateRefreshTokens, rotates))
		first := tokensOf(t, send(t, srv, tokenForm("code", codeOf(t, srv))))
		second := tokensOf(t, send(t, srv, refreshForm(*first.RefreshToken)))
		if *second.RefreshToken == *first.RefreshToken {
			t.Error("the refresh token is the old one")
		}
		if !rotates {
			tokensOf(t, send(t, srv, refreshForm(*first.RefreshToken)))
			continue
		}
		check(t, send(t, srv, refreshForm(*first.RefreshToken)), 400, badRequest("refresh_token was already used"))
		check(t, send(t, srv, refreshForm(*second.RefreshToken)), 400, badRequest("refresh_token is invalid"))
		if status(t, srv, second.AccessToken) != 401 {
			t.Error("a refresh token used twice left the grant alive")
		}
	}
}

func TestAppWithoutOfflineAccessGetsNoRefreshToken(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	code := codeOf(t, srv, "client_id", reportID, "redirect_uri", reportBack)
	got := send(t, srv, tokenForm("client_id", reportID, "client_secret", reportSecret, "redirect_uri", reportBack,
		"code", code))
	if tokensOf(t, got).RefreshToken != nil || !strings.Contains(got.body, `"refresh_token":null`) {
		t.Errorf("body %s", got.body)
	}
}

func TestTokensOfUsersWhoLeftAreRefused(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	got := tokensOf(t, send(t, srv, tokenForm("code", codeOf(t, srv))))
	err := srv.State.Change(func() error {
		_, err := table.Update(fake.Of[api](srv.State).users, "1", func(u User) (User, error) {
			u.Inactive = true
			return u,
				nil
		})
		return err
	})
	if err != nil || status(t, srv, got.AccessToken) != 401 {
		t.Errorf("an inactive user's token was taken; %v", err)
	}
	check(t, send(t, srv, refreshForm(*got.RefreshToken)), 400, badRequest("refresh_token is invalid"))
}

func TestAutoApproveTakesTheFirstUser(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithFeature(AutoApprove, true))
	got := send(t, srv, ask{line: authorizeLine(), as: "-"})
	u, _ := url.Parse(got.header.Get("Location"))
	one := tokensOf(t, send(t, srv, tokenForm("code", u.Query().Get("code"))))
	if s := send(t, srv, ask{line: "GET /api/v1/connections/3", as: one.AccessToken}).status; s != 200 {
		t.Errorf("connection 3, which only the administrator sees, got %d", s)
	}
}

func TestAppsAreMadeInOneStep(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, WithConnectedApp(ConnectedApp{
		ClientID:     "mine",
		ClientSecret: "secret",
		RedirectURIs: []string{"myapp://back"},
	}))
	code := codeOf(t, srv, "client_id", "mine", "redirect_uri", "myapp://back")
	tokensOf(t, send(t, srv, tokenForm("client_id", "mine", "client_secret", "secret", "redirect_uri", "myapp://back",
		"code", code)))

	var app ConnectedApp
	got := send(t, srv, ask{
		line: "POST /__connected-apps",
		as:   "-",
		body: `{"name":"Hers","redirectUris":["http://127.0.0.1:9/cb"],"offlineAccess":false}`,
	})
	check(t, got, 201, "")
	got.into(t, &app)
	if !regexp.MustCompile(`^fci_[A-Za-z0-9_-]{22}$`).MatchString(app.ClientID) ||
		!regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(app.ClientSecret) {
		t.Errorf("id %q, secret %q", app.ClientID, app.ClientSecret)
	}
	code = codeOf(t, srv, "client_id", app.ClientID, "redirect_uri", "http://127.0.0.1:9/cb")
	tokensOf(t, send(t, srv, tokenForm("client_id", app.ClientID, "client_secret", app.ClientSecret, "redirect_uri",
		"http://127.0.0.1:9/cb", "code", code)))

	check(t, send(t, srv, ask{
		line: "POST /__connected-apps",
		as:   "-",
		body: `{"name":"Bad","clientId":"mine","tenantId":9,"redirectUris":["javascript:alert(1)","/x",` +
			`"http://h/#f","http:"]}`,
	}), 400,
		badRequest("each value in redirectUris must be a place that a browser can be sent to",
			"each value in redirectUris must be an absolute URI",
			"each value in redirectUris must be without a fragment", "each value in redirectUris must name a host",
			"clientId is in use", "tenantId is unknown"))
	check(t, send(t, srv, ask{line: "POST /__connected-apps", as: "-", body: `{"redirectUris":[]}`}), 400,
		badRequest("name must be longer than or equal to 1 characters", "name must be a string",
			"redirectUris must contain at least 1 elements"))
}

func TestAppsBelongToTheHostsRegion(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	body := `{"name":"Hers","redirectUris":["http://127.0.0.1:9/cb"]}`
	var app ConnectedApp
	send(t, srv, ask{line: "POST /__connected-apps", as: "-", host: "global-jp.flosum.app", body: body}).into(t, &app)
	if app.TenantID != 2 {
		t.Errorf("made on the Japanese host, the app belongs to tenant %d", app.TenantID)
	}
	check(t, send(t, srv, ask{line: "POST /__connected-apps", as: "-", host: "global-au.flosum.app", body: body}), 400,
		badRequest("tenantId is needed: no tenant lives in region au"))
}

func TestRedirectURIsOfTheWorldCountForAllApps(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	settings := srv.World.Settings()
	settings.Texts = map[string]string{RedirectURI: "http://localhost:5173/cb,javascript:x"}
	srv.World.Change(settings)
	code := codeOf(t, srv, "redirect_uri", "http://localhost:5173/cb")
	tokensOf(t, send(t, srv, tokenForm("redirect_uri", "http://localhost:5173/cb", "code", code)))
	check(t, send(t, srv, approving("redirect_uri", "javascript:x")), 400, "")
}

func TestRedirectURIsOfTheCommandLineAreChecked(t *testing.T) {
	t.Parallel()
	for list, want := range map[string]string{
		"http://localhost:5173/cb,app:back": "", "nonsense": `"nonsense" must be an absolute URI`,
		"http://h/cb,": `"" must be an absolute URI`,
		"javascript:x": `"javascript:x" must be a place that a browser can be sent to`,
	} {
		got := ""
		if err := fitAll(list); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: %q, want %q", list, got, want)
		}
	}
}

func TestMultiTenantAppsTakeUsersOfOtherTenants(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithRows("tenants", Tenant{ID: 7, Name: "guest"}),
		WithUsers(User{TenantID: 7, Email: "gus@guest.example", Name: "Gus"}),
		WithConnectedApp(ConnectedApp{
			ClientID:     "many",
			ClientSecret: "s",
			MultiTenant:  true,
			RedirectURIs: []string{"http://h/cb"},
		}))
	for client, want := range map[string]int{"many": 302, portalID: 400} {
		back := map[string]string{"many": "http://h/cb", portalID: portalBack}[client]
		got := send(t, srv, ask{
			line:   authorizeLine("client_id", client, "redirect_uri", back),
			as:     "-",
			header: map[string]string{"Mockserver-Consent": "approve gus@guest.example"},
		})
		check(t, got, want, "")
	}
}

func TestGeneratedCredentialsBelongToTheirWorld(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	if _, err := srv.Server.NewWorld("other", fake.Settings{}, srv.World); err != nil {
		t.Fatal(err)
	}
	there := map[string]string{"Mockserver-World": "other", "Mockserver-Consent": "approve"}
	got := send(t, srv, ask{line: authorizeLine(), as: "-", header: there})
	u, _ := url.Parse(got.header.Get("Location"))
	// nothing names the world from here on
	one := tokensOf(t, send(t, srv, tokenForm("code", u.Query().Get("code"))))
	two := tokensOf(t, send(t, srv, refreshForm(*one.RefreshToken)))
	check(t, send(t, srv, ask{
		line: "PUT /api/v1/connections/1/settings",
		as:   two.AccessToken,
		body: `{"isBackupsDisabled":true,"isArchivesDisabled":true}`,
	}), 200, "")
	for world, want := range map[string]bool{"default": false, "other": true} {
		var x settingsView
		send(t, srv, ask{
			line:   "GET /api/v1/connections/1/settings",
			header: map[string]string{"Mockserver-World": world},
		}).into(t, &x)
		if x.Scheduler.IsBackupsDisabled != want {
			t.Errorf("backups disabled in world %s: %v", world, x.Scheduler.IsBackupsDisabled)
		}
	}
	here := send(t, srv, approving())
	if here.header.Get("Location") == got.header.Get("Location") {
		t.Error("two worlds generated the same code")
	}
}

func TestFreshCredentialsWorkInTheirWorldOnly(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	w, err := srv.Server.NewWorld("fresh", fake.Settings{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	state, err := w.State("flosum")
	if err != nil {
		t.Fatal(err)
	}
	var all []fake.Credential
	if err := state.Change(func() error { all = Def().Credentials(state, ""); return nil }); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"valid": 200, "revoked": 401, "expired": 401}
	for _, c := range all {
		if c.Secret != "" {
			if u := send(t, srv,
				ask{
					line:   authorizeLine("client_id", c.Value),
					as:     "-",
					header: map[string]string{"Mockserver-Consent": "approve"},
				}); c.Principal == "Acme Portal" && u.status != 302 {
				t.Errorf("the fresh client of %s got %d", c.Principal, u.status)
			}
			continue
		}
		if got := status(t, srv, c.Value); c.Principal != "hana" && got != want[c.State] {
			t.Errorf("the %s credential of %s got %d", c.State, c.Principal, got)
		}
	}
	if len(all) != 9 {
		t.Errorf("credentials: %+v", all)
	}
}

func TestATokenOfOnesOwnChoosingIsTheFirstPrincipals(t *testing.T) {
	t.Parallel()
	for seed, principal := range map[string]string{"default": "ada", "empty": "ada"} {
		srv := NewServer(t, fake.WithSeed(seed))
		var got []fake.Credential
		if err := srv.State.Change(
			func() error { got = Def().Credentials(srv.State, "chosen"); return nil }); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Principal != principal || status(t, srv, "chosen") != 200 {
			t.Errorf("seed %s: %+v", seed, got)
		}
	}
	bare := NewServer(t, fake.WithSeed("empty"), fake.WithState(func(s *fake.State) error {
		fake.Of[api](s).access.DeleteIf(func(accessToken) bool { return true })
		fake.Of[api](s).apps.DeleteIf(func(ConnectedApp) bool { return true })
		return nil
	}))
	if err := bare.State.Change(func() error { Def().Credentials(bare.State, "chosen"); return nil }); err != nil ||
		status(t, bare, "chosen") != 200 {
		t.Errorf("a seed without tokens: %v", err)
	}
}

// TestARefreshNeedsTheRedirectURIOfItsCode checks that a refresh accepts only the redirect URI of
// the first step.
func TestARefreshNeedsTheRedirectURIOfItsCode(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	got := tokensOf(t, send(t, srv, tokenForm("code", codeOf(t, srv))))
	other := badRequest("redirect_uri does not match the one the code was made for")
	check(t, send(t, srv, refreshForm(*got.RefreshToken, "redirect_uri", "https://app.example.com/oauth/callback")),
		400, other)
	second := tokensOf(t, send(t, srv, refreshForm(*got.RefreshToken)))
	check(t, send(t, srv, refreshForm(*second.RefreshToken, "redirect_uri", "https://app.example.com/oauth/callback")),
		400, other)
}

func TestACodeOfAUserWhoIsGoneIsInvalid(t *testing.T) {
	t.Parallel()
	srv := NewServer(t)
	code := codeOf(t, srv)
	a := fake.Of[api](srv.State)
	err := srv.State.Change(func() error {
		c, _ := a.codes.Find(code)
		_, err := table.Update(a.users, key(c.UserID), func(u User) (User, error) { u.Inactive = true; return u, nil })
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	check(t, send(t, srv, tokenForm("code", code)), 400, badRequest("code is invalid"))
}
