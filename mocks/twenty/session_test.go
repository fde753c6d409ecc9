package twenty

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// metadata sends a document to /metadata and returns the answer.
func metadata(t *testing.T, srv *fake.TestServer, token, document string) string {
	t.Helper()
	return metadataIn(t, srv, "", token, document)
}

// metadataIn sends a document to the /metadata of a world, which the prefix of the path names.
func metadataIn(t *testing.T, srv *fake.TestServer, world, token, document string) string {
	t.Helper()
	text, err := json.Marshal(map[string]string{"query": document})
	if err != nil {
		t.Fatal(err)
	}
	_, body := ask(t, srv, token, "POST "+world+"/metadata", string(text))
	return body
}

var tokenInAnswer = regexp.MustCompile(`"token":"([^"]+)"`)

// signInTim exchanges Tim's password for an access and a refresh token.
func signInTim(t *testing.T, srv *fake.TestServer, world string) (access, refresh string) {
	t.Helper()
	login := tokenInAnswer.FindStringSubmatch(
		metadataIn(t, srv, world, "", `mutation { getLoginTokenFromCredentials(email: "tim@acme.test",
		password: "Applecar2025", origin: "http://a.test") { loginToken { token } } }`))
	if login == nil {
		t.Fatal("no login token")
	}
	pair := tokenInAnswer.FindAllStringSubmatch(
		metadataIn(t, srv, world, "", fmt.Sprintf(`mutation { getAuthTokensFromLoginToken(loginToken: %q,
		origin: "http://a.test") { tokens { accessOrWorkspaceAgnosticToken { token } refreshToken { token } } } }`,
			login[1])), -1)
	if len(pair) != 2 {
		t.Fatal("no tokens")
	}
	return pair[0][1], pair[1][1]
}

func renewal(token string) string {
	return fmt.Sprintf(`mutation { renewToken(appToken: %q) { tokens { refreshToken { token } } } }`, token)
}

func TestASessionIsOfOneWorld(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	other, err := srv.Server.NewWorld("other", fake.Settings{}, srv.World)
	if err != nil {
		t.Fatal(err)
	}
	access, refresh := signInTim(t, srv, "/__world/other")
	const me = `{ currentUser { email } }`
	if got := metadata(t, srv, access, me); got != `{"data":{"currentUser":{"email":"tim@acme.test"}}}` {
		t.Error(got)
	}
	if got := credentialWorld(access); got != "other" {
		t.Errorf("the token is of the world %q", got)
	}
	if got := metadata(t, srv, "", renewal(refresh)); !strings.Contains(got, "Token invalid.") {
		t.Errorf("another world renews it: %s", got)
	}
	other.Advance(13 * time.Hour)
	if got := metadata(t, srv, access, me); !strings.Contains(got, "Token has expired.") {
		t.Errorf("after 13 hours: %s", got)
	}
}

func TestARefreshTokenIsRenewedAgainWithinTheGraceTimeOnly(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	srv.World.Freeze(time.Date(2026, 11, 28, 9, 0, 0, 0, time.UTC))
	_, refresh := signInTim(t, srv, "")
	for range 2 {
		if got := metadata(t, srv, "", renewal(refresh)); tokenInAnswer.FindString(got) == "" {
			t.Fatal(got)
		}
	}
	srv.World.Advance(2 * time.Minute)
	if got := metadata(t, srv, "", renewal(refresh)); !strings.Contains(got, "this refresh token has been revoked") {
		t.Error(got)
	}
}

func TestSettingsOfTheWorkspaceStay(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	tim := credential(t, srv, "tim", "valid")
	const read = `{ currentWorkspace { displayName trashRetentionDays allowImpersonation } }`
	for _, c := range []struct{ token, change, want string }{
		{tim, `trashRetentionDays: -1`, `trashRetentionDays must not be less than 0`},
		{tim, `subdomain: "-a-"`, `SUBDOMAIN_NOT_VALID`},
		{tim, `isMicrosoftAuthEnabled: true`, `ENVIRONMENT_VAR_NOT_ENABLED`},
		{Key, `displayName: "Key"`, `requires a user context`},
		{tim, `customDomain: "a.test"`, `NOT_IN_THIS_FAKE`},
	} {
		if got := metadata(t, srv, c.token,
			`mutation { updateWorkspace(data: {`+c.change+`}) { id } }`); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.change, got)
		}
	}
	want := `{"data":{"currentWorkspace":{"displayName":"Acme","trashRetentionDays":14,"allowImpersonation":true}}}`
	if got := metadata(t, srv, Key, read); got != want {
		t.Errorf("refused changes: %s", got)
	}
	metadata(t, srv, tim, `mutation { updateWorkspace(data: {displayName: "Two", allowImpersonation: false}) { id } }`)
	want = `{"data":{"currentWorkspace":{"displayName":"Two","trashRetentionDays":14,"allowImpersonation":false}}}`
	if got := metadata(t, srv, Key, read); got != want {
		t.Errorf("after a change: %s", got)
	}
}

func TestInvitationsGoWithAReset(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	tim := credential(t, srv, "tim", "valid")
	got := metadata(t, srv, tim,
		`mutation { sendInvitations(emails: ["A@b.test", "a@b.test",`+
			` "tim@acme.test"]) { success errors result { email } } }`)
	want := `{"data":{"sendInvitations":{"success":false,` +
		`"errors":["This user is already a member of the workspace."],"result":[{"email":"a@b.test"},` +
		`{"email":"a@b.test"}]}}}`
	if got != want {
		t.Error(got)
	}
	const list = `{ findWorkspaceInvitations { email } }`
	if got := metadata(t, srv, Key, list); strings.Count(got, "a@b.test") != 2 {
		t.Error(got)
	}
	srv.World.Reset()
	if got := metadata(t, srv, Key, list); got != `{"data":{"findWorkspaceInvitations":[]}}` {
		t.Errorf("after a reset: %s", got)
	}
}
