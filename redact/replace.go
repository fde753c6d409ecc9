package redact

import (
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"
)

// replace replaces the secrets of a text by pseudonyms, in every encoding, and keeps the rest. If a
// pseudonym changes the meaning of the text around it, another pass follows. The passes end because
// pseudonyms are never replaced.
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

// mostPasses bounds the passes over a text. No text is known to need more than two.
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

// joined merges edits that overlap. If none of them covers the others, as with two secrets that
// share characters, the whole stretch becomes one secret.
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

// found replaces the strong secrets in a decoded text, except for parts of pseudonyms.
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

// inStandIn reports whether text[start:end] shares characters with a pseudonym and so is no secret.
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

// inPlaces replaces the secrets that are known by their location alone.
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

// placed replaces a value that is the whole content of a secret location.
func (b *Secrets) placed(value string) string {
	for _, spelling := range []string{value, unescaped(value), strings.TrimSpace(value)} {
		if s := b.all[spelling]; s != nil {
			return b.of(s)
		}
	}
	return b.replace(value, 0)
}

// run is a run of base64 in a decoded text.
type run struct {
	start, end int
	text       string
}

var (
	lineEnds   = strings.NewReplacer("\r", "", "\n", "", " ", "", "\t", "")
	toStandard = strings.NewReplacer("-", "+", "_", "/")
	toURL      = strings.NewReplacer("+", "-", "/", "_")
)

// Lengths of base64: the minimum of a run that can hold a secret, and of a wrapped line.
const (
	shortestRun = 8
	wrappedLine = 40
)

// runs finds the base64 of a decoded text, across line ends where it is wrapped.
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

// decoded decodes as much as possible of a run, beginning at offset.
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

// encoded encodes a text in the run's alphabet and with its padding. If the run shows neither,
// encoded uses the standard ones.
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

// inBase64 replaces secrets in base64. A run may begin in the middle of a group, for example after
// a slash that is not part of it, so inBase64 tries all four offsets.
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

// inBytes replaces secrets in binary data, where they occur unencoded.
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
