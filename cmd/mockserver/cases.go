package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fixtures"
)

// selection holds the flags that select cases.
type selection struct {
	fake   string
	seed   string
	limits string
	as     string
}

func (s *selection) register(f *pflag.FlagSet) {
	f.StringVar(&s.fake, "fake", "", "replay only the cases of this fake; bare files belong to it")
	f.StringVar(&s.seed, "seed", "default", "seed that bare files start from")
	f.StringVar(&s.limits, "limits", "off", "the vendors' rate limits during the replay of bare files: on or off")
}

func (s *selection) check(defs []*fake.Def) error {
	names := namesOf(defs)
	switch {
	case s.fake != "" && !slices.Contains(names, s.fake):
		return fmt.Errorf("no fake %q%s; fakes: %s", s.fake, fake.Hint(s.fake, names), strings.Join(names, ", "))
	case s.limits != "on" && s.limits != "off":
		return fmt.Errorf("--limits %s: expected on or off", s.limits)
	}
	return nil
}

// load loads the cases under the paths, by default everything under fixtures/.
func (s *selection) load(ctx context.Context, paths []string, defs []*fake.Def) (*contracts.Suite, error) {
	config := contracts.Config{Defs: defs, Only: s.fake, Seed: s.seed,
		LimitsOn: s.limits == "on", As: s.as, Defaults: fixtures.Defaults}
	if len(paths) == 0 {
		paths = []string{"fixtures"}
	}
	var below []string
	for _, p := range paths {
		abs, err := filepath.Abs(p)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(abs); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s does not exist; name case folders or cassette files", p)
		}
		below = append(below, rootless(abs))
	}
	suite, err := untilStopped(ctx, func() (*contracts.Suite, error) {
		return contracts.Load(os.DirFS("/"), config, below...)
	})
	if errors.Is(err, contracts.ErrNoCase) {
		return nil, &exitError{exitNothing, fmt.Errorf("/%w", err)} // paths are relative to /
	}
	if err != nil && slices.ContainsFunc(below, func(p string) bool { return strings.HasPrefix(err.Error(), p) }) {
		err = fmt.Errorf("/%w", err)
	}
	if err == nil && len(suite.Cases) == 0 { // then there is a --fake
		return nil, &exitError{exitNothing, fmt.Errorf("no case of %s under %s; expected a folder %s/NAME with "+
			"case.yaml and steps.yaml or cassette.yaml", s.fake, strings.Join(paths, ", "), s.fake)}
	}
	return suite, err
}

// collectLess lets the garbage collector run less often, unless GOGC says how often: a command that replays cases lives
// for seconds and needs little memory.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}

// rootless converts an absolute path to a path in the file system of all cases.
func rootless(abs string) string { return strings.TrimPrefix(filepath.ToSlash(abs), "/") }

func namesOf(defs []*fake.Def) (names []string) {
	for _, def := range defs {
		names = append(names, def.Name)
	}
	return names
}
