package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks"
)

var update = flag.Bool("update", false, "write the tables of the fakes, and a page for a fake without one")

const updatePages = "go test ./cmd/mockserver -run PagesOfTheFakes -update"

// longestAbout bounds a cell of the table in README.md.
const longestAbout = 120

// pageView is what the pages say of a fake.
type pageView struct {
	fakeView
	example string // Def.Example
	about   string // the first paragraph of info.description
	version string // of the vendor's server, if the fake imitates one
	header  string // with the credential
}

func viewPages(t *testing.T) (all []pageView) {
	t.Helper()
	defs := mocks.All()
	views, err := viewFakes(defs)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := fake.New(fake.Config{}, defs...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(srv.Close)
	world, _ := srv.World("default")
	for i, def := range defs {
		var document struct{ Info struct{ Description string } }
		start, err := newStarter(def)
		if err == nil {
			err = json.Unmarshal(def.Spec.JSON(), &document)
		}
		if err != nil {
			t.Fatal(err)
		}
		v := pageView{fakeView: views[i], example: def.Example, header: start.Header + ": " + start.Scheme + "…"}
		about, _, _ := strings.Cut(strings.TrimSpace(document.Info.Description), "\n\n")
		v.about = strings.Join(strings.Fields(about), " ")
		if v.about == "" || len(v.about) > longestAbout || strings.Contains(v.about, "|") {
			t.Errorf("mocks/%s/openapi.yaml: the first paragraph of info.description is %q; expected one sentence "+
				"of at most %d bytes that says what the fake has, for the table in README.md", v.Name, v.about,
				longestAbout)
		}
		if state, err := world.State(def.Name); err == nil && def.Imitates != nil {
			v.version, _, _ = strings.Cut(" "+def.Imitates(state), " (")
		}
		all = append(all, v)
	}
	return all
}

// region matches the part of a page that -update writes.
var region = regexp.MustCompile(`(?s)\n<!-- fakes: .*? -->\n(.*?)<!-- end of fakes -->\n`)

// TestPagesOfTheFakesHaveEach compares the lists of the fakes in README.md and docs/vendors.md with what they say.
func TestPagesOfTheFakesHaveEach(t *testing.T) {
	t.Parallel()
	readme := "| fake | port | path on 4000 | content | evidence of its operations |\n|---|---|---|---|---|\n"
	var titles []string
	vendors := "| fake | a request sends | in the example data | page |\n|---|---|---|---|\n"
	for _, v := range viewPages(t) {
		titles = append(titles, v.Title)
		var evidence []string
		for _, kind := range []string{fake.Recorded, fake.Documented, fake.Inferred} {
			if n := v.Operations[kind]; n > 0 {
				evidence = append(evidence, fmt.Sprint(n, " ", kind))
			}
		}
		readme += fmt.Sprintf("| [%s](docs/%s.md)%s | %d | `%s` | %s | %s |\n", v.Title, v.Name, v.version, v.Port,
			v.Path, strings.TrimSuffix(v.about, "."), strings.Join(evidence, ", "))
		credential := "`mockserver fakes` prints it"
		if value := v.Credentials[0].Value; len(value) <= longestCredential {
			credential = "`" + value + "`"
		}
		vendors += fmt.Sprintf("| %s | `%s` | %s | [%s](%[4]s.md) |\n", v.Title, v.header, credential, v.Name)
	}
	last := len(titles) - 1
	readme = fmt.Sprintf("Stateful fakes of %s and %s, in one static Go binary and one Go module.\n\n%s",
		strings.Join(titles[:last], ", "), titles[last], readme)
	for page, table := range map[string]string{"README.md": readme, "docs/vendors.md": vendors} {
		text, err := os.ReadFile("../../" + page)
		if err != nil {
			t.Fatal(err)
		}
		m := region.FindSubmatchIndex(text)
		if m == nil {
			t.Fatalf("%s lacks the lines <!-- fakes: ... --> and <!-- end of fakes --> around the table of the fakes",
				page)
		}
		if table = "\n" + table + "\n"; string(text[m[2]:m[3]]) == table {
			continue
		}
		if !*update {
			t.Errorf("%s does not have the table of the fakes; %s writes it:\n%s", page, updatePages,
				strings.TrimSpace(table))
			continue
		}
		text = slices.Concat(text[:m[2]], []byte(table), text[m[3]:])
		if err := os.WriteFile("../../"+page, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// longestCredential is the longest that pages show. They name the principal of a longer one.
const longestCredential = 60

// TestPagesOfTheFakesAreComplete compares the page of each fake with what the fake says: credentials, seeds and faults.
func TestPagesOfTheFakesAreComplete(t *testing.T) {
	t.Parallel()
	for _, v := range viewPages(t) {
		file := "docs/" + v.Name + ".md"
		if _, err := os.Stat("../../" + file); os.IsNotExist(err) && *update {
			if err := os.WriteFile("../../"+file, []byte(pageToStart(v)), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		page, err := os.ReadFile("../../" + file)
		if err != nil {
			t.Errorf("%s, the page of the fake, is missing; %s writes one to begin with", file, updatePages)
			continue
		}
		for _, rest := range toWrite.FindAllString(string(page), -1) {
			t.Errorf("%s still says %q; write that in its place", file, rest)
		}
		checkPage(t, file, string(page), v)
	}
}

// checkPage requires what a page has to say under each of its headings.
func checkPage(t *testing.T, file, page string, v pageView) {
	var credentials []string
	for _, c := range v.Credentials {
		name := c.Value
		if len(name) > longestCredential {
			name = c.Principal
		}
		credentials = append(credentials, name)
	}
	wanted := map[string][]string{"Credentials": credentials, "Seeds": v.Seeds, "Faults": v.Faults}
	for _, heading := range headings {
		if !strings.Contains(page, "\n## "+heading+"\n") {
			t.Errorf("%s lacks the heading ## %s", file, heading)
			continue
		}
		for _, name := range wanted[heading] {
			if !strings.Contains(page, "`"+name+"`") {
				t.Errorf("%s lacks `%s`, which belongs under ## %s", file, name, heading)
			}
		}
	}
}

// headings are those of the page of a fake.
var headings = []string{"Start", "Credentials", "What is there, and what is not", "Differences from the vendor",
	"Seeds", "Faults"}

// toWrite matches what a page to begin with leaves to its author.
var toWrite = regexp.MustCompile(`WRITE [^.]+\.`)

// pageToStart returns the page of a fake with what can be said of it without knowing it.
func pageToStart(v pageView) string {
	rows := "| credential | who |\n|---|---|"
	for _, c := range v.Credentials {
		name := c.Value
		if len(name) > longestCredential {
			name = c.Principal
		}
		rows += fmt.Sprintf("\n| `%s` | %s, %s |", name, c.Principal, c.State)
		if c.Secret != "" {
			rows = strings.TrimSuffix(rows, " |") + fmt.Sprintf("; secret `%s` |", c.Secret)
		}
	}
	quoted := func(names []string) string { return "`" + strings.Join(names, "`, `") + "`." }
	page := "# " + v.Title + "\n\n" + v.about + "\n"
	shell := func(command string) string { return "```sh\n" + command + "\n```" }
	first, fault := append(v.Credentials, fake.Credential{})[0], append(v.Faults, "")[0]
	start := shell(strings.NewReplacer("{url}", fmt.Sprint("localhost:", v.Port), "{credential}", first.Value,
		"{secret}", first.Secret).Replace(v.example)) +
		fmt.Sprintf("\n\nIn a Go test: `srv := %s.NewServer(t)`, with `srv.URL`.", v.Name)
	faults := quoted(v.Faults) + "\n\n" + shell(fmt.Sprintf("curl -X POST localhost:4000/__admin/faults -d "+
		`'{"fake":%q,"times":1,"fault":{"name":%q}}'`, v.Name, fault))
	for n, text := range []string{start, rows,
		"There: WRITE which parts of the vendor's API the fake has.\n\n" +
			"Not there: WRITE which parts it lacks, or that none is known.",
		"WRITE which answers are inferred or known to differ.", quoted(v.Seeds), faults} {
		page += "\n## " + headings[n] + "\n\n" + text + "\n"
	}
	return page
}

// TestPageToStart requires that the page that -update writes lacks only what its author has to write.
func TestPageToStart(t *testing.T) {
	t.Parallel()
	for _, v := range viewPages(t) {
		page := pageToStart(v)
		checkPage(t, "the page to begin with of "+v.Name, page, v)
		if n := len(toWrite.FindAllString(page, -1)); n != 3 {
			t.Errorf("%d places to write in\n%s", n, page)
		}
	}
}

// TestCoverageIsUpToDate runs the check of docs/fidelity.md and fixtures/coverage.json.
func TestCoverageIsUpToDate(t *testing.T) {
	t.Parallel()
	var told strings.Builder
	cmd := exec.Command("mockserver", "coverage", "--check")
	cmd.Dir, cmd.Stderr = "../..", &told
	if err := cmd.Run(); err != nil {
		t.Errorf("coverage --check: %v\n%s", err, told.String())
	}
}
