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
	"github.com/afba07b5/mockserver/fake"
)

const exportHelp = `Writes the requests to a running mockserver as a case that verify replays: DIR/cassette.yaml and
DIR/case.yaml, with pseudonyms for secrets, and the principals that sent them by name.

The journal keeps the newest 16 MiB of a world. What cannot be replayed, such as injected faults,
is listed.

Exit codes: 0 written, 2 usage error, 3 nothing answers, 4 the journal has nothing to export.`

func exportCommand(defs []*fake.Def) *cobra.Command {
	var name, out, server, token, world string
	cmd := &cobra.Command{
		Use: "export --fake NAME --out DIR", Short: "Write the journal of a running mockserver as a case",
		Long: exportHelp, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if name == "" || out == "" {
				return fmt.Errorf("--fake and --out are needed; fakes: %s", strings.Join(namesOf(defs), ", "))
			}
			if _, err := wanted(defs, name); err != nil {
				return err
			}
			if err := recorder.Free(out); err != nil {
				return err
			}
			return export(cmd, controlPlane{server, world, token}, name, out)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&name, "fake", "", "the fake whose requests are exported")
	f.StringVar(&out, "out", "", "folder to write; it must not exist, or be empty")
	server = "http://127.0.0.1:4000"
	f.Var(originFlag{&server}, "url", "origin of the mockserver")
	f.Var(originFlag{&server}, "server", "the same, by its earlier name")
	f.MarkHidden("server") // it is there
	f.StringVar(&token, "admin-token", "", "token of the control plane")
	f.StringVar(&world, "world", "", "the world; default: the default world")
	return cmd
}

// export downloads the zip and unpacks it.
func export(cmd *cobra.Command, from controlPlane, name, out string) error {
	query := url.Values{"format": {"case"}, "fake": {name}}
	res, err := from.ask(cmd.Context(), http.MethodGet, "/requests/export?"+query.Encode())
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		err := fmt.Errorf("%s answers %s", from.url, reasonOf(res))
		if res.StatusCode == http.StatusConflict {
			return &exitError{exitNothing, err}
		}
		return err
	}
	data, err := io.ReadAll(res.Body)
	if err != nil {
		return &exitError{exitUnreachable, err}
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
	fmt.Fprintf(cmd.OutOrStdout(), "exported to %s; next: mockserver verify --fake %s %s\n", out, name, out)
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
