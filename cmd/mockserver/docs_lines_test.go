package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/mocks"
)

// lines returns the commands of a block, those that go on after a backslash as one.
func (s *docServer) lines(b block) (all []string) {
	text := strings.ReplaceAll(s.ports.Replace(b.text), "\\\n", " ")
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), " #")
		if line != "" {
			all = append(all, line)
		}
	}
	return all
}

// start starts a command of a page and returns its output. stop interrupts it and waits for it.
func (s *docServer) start(t *testing.T, dir, line string) (out *bufio.Scanner, stop func() error) {
	cmd := exec.Command("bash", "-c", "exec "+line)
	var problems bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stderr = dir, s.environment(), &problems
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return bufio.NewScanner(stdout), func() error {
		cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			return fmt.Errorf("%w\n%s", err, problems.String())
		}
		return nil
	}
}

// serveLines starts each line of a block and stops it once it is ready. A recorder gets a request before that, since it
// ends with an error if there was none.
func (s *docServer) serveLines(t *testing.T, dir string, b block) {
	for _, line := range s.lines(b) {
		out, stop := s.start(t, dir, line)
		url, ready := "", false
		for !ready && out.Scan() {
			url, ready = strings.CutPrefix(out.Text(), "ready on ")
		}
		if ready && b.attribute == "record" {
			ask := block{page: b.page, language: "sh", text: "curl " + url + "/v1/users"}
			s.runBlock(t, dir, ask)
		}
		if err := stop(); !ready || err != nil {
			t.Errorf("%s: %s: ready %v, %v", b.page, line, ready, err)
		}
	}
}

// streamLines starts each line of a block, which is a request for a stream, and stops it when the stream has begun.
func (s *docServer) streamLines(t *testing.T, dir string, b block) {
	for _, line := range s.lines(b) {
		out, stop := s.start(t, dir, strings.Replace(line, "curl ", "curl -sS -i ", 1))
		out.Scan()
		if !strings.Contains(out.Text(), " 200 ") {
			t.Errorf("%s: %s: %s", b.page, line, out.Text())
		}
		stop() // with an error, since curl was interrupted
	}
}

// words runs a block in a shell that finds no programs, and returns the words of each command.
func (b block) words(t *testing.T) (commands [][]string) {
	const printed = `command_not_found_handle() { printf '%s\0' "$@"; printf '\n'; }` + "\n"
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(bash, "-uc", printed+b.text)
	cmd.Env = []string{"PATH=/nowhere"}
	out, err := cmd.CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Errorf("%s: %v in\n%s", b.page, err, b.text)
	}
	for line := range strings.Lines(string(out)) {
		words := strings.Split(strings.TrimSuffix(line, "\x00\n"), "\x00")
		if len(words) == 1 && strings.Contains(line, "bash: ") {
			t.Errorf("%s: %s in\n%s", b.page, line, b.text)
		}
		commands = append(commands, words)
	}
	return commands
}

// parseBlock checks the commands of a block that is not run: flags of this program, packages, benchmarks and targets.
func (s *docServer) parseBlock(t *testing.T, b block) {
	for _, words := range b.words(t) {
		line := strings.Join(words, " ")
		if strings.HasPrefix(line, "go run ./cmd/mockserver ") {
			words = words[2:]
			words[0] = "mockserver"
		}
		switch {
		case words[0] == "mockserver":
			root := rootCommand(mocks.All())
			cmd, rest, err := root.Find(words[1:])
			if err == nil {
				err = cmd.ParseFlags(rest)
			}
			if err != nil {
				t.Errorf("%s: %s: %v", b.page, line, err)
			}
		case strings.HasPrefix(line, "go run ./"):
			if _, err := os.Stat(filepath.Join("../..", words[2], "main.go")); err != nil {
				t.Errorf("%s: %s: %v", b.page, line, err)
			}
		case strings.HasPrefix(line, "go test "):
			checkBenchmarks(t, b.page, words)
		case words[0] == "make":
			text, err := os.ReadFile("../../Makefile")
			target, _, _ := strings.Cut(words[1], "-")
			if err != nil || !strings.Contains(string(text), "\n"+target+":") {
				t.Errorf("%s: %s: no such target, %v", b.page, line, err)
			}
		}
	}
}

var benchmark = regexp.MustCompile(`(?m)^func (Benchmark\w+)\(`)

// checkBenchmarks demands that each alternative of the pattern of -bench finds a benchmark in the packages.
func checkBenchmarks(t *testing.T, page string, words []string) {
	i := slices.Index(words, "-bench")
	if i < 0 {
		t.Errorf("%s: %v has no -bench", page, words)
		return
	}
	var names []string
	for _, word := range words {
		folder, ok := strings.CutPrefix(word, "./")
		if !ok {
			continue
		}
		folder = filepath.Join("../..", strings.TrimSuffix(folder, "/..."))
		files, _ := filepath.Glob(filepath.Join(folder, "*_test.go"))
		below, _ := filepath.Glob(filepath.Join(folder, "*", "*_test.go"))
		found := len(names)
		for _, file := range append(files, below...) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range benchmark.FindAllSubmatch(text, -1) {
				names = append(names, string(m[1]))
			}
		}
		if len(names) == found {
			t.Errorf("%s: %s has no benchmarks", page, word)
		}
	}
	for pattern := range strings.SplitSeq(words[i+1], "|") {
		if !slices.ContainsFunc(names, regexp.MustCompile(pattern).MatchString) {
			t.Errorf("%s: no benchmark of %v matches %q", page, words, pattern)
		}
	}
}
