package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// forget drops the program's clean pages from memory: a start touches most of them, an idle server
// few. The page cache provides them again when they are used. A mapping that was written to (by a
// debugger or the dynamic linker) is kept, since its pages are not on disk.
func forget() {
	program, err := os.Executable()
	if err != nil {
		return
	}
	mappings, err := os.Open("/proc/self/smaps")
	if err != nil {
		return
	}
	defer mappings.Close()
	var from, to uintptr // of the current mapping
	for lines := bufio.NewScanner(mappings); lines.Scan(); {
		line := lines.Text()
		if strings.HasSuffix(line, " "+program) {
			fmt.Sscanf(line, "%x-%x", &from, &to)
		}
		if name, value, _ := strings.Cut(line, ":"); name == "Anonymous" {
			if to > 0 && strings.TrimSpace(value) == "0 kB" {
				syscall.Syscall(syscall.SYS_MADVISE, from, to-from, syscall.MADV_DONTNEED)
			}
			from, to = 0, 0
		}
	}
}
