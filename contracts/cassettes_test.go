package contracts

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/vcr"
)

// TestCassettesKeepTheirBytes checks that each recording of the repository is the file that go-vcr saves, and that
// package vcr writes the same bytes. `go test ./contracts -run CassettesKeepTheirBytes` after an edit shows the first
// line that differs.
func TestCassettesKeepTheirBytes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../fixtures/*/*/cassette.yaml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d cassettes, %v", len(files), err)
	}
	dir := t.TempDir()
	for n, file := range files {
		if raceDetector && n%20 > 0 {
			continue // a separate step in CI takes all
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c, err := cassette.Load(strings.TrimSuffix(file, ".yaml"))
		if err != nil {
			t.Fatal(err)
		}
		c.File = filepath.Join(dir, "saved.yaml")
		if err := c.Save(); err != nil {
			t.Fatal(err)
		}
		saved, err := os.ReadFile(c.File)
		if err != nil {
			t.Fatal(err)
		}
		ours, err := vcr.Decode(want)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		encoded, err := vcr.Encode(ours.Interactions)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for by, now := range map[string][]byte{"go-vcr": saved, "package vcr": encoded} {
			if line, was, is := firstChange(want, now); line > 0 {
				t.Errorf("%s:%d: %s writes %.80q, the file has %.80q", file, line, by, is, was)
			}
		}
	}
}

// firstChange returns the first line, from 1, in which two texts differ; 0 if they are equal.
func firstChange(a, b []byte) (line int, was, is []byte) {
	if bytes.Equal(a, b) {
		return 0, nil, nil
	}
	for line := 1; ; line++ {
		was, a, _ = bytes.Cut(a, []byte("\n"))
		is, b, _ = bytes.Cut(b, []byte("\n"))
		if !bytes.Equal(was, is) || len(a) == 0 || len(b) == 0 {
			return line, was, is
		}
	}
}
