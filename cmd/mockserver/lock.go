package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// stateLock is a server's claim to its state file: a locked file beside it. The kernel drops the lock when the process
// ends, however that happens, so a file left by a killed server blocks no other server. A nil lock locks nothing.
type stateLock struct{ file *os.File }

// errLocked is the error of openLocked if another process has locked the file.
var errLocked = errors.New("locked")

// lockState claims the state file, and removes what a server that was killed while writing left. It changes nothing if
// another server has claimed the file: the error wraps errLocked then. Where files cannot be locked there is no lock.
func (s *settings) lockState() (*stateLock, error) {
	if s.state == "" {
		return nil, nil
	}
	var lock *stateLock
	file, err := followLinks(s.state)
	if err == nil {
		if lock, err = lockBeside(file); err != nil {
			return nil, fmt.Errorf("--state %s is in use by another mockserver (%w); stop that one, "+
				"or name another file with --state", s.state, err)
		}
		os.Remove(temporary(file))
		err = writable(file)
	}
	if err != nil {
		lock.release()
		return nil, fmt.Errorf("--state %s cannot be saved: %v", s.state, err)
	}
	return lock, nil
}

// lockBeside locks the file that stands for a state file. It fails only if another process has locked it.
func lockBeside(file string) (*stateLock, error) {
	name := filepath.Join(filepath.Dir(file), "."+filepath.Base(file)+".mockserver-lock")
	f, err := openLocked(name)
	if errors.Is(err, errLocked) {
		holder, _ := os.ReadFile(name) // empty while the other one starts
		return nil, &lockedError{strings.TrimSpace(string(holder))}
	}
	if err != nil {
		return nil, nil // the file system has no locks, or refuses files, which writable reports
	}
	lock := &stateLock{f}
	lock.describe("")
	return lock, nil
}

// lockedError names the process that has locked a state file.
type lockedError struct{ holder string }

func (e *lockedError) Error() string {
	if e.holder == "" {
		return "which is just starting"
	}
	return e.holder
}

func (e *lockedError) Unwrap() error { return errLocked }

// describe writes for readers of the lock who holds it, and where that server listens.
func (l *stateLock) describe(url string) {
	if l == nil {
		return
	}
	host, _ := os.Hostname() // tells containers apart, whose processes have the same numbers
	text := fmt.Sprintf("process %d on %s", os.Getpid(), host)
	if url != "" {
		text += ", " + url
	}
	l.file.Truncate(0)
	io.WriteString(io.NewOffsetWriter(l.file, 0), text+"\n")
}

// release gives the state file up and removes the lock.
func (l *stateLock) release() {
	if l != nil {
		removeLocked(l.file)
	}
}
