package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/report"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// verification holds the flags of verify.
type verification struct {
	selection
	reports     reports
	target      string
	today       string
	live        bool
	allowWrites bool
	all         bool
}

const verifyHelp = `Replays case folders and bare cassette files, by default everything under fixtures/, and compares
every answer with the recorded one. Without --target the fakes in this binary answer.

With --live the target is the real service of one vendor. It gets no header of ours, and only
credentials from the environment: MOCKSERVER_LIVE_<FAKE>_<PRINCIPAL>, with the suffix _SECRET for a
secret. A case is skipped, with the reason, if it writes (unless --allow-writes is set), moves the
clock, requests another host than the target, or needs a credential that is not set.

The last two lines are
  interactions: N equal, N different, N pending
  N passed, N failed, N pending, N skipped
Exit codes: 0 success, 1 something differs or recordings are too old, 2 usage error, 3 target
unreachable, 4 nothing was compared.`

func verifyCommand() *cobra.Command {
	v := &verification{}
	cmd := &cobra.Command{
		Use: "verify [PATH...]", Short: "Replay recorded conversations against a fake, a server or the real service",
		Long: verifyHelp,
		RunE: func(cmd *cobra.Command, paths []string) error { return v.run(cmd, paths, mocks.All()) },
	}
	f := cmd.Flags()
	v.selection.register(f)
	v.reports.register(f)
	f.StringVar(&v.as, "as", "",
		"principal of the seed that sent the requests whose credential was removed from the recording")
	f.StringVar(&v.target, "target", "", "URL of a mockserver, or with --live of the real service")
	f.BoolVar(&v.live, "live", false, "the target is the real service; goes with --fake and --target")
	f.BoolVar(&v.allowWrites, "allow-writes", false, "with --live: replay cases that write, too")
	f.BoolVar(&v.all, "all", false, "print every difference instead of the first five of each interaction")
	f.StringVar(&v.today, "today", "", "compute the age of recordings on this day, like 2026-11-21; default: today")
	f.Lookup("today").Hidden = true
	return cmd
}

func (v *verification) run(cmd *cobra.Command, paths []string, defs []*fake.Def) error {
	target, today, err := v.choose(defs)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	collectLess()
	suite, err := v.load(cmd.Context(), paths, defs)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	found := suite.Replay(cmd.Context(), target, func(o *contracts.Outcome) { o.Show(out, v.all) })
	if cmd.Context().Err() != nil {
		return interrupted
	}
	found.Freshness = suite.Freshness(today)
	asked := "the fakes in this binary"
	if v.target != "" {
		asked = v.target
	}
	if err := v.reports.write(out, found, report.Options{Command: "verify", Target: asked}); err != nil {
		return err
	}
	found.Summary(out)
	if bugs, ok := target.(interface{ Bugs() []error }); ok && len(bugs.Bugs()) > 0 {
		return &exitError{exitFailed,
			fmt.Errorf("%d requests met a bug of the fake: %w", len(bugs.Bugs()), bugs.Bugs()[0])}
	}
	return ended(found, v.target)
}

// choose validates the flags and returns the target.
func (v *verification) choose(defs []*fake.Def) (target contracts.Target, today time.Time, err error) {
	today = time.Now()
	if v.today != "" {
		if today, err = time.Parse(time.DateOnly, v.today); err != nil {
			return nil, today, fmt.Errorf("--today %s: expected a day like 2026-11-21", v.today)
		}
	}
	err = v.selection.check(defs)
	if err == nil {
		err = v.reports.check()
	}
	if err == nil {
		target, err = v.toAsk(defs)
	}
	return target, today, err
}

func (v *verification) toAsk(defs []*fake.Def) (contracts.Target, error) {
	switch {
	case v.allowWrites && !v.live:
		return nil, errors.New("--allow-writes goes with --live")
	case v.live && v.target == "":
		return nil, errors.New("--live needs --target, the URL of the real service")
	case v.live && v.fake == "":
		return nil, fmt.Errorf("--live needs --fake, as %s is the service of one vendor: %s", v.target,
			strings.Join(namesOf(defs), ", "))
	case v.target != "" && !isURL(v.target):
		return nil, fmt.Errorf("--target %s: expected a URL like http://127.0.0.1:4000", v.target)
	case v.live:
		return contracts.Live(v.target, v.allowWrites), nil
	case v.target != "":
		return contracts.Remote(v.target, os.Getenv("MOCKSERVER_ADMIN_TOKEN")), nil
	}
	return contracts.InProcess(defs...)
}

func isURL(s string) bool { return strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") }
