package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts/mutant"
	"github.com/afba07b5/mockserver/mocks"
)

const mutantsHelp = `Breaks the fakes in this binary deliberately, one bug at a time (a dropped field, an ignored
filter, a page with an extra element, a code that is valid twice), and replays the cases against
each mutant: a suite that cannot fail proves nothing. A mutant that no case notices survives; one that
changes no answer is not counted. If all cases are replayed, each operator has to apply to each
fake.

The last line is
  mutants: N killed of M (P %)
Exit codes: 0 success, 1 less than 99 % are killed or an operator does not apply, 2 usage error,
4 there were no mutants.`

func mutantsCommand() *cobra.Command {
	s := &selection{limits: "off", seed: "default"}
	all := false
	cmd := &cobra.Command{
		Use: "mutants [PATH...]", Short: "Check that the cases notice bugs in the fakes", Long: mutantsHelp,
		RunE: func(cmd *cobra.Command, paths []string) error { return runMutants(cmd, s, paths, all) },
	}
	cmd.Flags().StringVar(&s.fake, "fake", "", "break only this fake")
	cmd.Flags().BoolVar(&all, "all", false, "print every mutant instead of the survivors")
	return cmd
}

func runMutants(cmd *cobra.Command, s *selection, paths []string, all bool) error {
	defs := mocks.All()
	if err := s.check(defs); err != nil {
		return err
	}
	collectLess()
	suite, err := s.load(cmd.Context(), paths, defs)
	if err != nil {
		return err
	}
	score, err := mutant.Run(cmd.Context(), suite, defs)
	if cmd.Context().Err() != nil {
		return &exitError{exitFailed, errors.New("interrupted before all mutants were replayed")}
	}
	if err != nil {
		return &exitError{exitFailed, err}
	}
	if len(paths) > 0 {
		score.Problems = nil // not every operator has a place in some of the cases
	}
	score.Show(cmd.OutOrStdout(), all)
	switch code := score.Exit(); code {
	case 0:
		return nil
	case exitNothing:
		return &exitError{code, errors.New("nothing was broken: there are no cases")}
	default:
		return &exitError{code,
			fmt.Errorf("the cases have to kill %d %% of the mutants, and every operator has to apply",
				mutant.Threshold)}
	}
}
