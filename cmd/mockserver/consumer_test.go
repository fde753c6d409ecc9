package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/afba07b5/mockserver/mocks"
)

// commandLine matches a mockserver command in a file for users' repositories.
var commandLine = regexp.MustCompile(`mockserver"? (verify|drift)([^\n|]*)`)

// TestFilesForARepository checks that the commands and flags in the files exist.
func TestFilesForARepository(t *testing.T) {
	t.Parallel()
	root := rootCommand(mocks.All())
	for _, file := range []string{"../../action.yml", "../../docs/examples/contracts.yml",
		"../../.pre-commit-hooks.yaml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var doc any
		if err := yaml.Unmarshal(data, &doc); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		lines := commandLine.FindAllStringSubmatch(string(data), -1)
		if len(lines) == 0 {
			t.Errorf("%s runs nothing", file)
		}
		for _, m := range lines {
			cmd, _, err := root.Find([]string{m[1]})
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			for _, word := range strings.Fields(m[2]) {
				if name, ok := strings.CutPrefix(word, "--"); ok && cmd.Flags().Lookup(name) == nil {
					t.Errorf("%s: %s has no flag --%s", file, m[1], name)
				}
			}
		}
	}
}
