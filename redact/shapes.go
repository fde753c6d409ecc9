package redact

import (
	"regexp"
	"strings"
)

// shape is a secret with a recognisable form.
type shape struct {
	*regexp.Regexp
	needs string            // a text without it has no such secret
	maybe func(string) bool // nor has a text of which this is false, if it is not nil
	group int               // group of the expression that is the secret
	valid func(string) bool
}

// shapes are the forms that services publish for their keys, and forms with a checksum. The sources
// are the services' pages on credential formats; a form that is merely common is not listed.
var shapes = []shape{
	{needs: "PRIVATE KEY", Regexp: regexp.MustCompile(
		`-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----[\s\S]+?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----`)},
	// AWS
	{needs: "IA", Regexp: regexp.MustCompile(`\bA[KSB]IA[A-Z2-7]{16}\b`)},
	// AWS
	{needs: "ACCA", Regexp: regexp.MustCompile(`\bACCA[A-Z2-7]{16}\b`)},
	// Google
	{needs: "AIza", Regexp: regexp.MustCompile(`\bAIza[0-9A-Za-z_-]{35}`)},
	// Google OAuth
	{needs: "ya29.", Regexp: regexp.MustCompile(`\bya29\.[0-9A-Za-z_-]{20,}`)},
	// Google OAuth clients
	{needs: "GOCSPX-", Regexp: regexp.MustCompile(`\bGOCSPX-[0-9A-Za-z_-]{20,}`)},
	// Azure storage
	{needs: "AccountKey=", Regexp: regexp.MustCompile(`\bAccountKey=([0-9A-Za-z+/]{40,}={0,2})`), group: 1},
	// GitHub
	{needs: "gh", Regexp: regexp.MustCompile(`\bgh[pousr]_[0-9A-Za-z]{36,}`)},
	// GitHub
	{needs: "github_pat_", Regexp: regexp.MustCompile(`\bgithub_pat_[0-9A-Za-z_]{22,}`)},
	// GitLab
	{needs: "glpat-", Regexp: regexp.MustCompile(`\bglpat-[0-9A-Za-z_-]{20,}`)},
	// npm
	{needs: "npm_", Regexp: regexp.MustCompile(`\bnpm_[0-9A-Za-z]{36}`)},
	// Slack
	{needs: "xox", Regexp: regexp.MustCompile(`\bxox[abeoprs](?:\.xox[a-z])?-[0-9A-Za-z-]{10,}`)},
	// Slack
	{needs: "xapp-", Regexp: regexp.MustCompile(`\bxapp-[0-9A-Za-z-]{20,}`)},
	// Stripe
	{needs: "k_", Regexp: regexp.MustCompile(`\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{16,}`)},
	// Standard Webhooks
	{needs: "whsec_", Regexp: regexp.MustCompile(`\bwhsec_[0-9A-Za-z+/=]{20,}`)},
	// OpenAI, Anthropic
	{needs: "sk-", Regexp: regexp.MustCompile(`\bsk-[0-9A-Za-z_-]{20,}`)},
	// SendGrid
	{needs: "SG.", Regexp: regexp.MustCompile(`\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}`)},
	// Telegram
	{needs: ":AA", Regexp: regexp.MustCompile(`(?:\b|bot)([0-9]{8,10}:AA[0-9A-Za-z_-]{32,})`), group: 1},
	// Slack
	{needs: "/services/T", Regexp: regexp.MustCompile(`/services/(T[0-9A-Za-z]*/B[0-9A-Za-z]*/[0-9A-Za-z_-]{6,})`),
		group: 1},
	// Discord
	{needs: "/api/webhooks/", Regexp: regexp.MustCompile(`/api/webhooks/[0-9]{10,}/([0-9A-Za-z_-]{20,})`), group: 1},
	{needs: "/webhook", Regexp: regexp.MustCompile(`://[^\s"'<>\\?#]*/webhook(?:b2|-test)?/([^\s"'<>\\?#]{8,})`),
		group: 1, valid: looksRandom},
	{needs: "://hook", Regexp: regexp.MustCompile(`://hooks?\.[^\s"'<>\\?#/]+/([^\s"'<>\\?#]{8,})`), group: 1,
		valid: looksRandom},
	{maybe: hasDigitsOfCard,
		Regexp: regexp.MustCompile(`(?:^|[^0-9A-Za-z_.-])([2-6][0-9]{12,18}|[2-6][0-9]{3}(?:[ ` +
			`-][0-9]{4}){3}|3[47][0-9]{2}[ -][0-9]{6}[ -][0-9]{5})(?:$|[^0-9A-Za-z_-])`), group: 1, valid: isCard},
}

// basicShape finds Basic credentials under any name.
var basicShape = regexp.MustCompile(`(?i:\bbasic) ([0-9A-Za-z+/_-]{6,}={0,2})`)

// readShapes adds the secrets of a text that have a recognisable form.
func (b *Secrets) readShapes(text string) {
	for _, s := range shapes {
		if !strings.Contains(text, s.needs) || s.maybe != nil && !s.maybe(text) {
			continue
		}
		for _, m := range s.FindAllStringSubmatch(text, -1) {
			if value := m[s.group]; s.valid == nil || s.valid(value) {
				b.observe(value, recognized)
			}
		}
	}
	for _, m := range basicShape.FindAllStringSubmatch(text, -1) {
		if pair, _, ok := decodeBasic(m[1]); ok && isText(pair) {
			b.readAuthorization("Basic " + m[1])
		}
	}
}

func isText(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '\uFFFD' })
}

// hasDigitsOfCard reports whether a text has as many digits as the shortest card number, with nothing but blanks and
// hyphens between them.
func hasDigitsOfCard(text string) bool {
	n := 0
	for i := range len(text) {
		switch c := text[i]; {
		case c >= '0' && c <= '9':
			if n++; n == 13 {
				return true
			}
		case c != ' ' && c != '-':
			n = 0
		}
	}
	return false
}

// isCard reports whether digits are a payment card number: an issuer's prefix and length (ISO/IEC
// 7812) and the check digit.
func isCard(s string) bool {
	digits := strings.NewReplacer(" ", "", "-", "").Replace(s)
	return cardIssuer.MatchString(digits) && luhn(digits)
}

var cardIssuer = regexp.MustCompile(`^(?:4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|` +
	`3[47]\d{13}|3[068]\d{12}|35\d{14}|6(?:011|4[4-9]\d|5\d\d)\d{12})$`)

func luhn(digits string) bool {
	sum := 0
	for i := range len(digits) {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}
