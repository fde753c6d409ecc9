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

// TestAStopIsObeyedWhileACommandReads gives commands files that are named pipes into which nobody writes.
func TestAStopIsObeyedWhileACommandReads(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"serve --port 0 --state FILE", "serve --port 0 --seed kickflow=FILE", "serve --config FILE",
		"exec --port 0 --state FILE -- true", "exec --port 0 --seed kickflow=FILE -- true",
		"exec --config FILE -- true", "validate FILE", "validate --seed kickflow=FILE", "story validate FILE",
		"story play x --stories FILE", "mcp --stories FILE", "mcp --listen 127.0.0.1:0 --stories FILE",
		"import --fake kickflow --out OUT FILE", "verify --fake kickflow DIR",
	} {
		dir := filepath.Join(t.TempDir(), "kickflow", "case")
		pipe := filepath.Join(dir, "case.yaml") // one each, as the first command's reader still has its own
		if err := errors.Join(os.MkdirAll(dir, 0o700), syscall.Mkfifo(pipe, 0o600)); err != nil {
			t.Fatal(err)
		}
		var writer *os.File
		reading := func() {
			var err error
			if writer, err = os.OpenFile(pipe, os.O_WRONLY, 0); err != nil { // waits for a reader
				t.Fatal(err)
			}
		}
		names := strings.NewReplacer("FILE", pipe, "DIR", dir, "OUT", filepath.Join(t.TempDir(), "out"))
		stopWhileReading(t, reading, strings.Fields(names.Replace(line))...)
		writer.Close()
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
