package main

import (
	"bytes"
	"cmp"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/fake"
)

//go:embed starter
var starterFiles embed.FS

// starter is what the files of init say of a fake. Path and Row are a request and what its answer has of the seed.
type starter struct {
	Name, Env, Path, Row string
	Header, Scheme       string // of the credential
}

// starters are the requests for the rows of the seeds in starter/seeds. Any other fake starts with its seed empty and
// the request of its example.
var starters = map[string]starter{
	"flosum":   {Path: "/api/v1/connections?page=1&limit=100", Row: "Own org"},
	"twenty":   {Path: "/rest/companies?filter=name%5Beq%5D:%22Own%20company%22", Row: "Own company"},
	"flexcrm":  {Path: "/flex/api/v1/user", Row: "Lovelace"},
	"kickflow": {Path: "/v1/users?perPage=100", Row: "Lovelace"},
}

// credentialHeader and examplePath find the header of the credential and the path in the example of a fake.
var (
	credentialHeader = regexp.MustCompile(`-H ["']([^:]+): ([^"']*)\{credential\}`)
	examplePath      = regexp.MustCompile(`\{url\}([^"' ]*)`)
)

func newStarter(def *fake.Def) (starter, error) {
	s := starters[def.Name]
	header, path := credentialHeader.FindStringSubmatch(def.Example), examplePath.FindStringSubmatch(def.Example)
	if header == nil || path == nil {
		return s, fmt.Errorf("init: the example of %s is %q; expected a curl command with -H 'NAME: {credential}' and "+
			"{url}", def.Name, def.Example)
	}
	s.Path = cmp.Or(s.Path, path[1])
	s.Name, s.Env, s.Header, s.Scheme = def.Name, strings.ToUpper(def.Name), header[1], header[2]
	return s, nil
}

const initHelp = `Writes a folder to start from, by default into the working directory: the
configuration in mockserver.yaml, rows of your own for each fake in seeds/ with a JSON Schema for
editors, calls of the control plane in init.d/, a test, and compose.yaml. The test is fakes_test.go
in a folder with go.mod, else test.sh with curl; --test go or --test sh chooses. Files that exist are not overwritten.`

func initCommand(defs []*fake.Def) *cobra.Command {
	var names []string
	var test string
	cmd := &cobra.Command{
		Use: "init [FOLDER]", Short: "Write a folder to start from: configuration, seeds, a test, a compose file",
		Long: initHelp, Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			folder := append(args, ".")[0]
			files, run, err := starterFolder(defs, folder, names, test)
			if err != nil {
				return err
			}
			if err := writeNew(folder, files); err != nil {
				return err
			}
			for _, name := range sortedNames(files) {
				fmt.Fprintln(cmd.OutOrStdout(), "wrote", filepath.Join(folder, name))
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "next: %smockserver exec -- %s\n", changeTo(folder), run)
			return err
		},
	}
	cmd.Flags().StringSliceVar(&names, "fake", nil,
		"the fakes to write seeds for; may be repeated; default: all")
	cmd.Flags().StringVar(&test, "test", "", "the test to write: go or sh; default: go beside a go.mod, else sh")
	return cmd
}

func changeTo(folder string) string {
	if folder == "." {
		return ""
	}
	return "cd " + folder + " && "
}

func sortedNames(files map[string][]byte) (names []string) {
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// starterFolder returns the files to write by name, and the command that runs the test among them.
func starterFolder(defs []*fake.Def, folder string, names []string, test string) (map[string][]byte, string, error) {
	if test == "" {
		test = "sh"
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			test = "go"
		}
	}
	testFile, run := map[string]string{"go": "fakes_test.go", "sh": "test.sh"}[test], map[string]string{
		"go": "go test fakes_test.go", "sh": "sh test.sh"}[test]
	if run == "" {
		return nil, "", fmt.Errorf("--test %s%s: expected go or sh", test, fake.Hint(test, []string{"go", "sh"}))
	}
	files := map[string][]byte{"mockserver.yaml": nil, "compose.yaml": nil, "init.d/10-worlds.yaml": nil, testFile: nil}
	var chosen []starter
	for _, def := range defs {
		if len(names) > 0 && !slices.Contains(names, def.Name) {
			continue
		}
		one, err := newStarter(def)
		if err != nil {
			return nil, "", err
		}
		chosen = append(chosen, one)
		schema, err := seedSchema(def)
		if err != nil {
			return nil, "", err
		}
		files["seeds/"+def.Name+".yaml"] = nil
		if _, ok := starters[def.Name]; !ok {
			if files["seeds/"+def.Name+".yaml"], err = printedSeed(def, "empty"); err != nil {
				return nil, "", err
			}
		}
		files["seeds/"+def.Name+".schema.json"], err = json.MarshalIndent(schema, "", "  ")
		if err != nil {
			return nil, "", err
		}
	}
	for _, name := range names {
		if _, err := wanted(defs, name); err != nil {
			return nil, "", fmt.Errorf("--fake %s: %w", name, err)
		}
	}
	return files, run, renderStarter(files, chosen)
}

// renderStarter fills the files that have no content yet.
func renderStarter(files map[string][]byte, chosen []starter) error {
	for name, content := range files {
		if content != nil {
			continue
		}
		source := "starter/" + name
		if strings.HasSuffix(name, ".go") {
			source += ".tmpl" // so that it is not a part of this program
		}
		text, err := starterFiles.ReadFile(source)
		if err != nil {
			return err
		}
		t, err := template.New(name).Parse(string(text))
		if err != nil {
			return err
		}
		var out bytes.Buffer
		if err := t.Execute(&out, chosen); err != nil {
			return err
		}
		files[name] = out.Bytes()
	}
	return nil
}

// writeNew writes files into a folder, or none of them if one exists.
func writeNew(folder string, files map[string][]byte) error {
	for _, name := range sortedNames(files) {
		if _, err := os.Lstat(filepath.Join(folder, name)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("init: %s exists; nothing was written", filepath.Join(folder, name))
		}
	}
	for _, name := range sortedNames(files) {
		file := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}
