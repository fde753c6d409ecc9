package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// exitInterrupted is the exit code of an interrupted command, as in shells.
const exitInterrupted = 130

// The codes of commands that exec could not run.
const (
	exitCannotRun = 126
	exitNotFound  = 127
)

const execHelp = `Starts the fakes on free ports, runs a command with their addresses in its environment, stops them
and exits with the command's exit code. The environment has for each fake:

  KICKFLOW_URL     its URL, also as KICKFLOW_API_BASE_URL
  KICKFLOW_TOKEN   a credential that is valid: token, key or client id; also as KICKFLOW_API_CREDENTIAL
  KICKFLOW_SECRET  what is sent besides, for OAuth clients; also as KICKFLOW_API_SECRET

and MOCKSERVER_URL (the edge port) and MOCKSERVER_ADMIN_URL (the control plane) for all. A command that is
not found is code 127, one that cannot be run 126, as in shells; what --fail-on names is code 1.

With --intercept the command also reaches the vendors' own hosts, HTTPS included, and is answered by the fakes: the
environment has the proxy and the certificate authority for curl, Node, Python, Go, Java, Ruby, PHP, .NET and others.

At the end it prints what was asked: requests by fake, refusals with their rules, operations without evidence,
and what the command did wrong although it got its answers (audit; docs/audit.md).`

func execCommand(defs []*fake.Def) *cobra.Command {
	var s settings
	var x execution
	cmd := &cobra.Command{
		Use: "exec [flags] -- command [argument...]", Short: "Run a command beside the fakes, on free ports",
		Long: execHelp,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("exec: say what to run, like: mockserver exec -- go test ./...")
			}
			return s.exec(cmd, defs, args, &x)
		},
	}
	s.register(cmd.Flags(), defs, 0)
	cmd.Flags().
		StringVar(&x.world, "world", "",
			"world for the command: a name, or auto for one with a fresh name (default: the default world)")
	cmd.Flags().
		StringSliceVar(&x.failOn, "fail-on", nil,
			"fail if the command's requests were one of these: "+strings.Join(kinds, ", "))
	cmd.Flags().SetInterspersed(false)
	return cmd
}

// execution is what the flags say that exec alone has.
type execution struct {
	world  string
	failOn []string
}

func (s *settings) exec(cmd *cobra.Command, defs []*fake.Def, args []string, x *execution) error {
	if err := checkKinds(x.failOn); err != nil {
		return err
	}
	program, err := exec.LookPath(args[0])
	if err != nil {
		return notRun(err)
	}
	s.stderr = cmd.ErrOrStderr()
	s.bug = newBugReport(s.stderr).add
	if err := s.openLog(s.stderr); err != nil {
		return err
	}
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
	var used *usage
	err = h.run(serving, func() {
		defer stop()
		env, clean, err := h.environment(cmd.Context(), x.world)
		if err != nil {
			ended = err
			return
		}
		defer clean()
		child.Env = append(os.Environ(), env...)
		ended = child.Run()
		for _, l := range h.secured {
			l.Settle(time.Second) // so that what went wrong with TLS is said
		}
		used = h.used()
	})
	if used != nil {
		used.print(cmd.ErrOrStderr())
	}
	if left, ok := errors.AsType[*exec.ExitError](ended); ok {
		return &exitError{code: exitOf(left)}
	}
	if errors.Is(ended, context.Canceled) {
		return &exitError{code: exitInterrupted}
	}
	if ended != nil && child.Process == nil {
		return notRun(ended)
	}
	if err := errors.Join(ended, err); err != nil {
		return err
	}
	return used.fail(x.failOn)
}

// notRun is the error of a command that did not start, with the code that shells give it.
func notRun(err error) error {
	code := exitCannotRun
	if errors.Is(err, exec.ErrNotFound) || errors.Is(err, fs.ErrNotExist) {
		code = exitNotFound
	}
	return &exitError{code, fmt.Errorf("exec: %w", err)}
}

// exitOf returns the exit code of a command, or the code that shells give for a signal.
func exitOf(e *exec.ExitError) int {
	if status, ok := e.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return e.ExitCode()
}

// environment names the fakes for a command, in a world that is created if it does not exist. clean removes files
// that it names.
func (h *app) environment(ctx context.Context, world string) (env []string, clean func(), err error) {
	reach, err := h.reach(ctx, world)
	if err != nil {
		return nil, nil, err
	}
	env, clean, err = h.variables(reach.Name)
	if err != nil {
		return nil, nil, err
	}
	env = append(env, "MOCKSERVER_URL="+h.ears.url(""), "MOCKSERVER_ADMIN_URL="+h.ears.url("")+control.Prefix)
	if reach.Name != "" {
		env = append(env, "MOCKSERVER_WORLD="+reach.Name)
	}
	if h.token != "" {
		env = append(env, "MOCKSERVER_ADMIN_TOKEN="+h.token)
	}
	for _, def := range h.defs {
		name, one := strings.ToUpper(def.Name), firstValid(reach.Credentials[def.Name])
		env = append(env, name+"_URL="+reach.URLs[def.Name], name+"_API_BASE_URL="+reach.URLs[def.Name],
			name+"_TOKEN="+one.Value, name+"_API_CREDENTIAL="+one.Value)
		if one.Secret != "" {
			env = append(env, name+"_SECRET="+one.Secret, name+"_API_SECRET="+one.Secret)
		}
	}
	return env, clean, nil
}

// reachable is how a command reaches the fakes in a world.
type reachable struct {
	Name        string                       `json:"name"` // "" for the default world
	URLs        map[string]string            `json:"urls"`
	Credentials map[string][]fake.Credential `json:"credentials"`
}

// reach makes the world of a command, unless it is the default one.
func (h *app) reach(ctx context.Context, world string) (r reachable, err error) {
	if world == "" || world == "default" {
		r.URLs, r.Credentials = map[string]string{}, map[string][]fake.Credential{}
		for _, def := range h.defs {
			r.URLs[def.Name], r.Credentials[def.Name] = h.ears.base(def.Name), credentials(h.world, def)
		}
		return r, nil
	}
	path, method := "/worlds/"+url.PathEscape(world), http.MethodPut
	if world == "auto" {
		path, method = "/worlds", http.MethodPost
	}
	if _, err := h.client().Call(ctx, method, path, nil, &r); err != nil {
		return r, fmt.Errorf("--world %s: %w", world, err)
	}
	return r, nil
}
