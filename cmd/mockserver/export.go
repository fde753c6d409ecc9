package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
)

const exportHelp = `Writes the requests to a running mockserver as a case that verify replays: DIR/cassette.yaml and
DIR/case.yaml, with pseudonyms for secrets, and the principals that sent them by name.

The journal keeps the newest 16 MiB of a world. What cannot be replayed, such as injected faults,
is listed.

Exit codes: 0 written, 2 usage error, 3 nothing answers, 4 the journal has nothing to export.`

func exportCommand(defs []*fake.Def) *cobra.Command {
	var name, out, server, world string
	cmd := &cobra.Command{
		Use: "export --fake NAME --out DIR", Short: "Write the journal of a running mockserver as a case",
		Long: exportHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if find(defs, name) == nil || out == "" {
				return fmt.Errorf("--fake and --out are needed; fakes: %s", strings.Join(namesOf(defs), ", "))
			}
			if err := recorder.Free(out); err != nil {
				return err
			}
			return export(cmd, server+control.Prefix+"/requests/export?"+
				url.Values{"format": {"case"}, "fake": {name}}.Encode(), world, out)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&name, "fake", "", "the fake whose requests are exported")
	f.StringVar(&out, "out", "", "folder to write; it must not exist, or be empty")
	f.StringVar(&server, "server", "http://127.0.0.1:4000",
		"origin of the mockserver; its token is taken from MOCKSERVER_ADMIN_TOKEN")
	f.StringVar(&world, "world", "", "the world; default: the default world")
	return cmd
}

// export downloads the zip and unpacks it.
func export(cmd *cobra.Command, address, world, out string) error {
	q, err := http.NewRequestWithContext(cmd.Context(), http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if world != "" {
		q.Header.Set("Mockserver-World", world)
	}
	if token := os.Getenv("MOCKSERVER_ADMIN_TOKEN"); token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		return &exitError{exitUnreachable, err}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return &exitError{exitUnreachable, err}
	}
	switch res.StatusCode {
	case http.StatusOK:
	case http.StatusConflict:
		return &exitError{exitNothing, errors.New(oneLine(errors.New(string(data))))}
	default:
		return errors.New(oneLine(errors.New(string(data))))
	}
	for _, note := range res.Header.Values("Mockserver-Note") {
		if plain, err := url.PathUnescape(note); err == nil {
			note = plain
		}
		fmt.Fprintln(cmd.ErrOrStderr(), "mockserver: note:", note)
	}
	if err := unzip(data, out); err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "exported to %s; next: mockserver verify --fake %s %s\n", out,
		q.URL.Query().Get("fake"), out)
	return nil
}

// unzip writes the files of an archive, readable by their owner only.
func unzip(data []byte, dir string) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, f := range z.File {
		if !filepath.IsLocal(f.Name) {
			return fmt.Errorf("%s is outside the folder", f.Name)
		}
		text, err := z.Open(f.Name)
		if err != nil {
			return err
		}
		content, err := io.ReadAll(text)
		if err = errors.Join(err, text.Close()); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, f.Name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
