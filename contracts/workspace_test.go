package contracts

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/internal/recording"
	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/internal/race"
	"github.com/afba07b5/mockserver/mocks"
)

// otherSeeds are a fake's seeds in another workspace: the same objects under other identifiers and credentials, set
// up at another time.
type otherSeeds struct {
	fs.FS
	numbers *compare.Rules    // about the rows
	secrets *strings.Replacer // of the credentials
}

var (
	uuidPattern  = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)
	stampPattern = regexp.MustCompile(
		`("(?:createdAt|updatedAt|create_date|update_date|update_date_for_user)": ?")(\d{4}-\d\d)(-\d\d[T ])`)
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
	text = []byte(s.secrets.Replace(string(text)))
	text = uuidPattern.ReplaceAllFunc(text, func(id []byte) []byte {
		if universal[string(id)] {
			return id
		}
		return otherID(id)
	})
	text = stampPattern.ReplaceAll(text, []byte("${1}2025-07${3}"))
	return s.otherNumbers(text)
}

// otherNumbers shifts the numbers that identify rows, those of each kind by another distance.
func (s otherSeeds) otherNumbers(rows []byte) ([]byte, error) {
	if len(s.numbers.Numbers) == 0 {
		return rows, nil
	}
	distances := map[string]int{}
	shift := func(of, id string) string {
		if distances[of] == 0 {
			distances[of] = 100 + 37*len(distances)
		}
		n, err := strconv.Atoi(id)
		if err != nil { // a table's name
			return "own_" + id
		}
		return strconv.Itoa(n + distances[of])
	}
	_, shifted := s.numbers.ReplaceNumbers(&compare.Interaction{Body: string(rows)}, shift)
	tables, err := jsontree.Parse(shifted)
	if err != nil {
		return nil, err
	}
	for n, name := range tables.Keys {
		if rest, ok := strings.CutPrefix(name, "flexdb/"); ok {
			tables.Keys[n] = "flexdb/" + shift("table", rest)
		}
	}
	return []byte(tables.String()), nil
}

// seedNumbers reads mocks/<api>/testdata/numbers.yaml, which says what the numbers in a fake's seeds identify. A fake
// without the file has the numbers and codes that guessNumbers finds, such as id and parcel_id.
func seedNumbers(def *fake.Def) ([]*compare.NumberRule, error) {
	text, err := os.ReadFile("../mocks/" + def.Name + "/testdata/numbers.yaml")
	if err == nil {
		var file struct {
			Numbers []*compare.NumberRule `yaml:"numbers"`
		}
		err := decodeStrict(text, &file)
		return file.Numbers, err
	}
	seed, err := fs.ReadFile(def.Seeds, "seeds/default.json")
	if err != nil {
		return nil, err
	}
	return guessNumbers(string(seed), string(seed))
}

// seedRules returns the seedNumbers of each fake, compiled for all tests.
var seedRules = sync.OnceValues(func() (map[string]*compare.Rules, error) {
	all := map[string]*compare.Rules{}
	for _, def := range mocks.All() {
		numbers, err := seedNumbers(def)
		if err != nil {
			return nil, err
		}
		all[def.Name] = &compare.Rules{Numbers: numbers}
		if err := all[def.Name].Compile(); err != nil {
			return nil, err
		}
	}
	return all, nil
})

// TestSeedNumbersNameEveryTable requires that seedNumbers has each table of a seed whose rows have
// numbers. Without that no case would be replayed under other numbers. It prints what the entry may be.
func TestSeedNumbersNameEveryTable(t *testing.T) {
	t.Parallel()
	rules, err := seedRules()
	if err != nil {
		t.Fatal(err)
	}
	for _, def := range mocks.All() {
		text, err := fs.ReadFile(def.Seeds, "seeds/default.json")
		if err != nil {
			t.Fatal(err)
		}
		_, other := rules[def.Name].ReplaceNumbers(&compare.Interaction{Body: string(text)},
			func(_, id string) string { return "7" + id })
		lacks, err := guessNumbers(string(text), other)
		if err != nil {
			t.Fatal(err)
		}
		lines := ""
		for _, rule := range lacks {
			lines += fmt.Sprintf("  - {of: %s, in: [%q], words: %t}\n", rule.Of, rule.In[0], rule.Words)
		}
		if strings.Contains(lines, "[*].id") {
			t.Errorf("mocks/%s/testdata/numbers.yaml lacks numbers of the seed. Add what follows to its list; of "+
				"is the kind of thing that a number identifies, as in rules.yaml of its fixtures:\n%s", def.Name, lines)
		}
	}
}

// guessNumbers returns rules for the keys of rows that have equal numbers or codes in two seeds and look like
// identifiers: id identifies a row of its table, and user_id or userId one of the table users.
func guessNumbers(one, two string) (rules []*compare.NumberRule, err error) {
	var seeds [2]map[string][]map[string]any
	for i, text := range []string{one, two} {
		if err := json.Unmarshal([]byte(text), &seeds[i]); err != nil {
			return nil, err
		}
	}
	kinds, words := map[string]string{}, map[string]bool{} // by place: the kind of thing, and whether it is a code
	for table, rows := range seeds[0] {
		for i, row := range rows {
			for key, value := range row {
				_, isNumber := value.(float64)
				text, _ := value.(string)
				of, named := strings.CutSuffix(strings.ToLower(key), "id")
				if place := "$." + table + "[*]." + key; (isNumber || recording.IsCode(text)) && named &&
					seeds[1][table][i][key] == value {
					kinds[place] = cmp.Or(strings.Trim(of, "_"), singular(strings.ToLower(table)))
					words[place] = !isNumber
				}
			}
		}
	}
	for _, place := range slices.Sorted(maps.Keys(kinds)) {
		rules = append(rules, &compare.NumberRule{Of: kinds[place], In: []string{place}, Words: words[place]})
	}
	return rules, nil
}

var plurals = regexp.MustCompile(`(ss|sh|ch|x)es$|s$`)

func singular(word string) string {
	if rest, ok := strings.CutSuffix(word, "ies"); ok {
		return rest + "y"
	}
	return plurals.ReplaceAllString(word, "$1")
}

func TestGuessNumbers(t *testing.T) {
	t.Parallel()
	seed := `{"companies":[{"id":1,"name":"a","size":7}],"boxes":[{"id":2,"companyId":1,"open":true}],` +
		`"users":[{"id":"usr_90f3de88","company_id":1,"name":"u1"}],"Notes":[{"id":3,"note_id":4}]}`
	rules, err := guessNumbers(seed, seed)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, rule := range rules {
		got += fmt.Sprintln(rule.In[0], rule.Of, rule.Words)
	}
	if want := "$.Notes[*].id note false\n$.Notes[*].note_id note false\n$.boxes[*].companyId company false\n" +
		"$.boxes[*].id box false\n$.companies[*].id company false\n$.users[*].company_id company false\n" +
		"$.users[*].id user true\n"; got != want {
		t.Errorf("found\n%swant\n%s", got, want)
	}
}

// otherSecrets replaces the credentials of a fake's seeds by others.
func otherSecrets(def *fake.Def) (*strings.Replacer, error) {
	files, err := fs.Glob(def.Seeds, "seeds/*.json")
	var pairs []string
	for _, file := range files {
		name := strings.TrimSuffix(path.Base(file), ".json")
		app, failed := fake.NewApp(def, fake.WithSeed(name))
		if failed != nil {
			return nil, failed
		}
		app.State.View(func() {
			for _, c := range def.Known(app.State) {
				pairs = append(pairs, strconv.Quote(c.Value), strconv.Quote(c.Value+"Other"))
				if c.Secret != "" {
					pairs = append(pairs, strconv.Quote(c.Secret), strconv.Quote(c.Secret+"Other"))
				}
			}
		})
		app.Close()
	}
	return strings.NewReplacer(pairs...), err
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
			rules, err := seedRules()
			if err != nil {
				t.Fatal(err)
			}
			secrets, err := otherSecrets(def)
			if err != nil {
				t.Fatal(err)
			}
			other.Seeds = otherSeeds{def.Seeds, rules[name], secrets}
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
	all := allCases(t)
	suite = &Suite{Gaps: all.Gaps, routers: all.routers}
	for _, c := range all.Cases {
		if c.Fake == name {
			suite.Cases = append(suite.Cases, c)
		}
	}
	return suite, recorded, foreign
}

// TestHandWrittenInAnotherWorkspace checks that each case of the fakes without recordings passes in a workspace with
// other identifiers and credentials, set up at another time.
func TestHandWrittenInAnotherWorkspace(t *testing.T) {
	t.Parallel()
	for _, def := range mocks.All() {
		if def.Name == "twenty" {
			continue // the test below
		}
		suite, _, foreign := anotherWorkspace(t, def.Name)
		for n, c := range suite.Cases {
			if race.Enabled && n%4 > 0 {
				continue // a separate step in CI takes all
			}
			t.Run(c.Name, func(t *testing.T) {
				t.Parallel()
				one := &Suite{Cases: []*Case{c}, Gaps: suite.Gaps, routers: suite.routers}
				report := one.Replay(t.Context(), foreign, nil)
				for _, r := range report.Outcomes[0].Results {
					for _, d := range r.Differences {
						t.Errorf("#%d %s: %s", r.Number, r.Request, d)
					}
				}
				if t.Failed() {
					t.Logf("in a workspace with other identifiers, credentials and times; fixtures/%s/rules.yaml says "+
						"under numbers and standing how rows of the seed are found there", c.Fake)
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
	for n, c := range suite.Cases {
		if race.Enabled && n%2 > 0 {
			continue // a separate step in CI takes all
		}
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
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
