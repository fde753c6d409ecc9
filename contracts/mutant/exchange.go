package mutant

import (
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

// exchange is a request and its answer, as kinds of mutants look at them.
type exchange struct {
	operation string // of the document; of a GraphQL request with what its first root field does
	write     bool
	request   *http.Request
	asked     string // the request's body
	answer    *contracts.Answer
	body      any            // the answer's body decoded
	json      bool           // whether it is JSON
	first     map[string]int // text → where the conversation first had it
	number    int
	features  []string // switches that the case sets
	moves     bool     // whether the case moves the clock

	once  sync.Once // guards the next one
	plain string    // the answer without what is new in each world
}

// known reports whether the conversation had a text before this answer. Only then can it be told that it is
// another one now.
func (x *exchange) known(text string) bool {
	first, ok := x.first[text]
	return ok && first < x.number
}

// noOperation is what requests are for that no operation of the document has the path of.
const noOperation = "(no operation)"

// reporter names the operations that the requests to one fake are for.
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

// conversation makes exchanges in the order in which they happen.
type conversation struct {
	namer reporter
	first map[string]int
	count int
}

func newConversation(n reporter) *conversation {
	return &conversation{namer: n, first: map[string]int{}}
}

// next returns an exchange; what it shows is known to those after it.
func (c *conversation) next(r *http.Request, asked string, answer *contracts.Answer) *exchange {
	c.count += 2
	x := &exchange{request: r, asked: asked, answer: answer, first: c.first, number: c.count}
	x.operation, x.write = c.namer.name(r, asked)
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
		visit(x.body, "", "", func(_, _ string, v any) {
			if text, ok := v.(string); ok {
				c.note(text, x.number)
			}
		})
	}
	return x
}

// words are what identifiers in requests are made of.
var words = regexp.MustCompile(`[A-Za-z0-9_-]+`)

func (c *conversation) note(text string, at int) {
	if _, ok := c.first[text]; !ok {
		c.first[text] = at
	}
}

// bodyOf reads a request's body and leaves it there to be read again.
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

// minted finds values that a server makes anew each time: identifiers, times, secrets.
var minted = regexp.MustCompile(`[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-|\d{4}-\d\d-\d\d[T ]\d\d:|[A-Za-z0-9_/+=-]{20,}|[0-9a-f]{16,}`)

// parameters are the parameters of a query string as they were sent, each with its name.
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
