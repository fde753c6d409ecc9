package recorder

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/redact"
)

// delivered is a delivery of the service. All deliveries of a case go to one receiver.
type delivered struct {
	address string
	contracts.Delivery
}

// AddDelivery adds a request that the service sent because of the conversation, such as a webhook.
// A case has one receiver, over plain HTTP; a delivery to another address is left out with a note.
func (r *Recorder) AddDelivery(address string, header http.Header, body string) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Scheme != "http" || u.Host == "":
		r.note("left out: a delivery to an address that is not plain HTTP")
		return
	case len(r.deliveries) > 0 && originOf(r.deliveries[0].address) != originOf(address):
		r.note("left out: a delivery to a second receiver, %s", originOf(address))
		return
	}
	header = header.Clone()
	header.Set("Host", u.Host)
	r.deliveries = append(r.deliveries, &delivered{address,
		contracts.Delivery{Method: http.MethodPost, Path: u.RequestURI(), Header: header, Body: body}})
}

// learn adds the secrets of a delivery.
func (d *delivered) learn(b *redact.Secrets) {
	b.LearnURL(d.address)
	b.LearnMessage(d.Header, []byte(d.Body))
}

// addDeliveries adds the file of deliveries, or returns a note that says why it could not.
func (r *Recorder) addDeliveries(files map[string]string, b *redact.Secrets, all []*exchange,
	tape []*cassette.Interaction) (notes []string) {
	if len(r.deliveries) == 0 {
		return nil
	}
	text, err := r.deliveriesJSONL(b, all, tape)
	switch {
	case err != nil:
		return []string{"left out: the deliveries: " + err.Error()}
	case b.Holds(text):
		return []string{"left out: the deliveries: a secret is left in them"}
	}
	files["deliveries.jsonl"] = text
	return nil
}

// deliveriesJSONL writes the deliveries, signed with the pseudonyms of their secrets. It is unknown
// which request caused which delivery, so a replay compares them at the end.
func (r *Recorder) deliveriesJSONL(b *redact.Secrets, all []*exchange, tape []*cassette.Interaction) (string, error) {
	signer, err := contracts.NewSigner(r.options.Rules, r.options.Fake.Name)
	if err != nil {
		return "", err
	}
	for n, x := range all {
		signer.Learn(string(x.body), tape[n].Request.Body)
		signer.Learn(string(x.result), tape[n].Response.Body)
	}
	var out strings.Builder
	for _, d := range r.deliveries {
		address := b.ReplaceURL(d.address)
		u, err := url.Parse(address)
		if err != nil {
			return "", err
		}
		now := contracts.Delivery{Method: d.Method, Path: u.RequestURI(), Header: b.ReplaceHeader(d.Header),
			Body: b.ReplaceBody(d.Header, []byte(d.Body))}
		now.Header.Set("Host", u.Host)
		signer.Sign(&d.Delivery, &now, d.address, address)
		headers := map[string]string{}
		for name := range now.Header {
			headers[name] = now.Header.Get(name)
		}
		line, err := json.Marshal(map[string]any{"method": now.Method, "path": now.Path, "headers": headers,
			"rawBody": now.Body})
		if err != nil {
			return "", err
		}
		out.Write(line)
		out.WriteString("\n")
	}
	return out.String(), nil
}
