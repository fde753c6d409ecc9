package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fixtures"
	"github.com/afba07b5/mockserver/mocks"
)

// verification is what the flags of verify say.
type verification struct {
	fake        string
	target      string
	seed        string
	limits      string
	report      string
	live        bool
	allowWrites bool
	all         bool
}

func verifyCommand() *cobra.Command {
	v := &verification{}
	cmd := &cobra.Command{
		Use:   "verify [PATH...]",
		Short: "Replay recorded conversations against a fake, a server or the real service",
		Long: "Replays case folders and bare cassette files, by default everything under fixtures/, and compares every\n" +
			"answer with the recorded one. Without --target the fakes in this binary answer.",
		RunE: func(cmd *cobra.Command, paths []string) error { return v.run(cmd, paths, mocks.All()) },
	}
	f := cmd.Flags()
	f.StringVar(&v.fake, "fake", "", "replay the cases of this fake alone; bare files are for it")
	f.StringVar(&v.target, "target", "", "URL of a mockserver, or with --live of the real service")
	f.StringVar(&v.seed, "seed", "default", "seed that bare files start from")
	f.StringVar(&v.limits, "limits", "off", "the vendors' rate limits while bare files are replayed: on or off")
	f.StringVar(&v.report, "report", "", "write a JUnit report to this file")
	f.BoolVar(&v.live, "live", false, "the target is the real service: no header of ours, credentials from MOCKSERVER_LIVE_<FAKE>_<PRINCIPAL> alone")
	f.BoolVar(&v.allowWrites, "allow-writes", false, "with --live: replay cases that write, too")
	f.BoolVar(&v.all, "all", false, "print every difference, not the first five of each interaction")
	return cmd
}

func (v *verification) run(cmd *cobra.Command, paths []string, defs []*fake.Def) error {
	target, err := v.choose(defs)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	suite, err := v.load(paths, defs)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	out := cmd.OutOrStdout()
	report := suite.Replay(cmd.Context(), target, func(o *contracts.Outcome) { o.Show(out, v.all) })
	report.Summary(out)
	if v.report != "" {
		if err := writeReport(v.report, report); err != nil {
			return &exitError{exitUsage, err}
		}
	}
	switch code := report.Exit(); code {
	case contracts.ExitFine:
		return nil
	case contracts.ExitNothing:
		return &exitError{code, errors.New("nothing was verified")}
	case contracts.ExitUnreachable:
		return &exitError{code, fmt.Errorf("nothing answers at %s", v.target)}
	default:
		return &exitError{code: code}
	}
}

// choose makes the target that the flags name.
func (v *verification) choose(defs []*fake.Def) (contracts.Target, error) {
	names := namesOf(defs)
	switch {
	case v.fake != "" && !slices.Contains(names, v.fake):
		return nil, fmt.Errorf("no fake %q%s; fakes: %s", v.fake, fake.Hint(v.fake, names), strings.Join(names, ", "))
	case v.limits != "on" && v.limits != "off":
		return nil, fmt.Errorf("--limits %s: expected on or off", v.limits)
	case v.allowWrites && !v.live:
		return nil, errors.New("--allow-writes goes with --live")
	case v.live && v.target == "":
		return nil, errors.New("--live needs --target, the URL of the real service")
	case v.target != "" && !strings.HasPrefix(v.target, "http://") && !strings.HasPrefix(v.target, "https://"):
		return nil, fmt.Errorf("--target %s: expected a URL like http://127.0.0.1:4000", v.target)
	case v.live:
		return contracts.Live(v.target, v.allowWrites), nil
	case v.target != "":
		return contracts.Remote(v.target, os.Getenv("MOCKSERVER_ADMIN_TOKEN")), nil
	}
	return contracts.InProcess(defs...)
}

// load finds the cases.
func (v *verification) load(paths []string, defs []*fake.Def) (*contracts.Suite, error) {
	config := contracts.Config{Fakes: namesOf(defs), Only: v.fake, Seed: v.seed, LimitsOn: v.limits == "on", Defaults: fixtures.Defaults}
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
		below = append(below, strings.TrimPrefix(filepath.ToSlash(abs), "/"))
	}
	return contracts.Load(os.DirFS("/"), config, below...)
}

func namesOf(defs []*fake.Def) (names []string) {
	for _, def := range defs {
		names = append(names, def.Name)
	}
	return names
}

func writeReport(file string, report *contracts.Report) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(report.JUnit(f), f.Close())
}
