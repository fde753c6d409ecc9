package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var example = []file{{"mockserver", 0o755, []byte("binary")}, {"LICENSE", 0o644, []byte("licence")}}

func TestArchivesDependOnTheirFilesAlone(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	for name, pack := range map[string]func([]file, time.Time) ([]byte, error){"tar": tarball, "zip": zipped} {
		one, err := pack(example, date)
		if err != nil {
			t.Fatal(err)
		}
		two, err := pack([]file{example[1], example[0]}, date)
		if err != nil || !bytes.Equal(one, two) {
			t.Errorf("%s: the order of the files counts, %v", name, err)
		}
		if other, _ := pack(example[:1], date); bytes.Equal(one, other) {
			t.Errorf("%s: other files give the same bytes", name)
		}
	}
}

func TestArchivesKeepNamesModesAndContents(t *testing.T) {
	t.Parallel()
	date := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	text, err := tarball(example, date)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	r := tar.NewReader(unpacked)
	for _, want := range sorted(example) {
		h, err := r.Next()
		if err != nil {
			t.Fatal(err)
		}
		content, _ := io.ReadAll(r)
		if h.Name != want.name || h.Mode != want.mode || !h.ModTime.Equal(date) || !bytes.Equal(content, want.text) {
			t.Errorf("%s: %o %v %q", h.Name, h.Mode, h.ModTime, content)
		}
	}
	if text, err = zipped(example, date); err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil || len(z.File) != 2 || z.File[1].Name != "mockserver" || z.File[1].Mode() != 0o755 {
		t.Errorf("%+v, %v", z, err)
	}
}

func TestComponentsOfABinary(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := components(self, "1.2.3", time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		BOMFormat, SerialNumber string

		Metadata struct {
			Timestamp string
			Component component
		}
		Components []component
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	std := list.Components[0]
	if list.BOMFormat != "CycloneDX" || list.Metadata.Component.Version != "1.2.3" || std.Name != "std" ||
		std.Licenses[0].License.ID != "BSD-3-Clause" || list.Metadata.Timestamp != "2026-11-28T12:00:00Z" ||
		!serial.MatchString(list.SerialNumber) {
		t.Errorf("%s", text)
	}
}

var serial = regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// TestReleasesAreInTheChangelog refuses a version without a dated heading.
func TestReleasesAreInTheChangelog(t *testing.T) {
	t.Chdir(t.TempDir())
	text := "# Changelog\n\n## Unreleased\n\n## 1.2.3 - 2026-11-28\n\n## 1.2.0\n"
	if err := os.WriteFile("CHANGELOG.md", []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for version, ok := range map[string]bool{"1.2.3": true, "1.2.30": false, "1.2.0": false, "1.2.4-rc.1": true} {
		if err := (&build{version: version}).checkChangelog(); (err == nil) != ok {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// The packages are filled with what a release writes: no placeholder stays, and each archive has its checksum.
func TestPackagesAreFilled(t *testing.T) {
	t.Chdir("..")
	b := &build{version: "1.2.3", out: t.TempDir()}
	for _, target := range strings.Split(platforms, ",") {
		ext := ".tar.gz"
		if strings.HasPrefix(target, "windows") {
			ext = ".zip"
		}
		if err := b.write("mockserver_1.2.3_"+strings.Replace(target, "/", "_", 1)+ext, []byte(target)); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.fillPackages(); err != nil {
		t.Fatal(err)
	}
	for name, archives := range map[string]int{"homebrew/mockserver.rb": 4, "npm/mockserver.mjs": 6,
		"npm/package.json": 0} {
		text, err := os.ReadFile(filepath.Join(b.out, name))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, line := range b.sums {
			sum, _, _ := strings.Cut(line, " ")
			found += strings.Count(string(text), sum)
		}
		if found != archives || strings.Contains(string(text), "<<") || !strings.Contains(string(text), "1.2.3") {
			t.Errorf("%s names %d archives:\n%s", name, found, text)
		}
	}
}
