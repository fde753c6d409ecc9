package pgtext

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Query is a search for typed words: to_tsquery('simple', 'word:* & word:*') for all of them, and the same
// with | for any.
type Query struct {
	typed   []string // the words as typed, without accents
	phrases []phrase
}

// phrase is one typed word: its lexemes in a search vector, each as a prefix, in
// sequence. Most have one; a hyphenated word is followed by its parts.
type phrase []string

// NewQuery splits an input at blanks and drops words without letters and digits.
func NewQuery(input string) (q Query) {
	for _, word := range strings.Fields(input) {
		word = Unaccent(word)
		q.typed = append(q.typed, strings.ToLower(word))
		if p := Words(word); len(p) > 0 {
			q.phrases = append(q.phrases, p)
		}
	}
	return q
}

// Empty reports whether nothing was typed.
func (q Query) Empty() bool { return len(q.typed) == 0 }

// Prefixes returns the first word of each phrase. A vector that the query matches has words that begin with
// at least one of them.
func (q Query) Prefixes() (out []string) {
	for _, p := range q.phrases {
		out = append(out, p[0])
	}
	return out
}

// Rank is how well a vector matches a query.
type Rank struct {
	Cover float32 // ts_rank_cd for all words together
	Any   float32 // ts_rank for any of them
}

// Compare orders ranks by Cover, then by Any.
func (r Rank) Compare(o Rank) int {
	return cmp.Or(cmp.Compare(r.Cover, o.Cover), cmp.Compare(r.Any, o.Any))
}

const (
	weight       = float32(0.1)  // of words without a label
	sumOfSquares = 1.64493406685 // the sum of 1/n², as written in ts_rank
)

// Rank ranks a printed vector; ok is false if it has none of the words. An empty query matches every vector
// alike.
func (q Query) Rank(vector string) (r Rank, ok bool) {
	if q.Empty() {
		return Rank{}, true
	}
	words := lexemes(vector)
	doc := q.entries(words)
	if len(doc) == 0 || !slices.ContainsFunc(q.first(), func(i int) bool { return q.foundAt(doc, i) }) {
		return Rank{}, false
	}
	return Rank{q.rankCD(doc), q.rankAny(words)}, true
}

// Within reports whether all typed words are somewhere in the text of a printed vector.
func (q Query) Within(vector string) bool {
	text := strings.ToLower(Unaccent(vector))
	return !slices.ContainsFunc(q.typed, func(word string) bool { return !strings.Contains(text, word) })
}

// docEntry is a place of a text and which of the words looked for begin the word there, by their number over
// all phrases.
type docEntry struct {
	at    int
	words []int
}

func (q Query) entries(words []lexeme) (doc []docEntry) {
	for _, l := range words {
		found := q.begun(l.word)
		if len(found) == 0 {
			continue
		}
		for _, at := range l.at {
			doc = append(doc, docEntry{at, found})
		}
	}
	slices.SortStableFunc(doc, func(a, b docEntry) int { return a.at - b.at })
	return doc
}

// begun are the numbers of the words looked for that begin a word.
func (q Query) begun(whole string) (found []int) {
	n := 0
	for _, p := range q.phrases {
		for _, word := range p {
			if strings.HasPrefix(whole, word) {
				found = append(found, n)
			}
			n++
		}
	}
	return found
}

// first are the numbers of the first words of the phrases.
func (q Query) first() (out []int) {
	n := 0
	for _, p := range q.phrases {
		out = append(out, n)
		n += len(p)
	}
	return out
}

// foundAt reports whether the phrase that begins with the word of that number is somewhere in the text.
func (q Query) foundAt(doc []docEntry, first int) bool {
	seen := q.newPositions()
	for _, e := range doc {
		seen.add(e)
	}
	return seen.holds(first, q.phrases[slices.Index(q.first(), first)])
}

// positions are the places where the words looked for stand, by the number of the word.
type positions []map[int]bool

func (q Query) newPositions() positions {
	n := 0
	for _, p := range q.phrases {
		n += len(p)
	}
	return make(positions, n)
}

func (p positions) add(e docEntry) {
	for _, word := range e.words {
		if p[word] == nil {
			p[word] = map[int]bool{}
		}
		p[word][e.at] = true
	}
}

// holds reports whether the words of a phrase stand side by side.
func (p positions) holds(first int, words phrase) bool {
	for at := range p[first] {
		i := 1
		for i < len(words) && p[first+i][at+i] {
			i++
		}
		if i == len(words) {
			return true
		}
	}
	return false
}

// rankCD sums up the densities of the shortest stretches that hold all phrases.
func (q Query) rankCD(doc []docEntry) float32 {
	sum := 0.0
	for from := 0; from < len(doc); {
		end := q.cover(doc, from, 1)
		if end < 0 {
			break
		}
		begin := from + q.cover(doc[from:end+1], end-from, -1)
		noise := (doc[end].at - doc[begin].at) - (end - begin)
		if noise < 0 {
			noise = (end - begin) / 2
		}
		shares := 0.0
		for range end - begin + 1 {
			shares += 1 / float64(weight)
		}
		sum += float64(end-begin+1) / shares / float64(1+noise)
		from = begin + 1
	}
	return float32(sum)
}

// cover goes along the entries until all phrases were found, and returns where that is, -1 if never.
func (q Query) cover(doc []docEntry, from, step int) int {
	seen, first := q.newPositions(), q.first()
	for i := from; i >= 0 && i < len(doc); i += step {
		seen.add(doc[i])
		missing := false
		for j, p := range q.phrases {
			missing = missing || !seen.holds(first[j], p)
		}
		if !missing {
			return i
		}
	}
	return -1
}

// rankAny is ts_rank. A single phrase counts by the distances between its words, several by how often each
// word is there.
func (q Query) rankAny(words []lexeme) float32 {
	var wanted []string
	for _, p := range q.phrases {
		wanted = append(wanted, p...)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	if len(q.phrases) == 1 && len(wanted) > 1 {
		return rankAnd(wanted, words)
	}
	var sum float32
	for _, word := range wanted {
		for _, l := range words {
			if strings.HasPrefix(l.word, word) {
				sum = float32(float64(sum) + float64(l.share())/sumOfSquares)
			}
		}
	}
	return sum / float32(len(wanted))
}

// rankAnd ranks words by how near they are to each other: the nearer any two, the better. Of the words
// with a wanted beginning the last counts for those that follow.
func rankAnd(wanted []string, words []lexeme) float32 {
	res := float32(-1)
	last := make([][]int, len(wanted))
	for i, word := range wanted {
		for _, l := range words {
			if !strings.HasPrefix(l.word, word) {
				continue
			}
			last[i] = l.at
			for _, others := range last[:i] {
				res = nearer(res, l.at, others)
			}
		}
	}
	return max(res, 1e-20)
}

// nearer adds the pairs of places of two words to a rank, which is below zero without any pair.
func nearer(res float32, places, others []int) float32 {
	for _, a := range places {
		for _, b := range others {
			distance := max(a-b, b-a)
			if distance == 0 {
				continue
			}
			near := float32(math.Sqrt(float64(weight * weight * closeness(distance))))
			if res < 0 {
				res = near
			} else {
				res = float32(1 - (1-float64(res))*(1-float64(near)))
			}
		}
	}
	return res
}

func closeness(distance int) float32 {
	if distance > 100 {
		return 1e-30
	}
	return float32(1 / (1.005 + 0.05*math.Exp(float64(float32(distance))/1.5-2)))
}

// lexeme is a word of a search vector with its places.
type lexeme struct {
	word string
	at   []int
}

// share is what one word gives to the rank: the first place counts most.
func (l lexeme) share() float32 {
	var sum float32
	for j := range l.at {
		sum += weight / float32((j+1)*(j+1))
	}
	return weight + sum - weight
}

// lexemes reads the text of a search vector: 'acme':1,4 'inc':2.
func lexemes(vector string) (out []lexeme) {
	out = make([]lexeme, 0, 1+strings.Count(vector, " "))
	for vector != "" {
		word, rest, ok := quotedWord(vector)
		if !ok {
			break
		}
		var tail string
		tail, vector, _ = strings.Cut(rest, " ")
		l := lexeme{word: word}
		for place := range strings.SplitSeq(strings.TrimPrefix(tail, ":"), ",") {
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
	end := 1 + strings.IndexAny(vector[1:], `'\`)
	if end > 0 && vector[end] == '\'' && !strings.HasPrefix(vector[end+1:], "'") {
		return vector[1:end], vector[end+1:], true // nothing stands twice
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
