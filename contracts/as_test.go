package contracts

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/mocks"
)

// TestEachFakeSaysHowItsCredentialIsSent sends each credential in the form of its fake's example
// and checks that the fake finds it.
func TestEachFakeSaysHowItsCredentialIsSent(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		m := credentialHeader.FindStringSubmatch(def.Example)
		if m == nil {
			t.Errorf("%s: %s has no header with a credential", def.Name, def.Example)
			continue
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set(m[1], m[2]+"a-credential-1")
		if got := def.Credential(r); !strings.Contains(got, "a-credential-1") {
			t.Errorf("%s finds %q in %s", def.Name, got, m[0])
		}
	}
}
