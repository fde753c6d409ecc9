package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strconv"
	"strings"
)

// of returns the pseudonym of a secret. Within a recording it is the same for the same secret and
// for no other. It is derived from a key that lives as long as the recording, so that a secret
// cannot be found by guessing.
func (b *Secrets) of(s *secret) string {
	if b.mark != "" {
		return b.mark
	}
	spelled := canonical(s)
	for n := 0; b.stands[spelled] == ""; n++ {
		made := b.make(s, n)
		if !b.given[made] && b.all[made] == nil && !strings.Contains(made, s.value) {
			b.stands[spelled], b.given[made] = made, true
		}
	}
	return b.stands[spelled]
}

// canonical returns the spelling of a secret that its pseudonym is derived from: servers change the
// case of addresses, and a blank in a form may be a plus sign.
func canonical(s *secret) string {
	if s.kind == email {
		return strings.ToLower(s.value)
	}
	return strings.ReplaceAll(s.value, " ", "+")
}

func (b *Secrets) make(s *secret, n int) string {
	made, ok := "", false
	switch s.kind {
	case email:
		const before, after = "user-", "@example.com"
		digits := 12
		if len(s.value) > 64 { // servers may reject longer ones with a message about the length
			digits = len(s.value) - len(before+after)
		}
		return before + hex.EncodeToString(b.stream(canonical(s), n, digits))[:digits] + after
	case jwt:
		made, ok = b.ofToken(s.value, n)
		ok = ok && made != s.value
	case basic:
		made, ok = b.ofBasic(s.value)
		ok = ok && n == 0
	case key:
		made, ok = b.ofKey(s.value, n), true
	}
	if !ok {
		made = b.shaped(canonical(s), n)
	}
	return made
}

// ofToken keeps the algorithm, the claim names and the claims that identify no person (claims.go).
func (b *Secrets) ofToken(value string, n int) (string, bool) {
	parts := strings.Split(value, ".")
	for i, part := range parts[:2] {
		text, err := base64.RawURLEncoding.DecodeString(part)
		if err != nil {
			return "", false
		}
		parts[i] = base64.RawURLEncoding.EncodeToString([]byte(b.replace(b.anonymous(string(text)), 1)))
	}
	if s := b.all[parts[2]]; s != nil && n == 0 {
		parts[2] = b.of(s)
	} else if parts[2] != "" {
		parts[2] = b.shaped(parts[2], n)
	}
	return strings.Join(parts, "."), true
}

func (b *Secrets) ofBasic(value string) (string, bool) {
	pair, coding, ok := decodeBasic(value)
	if !ok {
		return "", false
	}
	user, password, _ := strings.Cut(pair, ":")
	return coding.EncodeToString([]byte(b.placed(user) + ":" + b.placed(password))), true
}

func decodeBasic(value string) (pair string, coding *base64.Encoding, ok bool) {
	for _, coding := range []*base64.Encoding{base64.StdEncoding, base64.RawStdEncoding, base64.URLEncoding,
		base64.RawURLEncoding} {
		if plain, err := coding.DecodeString(value); err == nil && strings.Contains(string(plain), ":") {
			return string(plain), coding, true
		}
	}
	return "", nil, false
}

var (
	uuidShape = regexp.MustCompile(`^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`)
	hexShape  = regexp.MustCompile(`^(?:[0-9a-f]{12,}|[0-9A-F]{12,})$`)
)

// ofKey keeps the first and the last line of a key and replaces the characters between them.
func (b *Secrets) ofKey(value string, n int) string {
	begin, rest, _ := strings.Cut(value, "KEY")
	dashes := strings.Index(rest, "-----") + len("-----")
	end := strings.LastIndex(rest, "-----END")
	body := strings.Split(rest[dashes:end], "\n")
	for i, line := range body {
		plain := strings.TrimRight(line, "\r")
		body[i] = b.shaped(plain, n) + line[len(plain):]
	}
	return begin + "KEY" + rest[:dashes] + strings.Join(body, "\n") + rest[end:]
}

// shaped keeps the length and the character classes. It keeps only punctuation that every encoding
// writes alike.
func (b *Secrets) shaped(value string, n int) string {
	random := b.stream(value, n, len(value)+8)
	digits := "0123456789"
	if uuid := uuidShape.MatchString(value); uuid || hexShape.MatchString(value) {
		return shapedHex(value, random, uuid)
	}
	body, kept := strings.TrimRight(value, "="), "-_.~"
	if body == "" {
		body = value
	}
	if len(body) < shortest || strings.Trim(body, kept) == "" {
		kept = ""
	}
	var out strings.Builder
	for i := range len(body) {
		c, r := body[i], random[i]
		switch {
		case c >= '0' && c <= '9' && i == 0:
			out.WriteByte(digits[1+r%9]) // no leading zero in a number
		case c >= '0' && c <= '9':
			out.WriteByte(digits[r%10])
		case c >= 'A' && c <= 'Z':
			out.WriteByte('A' + r%26)
		case strings.IndexByte(kept, c) >= 0:
			out.WriteByte(c)
		default:
			out.WriteByte('a' + r%26)
		}
	}
	if n > 8 { // shorter shapes have few pseudonyms, which may all be taken
		out.WriteString(strconv.Itoa(n))
	}
	return out.String() + value[len(body):]
}

// shapedHex keeps the version and the variant of a UUID, which are not random.
func shapedHex(value string, random []byte, uuid bool) string {
	digits := "0123456789abcdef"
	if strings.ToUpper(value) == value && strings.ToLower(value) != value {
		digits = strings.ToUpper(digits)
	}
	out := []byte(value)
	for i, c := range out {
		if c != '-' && !(uuid && (i == 14 || i == 19)) {
			out[i] = digits[random[i]%16]
		}
	}
	return string(out)
}

// stream derives bytes from a text that cannot be computed without the key.
func (b *Secrets) stream(text string, n, length int) []byte {
	var out []byte
	for block := 0; len(out) < length; block++ {
		mac := hmac.New(sha256.New, b.key)
		mac.Write([]byte(strconv.Itoa(n) + "/" + strconv.Itoa(block) + "/" + text))
		out = mac.Sum(out)
	}
	return out[:length]
}
