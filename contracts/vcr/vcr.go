// Package vcr decodes and encodes cassettes, the files of go-vcr v3, with the types of its package cassette. It accepts
// what go-vcr writes and nothing else: an unknown field is an error. What go-vcr has saved keeps every byte when it is
// decoded and encoded again.
package vcr

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/yaml.v3"
)

// Decode decodes a cassette as cassette.Load does. It rejects unknown fields, other versions of the format, and a
// second document. The YAML library bounds the expansion of aliases and the depth of a document.
func Decode(data []byte) (*cassette.Cassette, error) {
	c := cassette.New("")
	c.IsNew, c.Interactions = false, nil
	d := yaml.NewDecoder(bytes.NewReader(data))
	d.KnownFields(true)
	if err := d.Decode(c); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("the file is empty")
		}
		return nil, err
	}
	if c.Version != cassette.CassetteFormatV2 {
		return nil, fmt.Errorf("cassette version %d; expected %d, as go-vcr v3 writes it", c.Version,
			cassette.CassetteFormatV2)
	}
	if err := d.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one YAML document")
	}
	return c, nil
}

// Encode encodes interactions as cassette.Cassette.Save writes them. Texts that go-vcr would write so that they are not
// read again, such as a body that begins with an empty line, are quoted instead.
func Encode(interactions []*cassette.Interaction) ([]byte, error) {
	c, held := cassette.New(""), held{}
	for _, i := range interactions {
		now := *i
		now.Request.Body, now.Response.Body = held.hold(i.Request.Body), held.hold(i.Response.Body)
		now.Request.URL = held.hold(i.Request.URL)
		now.Request.Headers, now.Response.Headers = held.header(i.Request.Headers), held.header(i.Response.Headers)
		c.Interactions = append(c.Interactions, &now)
	}
	var out any = c
	if len(held) > 0 {
		var doc yaml.Node
		if err := doc.Encode(c); err != nil {
			return nil, err
		}
		held.release(&doc)
		out = &doc
	}
	data, err := yaml.Marshal(out)
	return append([]byte("---\n"), data...), err
}

// held maps placeholders to the texts that the YAML library does not write so that it can read them.
type held map[string]string

// hold returns a placeholder for a text that needs one, and other texts unchanged.
func (h held) hold(s string) string {
	if s == "" || s != "<<" && s[0] != 0 && !(strings.Contains(s, "\n") && strings.IndexByte(" \t\r\n", s[0]) >= 0) {
		return s
	}
	name := fmt.Sprintf("\x00%d", len(h))
	h[name] = s
	return name
}

func (h held) header(all http.Header) http.Header {
	all = all.Clone()
	for _, values := range all {
		for n, value := range values {
			values[n] = h.hold(value)
		}
	}
	return all
}

// release puts the texts in the place of their placeholders, in quotes.
func (h held) release(n *yaml.Node) {
	if text, ok := h[n.Value]; ok && n.Kind == yaml.ScalarNode {
		n.SetString(text)
		if n.Tag != "!!binary" {
			n.Style = yaml.DoubleQuotedStyle
		}
	}
	for _, kid := range n.Content {
		h.release(kid)
	}
}
