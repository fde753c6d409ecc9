package unfriendly

import (
	"bytes"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/conduct"
	"github.com/afba07b5/mockserver/fake/fault"
)

// padding is what makes a cursor longer.
const padding = "~"

// firstByte is how long a slow answer takes to begin.
const firstByte = 200 * time.Millisecond

const gatewayPage = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad " +
	"Gateway</h1>" +
	"</center>\r\n</body>\r\n</html>\r\n"

// Before changes a request before it is answered. If the answer is a failure, Before returns it; faults are the fake's
// own by name.
func (p *Plan) Before(faults map[string]fault.Fault) *fault.Fault {
	if p == nil {
		return nil
	}
	p.rewriteQuery()
	if p.wants(slow) {
		p.apply(slow)
		fault.Wait(p.HTTP.Context(), firstByte)
	}
	if f := p.named(faults, p.doc.Failures.Expired); f != nil && p.tokenEnds() {
		p.apply(tokenEnds)
		return f
	}
	middle := p.Nth > 0 || p.Op.Writes || p.spec.Always
	if f := p.named(faults, p.doc.Failures.Limit); f != nil && middle && p.wants(limit) {
		p.apply(limit)
		return f
	}
	if p.wants(gateway) {
		p.apply(gateway)
		return &fault.Fault{Name: "unfriendly " + gateway, Status: http.StatusBadGateway, Body: gatewayPage,
			Header: http.Header{"Content-Type": {"text/html"}}}
	}
	return nil
}

func (p *Plan) named(faults map[string]fault.Fault, name string) *fault.Fault {
	f, ok := faults[name]
	if !ok || name == "" {
		return nil
	}
	f.Name = name
	return &f
}

// rewriteQuery undoes the padding of cursors, and asks for a smaller page.
func (p *Plan) rewriteQuery() {
	query, err := url.ParseQuery(p.HTTP.URL.RawQuery)
	if err != nil {
		return
	}
	pages, changed := p.doc.Pages, false
	if cursor := query.Get(pages.Cursor); pages.Cursor != "" && strings.HasSuffix(cursor, padding) {
		query.Set(pages.Cursor, strings.TrimRight(cursor, padding))
		changed = true
	}
	if size, ok := p.smaller(query); ok {
		p.apply(smallPage)
		query.Set(pages.Size, strconv.Itoa(size))
		changed = true
	}
	if changed {
		u := *p.HTTP.URL
		u.RawQuery = query.Encode()
		p.HTTP.URL = &u
	}
}

// smaller returns the size of the pages of a list. A list has one size, so that its pages fit together.
func (p *Plan) smaller(query url.Values) (size int, ok bool) {
	pages := p.doc.Pages
	if pages.Smallest == 0 || pages.Size == "" || !p.doc.List(p.Op) || !p.spec.wants(smallPage, p.Op.ID) {
		return 0, false
	}
	size = pages.Smallest + p.spec.chance(smallPage, p.Op.ID, "size").IntN(3)
	asked, err := strconv.Atoi(query.Get(pages.Size))
	return size, !query.Has(pages.Size) || err == nil && asked > size
}

// tokenEnds reports whether the access token of the request has ended early. It has to come from a conversation that
// also handed out a refresh token; once it has ended it does not come back.
func (p *Plan) tokenEnds() bool {
	authorization := p.HTTP.Header.Get("Authorization")
	_, token, _ := strings.Cut(authorization, " ")
	if token == "" || p.doc.Tokens.Operation == "" || p.Op.ID == p.doc.Tokens.Operation {
		return false
	}
	renewable := false
	for _, e := range p.Entries() {
		if e.Header.Get("Authorization") == authorization && slices.Contains(e.Unfriendly, tokenEnds) {
			return true
		}
		if e.Operation == p.doc.Tokens.Operation && e.Status < 300 && bytes.Contains(e.Answer, []byte(token)) {
			renewable = renewable || hasText(e.Answer, p.doc.Tokens.Renewal)
		}
	}
	return renewable && p.wants(tokenEnds)
}

func hasText(body []byte, pointer string) bool {
	for _, v := range conduct.At(value(body), pointer) {
		if text, ok := v.(string); ok && text != "" {
			return true
		}
	}
	return false
}

// After varies an answer that succeeded.
func (p *Plan) After(status int, header http.Header, body []byte) (int, []byte) {
	if p == nil || status < 200 || status > 299 {
		return status, body
	}
	if p.Op.Writes && p.wants(gatewayLate) {
		p.apply(gatewayLate)
		clearHeader(header)
		header.Set("Content-Type", "text/html")
		return http.StatusBadGateway, []byte(gatewayPage)
	}
	if p.wants(closed) {
		p.apply(closed)
		header.Set("Connection", "close")
	}
	if !strings.Contains(header.Get("Content-Type"), "json") {
		return status, body
	}
	root, err := parse(body)
	if err != nil {
		return status, body
	}
	before := len(p.applied)
	p.vary(root, p.doc.Answer(p.Op, status), header)
	if len(p.applied) == before {
		return status, body
	}
	return status, root.encode(nil)
}

// clearHeader drops what the fake says of its answer; a gateway knows nothing of it.
func clearHeader(h http.Header) {
	for _, name := range slices.Collect(maps.Keys(h)) {
		delete(h, name)
	}
}
