package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/agents"
	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/report"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/story"
)

const mcpHelp = `Serves the fakes to agents by the Model Context Protocol: on standard input and output, or with --http
over streamable HTTP at /mcp. The tools make worlds, send requests, explain refusals, read rows and the journal, move
clocks, play stories and replay cases: docs/agents.md. With --url they work on a running mockserver, otherwise on one of
this process, which --listen opens to other programs.`

// mcpSettings are what the flags of mcp say.
type mcpSettings struct {
	url, token, http, listen, stories string
}

func mcpCommand(defs []*fake.Def) *cobra.Command {
	var s mcpSettings
	cmd := &cobra.Command{Use: "mcp", Short: "Serve the fakes to agents by the Model Context Protocol", Long: mcpHelp,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.run(cmd.Context(), defs, streams{cmd.InOrStdin(), cmd.OutOrStdout(), cmd.ErrOrStderr()})
		}}
	f := cmd.Flags()
	f.SortFlags = false
	f.Var(originFlag{&s.url}, "url", "origin of a running mockserver; default: a server of this process")
	f.StringVar(&s.token, "admin-token", "",
		"token of the control plane; with --http agents have to send it, and it is generated beyond this machine")
	f.StringVar(&s.http, "http", "", "address for agents over HTTP, like 127.0.0.1:4100; default: standard input")
	f.StringVar(&s.listen, "listen", "",
		"address on which other programs reach the server of this process, like 127.0.0.1:4000; default: none")
	f.StringVar(&s.stories, "stories", "", "file or folder with further stories, for a server of this process")
	return cmd
}

func (s *mcpSettings) run(ctx context.Context, defs []*fake.Def, std streams) error {
	var l net.Listener
	if s.http != "" {
		var err error
		if l, err = s.listenFor("--http", s.http, &s.token); err != nil {
			return err
		}
		defer l.Close()
	}
	c, closeServer, err := s.connect(ctx, defs)
	if err != nil {
		return err
	}
	defer closeServer()
	if err := c.Get(ctx, "/version", nil); err != nil {
		return unreachable(err)
	}
	server := agents.New(agents.Options{Client: c, Version: version(), Verify: verifyFor(defs)})
	if l != nil {
		return s.serveHTTP(ctx, server, l, std.err)
	}
	out := &lockedWriter{w: std.out}
	err = server.Run(ctx, &mcp.IOTransport{Reader: io.NopCloser(newMessageLines(std.in, out)), Writer: out})
	if ctx.Err() != nil || errors.Is(err, io.EOF) {
		return nil // stopped, or the agent has gone
	}
	return err
}

// listenFor opens a listener. More than this machine needs a token, which is generated if none is given.
func (s *mcpSettings) listenFor(flag, address string, token *string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, address, err)
	}
	if *token == "" && !l.Addr().(*net.TCPAddr).IP.IsLoopback() {
		*token = rand.Text()
	}
	return l, nil
}

// connect returns a client of the server that the flags name.
func (s *mcpSettings) connect(ctx context.Context, defs []*fake.Def) (c *client.Client, closeServer func(), err error) {
	if s.listen == "" || s.url != "" {
		if s.listen != "" {
			return nil, nil, errors.New("--listen is for a server of this process, and --url names another one")
		}
		return (&storySettings{url: s.url, token: s.token, stories: s.stories}).connect(ctx, defs)
	}
	l, err := s.listenFor("--listen", s.listen, &s.token)
	if err != nil {
		return nil, nil, err
	}
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true}}, defs...)
	if err == nil {
		var plane *control.Plane
		if plane, err = s.plane(ctx, srv); err == nil {
			srv.SetListeners([]net.Addr{l.Addr()})
			server := &http.Server{Handler: plane.Wrap(srv.Edge(), ""), ReadHeaderTimeout: 10 * time.Second}
			go server.Serve(l)
			return client.New("http://"+l.Addr().String(), s.token),
				func() { server.Close(); plane.Close(); srv.Close() }, nil
		}
	}
	l.Close()
	return nil, nil, err
}

func (s *mcpSettings) plane(ctx context.Context, srv *fake.Server) (*control.Plane, error) {
	library, err := untilStopped(ctx, func() (*story.Library, error) { return libraryOf(srv, s.stories) })
	if err != nil {
		return nil, err
	}
	plane := control.New(srv, control.Options{Version: version(), Token: s.token, Stories: library, CasesOf: casesOf,
		Gaps: gaps})
	plane.Ready()
	return plane, nil
}

// serveHTTP serves agents until ctx ends. Who may ask is decided as for the control plane.
func (s *mcpSettings) serveHTTP(ctx context.Context, server *mcp.Server, l net.Listener, stderr io.Writer) error {
	mux := http.NewServeMux()
	mux.Handle("/mcp", agents.Handler(server))
	h := &http.Server{Handler: control.Guard(control.Options{Token: s.token}, mux), ReadHeaderTimeout: 10 * time.Second}
	fmt.Fprintf(stderr, "mockserver: agents at http://%s/mcp\n", l.Addr())
	if s.token != "" {
		fmt.Fprintf(stderr, "mockserver: they send Authorization: Bearer %s\n", s.token)
	}
	stop := context.AfterFunc(ctx, func() { h.Close() })
	defer stop()
	if err := h.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// verifyFor returns what replays cases for agents. Cases that pass are counted and not listed.
func verifyFor(defs []*fake.Def) agents.Verify {
	return func(ctx context.Context, path, fake string) (json.RawMessage, error) {
		s := &selection{fake: fake, seed: "default", limits: "off"}
		if err := s.check(defs); err != nil {
			return nil, err
		}
		var paths []string
		if path != "" {
			paths = []string{path}
		}
		suite, err := s.load(ctx, paths, defs)
		if err != nil {
			return nil, err
		}
		target, err := contracts.InProcess(defs...)
		if err != nil {
			return nil, err
		}
		found := suite.Replay(ctx, target, func(*contracts.Outcome) {})
		doc := report.New(found, report.Options{Command: "verify", Target: "the fakes in this binary",
			Version: version(), Root: rootless(reportRoot())})
		listed := []report.Case{}
		for _, one := range doc.Results {
			if one.State != "passed" {
				listed = append(listed, one)
			}
		}
		doc.Results = listed
		var text bytes.Buffer
		err = report.JSON(&text, doc)
		return text.Bytes(), err
	}
}
