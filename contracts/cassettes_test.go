package contracts

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/vcr"
	"github.com/afba07b5/mockserver/internal/race"
)

// TestCassettesKeepTheirBytes checks that a recording that go-vcr has saved keeps every byte when it
// is loaded and saved again, and that Encode returns the same bytes. Recordings that another program
// has written keep the bytes it wrote: of them Save and Encode make the same file, which holds the
// same interactions. `go test ./contracts -run CassettesKeepTheirBytes` after an edit shows the
// first line that differs.
func TestCassettesKeepTheirBytes(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../fixtures/*/*/cassette.yaml")
	if err != nil || len(files) < 100 {
		t.Fatalf("%d cassettes, %v", len(files), err)
	}
	own := 0
	for n, file := range files {
		if race.Enabled && n%20 > 0 {
			continue // a separate step in CI takes all
		}
		recorded, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		held, saved, encoded := savedByBoth(t, file)
		want := recorded
		if !bytes.HasPrefix(recorded, []byte("---\nversion: 2\ninteractions:\n    - id: ")) {
			own++
			want = saved
			sameInteractions(t, file, held, saved)
		}
		for by, now := range map[string][]byte{"Save": saved, "Encode": encoded} {
			if line, was, is := firstChange(want, now); line > 0 {
				t.Errorf("%s:%d: %s writes %.80q, expected %.80q", file, line, by, is, was)
			}
		}
	}
	if own > 42 {
		t.Errorf("%d recordings have another layout than go-vcr's; 42 came so", own)
	}
}

// savedByBoth returns what a recording holds, and the files that Save and Encode make of it.
func savedByBoth(t *testing.T, file string) (held *cassette.Cassette, saved, encoded []byte) {
	t.Helper()
	held, err := vcr.Load(os.DirFS(filepath.Dir(file)), filepath.Base(file))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	name := filepath.Join(t.TempDir(), "saved")
	if err := vcr.Save(name, held.Interactions); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if saved, err = os.ReadFile(name + ".yaml"); err != nil {
		t.Fatal(err)
	}
	if encoded, err = vcr.Encode(held.Interactions); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return held, saved, encoded
}

func sameInteractions(t *testing.T, file string, held *cassette.Cassette, saved []byte) {
	t.Helper()
	other, err := vcr.Decode(saved)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if diff := cmp.Diff(held.Interactions, other.Interactions, cmpopts.IgnoreUnexported(cassette.Interaction{}),
		cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-recorded +saved):\n%s", file, diff)
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
