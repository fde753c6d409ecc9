// Package conduct reads what the document of a fake says about its clients: how they page, how long they wait, how
// they get tokens, what they may send twice, and which fields of an answer are promised.
//
//	doc, err := conduct.Read(spec)
//	doc.Pages.Order // the query parameter that asks for an order
//
// Most of it is in the document's extension x-conduct, because OpenAPI has no words for it: an object at the top of the
// document, whose keys are those of Document. The package has no rules: audit and unfriendly have them. It follows
// references within the document alone, and reads answers in JSON alone.
package conduct

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/fake/openapi"
)

// Extra begins the names of fields that unfriendly answers have in addition, which no document promises.
const Extra = "mockserverExtra"

// Document is what one document says. Parts that it does not mention are zero.
type Document struct {
	Pages      Pages    `json:"pages"`
	Limit      Limit    `json:"limit"`
	Tokens     Tokens   `json:"tokens"`
	Polls      []Poll   `json:"polls"`
	Webhooks   Webhooks `json:"webhooks"`
	GraphQL    GraphQL  `json:"graphql"`
	Idempotent []string `json:"idempotent"` // POST operations that a client may send again
	Failures   Failures `json:"failures"`

	paths      map[string]map[string]json.RawMessage
	components map[string]map[string]any
	operations []*openapi.Operation
}

// Pages says how lists are read.
type Pages struct {
	Operations []string `json:"operations"` // empty: every GET with the parameter Number, Offset or Cursor
	Link       bool     `json:"link"`       // answers have the header Link, which clients follow
	Number     string   `json:"number"`     // the query parameter with the number of the page
	Offset     string   `json:"offset"`     // ... with the rows to leave out
	Cursor     string   `json:"cursor"`     // ... with the cursor of the row before
	Size       string   `json:"size"`       // ... with the rows of a page
	Order      string   `json:"order"`      // ... that asks for an order
	Items      string   `json:"items"`      // pointer to the rows in the answer; "" for the answer itself
	Total      string   `json:"total"`      // pointer to the number of all rows, or the name of a header
	More       string   `json:"more"`       // pointer to true or to a cursor if there is a further page
	Conditions bool     `json:"conditions"` // query parameters that no operation declares are filters
	Opaque     []string `json:"opaque"`     // pointers to cursors, whose form is the vendor's
	Count      string   `json:"count"`      // pointer to the number of rows of the page
	Filter     string   `json:"filter"`     // the query parameter with the filter, if one has them all
	Undeclared bool     `json:"undeclared"` // the lists read these parameters, and their document has none
	Unordered  bool     `json:"unordered"`  // without Order the vendor promises no order
	// Smallest is the fewest rows that the vendor may give instead of what Size asks for; 0 for as many as asked
	Smallest int               `json:"smallest"`
	Lookups  map[string]string `json:"lookups"` // list → the operation that finds one of its rows by a value
	Source   string            `json:"source"`
}

// Limit says how a client learns when it may ask again.
type Limit struct {
	Reset  string `json:"reset"` // the header with the end of the window
	Unit   string `json:"unit"`  // of Reset: epoch or seconds
	Source string `json:"source"`
}

// Tokens says how a client gets access tokens.
type Tokens struct {
	Operation string `json:"operation"` // that issues tokens
	Login     Form   `json:"login"`     // tells the requests that sign in
	Refresh   Form   `json:"refresh"`   // tells the requests that refresh
	Code      string `json:"code"`      // the field with the authorization code
	Client    string `json:"client"`    // the field with the client's id
	Access    string `json:"access"`    // pointer to the access token in the answer
	Renewal   string `json:"renewal"`   // pointer to the refresh token
	Lifetime  string `json:"lifetime"`  // pointer to the seconds that the access token is valid
	Expires   string `json:"expires"`   // pointer to the time at which it ends, if not Lifetime
	Source    string `json:"source"`
}

// Form tells a request by a field of its body or by the root fields of its GraphQL document.
type Form struct {
	Field string   `json:"field"`
	Value string   `json:"value"`
	Roots []string `json:"roots"`
}

// Poll names an operation that clients ask until something is done.
type Poll struct {
	Operation string        `json:"operation"`
	Text      string        `json:"every"` // like 1s
	Every     time.Duration `json:"-"`
	Source    string        `json:"source"` // "advice" if the vendor names no interval
}

// Webhooks says how a receiver knows that a delivery is the vendor's.
type Webhooks struct {
	Signature string `json:"signature"` // the header
	Source    string `json:"source"`
}

// GraphQL names the operations that execute GraphQL documents.
type GraphQL struct {
	Operations []string `json:"operations"`
	Transient  []string `json:"transient"` // codes or texts of errors that pass
	Source     string   `json:"source"`
}

// Failures names the faults of the fake that are a vendor's everyday failures.
type Failures struct {
	Limit   string `json:"limit"`   // the fault that is a rate limit; "" if the vendor has none
	Expired string `json:"expired"` // the fault that is a token that has ended
}

// Read reads a document.
func Read(spec *openapi.Spec) (*Document, error) {
	var text struct {
		Conduct    json.RawMessage                       `json:"x-conduct"`
		Paths      map[string]map[string]json.RawMessage `json:"paths"`
		Components map[string]map[string]any             `json:"components"`
	}
	if err := json.Unmarshal(spec.JSON(), &text); err != nil {
		return nil, err
	}
	d := &Document{paths: text.Paths, components: text.Components, operations: spec.Operations()}
	if len(text.Conduct) > 0 {
		strict := json.NewDecoder(bytes.NewReader(text.Conduct))
		strict.DisallowUnknownFields()
		if err := strict.Decode(d); err != nil {
			return nil, fmt.Errorf("x-conduct: %w", err)
		}
	}
	for i := range d.Polls {
		every, err := time.ParseDuration(d.Polls[i].Text)
		if err != nil {
			return nil, fmt.Errorf("x-conduct: polls: %w", err)
		}
		d.Polls[i].Every = every
	}
	return d, d.check()
}

// check reports an operation that the extension names and the document lacks.
func (d *Document) check() error {
	named := slices.Concat(d.Pages.Operations, d.GraphQL.Operations, d.Idempotent)
	for list, lookup := range d.Pages.Lookups {
		named = append(named, list, lookup)
	}
	for _, poll := range d.Polls {
		named = append(named, poll.Operation)
	}
	if d.Tokens.Operation != "" {
		named = append(named, d.Tokens.Operation)
	}
	for _, id := range named {
		if d.Operation(id) == nil {
			return fmt.Errorf("x-conduct: the document has no operation %q", id)
		}
	}
	return nil
}

// Operation returns the operation with an id, or nil.
func (d *Document) Operation(id string) *openapi.Operation {
	for _, op := range d.operations {
		if op.ID == id {
			return op
		}
	}
	return nil
}

// Query returns the names of the query parameters of an operation.
func (d *Document) Query(op *openapi.Operation) []string { return d.parameters(op, "query") }

// parameters returns the names of the parameters of an operation in one place: query, path or header.
func (d *Document) parameters(op *openapi.Operation, in string) (names []string) {
	type parameter struct {
		Ref  string `json:"$ref"`
		Name string `json:"name"`
		In   string `json:"in"`
	}
	var own struct{ Parameters []parameter }
	var shared []parameter
	item := d.paths[op.Path]
	json.Unmarshal(item[strings.ToLower(op.Method)], &own) // Load has read it
	if item["parameters"] != nil {
		json.Unmarshal(item["parameters"], &shared)
	}
	for _, p := range append(own.Parameters, shared...) {
		if p.Ref != "" {
			found, _ := d.components["parameters"][p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]].(map[string]any)
			p.Name, _ = found["name"].(string)
			p.In, _ = found["in"].(string)
		}
		if p.In == in {
			names = append(names, p.Name)
		}
	}
	return names
}

// List reports whether an operation answers with pages of a list.
func (d *Document) List(op *openapi.Operation) bool {
	if len(d.Pages.Operations) > 0 {
		return slices.Contains(d.Pages.Operations, op.ID)
	}
	return op.Method == "GET" && slices.ContainsFunc(d.Query(op), func(name string) bool {
		return name != "" && slices.Contains([]string{d.Pages.Number, d.Pages.Offset, d.Pages.Cursor}, name)
	})
}

// Filters reports whether a list can be filtered, by which parameters or operation.
func (d *Document) Filters(op *openapi.Operation) (by []string) {
	if lookup := d.Pages.Lookups[op.ID]; lookup != "" {
		by = append(by, lookup)
	}
	if d.Pages.Filter != "" {
		by = append(by, d.Pages.Filter)
	}
	for _, name := range d.Query(op) {
		if !d.Paging(name) && name != d.Pages.Order && !slices.Contains(by, name) {
			by = append(by, name)
		}
	}
	if d.Pages.Conditions && slices.Contains(d.Query(op), d.Pages.Order) {
		by = append(by, "the name of a field")
	}
	return by
}

// Paging reports whether a query parameter selects a page.
func (d *Document) Paging(name string) bool {
	p := &d.Pages
	return name != "" && (name == p.Number || name == p.Offset || name == p.Cursor || name == p.Size)
}

// IsGraphQL reports whether an operation executes GraphQL documents.
func (d *Document) IsGraphQL(id string) bool { return slices.Contains(d.GraphQL.Operations, id) }
