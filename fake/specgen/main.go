// Command specgen writes the generated JSON of a fake's YAML files: openapi.json beside
// openapi.yaml, and seeds/<name>.json beside seeds/<name>.yaml. People write the YAML; the binary
// embeds the JSON, which is much faster to read. A document that a fake could not use is an error,
// and is not written. With -check, specgen writes nothing and fails if a generated file is out of date.
//
//	go run ./fake/specgen [-check] mocks/<api>
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/conduct"
)

func main() {
	check := flag.Bool("check", false, "fail if a generated file is out of date")
	flag.Parse()
	for _, dir := range flag.Args() {
		if err := generateAll(dir, *check); err != nil {
			fmt.Fprintln(os.Stderr, "specgen:", err)
			os.Exit(1)
		}
	}
}

func generateAll(dir string, check bool) error {
	files, err := filepath.Glob(filepath.Join(dir, "seeds", "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range append(files, filepath.Join(dir, "openapi.yaml")) {
		if err := generate(file, check); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func generate(file string, check bool) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text, err = yaml.YAMLToJSON(text)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		return err
	}
	out.WriteByte('\n')
	target := strings.TrimSuffix(file, ".yaml") + ".json"
	if old, err := os.ReadFile(target); err == nil && bytes.Equal(old, out.Bytes()) {
		return nil
	}
	if filepath.Base(file) == "openapi.yaml" {
		if err := conduct.Check(out.Bytes()); err != nil {
			return err
		}
	}
	if check {
		return fmt.Errorf("the generated JSON is out of date; run go generate ./mocks/...")
	}
	return os.WriteFile(target, out.Bytes(), 0o644)
}
