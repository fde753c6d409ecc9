package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

// callee is a process that runs command lines of mockserver one after the other. A process of its own for each would
// take 90 ms, nearly all of it for the initializers of packages.
type callee struct {
	lines   *json.Encoder
	results *json.Decoder
}

// line is a command line, with the folder and the environment that it runs in.
type line struct {
	Dir       string
	Env, Args []string
}

// result is what a command line printed, and its exit code.
type result struct {
	Out, Err string
	Code     int
}

// idle are the callees that run nothing. They end with this process, which closes their standard inputs.
var idle = make(chan *callee, 64)

// runLines runs command lines until the end of the input. It is the main function of a callee.
func runLines() {
	c := callee{json.NewEncoder(os.Stdout), json.NewDecoder(os.Stdin)}
	os.Stdout = os.Stderr
	for {
		var l line
		if err := c.results.Decode(&l); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			panic(err)
		}
		os.Clearenv()
		for _, pair := range l.Env {
			name, value, _ := strings.Cut(pair, "=")
			os.Setenv(name, value)
		}
		if err := os.Chdir(l.Dir); err != nil {
			panic(err)
		}
		var out, errs output
		err := run(context.Background(), l.Args, streams{strings.NewReader(""), &out, &errs}, mocks.All)
		code := exitCode(err, &errs)
		c.lines.Encode(result{out.text.String(), errs.text.String(), code})
	}
}

// output is a stream that a command and the programs that it starts write to.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

// runLine runs a command line in an idle callee, or in a new one.
func runLine(ts *testscript.TestScript, l line) (r result) {
	var c *callee
	select {
	case c = <-idle:
	default:
		cmd := exec.Command("callee")
		cmd.Stderr = os.Stderr
		in, err := cmd.StdinPipe()
		ts.Check(err)
		out, err := cmd.StdoutPipe()
		ts.Check(err)
		ts.Check(cmd.Start())
		c = &callee{json.NewEncoder(in), json.NewDecoder(out)}
	}
	ts.Check(c.lines.Encode(l))
	ts.Check(c.results.Decode(&r))
	idle <- c
	return r
}

func call(ts *testscript.TestScript, neg bool, args []string) {
	if code := runArgs(ts, args); (code != 0) != neg {
		ts.Fatalf("mockserver ended with exit code %d", code)
	}
}

func callWithCode(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	if code := runArgs(ts, args[1:]); code != want {
		ts.Fatalf("mockserver ended with exit code %d; expected %d", code, want)
	}
}

// runArgs runs a command line in the folder and the environment of the script and returns the exit code. Under the race
// detector it starts the program without it.
func runArgs(ts *testscript.TestScript, args []string) int {
	if race.Enabled {
		err := ts.Exec("mockserver", args...)
		ended, ok := errors.AsType[*exec.ExitError](err)
		if !ok {
			ts.Check(err)
			return 0
		}
		return ended.ExitCode()
	}
	ts.Check(ts.Exec("env"))
	r := runLine(ts, line{ts.MkAbs("."), strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n"), args})
	io.WriteString(ts.Stdout(), r.Out)
	io.WriteString(ts.Stderr(), r.Err)
	ts.Logf("[stdout]\n%s[stderr]\n%s", r.Out, r.Err)
	return r.Code
}
