package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/intercept"
)

// recording holds the flags of record.
type recording struct {
	fake       string
	upstream   string
	out        string
	script     string
	about      string
	version    string
	seed       string
	principals []string
	port       int
	intercept  bool
	ca         interception
	command    []string // to run and record
}

const recordHelp = `Records a conversation with the real service as a case that verify replays: DIR/cassette.yaml and
DIR/case.yaml.

Without --script it is a proxy on this machine: point a client at the URL it prints, and end the
recording with Ctrl-C. With --script it sends the requests of a hand-written case (case.yaml and
steps.yaml) to the service, writes included, with credentials from
MOCKSERVER_LIVE_<FAKE>_<PRINCIPAL> only.

With --intercept it records a program that has the vendor's host built in: mockserver record --intercept ... -- npm test
runs it with a proxy and a certificate authority in its environment, for that host alone; other hosts are reached as
usual. Without a command it prints the environment. The requests do reach the real service.

No secret is written: credentials, cookies, tokens, passwords and e-mail addresses become
pseudonyms, in every location and encoding. Names of people and other texts stay: record with a
tenant made for that purpose. What cannot be written safely is left out, with its number and the
reason.

Exit codes: 0 recorded, 1 the script broke off, 2 usage error, 3 the service is unreachable,
4 nothing was recorded.`

func recordCommand(defs []*fake.Def) *cobra.Command {
	r := &recording{}
	cmd := &cobra.Command{
		Use: "record --fake NAME --upstream URL --out DIR [-- command [argument...]]", Long: recordHelp,
		Short: "Record the real service as a case, with pseudonyms for secrets",
		RunE: func(cmd *cobra.Command, args []string) error {
			if r.command = args; !r.intercept {
				if err := noArguments(cmd, args); err != nil {
					return err
				}
			}
			return r.run(cmd, defs)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&r.fake, "fake", "", "the fake of the service")
	f.StringVar(&r.upstream, "upstream", "", "origin of the service, like https://api.example.com")
	f.StringVar(&r.out, "out", "", "folder to write; it must not exist, or be empty")
	f.StringVar(&r.about, "about", "", "one sentence: what the case shows; default with --script: the script's")
	f.StringVar(&r.version, "version", "",
		"the service's version, as the vendor names it; default with --script: the script's")
	f.StringVar(&r.script, "script", "", "folder of a hand-written case to play instead of listening")
	f.StringSliceVar(&r.principals, "principal", nil,
		"who sends the credential; once for each, in the order of first use (default: "+
			"the seed's or the environment's, then the first of the seed)")
	f.StringVar(&r.seed, "seed", "",
		"seed that the case starts from (default: default; with --script the script's)")
	f.IntVar(&r.port, "port", 0, "port to listen on; 0 = a free one")
	f.BoolVar(&r.intercept, "intercept", false, "record a program that has the vendor's host built in")
	r.ca.registerCA(f)
	f.SetInterspersed(false)
	return cmd
}

func (r *recording) run(cmd *cobra.Command, defs []*fake.Def) error {
	suite, options, err := r.options(cmd.Context(), defs)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	rec, err := recorder.New(options)
	if err == nil {
		err = recorder.Free(r.out)
	}
	if err != nil {
		return &exitError{exitUsage, err}
	}
	if err := rec.Reach(cmd.Context()); err != nil {
		return &exitError{exitUnreachable, err}
	}
	if suite != nil {
		err = r.play(cmd, rec, suite)
	} else {
		err = r.listen(cmd, rec, options.Fake)
	}
	return r.save(cmd, rec, err)
}

// options validates the flags and loads the script.
func (r *recording) options(ctx context.Context, defs []*fake.Def) (*contracts.Suite, recorder.Options, error) {
	o := recorder.Options{Fake: find(defs, r.fake), Upstream: r.upstream, About: r.about, Version: r.version,
		Seed: r.seed, Principals: r.principals}
	names := namesOf(defs)
	if r.intercept && r.upstream == "" && o.Fake != nil {
		r.upstream = "https://" + hostOf(o.Fake, "")
		o.Upstream = r.upstream
	}
	switch {
	case r.fake == "":
		return nil, o, fmt.Errorf("--fake is needed; fakes: %s", strings.Join(names, ", "))
	case o.Fake == nil:
		return nil, o, fmt.Errorf("no fake %q%s; fakes: %s", r.fake, fake.Hint(r.fake, names),
			strings.Join(names, ", "))
	case r.upstream == "":
		return nil, o, fmt.Errorf("--upstream is needed: the origin of the service, like https://%s",
			strings.TrimPrefix(o.Fake.Hosts[0], "*."))
	case r.out == "":
		return nil, o, errors.New("--out is needed: the folder to write")
	}
	var suite *contracts.Suite
	if r.script != "" {
		var err error
		if suite, err = r.load(ctx, defs); err != nil {
			return nil, o, err
		}
		fromScript(&o, &suite.Cases[0].Info)
	}
	if o.About == "" || o.Version == "" {
		return nil, o, errors.New(
			"--about and --version are needed: what the case shows, and the version of the service")
	}
	return suite, o, nil
}

// load loads the script, which must be one case.
func (r *recording) load(ctx context.Context, defs []*fake.Def) (*contracts.Suite, error) {
	if _, err := os.Stat(filepath.Join(r.script, "steps.yaml")); err != nil {
		return nil, fmt.Errorf("--script %s: expected a folder with case.yaml and steps.yaml", r.script)
	}
	s := selection{fake: r.fake, seed: "default", limits: "off"}
	suite, err := s.load(ctx, []string{r.script}, defs)
	if err == nil && len(suite.Cases) != 1 {
		err = fmt.Errorf("--script %s: expected one case for %s, found %d", r.script, r.fake, len(suite.Cases))
	}
	return suite, err
}

// fromScript takes from the script what the flags do not set.
func fromScript(o *recorder.Options, info *contracts.Info) {
	o.Settings = info.Settings
	for _, one := range []struct {
		flag *string
		own  string
	}{{&o.About, info.About}, {&o.Version, info.Version}, {&o.Seed, info.Seed}} {
		if *one.flag == "" {
			*one.flag = one.own
		}
	}
}

// listen runs the proxy until the command is interrupted.
func (r *recording) listen(cmd *cobra.Command, rec *recorder.Recorder, def *fake.Def) error {
	l, err := listenOn("127.0.0.1", r.port, "port")
	if err != nil {
		return &exitError{exitUsage, err}
	}
	self := "http://" + l.Addr().String()
	handler, example, env := rec.Proxy(self), self, []string(nil)
	if r.intercept {
		host := hostOf(def, r.upstream)
		if handler, l, env, err = r.interceptWith(cmd, l, rec, host); err != nil {
			return &exitError{exitUsage, err}
		}
		example = "https://" + host
	}
	server := &http.Server{Handler: handler, ConnContext: intercept.ConnContext, ReadHeaderTimeout: 10 * time.Second}
	defer shutDown(server)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	out := cmd.OutOrStdout()
	if len(r.command) > 0 {
		return runRecorded(cmd, r.command, env)
	}
	printVariables(cmd, env)
	fmt.Fprintf(out, "recording %s; Ctrl-C ends it and writes %s\n", r.upstream, r.out)
	fmt.Fprintln(out, strings.NewReplacer("{url}", example, "{credential}", "YOUR_CREDENTIAL").Replace(def.Example))
	fmt.Fprintln(out, "ready on "+self)
	select {
	case <-cmd.Context().Done():
		return nil
	case err := <-failed:
		return err
	}
}

// play plays the script and prints the answers that differ from it.
func (r *recording) play(cmd *cobra.Command, rec *recorder.Recorder, suite *contracts.Suite) error {
	return rec.Script(cmd.Context(), suite, func(request string, d contracts.Difference) {
		fmt.Fprintf(cmd.OutOrStdout(), "%s: %s: the script says %s, the service %s\n", request, d.Path, d.Recorded,
			d.Got)
	})
}

// save writes the recording. It returns the error that ended the recording, if any.
func (r *recording) save(cmd *cobra.Command, rec *recorder.Recorder, ended error) error {
	saved, err := rec.Save(r.out)
	if saved != nil {
		for _, note := range saved.Notes {
			fmt.Fprintln(cmd.ErrOrStderr(), "mockserver: note:", note)
		}
	}
	if err == nil {
		fmt.Fprintf(cmd.OutOrStdout(),
			"recorded %d interactions in %s, %d secrets replaced; next: mockserver verify --fake %s %s\n",
			saved.Interactions, r.out, saved.Secrets, r.fake, r.out)
	}
	code := exitFailed
	switch {
	case errors.Is(ended, contracts.ErrUnreachable):
		code = exitUnreachable
	case errors.Is(err, recorder.ErrEmpty):
		code = exitNothing
	}
	usage, _ := errors.AsType[*exitError](ended)
	switch {
	case usage != nil:
		return usage
	case ended != nil && !errors.Is(ended, context.Canceled):
		return &exitError{code, ended}
	case err != nil:
		return &exitError{code, err}
	}
	return nil
}
