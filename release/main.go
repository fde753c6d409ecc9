// Command release builds the files of a release:
//
//	go run ./release -version 1.2.3 -out dist
//
// It writes an archive for each platform with the binary, its licences, man pages and completions; a list of components
// (CycloneDX) beside each; the checksums; and the npm package and the Homebrew formula with version and checksums
// filled in. The same commit gives the same bytes: paths, times and users in archives are fixed, and the build has no
// paths of the machine. It needs nothing but Go and git, and no network once the modules are there.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

const platforms = "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64"

// A build is what one run makes.
type build struct {
	version, commit, out string
	date                 time.Time // of the commit
	extra                []file    // further contents of every archive
	sums                 []string  // lines of checksums.txt
}

// file is a file of an archive.
type file struct {
	name string
	mode int64
	text []byte
}

func main() {
	version := flag.String("version", "0.0.0-snapshot", "the version, without v")
	out := flag.String("out", "dist", "folder to write")
	targets := flag.String("platforms", platforms, "the platforms to build for")
	flag.Parse()
	if err := release(*version, *out, strings.Split(*targets, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func release(version, out string, targets []string) error {
	b := &build{version: version, out: out}
	if err := b.prepare(); err != nil {
		return err
	}
	for _, target := range targets {
		if err := b.platform(target); err != nil {
			return err
		}
	}
	slices.Sort(b.sums)
	if err := os.WriteFile(filepath.Join(out, "checksums.txt"), []byte(strings.Join(b.sums, "")), 0o644); err != nil {
		return err
	}
	return b.fillPackages()
}

// prepare asks git for the commit and collects what every archive has.
func (b *build) prepare() error {
	head, err := output("git", "log", "-1", "--format=%H %ct")
	if err != nil {
		return err
	}
	var seconds int64
	if _, err := fmt.Sscanf(head, "%s %d", &b.commit, &seconds); err != nil {
		return err
	}
	b.date = time.Unix(seconds, 0).UTC()
	if err := b.checkChangelog(); err != nil {
		return err
	}
	if err := os.MkdirAll(b.out, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"LICENSE", "NOTICE", "README.md", "CHANGELOG.md", "licenses/third-party.txt"} {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		b.extra = append(b.extra, file{filepath.Base(name), 0o644, text})
	}
	return b.pages()
}

// checkChangelog demands that the changelog has a version with its date, from which a module download takes its date. A
// version with a suffix, like 1.2.3-rc.1, needs none.
func (b *build) checkChangelog() error {
	text, err := os.ReadFile("CHANGELOG.md")
	if err != nil || strings.Contains(b.version, "-") {
		return err
	}
	heading := regexp.MustCompile(`(?m)^## ` + regexp.QuoteMeta(b.version) + ` - \d{4}-\d\d-\d\d$`)
	if !heading.Match(text) {
		return fmt.Errorf("CHANGELOG.md has no heading \"## %s - %s\"", b.version, b.date.Format(time.DateOnly))
	}
	return nil
}

// pages adds the man pages and completions, which a test writes from the tree of commands.
func (b *build) pages() error {
	dir, err := os.MkdirTemp("", "pages")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	_, err = output("go", "test", "-count=1", "-ldflags=-w", "-run", "ManPages", "./cmd/mockserver", "-args",
		"-man", dir)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		folder := "completions/"
		if strings.HasSuffix(e.Name(), ".1") {
			folder = "man/"
		}
		b.extra = append(b.extra, file{folder + e.Name(), 0o644, text})
	}
	return nil
}

// platform builds the binary for one platform, its archive and its list of components.
func (b *build) platform(target string) error {
	system, arch, ok := strings.Cut(target, "/")
	if !ok {
		return fmt.Errorf("platform %q: expected one like linux/amd64", target)
	}
	dir, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "mockserver")
	if system == "windows" {
		binary += ".exe"
	}
	stamp := fmt.Sprintf("-s -w -X main.release=%s -X main.commit=%s -X main.date=%s", b.version, b.commit[:12],
		b.date.Format(time.RFC3339))
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", stamp, "-o", binary,
		"./cmd/mockserver")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+system, "GOARCH="+arch)
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", target, err, text)
	}
	text, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	components, err := components(binary, b.version, b.date)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("mockserver_%s_%s_%s", b.version, system, arch)
	files := append([]file{{filepath.Base(binary), 0o755, text}}, b.extra...)
	pack, ext := tarball, ".tar.gz"
	if system == "windows" {
		pack, ext = zipped, ".zip"
	}
	archive, err := pack(files, b.date)
	if err != nil {
		return err
	}
	return errors.Join(b.write(name+ext, archive), b.write(name+".cdx.json", components))
}

// write writes a file of the release and notes its checksum.
func (b *build) write(name string, text []byte) error {
	sum := sha256.Sum256(text)
	b.sums = append(b.sums, fmt.Sprintf("%x  %s\n", sum, name))
	return os.WriteFile(filepath.Join(b.out, name), text, 0o644)
}

// tarball returns the files as tar.gz, in the order of their names.
func tarball(files []file, date time.Time) ([]byte, error) {
	var out bytes.Buffer
	packed := gzip.NewWriter(&out) // its header has no time and no name
	w := tar.NewWriter(packed)
	for _, f := range sorted(files) {
		header := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.text)), ModTime: date,
			Format: tar.FormatUSTAR}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.text); err != nil {
			return nil, err
		}
	}
	err := errors.Join(w.Close(), packed.Close())
	return out.Bytes(), err
}

// zipped returns the files as zip, in the order of their names.
func zipped(files []file, date time.Time) ([]byte, error) {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range sorted(files) {
		header := &zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: date}
		header.SetMode(os.FileMode(f.mode))
		part, err := w.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := part.Write(f.text); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}

func sorted(files []file) []file {
	return slices.SortedFunc(slices.Values(files), func(a, b file) int { return cmp.Compare(a.name, b.name) })
}

// output runs a command and returns its standard output. The Go command gets the flags of the binaries, so that
// nothing is compiled twice.
func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath")
	text, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%s %s: %w\n%s%s", name, strings.Join(args, " "), err, text, failed.Stderr)
	}
	return strings.TrimSpace(string(text)), err
}
