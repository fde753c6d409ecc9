package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"syscall"
)

// forget takes the program's own pages out of memory: a start touches most of them, an idle server few. Those that
// are used again come back from the page cache. A mapping that somebody wrote to (a debugger, the dynamic linker)
// stays, since its pages are on no disk.
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
	var from, to uintptr // of the mapping whose lines are read
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
