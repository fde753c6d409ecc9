package contracts

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// TestDriftWithoutSomeCredentials checks that of a case with callers whose credentials are not set
// the interactions of the others are compared with the fake of kickflow, and that the report says
// what is left out and why.
func TestDriftWithoutSomeCredentials(t *testing.T) {
	srv := kickflow.NewServer(t)
	here, err := InProcess(kickflow.Def())
	if err != nil {
		t.Fatal(err)
	}
	var known []fake.Credential
	srv.State.View(func() { known = kickflow.Def().Known(srv.State) })
	admin, err := find(known, "admin", "valid")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("MOCKSERVER_LIVE_KICKFLOW_ADMIN", admin.Value)
	suite, err := Load(os.DirFS("../fixtures"), Config{Fakes: []string{"kickflow"}}, "kickflow/refusals",
		"kickflow/roles")
	if err != nil {
		t.Fatal(err)
	}
	report := suite.Drift(t.Context(), here, Live(srv.URL, true), nil)
	var shown strings.Builder
	report.ShowMoves(&shown, true)
	for _, o := range report.Outcomes {
		compared, all := 0, o.Case.Len()
		for _, r := range o.Results {
			compared += count(r.Sent)
		}
		if o.Err != nil || o.Skipped != "" || compared == 0 || len(o.LeftOut) == 0 ||
			all != len(o.Results) {
			t.Errorf("%s: %v %s: %d of %d compared, %d left out", o.Case.Name, o.Err, o.Skipped, compared, all,
				len(o.LeftOut))
		}
		for _, l := range o.LeftOut {
			line := fmt.Sprintf("  #%d %s: left out, as %s", l.Number, compare.Shorten(l.Request), l.Why)
			if !strings.Contains(shown.String(), line) {
				t.Errorf("%q is missing in:\n%s", line, shown.String())
			}
		}
	}
	for _, want := range []string{
		"it needs MOCKSERVER_LIVE_KICKFLOW_MEMBER, which is not set",
		"it needs MOCKSERVER_LIVE_KICKFLOW_REVOKED_REVOKED, which is not set",
		"moved: 0 fake, 0 vendor, 0 recording, 0 both; cases: 2 compared, 0 with errors, 0 skipped",
	} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%q is missing in:\n%s", want, shown.String())
		}
	}
}
