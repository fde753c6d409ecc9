package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/report"
	"github.com/afba07b5/mockserver/fake"
)

// drifting holds the flags of drift.
type drifting struct {
	selection
	reports     reports
	live        string
	allowWrites bool
	all         bool
}

const driftHelp = `Replays cases, by default all of the fake's under fixtures/, against the fake in this binary and
against the real service, and names the culprit of each difference:

  fake       the real service still answers as recorded, the fake does not: a bug of ours
  vendor     the fake answers as recorded, the real service does not: drift
  recording  both give the same answer, which differs from the recording: the recording is stale
  both       all three differ

Two values are equal if they are equal up to renaming: each server generates its own identifiers
and times. Requests to the real service and reasons to skip a case are those of verify --live. Of
a case that writes, only reads are compared whose answers do not depend on the writes, and of one
with several callers only what does not depend on callers without a credential (--all lists the
others). A known gap excuses the fake.

The last line is
  moved: N fake, N vendor, N recording, N both; cases: N compared, N with errors, N skipped
Exit codes: 0 no difference, 1 differences, 2 usage error, 3 the service is unreachable,
4 nothing was compared.`

func driftCommand(defs []*fake.Def) *cobra.Command {
	d := &drifting{}
	cmd := &cobra.Command{
		Use:   "drift --fake NAME --live URL [PATH...]",
		Short: "Compare fake, real service and recordings, and name what changed", Long: driftHelp,
		RunE: func(cmd *cobra.Command, paths []string) error { return d.run(cmd, paths, defs) },
	}
	f := cmd.Flags()
	d.selection.register(f)
	d.reports.register(f)
	f.StringVar(&d.live, "live", "", "URL of the real service")
	f.BoolVar(&d.allowWrites, "allow-writes", false, "replay cases that write, too")
	f.BoolVar(&d.all, "all", false, "print every difference instead of the first five of each interaction")
	return cmd
}

func (d *drifting) run(cmd *cobra.Command, paths []string, defs []*fake.Def) error {
	if err := d.check(defs); err != nil {
		return &exitError{exitUsage, err}
	}
	here, err := contracts.InProcess(find(defs, d.fake))
	if err != nil {
		return err
	}
	suite, err := d.load(cmd.Context(), paths, defs)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	found := suite.Drift(cmd.Context(), here, contracts.Live(d.live, d.allowWrites), func(o *contracts.Outcome) {
		if o.Skipped != "" || o.Err != nil {
			o.Show(out, d.all)
		}
	})
	if cmd.Context().Err() != nil {
		return interrupted
	}
	if err := d.reports.write(out, found,
		report.Options{Command: "drift", Target: "the fake in this binary, and " + d.live}); err != nil {
		return err
	}
	found.ShowMoves(out, d.all)
	return ended(found, d.live)
}

func (d *drifting) check(defs []*fake.Def) error {
	if err := d.selection.check(defs); err != nil {
		return err
	}
	switch {
	case d.fake == "":
		return errors.New("--fake is needed; fakes: " + strings.Join(namesOf(defs), ", "))
	case d.live == "":
		return errors.New("--live is needed: the URL of the real service")
	case !isURL(d.live):
		return fmt.Errorf("--live %s: expected a URL like https://api.example.com", d.live)
	}
	return d.reports.check()
}
