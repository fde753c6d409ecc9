package main

import (
	"errors"
	"os"
	"syscall"
)

// sharingViolation is Windows's ERROR_SHARING_VIOLATION.
const sharingViolation syscall.Errno = 32

// openLocked opens a file, which it creates if there is none. Until it is closed others may only read it.
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

// removeLocked closes the file first: an open file cannot be removed, also not if somebody else has opened it since.
func removeLocked(f *os.File) {
	f.Close()
	os.Remove(f.Name())
}
