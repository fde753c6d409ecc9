package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/control/client"
	"github.com/afba07b5/mockserver/safeyaml"
)

// hooks are the files of --init-dir in the order of their names.
type hooks struct {
	calls    []hookCall
	programs []string
}

// hookCall is a request to the control plane that a file asks for.
type hookCall struct {
	file, method, path string
	body               json.RawMessage
}

// readHooks reads the files of a folder, "" for none.
func readHooks(folder string) (h hooks, err error) {
	if folder == "" {
		return h, nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return h, fmt.Errorf("--init-dir %s: %v", folder, err)
	}
	for _, entry := range entries {
		file := filepath.Join(folder, entry.Name())
		info, err := os.Stat(file) // of a mounted file in Kubernetes, which is a link
		switch {
		case err != nil:
			return h, fmt.Errorf("--init-dir %s: %v", folder, err)
		case info.IsDir() || strings.HasPrefix(entry.Name(), "."):
		case slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(file)):
			calls, err := readCalls(file)
			if err != nil {
				return h, fmt.Errorf("%s: %s", file, oneLine(err))
			}
			h.calls = append(h.calls, calls...)
		case filepath.Ext(file) == ".sh" || info.Mode()&0o111 != 0:
			h.programs = append(h.programs, file)
		default:
			return h, fmt.Errorf("%s: expected .yaml, .json, .sh or a program that may be run", file)
		}
	}
	return h, nil
}

// readCalls reads a file of paths of the control plane with the bodies to send there, one or a list. Worlds come first,
// so that the other paths may name them.
func readCalls(file string) (calls []hookCall, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if text, err = safeyaml.ToJSON(context.Background(), safeyaml.TrimBOM(text)); err != nil {
		return nil, err
	}
	var bodies map[string]json.RawMessage
	if err := json.Unmarshal(text, &bodies); err != nil {
		return nil, fmt.Errorf("expected paths of the control plane with what is sent there, like worlds: [{name: a}]")
	}
	paths := slices.SortedFunc(maps.Keys(bodies), func(a, b string) int {
		if (a == "worlds") != (b == "worlds") {
			return map[bool]int{true: -1, false: 1}[a == "worlds"]
		}
		return strings.Compare(a, b)
	})
	for _, path := range paths {
		var list []json.RawMessage
		if json.Unmarshal(bodies[path], &list) != nil {
			list = []json.RawMessage{bodies[path]}
		}
		for _, body := range list {
			calls = append(calls, newCall(file, path, body))
		}
	}
	return calls, nil
}

// newCall decides how a body is sent: state, clock and settings are put, and a named world is made only once, so that
// a server that starts again with --state accepts it.
func newCall(file, path string, body json.RawMessage) hookCall {
	path = "/" + strings.Trim(path, "/")
	call := hookCall{file: file, method: http.MethodPost, path: path, body: body}
	var world struct{ Name string }
	if path == "/worlds" && json.Unmarshal(body, &world) == nil && world.Name != "" {
		call.method, call.path = http.MethodPut, "/worlds/"+url.PathEscape(world.Name)
	}
	for _, part := range []string{"state", "clock", "settings"} {
		if strings.HasSuffix(path, "/"+part) {
			call.method = http.MethodPut
		}
	}
	return call
}

// applyHooks sends the calls of --init-dir to the control plane.
func (h *app) applyHooks(ctx context.Context) error {
	c := h.client()
	for _, call := range h.hooks.calls {
		_, err := c.Call(ctx, call.method, call.path, call.body, nil)
		if problem, ok := errors.AsType[*client.ProblemError](err); ok {
			return fmt.Errorf("%s: %s%s answers %d: %s", call.file, control.Prefix, call.path, problem.Status,
				problem.Detail)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// runHooks runs the programs of --init-dir, with the environment that exec gives a command.
func (h *app) runHooks(ctx context.Context) error {
	if len(h.hooks.programs) == 0 {
		return nil
	}
	env, clean, err := h.environment(ctx, "")
	if err != nil {
		return err
	}
	defer clean()
	for _, file := range h.hooks.programs {
		words := []string{file}
		if filepath.Ext(file) == ".sh" {
			words = []string{"sh", file}
		} else if !strings.ContainsRune(file, filepath.Separator) {
			words = []string{"." + string(filepath.Separator) + file}
		}
		cmd := exec.CommandContext(ctx, words[0], words[1:]...)
		cmd.Env, cmd.Stdout, cmd.Stderr = append(os.Environ(), env...), h.settings.stderr, h.settings.stderr
		if err := cmd.Run(); err != nil {
			return &exitError{exitFailed, fmt.Errorf("%s: %w", file, err)}
		}
	}
	return nil
}

// client returns a client of this server's control plane, in process while it has no listeners.
func (h *app) client() *client.Client {
	if len(h.ears) == 0 {
		return client.InProcess(h.plane.Wrap(h.srv.Edge(), ""))
	}
	_, address, _ := strings.Cut(h.ears.url(""), "://") // plain HTTP is answered as well where there is TLS
	return client.New("http://"+address, h.token)
}
