package compare

import (
	"fmt"
	"strings"

	"github.com/afba07b5/mockserver/contracts/scan"
)

// part is a part of a recorded text: literal, or a token that is matched by its shape.
type part struct {
	literal     string
	token       *scan.Token
	placeholder *placeholder // of a token with holeShape
	of          *identifier  // of a token with numberShape
}

// parts appends the parts of a recorded text. Values that were not generated are literal; match decodes cursors.
func (c *Comparison) parts(found []part, rec recordedText) []part {
	from := 0
	for i := range rec.tokens {
		if t := &rec.tokens[i]; t.Shape >= scan.Cursor || c.Binding.IsGenerated(*t) {
			found = append(found, part{literal: rec.text[from:t.Start]}, part{token: t})
			from = t.End
		}
	}
	return append(found, part{literal: rec.text[from:]})
}

// onTarget replaces the recorded origin by the target's.
func (c *Comparison) onTarget(rec string) string {
	for _, origin := range [][2]string{{c.Origin, c.Base}, {c.RecordedReceiver, c.Receiver}} {
		if origin[0] != "" {
			rec = strings.ReplaceAll(rec, origin[0], origin[1])
		}
	}
	return rec
}

// pieces returns the tokens of scan and the generated values that the case lists.
func (c *Comparison) pieces(rec string) []scan.Token {
	found := scan.Tokens(rec)
	for _, value := range c.Generated {
		for from := 0; ; {
			i := strings.Index(rec[from:], value)
			if i < 0 {
				break
			}
			from += i + len(value)
			t := scan.Token{Shape: scan.Listed, Start: from - len(value), End: from, Plain: value}
			if _, whole := scan.Ended(rec, t); whole && scan.Begins(rec, t.Start) {
				found = InsertToken(found, t)
			}
		}
	}
	for _, t := range c.Rules.StandInsIn(rec) {
		found = InsertToken(found, t)
	}
	return found
}

// tokens returns the pieces and what the recorder has redacted.
func (c *Comparison) tokens(rec string) []scan.Token {
	found := c.pieces(rec)
	for _, t := range c.Rules.RedactedAt(rec) {
		found = InsertToken(found, t)
	}
	if c.inCursor {
		for _, t := range c.Rules.Floats(rec) {
			found = InsertToken(found, t)
		}
	}
	return found
}

// InsertToken inserts t among tokens in the order of the text and removes those that it covers.
func InsertToken(found []scan.Token, t scan.Token) []scan.Token {
	var out []scan.Token
	placed := false
	for _, f := range found {
		if !placed && f.Start >= t.Start {
			out, placed = append(out, t), true
		}
		if f.End <= t.Start || f.Start >= t.End {
			out = append(out, f)
		}
	}
	if !placed {
		out = append(out, t)
	}
	return out
}

// Match compares a recorded text with the target's. It binds generated values, and reverts the
// bindings if the texts differ.
func (c *Comparison) Match(rec, got string) (why string) {
	if c.HandWritten {
		rec = c.onTarget(rec)
		return c.matchParts(rec, c.withIDs(placeholdersIn(rec)), got)
	}
	text := c.recordedText(rec)
	if len(text.tokens) > 0 {
		var few [5]part // on the stack: of a text that is one value, or has two
		why = c.matchParts(text.text, c.parts(few[:0], text), got)
	} else if text.text != got {
		why = unequal
	}
	if why == unequal && c.Binding.samePeriod(text.text, got) {
		return ""
	}
	return why
}

// matchParts does the same with the parts of a recorded text.
func (c *Comparison) matchParts(rec string, parts []part, got string) (why string) {
	mark := c.Binding.Mark()
	defer func() {
		if why != "" {
			c.Binding.Undo(mark)
		}
	}()
	pos := 0
	for i, p := range parts {
		if p.token == nil {
			if !strings.HasPrefix(got[pos:], p.literal) {
				return unequal
			}
			pos += len(p.literal)
			continue
		}
		n, why := c.matchToken(p, got, pos, following(parts[i+1:]))
		if why != "" {
			return why
		}
		if p.token.Shape == scan.Redaction {
			c.keepSignature(rec, p.token.Start, got[pos:pos+n])
		}
		pos += n
	}
	if pos != len(got) {
		return unequal
	}
	return ""
}

// unequal is the reason for two different texts without a more specific one.
const unequal = "differs"

func following(rest []part) string {
	if len(rest) > 0 {
		return rest[0].literal
	}
	return ""
}

// matchToken compares a recorded token with the target's text at pos and returns the length of the
// match.
func (c *Comparison) matchToken(p part, got string, pos int, next string) (n int, why string) {
	switch p.token.Shape {
	case scan.Redaction:
		return redacted(p.token.Plain, got[pos:], next)
	case scan.Placeholder:
		return c.fill(p.placeholder, got[pos:], next)
	case scan.Float32:
		return sameFloat(p.token.Plain, got[pos:])
	case scan.Listed:
		return c.matchListed(*p.token, got, pos)
	case scan.Number:
		return c.matchNumber(p, got[pos:])
	case scan.StandIn:
		return c.matchStandIn(*p.token, got, pos)
	}
	t, ok := c.Binding.cache.tokenAt(got, pos)
	if !ok || t.Shape != p.token.Shape || !scan.Begins(got, pos) {
		return 0, fmt.Sprintf("expected %s here", p.token.Shape)
	}
	if t.Shape == scan.Cursor {
		return t.End - pos, c.matchCursor(*p.token, t)
	}
	if t.Shape == scan.JWT {
		if why := c.matchJWT(p.token.Plain, t.Plain); why != "" {
			return 0, why
		}
	}
	return t.End - pos, c.Binding.bind(*p.token, t, c.At)
}

// matchListed compares a generated value that the case lists with one of the same length and
// alphabet. A counter may have another length.
func (c *Comparison) matchListed(rec scan.Token, got string, pos int) (n int, why string) {
	end := pos + len(rec.Plain)
	if IsRowNumber(rec.Plain) {
		end = pos + len(got[pos:]) - len(strings.TrimLeft(got[pos:], "0123456789"))
		if !IsRowNumber(got[pos:end]) {
			return 0, "expected a number here"
		}
	}
	if end > len(got) {
		return 0, unequal
	}
	t, whole := scan.Ended(got, scan.Token{Shape: scan.Listed, Start: pos, End: end, Plain: got[pos:end]})
	if !whole || charactersOf(t.Plain) != charactersOf(rec.Plain) {
		return 0, fmt.Sprintf("expected %d characters like those of %s", len(rec.Plain), rec.Plain)
	}
	return end - pos, c.Binding.bind(rec, t, c.At)
}

// IsRowNumber reports whether a value is a row number, without leading zeros.
func IsRowNumber(s string) bool {
	return s != "" && len(s) < 12 && strings.Trim(s, "0123456789") == "" && s[0] != '0'
}

// charactersOf returns the narrowest of a few alphabets that contains a value. A long value may
// lack letters by chance.
func charactersOf(s string) string {
	for _, alphabet := range []string{"0123456789", "0123456789abcdef", "0123456789ABCDEF"} {
		if strings.Trim(s, alphabet) == "" && (len(s) < 12 || len(alphabet) > 10) {
			return alphabet
		}
	}
	if strings.ContainsFunc(s,
		func(r rune) bool { return r > '~' || !scan.IsWord(byte(r)) && !strings.ContainsRune("-_.~+/=", r) }) {
		return "any"
	}
	return "of tokens"
}

// redacted matches what the recorder has removed: any non-empty text, up to what follows it.
func redacted(spans, got, next string) (int, string) {
	n := len(got)
	if next != "" {
		n = strings.Index(got, next)
	}
	if spans == "word" {
		if i := strings.IndexAny(got, " \t\n&\"'"); i >= 0 {
			n = min(n, i)
		}
	}
	if n <= 0 {
		return 0, "expected some text in place of what the recorder took out"
	}
	return n, ""
}

// Substitute rewrites a recorded text that is sent again: generated values become the target's. New
// values, literals and all other text stay unchanged.
func (c *Comparison) Substitute(rec string) string {
	var b strings.Builder
	from := 0
	pieces := c.pieces(rec)
	for _, t := range c.Rules.RedactedAt(rec) {
		if now := c.Binding.To[c.urlOf(rec, t.Start)]; now != "" {
			t.Plain = now
			pieces = InsertToken(pieces, t)
		}
	}
	for _, t := range pieces {
		if t.Shape == scan.Redaction {
			b.WriteString(rec[from:t.Start] + t.Plain)
			from = t.End
			continue
		}
		now := c.replacement(t)
		if now == t.Plain {
			continue
		}
		b.WriteString(rec[from:t.Start])
		b.WriteString(LikeSpelled(rec[t.Start:t.End], t.Plain, now))
		from = t.End
	}
	b.WriteString(rec[from:])
	return b.String()
}

func (c *Comparison) replacement(t scan.Token) string {
	switch {
	case t.Shape == scan.Cursor:
		plain, in, _ := scan.DecodeCursor(t.Plain)
		if now := c.Substitute(plain); now != plain {
			return in.EncodeToString([]byte(now))
		}
	case t.Shape == scan.Time:
		ms, ok := t.Instant()
		if pair, known := c.Binding.findTime(ms); ok && known {
			return Respell(t.Plain, pair.rec, pair.got)
		}
	default:
		if now := c.Binding.To[t.Key()]; now != "" {
			if t.Shape == scan.UUID && scan.LettersOf(t.Plain) == 2 {
				return strings.ToUpper(now)
			}
			return now
		}
	}
	return t.Plain
}
