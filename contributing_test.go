package mockserver_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

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

// listings are the files that name every fake by hand. Everything else follows from mocks.All.
var listings = []string{"README.md", "docs/vendors.md", "docs/containers.md", "agents/agents.go", "legal.go",
	"cmd/mockserver/init.go", "bench/serve_test.go", "packaging/npm/package.json", "packaging/homebrew/mockserver.rb",
	"standin/standin.go"}

// TestPlacesThatNameEveryFake names the places that a new fake is missing from.
func TestPlacesThatNameEveryFake(t *testing.T) {
	t.Parallel()
	all := mocks.All()
	for _, def := range all {
		name, _, _ := strings.Cut(def.Title, " ")
		for _, file := range listings {
			if !strings.Contains(strings.ToLower(read(t, file)), strings.ToLower(name)) {
				t.Errorf("%s names every fake, but not %s", file, def.Title)
			}
		}
		if !vendors.MatchString(def.Name) {
			t.Errorf("house_test.go: add %s to vendors, the names that the core must not know", def.Name)
		}
	}
	ports := fmt.Sprintf("4000-%d", 4000+len(all))
	for _, file := range []string{"Dockerfile", "docs/containers.md"} {
		if !strings.Contains(read(t, file), ports) {
			t.Errorf("%s does not have the ports %s, one for each fake after the common one", file, ports)
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
