package mutant

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/contracts/coverage"
	"github.com/afba07b5/mockserver/fake"
)

// exchange is a request and its answer, prepared for the operators.
type exchange struct {
	operation   string // operationId; for a GraphQL request with the kind of its first root field
	write       bool
	request     *http.Request
	requestBody string // the request's body
	answer      *contracts.Answer
	body        any            // the answer's body decoded
	json        bool           // whether the answer is JSON
	first       map[string]int // text → index of the exchange that first had it
	number      int
	step        int      // the number of the interaction in its case
	features    []string // switches that the case sets
	moves       bool     // whether the case moves the clock

	once  sync.Once // guards plain
	plain string    // the answer without the values generated in each world
}

// known reports whether a text occurred before this answer. Only then can a replay notice that it
// has changed.
func (x *exchange) known(text string) bool {
	first, ok := x.first[text]
	return ok && first < x.number
}

// noOperation is the operation of requests that match none.
const noOperation = "(no operation)"

// reporter finds the operations of requests to one fake.
type reporter struct{ router *fake.Router }

func (n reporter) name(r *http.Request, body string) (name string, writes bool) {
	op := n.router.Operation(r)
	if op == nil {
		return noOperation, false
	}
	if roots := coverage.Roots(body, strings.HasSuffix(op.Path, "/graphql")); len(roots) > 0 {
		return op.ID + " " + roots[0], strings.Contains(body, "mutation")
	}
	return op.ID, op.Writes
}

// conversation makes exchanges in the order of their requests.
type conversation struct {
	reporter reporter
	first    map[string]int
	count    int
}

func newConversation(n reporter) *conversation {
	return &conversation{reporter: n, first: map[string]int{}}
}

// next returns the next exchange and adds its texts to the known ones.
func (c *conversation) next(r *http.Request, asked string, answer *contracts.Answer) *exchange {
	c.count += 2
	x := &exchange{request: r, requestBody: asked, answer: answer, first: c.first, number: c.count}
	x.operation, x.write = c.reporter.name(r, asked)
	x.body, x.json = decode(answer.Body)
	c.note(whole(r, asked), x.number)
	for _, name := range []string{"code", "refresh_token"} {
		if value := formValue(asked, name); value != "" {
			c.note(name+" "+value, x.number)
		}
	}
	for _, word := range words.FindAllString(r.URL.Path+" "+r.URL.RawQuery+" "+asked, -1) {
		c.note(word, x.number-1)
	}
	if x.json {
		visit(x.body, "", "", func(_, key string, v any) {
			switch v := v.(type) {
			case string:
				c.note(v, x.number)
			case json.Number:
				if namesID(key) {
					c.note(numbered(key, v), x.number)
				}
			}
		})
	}
	return x
}

// words matches the parts of requests that may be identifiers.
var words = regexp.MustCompile(`[A-Za-z0-9_-]+`)

func (c *conversation) note(text string, at int) {
	if _, ok := c.first[text]; !ok {
		c.first[text] = at
	}
}

// bodyOf reads a request's body and restores it.
func bodyOf(r *http.Request) string {
	if r.Body == nil || r.Body == http.NoBody {
		return ""
	}
	data, err := io.ReadAll(r.Body)
	if err != nil {
		return ""
	}
	r.Body = io.NopCloser(strings.NewReader(string(data)))
	return string(data)
}

// generated matches values that a server generates: identifiers, times, secrets.
var generated = regexp.MustCompile(
	`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|\d{4}-\d\d-\d\d[T ]\d\d:|[A-Za-z0-9_/+=-]{20,}|[0-9a-f]{16,}`)

// parameters returns the parameters of a query string, as sent and by name.
func parameters(raw string) (pieces, names []string) {
	if raw == "" {
		return nil, nil
	}
	pieces = strings.Split(raw, "&")
	for _, piece := range pieces {
		name, _, _ := strings.Cut(piece, "=")
		if plain, err := url.QueryUnescape(name); err == nil {
			name = plain
		}
		names = append(names, name)
	}
	return pieces, names
}
