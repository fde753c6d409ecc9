package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// layersOf splits the values of --seed by fake: FAKE=layer, with further layers behind commas or in another --seed of
// the fake.
func layersOf(values []string, defs []*fake.Def) (map[string][]string, error) {
	var pairs []string
	last := ""
	for _, value := range values {
		if name, _, ok := strings.Cut(value, "="); ok {
			last = name
		} else if last != "" { // the flag has been split at its commas
			value = last + "=" + value
		}
		pairs = append(pairs, value)
	}
	return forFakes("seed", pairs, defs)
}

// readSeeds reads the seeds of --seed. A layer that looks like a file is one; others are the fake's own seeds.
func (s *settings) readSeeds(o *fake.Config, defs []*fake.Def) error {
	seeds, err := layersOf(s.seeds, defs)
	if err != nil {
		return err
	}
	for name, layers := range seeds {
		o.Settings.Seeds[name] = layers[0]
		if len(layers) == 1 && !isFile(layers[0]) {
			continue
		}
		for _, layer := range layers {
			seed, err := readLayer(find(defs, name), layer)
			if err != nil {
				return fmt.Errorf("--seed %s=%s: %w", name, layer, err)
			}
			o.Seeds[name] = append(o.Seeds[name], seed)
		}
		o.Settings.Seeds[name] = "given"
	}
	return nil
}

func isFile(layer string) bool { return strings.ContainsAny(layer, "./\\") }

func readLayer(def *fake.Def, layer string) (seed fake.Seed, err error) {
	if !isFile(layer) {
		text, err := namedSeed(def, layer)
		if err != nil {
			return nil, err
		}
		return seed, json.Unmarshal(text, &seed)
	}
	text, err := os.ReadFile(layer)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("no such file")
	} else if err != nil {
		return nil, err
	}
	if seed, err = control.ReadSeed(text); err != nil {
		return nil, fmt.Errorf("expected tables of rows, as YAML or JSON: %s", oneLine(err))
	}
	return seed, nil
}

// namedSeed returns a seed of a fake as JSON.
func namedSeed(def *fake.Def, name string) ([]byte, error) {
	text, err := fs.ReadFile(def.Seeds, "seeds/"+name+".json")
	if err == nil {
		return text, nil
	}
	names, err := seedNames(def)
	return nil, errors.Join(err, fmt.Errorf("%s has no seed %q%s; seeds: %s", def.Name, name,
		fake.Hint(name, names), strings.Join(names, ", ")))
}

// seedNames returns the names of a fake's seeds.
func seedNames(def *fake.Def) ([]string, error) {
	names, err := fs.Glob(def.Seeds, "seeds/*.json")
	for i, file := range names {
		names[i] = strings.TrimSuffix(strings.TrimPrefix(file, "seeds/"), ".json")
	}
	return names, err
}

const seedHelp = `Prints a seed of a fake as YAML, by default the small one called empty, to start
a file of your own from:

  mockserver seed kickflow > my.yaml
  mockserver --seed kickflow=empty,my.yaml

The layers of --seed are put on one another: a row with the identifier of an earlier one changes the fields that it
names, others are added. Identifiers, times and other fields that the fake can fill in may be left out.
mockserver schema seed prints a JSON Schema of such files for editors.`

func seedCommand(defs []*fake.Def) *cobra.Command {
	return &cobra.Command{
		Use: "seed FAKE [NAME]", Short: "Print a seed of a fake, to start one of your own from", Long: seedHelp,
		Args: arguments(1, 2), ValidArgs: namesOf(defs),
		RunE: func(cmd *cobra.Command, args []string) error {
			def, err := wanted(defs, args[0])
			if err != nil {
				return err
			}
			text, err := printedSeed(def, append(args, "empty")[1])
			if err == nil {
				_, err = cmd.OutOrStdout().Write(text)
			}
			return err
		},
	}
}

// printedSeed returns a seed of a fake as YAML, with a comment that says how it is used.
func printedSeed(def *fake.Def, name string) ([]byte, error) {
	text, err := ownSeed(def, name)
	if err != nil {
		return nil, err
	}
	text, err = yaml.JSONToYAML(text)
	return fmt.Appendf(nil, "# The seed %s of %s. To put your own rows on it: --seed %s=%s,FILE\n%s", name, title(def),
		def.Name, name, text), err
}

// ownSeed returns the file of a seed, without what a fake adds to each of them.
func ownSeed(def *fake.Def, name string) ([]byte, error) {
	if _, err := namedSeed(def, name); err != nil {
		return nil, err
	}
	return fs.ReadFile(struct{ fs.FS }{def.Seeds}, "seeds/"+name+".json")
}

func wanted(defs []*fake.Def, name string) (*fake.Def, error) {
	if def := find(defs, name); def != nil {
		return def, nil
	}
	return nil, fmt.Errorf("no fake %q%s; fakes: %s", name, fake.Hint(name, namesOf(defs)),
		strings.Join(namesOf(defs), ", "))
}
