package report

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake/listen"
)

// TestSecretsOfALiveAnswerStayOffThePage replays against a service whose answer contains a token.
func TestSecretsOfALiveAnswerStayOffThePage(t *testing.T) {
	t.Setenv("MOCKSERVER_LIVE_SHOP_ADMIN", "unused-1")
	url, stop, err := listen.Serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "sid=live-session-s3cret-1")
		io.WriteString(w, `{"access_token":"live-t0ken-1","name":"shown"}`)
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"case.yaml":  "about: A case.\nsource: documented\n",
		"steps.yaml": "steps:\n- request: {url: /things}\n  response: {status: 404}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	suite, err := contracts.Load(os.DirFS(dir), contracts.Config{
		Fakes: []string{"shop"},
		Only:  "shop",
		Seed:  "default",
	}, ".")
	if err != nil {
		t.Fatal(err)
	}
	found := suite.Replay(t.Context(), contracts.Live(url, false), nil)
	var page strings.Builder
	if err := HTML(&page, New(found, Options{Command: "verify", Target: url})); err != nil {
		t.Fatal(err)
	}
	whole := page.String()
	if at := strings.Index(whole, "<h5>Answer</h5>"); at < 0 || !strings.Contains(whole[at:], "shown") ||
		strings.Contains(whole[at:], "live-t0ken-1") || strings.Contains(whole[at:], "live-session-s3cret-1") {
		t.Errorf("%s", whole)
	}
}
