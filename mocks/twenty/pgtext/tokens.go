package pgtext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The words of a text as PostgreSQL's default text search parser splits it: a state machine whose
// states are lists of rules, tried in order. A rule that tries (tryRule) saves its position, so
// that parsing can backtrack to the rule after it. Evidence: the search vectors of all recordings;
// compared with PostgreSQL 15.

type token int

const (
	noToken token = iota
	blank         // blanks, tags, entities and protocols: not indexed
	asciiWord
	word
	numWord
	emailToken
	urlToken
	hostToken
	urlPath
	filePath
	numberToken
	hyphenated
	hyphenPart
)

// indexed reports whether the configuration 'simple' keeps tokens of that kind.
func (t token) indexed() bool { return t > blank }

type state int

type flag int

const (
	goOn   flag = 0         // to the next character
	try    flag = 1 << iota // remember this place
	back                    // to the last remembered place
	commit                  // forget the last remembered place
	found                   // the token ends before this character
	stay                    // look at the same character again
	rewind                  // having found it, read the token's characters again
	toHost                  // having found a URL, read it again as host and path
)

type rule struct {
	match func(*parser) bool
	do    flag
	to    state
	kind  token
}

type place struct {
	pos   int
	width int
	state state
	rule  int // the rule to go on with, after a way back
}

type parser struct {
	rules    *ruleTable
	text     string
	start    int // of the token
	at       place
	stack    []place
	wantHost bool
	kind     token
	end      int
}

// next finds the next token; ok is false at the end of the text.
func (p *parser) next() (kind token, text string, ok bool) {
	if p.at.pos >= len(p.text) {
		return noToken, "", false
	}
	p.start, p.stack, p.kind = p.at.pos, p.stack[:0], noToken
	p.at.rule = 0
	for p.kind == noToken {
		if !p.step() {
			return noToken, "", false
		}
	}
	return p.kind, p.text[p.start:p.end], true
}

func (p *parser) step() bool {
	_, p.at.width = utf8.DecodeRuneInString(p.text[p.at.pos:])
	rules := p.rules[p.at.state]
	i := p.at.rule
	for i < len(rules) && rules[i].match != nil && !rules[i].match(p) {
		i++
	}
	if i >= len(rules) {
		return p.goBack()
	}
	r := rules[i]
	switch {
	case r.do&back != 0:
		return p.goBack()
	case r.do&try != 0:
		from := p.at
		from.rule = i + 1
		p.stack = append(p.stack, from)
	case r.do&commit != 0:
		if n := len(p.stack); n > 0 {
			p.stack = p.stack[:n-1]
		}
	}
	if r.do&found != 0 {
		p.finish(r)
		return true
	}
	p.at.state, p.at.rule = r.to, 0
	if r.do&stay == 0 {
		if p.at.pos >= len(p.text) {
			return false
		}
		p.at.pos += p.at.width
	}
	return true
}

func (p *parser) goBack() bool {
	n := len(p.stack)
	if n == 0 {
		return false
	}
	p.at, p.stack = p.stack[n-1], p.stack[:n-1]
	return true
}

func (p *parser) finish(r rule) {
	p.kind, p.end = r.kind, p.at.pos
	p.at.state, p.at.rule = r.to, 0
	if r.do&(rewind|toHost) != 0 {
		p.at.pos = p.start
	}
	if r.do&toHost != 0 {
		p.wantHost = true
	}
}

// rune returns the character at the place, -1 at the end.
func (p *parser) rune() rune {
	if p.at.pos >= len(p.text) {
		return -1
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.at.pos:])
	return r
}

func is(set string) func(*parser) bool {
	return func(p *parser) bool {
		return strings.ContainsRune(set, p.rune())
	}
}

func atEnd(p *parser) bool { return p.at.pos >= len(p.text) }
func digit(p *parser) bool { r := p.rune(); return r >= '0' && r <= '9' }
func asciiLetter(p *parser) bool {
	r := p.rune() | 0x20
	return r >= 'a' && r <= 'z'
}
func letter(p *parser) bool {
	if r := p.rune(); r >= 128 {
		return unicode.In(r, unicode.L, unicode.Nd, unicode.Nl, unicode.Mc) || r >= 'Ⓐ' && r <= 'ⓩ'
	}
	return asciiLetter(p)
}
func alnum(p *parser) bool      { return digit(p) || letter(p) }
func asciiAlnum(p *parser) bool { return digit(p) || asciiLetter(p) }
func notAlnum(p *parser) bool   { return !alnum(p) }
func space(p *parser) bool      { return unicode.IsSpace(p.rune()) }
func hexDigit(p *parser) bool {
	r := p.rune() | 0x20
	return digit(p) || r >= 'a' && r <= 'f'
}

// joiner matches a character without width, such as a combining accent: part of its word.
func joiner(p *parser) bool {
	r := p.rune()
	return r >= 128 && unicode.In(r, unicode.Mn, unicode.Me)
}

// hostEnds is true once, when the machine looks for a host inside something longer.
func hostEnds(p *parser) bool {
	want := p.wantHost
	p.wantHost = false
	return want
}

// hostFollows steps over a host, such as the one of an e-mail address.
func hostFollows(p *parser) bool {
	sub := parser{rules: p.rules, text: p.text, at: place{pos: p.at.pos}, wantHost: true}
	if kind, _, ok := sub.next(); !ok || kind != hostToken || sub.start != p.at.pos {
		return false
	}
	p.at.pos = sub.end
	return true
}

func urlChar(p *parser) bool {
	r := p.rune()
	return r > 0x20 && r < 0x7F && !is("\"<>\\^`{|}")(p)
}

func pathFollows(p *parser) bool {
	sub := parser{rules: p.rules, text: p.text, at: place{pos: p.at.pos, state: inURLPathFirst}}
	if kind, _, ok := sub.next(); !ok || kind != urlPath {
		return false
	}
	p.at.pos = sub.end
	return true
}

// versionFollows is true before a dot and a digit: what looks like a signed number is then a version
// behind a sign.
func versionFollows(p *parser) bool {
	rest := p.text[p.at.pos:]
	return len(rest) > 1 && rest[0] == '.' && rest[1] >= '0' && rest[1] <= '9'
}
