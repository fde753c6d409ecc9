package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/report"
)

// reports are the values of --report: files, whose extensions select the form, and "github".
type reports []string

func (r *reports) register(f *pflag.FlagSet) {
	f.StringSliceVar((*[]string)(r), "report", nil,
		"write a report to this file: .xml (JUnit), .sarif, .html or .json; github prints annotations; may be repeated")
}

// check reports files that could not be written later.
func (r reports) check() error {
	for _, name := range r {
		if name == "github" {
			continue
		}
		if _, err := report.ForFile(name); err != nil {
			return fmt.Errorf("--report %w", err)
		}
		if info, err := os.Stat(filepath.Dir(name)); err != nil || !info.IsDir() {
			return fmt.Errorf("--report %s: there is no folder %s", name, filepath.Dir(name))
		}
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			return fmt.Errorf("--report %s: that is a folder", name)
		}
	}
	return nil
}

// write writes the reports; annotations go to out.
func (r reports) write(out io.Writer, found *contracts.Report, o report.Options) error {
	if len(r) == 0 {
		return nil
	}
	o.Version, o.Root = version(), rootless(reportRoot())
	doc := report.New(found, o)
	for _, name := range r {
		if err := writeReport(out, name, doc); err != nil {
			return &exitError{exitUsage, fmt.Errorf("--report %s: %w", name, err)}
		}
	}
	return nil
}

func writeReport(out io.Writer, name string, doc *report.Document) error {
	if name == "github" {
		return report.GitHub(out, doc)
	}
	format, err := report.ForFile(name)
	if err != nil {
		return err
	}
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(format.Write(f, doc), f.Close())
}

// reportRoot returns the folder that file names in reports are relative to: the working directory
// or, in a job of GitHub Actions, the root of the repository, as annotations require.
func reportRoot() string {
	here, err := os.Getwd()
	if err != nil {
		return "/"
	}
	if root := filepath.Clean(os.Getenv("GITHUB_WORKSPACE")); filepath.IsAbs(root) &&
		strings.HasPrefix(here+"/", root+"/") {
		return root
	}
	return here
}

// interrupted is the error of a run without a verdict and without a report.
var interrupted = &exitError{exitInterrupted,
	errors.New("interrupted: not all cases were replayed, and no report was written")}

// ended returns the error for the exit code of a run; target names the server it used.
func ended(found *contracts.Report, target string) error {
	switch code := found.Exit(); code {
	case contracts.ExitFine:
		return nil
	case contracts.ExitNothing:
		return &exitError{code, errors.New("nothing was verified")}
	case contracts.ExitUnreachable:
		return &exitError{code, fmt.Errorf("nothing answers at %s", target)}
	default:
		return &exitError{code: code}
	}
}
