package conduct

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/openapi"
)

var placeholder = regexp.MustCompile(`\{([^}]*)\}`)

// Check returns what is wrong with the text of a document: what package openapi refuses or does not resolve, an
// x-conduct that Read refuses, and names that lead nowhere.
func Check(text []byte) error {
	spec, err := openapi.Load(text)
	if err != nil {
		return err
	}
	if err := spec.Validate(); err != nil {
		return err
	}
	d, err := Read(spec)
	if err != nil {
		return err
	}
	if err := d.checkParameters(); err != nil {
		return err
	}
	return d.checkItems()
}

// checkParameters requires that each placeholder of a path is a parameter, and that the operations have the parameters
// of x-conduct.
func (d *Document) checkParameters() error {
	var known []string
	for _, op := range d.operations {
		declared := d.parameters(op, "path")
		for _, m := range placeholder.FindAllStringSubmatch(op.Path, -1) {
			if !slices.Contains(declared, m[1]) {
				return fmt.Errorf("%s: the path %s has {%s}, which is none of its parameters in path: %q", op.ID,
					op.Path, m[1], declared)
			}
		}
		known = append(known, d.Query(op)...)
	}
	slices.Sort(known)
	known = slices.Compact(known)
	p := &d.Pages
	for _, name := range []string{p.Number, p.Offset, p.Cursor, p.Size, p.Order, p.Filter} {
		if name != "" && !p.Undeclared && !slices.Contains(known, name) {
			return fmt.Errorf("x-conduct: pages: no operation has the query parameter %q; there are %s", name,
				strings.Join(known, ", "))
		}
	}
	return nil
}

// checkItems requires that the lists have a property where x-conduct says that their rows are.
func (d *Document) checkItems() error {
	for _, op := range d.operations {
		if !d.List(op) {
			continue
		}
		s, at := d.Answer(op, op.Status), strings.Split(d.Pages.Items, "/")[1:]
		for len(at) > 0 && at[0] != "*" && len(s.Names()) > 0 {
			next, ok := s.Property(at[0])
			if !ok {
				return fmt.Errorf("x-conduct: pages: items is %s, and the answer of %s has %s there", d.Pages.Items,
					op.ID, strings.Join(s.Names(), ", "))
			}
			s, at = next, at[1:]
		}
	}
	return nil
}
