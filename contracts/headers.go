package contracts

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

func isChosen(name string) bool {
	name = textproto.CanonicalMIMEHeaderKey(name)
	return slices.Contains(chosen, name) ||
		slices.ContainsFunc(chosenPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func (c *comparison) compareHeaders(rec, got http.Header) {
	names := map[string]bool{}
	for _, h := range []http.Header{rec, got} {
		for name, values := range h {
			if len(values) > 0 && (c.handWritten || isChosen(name) || c.isDeclared(name)) {
				names[textproto.CanonicalMIMEHeaderKey(name)] = true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if c.unlimited && CountsRequests(name) {
			continue
		}
		if c.dropped[name] && len(valuesOf(rec, name)) == 0 {
			continue
		}
		if name == "Etag" && !c.sameBody {
			c.compareEntityTags(valuesOf(rec, name), valuesOf(got, name))
			continue
		}
		c.compareHeader(name, valuesOf(rec, name), valuesOf(got, name))
	}
}

// compareEntityTags compares the tags of bodies that are not equal byte for byte, for example
// because of generated values: whether there is a tag, and whether it is weak.
func (c *comparison) compareEntityTags(rec, got []string) {
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
func (c *comparison) isDeclared(name string) bool {
	return slices.Contains(c.declared, textproto.CanonicalMIMEHeaderKey(name))
}

// declaredHeaders returns the headers that the fake's document declares for the answer to an interaction.
func (c *Case) declaredHeaders(i *interaction) (names []string) {
	if op := c.operation(i); op != nil && i.status != 0 {
		for _, name := range op.Headers(i.status) {
			names = append(names, textproto.CanonicalMIMEHeaderKey(name))
		}
	}
	return names
}

// comparedHeaders returns the headers of an interaction's answer that a replay compares, in order.
func (c *Case) comparedHeaders(i *interaction) []string {
	look := &comparison{handWritten: c.handWritten, declared: c.declaredHeaders(i),
		unlimited: !c.handWritten && c.Info.Settings.Limits == "off"}
	return look.comparedOf(i.answer)
}

// comparedOf returns those of some headers that are compared, in order.
func (c *comparison) comparedOf(h http.Header) (names []string) {
	for name := range h {
		name = textproto.CanonicalMIMEHeaderKey(name)
		if len(valuesOf(h, name)) > 0 && !(c.unlimited && CountsRequests(name)) &&
			(c.handWritten || isChosen(name) || c.isDeclared(name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// CountsRequests reports whether a header says how many requests are left. A replay without the vendor's limits
// (limits: off) does not compare it: a real server counts always, a fake without limits may count or not.
func CountsRequests(name string) bool {
	return strings.HasPrefix(name, "Ratelimit-") || strings.HasPrefix(name, "X-Ratelimit-")
}

func (c *comparison) compareHeader(name string, rec, got []string) {
	show := func(values []string) string {
		if len(values) == 0 {
			return absent
		}
		return strings.Join(values, " | ")
	}
	if len(rec) != len(got) {
		c.differ("header "+name, show(rec), show(got), "")
		return
	}
	for i := range rec {
		if why := c.match(rec[i], got[i]); why != "" {
			c.differ("header "+name, show(rec), show(got), why)
			return
		}
	}
}

// valuesOf returns a header's values, whatever the spelling of its name.
func valuesOf(h http.Header, name string) (values []string) {
	for key, v := range h {
		if textproto.CanonicalMIMEHeaderKey(key) == name {
			values = append(values, v...)
		}
	}
	return values
}
