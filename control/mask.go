package control

import (
	"io/fs"
	"net/http"
	"slices"
	"sync"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/redact"
)

// redacted replaces every secret.
const redacted = "REDACTED"

// mask replaces the secrets of one request or address, which package redact finds.
type mask struct{ secrets *redact.Secrets }

// maskOf returns the mask for a request in the journal.
func (c *call) maskOf(e *fake.Entry) mask {
	m := c.mask(e.Fake)
	m.secrets.LearnURL(e.URL)
	m.secrets.LearnMessage(e.Header, e.Body)
	m.secrets.LearnMessage(e.Answered, e.Answer)
	return m
}

// maskDelivery replaces the secrets of a webhook's address, also where the body or the problem repeats them.
func (c *call) maskDelivery(name string, d fake.Delivery) (url, body, problem string) {
	m := c.mask(name)
	m.secrets.LearnURL(d.URL)
	return m.url(d.URL), m.secrets.Replace(d.Body), m.secrets.Replace(d.Problem)
}

// maskRules are what a mask knows of a fake: the names of its secrets, and the values of its default seed, whose e-mail
// addresses are public.
type maskRules struct {
	names  []string
	public *redact.Public
}

var maskRulesOf sync.Map // *fake.Def → maskRules

func rulesOf(def *fake.Def) maskRules {
	if k, ok := maskRulesOf.Load(def); ok {
		return k.(maskRules)
	}
	text, _ := fs.ReadFile(def.Seeds, "seeds/default.json") // without a seed nothing is public
	k, _ := maskRulesOf.LoadOrStore(def, maskRules{slices.Concat(def.Secrets, conduct.KeyNames(def.Spec)),
		redact.NewPublic(string(text))})
	return k.(maskRules)
}

// mask returns a mask that knows the names of a fake's secrets, and no secret yet.
func (c *call) mask(name string) mask {
	var k maskRules
	if def := c.plane.srv.Def(name); def != nil {
		k = rulesOf(def)
	}
	m := mask{redact.New(nil, k.names)}
	m.secrets.SetPublic(k.public)
	m.secrets.SetMark(redacted)
	return m
}

// headers redacts headers. The scheme of Authorization and the names of cookies stay.
func (m mask) headers(h http.Header) http.Header { return m.secrets.ReplaceHeader(h) }

// header redacts one value of a header.
func (m mask) header(name, value string) string {
	return m.secrets.ReplaceHeader(http.Header{name: {value}})[name][0]
}

func (m mask) url(address string) string { return m.secrets.ReplaceURL(address) }

// body redacts a body, also one that is cut off. Of a body that is not text, only the first bytes stay.
func (m mask) body(h http.Header, body []byte) []byte { return []byte(m.secrets.ReplaceBody(h, body)) }
