package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/story"
)

const storyHelp = `Plays a story: what happens between several fakes in one world, step by step,
with their webhooks and jobs. Without --url it plays in a server of this process, which ends with
it; with --url in a running server, whose page shows it as a time line. Stories are YAML files: docs/stories.md.`

// storySettings are what the flags of the story commands say.
type storySettings struct {
	url, token, world, stories string
	step, reset, asJSON        bool
}

func storyCommand(defs []*fake.Def) *cobra.Command {
	var list bool
	var s storySettings
	cmd := &cobra.Command{Use: "story", Short: "Play what happens between the fakes, step by step", Long: storyHelp,
		Args: noSuchCommand,
		RunE: func(cmd *cobra.Command, args []string) error {
			if !list {
				return needsCommand(cmd, args)
			}
			return s.list(cmd.Context(), defs, cmd.OutOrStdout())
		}}
	cmd.Flags().BoolVar(&list, "list", false, "list the stories, as story list does")
	cmd.AddCommand(storyListCommand(defs), storyPlayCommand(defs), storyValidateCommand(defs))
	return cmd
}

// registerServer adds the flags that say where stories are.
func (s *storySettings) registerServer(cmd *cobra.Command) {
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(originFlag{&s.url}, "url", "origin of a running mockserver; default: a server of this process")
	f.StringVar(&s.token, "admin-token", "", "token of the control plane")
	f.StringVar(&s.stories, "stories", "", "file or folder with further stories")
}

func storyListCommand(defs []*fake.Def) *cobra.Command {
	var s storySettings
	cmd := &cobra.Command{Use: "list", Short: "List the stories", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.list(cmd.Context(), defs, cmd.OutOrStdout())
		}}
	s.registerServer(cmd)
	return cmd
}

func storyPlayCommand(defs []*fake.Def) *cobra.Command {
	var s storySettings
	cmd := &cobra.Command{Use: "play NAME", Short: "Play a story", Long: storyHelp, Args: arguments(1, 1),
		ValidArgs: []string{"approval-denied", "backup-fails", "closed-won"},
		RunE: func(cmd *cobra.Command, args []string) error {
			std := streams{cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()}
			return s.play(cmd.Context(), defs, args[0], std)
		}}
	s.registerServer(cmd)
	f := cmd.Flags()
	f.StringVar(&s.world, "world", "", "world to play in, made if there is none; default: the story's name")
	f.BoolVar(&s.reset, "reset", false, "reset the world first, if it exists")
	f.BoolVar(&s.step, "step", false, "wait for Enter before each step")
	f.BoolVar(&s.asJSON, "json", false, "print the result as JSON")
	return cmd
}

func storyValidateCommand(defs []*fake.Def) *cobra.Command {
	return stoppable(&cobra.Command{Use: "validate FILE...", Short: "Check files of stories without playing them",
		Args: func(cmd *cobra.Command, args []string) error {
			return arguments(1, max(1, len(args)))(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			wrong := false
			for _, file := range args {
				s, err := readStory(defs, file)
				if errors.Is(err, fs.ErrNotExist) {
					return err
				}
				if err != nil {
					wrong = true
					fmt.Fprintln(cmd.ErrOrStderr(), contracts.Printable(err.Error()))
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: %s, %d steps\n", file, s.Name, len(s.Steps))
			}
			if wrong {
				return &exitError{code: exitUsage}
			}
			return nil
		}})
}

// readStory reads a story and checks its names against the fakes.
func readStory(defs []*fake.Def, file string) (*story.Story, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	catalog, err := catalogOf(defs)
	if err != nil {
		return nil, err
	}
	return story.Parse(file, text, catalog)
}

func catalogOf(defs []*fake.Def) (*story.Catalog, error) {
	srv, err := fake.New(fake.Config{}, defs...)
	if err != nil {
		return nil, err
	}
	defer srv.Close()
	return control.Catalog(srv)
}

// libraryOf returns the built-in stories and those of a file or folder, nil for the built-in ones alone.
func libraryOf(srv *fake.Server, path string) (*story.Library, error) {
	if path == "" {
		return nil, nil
	}
	catalog, err := control.Catalog(srv)
	if err != nil {
		return nil, err
	}
	library := story.BuiltIn()
	if err := library.Add(path, catalog); err != nil {
		return nil, fmt.Errorf("--stories: %w", err)
	}
	return library, nil
}

// connect returns a client of the server that the flags name. close ends a server of this process.
func (s *storySettings) connect(ctx context.Context, defs []*fake.Def) (c *client.Client, close func(), err error) {
	if s.url != "" {
		return client.New(s.url, s.token), func() {}, nil
	}
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}}, defs...)
	if err != nil {
		return nil, nil, err
	}
	library, err := untilStopped(ctx, func() (*story.Library, error) { return libraryOf(srv, s.stories) })
	if err != nil {
		srv.Close()
		return nil, nil, err
	}
	plane := control.New(srv, control.Options{Version: version(), Stories: library})
	plane.Ready()
	return client.InProcess(plane.Wrap(srv.Edge(), "")), func() { plane.Close(); srv.Close() }, nil
}

func (s *storySettings) list(ctx context.Context, defs []*fake.Def, out io.Writer) error {
	c, closeServer, err := s.connect(ctx, defs)
	if err != nil {
		return err
	}
	defer closeServer()
	var all struct {
		Stories []struct {
			Name, About, Source string
			Steps               int
		}
	}
	if err := c.Get(ctx, "/stories", &all); err != nil {
		return unreachable(err)
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, one := range all.Stories {
		fmt.Fprintf(t, "%s\t%d steps\t%s\t%s\n", one.Name, one.Steps, one.About, one.Source)
	}
	return t.Flush()
}

// unreachable gives an error its exit code: a server that answered with a problem, or none that answered.
func unreachable(err error) error {
	if _, ok := errors.AsType[*client.ProblemError](err); ok {
		return &exitError{exitUsage, err}
	}
	return &exitError{exitUnreachable, err}
}

// player plays one story.
type player interface {
	start(context.Context) (story.View, error)
	step(context.Context) (story.View, error)
}

// remote plays a story that the server has.
type remote struct {
	client *client.Client
	path   string
	order  map[string]any
}

func (p *remote) start(ctx context.Context) (view story.View, err error) {
	err = p.client.Post(ctx, p.path+"/start", p.order, &view)
	p.order = map[string]any{"world": view.World}
	return view, err
}

func (p *remote) step(ctx context.Context) (view story.View, err error) {
	err = p.client.Post(ctx, p.path+"/step", p.order, &view)
	return view, err
}

// local plays a story of a file against a running server.
type local struct {
	story   *story.Story
	options story.Options
	run     *story.Run
}

func (p *local) start(ctx context.Context) (view story.View, err error) {
	if p.run, err = story.Start(ctx, p.story, p.options); err != nil {
		return view, err
	}
	return p.run.View(), nil
}

func (p *local) step(ctx context.Context) (story.View, error) {
	p.run.Step(ctx)
	return p.run.View(), nil
}

// player returns what plays a story: the server, or this process if --stories and --url are given.
func (s *storySettings) player(c *client.Client, defs []*fake.Def, name string) (player, error) {
	if s.url == "" || s.stories == "" {
		return &remote{c, "/stories/" + url.PathEscape(name), map[string]any{"world": s.world, "reset": s.reset}}, nil
	}
	catalog, err := catalogOf(defs)
	if err != nil {
		return nil, err
	}
	library := story.BuiltIn()
	if err := library.Add(s.stories, catalog); err != nil {
		return nil, fmt.Errorf("--stories: %w", err)
	}
	found, err := library.Find(name)
	return &local{story: found, options: story.Options{Client: c, Hooks: &story.Hooks{}, World: s.world,
		Reset: s.reset}}, err
}

// play plays a story and prints a line for each step.
func (s *storySettings) play(ctx context.Context, defs []*fake.Def, name string, std streams) error {
	c, closeServer, err := s.connect(ctx, defs)
	if err != nil {
		return err
	}
	defer closeServer()
	p, err := s.player(c, defs, name)
	if err != nil {
		return err
	}
	view, err := p.start(ctx)
	if err != nil {
		return unreachable(err)
	}
	if !s.asJSON {
		fmt.Fprintf(std.out, "%s in world %s: %s\n", view.Story, view.World, view.About)
	}
	in := bufio.NewScanner(std.in)
	for view.State == story.Ready {
		if s.step && !s.next(in, std.out, view) {
			return nil
		}
		if view, err = p.step(ctx); err != nil {
			return unreachable(err)
		}
		if !s.asJSON {
			printStep(std.out, latest(view))
		}
	}
	return s.finish(std.out, view)
}

// next asks for Enter. It returns false at the end of the input.
func (s *storySettings) next(in *bufio.Scanner, out io.Writer, view story.View) bool {
	if !s.asJSON {
		fmt.Fprintf(out, "next: %s (Enter)\n", view.Steps[view.Taken].Step)
	}
	return in.Scan()
}

func (s *storySettings) finish(out io.Writer, view story.View) error {
	if s.asJSON {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		if err := e.Encode(view); err != nil {
			return err
		}
	}
	verb := "failed"
	switch view.State {
	case story.Done:
		return nil
	case story.Waiting:
		verb = "waits"
	}
	return &exitError{exitFailed, fmt.Errorf("%s %s in world %s: %s", view.Story, verb, view.World,
		latest(view).Problem)}
}

// latest returns the step that was taken last.
func latest(v story.View) (last story.Result) {
	for _, one := range v.Steps {
		if one.State != "" {
			last = one
		}
	}
	return last
}

// printStep prints when a step happened, where, and what it did.
func printStep(out io.Writer, r story.Result) {
	line := fmt.Sprintf("%s  %-7s %s", r.At.Format("2006-01-02 15:04:05"), r.State, r.Step)
	if because := r.Because; because != nil {
		line += ", " + strings.Join(strings.Fields(because.Kind+" "+because.Fake+" "+because.Name+" "+because.ID), " ")
	}
	if did := r.Did; did != nil {
		line += " -> " + strings.Join(strings.Fields(r.Fake+" "+r.As+" "+did.Kind+" "+did.Name), " ")
		if did.Status != 0 {
			line += fmt.Sprintf(" %d", did.Status)
		}
	}
	fmt.Fprintln(out, contracts.Printable(line))
}
