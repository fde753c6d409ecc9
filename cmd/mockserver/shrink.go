package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/unfriendly"
)

const shrinkHelp = `Runs a command that fails with unfriendly answers again and again, with fewer
and fewer variations, and prints the smallest set with which it still fails, with the value of
--unfriendly that repeats it. The command gets its variations by the environment variable
MOCKSERVER_UNFRIENDLY, which the test servers of the Go module and all commands of mockserver read:

  mockserver shrink -- go test ./...
  mockserver shrink --unfriendly-seed 7 -- mockserver exec -- npm test

It exits with 1 if it has found such a set, with 4 if the command passes, with 2 if it fails
without variations as well.`

// shrinking is what the flags of shrink say.
type shrinking struct {
	seed uint64
	runs int
}

func shrinkCommand() *cobra.Command {
	var s shrinking
	cmd := &cobra.Command{
		Use: "shrink [flags] -- command [argument...]", Short: "Find the fewest variations that make a command fail",
		Long: shrinkHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("shrink: say what to run, like: mockserver shrink -- go test ./...")
			}
			return s.run(cmd.Context(), args, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().Uint64Var(&s.seed, "unfriendly-seed", 1, "seed of the variations")
	cmd.Flags().IntVar(&s.runs, "runs", 60, "the most runs of the command")
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func (s *shrinking) run(ctx context.Context, args []string, out, errs io.Writer) error {
	program, err := exec.LookPath(args[0])
	if err != nil {
		return notRun(err)
	}
	n := 0
	var last []byte // what the newest run that failed has printed
	fails := func(names []string) (bool, error) {
		n++
		text, failed, err := runVaried(ctx, program, args[1:], s.setting(names))
		verdict := "passes"
		if failed {
			verdict, last = "fails", text
		}
		fmt.Fprintf(errs, "mockserver: run %d: %s: %s\n", n, s.setting(names), verdict)
		return failed, err
	}
	all := unfriendly.Names()
	if failed, err := fails(all); err != nil || !failed {
		return errors.Join(err, &exitError{exitNothing, fmt.Errorf("the command passes with all variations "+
			"of seed %d", s.seed)})
	}
	if failed, err := fails(nil); err != nil || failed {
		return errors.Join(err, &exitError{exitUsage, errors.New("the command fails without variations as well")})
	}
	found, err := unfriendly.Shrink(all, s.runs-n, fails)
	if err != nil && !errors.Is(err, unfriendly.ErrRuns) {
		return err
	}
	out.Write(last)
	fmt.Fprintf(out, "%s make it fail; to repeat it: --unfriendly=%s\n", strings.Join(found, ", "), s.setting(found))
	return &exitError{exitFailed, err}
}

// setting is the value of --unfriendly for some variations.
func (s *shrinking) setting(names []string) string {
	if len(names) == 0 {
		return unfriendly.Off
	}
	return fmt.Sprintf("%d:%s", s.seed, strings.Join(names, ","))
}

// runVaried runs the command with a setting and returns what it printed and whether it failed.
func runVaried(ctx context.Context, program string, args []string, setting string) (text []byte, failed bool,
	err error) {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = append(os.Environ(), environmentName("unfriendly")+"="+setting)
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if _, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		return out.Bytes(), true, nil
	}
	return out.Bytes(), false, err
}
