//go:build darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd

package main

import (
	"errors"
	"os"
	"syscall"
)

// openLocked opens or creates a file and locks it.
func openLocked(name string) (*os.File, error) {
	for {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
		if err != nil {
			return nil, err
		}
		err = syscall.EINTR
		for err == syscall.EINTR {
			err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		}
		if err == nil && isAt(f, name) {
			return f, nil
		}
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errLocked
		}
		if err != nil {
			return nil, err
		}
	}
}

// isAt tells whether an open file still has its name: its last holder may have removed it before it was locked.
func isAt(f *os.File, name string) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(name)
	return err == nil && os.SameFile(opened, named)
}

// removeLocked removes the file while it is locked: a file of that name which another process has locked stays.
func removeLocked(f *os.File) {
	os.Remove(f.Name())
	f.Close()
}
