package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"debug/macho"
	"debug/pe"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// folder is a release to check: go test ./release -run Folder -args -folder DIR.
var folder = flag.String("folder", "", "folder of a release to check")

// TestReleaseFolder checks a release that was built before: checksums, and of each archive what is in it, for which
// platform its binary is, and whether the list of components is that of the binary. .ci/release gives it one.
func TestReleaseFolder(t *testing.T) {
	if *folder == "" {
		t.Skip("no -folder: .ci/release builds a release and checks it with this test")
	}
	sums, err := os.ReadFile(filepath.Join(*folder, "checksums.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		text := read(t, name)
		if got := fmt.Sprintf("%x", sha256.Sum256(text)); got != sum {
			t.Errorf("%s has the SHA-256 %s, checksums.txt says %s", name, got, sum)
		}
		if base, ok := strings.CutSuffix(name, ".cdx.json"); ok {
			t.Run(base, func(t *testing.T) { checkPlatform(t, base) })
		}
	}
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(*folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func checkPlatform(t *testing.T, base string) {
	words := strings.Split(base, "_")
	system, arch := words[len(words)-2], words[len(words)-1]
	files, binary, ext := map[string]file(nil), "mockserver", ".tar.gz"
	if system == "windows" {
		binary, ext = "mockserver.exe", ".zip"
	}
	files, err := unpack(read(t, base+ext), ext)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"LICENSE", "NOTICE", "README.md", "CHANGELOG.md", "third-party.txt", binary,
		"man/mockserver.1", "man/mockserver-exec.1", "completions/_mockserver", "completions/mockserver.bash",
		"completions/mockserver.fish", "completions/mockserver.ps1"} {
		if len(files[name].text) == 0 {
			t.Errorf("%s lacks %s", base+ext, name)
		}
	}
	if files[binary].mode&0o111 == 0 {
		t.Errorf("%s cannot be run: mode %o", binary, files[binary].mode)
	}
	checkBinary(t, files[binary].text, system, arch)
	checkComponents(t, files[binary].text, read(t, base+".cdx.json"))
}

// unpack returns the files of an archive by name.
func unpack(text []byte, ext string) (map[string]file, error) {
	files := map[string]file{}
	if ext == ".zip" {
		z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return nil, err
		}
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				return nil, err
			}
			content, err := io.ReadAll(r)
			if err != nil {
				return nil, err
			}
			files[f.Name] = file{f.Name, int64(f.Mode().Perm()), content}
		}
		return files, nil
	}
	packed, err := gzip.NewReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	for r := tar.NewReader(packed); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, err
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return nil, err
		}
		files[h.Name] = file{h.Name, h.Mode, content}
	}
}

// checkBinary checks for which platform a binary is, how it was built, and that it has no path of this machine.
func checkBinary(t *testing.T, binary []byte, system, arch string) {
	r, machine := bytes.NewReader(binary), ""
	switch system {
	case "linux":
		f, err := elf.NewFile(r)
		if err != nil {
			t.Fatal(err)
		}
		machine = f.Machine.String()
		if libraries, err := f.ImportedLibraries(); err != nil || len(libraries) > 0 {
			t.Errorf("it is not static: %v, %v", libraries, err)
		}
	case "darwin":
		f, err := macho.NewFile(r)
		if err != nil {
			t.Fatal(err)
		}
		machine = f.Cpu.String()
	case "windows":
		f, err := pe.NewFile(r)
		if err != nil {
			t.Fatal(err)
		}
		machine = fmt.Sprintf("%#x", f.Machine)
	}
	known := map[string][]string{"amd64": {"EM_X86_64", "CpuAmd64", "0x8664"},
		"arm64": {"EM_AARCH64", "CpuArm64", "0xaa64"}}
	if !slices.Contains(known[arch], machine) {
		t.Errorf("the binary is for %s", machine)
	}
	info, err := buildinfo.Read(r)
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	if settings["GOOS"] != system || settings["GOARCH"] != arch || settings["CGO_ENABLED"] != "0" ||
		settings["-trimpath"] != "true" {
		t.Errorf("the binary was built with %v", settings)
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(binary, []byte(root+"/")) {
		t.Errorf("the binary has the path %s", root)
	}
}

// checkComponents compares a list of components with the modules of the binary, and checks the members that CycloneDX
// demands and the forms of their values.
func checkComponents(t *testing.T, binary, text []byte) {
	info, err := buildinfo.Read(bytes.NewReader(binary))
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		BOMFormat    string
		SpecVersion  string
		SerialNumber string
		Metadata     struct {
			Timestamp time.Time
			Component component
		}
		Components []component
	}
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatal(err)
	}
	if list.BOMFormat != "CycloneDX" || list.SpecVersion != "1.5" || !serial.MatchString(list.SerialNumber) ||
		list.Metadata.Timestamp.IsZero() {
		t.Errorf("the list begins with %.300s", text)
	}
	listed := map[string]bool{}
	for _, c := range list.Components {
		if listed[c.Name+"@"+c.Version] || c.Type == "" || len(c.Licenses) != 1 || c.Licenses[0].License.ID == "" ||
			!strings.HasPrefix(c.PURL, "pkg:golang/"+c.Name+"@") {
			t.Errorf("%+v is there twice, or lacks a member", c)
		}
		listed[c.Name+"@"+c.Version] = true
	}
	for _, m := range info.Deps {
		if !listed[m.Path+"@"+m.Version] {
			t.Errorf("the list lacks %s %s", m.Path, m.Version)
		}
	}
	if len(listed) != len(info.Deps)+1 { // and the standard library
		t.Errorf("%d components, %d modules in the binary", len(listed), len(info.Deps))
	}
}
