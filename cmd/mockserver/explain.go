package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/explain"
)

const explainHelp = `Says why a running mockserver answered a request as it did: what was asked,
every rule that refused it with its evidence and source, and the nearest request that is answered,
as a line for curl. The argument is the id of a request, which mockserver logs --log-format json
has; without one, or with "last", the newest request that was refused.`

func explainCommand() *cobra.Command {
	var s logsSettings
	var asJSON bool
	cmd := &cobra.Command{
		Use: "explain [ID]", Short: "Say why a request was refused, and the nearest one that is answered",
		Long: explainHelp, Args: arguments(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return s.explain(cmd.Context(), strings.Join(args, ""), asJSON, cmd.OutOrStdout())
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&s.world, "world", "", "the world of the request; default: the default world")
	f.BoolVar(&asJSON, "json", false, "as JSON, as GET /__admin/requests/{id}/explain answers")
	s.addServer(f)
	return cmd
}

func (s *logsSettings) explain(ctx context.Context, id string, asJSON bool, out io.Writer) error {
	if id == "" || id == "last" {
		var answer struct{ Lines []control.Line }
		newest := url.Values{"limit": {"1"}, "refused": {"true"}}
		if err := s.decode(ctx, "/requests/lines", newest, &answer); err != nil {
			return err
		}
		if len(answer.Lines) == 0 {
			return &exitError{exitFailed, errors.New("no request was refused; mockserver logs lists all, with " +
				"--log-format json their ids")}
		}
		id = answer.Lines[0].ID
	}
	var text json.RawMessage
	if err := s.decode(ctx, "/requests/"+url.PathEscape(id)+"/explain", nil, &text); err != nil {
		return err
	}
	if asJSON {
		_, err := out.Write(append(text, '\n'))
		return err
	}
	var x explain.Explanation
	if err := json.Unmarshal(text, &x); err != nil {
		return err
	}
	return printExplanation(out, &x)
}

// decode asks the control plane and decodes its answer.
func (s *logsSettings) decode(ctx context.Context, path string, query url.Values, to any) error {
	body, err := s.open(ctx, path, query)
	if err != nil {
		return err
	}
	defer body.Close()
	return json.NewDecoder(body).Decode(to)
}

// printExplanation prints an explanation for people.
func printExplanation(out io.Writer, x *explain.Explanation) error {
	var b strings.Builder
	fmt.Fprintf(&b, "request %s in world %s, answered %d:\n  %s\n", x.ID, x.World, x.Status, x.Request)
	if x.Operation != nil {
		fmt.Fprintf(&b, "operation: %s %s, %s %s [%s: %s]\n", x.Fake, x.Operation.ID, x.Operation.Method,
			x.Operation.Path, x.Operation.Evidence, x.Operation.Source)
	}
	fmt.Fprintf(&b, "because: %s\n", x.Because)
	for i, r := range x.Rules {
		fmt.Fprintf(&b, "rule %d: %s [%s: %s]\n  satisfied by: %s\n", i+1, r.Rule, r.Evidence, r.Source,
			r.Satisfy)
	}
	if x.Hint != "" {
		fmt.Fprintln(&b, "hint:", x.Hint)
	}
	if x.Valid != nil {
		fmt.Fprintf(&b, "nearest valid request, answered %d:\n  %s\n", x.Valid.Status, x.Valid.Curl)
	}
	if x.NotFound != "" {
		fmt.Fprintln(&b, "no valid request:", x.NotFound)
	}
	_, err := io.WriteString(out, contracts.Printable(b.String()))
	return err
}
