package explain

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/journal"
)

// Request explains an entry of the journal of a world: all rules that the request broke, and the nearest request that
// the fake answers. It changes nothing in the world.
func Request(srv *fake.Server, w *fake.World, e *fake.Entry) (*Explanation, error) {
	x := &Explanation{Answer: Cause(srv, w, e), Rules: []Rule{}}
	if e.Stub != nil || e.Fake == "" || e.Rejection == nil && e.Status < 400 && e.Fault == "" {
		return x, nil
	}
	if len(e.Body) >= journal.KeptBody {
		x.Rules = append(x.Rules, ofEntry(e,
			"the journal kept only the first bytes of the body, so nothing can be tried"))
		x.NotFound = fmt.Sprintf("the journal keeps %d bytes of a body, and this one is longer", journal.KeptBody)
		return x, nil
	}
	p, err := newProber(srv, w, e)
	if err != nil {
		return nil, err
	}
	return x, p.explain(x)
}

// explain repairs the request and fills in the explanation.
func (p *prober) explain(x *Explanation) error {
	x.State = "as it is now: the writes since the request cannot be undone any more"
	if p.exact {
		x.State = "as it was at the request"
	}
	root := p.attempt(messageOf(p.entry))
	if root.entry == nil {
		x.NotFound = "the request cannot be sent again"
		return p.err
	}
	if root.accepted() {
		p.untouched(x, root)
		return nil
	}
	found := p.search(root)
	var chain []*node
	if found.accepted() {
		chain = p.shorten(root, found)
		x.Valid = p.valid(chain[len(chain)-1], chain)
	} else {
		for n := found; n != nil; n = n.parent {
			chain = append(chain, n)
		}
		slices.Reverse(chain)
		x.NotFound = fmt.Sprintf("none of %d repaired requests was answered; the one that came furthest is "+
			"refused by: %s", p.sent, ruleOf(found))
	}
	x.Rules = p.rules(chain)
	x.Attempts = p.sent
	return p.err
}

func ruleOf(n *node) string {
	if n.entry.Rejection != nil {
		return n.entry.Rejection.Rule
	}
	return http.StatusText(n.entry.Status)
}

// untouched explains a request that nothing refuses when it is sent again.
func (p *prober) untouched(x *Explanation, root *node) {
	satisfy := "the same request, sent now"
	switch e := p.entry; {
	case e.Fault != "":
		satisfy = "the same request without the fault; DELETE /__admin/faults drops its rule"
	case e.Status == http.StatusTooManyRequests:
		satisfy = "the same request once the limit has room again; " + LimitsHint
	case e.Gone != "":
		satisfy = "a credential of a world that is there"
	}
	x.Rules = append(x.Rules, ofEntry(p.entry, satisfy))
	x.Valid, x.Attempts = p.valid(root, []*node{root}), p.sent
}

// ofEntry is the rule that the journal names.
func ofEntry(e *fake.Entry, satisfy string) Rule {
	r := Rule{Rule: e.Fault, Evidence: fake.Inferred, Source: "a fault that was injected", Status: e.Status,
		Satisfy: satisfy}
	if e.Rejection != nil {
		r.Rule, r.Evidence, r.Source = e.Rejection.Rule, e.Rejection.Evidence, e.Rejection.Source
	}
	return r
}

func (p *prober) valid(n *node, chain []*node) *Valid {
	v := &Valid{Method: n.message.method, URL: p.entry.Base + n.message.target(), Headers: n.message.header,
		Body:   string(n.message.body()),
		Status: n.entry.Status, Changes: []Change{}}
	v.Curl = command(v.Method, v.URL, v.Headers, v.Body)
	if root := chain[0]; root != n {
		v.Changes = differences(root.message, n.message, operation(p.def, n.entry.Operation))
	}
	return v
}

// rules lists the rules that refused the attempts of a chain.
func (p *prober) rules(chain []*node) []Rule {
	out := []Rule{}
	for i, n := range chain {
		if n.accepted() || n.entry == nil {
			continue
		}
		var next []Change
		if i+1 < len(chain) {
			next = differences(n.message, chain[i+1].message, operation(p.def, n.entry.Operation))
		}
		all := differences(chain[0].message, chain[len(chain)-1].message, operation(p.def, n.entry.Operation))
		for _, r := range p.rulesOf(n, next, all) {
			known := func(k Rule) bool { return k.Rule == r.Rule && k.In == r.In && k.Field == r.Field }
			if !slices.ContainsFunc(out, known) {
				out = append(out, r)
			}
		}
	}
	return out
}

// rulesOf lists the rules of one refusal, each violation of the document as a rule, with what satisfies them:
// next are the changes after which another rule or none refuses, all those of the whole chain.
func (p *prober) rulesOf(n *node, next, all []Change) (out []Rule) {
	r := Rule{Rule: http.StatusText(n.entry.Status), Evidence: fake.Inferred, Status: n.entry.Status}
	if f := n.entry.Rejection; f != nil {
		r.Rule, r.Evidence, r.Source = f.Rule, f.Evidence, f.Source
	}
	op := operation(p.def, n.entry.Operation)
	if n.rejection != nil {
		for _, v := range n.rejection.Violations {
			one, at := r, placeOf(op, v)
			one.Rule, one.In, one.Field, one.Sent = v.String(), v.In, v.Field(), v.Value
			field := at.field()
			if at.in == "path" {
				field = one.Field
			}
			one.Satisfy = p.demand(op, n.message, at, v)
			if text := clauses(all, func(c Change) bool { return c.In == at.in && c.Field == field }); text != "" {
				one.Satisfy += "; for example " + text
			}
			out = append(out, one)
		}
	}
	if len(out) > 0 {
		return out
	}
	if len(next) > 0 {
		r.In, r.Field, r.Sent = next[0].In, next[0].Field, next[0].From
	}
	r.Satisfy = clauses(next, func(Change) bool { return true })
	if r.Satisfy == "" {
		r.Satisfy = "nothing that was tried"
	}
	if e := n.rejection; e != nil && e.Table != "" && e.Status != http.StatusConflict {
		if ids := p.rows.ids[e.Table]; len(ids) > 0 {
			r.Satisfy = fmt.Sprintf("a row that is in %s, such as %s; for example %s", e.Table,
				strings.Join(ids[:min(len(ids), 5)], ", "), r.Satisfy)
		}
	}
	return []Rule{r}
}

func clauses(changes []Change, want func(Change) bool) string {
	var parts []string
	for _, c := range changes {
		if want(c) {
			parts = append(parts, c.String())
		}
	}
	return strings.Join(parts, ", ")
}

// demand is what the document wants of a value.
func (p *prober) demand(op *fake.Operation, m *message, at place, v fake.Violation) string {
	switch {
	case v.Rule == "syntax":
		return "a body that is JSON"
	case len(at.path) == 0:
		return "a body as the document has it"
	}
	if s := p.doc.schemaOf(op, m, at); s != nil {
		return s.demand()
	}
	return "what the document says of " + v.In + " " + v.Field()
}

// Mask rewrites the headers, the URL and the body of a valid request, and its command with them.
func (v *Valid) Mask(header func(name, value string) string, url func(string) string,
	body func(http.Header, string) string) {
	masked := http.Header{}
	for name, values := range v.Headers {
		for _, value := range values {
			masked.Add(name, header(name, value))
		}
	}
	v.URL, v.Body, v.Headers = url(v.URL), body(v.Headers, v.Body), masked
	v.Curl = command(v.Method, v.URL, v.Headers, v.Body)
}
