package coverage_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/contracts/coverage"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

var folder = regexp.MustCompile(`\bfixtures/[\w-]+/[\w-]+`)

// TestEvidenceIsHonest checks two rules: an operation marked as recorded is touched by a recorded
// case, and a case that a document names as the source of an operation touches it. It reads the
// coverage from the committed file, because measuring takes long under the race detector; CI checks
// that the file is up to date.
func TestEvidenceIsHonest(t *testing.T) {
	t.Parallel()
	kept, err := os.ReadFile("../../fixtures/coverage.json")
	if err != nil {
		t.Fatal(err)
	}
	covered, err := coverage.Parse(kept)
	if err != nil {
		t.Fatal(err)
	}
	for _, def := range mocks.All() {
		for _, op := range def.Spec.Operations() {
			checkEvidence(t, def.Name, op, covered.Operation(def.Name, op.ID))
		}
	}
}

func checkEvidence(t *testing.T, name string, op *fake.Operation, o *coverage.Operation) {
	t.Helper()
	if op.Evidence != "recorded" {
		return
	}
	if o == nil {
		t.Fatalf("%s: %s is not in fixtures/coverage.json; go run ./cmd/mockserver coverage --write", name, op.ID)
	}
	if len(o.Recorded) == 0 {
		t.Errorf("%s: %s is marked recorded, and no recorded case touches it; cases: %s", name, op.ID,
			strings.Join(o.Cases(), ", "))
	}
	for _, source := range folder.FindAllString(op.Source, -1) {
		if !slices.Contains(o.Cases(), strings.TrimPrefix(source, "fixtures/")) {
			t.Errorf("%s: %s names %s as its source, which does not touch it; these do: %s", name, op.ID, source,
				strings.Join(o.Cases(), ", "))
		}
	}
}
