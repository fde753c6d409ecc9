package contracts

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// rules is fixtures/<api>/rules.yaml: what recordings alone do not tell about one vendor's answers.
// All of it is data; the suite knows no vendor.
type rules struct {
	compare.Rules `yaml:",inline"`

	Day        string        `yaml:"day"`        // of bare recordings that do not show it
	Unrecorded []*Unrecorded `yaml:"unrecorded"` // headers that a recorder has not kept

	Features []*FeatureRule `yaml:"features"` // features that a bare recording shows

	Standing []*Standing `yaml:"standing"` // objects of the recorded workspace that requests name

	State []*StateRule `yaml:"state"` // what cases change on a real service, and how it is restored

	// a regular expression on POSTs that change existing objects and create none
	Changes string `yaml:"changes"`

	Counting []string `yaml:"counting"` // the things whose numbers count up by one
	// headers that requests for standing objects need beside the credential
	Caller map[string]string `yaml:"caller"`

	changes *regexp.Regexp
}

// FeatureRule recognises a feature of the recorded server by its answers.
type FeatureRule struct {
	Feature string `yaml:"feature"`
	Answer  string `yaml:"answer"` // a regular expression on a body; its match was in no request
	Sends   bool   `yaml:"sends"`  // deliveries show it as well
	Why     string `yaml:"why"`

	answer *regexp.Regexp
}

// featuresOf returns the features that a recording shows.
func (r *rules) featuresOf(all []*compare.Interaction) map[string]bool {
	on := map[string]bool{}
	for _, rule := range r.Features {
		for _, i := range all {
			on[rule.Feature] = on[rule.Feature] || rule.Sends && len(i.Deliveries) > 0
			for _, shown := range rule.answer.FindAllString(i.Result, -1) {
				sent := slices.ContainsFunc(all,
					func(i *compare.Interaction) bool { return strings.Contains(i.Body, shown) })
				on[rule.Feature] = on[rule.Feature] || !sent
			}
		}
	}
	return on
}

// loadRules reads rules.yaml of a folder, which may be missing.
func loadRules(fsys fs.FS, file string) (*rules, error) {
	r := &rules{}
	data, err := fs.ReadFile(fsys, file)
	if err == nil {
		err = decodeStrict(data, r)
		if err == nil {
			err = r.compile()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
	}
	return r, nil
}

// compile compiles the rules of replays, then those of comparisons.
func (r *rules) compile() (err error) {
	var standing []*Standing
	for _, s := range r.Standing {
		for _, one := range s.each() { // an entry may name several objects
			if err := one.check(); err != nil {
				return err
			}
			standing = append(standing, one)
		}
	}
	r.Standing = standing
	for _, s := range r.State {
		if err := s.compile(); err != nil {
			return err
		}
	}
	for _, u := range r.Unrecorded {
		if err := u.check(); err != nil {
			return err
		}
	}
	for _, f := range r.Features {
		if err := f.compile(); err != nil {
			return err
		}
	}
	if r.Changes != "" {
		if r.changes, err = regexp.Compile(r.Changes); err != nil {
			return err
		}
	}
	return r.Rules.Compile()
}

func (f *FeatureRule) compile() (err error) {
	if f.answer, err = regexp.Compile(f.Answer); err != nil || f.Feature == "" || f.Answer == "" || f.Why == "" {
		return fmt.Errorf("feature %q: feature, answer and why are needed: %v", f.Feature, err)
	}
	return nil
}

// rulesOf returns the rules about an interaction of the case.
func (c *Case) rulesOf(i *compare.Interaction) *compare.AppliedRules {
	if i.Ruled != nil {
		return i.Ruled
	}
	return c.rules.Apply(i)
}
