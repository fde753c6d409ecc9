package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts/coverage"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// The files of the coverage, relative to the root of the repository.
const (
	coveragePage = "docs/fidelity.md"
	coverageData = "fixtures/coverage.json"
)

const coverageHelp = `Prints which operations of the fakes' documents the cases under fixtures/ touch, with which
statuses and fields, and the age of the newest recording of each. Run it in the root of the
repository.

With --write it stores the result in ` + coveragePage + ` and ` + coverageData + `,
which the binary embeds. With --check it fails if these two are out of date, or if coverage has
shrunk.

Exit codes: 0 success, 1 a check failed, 2 usage error, 4 there are no cases.`

func coverageCommand() *cobra.Command {
	c := &coverageRun{}
	cmd := &cobra.Command{
		Use: "coverage", Short: "Show what the cases touch: operations, statuses, fields", Long: coverageHelp,
		Args: noArguments, RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd, mocks.All()) },
	}
	cmd.Flags().BoolVar(&c.write, "write", false, "keep it in "+coveragePage+" and "+coverageData)
	cmd.Flags().BoolVar(&c.check, "check", false, "fail if the committed coverage is out of date or has shrunk")
	cmd.Flags().BoolVar(&c.all, "all", false, "print every operation instead of the totals")
	cmd.MarkFlagsMutuallyExclusive("write", "check")
	return cmd
}

// coverageRun holds the flags of coverage.
type coverageRun struct{ write, check, all bool }

func (c *coverageRun) run(cmd *cobra.Command, defs []*fake.Def) error {
	suite, err := (&selection{limits: "off", seed: "default"}).load(cmd.Context(), nil, defs)
	if err != nil {
		return err
	}
	if len(suite.Cases) == 0 {
		return &exitError{exitNothing, errors.New("there are no cases under fixtures/")}
	}
	now, err := coverage.Measure(suite, defs)
	if err != nil {
		return err
	}
	now.Table(cmd.OutOrStdout(), c.all)
	switch {
	case c.write:
		return errors.Join(os.WriteFile(coveragePage, now.Markdown(), 0o644),
			os.WriteFile(coverageData, now.JSON(), 0o644))
	case c.check:
		return c.compare(cmd, now)
	}
	return nil
}

const mendCoverage = "`go run ./cmd/mockserver coverage --write` in the root of the repository updates them"

// compare compares the committed coverage with that of the present cases.
func (c *coverageRun) compare(cmd *cobra.Command, now *coverage.Coverage) error {
	data, err := os.ReadFile(coverageData)
	if errors.Is(err, fs.ErrNotExist) {
		return &exitError{exitFailed, fmt.Errorf("%s is not there; %s", coverageData, mendCoverage)}
	}
	if err != nil {
		return err
	}
	before, err := coverage.Parse(data)
	if err != nil {
		return &exitError{exitFailed, fmt.Errorf("%s: %w; %s", coverageData, err, mendCoverage)}
	}
	lost := coverage.Lost(before, now)
	for _, line := range lost {
		fmt.Fprintln(cmd.ErrOrStderr(), "lost:", line)
	}
	page, err := os.ReadFile(coveragePage)
	switch {
	case len(lost) > 0:
		return &exitError{exitFailed,
			fmt.Errorf("coverage has shrunk: restore the cases or, if this is intended, %s", mendCoverage)}
	case err != nil || !bytes.Equal(page, now.Markdown()) || !bytes.Equal(data, now.JSON()):
		return &exitError{exitFailed,
			fmt.Errorf("%s or %s is out of date; %s", coveragePage, coverageData, mendCoverage)}
	}
	return nil
}
