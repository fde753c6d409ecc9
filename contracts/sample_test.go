package contracts

import (
	"io/fs"
	"os"
	"path"
)

// sample is the folder of all cases. Under the race detector, which makes loading and replaying ten times slower, it has
// one in five of Twenty's; a separate step in CI replays all of them.
type sample struct{ fs.FS }

func cases() fs.FS {
	if raceDetector {
		return sample{os.DirFS("../fixtures")}
	}
	return os.DirFS("../fixtures")
}

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
