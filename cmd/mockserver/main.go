// Command mockserver serves fakes of SaaS APIs. Without a sub-command it serves them until it
// is stopped; `mockserver --help` lists the flags. Each flag can be set by an environment variable:
// --admin-token by MOCKSERVER_ADMIN_TOKEN. A flag takes precedence over its variable. An invalid
// value is an error at start.
//
// Exit codes: 0 success, 1 a check failed, 2 usage error, 3 target unreachable, 4 nothing was
// verified, 130 interrupted before there was a verdict. `exec` exits with the code of its
// command, 127 if there is no such command and 126 if it cannot be run.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // the image has no zone files

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/internal/coldstart"
	"github.com/afba07b5/mockserver/mocks"
)

// The exit codes.
const (
	exitFailed      = 1
	exitUsage       = 2
	exitUnreachable = 3
	exitNothing     = 4
)

// exitError is an error with an exit code. If it wraps no error, nothing is printed.
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

// usualGC is the default setting of the garbage collector. During start, which allocates much and
// frees little, the collector runs less often; once the server is ready it returns to this setting
// to stay small.
var usualGC = coldstart.UsualGC

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(exitCode(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, mocks.All), os.Stderr))
}

// exitCode prints the error on one line and returns its exit code.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	e, ok := errors.AsType[*exitError](err)
	if !ok {
		e = &exitError{exitUsage, err}
	}
	if e.err != nil {
		fmt.Fprintln(stderr, "mockserver:", contracts.Printable(plainError(e.err)))
	}
	return e.code
}
