package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/fake"
)

// streams are the standard streams of a command.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// run runs one command line.
func run(ctx context.Context, args []string, s streams, fakes func() []*fake.Def) error {
	var defs []*fake.Def
	if len(args) == 0 || args[0] != "healthcheck" { // it runs every few seconds and needs no documents
		defs = fakes()
	}
	root := rootCommand(defs)
	root.SetArgs(args)
	root.SetIn(s.in)
	root.SetOut(s.out)
	root.SetErr(s.err)
	return root.ExecuteContext(ctx)
}

func rootCommand(defs []*fake.Def) *cobra.Command {
	root := serveCommand(defs)
	root.Use = "mockserver"
	root.Short = "Fakes of SaaS APIs, in memory: serves them until it is stopped"
	root.Args = noSuchCommand
	root.SilenceErrors, root.SilenceUsage = true, true
	root.SetFlagErrorFunc(wrongFlag)
	root.Version = version()
	root.SetVersionTemplate(versionLine())
	root.PersistentPreRunE = configure
	serve := serveCommand(defs)
	serve.Args = noArguments
	addGroup(root, &cobra.Group{ID: "use", Title: "Commands:"},
		serve, initCommand(defs), fakesCommand(defs), seedCommand(defs), schemaCommand(defs),
		stoppable(validateCommand(defs)), healthcheckCommand(), versionCommand(), licensesCommand(),
		execCommand(defs), caCommand(defs), verifyCommand(), driftCommand(defs),
		recordCommand(defs), importCommand(defs), exportCommand(defs), logsCommand(), explainCommand(),
		storyCommand(defs), auditCommand(), mcpCommand(defs), shrinkCommand())
	root.SetHelpCommandGroupID("use")
	root.SetCompletionCommandGroupID("use")
	addGroup(root, &cobra.Group{ID: "project", Title: "Tools of this project, for changes of a fake or its cases:"},
		coverageCommand(), mutantsCommand())
	completeFlags(root, defs)
	refuseTopics(root)
	return root
}

// refuseTopics makes the commands that cobra adds refuse unknown topics and shells, in place of printing their help.
func refuseTopics(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "completion":
			cmd.Args, cmd.RunE = noSuchCommand, needsCommand
		case "help":
			help := cmd.Run
			cmd.Run, cmd.RunE = nil, func(cmd *cobra.Command, args []string) error {
				found, rest, err := root.Find(args)
				if err != nil || len(rest) > 0 {
					return noSuchCommand(found, rest)
				}
				help(cmd, args)
				return nil
			}
		}
	}
}

// addGroup adds commands that the help lists under one title.
func addGroup(root *cobra.Command, group *cobra.Group, commands ...*cobra.Command) {
	root.AddGroup(group)
	for _, cmd := range commands {
		cmd.GroupID = group.ID
	}
	root.AddCommand(commands...)
}

// configure sets the flags that the command line leaves out: from the environment, then from the configuration file.
func configure(cmd *cobra.Command, args []string) error {
	if err := fromEnvironment(cmd); err != nil {
		return err
	}
	if cmd.Name() == "validate" && len(args) == 1 {
		cmd.Flags().Set("config", args[0])
	}
	return fromConfig(cmd.Context(), cmd.Flags())
}

func noSuchCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	names := commandNames(cmd)
	return fmt.Errorf("no command %q%s; commands: %s", args[0], fake.Hint(args[0], names), strings.Join(names, ", "))
}

func commandNames(cmd *cobra.Command) (names []string) {
	for _, c := range cmd.Commands() {
		names = append(names, c.Name())
	}
	return names
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s takes no arguments, and got %q; see %s --help", cmd.CommandPath(), args[0],
			cmd.CommandPath())
	}
	return nil
}

// wrongFlag returns a one-line error for an invalid flag, with the nearest known one.
func wrongFlag(cmd *cobra.Command, err error) error {
	hint := "see " + cmd.CommandPath() + " --help"
	if _, name, ok := strings.Cut(err.Error(), "unknown flag: --"); ok {
		var names []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
		if near := fake.Nearest(name, names); near != "" {
			hint = "did you mean --" + near + "? " + hint
		}
	}
	if kind := expected(err); kind != "" {
		wrong, _ := errors.AsType[*pflag.InvalidValueError](err)
		err = fmt.Errorf("--%s %s: expected %s", wrong.GetFlag().Name, wrong.GetValue(), kind)
	}
	return fmt.Errorf("%v; %s", err, hint)
}

// expected returns the values that the flag with an invalid value accepts, or "" for another error.
func expected(err error) string {
	wrong, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return ""
	}
	return map[string]string{"int": "a whole number", "bool": "true or false",
		"duration": "a duration like 30s",
		"origin":   "an origin like http://127.0.0.1:4000"}[wrong.GetFlag().Value.Type()]
}
