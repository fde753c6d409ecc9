package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/fake"
)

// exitInterrupted is the exit code of an interrupted command, as in shells.
const exitInterrupted = 130

const execHelp = `Starts the fakes on free ports, runs a command with their addresses in its environment, stops them
and exits with the command's exit code. The environment has for each fake:

  KICKFLOW_API_BASE_URL    its URL
  KICKFLOW_API_CREDENTIAL  a valid credential of the default world: token, key or client id
  KICKFLOW_API_SECRET      the secret of an OAuth client

and MOCKSERVER_URL (the edge port) and MOCKSERVER_ADMIN_URL (the control plane) for all.`

func execCommand(defs []*fake.Def) *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use: "exec [flags] -- command [argument...]", Short: "Run a command beside the fakes, on free ports",
		Long: execHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("exec: say what to run, like: mockserver exec -- go test ./...")
			}
			return s.exec(cmd, defs, args)
		},
	}
	s.register(cmd.Flags(), defs, 0)
	cmd.Flags().SetInterspersed(false)
	return cmd
}

func (s *settings) exec(cmd *cobra.Command, defs []*fake.Def, args []string) error {
	program, err := exec.LookPath(args[0])
	if err != nil {
		return fmt.Errorf("exec: %v", err)
	}
	s.bug = newBugReport(cmd.ErrOrStderr()).add
	h, err := s.openUntil(cmd.Context(), defs)
	if err != nil {
		return err
	}
	child := exec.CommandContext(cmd.Context(), program, args[1:]...)
	child.Stdin, child.Stdout, child.Stderr = cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()
	child.Cancel = func() error { return child.Process.Signal(syscall.SIGTERM) }
	child.WaitDelay = 10 * time.Second
	serving, stop := context.WithCancel(context.Background())
	defer stop()
	var ended error
	err = h.run(serving, func() {
		child.Env = append(os.Environ(), h.environment()...)
		ended = child.Run()
		stop()
	})
	if left, ok := errors.AsType[*exec.ExitError](ended); ok {
		return &exitError{code: exitOf(left)}
	}
	if errors.Is(ended, context.Canceled) {
		return &exitError{code: exitInterrupted}
	}
	return errors.Join(ended, err)
}

// exitOf returns the exit code of a command, or the code that shells give for a signal.
func exitOf(e *exec.ExitError) int {
	if status, ok := e.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return e.ExitCode()
}

// environment returns the variables that tell a command where the fakes are.
func (h *app) environment() []string {
	env := []string{"MOCKSERVER_URL=" + h.ears.url(""), "MOCKSERVER_ADMIN_URL=" + h.ears.url("") + "/__admin"}
	if h.token != "" {
		env = append(env, "MOCKSERVER_ADMIN_TOKEN="+h.token)
	}
	for _, def := range h.defs {
		name := strings.ToUpper(def.Name) + "_API_"
		one := h.credential(def)
		env = append(env, name+"BASE_URL="+h.ears.base(def.Name), name+"CREDENTIAL="+one.Value)
		if one.Secret != "" {
			env = append(env, name+"SECRET="+one.Secret)
		}
	}
	return env
}
