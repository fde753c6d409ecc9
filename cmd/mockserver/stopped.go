package main

import (
	"context"
	"errors"
	"os"

	"github.com/spf13/cobra"
)

// untilStopped calls what reads files, but returns when ctx ends: a file may be a pipe without a writer, or on a slow
// disk. The process ends then and takes the reader with it.
func untilStopped[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, &exitError{exitInterrupted, errors.New("stopped before it was ready")}
	}
}

func readFile(ctx context.Context, name string) ([]byte, error) {
	return untilStopped(ctx, func() ([]byte, error) { return os.ReadFile(name) })
}

// stoppable makes a command that reads and prints return when its context ends.
func stoppable(cmd *cobra.Command) *cobra.Command {
	do := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		_, err := untilStopped(cmd.Context(), func() (any, error) { return nil, do(cmd, args) })
		return err
	}
	return cmd
}
