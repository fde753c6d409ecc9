package contracts

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Gap is a known difference between a fake and a recording, an entry of known-gaps.yaml.
type Gap struct {
	Cassette    string `yaml:"cassette"` // the case's folder below fixtures, like twenty/rest_merge
	Interaction int    `yaml:"interaction"`
	// status, header <Name>, or a JSON path: the difference or a value around it
	Path   string `yaml:"path"`
	Reason string `yaml:"reason"` // why it is accepted
	File   string `yaml:"-"`      // the list that contains it
}

func (g *Gap) String() string {
	return fmt.Sprintf("%s, interaction %d, %s: %s", g.Cassette, g.Interaction, g.Path, g.Reason)
}

// covers reports whether a difference belongs to this gap.
func (g *Gap) covers(path string) bool {
	rest, ok := strings.CutPrefix(path, g.Path)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// loadGaps reads known-gaps.yaml, which may be missing.
func loadGaps(fsys fs.FS, file string) ([]*Gap, error) {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, nil
	}
	var list struct {
		Gaps []*Gap `yaml:"gaps"`
	}
	if err := decodeStrict(data, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for n, g := range list.Gaps {
		g.File = file
		if g.Cassette == "" || g.Path == "" || g.Reason == "" {
			return nil, fmt.Errorf("%s: gap %d: cassette, interaction, path and reason are needed", file, n)
		}
	}
	return list.Gaps, nil
}

// knowing marks the differences that are known gaps, and returns the closed gaps: those without a
// difference.
func knowing(gaps []*Gap, out *Outcome) (closed []*Gap) {
	if out.Skipped != "" || out.Err != nil {
		return nil
	}
	for _, g := range gaps {
		if g.Cassette == out.Case.Name && !g.mark(out.Results) {
			closed = append(closed, g)
		}
	}
	return closed
}

// mark marks the differences of this gap and reports whether there are any.
func (g *Gap) mark(results []Result) (met bool) {
	for n := range results {
		if results[n].Number == g.Interaction && g.markOne(&results[n]) {
			met = true
		}
	}
	return met
}

func (g *Gap) markOne(r *Result) (met bool) {
	for _, d := range r.Differences {
		if !slices.ContainsFunc(d.Places(), g.covers) {
			continue
		}
		met = true
		if r.Known(d) == "" && !slices.Contains(r.Gaps, g) {
			r.Gaps = append(r.Gaps, g)
		}
	}
	return met
}
