package story

import (
	"fmt"
	"strings"

	"github.com/afba07b5/mockserver/fake/nearest"
)

// Catalog is what a story may name.
type Catalog struct{ Fakes []Fake }

// Fake is one fake with its names. An empty list allows any name.
type Fake struct {
	Name                              string
	Seeds, Principals, Tables, Faults []string
	Operations                        []Operation
}

// Operation is one operation of a fake's document.
type Operation struct{ ID, Method, Path string }

func (c *Catalog) names() (names []string) {
	if c == nil {
		return nil
	}
	for _, f := range c.Fakes {
		names = append(names, f.Name)
	}
	return names
}

func (c *Catalog) fake(name string) *Fake {
	if c == nil {
		return nil
	}
	for i := range c.Fakes {
		if c.Fakes[i].Name == name {
			return &c.Fakes[i]
		}
	}
	return nil
}

func (f *Fake) operationIDs() (ids []string) {
	for _, op := range f.Operations {
		ids = append(ids, op.ID)
	}
	return ids
}

// unknownCall returns a message if no operation has the method and path of a call, or "".
func (f *Fake) unknownCall(call string) string {
	method, path, _ := strings.Cut(call, " ")
	path, _, _ = strings.Cut(path, "?")
	var calls []string
	for _, op := range f.Operations {
		if op.Method == method && pathMatches(op.Path, path) {
			return ""
		}
		calls = append(calls, op.Method+" "+op.Path)
	}
	if len(calls) == 0 {
		return ""
	}
	return fmt.Sprintf("%s has no operation %s %s%s", f.Name, method, path, nearest.Hint(method+" "+path, calls))
}

// pathMatches reports whether a path has the form of a document's path, whose parameters stand in braces. A
// placeholder of the story, "_" here, stands for any segment.
func pathMatches(pattern, path string) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		before, _, parameter := strings.Cut(want[i], "{")
		if parameter && got[i] != "" && strings.HasPrefix(got[i], before) {
			continue
		}
		if want[i] != got[i] && got[i] != "_" {
			return false
		}
	}
	return true
}
