// Package race makes tests shorter under the race detector, which slows a replay down about ten
// times. CI runs the whole tests in a step without the detector.
package race

import (
	"io/fs"
	"os"
	"path"
)

// Cases returns the folder of all recorded cases. Under the race detector it holds one in five of
// Twenty's cases and all others.
func Cases(folder string) fs.FS {
	if Enabled {
		return sample{os.DirFS(folder)}
	}
	return os.DirFS(folder)
}

type sample struct{ fs.FS }

// ReadDir implements fs.ReadDirFS.
func (s sample) ReadDir(name string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(s.FS, name)
	if path.Base(name) != "twenty" {
		return all, err
	}
	var kept []fs.DirEntry
	for n, e := range all {
		if !e.IsDir() || n%5 == 0 {
			kept = append(kept, e)
		}
	}
	return kept, err
}
