package contracts

import (
	"errors"
	"fmt"
	"net/textproto"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// Unrecorded names headers that a vendor's recorder did not keep. The absence of one in a recording
// is no evidence. If any answer of the conversation has it, the recorder kept it, and it is
// compared throughout, unless Partly is set.
type Unrecorded struct {
	Headers []string `yaml:"headers"`
	Before  string   `yaml:"before"` // only in conversations recorded before this day; "" for all
	Partly  bool     `yaml:"partly"` // some answers of a conversation lack it although others have it
	Why     string   `yaml:"why"`
}

func (u *Unrecorded) check() error {
	if len(u.Headers) == 0 || u.Why == "" {
		return errors.New("unrecorded: headers and why are needed")
	}
	if _, err := time.Parse(time.DateOnly, u.Before); u.Before != "" && err != nil {
		return fmt.Errorf("unrecorded: before %q: expected a day like 2026-11-21", u.Before)
	}
	return nil
}

// dropped returns the headers whose absence in the recorded answers is no evidence.
func (c *Case) dropped() map[string]bool {
	names := map[string]bool{}
	add := func(headers []string, partly bool) {
		for _, name := range headers {
			if name = textproto.CanonicalMIMEHeaderKey(name); partly || !c.keeps(name) {
				names[name] = true
			}
		}
	}
	for _, u := range c.rules.Unrecorded {
		if c.recorded() && (u.Before == "" || c.Info.Date < u.Before) {
			add(u.Headers, u.Partly)
		}
	}
	add(c.Info.Unrecorded, false)
	return names
}

// keeps reports whether a recorded answer has the header.
func (c *Case) keeps(name string) bool {
	return slices.ContainsFunc(c.interactions,
		func(i *compare.Interaction) bool { return len(compare.ValuesOf(i.Answer, name)) > 0 })
}
