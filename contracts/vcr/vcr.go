// Package vcr loads and saves cassettes with go-vcr's package cassette (version 3). It rejects fields that go-vcr
// ignores, and quotes texts that go-vcr writes in a form that it cannot read.
package vcr

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/dnaeon/go-vcr.v3/cassette"
	"gopkg.in/yaml.v3"
)

// Load loads a file with cassette.Load, from a temporary copy if fsys is not of the disk. It returns an error for what
// Decode rejects.
func Load(fsys fs.FS, file string) (*cassette.Cassette, error) {
	data, name, err := read(fsys, file)
	if err != nil {
		return nil, err
	}
	if _, err := Decode(data); err != nil {
		return nil, err
	}
	if name == "" {
		dir, err := os.MkdirTemp("", "cassette")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
		name = filepath.Join(dir, "cassette")
		if err := os.WriteFile(name+".yaml", data, 0o600); err != nil {
			return nil, err
		}
	}
	return cassette.Load(name)
}

// read returns what a file holds and, if it is on the disk, the name that cassette.Load takes.
func read(fsys fs.FS, file string) (data []byte, name string, err error) {
	f, err := fsys.Open(file)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	if onDisk, ok := f.(*os.File); ok && strings.HasSuffix(file, ".yaml") {
		name = strings.TrimSuffix(onDisk.Name(), ".yaml")
	}
	data, err = io.ReadAll(f)
	return data, name, err
}

// Save saves interactions with cassette.Cassette.Save as the new file name.yaml, readable by its owner only. A cassette
// with texts that go-vcr cannot read again is written as Encode encodes it.
func Save(name string, interactions []*cassette.Interaction) error {
	f, err := os.OpenFile(name+".yaml", os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	c, held := without(interactions)
	if len(held) == 0 {
		c.File = f.Name()
		return c.Save()
	}
	data, err := encode(c, held)
	if err != nil {
		return err
	}
	return os.WriteFile(f.Name(), data, 0o600)
}

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

// Encode encodes interactions as Save writes them, for where there is no disk.
func Encode(interactions []*cassette.Interaction) ([]byte, error) {
	return encode(without(interactions))
}

// without returns a cassette with placeholders for texts that would not be read again, and those texts.
func without(interactions []*cassette.Interaction) (*cassette.Cassette, held) {
	c, held := cassette.New(""), held{}
	for _, i := range interactions {
		now := *i
		now.Request.Body, now.Response.Body = held.hold(i.Request.Body), held.hold(i.Response.Body)
		now.Request.URL = held.hold(i.Request.URL)
		now.Request.Headers, now.Response.Headers = held.header(i.Request.Headers), held.header(i.Response.Headers)
		c.Interactions = append(c.Interactions, &now)
	}
	return c, held
}

func encode(c *cassette.Cassette, held held) ([]byte, error) {
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
