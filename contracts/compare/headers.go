package compare

import (
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
)

// chosen lists the headers of recordings that are compared, including their absence, in addition to
// those that the fake's document declares for the operation and status. The others are about the
// transport (Content-Length, Date) or the server software. Of hand-written answers exactly the
// listed headers are compared.
var chosen = []string{"Content-Type", "Link", "Location", "Allow", "Www-Authenticate", "Retry-After", "Etag",
	"Cache-Control", "Content-Disposition",
	"Set-Cookie"}

var chosenPrefixes = []string{"Ratelimit-", "X-Ratelimit-", "Access-Control-"}

// IsChosen reports whether a header of recordings is compared whatever the document says.
func IsChosen(name string) bool {
	name = textproto.CanonicalMIMEHeaderKey(name)
	return slices.Contains(chosen, name) ||
		slices.ContainsFunc(chosenPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

// CompareHeaders compares the headers of two answers.
func (c *Comparison) CompareHeaders(rec, got http.Header) {
	names := map[string]bool{}
	for _, h := range []http.Header{rec, got} {
		for name, values := range h {
			if len(values) > 0 && (c.HandWritten || IsChosen(name) || c.isDeclared(name)) {
				names[textproto.CanonicalMIMEHeaderKey(name)] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if c.Unlimited && CountsRequests(name) {
			continue
		}
		if c.Dropped[name] && len(ValuesOf(rec, name)) == 0 {
			continue
		}
		if name == "Etag" && !c.sameBody {
			c.compareEntityTags(ValuesOf(rec, name), ValuesOf(got, name))
			continue
		}
		c.compareHeader(name, ValuesOf(rec, name), ValuesOf(got, name))
	}
}

// compareEntityTags compares the tags of bodies that are not equal byte for byte, for example
// because of generated values: whether there is a tag, and whether it is weak.
func (c *Comparison) compareEntityTags(rec, got []string) {
	form := func(tags []string) (forms []string) {
		for _, tag := range tags {
			forms = append(forms, tag[:strings.Index(tag+`"`, `"`)])
		}
		return forms
	}
	if !slices.Equal(form(rec), form(got)) {
		c.compareHeader("Etag", rec, got)
	}
}

// isDeclared reports whether the fake's document declares a header for the answer.
func (c *Comparison) isDeclared(name string) bool {
	return slices.Contains(c.Declared, textproto.CanonicalMIMEHeaderKey(name))
}

// CountsRequests reports whether a header says how many requests are left. A replay without the vendor's limits
// (limits: off) does not compare it: a real server counts always, a fake without limits may count or not.
func CountsRequests(name string) bool {
	return strings.HasPrefix(name, "Ratelimit-") || strings.HasPrefix(name, "X-Ratelimit-")
}

func (c *Comparison) compareHeader(name string, rec, got []string) {
	show := func(values []string) string {
		if len(values) == 0 {
			return absent
		}
		return strings.Join(values, " | ")
	}
	if len(rec) != len(got) {
		c.Differ("header "+name, show(rec), show(got), "")
		return
	}
	for i := range rec {
		if why := c.Match(rec[i], got[i]); why != "" {
			c.Differ("header "+name, show(rec), show(got), why)
			return
		}
	}
}

// ValuesOf returns a header's values, whatever the spelling of its name.
func ValuesOf(h http.Header, name string) (values []string) {
	for key, v := range h {
		if len(key) == len(name) && textproto.CanonicalMIMEHeaderKey(key) == name {
			values = append(values, v...)
		}
	}
	return values
}

// ComparedHeaders returns those of some headers that are compared, in order.
func (c *Comparison) ComparedHeaders(h http.Header) (names []string) {
	for name := range h {
		name = textproto.CanonicalMIMEHeaderKey(name)
		if len(ValuesOf(h, name)) > 0 && !(c.Unlimited && CountsRequests(name)) &&
			(c.HandWritten || IsChosen(name) || c.isDeclared(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
