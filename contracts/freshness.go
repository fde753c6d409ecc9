package contracts

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// ages is freshness.yaml: after how many days a recording is old.
type ages struct {
	File    string              `yaml:"-"`
	Default age                 `yaml:"default"`
	Fakes   map[string]*fakeAge `yaml:"fakes"`

	defs []*fake.Def
}

type fakeAge struct {
	Warn       int            `yaml:"warn"`
	Fail       int            `yaml:"fail"`
	Operations map[string]age `yaml:"operations"` // by operationId
}

// age holds the numbers of days after which a run warns and fails.
type age struct {
	Warn int `yaml:"warn"`
	Fail int `yaml:"fail"`
}

func (a age) check(of string) error {
	if a.Warn <= 0 || a.Fail < a.Warn {
		return fmt.Errorf("%s: warn %d, fail %d: two numbers of days are needed, the second not below the first", of,
			a.Warn, a.Fail)
	}
	return nil
}

// loadAges reads freshness.yaml. Unknown fakes and operations are errors.
func loadAges(fsys fs.FS, file string, config Config) (*ages, error) {
	a := &ages{File: file, defs: config.Defs}
	data, err := fs.ReadFile(fsys, file)
	if err == nil {
		err = decodeStrict(data, a)
	}
	if err == nil {
		err = a.check(config)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return a, nil
}

func (a *ages) check(config Config) error {
	errs := []error{a.Default.check("default")}
	for name, of := range a.Fakes {
		if !slices.Contains(config.Fakes, name) {
			errs = append(errs, fmt.Errorf("no fake %q%s; fakes: %s", name, fake.Hint(name, config.Fakes),
				strings.Join(config.Fakes, ", ")))
			continue
		}
		errs = append(errs, age{of.Warn, of.Fail}.check(name))
		for id, limit := range of.Operations {
			errs = append(errs, limit.check(name+" "+id), knownOperation(config.Defs, name, id))
		}
	}
	return errors.Join(errs...)
}

func knownOperation(defs []*fake.Def, name, id string) error {
	for _, def := range defs {
		if def.Name != name {
			continue
		}
		var ids []string
		for _, op := range def.Spec.Operations() {
			ids = append(ids, op.ID)
		}
		if !slices.Contains(ids, id) {
			return fmt.Errorf("%s has no operation %q%s", name, id, fake.Hint(id, ids))
		}
	}
	return nil
}

func (a *ages) of(name, operation string) age {
	of := a.Fakes[name]
	if of == nil {
		return a.Default
	}
	if limit, ok := of.Operations[operation]; ok {
		return limit
	}
	return age{of.Warn, of.Fail}
}

// Freshness is the age of a run's recordings. An operation is as old as its newest recording; only
// recordings have an age.
type Freshness struct {
	File       string // freshness.yaml, with the thresholds
	Recorded   int    // operations with a recording
	Unrecorded int    // operations without one, which have no age
	Stale      []Expired
}

// Expired is a group of operations of one fake that were last recorded on the same day, too long
// ago.
type Expired struct {
	Fake       string
	Date       string
	Days       int // since then
	Warn, Fail int // the thresholds, in days
	Operations []string
	Cases      []string // the recordings of that day
	Upstream   string   // the vendor's origin
}

// Failed reports whether the operations are past the second threshold.
func (s *Expired) Failed() bool { return s.Days > s.Fail }

// Verdict is "too old" or "old".
func (s *Expired) Verdict() string {
	if s.Failed() {
		return "too old"
	}
	return "old"
}

func (s *Expired) String() string {
	limit := fmt.Sprintf("a warning after %d days, a failure after %d", s.Warn, s.Fail)
	if s.Failed() {
		limit = fmt.Sprintf("at most %d days are allowed", s.Fail)
	}
	return fmt.Sprintf("%s: last recorded on %s, %d days ago (%s): %s. "+
		"Record again (%s): mockserver record --fake %s --upstream %s --out DIR",
		s.Fake, s.Date, s.Days, limit, some(s.Operations), some(s.Cases), s.Fake, s.Upstream)
}

// some joins the first of many names.
func some(names []string) string {
	const few = 6
	if len(names) <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), len(names)-few)
}

// latest is the newest day on which an operation was recorded.
type latest struct {
	date  string
	cases []string
}

// Freshness compares the age of the suite's recordings with freshness.yaml. It returns nil if the
// loaded paths contain no such file. Bare recordings have no known date and do not count.
func (s *Suite) Freshness(today time.Time) *Freshness {
	if s.ages == nil {
		return nil
	}
	f := &Freshness{File: s.ages.File}
	last := s.latest()
	families := map[string]*Expired{}
	for _, def := range s.ages.defs {
		if !slices.ContainsFunc(s.Cases, func(c *Case) bool { return c.Fake == def.Name }) {
			continue
		}
		for _, op := range def.Spec.Operations() {
			when := last[def.Name+" "+op.ID]
			if when == nil {
				f.Unrecorded++
				continue
			}
			f.Recorded++
			s.ages.add(families, def, op.ID, when, today)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(families)) {
		f.Stale = append(f.Stale, *families[key])
	}
	slices.SortStableFunc(f.Stale, func(a, b Expired) int { return count(b.Failed()) - count(a.Failed()) })
	return f
}

// latest returns the newest recording of each operation, by fake and operationId.
func (s *Suite) latest() map[string]*latest {
	last := map[string]*latest{}
	for _, c := range s.Cases {
		if c.Bare || !c.recorded() {
			continue
		}
		for _, i := range c.interactions {
			op := c.operation(i)
			if op == nil {
				continue
			}
			key := c.Fake + " " + op.ID
			switch known := last[key]; {
			case known == nil || known.date < c.Info.Date:
				last[key] = &latest{c.Info.Date, []string{c.Name}}
			case known.date == c.Info.Date && !slices.Contains(known.cases, c.Name):
				known.cases = append(known.cases, c.Name)
			}
		}
	}
	return last
}

// add adds an expired operation to its group.
func (a *ages) add(families map[string]*Expired, def *fake.Def, operation string, when *latest, today time.Time) {
	day, err := time.Parse(time.DateOnly, when.date)
	limit := a.of(def.Name, operation)
	days := int(today.Sub(day).Hours() / 24)
	if err != nil || days <= limit.Warn {
		return
	}
	key := fmt.Sprint(def.Name, " ", when.date, limit)
	if families[key] == nil {
		families[key] = &Expired{Fake: def.Name, Date: when.date, Days: days, Warn: limit.Warn, Fail: limit.Fail,
			Upstream: upstream(def)}
	}
	of := families[key]
	of.Operations = append(of.Operations, operation)
	for _, name := range when.cases {
		if !slices.Contains(of.Cases, name) {
			of.Cases = append(of.Cases, name)
		}
	}
}

// upstream returns the vendor's origin, as far as one host name tells.
func upstream(def *fake.Def) string {
	at := slices.IndexFunc(def.Hosts, func(host string) bool { return !strings.HasPrefix(host, "*.") })
	if at < 0 {
		return "URL"
	}
	return "https://" + def.Hosts[at]
}

func (f *Freshness) failed() bool {
	return f != nil && slices.ContainsFunc(f.Stale, func(s Expired) bool { return s.Failed() })
}

func (f *Freshness) show(w io.Writer) {
	for _, s := range f.Stale {
		fmt.Fprintf(w, "%s: %s\n", s.Verdict(), &s)
	}
	fmt.Fprintf(w, "freshness: operations: %d recorded, %d of them old; %d not recorded\n",
		f.Recorded, f.expired(), f.Unrecorded)
}

func (f *Freshness) expired() (n int) {
	for _, s := range f.Stale {
		n += len(s.Operations)
	}
	return n
}
