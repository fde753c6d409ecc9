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
		{"a module download", debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}}, build{version: "v1.2.3"}},
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
