package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/fake"
)

// fakeView is the description of a fake that `fakes` prints.
type fakeView struct {
	Name        string            `json:"name"`
	Title       string            `json:"title"`
	Port        int               `json:"port"`
	Path        string            `json:"path"`
	Hosts       []string          `json:"hosts"`
	Operations  map[string]int    `json:"operations"`                // by evidence
	Touched     int               `json:"touched"`                   // operations that a case touches
	Newest      string            `json:"newestRecording,omitempty"` // its date
	Seeds       []string          `json:"seeds"`
	Faults      []string          `json:"faults"`
	Credentials []fake.Credential `json:"credentials"` // of the default seed
}

func fakesCommand(defs []*fake.Def) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "fakes",
		Short: "List the fakes: ports, hosts, operations by evidence, and the default seed's credentials",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			views, err := viewFakes(defs)
			if err != nil {
				return err
			}
			if asJSON {
				e := json.NewEncoder(cmd.OutOrStdout())
				e.SetIndent("", "  ")
				return e.Encode(views)
			}
			printFakes(cmd.OutOrStdout(), views)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return cmd
}

func viewFakes(defs []*fake.Def) ([]fakeView, error) {
	srv, err := fake.New(fake.Config{}, defs...)
	if err != nil {
		return nil, err
	}
	defer srv.Close()
	world, err := srv.World("default")
	if err != nil {
		return nil, err
	}
	var views []fakeView
	for i, def := range defs {
		if _, err := world.State(def.Name); err != nil {
			return nil, err
		}
		v := fakeView{Name: def.Name, Title: title(def), Port: defaultPort + i + 1, Path: "/" + def.Name,
			Hosts:      append([]string{}, def.Hosts...),
			Operations: map[string]int{"recorded": 0, "documented": 0, "inferred": 0}, Seeds: srv.SeedNames(def.Name),
			Faults:      []string{},
			Credentials: append([]fake.Credential{}, credentials(world, def)...)}
		for _, op := range def.Spec.Operations() {
			v.Operations[op.Evidence]++
			cases, newest := casesOf(def.Name, op.ID)
			v.Newest = max(v.Newest, newest)
			if len(cases) > 0 {
				v.Touched++
			}
		}
		for name := range def.Faults {
			v.Faults = append(v.Faults, name)
		}
		views = append(views, v)
	}
	return views, nil
}

func printFakes(out io.Writer, views []fakeView) {
	for _, v := range views {
		fmt.Fprintf(out, "%s (%s)  port %d  path %s  hosts %s\n", v.Name, v.Title, v.Port, v.Path,
			strings.Join(v.Hosts, ", "))
		fmt.Fprintf(out, "  operations: %d recorded, %d documented, %d inferred; %d touched by a case%s; seeds: %s\n",
			v.Operations["recorded"], v.Operations["documented"], v.Operations["inferred"], v.Touched, newestOf(v),
			strings.Join(v.Seeds, ", "))
		t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
		for _, c := range v.Credentials {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\n", c.Principal, c.State, c.Role, c.Value, c.Secret)
		}
		t.Flush()
	}
}

func newestOf(v fakeView) string {
	if v.Newest == "" {
		return ""
	}
	return ", the newest recording of " + v.Newest
}
