package audit

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/journal"
	"github.com/afba07b5/mockserver/fake/openapi"
)

// history is what one client did with one fake, oldest first.
type history struct {
	fake, client string
	doc          *conduct.Document
	calls        []*call
}

// call is one request with what the rules read of it.
type call struct {
	entry    *journal.Entry
	doc      *conduct.Document
	op       *openapi.Operation // nil if no operation has the request
	path     string             // below the fake's root
	url      *url.URL
	query    url.Values
	at       time.Time
	deadline time.Time // when the answer allows the next request; zero if it says nothing

	body, answer     any // decoded; nil if it is not JSON, or cut off
	read             bool
	roots            []string // root fields of a GraphQL document
	mutates, isToken bool
}

// read groups the entries by fake and client.
func read(entries []*journal.Entry, fakes map[string]Fake) ([]*history, error) {
	docs, all := map[string]*conduct.Document{}, map[string]*history{}
	var order []*history
	owners := map[string]string{} // token → client
	for _, e := range entries {
		f, ok := fakes[e.Fake]
		if !ok || strings.HasPrefix(strings.TrimPrefix(e.URL, e.Base), "/__") {
			continue
		}
		doc := docs[e.Fake]
		if doc == nil {
			var err error
			if doc, err = f.document(e.Fake); err != nil {
				return nil, err
			}
			docs[e.Fake] = doc
		}
		c := newCall(e, doc)
		client := c.client(f, owners)
		h := all[e.Fake+"\x00"+client]
		if h == nil {
			h = &history{fake: e.Fake, client: client, doc: doc}
			all[e.Fake+"\x00"+client] = h
			order = append(order, h)
		}
		h.calls = append(h.calls, c)
	}
	return order, nil
}

func newCall(e *journal.Entry, doc *conduct.Document) *call {
	u, err := url.Parse(strings.TrimPrefix(e.URL, e.Base))
	if err != nil {
		u = &url.URL{}
	}
	c := &call{entry: e, doc: doc, op: doc.Operation(e.Operation), path: u.Path, url: u, query: u.Query(), at: e.At}
	c.deadline = c.mayAskAgain()
	if doc.IsGraphQL(e.Operation) {
		c.parseGraphQL()
	}
	c.isToken = c.matchesForm(doc.Tokens.Login) || c.matchesForm(doc.Tokens.Refresh)
	return c
}

// decode decodes the bodies once.
func (c *call) decode() *call {
	if !c.read {
		c.read, c.body, c.answer = true, decoded(c.entry.Body), decoded(c.entry.Answer)
	}
	return c
}

// ok reports whether the request succeeded.
func (c *call) ok() bool { return c.entry.Status >= 200 && c.entry.Status < 300 }

// reads reports whether the request cannot have changed anything.
func (c *call) reads() bool {
	if c.doc.IsGraphQL(c.entry.Operation) {
		return !c.mutates
	}
	return c.entry.Method == http.MethodGet || c.entry.Method == http.MethodHead || c.op != nil && !c.op.Writes
}

// parseGraphQL finds the root fields of a GraphQL request.
func (c *call) parseGraphQL() {
	text := c.query.Get("query")
	if object, ok := c.decode().body.(map[string]any); ok {
		text, _ = object["query"].(string)
	}
	document, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		return
	}
	for _, op := range document.Operations {
		c.mutates = c.mutates || op.Operation == ast.Mutation
		for _, s := range op.SelectionSet {
			if field, ok := s.(*ast.Field); ok {
				c.roots = append(c.roots, field.Name)
			}
		}
	}
}

// field returns a field of a body in JSON or as a form.
func (c *call) field(name string) string {
	if object, ok := c.decode().body.(map[string]any); ok {
		text, _ := object[name].(string)
		return text
	}
	form, err := url.ParseQuery(string(c.entry.Body))
	if err != nil {
		return ""
	}
	return form.Get(name)
}

// matchesForm reports whether the request is one that the document tells by its form.
func (c *call) matchesForm(f conduct.Form) bool {
	if c.entry.Operation == "" || c.entry.Operation != c.doc.Tokens.Operation {
		return false
	}
	if f.Field != "" {
		return c.field(f.Field) == f.Value
	}
	return slices.ContainsFunc(c.roots, func(root string) bool { return slices.Contains(f.Roots, root) })
}

// at returns the text at a pointer of the answer, or "".
func (c *call) answered(pointer string) string {
	if pointer == "" {
		return ""
	}
	for _, v := range conduct.At(c.decode().answer, pointer) {
		if text, ok := v.(string); ok {
			return text
		}
	}
	return ""
}

// anonymous is the client of requests without a credential.
const nobody = "without a credential"

// client names who sent the request: the principal of its credential, or a part of the credential's digest. Tokens
// belong to the client that they were handed to.
func (c *call) client(f Fake, owners map[string]string) string {
	name := nobody
	for _, credential := range c.credentials(f) {
		if owner := owners[credential]; owner != "" {
			name = owner
			break
		}
		if principal := f.Principals[credential]; principal != "" {
			name = principal
		} else if name == nobody {
			name = digest(credential)
		}
	}
	if !c.isToken {
		return name
	}
	if id := c.field(c.doc.Tokens.Client); id != "" && c.doc.Tokens.Client != "" {
		if name = f.Principals[id]; name == "" {
			name = digest(id)
		}
	} else if old := c.renewed(owners); old != "" {
		name = old
	} else if name == nobody {
		name = "signed in by " + c.entry.Header.Get("User-Agent")
	}
	for _, pointer := range []string{c.doc.Tokens.Access, c.doc.Tokens.Renewal} {
		if token := c.answered(pointer); token != "" {
			owners[token] = name
		}
	}
	return name
}

// renewed returns the owner of a refresh token that the body has, or "".
func (c *call) renewed(owners map[string]string) string {
	for token, owner := range owners {
		if bytes.Contains(c.entry.Body, []byte(token)) {
			return owner
		}
	}
	return ""
}

// credentials asks the fake for the credentials of the request, best first.
func (c *call) credentials(f Fake) []string {
	if f.Credential == nil {
		return nil
	}
	r := &http.Request{Method: c.entry.Method, URL: c.url, Header: c.entry.Header, Host: c.entry.Host,
		Body: readCloser{bufio.NewReader(bytes.NewReader(c.entry.Body))}}
	return strings.Fields(f.Credential(r))
}

type readCloser struct{ *bufio.Reader }

func (readCloser) Close() error { return nil }

func digest(credential string) string {
	sum := sha256.Sum256([]byte(credential))
	return "credential " + hex.EncodeToString(sum[:4])
}

// identity tells equal requests: method, URL and body.
func (c *call) identity() string {
	return c.entry.Method + " " + c.url.RequestURI() + "\x00" + string(c.entry.Body)
}

// names returns the ids that the request names in the path of its operation.
func (c *call) names() (ids []string) {
	if c.op == nil {
		return nil
	}
	have, want := strings.Split(c.path, "/"), strings.Split(c.op.Path, "/")
	for i := 1; i <= min(len(have), len(want)); i++ {
		if w := want[len(want)-i]; strings.HasPrefix(w, "{") {
			ids = append(ids, have[len(have)-i])
		}
	}
	return ids
}
