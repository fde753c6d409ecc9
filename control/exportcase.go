package control

import (
	"archive/zip"
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/journal"
)

// exportCase answers with a zip of a case's files: the requests to one fake, for replay by the
// contract suite.
func (c *call) exportCase(w *fake.World) (any, error) {
	kept, dropped := w.Journal.Entries()
	def, err := c.exported(kept)
	if err != nil {
		return nil, err
	}
	kept = slices.DeleteFunc(slices.Clone(kept), func(e *fake.Entry) bool { return e.Fake != def.Name })
	return c.caseOf(w, def, kept, dropped)
}

// caseOf answers a zip with the case that entries of a fake make.
func (c *call) caseOf(w *fake.World, def *fake.Def, kept []*fake.Entry, dropped int) (any, error) {
	if c.plane.options.Case == nil {
		return nil, newProblem(http.StatusNotImplemented, "this server was built without what makes cases")
	}
	files, notes, err := c.plane.options.Case(w, def, kept)
	if err != nil {
		return nil, newProblem(http.StatusConflict, "%s: %v",
			strings.Join(append([]string{"no case"}, notes...), "; "), err)
	}
	if dropped > 0 {
		notes = append(notes, fmt.Sprintf("the journal has dropped %d older requests", dropped))
	}
	c.w.Header().Set("Mockserver-Dropped", fmt.Sprint(dropped))
	for _, note := range notes {
		c.w.Header().Add("Mockserver-Note", url.PathEscape(note))
	}
	c.w.Header().Set("Content-Disposition", `attachment; filename="`+def.Name+`-case.zip"`)
	data, err := zipped(files)
	return &reply{media: "application/zip", text: data}, err
}

// exported returns the fake in the query, or the only one with requests.
func (c *call) exported(kept []*fake.Entry) (*fake.Def, error) {
	name := c.r.FormValue("fake")
	var names []string
	for _, e := range kept {
		if e.Fake != "" && !slices.Contains(names, e.Fake) {
			names = append(names, e.Fake)
		}
	}
	if name == "" && len(names) == 1 {
		name = names[0]
	}
	var known []string
	for _, def := range c.plane.srv.Defs() {
		if known = append(known, def.Name); def.Name == name {
			return def, nil
		}
	}
	return nil, badRequest("fake=%s%s: a case is of one fake; fakes: %s", name, fake.Hint(name, known),
		strings.Join(known, ", "))
}

// zipped packs files, sorted by name.
func zipped(files map[string]string) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := z.Create(name)
		if err != nil {
			return nil, err
		}
		if _, err := f.Write([]byte(files[name])); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return out.Bytes(), err
}

// Base returns the part of an entry's URL before the path that the fake sees: the origin and, on
// the edge port or under a world's prefix, more.
func Base(e *fake.Entry) string {
	return strings.TrimSuffix(e.URL, journal.Rooted(e.Fake, e.URL))
}
