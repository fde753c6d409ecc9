package main

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// TestVerifyFailsOnABugOfAFake breaks every handler of one fake after the other, and replays a case of it.
func TestVerifyFailsOnABugOfAFake(t *testing.T) {
	t.Parallel()
	for _, one := range mocks.All() {
		name := one.Name
		folders, err := filepath.Glob("../../fixtures/" + name + "/*/case.yaml")
		if err != nil || len(folders) == 0 {
			t.Errorf("fixtures/%s has no case %v", name, err)
			continue
		}
		for kind, fails := range map[string]fake.Handler{
			"panic: on purpose": func(*fake.Request) (any, error) { panic("on purpose") },
			"no such thing":     func(*fake.Request) (any, error) { return nil, errors.New("no such thing") },
		} {
			defs := mocks.All()
			def := find(defs, name)
			build := def.New
			def.New = func(s *fake.State) fake.Ops {
				ops := build(s)
				for id := range ops {
					ops[id] = fails
				}
				return ops
			}
			v := &verification{selection: selection{fake: name, seed: "default", limits: "off"}}
			cmd := &cobra.Command{}
			var out strings.Builder
			cmd.SetOut(&out)
			cmd.SetContext(t.Context())
			err := v.run(cmd, []string{filepath.Dir(folders[0])}, defs)
			e, ok := errors.AsType[*exitError](err)
			if !ok || e.code != exitFailed || !strings.Contains(e.Error(), "requests met a bug of the fake") ||
				!strings.Contains(e.Error(), kind) {
				t.Errorf("%s: verify ends with %v\n%s", name, err, out.String())
			}
		}
	}
}
