package compare

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/textproto"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// Delivery is a request that a server sends because of another one, such as a webhook.
type Delivery struct {
	Method string
	Path   string // with the query, if any
	Header http.Header
	Body   string
}

// DeliveryRules describe a vendor's deliveries.
type DeliveryRules struct {
	Clocks    []string   `yaml:"clocks"` // headers with the time of sending, in milliseconds since 1970
	Signature *Signature `yaml:"signature"`
	Event     string     `yaml:"event"` // the key of a body that names the event
}

// Signature describes the signature of a delivery: hexadecimal HMAC-SHA256 with the secret of its
// receiver.
type Signature struct {
	Header string `yaml:"header"`
	Value  string `yaml:"value"`  // of the header; {hex} is the signature
	Over   string `yaml:"over"`   // the signed text; {body} is the body, {Name} a header
	URL    string `yaml:"url"`    // the JSON key of a receiver's address
	Secret string `yaml:"secret"` // the JSON key of its secret
}

func (s *Signature) check() error {
	if s.Header == "" || !strings.Contains(s.Value, "{hex}") || !strings.Contains(s.Over, "{body}") || s.URL == "" ||
		s.Secret == "" {
		return errors.New(
			"deliveries: signature: header, value with {hex}, over with {body}, url and secret are needed")
	}
	return nil
}

// Of returns the header's value for a delivery.
func (s *Signature) Of(d *Delivery, secret string) string {
	pairs := []string{"{body}", d.Body}
	for name, values := range d.Header {
		if placeholder := "{" + name + "}"; strings.Contains(s.Over, placeholder) {
			pairs = append(pairs, placeholder, strings.Join(values, ","))
		}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strings.NewReplacer(pairs...).Replace(s.Over)))
	return strings.Replace(s.Value, "{hex}", hex.EncodeToString(mac.Sum(nil)), 1)
}

// Secrets are the secrets in a conversation, by the address of the receiver.
type Secrets map[string][]string

// Learn finds addresses with their secrets in a request or an answer.
func (s Secrets) Learn(rule *Signature, body string) {
	n, err := jsontree.Parse(body)
	if err == nil {
		s.learnFrom(rule, n)
	}
}

func (s Secrets) learnFrom(rule *Signature, n *jsontree.Node) {
	at, secret := n.Get(rule.URL), n.Get(rule.Secret)
	if at != nil && secret != nil && !slices.Contains(s[at.Text], secret.Text) {
		s[at.Text] = append(s[at.Text], secret.Text)
	}
	for _, kid := range n.Kids {
		s.learnFrom(rule, kid)
	}
}

// signed reports whether one of the address's secrets gives the delivery's signature. A delivery
// without the header counts as signed; the comparison of headers reports it.
func (s Secrets) signed(rule *Signature, d *Delivery, origin string) bool {
	now := ValuesOf(d.Header, textproto.CanonicalMIMEHeaderKey(rule.Header))
	return len(now) == 0 || slices.ContainsFunc(s[origin+d.Path],
		func(secret string) bool { return rule.Of(d, secret) == now[0] })
}

// followed reports whether a delivery follows the redirect of another of the same request: without a body, and with the
// signature of the one that was redirected.
func (s Secrets) followed(rule *Signature, d *Delivery, batch []*Delivery, origin string) bool {
	name := textproto.CanonicalMIMEHeaderKey(rule.Header)
	return d.Body == "" && slices.ContainsFunc(batch, func(first *Delivery) bool {
		return first.Body != "" && slices.Equal(ValuesOf(first.Header, name), ValuesOf(d.Header, name)) &&
			s.signed(rule, first, origin)
	})
}
