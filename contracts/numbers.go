package contracts

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/afba07b5/mockserver/contracts/compare"
	"github.com/afba07b5/mockserver/contracts/jsontree"
)

// localNumber returns the target's number of a thing. One that the case creates without an answer that shows it
// follows the last one that was there before, if the rules say that the numbers count up.
func (p *replayer) localNumber(of, id string) string {
	if now, ok := p.bind.To[compare.NumberKey(of, id)]; ok {
		return now
	}
	rec, got := 0, 0
	for _, s := range p.c.rules.Standing {
		if s.Of != of || !slices.Contains(p.c.rules.Counting, of) {
			continue
		}
		r, errR := strconv.Atoi(s.ID)
		g, errG := strconv.Atoi(p.bind.To[compare.NumberKey(of, s.ID)])
		if errR == nil && errG == nil {
			rec, got = max(rec, r), max(got, g)
		}
	}
	if n, err := strconv.Atoi(id); err == nil && got > 0 && n > rec {
		return strconv.Itoa(n - rec + got)
	}
	return id
}

// localNumbers returns the URL and the body of a request with the target's identifiers.
func (p *replayer) localNumbers(i *compare.Interaction) (at, body string) {
	at, body = i.URL, i.Body
	if !p.bind.Foreign {
		return at, body
	}
	return p.c.rules.ReplaceNumbers(i, p.localNumber)
}

// namedNumbers returns the keys of the identifiers that the requests of the case name, and those that finding them
// takes. A thing is listed after the things that its request names.
func (c *Case) namedNumbers(standing []*Standing) map[string]bool {
	named := map[string]bool{}
	name := func(of, id string) string {
		named[compare.NumberKey(of, id)] = true
		return id
	}
	for _, i := range c.interactions {
		c.rules.ReplaceNumbers(i, name)
	}
	for _, s := range slices.Backward(standing) {
		if s.Of != "" && named[compare.NumberKey(s.Of, s.ID)] {
			c.rules.ReplaceNumbers(&compare.Interaction{Method: http.MethodGet, URL: s.Request}, name)
		}
	}
	return named
}

// seededNumber returns the number of a standing thing in a world's seed, or "" if the seed does not have the thing.
func (f *seedFacts) seededNumber(s *Standing) string {
	if known, ok := f.numbers.Load(s); ok {
		return known.(string)
	}
	f.once.Do(func() {
		if tree, err := jsontree.Parse(string(f.rows)); err == nil {
			f.tables = tree
		}
	})
	id := ""
	for n, rows := range f.tables.Children() {
		if s.Table != "" && f.tables.Keys[n] != s.Table {
			continue
		}
		rows.EachObject(func(row *jsontree.Node) {
			if own := row.Get(s.idKey()); id == "" && own != nil && s.is(row) {
				id = own.Text
			}
		})
	}
	f.numbers.Store(s, id)
	return id
}

// bindStandingNumber binds a standing thing that has a number. A seed tells it; a real service is asked, and so is a
// fake whose seed has another number than the recorded one.
func (p *replayer) bindStandingNumber(s *Standing, named map[string]bool, first bool,
	ask func() (string, error)) error {
	key := compare.NumberKey(s.Of, s.ID)
	if p.bind.To[key] != "" {
		return nil
	}
	id := s.ID
	if !p.bind.Live {
		if id = p.facts.seededNumber(s); id == "" || id == s.ID && !p.bind.Foreign {
			return nil
		}
		p.bind.Foreign = true
	}
	if needed := named[key]; s.Request != "" && (needed || first && p.bind.Live) {
		found, err := ask()
		if err != nil {
			return err
		}
		if found == "" && needed {
			return &startError{fmt.Sprintf("the target lacks what the case presupposes: %s", s.About)}
		}
		id = found
	} else if p.bind.Live && needed {
		return &startError{"the API lists nothing by which this could be found: " + s.About}
	} else if p.bind.Live {
		return nil
	}
	p.bind.Foreign = p.bind.Foreign || id != s.ID
	if why := p.bind.BindNumber(s.Of, s.ID, id); why != "" {
		return &startError{why}
	}
	return nil
}
