package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/control"
)

// openLog completes the log that the flags ask for.
func (s *settings) openLog(out io.Writer) error {
	usual := "refusals"
	if s.verbose {
		usual = "requests"
	}
	s.log.Mode = cmp.Or(s.log.Mode, usual)
	s.log.Out, s.log.Colour = out, isTerminal(out)
	return s.log.Check()
}

// isTerminal reports whether a writer is a terminal that wants colour.
func isTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	if !ok || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

const logsHelp = `Prints a line for each request that a running mockserver has in its journal,
oldest first, and with --follow each further one until it is stopped. The lines are those that the
server writes itself with --log requests.`

// logsSettings are what the flags of logs say.
type logsSettings struct {
	url, world, token, format string
	port                      int
	follow                    bool
	query                     url.Values
}

func logsCommand() *cobra.Command {
	var s logsSettings
	var refused, unknown, inferred bool
	cmd := &cobra.Command{
		Use: "logs", Short: "Print the requests of a running mockserver", Long: logsHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s.query = url.Values{}
			for name, on := range map[string]bool{"refused": refused, "unknown": unknown, "inferred": inferred} {
				if on {
					s.query.Set(name, "true")
				}
			}
			for _, name := range []string{"fake", "operation", "status"} {
				if value := cmd.Flag(name).Value.String(); value != "" {
					s.query.Set(name, value)
				}
			}
			return s.run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVarP(&s.follow, "follow", "f", false, "go on with each further request")
	f.StringVar(&s.world, "world", "", "of this world only; default: the default world, with --follow all worlds")
	f.BoolVar(&refused, "refused", false, "only requests that were refused, unknown paths included")
	f.BoolVar(&unknown, "unknown", false, "only requests that no operation has")
	f.BoolVar(&inferred, "inferred", false, "only requests whose answer rests on an inferred rule or operation")
	f.String("fake", "", "only requests to this fake")
	f.String("operation", "", "only requests for this operation")
	f.String("status", "", "only requests with this status, 422 or 4xx")
	f.StringVar(&s.format, "log-format", "text", "text or json")
	s.addServer(f)
	return cmd
}

// addServer adds the flags that name a running server.
func (s *logsSettings) addServer(f *pflag.FlagSet) {
	f.IntVar(&s.port, "port", defaultPort, "the edge port on this machine")
	f.Var(originFlag{&s.url}, "url", "origin to ask instead of a port of this machine")
	f.StringVar(&s.token, "admin-token", "", "token of the control plane")
}

func (s *logsSettings) run(ctx context.Context, out io.Writer) error {
	log := control.Log{Out: out, Mode: "requests", Format: s.format, Colour: isTerminal(out)}
	if err := log.Check(); err != nil {
		return err
	}
	var stream io.ReadCloser
	var err error
	if s.follow { // first, so that nothing falls between the two
		if stream, err = s.open(ctx, "/events", url.Values{"kind": {"request"}, "world": {s.world}}); err != nil {
			return err
		}
		defer stream.Close()
	}
	seen, err := s.past(ctx, log)
	if err != nil || !s.follow {
		return err
	}
	err = follow(stream, func(line control.Line) {
		if !seen[line.World+" "+line.ID] {
			log.Write(line)
		}
	})
	if ctx.Err() != nil {
		return nil // stopped as it was meant to be
	}
	return err
}

// past prints what the journal has and returns it by world and id.
func (s *logsSettings) past(ctx context.Context, log control.Log) (map[string]bool, error) {
	body, err := s.open(ctx, "/requests/lines", url.Values{"limit": {"1000000"}})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	var answer struct{ Lines []control.Line }
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, line := range slices.Backward(answer.Lines) {
		log.Write(line)
		seen[line.World+" "+line.ID] = true
	}
	return seen, nil
}

// open sends a request to the control plane and returns the body of its answer.
func (s *logsSettings) open(ctx context.Context, path string, more url.Values) (io.ReadCloser, error) {
	query := url.Values{}
	for _, from := range []url.Values{s.query, more} {
		for name, values := range from {
			query[name] = values
		}
	}
	if s.url == "" {
		s.url = "http://127.0.0.1:" + strconv.Itoa(s.port)
	}
	res, err := controlPlane{s.url, s.world, s.token}.ask(ctx, http.MethodGet, path+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, &exitError{exitFailed, fmt.Errorf("%s answers %s", s.url, reasonOf(res))}
	}
	return res.Body, nil
}

// follow reads server-sent events and hands on the requests among them.
func follow(stream io.Reader, write func(control.Line)) error {
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, 4<<20)
	kind := ""
	for lines.Scan() {
		if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			kind = name
			continue
		}
		data, ok := strings.CutPrefix(lines.Text(), "data: ")
		if !ok {
			continue
		}
		if kind == "dropped" {
			return errors.New("the requests came faster than they could be written; start again to see the rest")
		}
		var event struct{ Request *control.Line }
		if err := json.Unmarshal([]byte(data), &event); err != nil {
			return err
		}
		if event.Request != nil {
			write(*event.Request)
		}
	}
	return lines.Err()
}

// controlPlane is that of a running server. An empty world or token is not sent.
type controlPlane struct{ url, world, token string }

// ask sends a request without a body. The caller closes the body of the response.
func (p controlPlane) ask(ctx context.Context, method, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.url+control.Prefix+path, nil)
	if err != nil {
		return nil, err
	}
	if p.world != "" {
		req.Header.Set("Mockserver-World", p.world)
	}
	if p.token != "" {
		req.Header.Set("Mockserver-Admin-Token", p.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, &exitError{exitUnreachable, err}
	}
	return res, nil
}

// reasonOf returns the status of an answer with the words of its problem.
func reasonOf(res *http.Response) string {
	var problem struct{ Detail string }
	json.NewDecoder(res.Body).Decode(&problem) // without one the status says enough
	return strings.TrimSuffix(res.Status+": "+problem.Detail, ": ")
}
