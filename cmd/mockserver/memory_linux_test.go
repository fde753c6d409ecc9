package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestForget checks that the program continues after forget, with less memory.
func TestForget(t *testing.T) {
	before := fileMemory(t)
	forget()
	if after := fileMemory(t); after >= before {
		t.Errorf("%d kB of files were in memory before, %d kB after", before, after)
	}
}

func fileMemory(t *testing.T) (kilobytes int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc here: ", err)
	}
	_, after, _ := strings.Cut(string(status), "RssFile:")
	if _, err := fmt.Sscan(after, &kilobytes); err != nil {
		t.Skip("this kernel does not count the pages of files: ", err)
	}
	return kilobytes
}
