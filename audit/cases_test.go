package audit_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// audited is a target that audits the world of each case at its end.
type audited struct {
	contracts.Target
	srv   *fake.Server
	mu    sync.Mutex
	found map[string][]string // case → rules
}

type auditedWorld struct {
	contracts.World
	target *audited
	name   string
}

func (a *audited) World(ctx context.Context, start contracts.Start) (contracts.World, error) {
	w, err := a.Target.World(ctx, start)
	return &auditedWorld{w, a, start.Case}, err
}

func (w *auditedWorld) Close() error {
	for _, world := range w.target.srv.List() {
		report, err := w.target.srv.Audit(world, audit.Options{})
		if err != nil {
			return err
		}
		w.target.mu.Lock()
		for _, f := range report.Findings {
			if rules := w.target.found[w.name]; !slices.Contains(rules, f.Rule) {
				w.target.found[w.name] = append(rules, f.Rule)
			}
		}
		w.target.mu.Unlock()
	}
	return w.World.Close()
}

// TestCasesAreInnocentUnlessTheyMeanTo replays conversations of all fakes, hundreds of requests of the usual kind.
// The cases that break a rule do so on purpose, and name it under findings in case.yaml.
func TestCasesAreInnocentUnlessTheyMeanTo(t *testing.T) {
	t.Parallel()
	inProcess, err := contracts.InProcess(mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	target := &audited{Target: inProcess, srv: inProcess.(interface{ Server() *fake.Server }).Server(),
		found: map[string][]string{}}
	var paths []string
	for _, def := range mocks.All() {
		if def.Name != "twenty" { // of whose many cases a few are enough
			paths = append(paths, def.Name)
		}
	}
	for _, name := range []string{"rest_companies_crud", "rest_pagination", "graphql_companies_crud",
		"rest_people_crud",
		"surface_auth", "rate_limit"} {
		paths = append(paths, "twenty/"+name)
	}
	suite, err := contracts.Load(os.DirFS("../fixtures"),
		contracts.Config{Defs: mocks.All()}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	onPurpose := 0
	for _, one := range suite.Cases { // one after the other: Close audits all worlds that there are
		suite.Cases = []*contracts.Case{one}
		suite.Replay(t.Context(), target, nil)
		found := target.found[one.Name]
		onPurpose += len(found)
		if !slices.Equal(found, one.Info.Findings) {
			t.Errorf("%s: the audit finds %q, and case.yaml has findings: %q; correct the case or, if its client errs "+
				"on purpose, write findings: [%s]", one.Name, found, one.Info.Findings, strings.Join(found, ", "))
		}
	}
	if onPurpose == 0 {
		t.Error("no case breaks a rule of the audit: are they audited?")
	}
}
