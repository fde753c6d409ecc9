package main

import (
	"bufio"
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/safeyaml"
)

// block is a fenced block of a page.
type block struct {
	page, language, attribute string // of ```language attribute
	text                      string
}

func readBlocks(t *testing.T, page string) (blocks []block) {
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var open *block
	for line := range strings.Lines(string(text)) {
		fence, ok := strings.CutPrefix(line, "```")
		switch {
		case ok && open == nil:
			language, attribute, _ := strings.Cut(strings.TrimSpace(fence), " ")
			open = &block{page: page, language: language, attribute: attribute}
		case ok:
			blocks, open = append(blocks, *open), nil
		case open != nil:
			open.text += line
		}
	}
	return blocks
}

// pages are all pages for users. Those of the fakes come last: a page may name the first requests of the server, and a
// new fake sends none before it.
func pages(t *testing.T) []string {
	found, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(found) < 20 {
		t.Fatalf("%d pages, %v", len(found), err)
	}
	found = append(found, "../../README.md", "../../SECURITY.md", "../../examples/README.md")
	ofFake := func(page string) int {
		name := strings.TrimSuffix(filepath.Base(page), ".md")
		return slices.IndexFunc(mocks.All(), func(def *fake.Def) bool { return def.Name == name })
	}
	slices.SortStableFunc(found, func(a, b string) int { return ofFake(a) - ofFake(b) })
	return found
}

// command is a line of shell commands.
var command = regexp.MustCompile(`(?m)^(\$ )?(mockserver|curl|go run|go test) `)

// mostNotRun bounds the blocks that pages mark as not run.
const mostNotRun = 11

// TestCommandsOfThePages runs the commands of each page against a server, in a folder of the page. A block of YAML or
// JSON with a name is a file of that name. A mark in the page says how a block of shell commands is run otherwise:
//
//	```sh serve          its lines are servers, which are stopped once they are ready
//	```sh record         its lines are recorders, which get a request once they are ready
//	```sh stream         its lines are streams, which are read until their first event or comment
//	```sh in: FOLDER     it runs in a copy of a folder of this repository
//	```sh not-run: WHY   it is not run; its commands are parsed
func TestCommandsOfThePages(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	notRun := 0
	for _, page := range pages(t) {
		dir := t.TempDir()
		if err := os.Symlink(absolute(t, "../../fixtures"), filepath.Join(dir, "fixtures")); err != nil {
			t.Fatal(err)
		}
		for _, b := range readBlocks(t, page) {
			switch {
			case b.language != "sh" && b.attribute != "":
				writeFile(t, filepath.Join(dir, b.attribute), b.text)
			case b.language == "" && command.MatchString(b.text):
				t.Errorf("%s: a block of commands without ```sh:\n%s", page, b.text)
			case b.language != "sh":
			case strings.HasPrefix(b.attribute, "not-run: "):
				notRun++
				server.parseBlock(t, b)
			case b.attribute == "serve", b.attribute == "record":
				server.serveLines(t, dir, b)
			case b.attribute == "stream":
				server.streamLines(t, dir, b)
			case strings.HasPrefix(b.attribute, "in: "):
				folder := t.TempDir()
				source := filepath.Join("../..", strings.TrimPrefix(b.attribute, "in: "))
				if err := os.CopyFS(folder, os.DirFS(source)); err != nil {
					t.Fatal(err)
				}
				server.runBlock(t, folder, b)
			case b.attribute != "":
				t.Errorf("%s: ```sh %s is unknown", page, b.attribute)
			default:
				server.runBlock(t, dir, b)
			}
		}
		server.reset(t)
	}
	t.Logf("%d blocks are marked as not run", notRun)
	if notRun > mostNotRun {
		t.Errorf("%d blocks are not run, at most %d may", notRun, mostNotRun)
	}
}

func absolute(t *testing.T, path string) string {
	path, err := filepath.Abs(path)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func writeFile(t *testing.T, path, text string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// docServer is the server that the commands of the pages ask. ports are its addresses in the place of those that pages
// name.
type docServer struct {
	url   string
	path  string // where commands are found
	ports *strings.Replacer
}

func startServer(t *testing.T) *docServer {
	cmd := exec.Command("mockserver", "--port", "0", "--limits", "off", "--log", "off")
	cmd.Dir = t.TempDir()
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
	})
	s := &docServer{path: commandPath(t)}
	var pairs []string
	kickflow := ""
	usual := map[string]string{"control": "4000"}
	for n, def := range mocks.All() {
		usual[def.Name] = strconv.Itoa(4001 + n)
	}
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) > 1 && usual[words[0]] != "" {
			u, err := url.Parse(words[1])
			if err != nil {
				t.Fatal(err)
			}
			if words[0] == "kickflow" {
				kickflow = words[1]
			}
			for _, host := range []string{"localhost:", "127.0.0.1:"} {
				pairs = append(pairs, host+usual[words[0]], u.Host)
			}
		}
		if u, ok := strings.CutPrefix(lines.Text(), "ready on "); ok {
			s.url = u
			s.ports = strings.NewReplacer(append(pairs, "go run ./cmd/mockserver", "mockserver",
				"--upstream https://api.kickflow.com", "--upstream "+kickflow)...)
			return s
		}
	}
	t.Fatal("the server ended before it was ready")
	return nil
}

func (s *docServer) environment() []string {
	return append(os.Environ(), "PATH="+s.path, "MOCKSERVER_PORT=0", "MOCKSERVER_URL="+s.url,
		"MOCKSERVER_SERVER="+s.url)
}

// askOnce is curl for the pages: an unknown path and a request that the control plane refuses are errors. Refusals and
// faults of the fakes, which pages show, are not.
const askOnce = `curl() {
  local answer code
  answer=$(command curl -sS --max-time 5 -w '\n%{http_code}' "$@") || return
  code=${answer##*$'\n'}
  printf %s "${answer%$'\n'*}"
  case $code in 400|422) [[ "$*" == *__admin* ]] || code=0;; esac
  case $code in 400|422|404|405|501) echo "answered $code" >&2; return 22;; esac
}
`

// runBlock runs the commands of a block.
func (s *docServer) runBlock(t *testing.T, dir string, b block) {
	cmd := exec.Command("bash", "-euo", "pipefail", "-c", askOnce+s.ports.Replace(b.text))
	cmd.Dir, cmd.Env = dir, s.environment()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s\n%s", b.page, err, b.text, out)
	}
}

func (s *docServer) reset(t *testing.T) {
	for _, path := range []string{"/mappings/reset", "/reset", "/clock/thaw"} {
		cmd := exec.Command("curl", "-sS", "--fail-with-body", "-X", "POST", s.url+"/__admin"+path)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}

// link is a link to a file of this repository in a page.
var link = regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)

// code matches a block of code and code within a line, which may have brackets that are no link.
var code = regexp.MustCompile("(?ms)^ *```.*?^ *```|`[^`\n]*`")

// TestLinksOfThePages checks that the files exist that pages link to.
func TestLinksOfThePages(t *testing.T) {
	t.Parallel()
	for _, page := range append(pages(t), "../../CONTRIBUTING.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		prose := code.ReplaceAllLiteral(text, nil)
		for _, m := range link.FindAllStringSubmatch(string(prose), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), m[1])); err != nil {
				t.Errorf("%s links to %s, which is not there", page, m[1])
			}
		}
	}
}

// TestExamplesAreReadable parses the files of the examples that other tools read, where these may be missing.
func TestExamplesAreReadable(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"*/*.yaml", "*/*/*.yaml", "github/.github/workflows/*.yml"} {
		found, _ := filepath.Glob("../../examples/" + pattern)
		files = append(files, found...)
	}
	if len(files) < 8 {
		t.Errorf("only %v", files)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for document := range strings.SplitSeq(string(text), "\n---\n") {
			var content map[string]json.RawMessage
			encoded, err := safeyaml.ToJSON(t.Context(), []byte(document))
			if err == nil {
				err = json.Unmarshal(encoded, &content)
			}
			if err != nil || len(content) == 0 {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
