package audit

import (
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/openapi"
	"github.com/afba07b5/mockserver/fake/webhook"
)

const (
	unverified     = "signature-not-verified"
	wrongSignature = "wrong signature" // Delivery.Probe
)

// Sender is the share of a fake in a world, as Probe needs it. A *world.State is one.
type Sender interface {
	Deliveries() []webhook.Delivery
	Deliver(webhook.Delivery)
	Change(func() error) error
}

// Probe sends each receiver of signed webhooks the newest one again, with a wrong signature, and returns how many it
// queued. The outcome is in the log of deliveries; a receiver that answers with success has not verified the signature.
func Probe(spec *openapi.Spec, from Sender) (sent int, err error) {
	doc, err := conduct.Read(spec)
	if err != nil || doc.Webhooks.Signature == "" {
		return 0, err
	}
	newest, order := map[string]webhook.Delivery{}, []string{}
	for _, d := range from.Deliveries() {
		if name := headerName(d.Header, doc.Webhooks.Signature); name == "" || d.Probe != "" || d.State == "refused" {
			continue
		}
		if _, known := newest[d.URL]; !known {
			order = append(order, d.URL)
		}
		newest[d.URL] = d
	}
	return len(order), from.Change(func() error {
		for _, url := range order {
			from.Deliver(forged(newest[url], doc.Webhooks.Signature))
		}
		return nil
	})
}

// forged returns a delivery like another, with a wrong signature and without further attempts.
func forged(d webhook.Delivery, signature string) webhook.Delivery {
	name := headerName(d.Header, signature)
	header := maps.Clone(d.Header)
	digits := []byte(header[name])
	last := len(digits) - 1
	if digits[last] == '0' {
		digits[last] = '1'
	} else {
		digits[last] = '0'
	}
	header[name] = string(digits)
	return webhook.Delivery{Event: d.Event, URL: d.URL, Header: header, Body: d.Body, Timeout: d.Timeout,
		Follow: d.Follow,
		Probe:  wrongSignature}
}

// headerName returns how a header is written in a delivery; "" if it has none, or an empty one.
func headerName(h map[string]string, name string) string {
	for key, value := range h {
		if strings.EqualFold(key, name) && value != "" {
			return key
		}
	}
	return ""
}

// receivers finds the receivers that took a probe for the vendor's.
func receivers(fakes map[string]Fake, rule Rule, client string) (found []Finding) {
	for _, name := range slices.Sorted(maps.Keys(fakes)) {
		accepted := map[string]bool{}
		for _, d := range fakes[name].Deliveries {
			receiver := "receiver " + d.URL
			if d.Probe != wrongSignature || d.State != "delivered" || accepted[d.URL] || client != "" &&
				client != receiver {
				continue
			}
			accepted[d.URL] = true
			f := Finding{Rule: rule.Name, Fake: name, Client: receiver, Source: rule.Source, Delivery: d.ID,
				Requests: []Request{},
				Detail:   "a delivery of " + d.Event + " with a wrong signature was answered with success"}
			if doc, err := fakes[name].document(name); err == nil {
				f.Source = doc.Webhooks.Source
			}
			found = append(found, f)
		}
	}
	return found
}
