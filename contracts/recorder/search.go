package recorder

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"

	"github.com/afba07b5/mockserver/redact"
)

// search looks for every secret in what is about to be written: in every field, as replace would find it, and
// in the bytes of the files, as each encoding would have it. It says where one was found, and not which.
func search(b *redact.Secrets, tape []*cassette.Interaction, files map[string]string) error {
	var read struct {
		Version      int                     `yaml:"version"`
		Interactions []*cassette.Interaction `yaml:"interactions"`
	}
	if err := yaml.NewDecoder(bytes.NewReader([]byte(files["cassette.yaml"])), yaml.Strict()).Decode(&read); err != nil {
		return fmt.Errorf("the cassette cannot be read again, nothing is written: %w", err)
	}
	for n, i := range read.Interactions {
		if !reflect.DeepEqual(exchangeOf(i), exchangeOf(tape[n])) {
			return fmt.Errorf("interaction %d is not read again as it was written; nothing is written", n)
		}
		for field, text := range fieldsOf(i) {
			if b.Replace(text) != text {
				return fmt.Errorf("interaction %d: a secret is left in %s; nothing is written", n, field)
			}
		}
	}
	for name, text := range files {
		if b.Holds(text) {
			return fmt.Errorf("a secret is left in %s; nothing is written", name)
		}
	}
	if len(read.Interactions) != len(tape) {
		return errors.New("the cassette is not read again as it was written; nothing is written")
	}
	return nil
}

// fieldsOf names every text of an interaction.
func fieldsOf(i *cassette.Interaction) map[string]string {
	fields := map[string]string{
		"the URL": i.Request.URL, "the request's body": i.Request.Body, "the method": i.Request.Method, "the host": i.Request.Host,
		"the answer's body": i.Response.Body, "the status": i.Response.Status,
	}
	for name, values := range i.Request.Headers {
		fields["the request's header "+name] = name + ": " + strings.Join(values, "\n")
	}
	for name, values := range i.Response.Headers {
		fields["the answer's header "+name] = name + ": " + strings.Join(values, "\n")
	}
	return fields
}
