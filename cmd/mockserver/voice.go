package main

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

// arguments accepts least to most arguments, and names those of the command's usage otherwise.
func arguments(least, most int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		_, names, _ := strings.Cut(cmd.Use, " ")
		switch {
		case len(args) < least:
			return fmt.Errorf("%s needs %s; see %s --help", cmd.CommandPath(), names, cmd.CommandPath())
		case len(args) > most:
			return fmt.Errorf("%s takes %s, and got %q besides; see %s --help", cmd.CommandPath(), names, args[most],
				cmd.CommandPath())
		}
		return nil
	}
}

// plainError returns the text of an error without Go's words: of a request that got no answer it says who did not
// answer, of JSON of the wrong type what was expected.
func plainError(err error) string {
	failed, ok := errors.AsType[*url.Error](err)
	if !ok {
		return control.PlainError(err)
	}
	origin := failed.URL
	if u, wrong := url.Parse(failed.URL); wrong == nil && u.Host != "" {
		origin = u.Scheme + "://" + u.Host
	}
	reason := failed.Err.Error()
	if op, ok := errors.AsType[*net.OpError](failed.Err); ok {
		reason = strings.TrimPrefix(op.Err.Error(), "connect: ")
	}
	return strings.Replace(err.Error(), failed.Error(), origin+" does not answer: "+reason, 1)
}

// originFlag is the value of a flag that names a running mockserver. The address of its control plane, which a server
// prints, will do as well.
type originFlag struct{ to *string }

func (o originFlag) Type() string { return "origin" }

func (o originFlag) String() string {
	if o.to == nil {
		return ""
	}
	return *o.to
}

func (o originFlag) Set(text string) error {
	u, err := url.Parse(text)
	if text != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return errors.New("no origin")
	}
	*o.to = strings.TrimSuffix(strings.TrimSuffix(text, "/"), control.Prefix)
	return nil
}

// completeFlags lets shells complete the values of flags that have a fixed set of them.
func completeFlags(cmd *cobra.Command, defs []*fake.Def) {
	values := map[string][]string{"fake": namesOf(defs), "limits": {"on", "off"}, "log": control.LogModes,
		"log-format": control.LogFormats, "refuse": {"inferred"}, "intercept-others": {"refuse", "pass"},
		"test": {"go", "sh"}}
	for _, def := range defs {
		values["seed"] = append(values["seed"], def.Name+"=")
		values["token"] = append(values["token"], def.Name+"=")
	}
	for name, known := range values {
		if cmd.Flags().Lookup(name) == nil {
			continue
		}
		directive := cobra.ShellCompDirectiveNoFileComp
		if name == "seed" || name == "token" {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(known, directive)) // fails only for unknown flags
	}
	for _, sub := range cmd.Commands() {
		completeFlags(sub, defs)
	}
}

// needsCommand is for commands that only have further ones.
func needsCommand(cmd *cobra.Command, _ []string) error {
	return fmt.Errorf("%s needs a command: %s", cmd.CommandPath(), strings.Join(commandNames(cmd), ", "))
}
