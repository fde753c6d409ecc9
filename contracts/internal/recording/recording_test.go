package recording

import "testing"

func TestCredentialVariable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ fake, principal, state, want string }{
		{"kickflow", "admin", "", "MOCKSERVER_LIVE_KICKFLOW_ADMIN"},
		{"kickflow", "admin", "valid", "MOCKSERVER_LIVE_KICKFLOW_ADMIN"},
		{"twenty", "restricted", "revoked", "MOCKSERVER_LIVE_TWENTY_RESTRICTED_REVOKED"},
		{"flosum", "Acme Portal", "", "MOCKSERVER_LIVE_FLOSUM_ACME_PORTAL"},
		{"flosum", "ada@acme.example", "", "MOCKSERVER_LIVE_FLOSUM_ADA_ACME_EXAMPLE"},
	} {
		if got := CredentialVariable(test.fake, test.principal, test.state); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}
