package compare

import "github.com/afba07b5/mockserver/contracts/scan"

// cache keeps what is known of the texts of one replay, which are compared again and again: each trial of a pairing
// compares them, and so does each mutation of a recording.
type cache struct {
	recorded map[memoText]recordedText
	tokens   map[memoPlace]memoToken
}

// memoText is a recorded text. Inside cursors other tokens count.
type memoText struct {
	text     string
	inCursor bool
}

// recordedText is a recorded text with the target's origins, and its tokens.
type recordedText struct {
	text   string
	tokens []scan.Token
}

// memoPlace is a place in a text.
type memoPlace struct {
	text string
	at   int
}

type memoToken struct {
	scan.Token
	ok bool
}

// memoSize is how many texts a memo keeps before it starts again.
const memoSize = 1 << 14

// recordedText returns a recorded text for the target.
func (c *Comparison) recordedText(rec string) recordedText {
	m, key := &c.Binding.cache, memoText{rec, c.inCursor}
	if known, ok := m.recorded[key]; ok {
		return known
	}
	if m.recorded == nil || len(m.recorded) >= memoSize {
		m.recorded = map[memoText]recordedText{}
	}
	now := recordedText{text: c.onTarget(rec)}
	now.tokens = c.tokens(now.text)
	for i := range now.tokens {
		now.tokens[i] = now.tokens[i].Resolved()
	}
	m.recorded[key] = now
	return now
}

// tokenAt is tokenAt, once for each place of a text.
func (m *cache) tokenAt(text string, at int) (scan.Token, bool) {
	key := memoPlace{text, at}
	if known, found := m.tokens[key]; found {
		return known.Token, known.ok
	}
	if m.tokens == nil || len(m.tokens) >= memoSize {
		m.tokens = map[memoPlace]memoToken{}
	}
	t, ok := scan.At(text, at)
	if ok {
		t = t.Resolved()
	}
	m.tokens[key] = memoToken{t, ok}
	return t, ok
}
