package main

import (
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBuildOf(t *testing.T) {
	t.Parallel()
	checkout := []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0123456789abcdef0123"},
		{Key: "vcs.time", Value: "2026-11-28T10:00:00Z"},
		{Key: "vcs.modified", Value: "true"},
	}
	tests := []struct {
		name string
		info debug.BuildInfo
		want build
	}{
		{"nothing known", debug.BuildInfo{}, build{version: "devel"}},
		{"a checkout", debug.BuildInfo{Main: debug.Module{Version: "(devel)"}, Settings: checkout},
			build{"devel", "0123456789ab-dirty", "2026-11-28T10:00:00Z"}},
		{"a module at a tag", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}},
			build{version: "v1.2.3", commit: "of tag v1.2.3"}},
		{"a module at a commit", debug.BuildInfo{Main: debug.Module{Version: "v0.0.0-20261129045701-58b8b9a8c01c"}},
			build{"v0.0.0-20261129045701-58b8b9a8c01c", "58b8b9a8c01c", "2026-11-29T04:57:01Z"}},
		{"a module after a tag", debug.BuildInfo{Main: debug.Module{Version: "v1.2.4-0.20261129045701-58b8b9a8c01c"}},
			build{"v1.2.4-0.20261129045701-58b8b9a8c01c", "58b8b9a8c01c", "2026-11-29T04:57:01Z"}},
		{"a checkout with its version", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: checkout[:2]},
			build{"v1.2.3", "0123456789ab", "2026-11-28T10:00:00Z"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, buildOf(&test.info), cmp.AllowUnexported(build{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReleaseDate(t *testing.T) {
	t.Parallel()
	changelog := "# Changelog\n\n## 1.20.0 - 2027-01-02\n\n## 1.2.0 - 2026-12-01\n- see 1.1.0 - 2026-01-01\n## 1.1.0\n"
	for version, want := range map[string]string{"v1.2.0": "2026-12-01", "v1.20.0": "2027-01-02", "v1.1.0": "",
		"v1.0.0": ""} {
		if got := releaseDate(changelog, version); got != want {
			t.Errorf("%s: %q, expected %q", version, got, want)
		}
	}
}
