package compare

import (
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"net/textproto"
	"regexp"
	"slices"
	"strings"
)

// AnswerRule says which headers some answers have, each of them, whether a recording has kept them or not and whether a
// hand-written case lists them or not.
type AnswerRule struct {
	About   string            `yaml:"about"`
	Request string            `yaml:"request"` // a regular expression on "METHOD /path?query body"; "" for all
	Unless  string            `yaml:"unless"`  // of those the requests to leave out
	Type    string            `yaml:"type"`    // what the Content-Type of the recorded answer has in it
	Body    string            `yaml:"body"`    // a regular expression on the recorded body
	Headers map[string]string `yaml:"headers"` // by name, a regular expression on the value, or {weak tag}
	Why     string            `yaml:"why"`

	request, unless, body *regexp.Regexp
	values                map[string]*regexp.Regexp // nil for the tag of the body
}

// WeakTagRule in a rule is the entity tag that WeakTag gives the body.
const WeakTagRule = "{weak tag}"

// WeakTag returns the entity tag that Express gives a body: weak, of its length and its SHA-1.
func WeakTag(body string) string {
	sum := sha1.Sum([]byte(body))
	return fmt.Sprintf(`W/"%x-%s"`, len(body), base64.StdEncoding.EncodeToString(sum[:])[:27])
}

func (a *AnswerRule) compile() (err error) {
	if a.About == "" || a.Why == "" || len(a.Headers) == 0 {
		return errors.New("answers: about, headers and why are needed")
	}
	for _, p := range []struct {
		text string
		into **regexp.Regexp
	}{{a.Request, &a.request}, {a.Unless, &a.unless}, {a.Body, &a.body}} {
		if p.text == "" {
			continue
		}
		if *p.into, err = regexp.Compile(p.text); err != nil {
			return err
		}
	}
	a.values = map[string]*regexp.Regexp{}
	for name, value := range a.Headers {
		name = textproto.CanonicalMIMEHeaderKey(name)
		if a.values[name] = nil; value == WeakTagRule {
			continue
		}
		if a.values[name], err = regexp.Compile(value); err != nil {
			return err
		}
	}
	return nil
}

// Covers reports whether the rule is about the answer to an interaction.
func (a *AnswerRule) Covers(i *Interaction, request string) bool {
	switch {
	case a.Type != "" && !strings.Contains(strings.Join(ValuesOf(i.Answer, "Content-Type"), " "), a.Type),
		a.body != nil && !a.body.MatchString(i.Result):
		return false
	case a.request == nil && a.unless == nil:
		return true
	}
	return (a.request == nil || a.request.MatchString(request)) && (a.unless == nil || !a.unless.MatchString(request))
}

// compareAlways compares the headers that the rules promise of the answer, on both sides. What a
// recording lacks and its recorder may not have kept is no evidence, and a real service may stand
// behind a proxy that takes headers away: it is held to the headers that it sends.
func (c *Comparison) compareAlways(i *Interaction, got *Answer) {
	for _, rule := range c.always {
		for _, name := range slices.Sorted(maps.Keys(rule.values)) {
			rec, now := ValuesOf(i.Answer, name), ValuesOf(got.Header, name)
			if c.HandWritten && i.Only[name] || c.Unlimited && CountsRequests(name) && len(now) == 0 {
				continue
			}
			if !c.HandWritten && len(rec) > 0 && !c.Rules.altered(i.Result) && !rule.fits(name, rec, i.Result) {
				c.Differ("header "+name, strings.Join(rec, " | "), strings.Join(now, " | "),
					"the recorded header is not what the rule says: "+rule.About)
			}
			if !rule.fits(name, now, got.Body) && !(len(now) == 0 && c.Binding.Live) {
				c.Differ("header "+name, rule.Headers[name], strings.Join(now, " | "), "the rule says: "+rule.About)
			}
		}
	}
}

// fits reports whether a header is there once, as the rule says for the body.
func (a *AnswerRule) fits(name string, values []string, body string) bool {
	if len(values) != 1 {
		return false
	}
	if pattern := a.values[name]; pattern != nil {
		return pattern.MatchString(values[0])
	}
	return values[0] == WeakTag(body)
}

// altered reports whether the recorder has put something else into a body.
func (r *Rules) altered(body string) bool { return len(r.RedactedAt(body))+len(r.StandInsIn(body)) > 0 }
