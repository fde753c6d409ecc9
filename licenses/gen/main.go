// Command gen writes third-party.txt: the licence and notice files of every module in the binary,
// as they are in the module cache. It fails if a module has none.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

var legal = regexp.MustCompile(`(?i)^(licen[cs]e|notice|copying)([.-].*)?$`)

func main() {
	text, err := collect()
	if err == nil {
		err = os.WriteFile("third-party.txt", []byte(text), 0o644)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "licenses:", err)
		os.Exit(1)
	}
}

func collect() (string, error) {
	const form = `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}`
	var lines []string
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := exec.Command("go", "list", "-deps", "-f", form, "../cmd/mockserver")
		list.Env = append(os.Environ(), "GOOS="+system)
		out, err := list.Output()
		if err != nil {
			return "", fmt.Errorf("go list for %s: %w", system, err)
		}
		lines = append(lines, strings.Split(strings.TrimSpace(string(out)), "\n")...)
	}
	slices.Sort(lines)
	var b strings.Builder
	if err := appendModule(&b, "Go, its standard library and runtime", goRoot()); err != nil {
		return "", err
	}
	for _, line := range slices.Compact(lines) {
		path, rest, ok := strings.Cut(line, " ")
		if !ok {
			continue // a package of the standard library or of this module
		}
		version, dir, _ := strings.Cut(rest, " ")
		if err := appendModule(&b, path+" "+version, dir); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// appendModule writes a heading and the legal files of a module.
func appendModule(b *strings.Builder, module, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	n := b.Len()
	for _, e := range entries {
		if !legal.MatchString(e.Name()) || e.IsDir() {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "==== %s: %s\n\n%s\n\n", module, e.Name(), strings.TrimSpace(string(text)))
	}
	if b.Len() == n {
		return fmt.Errorf("%s has no licence file in %s", module, dir)
	}
	return nil
}

// goRoot returns the folder of the Go distribution.
func goRoot() string {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "" // it has no licence, and so fails
	}
	return strings.TrimSpace(string(out))
}
