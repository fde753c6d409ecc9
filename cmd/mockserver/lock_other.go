//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package main

import (
	"errors"
	"os"
)

func openLocked(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func removeLocked(*os.File) {}
