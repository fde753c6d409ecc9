package audit

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/conduct"
)

func repeatRules() []Rule {
	return []Rule{
		{"same-again", "asked the same again and again, although nothing had changed", Advice, (*history).sameAgain},
		{"post-retried", "sent a POST again that may have been executed, without looking first",
			"RFC 9110, section 9.2.2", (*history).postRetried},
		{"graphql-errors-ignored", "went on as if a GraphQL answer with errors had succeeded",
			"GraphQL specification of October 2021, section 7.1.2", (*history).graphqlErrorsIgnored},
	}
}

// leastSame is from how many equal requests in a row on they are a finding.
const leastSame = 5

// sameAgain looks for equal requests with equal answers, without a write of the client between them. Operations that
// are there to be polled do not count, nor requests with a condition.
func (h *history) sameAgain() (found []Finding) {
	runs := map[string][]*call{}
	var order []string
	end := func(key string) {
		if calls := runs[key]; len(calls) >= leastSame {
			found = append(found, finding("", fmt.Sprintf("%d times the same request, with the same answer",
				len(calls)),
				calls...))
		}
		delete(runs, key)
	}
	for _, c := range h.calls {
		if !c.reads() {
			for _, key := range order {
				end(key)
			}
			order = nil
			continue
		}
		if !c.ok() || h.polled(c) || c.entry.Header.Get("If-None-Match")+c.entry.Header.Get("If-Modified-Since") != "" {
			continue
		}
		key := c.identity()
		if before := runs[key]; len(before) > 0 && !bytes.Equal(before[0].entry.Answer, c.entry.Answer) {
			end(key)
		}
		if runs[key] == nil && !slices.Contains(order, key) {
			order = append(order, key)
		}
		runs[key] = append(runs[key], c)
	}
	for _, key := range order {
		end(key)
	}
	return found
}

func (h *history) polled(c *call) bool {
	return slices.ContainsFunc(h.doc.Polls, func(p conduct.Poll) bool { return p.Operation == c.entry.Operation })
}

// uncertain reports whether the client cannot know if the request was executed: the connection broke, or a gateway or
// the server failed.
func (c *call) uncertain() bool {
	return c.entry.Status >= 500 || strings.Contains(c.entry.Fault, "reset") ||
		strings.Contains(c.entry.Fault, "empty") ||
		strings.Contains(c.entry.Fault, "truncate")
}

// repeatable reports whether the request may be sent twice.
func (c *call) repeatable() bool {
	return c.reads() || c.isToken || c.entry.Header.Get("Idempotency-Key") != "" ||
		slices.Contains(c.doc.Idempotent, c.entry.Operation)
}

func (h *history) postRetried() (found []Finding) {
	for i, c := range h.calls {
		if c.entry.Method != http.MethodPost || c.op == nil || !c.uncertain() || c.repeatable() {
			continue
		}
		for _, later := range h.calls[i+1:] {
			if later.reads() && later.ok() {
				break // it has looked
			}
			if later.identity() == c.identity() {
				found = append(found, finding("", fmt.Sprintf("the answer %d %s did not say that nothing had happened",
					c.entry.Status, c.entry.Fault), c, later))
				break
			}
		}
	}
	return found
}

// errors returns the errors of a GraphQL answer with a success status that will not pass.
func (c *call) lastingErrors() (texts []string) {
	if !c.doc.IsGraphQL(c.entry.Operation) || !c.ok() {
		return nil
	}
	object, _ := c.decode().answer.(map[string]any)
	list, _ := object["errors"].([]any)
	for _, one := range list {
		text := jsonText(one)
		if slices.ContainsFunc(c.doc.GraphQL.Transient, func(t string) bool { return strings.Contains(text, t) }) {
			return nil
		}
		fields, _ := one.(map[string]any)
		message, _ := fields["message"].(string)
		texts = append(texts, message)
	}
	return texts
}

// graphqlErrorsIgnored looks for two signs: the same request again, unchanged, and a request about nothing right after
// the answer that had errors in place of an id.
func (h *history) graphqlErrorsIgnored() (found []Finding) {
	failed := map[string]*call{}
	var last *call
	for _, c := range h.calls {
		if last != nil && c.aboutNothing() {
			found = append(found, finding(h.doc.GraphQL.Source, "the next request has null or undefined in place "+
				"of a value",
				last, c))
		}
		last = nil
		if len(c.lastingErrors()) == 0 {
			if !c.reads() && c.ok() {
				clear(failed) // what failed before may succeed now
			}
			continue
		}
		if before := failed[c.identity()]; before != nil {
			found = append(found, finding(h.doc.GraphQL.Source, "the same request again, unchanged, although it "+
				"had errors",
				before, c))
		}
		failed[c.identity()], last = c, c
	}
	return found
}

// nothings are what programs write in place of a value that is missing.
var nothings = []string{"undefined", "null", "None", "nil", "NaN", "[object Object]"}

func (c *call) aboutNothing() bool {
	for _, id := range c.names() {
		if slices.Contains(nothings, id) {
			return true
		}
	}
	object, _ := c.decode().body.(map[string]any)
	variables, _ := object["variables"].(map[string]any)
	for name, value := range variables {
		text, isText := value.(string)
		if strings.HasSuffix(strings.ToLower(name), "id") && (value == nil || isText &&
			slices.Contains(nothings, text)) {
			return true
		}
	}
	return false
}
