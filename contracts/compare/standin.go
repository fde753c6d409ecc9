package compare

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/afba07b5/mockserver/contracts/scan"
)

// StandIn is a word that a recorder wrote in place of a secret. The same word is always the same
// secret, so a replay binds it to the value that the target issues and sends that in later
// requests.
type StandIn struct {
	Text string `yaml:"text"` // a regular expression on the word
	JWT  bool   `yaml:"jwt"`  // the target issues a JWT
	Path string `yaml:"path"` // where the secret is issued, if a redaction replaces the word there

	text *regexp.Regexp
	Glob *pathGlob
}

func (s *StandIn) compile() (err error) {
	if s.Text == "" {
		return errors.New("stand-in: text is needed")
	}
	if s.text, err = regexp.Compile(s.Text); err == nil && s.Path != "" {
		s.Glob, err = globPath(s.Path)
	}
	return err
}

// StandInsIn returns the stand-ins in a text.
func (r *Rules) StandInsIn(s string) (found []scan.Token) {
	for _, rule := range r.StandIns {
		if prefix, _ := rule.text.LiteralPrefix(); !strings.Contains(s, prefix) {
			continue
		}
		for _, m := range rule.text.FindAllStringIndex(s, -1) {
			if wholeWord(s, m[0], m[1]) {
				found = append(found, scan.Token{Shape: scan.StandIn, Start: m[0], End: m[1], Plain: s[m[0]:m[1]]})
			}
		}
	}
	return found
}

// wholeWord reports whether no letter, digit or dash continues s[start:end].
func wholeWord(s string, start, end int) bool {
	inWord := func(c byte) bool { return scan.IsWord(c) || c == '-' }
	return (start == 0 || !inWord(s[start-1]) || scan.Escaped(s, start)) && (end == len(s) || !inWord(s[end]))
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
func (c *Comparison) matchStandIn(rec scan.Token, got string, pos int) (n int, why string) {
	if known, ok := c.Binding.To[rec.Key()]; ok {
		if !strings.HasPrefix(got[pos:], known) {
			return 0, fmt.Sprintf("%s stands for %s since an earlier answer", known, rec.Plain)
		}
		return len(known), ""
	}
	end := pos
	for end < len(got) && (scan.IsWord(got[end]) || strings.IndexByte("-._~+/=", got[end]) >= 0) {
		end++
	}
	if end == pos {
		return 0, "expected a token in place of " + rec.Plain
	}
	if t, ok := scan.At(got, pos); c.Rules.standInOf(rec.Plain).JWT && (!ok || t.Shape != scan.JWT || t.End != end) {
		return 0, "expected a JWT in place of " + rec.Plain
	}
	issued := scan.Token{Shape: scan.StandIn, Start: pos, End: end, Plain: got[pos:end]}
	return end - pos, c.Binding.bind(rec, issued, c.At)
}

// bindIssued binds the stand-ins whose secret is issued at path, where the recording has a
// redaction.
func (c *Comparison) bindIssued(rec, got, path string) {
	for _, rule := range c.Rules.StandIns {
		if rule.Glob == nil || !rule.Glob.MatchString(path) || !c.Rules.Redacted(rec) {
			continue
		}
		key := scan.Token{Shape: scan.StandIn, Plain: rule.Text}.Key()
		if c.Binding.To[key] != "" {
			continue
		}
		c.Binding.To[key] = got
		c.Binding.log = append(c.Binding.log, func() { delete(c.Binding.To, key) })
	}
}

// RedactedAt returns the redactions in a text, the longest word first if several begin alike.
func (r *Rules) RedactedAt(s string) (found []scan.Token) {
	for _, red := range r.Redactions {
		for from := 0; ; {
			i := strings.Index(s[from:], red.Text)
			if i < 0 {
				break
			}
			i += from
			from = i + len(red.Text)
			if red.Spans == "text" || wholeWord(s, i, from) {
				found = append(found,
					scan.Token{Shape: scan.Redaction, Start: i + len(red.Keeps), End: from, Plain: red.Spans})
			}
		}
	}
	return found
}

// Redacted reports whether a text is exactly one redaction.
func (r *Rules) Redacted(s string) bool {
	for _, t := range r.RedactedAt(s) {
		if t.Start == 0 && t.End == len(s) {
			return true
		}
	}
	return false
}

// urlOf returns the URL, without its origin, before a redaction at i, or "". It identifies a signed
// URL: a request to one sends the signature that the target gave for the same URL.
func (c *Comparison) urlOf(s string, i int) string {
	from := strings.LastIndexAny(s[:i], " \t\n\"'<>\\") + 1
	for _, origin := range []string{c.Origin, c.Base} {
		if rest, ok := strings.CutPrefix(s[from:i], origin); ok && origin != "" {
			return "redacted " + rest
		}
	}
	return ""
}

// keepSignature stores the target's text for a redaction inside a URL. The latest counts.
func (c *Comparison) keepSignature(rec string, at int, got string) {
	key := c.urlOf(rec, at)
	if key == "" {
		return
	}
	before, known := c.Binding.To[key]
	c.Binding.To[key] = got
	c.Binding.log = append(c.Binding.log, func() {
		if delete(c.Binding.To, key); known {
			c.Binding.To[key] = before
		}
	})
}
