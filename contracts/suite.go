package contracts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/fake"
)

// Suite is a set of cases with the rules and known gaps.
type Suite struct {
	Cases []*Case // recorded ones first, then by name
	Gaps  []*Gap

	ages    *ages // how old recordings may be; nil without freshness.yaml
	routers map[string]*fake.Router

	found   []func() (*Case, error) // load the cases; nil for one of another fake
	loading sync.Mutex              // of vendors
	vendors map[string]*vendor
}

// Config says how cases are found.
type Config struct {
	Fakes    []string    // the names of the fakes there are; default: those of Defs
	Defs     []*fake.Def // their documents give the evidence of operations in reports
	Only     string      // replay only the cases of this fake; bare files belong to it
	Seed     string      // of bare files
	LimitsOn bool        // for bare files
	As       string      // principal of requests without a credential, for recordings that do not say
	// <api>/credentials.yaml and rules.yaml for files outside a fixtures folder; may be nil
	Defaults fs.FS
}

// ErrNoCase means that a path contains no case.
var ErrNoCase = errors.New(
	"no case there: a case is a folder with case.yaml and cassette.yaml or steps.yaml, or a cassette file")

// Load loads the cases under the given paths of fsys: case folders, folders of them, and bare
// cassette files. A path without a case is an error that wraps ErrNoCase, so that a misspelled path
// does not pass.
func Load(fsys fs.FS, config Config, paths ...string) (*Suite, error) {
	s := &Suite{routers: map[string]*fake.Router{}}
	named := len(config.Fakes) > 0
	for _, def := range config.Defs {
		s.routers[def.Name] = fake.NewRouter(def)
		if !named {
			config.Fakes = append(config.Fakes, def.Name)
		}
	}
	for _, p := range paths {
		before := len(s.found)
		if err := s.add(fsys, config, path.Clean(p)); err != nil {
			return nil, err
		}
		if len(s.found) == before && config.Only == "" {
			return nil, fmt.Errorf("%s: %w", p, ErrNoCase)
		}
	}
	if err := s.load(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.Cases, func(a, b *Case) int {
		return cmp.Or(count(b.recorded())-count(a.recorded()), strings.Compare(a.Name, b.Name))
	})
	return s, nil
}

// load loads the cases that were found, on all processors.
func (s *Suite) load() error {
	type loaded struct {
		c   *Case
		err error
	}
	for l := range sideBySide(len(s.found), runtime.GOMAXPROCS(0), func(n int) loaded {
		c, err := s.found[n]()
		return loaded{c, err}
	}) {
		if l.err != nil {
			return l.err
		}
		if l.c != nil {
			s.Cases = append(s.Cases, l.c)
		}
	}
	s.found = nil
	return nil
}

// add finds the cases under a path.
func (s *Suite) add(fsys fs.FS, config Config, p string) error {
	info, err := fs.Stat(fsys, p)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return s.addFile(fsys, config, p)
	}
	return fs.WalkDir(fsys, p, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		switch path.Base(file) {
		case "case.yaml":
			s.addFolder(fsys, config, path.Dir(file))
			return nil
		case "cassette.yaml", "steps.yaml":
			if _, err := fs.Stat(fsys, path.Join(path.Dir(file), "case.yaml")); err != nil {
				return fmt.Errorf("%s: no case.yaml beside it", file)
			}
			return nil
		case "credentials.yaml", "rules.yaml":
			return nil
		}
		if known, err := s.addList(fsys, config, file); known {
			return err
		}
		if path.Ext(file) == ".yaml" || path.Ext(file) == ".yml" {
			return s.addFile(fsys, config, file)
		}
		return nil
	})
}

// addList reads known-gaps.yaml and freshness.yaml; known reports whether the file is one of them.
func (s *Suite) addList(fsys fs.FS, config Config, file string) (known bool, err error) {
	switch path.Base(file) {
	case "known-gaps.yaml":
		gaps, err := loadGaps(fsys, file)
		s.Gaps = append(s.Gaps, gaps...)
		return true, err
	case "freshness.yaml":
		s.ages, err = loadAges(fsys, file, config)
		return true, err
	}
	return false, nil
}

func (s *Suite) addFolder(fsys fs.FS, config Config, dir string) {
	s.found = append(s.found, func() (*Case, error) { return s.loadFolder(fsys, config, dir) })
}

// loadFolder loads the case of a folder; nil if it is of a fake that config leaves out.
func (s *Suite) loadFolder(fsys fs.FS, config Config, dir string) (*Case, error) {
	c := &Case{Name: nameOf(dir), Fake: fakeOf(config, dir)}
	if c.Fake == "" {
		c.Fake = config.Only
	}
	if config.Only != "" && c.Fake != config.Only {
		return nil, nil
	}
	if c.Fake == "" {
		return nil, fmt.Errorf("%s: unknown fake; put it under a folder named after one (%s) or set --fake", dir,
			strings.Join(config.Fakes, ", "))
	}
	var err error
	if c.Info, err = loadInfo(fsys, path.Join(dir, "case.yaml")); err != nil {
		return nil, err
	}
	c.File = path.Join(dir, "cassette.yaml")
	if _, err := fs.Stat(fsys, c.File); err == nil {
		if err := c.loadCassette(fsys, s.routers[c.Fake]); err != nil {
			return nil, err
		}
		if err := c.loadDeliveries(fsys, path.Join(dir, "deliveries.jsonl")); err != nil {
			return nil, err
		}
	} else {
		c.File, c.handWritten = path.Join(dir, "steps.yaml"), true
		if c.interactions, c.host, err = loadSteps(fsys, c.File); err != nil {
			return nil, err
		}
		if c.Info.Source == "recorded" {
			return nil, fmt.Errorf("%s: steps are written by hand and cannot be recorded", dir)
		}
	}
	if len(c.Info.Rows) > 0 && !c.handWritten {
		return nil, fmt.Errorf("%s: rows in case.yaml are for hand-written steps; a recording starts from its seed",
			dir)
	}
	if c.Info.Seed == "" {
		c.Info.Seed = "default"
	}
	return s.finish(fsys, config, c, dir)
}

// addFile adds a bare cassette.
func (s *Suite) addFile(fsys fs.FS, config Config, file string) error {
	if path.Base(file) == "cassette.yaml" || path.Base(file) == "steps.yaml" {
		if _, err := fs.Stat(fsys, path.Join(path.Dir(file), "case.yaml")); err == nil {
			s.addFolder(fsys, config, path.Dir(file))
			return nil
		}
	}
	if known, err := s.addList(fsys, config, file); known {
		return err
	}
	s.found = append(s.found, func() (*Case, error) { return s.loadFile(fsys, config, file) })
	return nil
}

// loadFile loads a bare cassette.
func (s *Suite) loadFile(fsys fs.FS, config Config, file string) (*Case, error) {
	c := &Case{Name: nameOf(strings.TrimSuffix(file, path.Ext(file))), File: file, Bare: true, Fake: config.Only}
	if c.Fake == "" {
		c.Fake = fakeOf(config, file)
	}
	if c.Fake == "" {
		return nil, fmt.Errorf("%s: unknown fake; set --fake to one of: %s", file, strings.Join(config.Fakes, ", "))
	}
	c.Info = Info{About: "a bare recording", Source: "recorded", Seed: config.Seed}
	if err := c.loadCassette(fsys, s.routers[c.Fake]); err != nil {
		return nil, err
	}
	if err := c.loadDeliveries(fsys, strings.TrimSuffix(file, path.Ext(file))+".jsonl"); err != nil {
		return nil, err
	}
	c.Info.Settings.Limits = "off" // counting headers are not compared
	if config.LimitsOn {
		c.Info.Settings.Limits = "on"
	}
	return s.finish(fsys, config, c, path.Dir(file))
}

// finish sets a case's rules and default credentials.
func (s *Suite) finish(fsys fs.FS, config Config, c *Case, dir string) (*Case, error) {
	if len(c.interactions) == 0 {
		return nil, fmt.Errorf("%s: no interactions", c.File)
	}
	c.fsys, c.router, c.def = fsys, s.routers[c.Fake], config.defOf(c.Fake)
	if c.Info.Principal == "" && !c.handWritten {
		c.Info.Principal = config.As
	}
	from, folder, own := config.Defaults, c.Fake, false
	for d := dir; ; d = path.Dir(d) {
		if exists(fsys, d, "credentials.yaml") || exists(fsys, d, "rules.yaml") {
			from, folder, own = fsys, d, true
			break
		}
		if d == "." || d == "/" {
			break
		}
	}
	known, err := s.vendorOf(from, folder, own)
	if err != nil {
		return nil, err
	}
	c.rules = known.rules
	defaults := maps.Clone(known.credentials)
	if c.Bare {
		c.Info.Settings.Features = c.rules.featuresOf(c.interactions)
	}
	for value, who := range c.Info.Credentials {
		defaults[value] = who
	}
	c.Info.Credentials = defaults
	if c.Info.Date == "" && !c.handWritten {
		if c.Info.Date = compare.DayOf(c.interactions, nil, &c.rules.Rules); c.Info.Date == "" {
			c.Info.Date = c.rules.Day
		}
	}
	if !c.handWritten {
		c.origin = originOf(c.interactions)
		for _, i := range c.interactions {
			i.Ruled = c.rules.Apply(i)
		}
	}
	return c, nil
}

// vendor holds the files that apply to all cases of a fake.
type vendor struct {
	rules       *rules
	credentials map[string]Principal
}

// vendorOf reads rules.yaml and credentials.yaml of a folder, once for all of its cases. own says
// that the folder is one of those loaded, and not of the defaults.
func (s *Suite) vendorOf(from fs.FS, folder string, own bool) (*vendor, error) {
	if from == nil {
		return &vendor{rules: &rules{}, credentials: map[string]Principal{}}, nil
	}
	key := fmt.Sprint(own, folder)
	s.loading.Lock()
	defer s.loading.Unlock()
	if known := s.vendors[key]; known != nil {
		return known, nil
	}
	known, err := loadRules(from, path.Join(folder, "rules.yaml"))
	if err != nil {
		return nil, err
	}
	credentials, err := loadCredentials(from, path.Join(folder, "credentials.yaml"))
	if err != nil {
		return nil, err
	}
	if s.vendors == nil {
		s.vendors = map[string]*vendor{}
	}
	s.vendors[key] = &vendor{known, credentials}
	return s.vendors[key], nil
}

func exists(fsys fs.FS, dir, name string) bool {
	_, err := fs.Stat(fsys, path.Join(dir, name))
	return err == nil
}

func loadCredentials(fsys fs.FS, file string) (map[string]Principal, error) {
	var list struct {
		Credentials map[string]Principal `yaml:"credentials"`
	}
	data, err := fs.ReadFile(fsys, file)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]Principal{}, nil
	}
	if err == nil {
		err = decodeStrict(data, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if list.Credentials == nil {
		list.Credentials = map[string]Principal{}
	}
	return list.Credentials, nil
}

// fakeOf returns the fake in a path: the last folder named after one.
func fakeOf(config Config, p string) string {
	parts := strings.Split(p, "/")
	for _, part := range slices.Backward(parts) {
		if slices.Contains(config.Fakes, part) {
			return part
		}
	}
	return ""
}

// Replay replays every case against a target and calls show with each outcome, in order. It ends when ctx
// does, or when the target is unreachable; then cases are missing from the report. Against the fakes of this process it
// replays as many cases at once as there are processors.
func (s *Suite) Replay(ctx context.Context, target Target, show func(*Outcome)) *Report {
	report, workers := &Report{}, 1
	if _, ok := target.(interface{ isolated() }); ok {
		workers = runtime.GOMAXPROCS(0)
	}
	replay := func(n int) *Outcome { return s.Cases[n].replay(ctx, target) }
	for out := range sideBySide(len(s.Cases), workers, replay) {
		if ctx.Err() != nil { // interrupted
			break
		}
		report.add(out, knowing(s.Gaps, out))
		if show != nil {
			show(out)
		}
		if errors.Is(out.Err, ErrUnreachable) {
			break
		}
	}
	return report
}

// sideBySide calls do for each number below n, with at most workers calls at a time, and yields the results in order.
// When the consumer stops, no further call begins.
func sideBySide[T any](n, workers int, do func(int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		var next atomic.Int64
		var stopped atomic.Bool
		var running sync.WaitGroup
		results := make([]chan T, n)
		for i := range results {
			results[i] = make(chan T, 1)
		}
		work := func() bool { // reports whether there was something to do
			i := int(next.Add(1)) - 1
			if i >= n || stopped.Load() {
				return false
			}
			results[i] <- do(i)
			return true
		}
		defer running.Wait()
		defer stopped.Store(true)
		for range workers - 1 {
			running.Go(func() {
				for work() {
				}
			})
		}
		for _, result := range results {
			for len(result) == 0 && work() {
			}
			if !yield(<-result) {
				return
			}
		}
	}
}
