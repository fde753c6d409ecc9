package control

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
)

// The pages of lists without a limit in the query.
const (
	requestPage = 250
	worldPage   = 100
)

// paging is the part of a list that a query asks for.
type paging struct{ offset, limit int }

// paging reads offset and limit from the query.
func (c *call) paging(limit int) (p paging, err error) {
	p.limit = limit
	for i, name := range []string{"offset", "limit"} {
		n := []*int{&p.offset, &p.limit}[i]
		if text := c.r.FormValue(name); text != "" {
			if *n, err = strconv.Atoi(text); err != nil || *n < 0 {
				return p, badRequest("%s=%s: expected a number from 0", name, text)
			}
			*n = min(*n, math.MaxInt32) // the sum of both is a number, too
		}
	}
	return p, nil
}

// has reports whether the page has the nth of a list.
func (p paging) has(n int) bool { return n >= p.offset && n-p.offset < p.limit }

// page returns the page of a list.
func page[T any](list []T, p paging) []T {
	from := min(p.offset, len(list))
	return list[from : from+min(p.limit, len(list)-from)]
}

// linkNext adds the header Link with the URL of the next page, if a list of that length has one.
func (c *call) linkNext(p paging, total int) {
	if p.limit == 0 || p.offset+p.limit >= total {
		return
	}
	query := c.r.URL.Query()
	query.Set("offset", strconv.Itoa(p.offset+p.limit))
	query.Set("limit", strconv.Itoa(p.limit))
	next := url.URL{Path: c.r.URL.Path, RawQuery: query.Encode()}
	c.w.Header().Set("Link", fmt.Sprintf("<%s>; rel=\"next\"", next.String()))
}
