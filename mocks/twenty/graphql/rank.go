package graphql

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// terms are the words of a search, each of which is looked for as the beginning of a word.
type terms struct {
	given bool // something was searched for
	words []string
}

// newTerms splits what somebody types. Words of addresses and of names of hosts stay whole, as they do in
// search vectors; others end where letters and digits end.
func newTerms(input string) terms {
	t := terms{given: strings.TrimSpace(input) != ""}
	for _, word := range strings.Fields(strings.ToLower(plainLetters(input))) {
		parts := strings.FieldsFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if len(parts) > 1 && strings.Trim(word, ".@") == word && !strings.ContainsFunc(word, notOfHosts) {
			parts = []string{word}
		}
		for _, p := range parts {
			if !slices.Contains(t.words, p) {
				t.words = append(t.words, p)
			}
		}
	}
	return t
}

func notOfHosts(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".@-_", r)
}

// plainLetters takes accents off.
func plainLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s))
}

// The weight of all words, as nobody labels them, and the sum of 1/n².
const (
	weight  = float32(0.1)
	squares = 1.64493406685
)

// score ranks a search vector as ts_rank_cd does for all words together, and ts_rank for any of them; ok is
// false if it holds none of them. Without words every vector matches alike.
func (t terms) score(vector string) (s score, ok bool) {
	if !t.given {
		return score{}, true
	}
	if len(t.words) == 0 {
		return score{}, false
	}
	var rank float32
	var places []placed
	for i, word := range t.words {
		for _, lexeme := range lexemes(vector) {
			if !strings.HasPrefix(norm.NFC.String(plainLetters(lexeme.word)), norm.NFC.String(word)) {
				continue
			}
			ok = true
			rank += lexeme.rank()
			for _, at := range lexeme.at {
				places = append(places, placed{at, i})
			}
		}
	}
	return score{t.cover(places), rank / float32(len(t.words))}, ok
}

// placed is a place in a text where the word of that number begins.
type placed struct{ at, word int }

// cover sums up the densities of the shortest stretches that hold all words.
func (t terms) cover(places []placed) float32 {
	slices.SortFunc(places, func(a, b placed) int { return a.at - b.at })
	sum := 0.0
	for from := 0; from < len(places); {
		end := t.reach(places, from, 1)
		if end < 0 {
			break
		}
		begin := t.reach(places[:end+1], end, -1)
		if begin < from {
			break
		}
		noise := max(0, (places[end].at-places[begin].at)-(end-begin))
		sum += float64(weight) / float64(1+noise)
		from = begin + 1
	}
	return float32(sum)
}

// reach goes along the places until all words were seen, and returns where that is, -1 if never.
func (t terms) reach(places []placed, from, step int) int {
	seen := map[int]bool{}
	for i := from; i >= 0 && i < len(places); i += step {
		if seen[places[i].word] = true; len(seen) == len(t.words) {
			return i
		}
	}
	return -1
}

// lexeme is a word of a search vector with its places.
type lexeme struct {
	word string
	at   []int
}

// rank is what ts_rank gives for one word: the first place counts most.
func (l lexeme) rank() float32 {
	var sum float32
	for j := range l.at {
		sum += weight / float32((j+1)*(j+1))
	}
	return float32((float64(weight) + float64(sum) - float64(weight)) / squares)
}

// lexemes reads the text of a search vector: 'acme':1,4 'inc':2.
func lexemes(vector string) (out []lexeme) {
	for vector != "" {
		word, rest, ok := quotedWord(vector)
		if !ok {
			break
		}
		var tail string
		tail, vector, _ = strings.Cut(rest, " ")
		l := lexeme{word: word}
		for _, place := range strings.Split(strings.TrimPrefix(tail, ":"), ",") {
			if n, err := strconv.Atoi(place); err == nil {
				l.at = append(l.at, n)
			}
		}
		out = append(out, l)
	}
	return out
}

// quotedWord reads a word in quotes, in which quotes and backslashes stand twice.
func quotedWord(vector string) (word, rest string, ok bool) {
	if vector[0] != '\'' {
		return "", "", false
	}
	var out strings.Builder
	for i := 1; i < len(vector); i++ {
		c := vector[i]
		if double := i+1 < len(vector) && vector[i+1] == c; (c == '\'' || c == '\\') && double {
			i++
		} else if c == '\'' {
			return out.String(), vector[i+1:], true
		}
		out.WriteByte(c)
	}
	return "", "", false
}
