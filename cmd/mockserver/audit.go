package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/audit"
)

const auditHelp = `Prints what clients of a running mockserver did wrong although they got their
answers, one finding a line: the rule, the fake, the client, what happened, the requests and the
source. It exits with 1 if there are findings.

--probe first sends each receiver of signed webhooks its newest one again with a wrong signature; a
receiver that answers with success is a finding. --rules prints the rules instead. docs/audit.md explains each of them.`

// auditSettings are what the flags of audit say.
type auditSettings struct {
	url, world, token, format, client, rule string
	port                                    int
	silences                                []string
	probe, rules                            bool
}

func auditCommand() *cobra.Command {
	var s auditSettings
	cmd := &cobra.Command{
		Use: "audit", Short: "Print what clients of a running mockserver did wrong", Long: auditHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if s.rules {
				return printRules(cmd.OutOrStdout())
			}
			return s.run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&s.world, "world", "", "the world to audit; default: the default world")
	f.StringVar(&s.client, "client", "", "only findings of this client, as the findings name it")
	f.StringVar(&s.rule, "rule", "", "only findings of this rule")
	f.StringArrayVar(&s.silences, "silence", nil, "RULE=reason: leave out the findings of a rule; may be repeated")
	f.BoolVar(&s.probe, "probe", false, "first send receivers of signed webhooks one with a wrong signature")
	f.BoolVar(&s.rules, "rules", false, "print the rules with their sources, and ask no server")
	f.StringVar(&s.format, "log-format", "text", "text or json")
	f.IntVar(&s.port, "port", defaultPort, "the edge port on this machine")
	f.Var(originFlag{&s.url}, "url", "origin to ask instead of a port of this machine")
	f.StringVar(&s.token, "admin-token", "", "token of the control plane")
	return cmd
}

func printRules(out io.Writer) error {
	for _, rule := range audit.Rules() {
		if _, err := fmt.Fprintf(out, "%-24s %s [%s]\n", rule.Name, rule.Wrong, rule.Source); err != nil {
			return err
		}
	}
	return nil
}

func (s *auditSettings) run(ctx context.Context, out io.Writer) error {
	if s.format != "text" && s.format != "json" {
		return fmt.Errorf("--log-format %s: expected text or json", s.format)
	}
	if _, err := audit.ParseSilences(s.silences); err != nil {
		return fmt.Errorf("--silence: %w", err)
	}
	if s.url == "" {
		s.url = "http://127.0.0.1:" + strconv.Itoa(s.port)
	}
	if s.probe {
		if err := s.ask(ctx, http.MethodPost, "/audit/probe", nil, nil); err != nil {
			return err
		}
	}
	var report audit.Report
	query := url.Values{"limit": {"1000000"}, "client": {s.client}, "rule": {s.rule}, "silence": s.silences}
	if err := s.ask(ctx, http.MethodGet, "/audit", query, &report); err != nil {
		return err
	}
	if err := printFindings(out, &report, s.format); err != nil {
		return err
	}
	if n := len(report.Findings); n > 0 {
		return &exitError{exitFailed, fmt.Errorf("audit: %s", counted(n, "finding"))}
	}
	return nil
}

func printFindings(out io.Writer, report *audit.Report, format string) (err error) {
	for _, f := range report.Findings {
		line := f.String()
		if format == "json" {
			text, _ := json.Marshal(f) // plain data
			line = string(text)
		}
		if _, err = fmt.Fprintln(out, line); err != nil {
			return err
		}
	}
	if format == "json" {
		return nil
	}
	for _, s := range report.Silenced {
		fmt.Fprintf(out, "silenced: %s, %s: %s\n", s.Rule, counted(s.Findings, "finding"), s.Reason)
	}
	if report.Dropped > 0 {
		fmt.Fprintf(out, "not audited: %s that the journal has dropped\n", counted(report.Dropped, "request"))
	}
	return nil
}

// ask sends a request to the control plane and decodes its answer into v.
func (s *auditSettings) ask(ctx context.Context, method, path string, query url.Values, v any) error {
	res, err := controlPlane{s.url, s.world, s.token}.ask(ctx, method, path+"?"+query.Encode())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode >= http.StatusMultipleChoices {
		return &exitError{exitUsage, fmt.Errorf("%s answers %s", s.url, reasonOf(res))}
	}
	if v == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(v)
}

// counted writes a number with its noun.
func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
