package main

import (
	"errors"
	"os"
	"syscall"
)

// sharingViolation is Windows's ERROR_SHARING_VIOLATION.
const sharingViolation syscall.Errno = 32

// openLocked opens or creates a file. Until the file is closed, other processes may only read it.
func openLocked(name string) (*os.File, error) {
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, syscall.FILE_SHARE_READ, nil,
		syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(handle), name), nil
}

// removeLocked closes the file first: an open file cannot be removed, even if another process opened it.
func removeLocked(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}
