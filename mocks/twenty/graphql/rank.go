package graphql

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
)

// terms are the terms of a search: PostgreSQL's to_tsquery('simple', 'word:* & word:*') for all of
// them, and the same with | for any. Compared with PostgreSQL 15.
type terms struct {
	typed   []string // the words as typed, without accents
	phrases []phrase
}

// phrase is one typed word: its lexemes in a search vector, each as a prefix, in
// sequence. Most have one; a hyphenated word is followed by its parts.
type phrase []string

// newTerms splits an input at blanks and drops words without letters and digits.
func newTerms(input string) (t terms) {
	for _, word := range strings.Fields(input) {
		word = record.Unaccent(word)
		t.typed = append(t.typed, strings.ToLower(word))
		if p := record.Words(word); len(p) > 0 {
			t.phrases = append(t.phrases, p)
		}
	}
	return t
}

// The weight of unlabelled words, and the sum of 1/n².
const (
	weight  = float32(0.1)
	squares = 1.64493406685
)

// score ranks a search vector as ts_rank_cd does for all words together, and ts_rank for any of them; ok is
// false if it holds none of them. If nothing was typed every vector matches alike.
func (t terms) score(vector string) (s score, ok bool) {
	if len(t.typed) == 0 {
		return score{}, true
	}
	words := lexemes(vector)
	doc := t.entries(words)
	if len(doc) == 0 || !slices.ContainsFunc(t.first(), func(i int) bool { return t.foundAt(doc, i) }) {
		return score{}, false
	}
	return score{t.rankCD(doc), t.rank(words)}, true
}

// within reports whether all typed words are somewhere in the text of a search vector.
func (t terms) within(vector string) bool {
	text := strings.ToLower(record.Unaccent(vector))
	return !slices.ContainsFunc(t.typed, func(word string) bool { return !strings.Contains(text, word) })
}

// docEntry is a place of a text and which of the words looked for begin the word there, by their number over
// all phrases.
type docEntry struct {
	at    int
	words []int
}

func (t terms) entries(words []lexeme) (doc []docEntry) {
	for _, l := range words {
		found := t.begun(l.word)
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
func (t terms) begun(whole string) (found []int) {
	n := 0
	for _, p := range t.phrases {
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
func (t terms) first() (out []int) {
	n := 0
	for _, p := range t.phrases {
		out = append(out, n)
		n += len(p)
	}
	return out
}

// foundAt reports whether the phrase that begins with the word of that number is somewhere in the sights.
func (t terms) foundAt(doc []docEntry, first int) bool {
	seen := t.sighting()
	for _, s := range doc {
		seen.add(s)
	}
	return seen.holds(first, t.phrases[slices.Index(t.first(), first)])
}

// docEntries is where the words looked for were seen, by their number.
type docEntries []map[int]bool

func (t terms) sighting() docEntries {
	n := 0
	for _, p := range t.phrases {
		n += len(p)
	}
	return make(docEntries, n)
}

func (seen docEntries) add(s docEntry) {
	for _, word := range s.words {
		if seen[word] == nil {
			seen[word] = map[int]bool{}
		}
		seen[word][s.at] = true
	}
}

// holds reports whether the words of a phrase were seen side by side.
func (seen docEntries) holds(first int, p phrase) bool {
	for at := range seen[first] {
		i := 1
		for i < len(p) && seen[first+i][at+i] {
			i++
		}
		if i == len(p) {
			return true
		}
	}
	return false
}

// rankCD sums up the densities of the shortest stretches that hold all phrases.
func (t terms) rankCD(doc []docEntry) float32 {
	sum := 0.0
	for from := 0; from < len(doc); {
		end := t.cover(doc, from, 1)
		if end < 0 {
			break
		}
		begin := from + t.cover(doc[from:end+1], end-from, -1)
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

// cover goes along the sights until all phrases were seen, and returns where that is, -1 if never.
func (t terms) cover(doc []docEntry, from, step int) int {
	seen, first := t.sighting(), t.first()
	for i := from; i >= 0 && i < len(doc); i += step {
		seen.add(doc[i])
		missing := false
		for j, p := range t.phrases {
			missing = missing || !seen.holds(first[j], p)
		}
		if !missing {
			return i
		}
	}
	return -1
}

// rank is ts_rank. A single phrase counts by the distances between its words, several by how often each
// word is there.
func (t terms) rank(words []lexeme) float32 {
	var wanted []string
	for _, p := range t.phrases {
		wanted = append(wanted, p...)
	}
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	if len(t.phrases) == 1 && len(wanted) > 1 {
		return rankAnd(wanted, words)
	}
	var sum float32
	for _, word := range wanted {
		for _, l := range words {
			if strings.HasPrefix(l.word, word) {
				sum = float32(float64(sum) + float64(l.share())/squares)
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
