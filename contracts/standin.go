package contracts

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// StandIn is a word that a recorder wrote in place of a secret. The same word is always the same
// secret, so a replay binds it to the value that the target issues and sends that in later
// requests.
type StandIn struct {
	Text string `yaml:"text"` // a regular expression on the word
	JWT  bool   `yaml:"jwt"`  // the target issues a JWT
	Path string `yaml:"path"` // where the secret is issued, if a redaction replaces the word there

	text *regexp.Regexp
	path *pathGlob
}

func (s *StandIn) compile() (err error) {
	if s.Text == "" {
		return errors.New("stand-in: text is needed")
	}
	if s.text, err = regexp.Compile(s.Text); err == nil && s.Path != "" {
		s.path, err = globPath(s.Path)
	}
	return err
}

// standIns returns the stand-ins in a text.
func (r *Rules) standIns(s string) (found []token) {
	for _, rule := range r.StandIns {
		if prefix, _ := rule.text.LiteralPrefix(); !strings.Contains(s, prefix) {
			continue
		}
		for _, m := range rule.text.FindAllStringIndex(s, -1) {
			if wholeWord(s, m[0], m[1]) {
				found = append(found, token{shape: standInShape, start: m[0], end: m[1], plain: s[m[0]:m[1]]})
			}
		}
	}
	return found
}

// wholeWord reports whether no letter, digit or dash continues s[start:end].
func wholeWord(s string, start, end int) bool {
	inWord := func(c byte) bool { return isWord(c) || c == '-' }
	return (start == 0 || !inWord(s[start-1]) || escaped(s, start)) && (end == len(s) || !inWord(s[end]))
}

func (r *Rules) standInOf(word string) *StandIn {
	for _, rule := range r.StandIns {
		if rule.text.FindString(word) == word {
			return rule
		}
	}
	return nil
}

// matchStandIn compares a stand-in with the text at pos: the secret bound to it, or a new one.
func (c *comparison) matchStandIn(rec token, got string, pos int) (n int, why string) {
	if known, ok := c.binding.to[rec.key()]; ok {
		if !strings.HasPrefix(got[pos:], known) {
			return 0, fmt.Sprintf("%s stands for %s since an earlier answer", known, rec.plain)
		}
		return len(known), ""
	}
	end := pos
	for end < len(got) && (isWord(got[end]) || strings.IndexByte("-._~+/=", got[end]) >= 0) {
		end++
	}
	if end == pos {
		return 0, "expected a token in place of " + rec.plain
	}
	if t, ok := tokenAt(got, pos); c.rules.standInOf(rec.plain).JWT && (!ok || t.shape != jwtShape || t.end != end) {
		return 0, "expected a JWT in place of " + rec.plain
	}
	return end - pos, c.binding.bind(rec, token{shape: standInShape, start: pos, end: end, plain: got[pos:end]}, c.at)
}

// bindIssued binds the stand-ins whose secret is issued at path, where the recording has a
// redaction.
func (c *comparison) bindIssued(rec, got, path string) {
	for _, rule := range c.rules.StandIns {
		if rule.path == nil || !rule.path.MatchString(path) || !c.rules.redacted(rec) {
			continue
		}
		key := token{shape: standInShape, plain: rule.Text}.key()
		if c.binding.to[key] != "" {
			continue
		}
		c.binding.to[key] = got
		c.binding.log = append(c.binding.log, func() { delete(c.binding.to, key) })
	}
}

// redactedAt returns the redactions in a text, the longest word first if several begin alike.
func (r *Rules) redactedAt(s string) (found []token) {
	for _, red := range r.Redactions {
		for from := 0; ; {
			i := strings.Index(s[from:], red.Text)
			if i < 0 {
				break
			}
			i += from
			from = i + len(red.Text)
			if red.Spans == "text" || wholeWord(s, i, from) {
				found = append(found, token{shape: redactShape, start: i + len(red.Keeps), end: from, plain: red.Spans})
			}
		}
	}
	return found
}

// redacted reports whether a text is exactly one redaction.
func (r *Rules) redacted(s string) bool {
	for _, t := range r.redactedAt(s) {
		if t.start == 0 && t.end == len(s) {
			return true
		}
	}
	return false
}

// urlOf returns the URL, without its origin, before a redaction at i, or "". It identifies a signed
// URL: a request to one sends the signature that the target gave for the same URL.
func (c *comparison) urlOf(s string, i int) string {
	from := strings.LastIndexAny(s[:i], " \t\n\"'<>\\") + 1
	for _, origin := range []string{c.origin, c.base} {
		if rest, ok := strings.CutPrefix(s[from:i], origin); ok && origin != "" {
			return "redacted " + rest
		}
	}
	return ""
}

// keepSignature stores the target's text for a redaction inside a URL. The latest counts.
func (c *comparison) keepSignature(rec string, at int, got string) {
	key := c.urlOf(rec, at)
	if key == "" {
		return
	}
	before, known := c.binding.to[key]
	c.binding.to[key] = got
	c.binding.log = append(c.binding.log, func() {
		if delete(c.binding.to, key); known {
			c.binding.to[key] = before
		}
	})
}
