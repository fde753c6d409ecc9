package main

import (
	"bytes"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
	"github.com/spf13/pflag"

	"github.com/afba07b5/mockserver/mocks"
)

// manDir is where a release wants its pages: go test ./cmd/mockserver -run ManPages -man DIR.
var manDir = flag.String("man", "", "folder to write the man pages and completions to")

// TestManPages writes a page for each command and completions for each shell.
func TestManPages(t *testing.T) {
	t.Parallel()
	dir := *manDir
	if dir == "" {
		dir = t.TempDir()
	}
	root := rootCommand(mocks.All())
	root.DisableAutoGenTag = true
	root.InitDefaultCompletionCmd()
	date := time.Date(2026, 11, 28, 0, 0, 0, 0, time.UTC)
	header := &doc.GenManHeader{Section: "1", Date: &date, Source: "mockserver", Manual: "mockserver"}
	if err := doc.GenManTree(root, header, dir); err != nil {
		t.Fatal(err)
	}
	eachCommand(root, func(cmd *cobra.Command) {
		if !cmd.IsAvailableCommand() && cmd != root {
			return
		}
		page, err := os.ReadFile(filepath.Join(dir, strings.ReplaceAll(cmd.CommandPath(), " ", "-")+".1"))
		if err != nil {
			t.Error(err)
		}
		cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
			escaped := strings.ReplaceAll(f.Name, "-", `\-`)
			if !f.Hidden && !strings.Contains(string(page), escaped) && !strings.Contains(string(page), f.Name) {
				t.Errorf("the page of %s lacks --%s", cmd.CommandPath(), f.Name)
			}
		})
	})
	for file, write := range map[string]func(io.Writer) error{
		"mockserver.bash": func(w io.Writer) error { return root.GenBashCompletionV2(w, true) },
		"_mockserver":     root.GenZshCompletion,
		"mockserver.fish": func(w io.Writer) error { return root.GenFishCompletion(w, true) },
		"mockserver.ps1":  root.GenPowerShellCompletionWithDesc,
	} {
		var out bytes.Buffer
		if err := write(&out); err != nil || out.Len() == 0 {
			t.Errorf("%s: %d bytes, %v", file, out.Len(), err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), out.Bytes(), 0o644); err != nil {
			t.Error(err)
		}
	}
	if bash, err := exec.LookPath("bash"); err == nil {
		if out, err := exec.Command(bash, "-n", filepath.Join(dir, "mockserver.bash")).CombinedOutput(); err != nil {
			t.Errorf("bash does not read its completions: %v\n%s", err, out)
		}
	}
}

func eachCommand(cmd *cobra.Command, visit func(*cobra.Command)) {
	visit(cmd)
	for _, sub := range cmd.Commands() {
		eachCommand(sub, visit)
	}
}

// goWords are what Go and its libraries say where this program has words of its own.
var goWords = regexp.MustCompile(`arg\(s\)|dial tcp|Get "http|Post "http|\[flosum twenty|strconv\.|` +
	`invalid argument|goroutine|%!`)

// TestErrorsSpeakInOneVoice gives each command what it does not know: the answer is one line that names the command or
// the flag, in this program's own words.
func TestErrorsSpeakInOneVoice(t *testing.T) {
	t.Parallel()
	root := rootCommand(mocks.All())
	var lines [][]string
	eachCommand(root, func(cmd *cobra.Command) {
		path := strings.Fields(cmd.CommandPath())[1:]
		lines = append(lines, append(path, "--no-such-flag"), append(path, "a", "b", "c", "d"))
		if cmd.Args != nil && cmd.Args(cmd, nil) != nil {
			lines = append(lines, path)
		}
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			switch f.Value.Type() {
			case "int", "duration", "bool":
				lines = append(lines, append(path, "--"+f.Name+"=many"))
			}
		})
	})
	for line := range strings.Lines(`healthcheck --port 1
healthcheck --url http://127.0.0.1:1
logs --url http://127.0.0.1:1
export --fake kickflow --out x --server http://127.0.0.1:1
drift
drift --fake kickflow
record
import
export
--seed kickflow
--token x=1
--limits maybe
seed x
init x --fake y
`) {
		lines = append(lines, strings.Fields(line))
	}
	for _, line := range lines {
		if line[0] == "completion" || line[0] == "help" || line[0] == "exec" && line[1] == "a" {
			continue // the library's own, and a command to run
		}
		var out, errs bytes.Buffer
		code := exitCode(run(t.Context(), line, streams{strings.NewReader(""), &out, &errs}, mocks.All), &errs)
		text := errs.String()
		oneLine := strings.HasPrefix(text, "mockserver: ") && strings.Count(text, "\n") == 1
		if code == 0 || !oneLine || goWords.MatchString(text) {
			t.Errorf("mockserver %s: code %d, %q", strings.Join(line, " "), code, text)
		}
	}
}
