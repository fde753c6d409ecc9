package audit

import (
	"fmt"
	"strings"

	"github.com/afba07b5/mockserver/fake/nearest"
)

// Silence suppresses the findings of a rule. It needs a reason, which reports repeat.
type Silence struct {
	Rule   string `json:"rule"`
	Reason string `json:"reason"`
}

// ParseSilences parses silences as flags and queries write them: rule=reason.
func ParseSilences(texts []string) (all []Silence, err error) {
	for _, text := range texts {
		rule, reason, _ := strings.Cut(text, "=")
		all = append(all, Silence{strings.TrimSpace(rule), strings.TrimSpace(reason)})
	}
	return all, Options{Silences: all}.check(Rules())
}

// check returns an error for a rule that does not exist and for a silence without a reason.
func (o Options) check(rules []Rule) error {
	names := make([]string, len(rules))
	for i, rule := range rules {
		names[i] = rule.Name
	}
	known := func(name string) error {
		for _, one := range names {
			if one == name {
				return nil
			}
		}
		return fmt.Errorf("no rule %q%s; rules: %s", name, nearest.Hint(name, names), strings.Join(names, ", "))
	}
	for _, s := range o.Silences {
		if err := known(s.Rule); err != nil {
			return err
		}
		if strings.TrimSpace(s.Reason) == "" {
			return fmt.Errorf("the silence of %s needs a reason: %s=why", s.Rule, s.Rule)
		}
	}
	if o.Rule != "" {
		return known(o.Rule)
	}
	return nil
}
