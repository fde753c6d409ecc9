//go:build unix

package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/afba07b5/mockserver/mocks"
)

// TestAStopIsObeyedWhileAStartReads reads a state and a seed from named pipes into which nobody writes.
func TestAStopIsObeyedWhileAStartReads(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"--state=FILE", "--seed=kickflow=FILE"} {
		for _, command := range [][]string{{"serve"}, {"exec"}} {
			pipe := filepath.Join(t.TempDir(), "pipe.yaml") // one each, as the first command's reader still has its own
			if err := syscall.Mkfifo(pipe, 0o600); err != nil {
				t.Fatal(err)
			}
			var writer *os.File
			reading := func() {
				var err error
				if writer, err = os.OpenFile(pipe, os.O_WRONLY, 0); err != nil { // waits for a reader
					t.Fatal(err)
				}
			}
			args := append(command, "--port", "0", strings.Replace(flag, "FILE", pipe, 1))
			if command[0] == "exec" {
				args = append(args, "--", "true")
			}
			stopWhileReading(t, reading, args...)
			writer.Close()
		}
	}
}

// stopWhileReading interrupts a command while it reads what the test has not written yet. reading waits until it reads.
func stopWhileReading(t *testing.T, reading func(), args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, args, streams{strings.NewReader(""), io.Discard, io.Discard}, mocks.All)
	}()
	reading()
	cancel()
	e, ok := errors.AsType[*exitError](<-ended)
	if !ok || e.code != exitInterrupted || !strings.Contains(e.Error(), "before it was ready") {
		t.Errorf("%v ended with %v", args, e)
	}
}
