package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/fake/nearest"
)

const environmentPrefix = "MOCKSERVER_"

// environmentName returns the environment variable of a flag.
func environmentName(flag string) string {
	return environmentPrefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// injectedValue is the value that Kubernetes, and Docker for linked containers, give a name like MOCKSERVER_PORT beside
// a service called mockserver.
var injectedValue = regexp.MustCompile(`^(tcp|udp|sctp)://[^/]+:\d+$`)

// injectedName is a name that they set beside such a service. No flag has one of them; those of ports, which flags have
// as well, are known by their value.
var injectedName = regexp.MustCompile(`_(SERVICE_HOST|SERVICE_PORT(_\w+)?|` +
	`PORT_\d+_(TCP|UDP|SCTP)(_PROTO|_PORT|_ADDR)?|ENV_\w+)$`)

// fromEnvironment sets flags that the command line does not set from the environment. Names that an orchestrator
// injects are ignored with one line for all of them.
func fromEnvironment(cmd *cobra.Command) (err error) {
	var injected []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		value := os.Getenv(environmentName(f.Name)) // an empty one, as in compose files, counts as unset
		if value == "" || f.Changed || err != nil || f.Name == "help" {
			return
		}
		if f.Value.Type() == "int" && injectedValue.MatchString(value) {
			injected = append(injected, environmentName(f.Name)+"="+value)
			return
		}
		if wrong := cmd.Flags().Set(f.Name, value); wrong != nil {
			if kind := expected(wrong); kind != "" {
				wrong = errors.New("expected " + kind)
			}
			err = fmt.Errorf("%s=%s: %v", environmentName(f.Name), value, wrong)
		}
	})
	if err == nil && cmd.Flags().Lookup("edge-only") != nil {
		reportEnvironment(cmd, injected)
	}
	return err
}

// reportEnvironment writes a line for the names that an orchestrator injects, and one for each name that is nearly the
// name of a flag. Other names with the prefix belong to other programs.
func reportEnvironment(cmd *cobra.Command, injected []string) {
	var flags []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { flags = append(flags, environmentName(f.Name)) })
	for _, pair := range slices.Sorted(slices.Values(os.Environ())) {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case value == "" || !strings.HasPrefix(name, environmentPrefix) || slices.Contains(flags, name):
		case injectedName.MatchString(name):
			injected = append(injected, name)
		default:
			if near := misspelt(name, flags); near != "" {
				fmt.Fprintf(cmd.ErrOrStderr(), "mockserver: %s is ignored: no flag has that name; nearest: %s\n", name,
					near)
			}
		}
	}
	if len(injected) > 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "mockserver: ignored, since orchestrators set them beside a service of that "+
			"name: %s\n", strings.Join(injected, ", "))
	}
}

// misspelt returns the known name that differs from name in a letter, or two if it is long, or "".
func misspelt(name string, known []string) string {
	near := nearest.Word(name, known)
	letters := len(strings.TrimPrefix(name, environmentPrefix))
	if near == "" || nearest.Distance(name, near) > 1+letters/8 {
		return ""
	}
	return near
}
