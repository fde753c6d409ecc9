package recorder

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/redact"
)

// delivered is a delivery of the service. All deliveries of a case go to one receiver.
type delivered struct {
	location int // of the request that caused it, among those of the session; or unknownCause
	address  string
	contracts.Delivery
}

// unknownCause is the place of a request that is not known.
const unknownCause = -1

// AddDelivery adds a request that the service sent because of the conversation, such as a webhook;
// which request caused it is unknown. A case has one receiver, over plain HTTP; a delivery to
// another address is left out with a note.
func (r *Recorder) AddDelivery(address string, header http.Header, body string) {
	r.addDelivery(unknownCause, address, header, body)
}

func (r *Recorder) addDelivery(place int, address string, header http.Header, body string) {
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
	r.deliveries = append(r.deliveries, &delivered{place, address,
		contracts.Delivery{Method: http.MethodPost, Path: u.RequestURI(), Header: header, Body: body}})
}

// learn adds the secrets of a delivery.
func (d *delivered) learn(b *redact.Secrets) {
	b.LearnURL(d.address)
	b.LearnMessage(d.Header, []byte(d.Body))
}

// addDeliveries adds the file of deliveries, or returns a note that says why it could not.
func (r *Recorder) addDeliveries(files map[string]string, b *redact.Secrets, all []*exchange,
	interactions []*cassette.Interaction) (notes []string) {
	if len(r.deliveries) == 0 {
		return nil
	}
	text, notes, err := r.deliveriesJSONL(b, all, interactions)
	switch {
	case err != nil:
		return []string{"left out: the deliveries: " + err.Error()}
	case b.Holds(text):
		return []string{"left out: the deliveries: a secret is left in them"}
	case text != "":
		files["deliveries.jsonl"] = text
	}
	return notes
}

// deliveriesJSONL writes the deliveries, signed with the pseudonyms of their secrets. If it is unknown for one of them
// which request caused it, a replay compares all of them at the end. A delivery whose request is
// left out is left out as well.
func (r *Recorder) deliveriesJSONL(b *redact.Secrets, all []*exchange, interactions []*cassette.Interaction) (
	text string, notes []string, err error) {
	signer, err := contracts.NewSigner(r.options.Rules, r.options.Fake.Name)
	if err != nil {
		return "", nil, err
	}
	for n, x := range all {
		signer.Learn(string(x.body), interactions[n].Request.Body)
		signer.Learn(string(x.result), interactions[n].Response.Body)
	}
	var out strings.Builder
	for _, d := range r.deliveries {
		cause := slices.IndexFunc(all, func(x *exchange) bool { return x.location == d.location })
		if cause < 0 && d.location != unknownCause {
			notes = append(notes, fmt.Sprintf("left out: a delivery that request %d caused", d.location+1))
			continue
		}
		line, err := d.line(b, signer, cause)
		if err != nil {
			return "", nil, err
		}
		out.WriteString(line)
	}
	return out.String(), notes, nil
}

// line returns a delivery as a line of deliveries.jsonl. cause is the number of the interaction
// that caused it, negative if it is unknown.
func (d *delivered) line(b *redact.Secrets, signer *contracts.Signer, cause int) (string, error) {
	address := b.ReplaceURL(d.address)
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	now := contracts.Delivery{Method: d.Method, Path: u.RequestURI(), Header: b.ReplaceHeader(d.Header),
		Body: b.ReplaceBody(d.Header, []byte(d.Body))}
	now.Header.Set("Host", u.Host)
	signer.Sign(&d.Delivery, &now, d.address, address)
	fields := map[string]any{"method": now.Method, "path": now.Path, "rawBody": now.Body}
	headers := map[string]string{}
	for name := range now.Header {
		headers[name] = now.Header.Get(name)
	}
	if fields["headers"] = headers; cause >= 0 {
		fields["interaction"] = cause
	}
	line, err := json.Marshal(fields)
	return string(line) + "\n", err
}
