package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/listen"
	"github.com/afba07b5/mockserver/fixtures"
	"github.com/afba07b5/mockserver/intercept"
	"github.com/afba07b5/mockserver/store"
	"github.com/afba07b5/mockserver/story"
)

const defaultPort = 4000

func serveCommand(defs []*fake.Def) *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the fakes until stopped (what mockserver does without a command)",
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.stderr = cmd.ErrOrStderr()
			s.bug = newBugReport(s.stderr).add
			if err := s.openLog(s.stderr); err != nil {
				return err
			}
			h, err := s.openUntil(cmd.Context(), defs)
			if err != nil {
				return err
			}
			return h.run(cmd.Context(), func() { h.announce(cmd.OutOrStdout()) })
		},
	}
	s.register(cmd.Flags(), defs, defaultPort)
	return cmd
}

// app is a server with open listeners.
type app struct {
	settings *settings
	defs     []*fake.Def
	srv      *fake.Server
	plane    *control.Plane
	ears     listeners
	token    string     // of the control plane
	made     bool       // the token was generated
	lock     *stateLock // of the state file
	world    *fake.World
	loaded   versions      // of the worlds as the state file has them, nil without one
	flags    fake.Settings // of the default world
	hooks    hooks
	stories  *story.Library // nil for the built-in ones
	drain    *drain
	silences []audit.Silence
	store    *store.Store // nil without --store

	authority *intercept.Authority  // nil without TLS
	hosts     intercept.Hosts       // that the authority and the proxy answer for
	tunnels   *intercept.Listener   // of the edge port; serves what comes through the proxy
	secured   []*intercept.Listener // all that take TLS
	proxy     *intercept.Proxy      // nil if nothing is intercepted
}

// openUntil calls open but returns when ctx ends.
func (s *settings) openUntil(ctx context.Context, defs []*fake.Def) (*app, error) {
	return untilStopped(ctx, func() (*app, error) { return s.open(defs) })
}

// prepare builds the server that the flags ask for, and reads the files they name. hosts are the further host names
// of the fakes.
func (s *settings) prepare(defs []*fake.Def) (h *app, hosts map[string]string, err error) {
	o, err := s.options(defs)
	if err != nil {
		return nil, nil, err
	}
	h = &app{settings: s, defs: defs, token: s.adminToken, drain: newDrain()}
	if h.silences, err = audit.ParseSilences(s.silences); err != nil {
		return nil, nil, fmt.Errorf("--audit-silence: %w", err)
	}
	if h.srv, err = fake.New(o, defs...); err != nil {
		return nil, nil, err
	}
	if h.hooks, err = readHooks(s.initDir); err != nil {
		return nil, nil, err
	}
	if h.world, err = h.srv.World("default"); err != nil {
		return nil, nil, err
	}
	if h.stories, err = libraryOf(h.srv, s.stories); err != nil {
		return nil, nil, err
	}
	h.flags = o.Settings
	return h, o.Hosts, h.fill(o)
}

// open prepares the server and opens its listeners. After an error nothing stays open.
func (s *settings) open(defs []*fake.Def) (h *app, err error) {
	lock, err := s.lockState()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.release()
		}
	}()
	h, hosts, err := s.prepare(defs)
	if err != nil {
		return nil, err
	}
	h.lock = lock
	if err := h.openStore(h.flags); err != nil {
		return nil, err
	}
	if h.ears, err = s.listen(defs); err != nil {
		return nil, err
	}
	if err := h.secure(hosts, s.stderr); err != nil {
		h.ears.close()
		return nil, err
	}
	if h.token == "" && !h.ears.local() {
		h.token, h.made = rand.Text(), true
	}
	h.lock.describe(h.ears.url(""))
	h.srv.SetListeners(h.ears.addresses())
	var keeper control.MappingFiles // nil unless a folder was given
	if s.mappings != "" {
		keeper = mappingFolder(s.mappings)
	}
	h.plane = control.New(h.srv, control.Options{Mappings: keeper, Stories: h.stories, Token: h.token,
		Version: version(),
		Edge:    h.ears.url(""),
		Hosts:   publicHost(s.publicURL), CasesOf: casesOf, Case: recorder.FromJournal(fixtures.Defaults),
		Log: &s.log, Gaps: gaps, Silences: h.silences, Store: h.controlStore()})
	if h.store != nil {
		h.store.Serve(func(q store.Question) store.Answer { return store.Answer(h.plane.Answer(control.Question(q))) })
	}
	return h, nil
}

// fill loads the state file and builds the fakes whose seed or token was given, so that their
// errors are reported before anything listens.
func (h *app) fill(o fake.Config) error {
	tokens, err := forFakes("token", h.settings.tokens, h.defs)
	if err != nil {
		return err
	}
	for _, def := range h.defs {
		if o.Settings.Seeds[def.Name] == "" && tokens[def.Name] == nil {
			continue
		}
		if _, err := h.world.State(def.Name); err != nil {
			return fmt.Errorf("--seed %s: %s", def.Name, oneLine(err))
		}
	}
	if h.settings.state == "" {
		return nil
	}
	return h.loadState(o.Settings)
}

// run serves until ctx ends and then saves the state. It calls started once all fakes are built.
func (h *app) run(ctx context.Context, started func()) error {
	defer h.lock.release()
	var servers []*http.Server
	failed := make(chan error, len(h.ears))
	for name, l := range h.ears {
		name, handler := strings.TrimSuffix(name, overIPv6), h.srv.Edge()
		if name != "" {
			handler = h.srv.Handler(name)
		}
		server := &http.Server{
			Handler: h.wrap(
				name,
				h.drain.wrap(h.plane.Wrap(handler, name)),
			), ConnState: h.drain.track, ConnContext: intercept.ConnContext,
			ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
		}
		servers = append(servers, server)
		go func() { failed <- server.Serve(served(l, h.settings.bodyTimeout)) }()
	}
	err := h.start(ctx)
	saved := h.keepSaving()
	if err == nil {
		started()
		debug.SetGCPercent(usualGC)
		debug.FreeOSMemory()
		forget()
		select {
		case <-ctx.Done():
		case err = <-failed:
		}
	}
	h.plane.Stop()
	cut := h.drain.stop(servers, h.ears, h.settings.drain)
	h.srv.Close()
	h.plane.Close()
	if h.store != nil {
		h.store.Close()
	}
	if err != nil {
		return err
	}
	if err := saved(); err != nil {
		return err
	}
	return cut
}

// start builds the fakes and applies --init-dir. In between it is ready.
func (h *app) start(ctx context.Context) error {
	if err := h.build(ctx); err != nil {
		return err
	}
	if err := h.applyHooks(ctx); err != nil {
		return err
	}
	h.plane.Ready()
	return h.runHooks(ctx)
}

// served returns a listener as it is served: those that speak TLS repair request lines themselves.
func served(l net.Listener, stall time.Duration) net.Listener {
	switch l.(type) {
	case *intercept.Listener, overTLS:
		return l
	}
	return listen.Wrap(l, stall)
}

// build builds the default world's fakes concurrently. Earlier requests build theirs themselves.
func (h *app) build(ctx context.Context) error {
	results := make(chan error, len(h.defs))
	for _, def := range h.defs {
		go func() {
			results <- h.world.Open(def.Name)
		}()
	}
	var errs []error
	for range h.defs {
		select {
		case err := <-results:
			errs = append(errs, err)
		case <-ctx.Done():
			return &exitError{exitInterrupted, errors.New("stopped before it was ready")}
		}
	}
	return errors.Join(errs...)
}
