package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/safeyaml"
)

// configFile is the name of the file whose flags count without --config.
const configFile = "mockserver.yaml"

// fromConfig sets the flags that neither the command line nor the environment sets from the configuration file.
func fromConfig(ctx context.Context, flags *pflag.FlagSet) error {
	named := flags.Lookup("config")
	if named == nil {
		return nil
	}
	file := named.Value.String()
	text, err := readFile(ctx, cmp.Or(file, configFile))
	if file == "" && errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("--config %s: %w", cmp.Or(file, configFile), err)
	}
	if err := readConfig(flags, text); err != nil {
		return fmt.Errorf("%s: %s", cmp.Or(file, configFile), oneLine(err))
	}
	return nil
}

func readConfig(flags *pflag.FlagSet, text []byte) error {
	text, err := safeyaml.ToJSON(context.Background(), text)
	if err != nil {
		return err
	}
	var config map[string]any
	if err := json.Unmarshal(text, &config); err != nil {
		return errors.New("expected the names of flags with their values, like port: 4000")
	}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		flag := flags.Lookup(name)
		if flag == nil || name == "config" || name == "help" {
			var known []string
			flags.VisitAll(func(f *pflag.Flag) {
				if f.Name != name {
					known = append(known, f.Name)
				}
			})
			return fmt.Errorf("unknown name %q%s; the names are those of the flags without dashes", name,
				fake.Hint(name, known))
		}
		if flag.Changed {
			continue
		}
		if err := setFlag(flags, flag, config[name]); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// setFlag sets a flag to a value of the file: a scalar, a list, or of flags that say something of each fake an object.
func setFlag(flags *pflag.FlagSet, flag *pflag.Flag, value any) error {
	list, isList := flag.Value.(pflag.SliceValue)
	if !isList {
		switch value.(type) {
		case []any, map[string]any, nil:
			return fmt.Errorf("expected one value, like --%s", flag.Name)
		}
		if err := flags.Set(flag.Name, flagText(value)); err != nil {
			if kind := expected(err); kind != "" {
				return fmt.Errorf("%s: expected %s", flagText(value), kind)
			}
			return err
		}
		return nil
	}
	var all []string
	if byFake, ok := value.(map[string]any); ok {
		for _, name := range slices.Sorted(maps.Keys(byFake)) {
			all = append(all, name+"="+strings.Join(scalars(byFake[name]), ","))
		}
		all = strings.Split(strings.Join(all, ","), ",")
	} else {
		all = scalars(value)
	}
	flag.Changed = true
	return list.Replace(all)
}

// scalars returns the scalars of a list, or a single one.
func scalars(value any) (all []string) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, one := range list {
		all = append(all, flagText(one))
	}
	return all
}

// flagText writes a scalar as a command line would.
func flagText(value any) string {
	if number, ok := value.(float64); ok {
		text, _ := json.Marshal(number) // a number of a file
		return string(text)
	}
	return fmt.Sprint(value)
}

const validateHelp = `Checks what serve would start with: the configuration file, mockserver.yaml
in the working directory or the one that is named, the environment, the flags, the seeds and the
state file they name, and the calls of --init-dir, which it applies in memory. It builds every
fake, listens nowhere and runs no programs.`

func validateCommand(defs []*fake.Def) *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use: "validate [FILE]", Short: "Check the configuration and the seeds, without serving", Long: validateHelp,
		Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := s.openLog(cmd.ErrOrStderr()); err != nil {
				return err
			}
			if _, err := s.listenings(defs); err != nil {
				return err
			}
			lock, err := s.lockState()
			if err != nil && !errors.Is(err, errLocked) { // it may be checked while its server runs
				return err
			}
			lock.release() // it is only read
			h, _, err := s.prepare(defs)
			if err != nil {
				return err
			}
			defer h.srv.Close()
			if err := h.build(cmd.Context()); err != nil {
				return err
			}
			h.plane = control.New(h.srv, control.Options{Stories: h.stories, Version: version()})
			defer h.plane.Close()
			if err := h.applyHooks(cmd.Context()); err != nil {
				return err
			}
			columns := columnsOf(cmd.OutOrStdout())
			for _, def := range defs {
				rows := 0
				for _, n := range h.world.Sizes()[def.Name] {
					rows += n
				}
				fmt.Fprintf(columns, "%s\t%d rows%s\n", def.Name, rows, h.withoutCredential(def))
			}
			columns.Flush()
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "fine")
			return err
		},
	}
	s.register(cmd.Flags(), defs, defaultPort)
	return cmd
}
