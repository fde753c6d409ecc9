package redact

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// replace puts stand-ins in place of the secrets of a text, however they are encoded there. The text keeps
// everything else. Where a stand-in changes what the text around it means, there is something to do once more; it comes
// to an end, as stand-ins are never replaced.
func (b *Secrets) replace(text string, depth int) string {
	if depth > deepest || text == "" {
		return text
	}
	b.redact()
	for range mostPasses {
		next := b.pass(text, depth)
		if next == text {
			break
		}
		text = next
	}
	return text
}

// mostPasses bounds the passes over a text, of which more than two have not been seen.
const mostPasses = 8

func (b *Secrets) pass(text string, depth int) string {
	var edits []edit
	for _, v := range decodedTextsOf(text) {
		edits = append(edits, b.found(text, v)...)
		edits = append(edits, b.inPlaces(text, v)...)
	}
	text = apply(text, b.joined(text, edits))
	edits = nil
	for _, v := range decodedTextsOf(text) {
		edits = append(edits, b.inBase64(text, v, depth)...)
	}
	return apply(text, edits)
}

// joined makes one edit of those that overlap. If none of them covers the others, as of two secrets that share some
// characters, nothing of either stays: the stretch becomes one secret.
func (b *Secrets) joined(whole string, edits []edit) (out []edit) {
	inOrder(edits)
	for _, e := range edits {
		last := len(out) - 1
		switch {
		case e.to <= e.from:
		case last < 0 || e.from >= out[last].to:
			out = append(out, e)
		case e.to > out[last].to:
			from := out[last].from
			out[last] = edit{from, e.to, b.of(&secret{value: whole[from:e.to], kind: opaque, sure: certain})}
		}
	}
	return out
}

// found replaces the strong secrets that a view shows, but for what is part of a stand-in.
func (b *Secrets) found(whole string, v decodedText) (edits []edit) {
	for _, s := range b.longest {
		for from := 0; ; {
			i := strings.Index(v.text[from:], s.value)
			if i < 0 {
				break
			}
			start, end := from+i, from+i+len(s.value)
			if from = end; !b.inStandIn(v.text, start, end) {
				edits = append(edits, v.edit(whole, start, end, b.of(s)))
			}
		}
	}
	return edits
}

// inStandIn reports whether a stretch of a text shares characters with a stand-in: then it is not what it looks like.
func (b *Secrets) inStandIn(text string, start, end int) bool {
	for made := range b.given {
		if len(made) < shortest {
			continue
		}
		from := max(0, start-len(made)+1)
		if strings.Contains(text[from:min(len(text), end+len(made)-1)], made) {
			return true
		}
	}
	return false
}

func (v decodedText) edit(whole string, start, end int, text string) edit {
	from, to := v.span(start, end)
	return edit{from, to, v.spelled(whole, start, end, text)}
}

// inPlaces replaces the secrets that only their place gives away.
func (b *Secrets) inPlaces(whole string, v decodedText) (edits []edit) {
	if !containsAny(v.text, b.weak) {
		return nil
	}
	for _, p := range v.places() {
		scheme := len(schemes.FindString(p.value))
		s := b.all[p.value[scheme:]]
		if p.start += scheme; s == nil || b.replaceEverywhere(s) || b.certainty(p, true) == nothing {
			continue
		}
		edits = append(edits, v.edit(whole, p.start, p.end, b.of(s)))
	}
	return edits
}

// placed replaces a value that stands alone where secrets stand.
func (b *Secrets) placed(value string) string {
	for _, spelling := range []string{value, unescaped(value), strings.TrimSpace(value)} {
		if s := b.all[spelling]; s != nil {
			return b.of(s)
		}
	}
	return b.replace(value, 0)
}

// run is a stretch of base64 in a view.
type run struct {
	start, end int
	text       string
}

var (
	lineEnds   = strings.NewReplacer("\r", "", "\n", "", " ", "", "\t", "")
	toStandard = strings.NewReplacer("-", "+", "_", "/")
	toURL      = strings.NewReplacer("+", "-", "/", "_")
)

// Lengths of base64: of a run that can hold a secret, and of a line that is wrapped.
const (
	shortestRun = 8
	wrappedLine = 40
)

// runs finds the base64 of a view, over the ends of lines where it is wrapped.
func (v decodedText) runs() (found []run) {
	s := v.text
	for i := 0; i < len(s); {
		if !inBase64(s[i]) {
			i++
			continue
		}
		end := endOfRun(s, i)
		if end-i >= shortestRun {
			found = append(found, run{i, end, lineEnds.Replace(s[i:end])})
		}
		i = end
	}
	return found
}

func endOfRun(s string, i int) int {
	line := i
	for j := i; j < len(s); j++ {
		if inBase64(s[j]) {
			continue
		}
		next := j
		for next < len(s) && strings.IndexByte("\r\n \t", s[next]) >= 0 {
			next++
		}
		if j-line < wrappedLine || next == len(s) || !inBase64(s[next]) || !strings.Contains(s[j:next], "\n") {
			for k := 0; k < 2 && j < len(s) && s[j] == '='; k++ {
				j++
			}
			return j
		}
		line, j = next, next
	}
	return len(s)
}

func inBase64(c byte) bool { return isAlnum(c) || strings.IndexByte("+/-_", c) >= 0 }

// decoded decodes a run from its offset-th character on, as far as it goes.
func (r run) decoded(offset int) (string, bool) {
	if offset >= len(r.text) {
		return "", false
	}
	data := strings.TrimRight(r.text[offset:], "=")
	if len(data)%4 == 1 {
		data = data[:len(data)-1]
	}
	plain, err := base64.RawStdEncoding.DecodeString(toStandard.Replace(data))
	return string(plain), err == nil
}

// encoded encodes a text in the alphabet and with the padding of the run. Where both are open, they are those
// of the standard.
func (r run) encoded(offset int, plain string) string {
	coded := base64.RawStdEncoding.EncodeToString([]byte(plain))
	rest := strings.TrimRight(r.text[offset:], "=")
	tail := ""
	if len(rest)%4 == 1 {
		tail = rest[len(rest)-1:]
	}
	if strings.ContainsAny(r.text, "-_") {
		coded = toURL.Replace(coded)
	}
	padded := len(rest)%4 == 0 && !strings.ContainsAny(r.text, "-_") || len(rest) < len(r.text)-offset
	if padded {
		coded += strings.Repeat("=", (4-len(coded)%4)%4)
	}
	return r.text[:offset] + coded + tail
}

// inBase64 replaces secrets in base64. Where a run begins in the middle of a group, as behind a slash that
// does not belong to it, another of the four ways to read it shows the text.
func (b *Secrets) inBase64(whole string, v decodedText, depth int) (edits []edit) {
	binary := containsAny(v.text, b.cores)
	for _, r := range v.runs() {
		if b.clean[r.text] {
			continue
		}
		if now, ok := b.inRun(r, binary, depth); ok {
			edits = append(edits, v.edit(whole, r.start, r.end, now))
		} else if depth == 0 {
			b.clean[r.text] = true
		}
	}
	return edits
}

func (b *Secrets) inRun(r run, binary bool, depth int) (now string, changed bool) {
	for offset := range 4 {
		plain, ok := r.decoded(offset)
		if !ok || len(plain) < shortest {
			continue
		}
		now := plain
		if utf8.ValidString(plain) {
			now = b.replace(plain, depth+1)
		} else if binary {
			now = b.inBytes(plain)
		}
		if now != plain {
			return r.encoded(offset, now), true
		}
	}
	return "", false
}

// inBytes replaces secrets in bytes that are no text, where they stand as they are.
func (b *Secrets) inBytes(data string) string {
	b.redact()
	for _, s := range b.longest {
		if strings.Contains(data, s.value) {
			data = strings.ReplaceAll(data, s.value, b.of(s))
		}
	}
	return data
}

func containsAny(text string, words []string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}
