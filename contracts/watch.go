package contracts

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/compare"
)

// Exchange is one interaction of a replay, before it is compared.
type Exchange struct {
	Case    *Case
	Number  int
	Request *http.Request // as it was sent; GetBody returns its body again
	Answer  *Answer
	// Judge returns the differences that an answer would have in this place, without known gaps. It
	// may be called with any number of answers, because only Answer itself binds values; Answer
	// must be the last one.
	Judge func(*Answer) []Difference
}

// Watch replays one of the suite's cases and passes each interaction to see, until see returns
// false. It does not pass steps that only move the clock. The error says why the case could not be
// replayed; a *Skip, why not against this target.
func (s *Suite) Watch(ctx context.Context, target Target, c *Case, see func(*Exchange) bool) error {
	world, err := target.World(ctx, c.start())
	if err != nil {
		return err
	}
	p, err := newReplayer(c, world)
	defer p.close()
	if err == nil {
		err = p.begin(ctx)
	}
	for n := 0; err == nil && n < len(c.interactions); n++ {
		if c.interactions[n].Advance != "" {
			_, err = p.step(ctx, c.interactions[n])
			continue
		}
		goOn := true
		if goOn, err = s.watchOne(ctx, p, c.interactions[n], see); !goOn {
			return err
		}
	}
	return err
}

func (s *Suite) watchOne(ctx context.Context, p *replayer, i *compare.Interaction, see func(*Exchange) bool) (goOn bool,
	err error) {
	if i, err = p.expandVariables(i); err != nil {
		return false, err
	}
	r, err := p.request(ctx, p.comparison(i), i)
	if err != nil {
		return false, err
	}
	p.bindRequest(i)
	got, err := p.send(r)
	if err == nil {
		err = p.receive(ctx, i, got)
	}
	if err != nil {
		return false, err
	}
	shown := *got // see may change it
	seen, judged := &Exchange{Case: p.c, Number: i.Number, Request: r, Answer: &shown}, false
	seen.Judge = func(a *Answer) (found []Difference) {
		if judged = a == seen.Answer; !judged {
			mark := p.bind.Mark()
			defer p.bind.Undo(mark)
		}
		for _, d := range p.comparison(i).CompareResponse(i, a) {
			if !s.accepted(p.c, i.Number, d) {
				found = append(found, d)
			}
		}
		return found
	}
	if goOn = see(seen); goOn && !judged {
		p.comparison(i).CompareResponse(i, got)
	}
	return goOn, nil
}

// accepted reports whether a difference is a known gap.
func (s *Suite) accepted(c *Case, number int, d Difference) bool {
	for _, place := range d.Places() {
		if !slices.ContainsFunc(s.Gaps, func(g *Gap) bool {
			return g.Cassette == c.Name && g.Interaction == number && g.covers(place)
		}) {
			return false
		}
	}
	return true
}

// Moves reports whether the case moves the clock.
func (c *Case) Moves() bool {
	return slices.ContainsFunc(c.interactions, func(i *compare.Interaction) bool { return i.Advance != "" })
}

// Hit is the request of one interaction of a case, as written in its file, with its answer.
type Hit struct {
	Number      int
	Request     *http.Request // method, host, headers and URL, with "placeholder" for each placeholder
	RequestBody string        // the request's body
	Answer      Answer
	JSON        bool     // the answer's body is JSON
	Headers     []string // headers of the answer that a replay compares
}

var anyPlaceholder = regexp.MustCompile(`\{\{[^{}]*\}\}`)

// Hits returns what the case touches, in order. Steps that only move the clock touch nothing.
func (c *Case) Hits() ([]Hit, error) {
	var out []Hit
	for _, i := range c.interactions {
		if i.Advance != "" {
			continue
		}
		text := i.URL
		if c.handWritten {
			text = anyPlaceholder.ReplaceAllString(strings.TrimPrefix(i.URL, "{{base}}"), "placeholder")
		}
		u, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		r := &http.Request{Method: i.Method, URL: u, Host: cmp.Or(i.Host, u.Host), Header: i.Header}
		json := i.JSON || strings.Contains(strings.Join(compare.ValuesOf(i.Answer, "Content-Type"), " "), "json")
		answer := Answer{Status: i.Status, Header: i.Answer, Body: i.Result, Deliveries: i.Deliveries}
		out = append(out, Hit{i.Number, r, i.Body, answer, json, c.comparedHeaders(i)})
	}
	return out, nil
}

// Unordered reports whether nothing fixes the order of the list at a path of an answer, like
// data[].fields: a rule of the vendor or of the case says so, with its reason. The path has no
// indexes.
func (c *Case) Unordered(number int, path string) bool {
	path = strings.ReplaceAll("$."+path, "[]", "[0]")
	path = strings.TrimSuffix(strings.Replace(path, "$.[", "$[", 1), ".")
	for _, i := range c.interactions {
		if i.Number != number {
			continue
		}
		return c.rules.WithoutOrder(i.Request(), path)
	}
	return false
}
