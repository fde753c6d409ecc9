package compare

import (
	"regexp"
	"strings"
	"testing"
)

func TestPathGlobs(t *testing.T) {
	t.Parallel()
	paths := []string{"$", "$.a", "$.a.b", "$.a[0]", "$.a[12].b", "$[0]", "$[0].id", "$.data.x.edges",
		"$.data.x.y.edges", "$.a[0].workspace.createdAt",
		"$[1].tabs[3].createdAt", "$.fields", "$.x[0].fields", "$.fieldsList", "$.a[]", "$.a[x]",
		"$deliveries[3].eventDate", "$.a]b", ""}
	for _, glob := range []string{"$", "$.a", "$.*", "$.*.b", "$[*]", "$[*].id", "$.a[*]", "$.a[*].b",
		"$**.fields", "$.data.*.edges", "$.data.**.edges",
		"$**.workspace.createdAt", "$[*].tabs[*].createdAt", "$deliveries[*].eventDate", "$**",
		"$.data.*GroupBy", "$.**.b"} {
		g, err := globPath(glob)
		if err != nil {
			t.Fatal(err)
		}
		same := regexp.MustCompile("^" + strings.NewReplacer(`\*\*`, `.*`, `\[\*\]`, `\[\d+\]`, `\*`,
			`[^.\[\]]*`).Replace(regexp.QuoteMeta(glob)) + "$")
		for _, path := range paths {
			if got, want := g.MatchString(path), same.MatchString(path); got != want {
				t.Errorf("%s and %s: got %v, want %v", glob, path, got, want)
			}
		}
	}
	if _, err := globPath("a.b"); err == nil {
		t.Error("a path without $ is accepted")
	}
}
