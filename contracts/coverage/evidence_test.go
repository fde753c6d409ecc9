package coverage_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/coverage"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// measured is the coverage of the repository's own cases, with their names.
var measured = sync.OnceValues(func() (*coverage.Coverage, error) {
	var config contracts.Config
	for _, def := range mocks.All() {
		config.Fakes = append(config.Fakes, def.Name)
	}
	suite, err := contracts.Load(os.DirFS("../.."), config, "fixtures")
	if err != nil {
		return nil, err
	}
	return coverage.Measure(suite, mocks.All())
})

var folder = regexp.MustCompile(`\bfixtures/[\w-]+/[\w-]+`)

// An operation that says it is recorded is touched by a recorded case, and a case that a document names as the
// source of one touches it.
func TestEvidenceIsHonest(t *testing.T) {
	t.Parallel()
	covered, err := measured()
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
	if len(o.Recorded) == 0 {
		t.Errorf("%s: %s is marked recorded, and no recorded case touches it; cases: %s", name, op.ID, strings.Join(o.Cases(), ", "))
	}
	for _, source := range folder.FindAllString(op.Source, -1) {
		if !slices.Contains(o.Cases(), strings.TrimPrefix(source, "fixtures/")) {
			t.Errorf("%s: %s names %s as its source, which does not touch it; these do: %s", name, op.ID, source, strings.Join(o.Cases(), ", "))
		}
	}
}
