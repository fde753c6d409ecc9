package pgtext

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Texts compare as in a database with collation en_US.utf8 of glibc: first by their letters and digits, as
// golang.org/x/text has them; blanks, punctuation and symbols count only if those are equal, and then
// before letters; ties are in byte order. Compared with PostgreSQL 15; fixtures/twenty/rest_order_by.

var collators = sync.Pool{New: func() any { return &collator{c: collate.New(language.AmericanEnglish)} }}

type collator struct {
	c   *collate.Collator
	buf collate.Buffer
}

// SortKey returns a text whose bytes compare like s in the database.
func SortKey(s string) string {
	var letters, signs strings.Builder
	for i, r := range s {
		switch {
		case unicode.Is(unicode.Han, r):
			letters.WriteRune(r)
		case !ignorable(r):
			letters.WriteRune(r)
			signs.WriteByte(0xFF)
		case r == utf8.RuneError:
			letters.WriteByte(s[i])
		default:
			signs.WriteRune(r)
		}
	}
	c := collators.Get().(*collator)
	defer collators.Put(c)
	c.buf.Reset()
	key := c.c.KeyFromString(&c.buf, letters.String())
	return string(key) + "\x00" + signs.String() + "\x00" + s
}

// ignorable reports whether a character counts only between texts that are equal without it.
func ignorable(r rune) bool {
	if r < 128 {
		return r != '$' && (r < '0' || r > '9') && (r|0x20 < 'a' || r|0x20 > 'z')
	}
	return unicode.In(r, unicode.P, unicode.Z, unicode.Cc, unicode.Cf, unicode.Sm, unicode.Sk, unicode.Hangul) ||
		unicode.Is(unicode.So, r) && r > 0x2200 || r == 'ー'
}

// Compare compares two texts by their sort keys.
func Compare(a, b string) int { return strings.Compare(SortKey(a), SortKey(b)) }
