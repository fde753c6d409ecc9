package contracts

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
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

// deliveryLine is a recorded delivery, as a line of JSON in deliveries.jsonl or beside a bare
// cassette.
type deliveryLine struct {
	// the request that caused it; if missing, any up to the last
	Interaction *int              `json:"interaction"`
	Time        json.Number       `json:"t"`      // time of arrival, for people
	Method      string            `json:"method"` // default POST
	Path        string            `json:"path"`
	Headers     map[string]string `json:"headers"`
	Body        string            `json:"rawBody"`
}

// Receiving is the part of case.yaml about the receiver of deliveries.
type Receiving struct {
	Order   string                     `yaml:"order"`   // arrival: in the recorded order; default: any order
	Answers map[string]*ReceiverAnswer `yaml:"answers"` // by path; default: 200 without a body
}

// ReceiverAnswer is the receiver's answer to a delivery.
type ReceiverAnswer struct {
	Status  int               `yaml:"status"`
	Headers map[string]string `yaml:"headers"`
}

func (r *Receiving) check() error {
	if !slices.Contains([]string{"", "arrival"}, r.Order) {
		return fmt.Errorf("deliveries: order %q: expected arrival or nothing", r.Order)
	}
	for path, a := range r.Answers {
		if a == nil || a.Status < 200 || a.Status > 599 {
			return fmt.Errorf("deliveries: answers: %s: a status from 200 to 599 is needed", path)
		}
	}
	return nil
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

// of returns the header's value for a delivery.
func (s *Signature) of(d *Delivery, secret string) string {
	pairs := []string{"{body}", d.Body}
	for name, values := range d.Header {
		pairs = append(pairs, "{"+name+"}", strings.Join(values, ","))
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(strings.NewReplacer(pairs...).Replace(s.Over)))
	return strings.Replace(s.Value, "{hex}", hex.EncodeToString(mac.Sum(nil)), 1)
}

// secrets are the secrets in a conversation, by the address of the receiver.
type secrets map[string][]string

// learn finds addresses with their secrets in a request or an answer.
func (s secrets) learn(rule *Signature, body string) {
	n, err := jsontree.Parse(body)
	if err == nil {
		s.learnFrom(rule, n)
	}
}

func (s secrets) learnFrom(rule *Signature, n *jsontree.Node) {
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
func (s secrets) signed(rule *Signature, d *Delivery, origin string) bool {
	now := valuesOf(d.Header, textproto.CanonicalMIMEHeaderKey(rule.Header))
	return len(now) == 0 || slices.ContainsFunc(s[origin+d.Path],
		func(secret string) bool { return rule.of(d, secret) == now[0] })
}

// followed reports whether a delivery follows the redirect of another of the same request: without a body, and with the
// signature of the one that was redirected.
func (s secrets) followed(rule *Signature, d *Delivery, batch []*Delivery, origin string) bool {
	name := textproto.CanonicalMIMEHeaderKey(rule.Header)
	return d.Body == "" && slices.ContainsFunc(batch, func(first *Delivery) bool {
		return first.Body != "" && slices.Equal(valuesOf(first.Header, name), valuesOf(d.Header, name)) &&
			s.signed(rule, first, origin)
	})
}

// loadDeliveries reads recorded deliveries and gives them to the interactions that caused them.
func (c *Case) loadDeliveries(fsys fs.FS, file string) error {
	data, err := fs.ReadFile(fsys, file)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	for n, line := range bytes.Split(bytes.TrimSpace(data), []byte("\n")) {
		if err := c.addDelivery(line); err != nil {
			return fmt.Errorf("%s: line %d: %w", file, n+1, err)
		}
	}
	return nil
}

func (c *Case) addDelivery(line []byte) error {
	var d deliveryLine
	decoder := json.NewDecoder(bytes.NewReader(line))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return err
	}
	cause := len(c.interactions) - 1
	if d.Interaction != nil {
		cause = *d.Interaction
	} else {
		c.lateDeliveries = true
	}
	host := d.Headers["Host"]
	if cause < 0 || cause >= len(c.interactions) || d.Path == "" || host == "" {
		return fmt.Errorf("interaction %d of %d, path %q, header Host %q: all are needed", cause, len(c.interactions),
			d.Path, host)
	}
	if c.receiver == "" {
		c.receiver = "http://" + host
	}
	if c.receiver != "http://"+host {
		return fmt.Errorf("a second receiver %s beside %s is not supported", host, c.receiver)
	}
	header := http.Header{}
	for name, value := range d.Headers {
		header.Set(name, value)
	}
	i := c.interactions[cause]
	i.deliveries = append(i.deliveries, &Delivery{cmp.Or(d.Method, http.MethodPost), d.Path, header, d.Body})
	return nil
}

// Event returns the event of a delivery of the case, or else its path.
func (c *Case) Event(d *Delivery) string {
	if body, err := jsontree.Parse(d.Body); err == nil && c.rules.Deliveries.Event != "" {
		if event := body.Get(c.rules.Deliveries.Event); event != nil && event.Kind == jsontree.Text {
			return event.Text
		}
	}
	return d.Path
}

// receives reports whether a case compares deliveries.
func (c *Case) receives() bool {
	return c.receiver != "" || slices.ContainsFunc(c.interactions, func(i *interaction) bool { return i.receives })
}
