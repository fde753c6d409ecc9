package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/afba07b5/mockserver/mocks"
)

// fillPackages writes packaging/ into the release, with the version and the checksums of the archives filled in.
func (b *build) fillPackages() error {
	sums := map[string]string{}
	for _, line := range b.sums {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		sums[strings.TrimPrefix(name, "mockserver_"+b.version+"_")] = sum
	}
	data := struct {
		Version string
		Fakes   string            // the vendors' names
		Sums    map[string]string // checksum by platform and ending: linux_amd64.tar.gz
	}{b.version, vendors(), sums}
	return fs.WalkDir(os.DirFS("packaging"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		t, err := template.New(filepath.Base(name)).Delims("<<", ">>").ParseFiles(filepath.Join("packaging", name))
		if err != nil {
			return err
		}
		target := filepath.Join(b.out, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return err
		}
		out, err := os.Create(target)
		if err != nil {
			return err
		}
		defer out.Close()
		if err := t.Execute(out, data); err != nil {
			return fmt.Errorf("packaging/%s: %w", name, err)
		}
		return out.Close()
	})
}

// vendors returns the names of the vendors as a sentence lists them.
func vendors() string {
	var titles []string
	for _, def := range mocks.All() {
		titles = append(titles, def.Title)
	}
	last := len(titles) - 1
	return strings.Join(titles[:last], ", ") + " and " + titles[last]
}
