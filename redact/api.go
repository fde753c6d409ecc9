package redact

import "net/http"

// SetPublic makes the values of a text public. One Public may serve many sets.
func (b *Secrets) SetPublic(values *Public) { b.seed = values }

// AddCredential adds a value as a secret even if it is public. It ignores an empty value.
func (b *Secrets) AddCredential(value string) {
	b.ExpectCredential(value)
	b.observe(value, certain)
}

// ExpectCredential makes a value a secret wherever its location marks it as one, even if it is
// public.
func (b *Secrets) ExpectCredential(value string) { b.owned[value] = true }

// SetMark makes one word stand for every secret, instead of a pseudonym for each. A value where secrets stand is
// then a secret although it may be public; e-mail addresses that are public stay.
func (b *Secrets) SetMark(word string) { b.mark = word }

// Learn adds the secrets of a text.
func (b *Secrets) Learn(text string) { b.read(text, 0) }

// LearnURL adds the secrets of a URL.
func (b *Secrets) LearnURL(address string) {
	b.read(address, 0)
	b.readPath(address)
}

// LearnMessage adds the secrets in the header and the body of a request or an answer.
func (b *Secrets) LearnMessage(h http.Header, body []byte) {
	b.readHeader(h)
	for _, part := range readableParts(h, body) {
		b.read(part, 0)
	}
}

// Freeze ends the collection. After it, the Learn methods add a secret only if a text that was
// learned before holds it: a pseudonym beside other text may look like a new secret. Because the
// learned texts are finite, replacing and learning in turn terminates.
func (b *Secrets) Freeze() { b.frozen = true }

// Suspect adds a value if it looks machine-generated.
func (b *Secrets) Suspect(value string) { b.observe(value, maybe) }

// Len returns the number of different secrets.
func (b *Secrets) Len() int { return len(b.all) }

// Replace returns text with its secrets replaced by pseudonyms.
func (b *Secrets) Replace(text string) string { return b.replace(text, 0) }

// ReplaceValue returns the pseudonym of a value that is the whole content of a secret location. For
// any other value it does what Replace does.
func (b *Secrets) ReplaceValue(value string) string { return b.placed(value) }

// ReplaceURL replaces the secrets of a URL.
func (b *Secrets) ReplaceURL(address string) string { return b.replacePath(b.replace(address, 0)) }

// ReplaceHeader returns a copy of a header with its secrets replaced.
func (b *Secrets) ReplaceHeader(h http.Header) http.Header { return b.header(h) }

// ReplaceBody returns a body with its secrets replaced. h is the header of the message.
func (b *Secrets) ReplaceBody(h http.Header, body []byte) string { return b.body(h, body) }

// StandIns returns the pseudonyms in use for secrets without a recognisable form, such as tokens.
func (b *Secrets) StandIns() (all []string) {
	b.redact()
	for _, s := range b.longest {
		if made := b.of(s); s.kind == opaque && looksRandom(made) && !uuidShape.MatchString(made) {
			all = append(all, made)
		}
	}
	return all
}
