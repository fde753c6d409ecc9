package record

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"gopkg.in/dnaeon/go-vcr.v3/cassette"
)

// search looks for every secret in what is about to be written: in every field, as replace would find it, and
// in the bytes of the files, as each encoding would have it. It says where one was found, and not which.
func (b *book) search(tape []*cassette.Interaction, files map[string]string) error {
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
			if b.replace(text, 0) != text {
				return fmt.Errorf("interaction %d: a secret is left in %s; nothing is written", n, field)
			}
		}
	}
	for name, text := range files {
		if b.holds(text) {
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

// holds reports whether a text has a strong secret in it. It does not look as replace does: it writes the
// secret in every encoding, and compares.
func (b *book) holds(text string) bool {
	b.seal()
	for _, s := range b.longest {
		for _, spelling := range spellings(s.value) {
			if strings.Contains(text, spelling) {
				return true
			}
		}
	}
	return false
}

// spellings are the ways to write a text.
func spellings(s string) []string {
	quoted, _ := json.Marshal(s) // a string always can be
	inner := string(quoted[1 : len(quoted)-1])
	all := []string{s, inner, strings.ReplaceAll(inner, "@", `\u0040`), strings.ReplaceAll(inner, "/", `\/`), url.QueryEscape(s), url.PathEscape(s), strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), strings.ToLower(url.QueryEscape(s))}
	return append(all, coresOf(s)...)
}

// coresOf is what a text looks like in base64, by where in a group it begins, without what depends on its
// neighbours.
func coresOf(s string) (all []string) {
	for shift := range 3 {
		coded := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + s))
		core := coded[(shift*8+5)/6 : len(coded)-1]
		all = append(all, core)
		if other := toURL.Replace(core); other != core {
			all = append(all, other)
		}
	}
	return all
}
