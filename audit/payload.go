package audit

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/conduct"
)

func payloadRules() []Rule {
	return []Rule{
		{unverified, "answered with success to a delivery whose signature was wrong", vendor, nil},
		{"fields-ignored", "sent fields or parameters that the server ignores", vendor, (*history).fieldsIgnored},
		{"field-not-promised", "used a value that only stood in a field that the document does not promise", vendor,
			(*history).fieldNotPromised},
	}
}

// fieldsIgnored reports each operation once with all names that were ignored.
func (h *history) fieldsIgnored() (found []Finding) {
	calls, names := map[string][]*call{}, map[string]map[string]bool{}
	var order []string
	for _, c := range h.calls {
		ignored := c.ignored()
		if len(ignored) == 0 || !c.ok() {
			continue
		}
		id := c.entry.Operation
		if names[id] == nil {
			names[id], order = map[string]bool{}, append(order, id)
		}
		for _, name := range ignored {
			names[id][name] = true
		}
		calls[id] = append(calls[id], c)
	}
	for _, id := range order {
		source := h.doc.Operation(id).Source
		found = append(found, finding(source, id+" ignores "+strings.Join(slices.Sorted(maps.Keys(names[id])), "; "),
			calls[id]...))
	}
	return found
}

// ignored returns what the operation ignores of the request: what the fake noted, keys of the body and parameters that
// the document does not have. Where the document declares no key or parameter at all, it says nothing about others.
func (c *call) ignored() (names []string) {
	if c.op == nil {
		return nil
	}
	names = slices.Clone(c.entry.Notes)
	if object, ok := c.decode().body.(map[string]any); ok {
		for key := range object {
			if !c.op.Declares(key) {
				names = append(names, "the key "+key)
			}
		}
	}
	declared := c.doc.Query(c.op)
	if len(declared) == 0 || c.doc.Pages.Conditions {
		return names
	}
	for name := range c.query {
		if !slices.Contains(declared, strings.TrimSuffix(name, "[]")) && !slices.Contains(declared, name) {
			names = append(names, "the parameter "+name)
		}
	}
	return names
}

// leastTelling is the length of a value that is not there by chance.
const leastTelling = 8

// fieldNotPromised looks in later requests for values that an answer had in undeclared fields alone.
func (h *history) fieldNotPromised() (found []Finding) {
	loose := map[string]*call{} // value → the answer that had it
	where := map[string]string{}
	promised := map[string]bool{}
	for _, c := range h.calls {
		for _, value := range slices.Sorted(maps.Keys(loose)) {
			if promised[value] || !c.has(value) {
				continue
			}
			found = append(found, finding(loose[value].op.Source,
				fmt.Sprintf("%s is not in the document of %s", where[value],
					loose[value].entry.Operation), loose[value], c))
			delete(loose, value)
		}
		if c.op == nil || !c.ok() {
			continue
		}
		c.sort(c.doc.Answer(c.op, c.entry.Status), c.decode().answer, func(name, value string, declared bool) {
			if declared {
				promised[value] = true
			} else if loose[value] == nil {
				loose[value], where[value] = c, name
			}
		})
	}
	return found
}

// has reports whether a request has a value in its URL or body.
func (c *call) has(value string) bool {
	return bytes.Contains(c.entry.Body, []byte(value)) || strings.Contains(c.url.RequestURI(), value)
}

// sort visits the texts of an answer and says of each whether the document declares its field. Where a schema names no
// properties, or leaves alternatives open, everything counts as declared.
func (c *call) sort(s *conduct.Schema, v any, visit func(name, value string, declared bool)) {
	c.walk(s, v, "", true, visit)
}

func (c *call) walk(s *conduct.Schema, v any, name string, declared bool, visit func(string, string, bool)) {
	switch v := v.(type) {
	case string:
		if len(v) >= leastTelling {
			visit(name, v, declared)
		}
	case []any:
		for _, item := range v {
			c.walk(s.Items(), item, name, declared, visit)
		}
	case map[string]any:
		known := s.Names()
		for key, value := range v {
			p, ok := s.Property(key)
			c.walk(p, value, key, declared && (ok || len(known) == 0) && !strings.HasPrefix(key, conduct.Extra), visit)
		}
	}
}
