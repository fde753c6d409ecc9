package compare

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// Lifetime says that a time in answers is a fixed span after a request, like the expiry of a token.
type Lifetime struct {
	About   string `yaml:"about"`
	Request string `yaml:"request"` // a regular expression on "METHOD /path?query body"
	Path    string `yaml:"path"`    // of the time; * is any key, [*] any index, ** anything
	Span    string `yaml:"span"`    // like 15m or 720h

	request *regexp.Regexp
	path    *pathGlob
	span    time.Duration
}

func (l *Lifetime) compile() (err error) {
	if l.About == "" || l.Path == "" {
		return errors.New("lifetime: about, path and span are needed")
	}
	if l.span, err = time.ParseDuration(l.Span); err != nil {
		return fmt.Errorf("lifetime %s: %w", l.Path, err)
	}
	if l.request, err = regexp.Compile(l.Request); err == nil {
		l.path, err = globPath(l.Path)
	}
	return err
}

func (r *Rules) lifetimesOf(request string) (found []*Lifetime) {
	for _, l := range r.Lifetimes {
		if l.request.MatchString(request) {
			found = append(found, l)
		}
	}
	return found
}

// clockSlack is the maximum difference between the target's clock and its answers.
const clockSlack = 2 * time.Second

// compareLifetime compares a time that is a fixed span after its request. It returns false if no
// rule applies, or if a client named the recorded time.
func (c *Comparison) compareLifetime(rec, got *jsontree.Node, path string) bool {
	rule := LifetimeAt(c.lifetimes, path)
	if rule == nil {
		return false
	}
	r, ok := c.wholeTime(rec)
	if !ok || c.Binding.Literals[r.Key()] {
		return false
	}
	ms, _ := r.Instant()
	if made := utc(ms - rule.span.Milliseconds()); made.Format(time.DateOnly) != c.Binding.Day {
		return false
	}
	if why := c.matchLifetime(rule, r, got); why != "" {
		c.unlike(path, rec, got, why)
	}
	return true
}

// LifetimeAt returns the rule about the time at a path, or nil.
func LifetimeAt(all []*Lifetime, path string) *Lifetime {
	for _, l := range all {
		if l.path.MatchString(path) {
			return l
		}
	}
	return nil
}

func spanAt(all []*Lifetime, path string) time.Duration {
	if l := LifetimeAt(all, path); l != nil {
		return l.span
	}
	return 0
}

func (c *Comparison) matchLifetime(rule *Lifetime, rec scan.Token, got *jsontree.Node) string {
	g, ok := c.wholeTime(got)
	if !ok {
		return "expected a time " + rule.Span + " after the request"
	}
	if why := scan.SameForm(rec, g); why != "" {
		return why
	}
	now, err := c.Now()
	if err != nil {
		return err.Error()
	}
	ms, _ := g.Instant()
	made := utc(ms).Add(-rule.span)
	if made.Before(c.Binding.Now.Add(-clockSlack)) || made.After(now.Add(clockSlack)) {
		return fmt.Sprintf("expected a time %s after a request of this replay; it is now %s", rule.Span,
			now.UTC().Format(time.RFC3339))
	}
	return c.Binding.bindInstant(c.Binding.timesAfter(rule.span), rec, g, c.At)
}

// timesAfter returns the times that are a span after their request. They are ordered independently
// of other times.
func (b *Binding) timesAfter(span time.Duration) *times {
	if b.expiries == nil {
		b.expiries = map[time.Duration]*times{}
	}
	if b.expiries[span] == nil {
		b.expiries[span] = &times{}
	}
	return b.expiries[span]
}

// findTime returns the target's instant for a recorded one.
func (b *Binding) findTime(rec int64) (timePair, bool) {
	if p, ok := b.times.find(rec); ok {
		return p, true
	}
	for _, all := range b.expiries {
		if p, ok := all.find(rec); ok {
			return p, true
		}
	}
	return timePair{}, false
}
