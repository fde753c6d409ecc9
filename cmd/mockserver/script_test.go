package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){"mockserver": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(exitCode(run(ctx, os.Args[1:], streams{os.Stdin, os.Stdout, os.Stderr}, mocks.All), os.Stderr))
	}, "callee": runLines})
}

// TestScripts runs the text scripts in testdata. In addition to testscript's commands they have
//
//	call [arg...]  run mockserver with the arguments, like exec, but in a process that has run others before
//	code N [arg...]  the same, and require the exit code N
//	up [flag...]   start mockserver, wait until it is ready, set $URL and a variable like $TWENTY_URL for each
//	               fake; its output is in the file up.out, and its log in up.err
//	down           interrupt it and require exit code 0
//	crash          kill it, as kill -9 does, and wait until it is gone
//	await FILE TEXT   wait until the file has the text; a server that saves it is another process, without a signal
//	ask METHOD URL [body] [Header:value...]   send a request; status and body are the output. With ! nothing may
//	               listen at the URL
//	changed URL OLD NEW   start a server that answers like the one at URL, but with NEW for OLD; set $CHANGED_URL
//
// and $FIXTURES, the folder of all cases, and $GOCACHE, so that a script that tests Go does not compile all of it.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:         "testdata",
		Cmds:        scriptCommands,
		WorkdirRoot: t.TempDir(), // testscript leaves its own folder behind if -run picks some of the scripts
		Setup: func(e *testscript.Env) error {
			e.Values["server"] = &scriptServer{}
			folder, err := filepath.Abs("../../fixtures")
			e.Setenv("FIXTURES", folder)
			cache, noGo := exec.Command("go", "env", "GOCACHE").Output()
			e.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
			e.Setenv("PATH", commandPath(t))
			return errors.Join(err, noGo)
		},
	})
}

// scriptCommands are the commands that scripts have in addition to testscript's.
var scriptCommands = map[string]scriptCommand{"call": call, "code": callWithCode, "up": up, "down": down,
	"crash": crash, "await": await, "ask": ask, "changed": changed}

type scriptCommand = func(ts *testscript.TestScript, neg bool, args []string)

// scriptServer holds the server that a script started last.
type scriptServer struct{ *exec.Cmd }

// TestNoBuiltinHidesAScriptCommand runs each name in a script, since testscript silently prefers its own commands.
func TestNoBuiltinHidesAScriptCommand(t *testing.T) {
	t.Parallel()
	script := filepath.Join(t.TempDir(), "names.txtar")
	called, marks := map[string]bool{}, map[string]scriptCommand{}
	var lines strings.Builder
	for name := range scriptCommands {
		marks[name] = func(*testscript.TestScript, bool, []string) { called[name] = true }
		fmt.Fprintln(&lines, name)
	}
	if err := os.WriteFile(script, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.RunT(onlyScript{t},
		testscript.Params{Files: []string{script}, Cmds: marks, ContinueOnError: true, WorkdirRoot: t.TempDir()})
	for name := range scriptCommands {
		if !called[name] {
			t.Errorf("a command of testscript hides %q of scriptCommands; give it another name", name)
		}
	}
}

// onlyScript runs a script as a part of its test, where -run does not pick it.
type onlyScript struct{ *testing.T }

func (s onlyScript) Run(_ string, run func(testscript.T)) { run(s) }
func (s onlyScript) Parallel()                            {}
func (s onlyScript) Verbose() bool                        { return testing.Verbose() }

// commandPath returns a PATH whose mockserver has no race detector, for the commands of scripts and pages: many replay
// whole suites, and under the detector a replay takes seven times as long. What they run is tested with the detector in
// its own package, and so are the servers that tests start.
func commandPath(t *testing.T) string {
	path := os.Getenv("PATH")
	if !race.Enabled {
		return path
	}
	return buildProgram() + string(os.PathListSeparator) + path
}

// buildProgram builds mockserver in a temporary folder, which is removed after all tests.
var buildProgram = sync.OnceValue(func() string {
	var err error
	if programFolder, err = os.MkdirTemp("", "mockserver"); err != nil {
		panic(err)
	}
	build := exec.Command("go", "build", "-ldflags=-w", "-buildvcs=false", "-o", programFolder, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-trimpath") // as users build it
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("go build: %v: %s", err, out))
	}
	return programFolder
})

var programFolder string

// tests runs the tests and removes the program that they built.
type tests struct{ *testing.M }

func (m tests) Run() int {
	defer func() { os.RemoveAll(programFolder) }()
	return m.M.Run()
}

func up(ts *testscript.TestScript, _ bool, args []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	cmd := exec.CommandContext(ctx, "mockserver", args...)
	cmd.Dir = ts.MkAbs(".")
	log, err := os.Create(ts.MkAbs("up.err"))
	ts.Check(err)
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { cancel(); cmd.Wait() })
	ts.Value("server").(*scriptServer).Cmd = cmd
	var printed strings.Builder
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		line := lines.Text()
		fmt.Fprintln(&printed, line)
		words := strings.Fields(line)
		if len(words) > 1 && strings.HasPrefix(words[1], "http") {
			ts.Setenv(strings.ToUpper(words[0])+"_URL", words[1])
		}
		if url, ok := strings.CutPrefix(line, "ready on "); ok {
			ts.Setenv("URL", url)
			ts.Check(os.WriteFile(ts.MkAbs("up.out"), []byte(printed.String()), 0o644))
			return
		}
	}
	ts.Fatalf("mockserver ended before it was ready; it printed:\n%s", printed.String())
}

func down(ts *testscript.TestScript, _ bool, _ []string) {
	server := ts.Value("server").(*scriptServer)
	ts.Check(server.Process.Signal(os.Interrupt))
	if err := server.Wait(); err != nil {
		ts.Fatalf("mockserver ended with an error: %v; its standard error:\n%s", err, ts.ReadFile("up.err"))
	}
}

func crash(ts *testscript.TestScript, _ bool, _ []string) {
	server := ts.Value("server").(*scriptServer)
	ts.Check(server.Process.Kill())
	server.Wait() // reports the kill as an error
	if server.ProcessState == nil || server.ProcessState.Exited() {
		ts.Fatalf("mockserver was not killed: %v", server.ProcessState)
	}
}

func await(ts *testscript.TestScript, _ bool, args []string) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); <-tick.C {
		if text, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && bytes.Contains(text, []byte(args[1])) {
			return
		}
	}
	ts.Fatalf("%s does not have %s after a minute", args[0], args[1])
}

func ask(ts *testscript.TestScript, neg bool, args []string) {
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	req, err := http.NewRequest(args[0], args[1], strings.NewReader(body))
	ts.Check(err)
	for _, header := range args[min(len(args), 3):] {
		name, value, _ := strings.Cut(header, ":")
		req.Header.Set(name, strings.TrimSpace(value))
		if name == "Host" {
			req.Host = strings.TrimSpace(value)
		}
	}
	if body != "" && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(req)
	if neg && errors.Is(err, syscall.ECONNREFUSED) {
		return
	}
	ts.Check(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d\n%s\n", res.StatusCode, text)
	if neg {
		ts.Fatalf("%s answers with %s; nothing should listen there", args[1], res.Status)
	}
}

func changed(ts *testscript.TestScript, _ bool, args []string) {
	target, err := url.Parse(args[0])
	ts.Check(err)
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Host = r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			body, err := io.ReadAll(r.Body)
			body = bytes.ReplaceAll(body, []byte(args[1]), []byte(args[2]))
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
			r.Header.Del("Content-Length")
			return err
		},
		Transport: &http.Transport{},
	}
	server := httptest.NewServer(proxy)
	ts.Defer(server.Close)
	ts.Setenv("CHANGED_URL", server.URL)
}
