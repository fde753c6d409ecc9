package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// loadState reads the rows of the default world from a file. One that does not exist yet is fine if it can
// be made.
func loadState(w *fake.World, file string) error {
	probe, err := os.CreateTemp(filepath.Dir(file), ".mockserver-*")
	if err != nil {
		return fmt.Errorf("--state %s could not be saved at the end: %v", file, err)
	}
	probe.Close()
	os.Remove(probe.Name())
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--state %s: %v", file, err)
	}
	rows, err := control.ReadRows(text)
	if err == nil {
		err = w.Load(rows)
	}
	if err != nil {
		return fmt.Errorf("--state %s: %s; mend the file, or move it away to start from the seeds", file, oneLine(err))
	}
	return nil
}

// saveState writes the rows of the default world; whoever reads the file sees the old ones or the new ones.
func saveState(w *fake.World, file string) error {
	text, err := json.MarshalIndent(w.Dump(), "", " ")
	if err == nil && (strings.HasSuffix(file, ".yaml") || strings.HasSuffix(file, ".yml")) {
		text, err = yaml.JSONToYAML(text)
	}
	if err == nil {
		err = replaceFile(file, text)
	}
	if err != nil {
		return &exitError{exitFailed, fmt.Errorf("--state %s was not saved: %v", file, err)}
	}
	return nil
}

func replaceFile(file string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".mockserver-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it has its new name by then, unless something failed
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), file)
	}
	return err
}
