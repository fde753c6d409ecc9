package main

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/control"
)

func healthcheckCommand() *cobra.Command {
	var url string
	var port int
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: "Ask a running mockserver whether it is ready: exit 0, 1 if it is not, 3 if nothing answers",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if url != "" {
				return checkHealth(cmd, url+control.Prefix+"/ready")
			}
			err := checkHealth(cmd, localURL("127.0.0.1", port))
			if e, ok := errors.AsType[*exitError](err); ok && e.code == exitUnreachable {
				return checkHealth(cmd, localURL("::1", port)) // a server on --host ::1
			}
			return err
		},
	}
	cmd.Flags().IntVar(&port, "port", defaultPort, "the edge port on this machine")
	cmd.Flags().Var(originFlag{&url}, "url", "origin to ask instead of a port of this machine")
	return cmd
}

func localURL(host string, port int) string {
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port)) + control.Prefix + "/ready"
}

func checkHealth(cmd *cobra.Command, url string) error {
	client := &http.Client{Timeout: 2 * time.Second}
	req, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return &exitError{exitUnreachable, err}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return &exitError{exitFailed, fmt.Errorf("%s answers %s", url, res.Status)}
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), "ready")
	return err
}
