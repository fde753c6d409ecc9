package main

import (
	"cmp"
	"fmt"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/afba07b5/mockserver"
	"github.com/afba07b5/mockserver/licenses"
)

// The linker sets these for releases: -ldflags "-X main.release=1.2.3 -X main.commit=0123abc -X main.date=2026-11-28".
var release, commit, date string

// build describes the build of this program. Unknown texts are empty.
type build struct {
	version string // a release, a module version, or "devel"
	commit  string // the abbreviated revision, with "-dirty" if files had changed, or the tag of a module
	date    string // of the commit, RFC 3339, or the day of the release
}

// pseudoVersion matches the version that the Go command gives a commit without a tag: its time and its revision.
var pseudoVersion = regexp.MustCompile(`[.-](\d{14})-([0-9a-f]{12})(\+\w+)?$`)

// buildOf completes the linker's values with those of the Go command: the revision of a checkout, or the module version
// of `go install`. A pseudo-version names its commit. A tag does not, since the Go command keeps no
// revision of a module that it downloads; the build then names the tag, and the changelog has the
// date of the release.
func buildOf(info *debug.BuildInfo) build {
	b := build{release, commit, date}
	b.fromCheckout(info.Settings)
	if v := info.Main.Version; v != "(devel)" {
		b.version = cmp.Or(b.version, v)
		b.fromModule(v)
	}
	b.version = cmp.Or(b.version, "devel")
	return b
}

func (b *build) fromCheckout(settings []debug.BuildSetting) {
	dirty := ""
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			b.commit = cmp.Or(b.commit, s.Value[:min(12, len(s.Value))])
		case "vcs.time":
			b.date = cmp.Or(b.date, s.Value)
		case "vcs.modified":
			if s.Value == "true" && commit == "" {
				dirty = "-dirty"
			}
		}
	}
	if b.commit != "" {
		b.commit += dirty
	}
}

// fromModule completes commit and date from the version of the module, "" if it has none.
func (b *build) fromModule(version string) {
	if m := pseudoVersion.FindStringSubmatch(version); m != nil {
		b.commit = cmp.Or(b.commit, m[2])
		if at, err := time.Parse("20060102150405", m[1]); err == nil {
			b.date = cmp.Or(b.date, at.Format(time.RFC3339))
		}
		return
	}
	if version != "" {
		b.commit = cmp.Or(b.commit, "of tag "+version)
		b.date = cmp.Or(b.date, releaseDate(mockserver.Changelog, version))
	}
}

// releaseDate returns the date that the changelog gives a version, or "".
func releaseDate(changelog, version string) string {
	number := regexp.QuoteMeta(strings.TrimPrefix(version, "v"))
	heading := regexp.MustCompile(`(?m)^## ` + number + ` - (\d{4}-\d\d-\d\d)$`)
	if m := heading.FindStringSubmatch(changelog); m != nil {
		return m[1]
	}
	return ""
}

// version returns the release, the module version or, without either, the revision.
func version() string {
	b := thisBuild()
	if b.version == "devel" && b.commit != "" {
		return "devel-" + b.commit
	}
	return b.version
}

func thisBuild() build {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return buildOf(info)
}

// versionLine returns version, commit and date of the build, and the platform, on one line.
func versionLine() string {
	b := thisBuild()
	return fmt.Sprintf("mockserver %s (commit %s, %s; %s, %s/%s)\n", b.version,
		cmp.Or(b.commit, "unknown"), cmp.Or(b.date, "date unknown"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print version, commit and date of this build", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), versionLine())
			return err
		},
	}
}

func licensesCommand() *cobra.Command {
	return &cobra.Command{
		Use: "licenses", Short: "Print the licence of this program and of the modules in it", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), mockserver.License, "\n", mockserver.Notice, "\n",
				licenses.ThirdParty)
			return err
		},
	}
}
