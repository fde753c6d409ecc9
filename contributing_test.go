package mockserver_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// TestContributingShowsTheExample requires that the code of the section about a new fake is that of the
// example, which is compiled and run.
func TestContributingShowsTheExample(t *testing.T) {
	t.Parallel()
	page, example := read(t, "CONTRIBUTING.md"), read(t, "fake/example_test.go")
	_, section, _ := strings.Cut(page, "\n## ... add a fake\n")
	section, _, _ = strings.Cut(section, "\n## ")
	blocks := strings.Split(section, "```go\n")[1:]
	if len(blocks) < 3 {
		t.Errorf("the section has %d blocks of Go, want the definition, the tables and the dialect", len(blocks))
	}
	for _, block := range blocks {
		code, _, _ := strings.Cut(block, "```")
		if !strings.Contains(example, code) {
			t.Errorf("fake/example_test.go does not have this code of CONTRIBUTING.md:\n%s", code)
		}
	}
}

// standinPort matches the port of a fake in package standin, which is a module of its own.
var standinPort = regexp.MustCompile(`(?m)^\t([a-z]+)Port += "(\d+)/tcp"$`)

// TestPortsOfContainers requires that package standin knows the ports that the binary gives to the fakes. It need not
// know that of each.
func TestPortsOfContainers(t *testing.T) {
	t.Parallel()
	known := 0
	for _, m := range standinPort.FindAllStringSubmatch(read(t, "standin/standin.go"), -1) {
		n := slices.IndexFunc(mocks.All(), func(def *fake.Def) bool { return def.Name == m[1] })
		if want := strconv.Itoa(4001 + n); m[2] != want { // -1 is the edge
			t.Errorf("standin/standin.go has the port %s of %s, which is %s", m[2], m[1], want)
		}
		known++
	}
	if known < 5 {
		t.Errorf("standin/standin.go names %d ports", known)
	}
}

// TestEveryFakeCanBeReached requires that the image has the port of each fake.
func TestEveryFakeCanBeReached(t *testing.T) {
	t.Parallel()
	all := mocks.All()
	if !strings.Contains(read(t, "Dockerfile"), "EXPOSE 4000-4009") || len(all) > 9 {
		t.Errorf("the image does not expose a port for each of the %d fakes", len(all))
	}
}

// counted matches prose that goes wrong with a further fake.
var counted = regexp.MustCompile(`\b(four|five|six) (SaaS APIs|fakes|vendors)\b`)

// TestPagesDoNotCountTheFakes looks at pages that say what holds for all fakes. The others have what was measured or
// released with those of their day.
func TestPagesDoNotCountTheFakes(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, "README.md", "CONTRIBUTING.md", "cmd/mockserver/main.go") {
		if slices.Contains([]string{"docs/performance.md", "docs/scale.md", "docs/decisions.md"}, page) {
			continue
		}
		if found := counted.FindString(read(t, page)); found != "" {
			t.Errorf("%s says %q; write it without the number", page, found)
		}
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
