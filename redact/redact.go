// Package redact replaces secrets in HTTP conversations. Everything that leaves the program goes
// through it: recordings, and every view of the journal.
//
//	secrets := redact.New(key, names)
//	secrets.LearnExchange(address, ...) // all of the conversation
//	text = secrets.Replace(text)        // only then
//
// It learns the secrets of the whole conversation before any of it is written, and replaces them
// wherever they occur. A value is a secret if it is found in Authorization, in a cookie, under a
// name like password, token or apiKey (names.go) in headers, queries, forms, JSON, XML, HTML and
// multipart bodies, in a path segment after such a name, or in the user information of a URL.
// E-mail addresses, JWTs, well-known API keys, private keys in PEM, Basic credentials, paths of
// chat webhooks and payment card numbers (shapes.go) are found anywhere. All of these are found and
// replaced in plain text, percent-encoded, with backslash escapes, as HTML entities, in base64, and
// in these nested up to three deep. Of a body that is not text only the first eight bytes are kept.
// Of a JWT the algorithm, the claim names, times, types and scopes are kept (claims.go).
//
// Package redact does not find names of people, telephone numbers, postal addresses and other free
// text, a password in running text, a token without a published shape under a neutral name, a path
// segment without such a name before it, OAuth's state, and anything compressed or encrypted within
// a text.
//
// # The fixed point
//
// A pseudonym beside other text may look like a new secret, and two secrets may share characters.
// Three rules make replacing terminate. A secret found after Freeze counts only if the conversation
// itself held it. Nothing that shares characters with a pseudonym is replaced. Where secrets
// overlap and none covers the others, the whole stretch becomes one secret.
package redact

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// kind says what a pseudonym keeps of a secret.
type kind int

const (
	opaque kind = iota // length and character classes; UUIDs and hexadecimal digits stay such
	email
	jwt
	basic // base64 of user:password
	key   // a private key in PEM
)

// secret is a value that must not be written.
type secret struct {
	value string
	kind  kind
	sure  confidence
}

// Secrets is the set of secrets of one conversation. Collect them from the whole conversation with
// the Learn methods before calling the Replace methods. It is not safe for concurrent use.
type Secrets struct {
	key    []byte
	all    map[string]*secret
	stands map[string]string // canonical secret → pseudonym
	given  map[string]bool   // the pseudonyms
	seed   *Public           // the rows of the fake's seed
	owned  map[string]bool   // credentials, even if the seed has them
	words  map[string]bool   // names in the recording; a password equal to one is not searched elsewhere
	own    map[string]bool   // names that mark secrets in this fake

	corpus []string // the learned texts, decoded
	mark   string   // replaces every secret; "" for pseudonyms
	frozen bool     // only values in corpus are secrets

	complete bool            // the fields below are complete
	longest  []*secret       // the strong secrets, which are replaced everywhere, longest first
	weak     []string        // the other secrets
	cores    []string        // base64 forms of the strong secrets
	clean    map[string]bool // base64 runs without a secret
}

// New returns an empty set. Pseudonyms are derived from key, so that a secret cannot be
// guessed without the key. ownNames are additional names of headers, parameters and keys that
// mark secrets.
func New(key []byte, ownNames []string) *Secrets {
	b := &Secrets{key: key, all: map[string]*secret{}, stands: map[string]string{}, given: map[string]bool{},
		owned: map[string]bool{}, words: map[string]bool{}, own: map[string]bool{}}
	for _, word := range strings.Fields(
		"password secret token admin bearer basic undefined string example default public private example.com") {
		b.words[word] = true
	}
	for _, name := range ownNames {
		b.own[plainName(name)] = true
	}
	return b
}

// named returns what a name implies for its value in a recording of this fake.
func (b *Secrets) named(name string) confidence {
	if b.own[plainName(name)] {
		return certain
	}
	return named(name)
}

// shortest is the minimum length of a secret that is replaced everywhere.
const shortest = 6

var schemes = regexp.MustCompile(`^(?i:bearer|token|basic|apikey|jwt)\s+`)

// redacted matches a value that is already redacted.
var redacted = regexp.MustCompile(`^(?i:null|true|false|none|redacted|[*.•]*|x{3,})$`)

// observe records a value found in a location with the given confidence.
func (b *Secrets) observe(value string, sure confidence) {
	value = strings.TrimSpace(schemes.ReplaceAllString(value, ""))
	if sure == nothing || sure == maybe && !looksRandom(value) || redacted.MatchString(value) || !b.real(value) {
		return
	}
	if s := b.all[value]; s != nil {
		if s.sure < sure {
			s.sure, b.complete = sure, false
		}
		return
	}
	if b.mark != "" || !b.public(value) {
		b.add(&secret{value: value, kind: kindOf(value), sure: sure})
	}
}

// real reports whether a value comes from the conversation. After Freeze the texts contain
// pseudonyms, and values built from them are no secrets.
func (b *Secrets) real(value string) bool {
	return !b.given[value] && (!b.frozen || containsIn(b.corpus, value))
}

func containsIn(texts []string, word string) bool {
	return slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(text, word) })
}

// public reports whether a value is in the fake's public seed. A word of the seed may still be a
// password elsewhere.
func (b *Secrets) public(value string) bool {
	return !b.owned[value] && b.seed.has(value)
}

// distinctive reports whether a value is more than a word.
func distinctive(value string) bool { return kindOf(value) != opaque || looksRandom(value) }

// replaceEverywhere reports whether a secret is distinctive enough to be replaced wherever it
// occurs. Other secrets are replaced only in secret locations.
func (b *Secrets) replaceEverywhere(s *secret) bool {
	onlyDigits := strings.Trim(s.value, "0123456789") == ""
	switch {
	case s.kind != opaque || looksRandom(s.value):
		return true
	case len(s.value) < shortest || onlyDigits && len(s.value) < 8:
		return false
	}
	return s.sure == recognized || s.sure == certain && !b.words[strings.ToLower(s.value)]
}

func (b *Secrets) add(s *secret) {
	b.all[s.value], b.complete = s, false
	if strings.Contains(s.value, " ") { // forms write it as a plus sign
		form := *s
		form.value = canonical(s)
		b.all[form.value] = &form
	}
}

var blanks = strings.NewReplacer("+", " ")

func kindOf(value string) kind {
	switch {
	case wholeAddress.MatchString(value):
		return email
	case isJWT(value):
		return jwt
	case strings.HasPrefix(value, "-----BEGIN ") && strings.HasSuffix(value, "-----"):
		return key
	}
	return opaque
}

var (
	address = regexp.MustCompile(
		`^[A-Za-z0-9_][A-Za-z0-9._+-]*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}`)
	wholeAddress = regexp.MustCompile(`^[^\s@<>"'()\[\]{},:;/\\%&=]+@(?:[^\s@<>"'()\[\]{},:;/\\%&=.]+\.)+[\pL]{2,}$`)
	token        = regexp.MustCompile(`ey[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*`)
)

// addresses finds the e-mail addresses of a text.
func addresses(v decodedText) (found []string) {
	if !strings.Contains(v.text, "@") {
		return nil
	}
	text, from := v.blanked(), 0
	for {
		i := strings.IndexByte(text[from:], '@')
		if i < 0 {
			return found
		}
		start := from + i
		for start > 0 && (isAlnum(text[start-1]) || strings.IndexByte("._+-", text[start-1]) >= 0) {
			start--
		}
		for from += i + 1; start < from-1 && !isAlnum(text[start]) && text[start] != '_'; start++ {
		}
		if one := address.FindString(text[start:min(len(text), from+longestHost)]); one != "" &&
			!inUserinfo(text[:start]) {
			found = append(found, one)
		}
	}
}

// inUserinfo reports whether a text ends within the user information of a URL, where an @ ends a
// password and not the local part of an address.
func inUserinfo(s string) bool {
	_, rest, ok := lastCut(s, "://")
	return ok && !strings.ContainsAny(rest, "/?#\\ \t\r\n\"'<>`")
}

func lastCut(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// longestHost is the maximum length of a host name.
const longestHost = 255

func isJWT(s string) bool {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return false
	}
	header, err := base64.RawURLEncoding.DecodeString(parts[0])
	return err == nil && json.Valid(header) && strings.HasPrefix(string(header), "{")
}

func (b *Secrets) address(value string) {
	if b.all[value] == nil && !b.public(value) && b.real(value) {
		b.add(&secret{value: value, kind: email, sure: certain})
	}
}

// token adds a JWT, its signature, and the secrets in its claims.
func (b *Secrets) token(value string, depth int) {
	parts := strings.Split(value, ".")
	if !isJWT(value) || b.all[value] != nil || !b.real(value) {
		return
	}
	b.add(&secret{value: value, kind: jwt, sure: certain})
	b.observe(parts[2], certain)
	for _, part := range parts[:2] {
		if text, err := base64.RawURLEncoding.DecodeString(part); err == nil {
			b.readClaims(string(text))
			b.read(string(text), depth+1)
		}
	}
}

// read adds the secrets of a text: values in secret locations, addresses and JWTs.
func (b *Secrets) read(text string, depth int) {
	if depth > deepest {
		return
	}
	oauth := strings.Contains(text, "redirect_uri") || strings.Contains(text, "grant_type") ||
		strings.Contains(text, "client_id") || strings.Contains(text, "state=")
	for _, v := range decodedTextsOf(text) {
		if !b.frozen {
			b.corpus = append(b.corpus, v.text)
		}
		b.readShapes(v.text)
		for _, found := range addresses(v) {
			b.address(found)
		}
		for _, found := range token.FindAllString(v.text, -1) {
			b.token(found, depth)
		}
		for _, p := range v.places() {
			b.words[strings.ToLower(p.name)] = true
			if wholeAddress.MatchString(p.value) {
				b.address(p.value)
			}
			sure := b.certainty(p, oauth)
			b.observe(p.value, sure)
			if p.form {
				b.observe(blanks.Replace(p.value), sure)
			}
		}
		for _, run := range v.runs() {
			b.readRun(run, depth)
		}
	}
}

// readRun reads base64 at each of its four possible offsets.
func (b *Secrets) readRun(r run, depth int) {
	for offset := range 4 {
		if decoded, ok := r.decoded(offset); ok && utf8.ValidString(decoded) && len(decoded) > shortest {
			b.read(decoded, depth+1)
		}
	}
}

// certainty returns the confidence of a location. A code is a secret in OAuth; a key in a query may
// be one.
func (b *Secrets) certainty(p location, oauth bool) confidence {
	sure := b.named(p.name)
	switch name := plainName(p.name); {
	case sure != nothing:
	case name == "code" && oauth:
		sure = certain
	case p.form && (name == "code" || name == "key") && len(p.value) >= 10:
		sure = maybe
	}
	return sure
}

// redact sorts the secrets once all are known.
func (b *Secrets) redact() {
	if b.complete {
		return
	}
	b.complete, b.longest, b.weak, b.cores, b.clean = true, nil, nil, nil, map[string]bool{}
	for _, s := range b.all {
		if !b.replaceEverywhere(s) {
			b.weak = append(b.weak, s.value)
			continue
		}
		b.longest = append(b.longest, s)
		b.cores = append(b.cores, coresOf(s.value)...)
	}
	slices.SortFunc(b.longest, func(x, y *secret) int {
		return cmp.Or(len(y.value)-len(x.value), strings.Compare(x.value, y.value))
	})
}
