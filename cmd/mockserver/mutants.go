package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts/mutant"
	"github.com/afba07b5/mockserver/mocks"
)

const mutantsHelp = `Breaks the fakes in this binary on purpose, one thing at a time (a dropped field, an ignored filter, a page with
one element more, a code that can be used twice), and lets the cases judge each of them: a suite that cannot
fail proves nothing. A mutant that nobody notices survives; one that changes no answer is not counted. With all
cases, each kind of mutant has to break something of each fake.

The last line is
  mutants: N killed of M (P %)
Exit codes: 0 fine, 1 less than 95 % are killed or a kind does not apply, 2 usage, 4 nothing was broken.`

func mutantsCommand() *cobra.Command {
	s := &selection{limits: "off", seed: "default"}
	all := false
	cmd := &cobra.Command{
		Use: "mutants [PATH...]", Short: "Prove that the cases notice broken fakes", Long: mutantsHelp,
		RunE: func(cmd *cobra.Command, paths []string) error { return runMutants(cmd, s, paths, all) },
	}
	cmd.Flags().StringVar(&s.fake, "fake", "", "break this fake alone")
	cmd.Flags().BoolVar(&all, "all", false, "print every mutant, not the survivors alone")
	return cmd
}

func runMutants(cmd *cobra.Command, s *selection, paths []string, all bool) error {
	defs := mocks.All()
	if err := s.check(defs); err != nil {
		return err
	}
	suite, err := s.load(paths, defs)
	if err != nil {
		return err
	}
	score, err := mutant.Run(cmd.Context(), suite, defs)
	if cmd.Context().Err() != nil {
		return &exitError{exitFailed, errors.New("interrupted before all mutants were judged")}
	}
	if err != nil {
		return &exitError{exitFailed, err}
	}
	if len(paths) > 0 {
		score.Problems = nil // not every kind has a place in some of the cases
	}
	score.Show(cmd.OutOrStdout(), all)
	switch code := score.Exit(); code {
	case 0:
		return nil
	case exitNothing:
		return &exitError{code, errors.New("nothing was broken: there are no cases")}
	default:
		return &exitError{code, fmt.Errorf("the cases have to kill %d %% of the mutants, and every kind has to apply", mutant.Threshold)}
	}
}
