package contracts

import (
	"fmt"
	"io/fs"
	"strings"
)

// Gap is a known difference between a fake and a recording. It is listed in known-gaps.yaml and nowhere else.
type Gap struct {
	Cassette    string `yaml:"cassette"` // the case's folder below fixtures, like twenty/rest_merge
	Interaction int    `yaml:"interaction"`
	Path        string `yaml:"path"`   // status, header <Name>, or a JSON path: what differs, or what is around it
	Reason      string `yaml:"reason"` // why it is accepted
	File        string `yaml:"-"`      // the list that it stands in
}

func (g *Gap) String() string {
	return fmt.Sprintf("%s, interaction %d, %s: %s", g.Cassette, g.Interaction, g.Path, g.Reason)
}

// covers reports whether a difference is this gap.
func (g *Gap) covers(path string) bool {
	rest, ok := strings.CutPrefix(path, g.Path)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// loadGaps reads known-gaps.yaml; without one there are none.
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

// knowing marks the differences that are known gaps, and returns the gaps that the outcome closes: those that
// no interaction met.
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

// mark marks the differences that are this gap, and reports whether there are any.
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
		if !g.covers(d.Path) {
			continue
		}
		met = true
		if r.Known(d) == "" {
			r.Gaps = append(r.Gaps, g)
		}
	}
	return met
}
