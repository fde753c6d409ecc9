package story

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake/nearest"
)

//go:embed stories/*.yaml
var files embed.FS

// Library is a set of stories by name.
type Library struct{ stories []*Story }

// BuiltIn returns the stories of this package.
func BuiltIn() *Library {
	l := &Library{}
	names, _ := fs.Glob(files, "stories/*.yaml") // the pattern is valid
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		s, err := Parse(name, text, nil)
		if err != nil {
			panic(err) // a test parses them all
		}
		s.Source = ""
		l.stories = append(l.stories, s)
	}
	return l
}

// Add adds the stories of a file, or of all YAML files in a folder. One that has the name of a built-in story takes its
// place. The error joins those of all files.
func (l *Library) Add(path string, catalog *Catalog) error {
	names := []string{path}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		names, err = yamlFiles(path)
	}
	if err != nil {
		return err
	}
	var errs []error
	for _, name := range names {
		text, err := os.ReadFile(name)
		var s *Story
		if err == nil {
			s, err = Parse(name, text, catalog)
		}
		if err == nil {
			err = l.add(s)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

func yamlFiles(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
			names = append(names, filepath.Join(dir, e.Name()))
		}
	}
	if err == nil && len(names) == 0 {
		err = fmt.Errorf("%s has no story: expected files that end in .yaml", dir)
	}
	return names, err
}

func (l *Library) add(s *Story) error {
	at := slices.IndexFunc(l.stories, func(o *Story) bool { return o.Name == s.Name })
	switch {
	case at < 0:
		l.stories = append(l.stories, s)
	case l.stories[at].Source != "":
		return fmt.Errorf("%s: %s has a story %s as well", s.Source, l.stories[at].Source, s.Name)
	default:
		l.stories[at] = s
	}
	return nil
}

// All returns the stories by name. They must not be changed.
func (l *Library) All() []*Story {
	all := slices.Clone(l.stories)
	slices.SortFunc(all, func(a, b *Story) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// Find returns the story of a name. The error names the nearest one.
func (l *Library) Find(name string) (*Story, error) {
	var names []string
	for _, s := range l.All() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return nil, fmt.Errorf("no story %q%s; stories: %s", name, nearest.Hint(name, names), strings.Join(names, ", "))
}
