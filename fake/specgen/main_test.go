package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGeneratedFilesAreUpToDate compares the JSON that the binary embeds with the YAML of each fake.
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../mocks/*/openapi.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, file := range files {
		if err := generateAll(filepath.Dir(file), true); err != nil {
			t.Error(err)
		}
	}
}

// TestGenerate writes the JSON of a document, and refuses what is out of date or what a fake cannot use.
func TestGenerate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	document := filepath.Join(dir, "openapi.yaml")
	write := func(text string) {
		if err := os.WriteFile(document, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const valid = "openapi: 3.0.3\ninfo: {title: Notes, version: '1'}\npaths: {}\n"
	write(valid)
	if err := generateAll(dir, true); err == nil || !strings.Contains(err.Error(), "run go generate ./mocks/...") {
		t.Errorf("nothing is generated yet: %v", err)
	}
	if err := generateAll(dir, false); err != nil {
		t.Fatal(err)
	}
	if err := generateAll(dir, true); err != nil {
		t.Error(err)
	}
	write(valid + "x-conduct: {pages: {size: limit}}\n")
	if err := generateAll(dir, false); err == nil || !strings.Contains(err.Error(), document) {
		t.Errorf("a parameter that no operation has: %v", err)
	}
}
