package licenses_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/licenses"
)

func TestEveryModuleOfTheBinaryHasItsLicence(t *testing.T) {
	t.Parallel()
	const form = `{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}}{{end}}{{end}}`
	var modules []string
	for _, system := range []string{"linux", "darwin", "windows"} {
		list := exec.Command("go", "list", "-deps", "-f", form, "../cmd/mockserver")
		list.Env = append(os.Environ(), "GOOS="+system)
		out, err := list.Output()
		if err != nil {
			t.Fatal(err)
		}
		modules = append(modules, strings.Split(strings.TrimSpace(string(out)), "\n")...)
	}
	for _, module := range modules {
		if module != "" && !strings.Contains(licenses.ThirdParty, "==== "+module+": ") {
			t.Errorf("third-party.txt lacks %s: run go generate ./licenses", module)
		}
	}
	if !strings.Contains(licenses.ThirdParty, "==== github.com/labstack/echo/v4 ") {
		t.Error("third-party.txt lacks echo: was the list read?")
	}
}

// The licences that the binary may contain: they ask for their text to be passed on, and nothing of the user's code.
func TestLicencesArePermissive(t *testing.T) {
	t.Parallel()
	allowed := []string{"MIT", "BSD-3-Clause", "BSD-2-Clause", "Apache-2.0", "ISC"}
	found := licenses.Families()
	if len(found) < 20 {
		t.Errorf("only %d modules: was the list read?", len(found))
	}
	for module, family := range found {
		if !slices.Contains(allowed, family) {
			t.Errorf("%s has the licence %q; allowed: %v", module, family, allowed)
		}
	}
}
