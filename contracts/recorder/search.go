package recorder

import (
	"reflect"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/contracts/vcr"
	"github.com/afba07b5/mockserver/redact"
)

// search searches what is about to be written for every secret: each field, as Replace would find
// it, and the bytes of the file, in every encoding. It returns the interactions that must not be
// written with the reason, which does not repeat the secret.
func search(b *redact.Secrets, interactions []*cassette.Interaction) map[int]string {
	drop := map[int]string{}
	for n, i := range interactions {
		if why := unfit(b, i); why != "" {
			drop[n] = why
		}
	}
	return drop
}

// unfit returns why an interaction must not be written, or "".
func unfit(b *redact.Secrets, i *cassette.Interaction) string {
	text, err := vcr.Encode([]*cassette.Interaction{i})
	if err != nil {
		return "it cannot be written as YAML"
	}
	read, err := vcr.Decode(text)
	switch {
	case err != nil || len(read.Interactions) != 1:
		return "it cannot be read again"
	case !reflect.DeepEqual(exchangeOf(read.Interactions[0]), exchangeOf(i)):
		return "it is not read again as it was written"
	}
	for field, text := range fieldsOf(i) {
		if b.Replace(text) != text || b.Holds(text) {
			return "a secret is left in " + field
		}
	}
	if b.Holds(string(text)) {
		return "a secret is left in it"
	}
	return ""
}

// fieldsOf returns every text of an interaction by name.
func fieldsOf(i *cassette.Interaction) map[string]string {
	fields := map[string]string{
		"the URL": i.Request.URL, "the request's body": i.Request.Body, "the method": i.Request.Method,
		"the host": i.Request.Host, "the answer's body": i.Response.Body, "the status": i.Response.Status,
	}
	for name, values := range i.Request.Headers {
		fields["the request's header "+name] = name + ": " + strings.Join(values, "\n")
	}
	for name, values := range i.Response.Headers {
		fields["the answer's header "+name] = name + ": " + strings.Join(values, "\n")
	}
	return fields
}
