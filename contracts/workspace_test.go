package contracts

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"regexp"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

// otherSeeds are a fake's seeds in another workspace: the same objects under other identifiers, set
// up at another time.
type otherSeeds struct {
	fs.FS
	stamps bool // of seeded rows are others, too
}

var (
	uuidPattern   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	secretPattern = regexp.MustCompile(`((?:kickflow|FlexDemo|synthetic|fci_synthetic)[-A-Za-z]*)`) // in credentials
	stampPattern  = regexp.MustCompile(`("(?:createdAt|updatedAt)": ?")(\d{4}-\d\d)(-\d\dT)`)
)

func (s otherSeeds) ReadFile(name string) ([]byte, error) {
	text, err := fs.ReadFile(s.FS, name)
	if err != nil || !strings.HasSuffix(name, ".json") {
		return text, err
	}
	var tables any
	if err := json.Unmarshal(text, &tables); err != nil {
		return nil, err
	}
	universal := map[string]bool{}
	collectUniversal(tables, "", universal)
	text = secretPattern.ReplaceAll(text, []byte("${1}Other"))
	text = uuidPattern.ReplaceAllFunc(text, func(id []byte) []byte {
		if universal[string(id)] {
			return id
		}
		return otherID(id)
	})
	if s.stamps {
		text = stampPattern.ReplaceAll(text, []byte("${1}2025-07${3}"))
	}
	return text, nil
}

// collectUniversal collects the identifiers that are equal in all workspaces.
func collectUniversal(v any, key string, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, kid := range v {
			collectUniversal(kid, key, found)
		}
	case []any:
		for _, kid := range v {
			collectUniversal(kid, key, found)
		}
	case string:
		if strings.HasSuffix(strings.ToLower(key), "universalidentifier") {
			found[v] = true
		}
	}
}

// otherID returns another identifier of the same version.
func otherID(id []byte) []byte {
	const digits, others = "0123456789abcdef", "7c19ef20b5d3a846"
	other := bytes.Clone(id)
	for i, c := range id {
		if c != '-' && i != 14 && i != 19 {
			other[i] = others[strings.IndexByte(digits, c)]
		}
	}
	return other
}

// anotherWorkspace returns the cases of a fake, and its target here and in another workspace.
func anotherWorkspace(t *testing.T, name string) (suite *Suite, recorded, foreign Target) {
	t.Helper()
	var here, there []*fake.Def
	for _, def := range mocks.All() {
		if def.Name == name {
			other := *def
			other.Seeds = otherSeeds{def.Seeds, name == "twenty" || name == "kickflow"}
			here, there = append(here, def), append(there, &other)
		}
	}
	recorded, err := InProcess(here...)
	if err != nil {
		t.Fatal(err)
	}
	if foreign, err = InProcess(there...); err != nil {
		t.Fatal(err)
	}
	suite, err = Load(cases(), Config{
		Fakes: []string{"flexcrm", "flosum", "kickflow", "twenty"},
		Only:  name,
		Defs:  here,
		Seed:  "default",
	}, ".")
	if err != nil {
		t.Fatal(err)
	}
	return suite, recorded, foreign
}

// TestHandWrittenInAnotherWorkspace checks that each case of kickflow, FlexCRM and Flosum passes in a workspace with
// other identifiers and credentials, set up at another time. The identifiers of FlexCRM and Flosum are numbers, which
// the cases name like any other number; they stay, and with them the times, by which another workspace is known.
func TestHandWrittenInAnotherWorkspace(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"kickflow", "flexcrm", "flosum"} {
		suite, _, foreign := anotherWorkspace(t, name)
		for _, c := range suite.Cases {
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				one := &Suite{Cases: []*Case{c}, Gaps: suite.Gaps, routers: suite.routers}
				report := one.Replay(t.Context(), foreign, nil)
				for _, r := range report.Outcomes[0].Results {
					for _, d := range r.Differences {
						t.Errorf("#%d %s: %s", r.Number, r.Request, d)
					}
				}
				if out := report.Outcomes[0]; out.Err != nil || out.Skipped != "" {
					t.Errorf("not compared: %v %s", out.Err, out.Skipped)
				}
			})
		}
	}
}

// TestAnotherWorkspace checks that each case of Twenty passes in a workspace with other identifiers
// that was set up at another time, and that the three-way comparison finds no culprit.
func TestAnotherWorkspace(t *testing.T) {
	t.Parallel()
	suite, recorded, foreign := anotherWorkspace(t, "twenty")
	for _, c := range suite.Cases {
		t.Run(c.Name, func(t *testing.T) {
			if c.Info.Settings.Limits != "on" { // a bucket fills while a busy machine waits
				t.Parallel()
			}
			one := &Suite{Cases: []*Case{c}, Gaps: suite.Gaps, routers: suite.routers}
			report := one.Drift(t.Context(), recorded, foreign, nil)
			for _, r := range report.Outcomes[0].Results {
				for _, d := range r.Differences {
					// a gap of both fakes does not depend on the workspace
					if !suite.accepted(c, r.Number, d) {
						t.Errorf("#%d %s moved: %s: %s", r.Number, d.Moved, r.Request, d)
					}
				}
			}
			if out := report.Outcomes[0]; out.Err != nil || out.Skipped != "" {
				t.Errorf("not compared: %v %s", out.Err, out.Skipped)
			}
		})
	}
}
