//go:build !race

package pace

import (
	"os"
	"runtime/debug"
	"slices"
	"strings"
)

var _ = less()

// less returns the setting that it replaces.
func less() int {
	benchmarks := slices.ContainsFunc(os.Args, func(arg string) bool { return strings.HasPrefix(arg, "-test.bench=") })
	if benchmarks || os.Getenv("GOGC") != "" {
		return -1
	}
	debug.SetMemoryLimit(2 << 30) // from there on it runs as often as it has to
	return debug.SetGCPercent(400)
}
