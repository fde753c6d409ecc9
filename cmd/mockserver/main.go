// Command mockserver stands in for four SaaS APIs on this machine. Started without a sub-command it serves
// them; `mockserver --help` lists the flags, each of which has an environment name: --admin-token is
// MOCKSERVER_ADMIN_TOKEN. A flag beats its environment name, and a wrong value refuses to start.
//
// Exit codes: 0 fine, 1 a check failed, 2 usage, 3 target unreachable, 4 nothing was verified, 130 interrupted
// before there was a verdict; `exec` ends with the code of its command.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // the image has no zone files

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/mocks"
)

// The exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
	exitNothing     = 4
)

// exitError is an error with the code to exit with. Without an error in it nothing is printed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usualGC is the pace of the garbage collector before this program slowed it down: a start allocates much and
// drops little. The server goes back to it once it is ready, so as to stay small.
var usualGC = debug.SetGCPercent(400)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(exitCode(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, mocks.All), os.Stderr))
}

// exitCode prints the error, one line, and returns the code it stands for.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	e, ok := errors.AsType[*exitError](err)
	if !ok {
		e = &exitError{exitUsage, err}
	}
	if e.err != nil {
		fmt.Fprintln(stderr, "mockserver:", contracts.Printable(e.err.Error()))
	}
	return e.code
}
