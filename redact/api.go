package redact

import "net/http"

// SetPublic sets the text of which each quoted value is public, like the rows of a seed, as JSON.
func (b *Secrets) SetPublic(rows string) { b.seed = rows }

// AddCredential adds a value that is a secret although it may be public. An empty one is ignored.
func (b *Secrets) AddCredential(value string) {
	b.ExpectCredential(value)
	b.observe(value, certain)
}

// ExpectCredential makes a value a secret where a place gives it away, although it may be public.
func (b *Secrets) ExpectCredential(value string) { b.owned[value] = true }

// SetMark makes one word stand for every secret, instead of a pseudonym for each.
func (b *Secrets) SetMark(word string) { b.mark = word }

// Learn adds the secrets of a text.
func (b *Secrets) Learn(text string) { b.read(text, 0) }

// LearnURL adds the secrets of a URL.
func (b *Secrets) LearnURL(address string) {
	b.read(address, 0)
	b.readPath(address)
}

// LearnMessage adds the secrets of a request or an answer: of its header and its body.
func (b *Secrets) LearnMessage(h http.Header, body []byte) {
	b.readHeader(h)
	for _, part := range texts(h, body) {
		b.read(part, 0)
	}
}

// Freeze ends the collection. What the Learn methods find afterwards is a secret only if a text that was learnt before
// holds it: stand-ins beside other text may look like secrets. As those are finitely many, replacing and learning in turn
// comes to an end.
func (b *Secrets) Freeze() { b.frozen = true }

// Suspect adds a value if it looks like what a machine has made up.
func (b *Secrets) Suspect(value string) { b.observe(value, maybe) }

// Len returns how many different secrets there are.
func (b *Secrets) Len() int { return len(b.all) }

// Replace returns a text with stand-ins in place of its secrets.
func (b *Secrets) Replace(text string) string { return b.replace(text, 0) }

// ReplaceValue returns the stand-in of a value that stands alone in a place of secrets, and otherwise does what Replace
// does.
func (b *Secrets) ReplaceValue(value string) string { return b.placed(value) }

// ReplaceURL replaces the secrets of a URL.
func (b *Secrets) ReplaceURL(address string) string { return b.replacePath(b.replace(address, 0)) }

// ReplaceHeader returns a copy of a header without secrets.
func (b *Secrets) ReplaceHeader(h http.Header) http.Header { return b.header(h) }

// ReplaceBody returns a body without secrets. h is the header that goes with it.
func (b *Secrets) ReplaceBody(h http.Header, body []byte) string { return b.body(h, body) }

// StandIns returns the stand-ins in use that have no form of their own, as of tokens.
func (b *Secrets) StandIns() (all []string) {
	b.redact()
	for _, s := range b.longest {
		if made := b.of(s); s.kind == opaque && looksRandom(made) && !uuidShape.MatchString(made) {
			all = append(all, made)
		}
	}
	return all
}
