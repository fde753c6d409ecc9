package main

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// TestInitWithoutAStart writes a folder for a fake that starters does not list.
func TestInitWithoutAStart(t *testing.T) {
	t.Parallel()
	def := *find(mocks.All(), "kickflow")
	def.Name = "fifth"
	files, _, err := starterFolder([]*fake.Def{&def}, t.TempDir(), nil, "sh")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"seeds/fifth.yaml": "# The seed empty of kickflow.",
		"mockserver.yaml":  "fifth: [default, seeds/fifth.yaml]",
		"test.sh":          `check "$FIFTH_URL/v1/`,
	} {
		if !strings.Contains(string(files[name]), want) {
			t.Errorf("%s lacks %s:\n%s", name, want, files[name])
		}
	}
	def.Example = "curl {url}"
	if _, _, err = starterFolder([]*fake.Def{&def}, t.TempDir(), nil, "sh"); err == nil ||
		!strings.Contains(err.Error(), `the example of fifth is "curl {url}"; expected`) {
		t.Errorf("an example without a credential: %v", err)
	}
}
