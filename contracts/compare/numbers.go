package compare

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/contracts/jsontree"
	"github.com/afba07b5/mockserver/contracts/scan"
)

// NumberRule says which things the numbers at some places identify. A number alone does not show it: 3 may be a user,
// a record or a count. In another workspace than the recorded one, such a number is matched by what it identifies.
type NumberRule struct {
	// the kind of thing, such as user; {name} stands for a group of request
	Of string `yaml:"of"`
	// a regular expression on "METHOD /path" of the requests that the rule is about; "" for all
	Request string `yaml:"request"`
	// paths in answers and bodies, such as $.data[*].id; a form is like an object
	In []string `yaml:"in"`
	// a regular expression on the URL of a request; its groups are identifiers
	URL string `yaml:"url"`
	// a regular expression on the text in these places, whose groups contain identifiers; "" if the text is one
	Text string `yaml:"text"`
	// the identifiers are words of letters, digits and underscores, not numbers
	Words bool `yaml:"words"`

	request, url, text *regexp.Regexp
	in                 []*pathGlob
}

func (n *NumberRule) compile() (err error) {
	if n.Of == "" || len(n.In) == 0 && n.URL == "" {
		return fmt.Errorf("number: of, and in or url are needed: %+v", *n)
	}
	if n.request, err = regexp.Compile(n.Request); err != nil {
		return err
	}
	if n.URL != "" {
		if n.url, err = regexp.Compile(n.URL); err != nil {
			return err
		}
	}
	if n.Text != "" {
		if n.text, err = regexp.Compile(n.Text); err != nil {
			return err
		}
	}
	for _, in := range n.In {
		path, err := globPath(in)
		if err != nil {
			return err
		}
		n.in = append(n.in, path)
	}
	return nil
}

// numberPlaces are a rule as it applies to one request.
type numberPlaces struct {
	*NumberRule
	of string
}

// NumbersOf returns the rules about a request, in their order.
func (r *Rules) NumbersOf(i *Interaction) (all []numberPlaces) {
	if len(r.Numbers) == 0 {
		return nil
	}
	path := i.Method + " " + pathOf(i.URL)
	for _, rule := range r.Numbers {
		m := rule.request.FindStringSubmatch(path)
		if m == nil {
			continue
		}
		of := rule.Of
		for n, name := range rule.request.SubexpNames() {
			of = strings.ReplaceAll(of, "{"+name+"}", m[n])
		}
		all = append(all, numberPlaces{rule, of})
	}
	return all
}

// pathOf returns the path of a URL that may lack its origin.
func pathOf(at string) string {
	if _, rest, ok := strings.Cut(at, "://"); ok {
		_, at, _ = strings.Cut(rest, "/")
		at = "/" + at
	}
	at, _, _ = strings.Cut(at, "?")
	return at
}

// numbersAt returns the rules about a place of a body.
func numbersAt(all []numberPlaces, path string) (here []numberPlaces) {
	for _, place := range all {
		if slices.ContainsFunc(place.in, func(g *pathGlob) bool { return g.MatchString(path) }) {
			here = append(here, place)
		}
	}
	return here
}

// identifier is a part of a text that identifies a thing.
type identifier struct {
	start, end int
	of         string
	words      bool
}

// identifiersIn returns the identifiers in the text at a place, from left to right.
func identifiersIn(here []numberPlaces, s string) (found []identifier) {
	for _, place := range here {
		if place.text != nil {
			found = append(found, place.groupsIn(place.text, s)...)
		} else if place.identifies(s) {
			found = append(found, identifier{0, len(s), place.of, place.Words})
		}
	}
	return inText(found)
}

// identifiersInURL returns the identifiers in the URL of a request.
func identifiersInURL(all []numberPlaces, at string) (found []identifier) {
	for _, place := range all {
		if place.url != nil {
			found = append(found, place.groupsIn(place.url, at)...)
		}
	}
	return inText(found)
}

// inText sorts identifiers as they are in their text. Where two begin alike, the rule that comes first counts.
func inText(found []identifier) []identifier {
	slices.SortStableFunc(found, func(a, b identifier) int { return a.start - b.start })
	var out []identifier
	for _, id := range found {
		if len(out) == 0 || id.start >= out[len(out)-1].end {
			out = append(out, id)
		}
	}
	return out
}

var (
	digits = regexp.MustCompile(`\d+`)
	words  = regexp.MustCompile(`\w+`)
)

// identifies reports whether a text is an identifier.
func (n *NumberRule) identifies(s string) bool {
	return !n.Words && IsRowNumber(s) || n.Words && words.FindString(s) == s && s != ""
}

// groupsIn returns the identifiers in the groups of an expression's matches.
func (n *numberPlaces) groupsIn(expression *regexp.Regexp, s string) (found []identifier) {
	pattern := digits
	if n.Words {
		pattern = words
	}
	for _, m := range expression.FindAllStringSubmatchIndex(s, -1) {
		for g := 2; g < len(m); g += 2 {
			if start, end := m[g], m[g+1]; start >= 0 {
				found = append(found, n.all(pattern, s[start:end], start)...)
			}
		}
	}
	return found
}

// all returns the identifiers in a part of a text that begins at start.
func (n *numberPlaces) all(pattern *regexp.Regexp, s string, start int) (found []identifier) {
	for _, m := range pattern.FindAllStringIndex(s, -1) {
		if n.identifies(s[m[0]:m[1]]) {
			found = append(found, identifier{start + m[0], start + m[1], n.of, n.Words})
		}
	}
	return found
}

// NumberKey is the key of a binding of a number.
func NumberKey(of, id string) string { return "number " + of + " " + id }

// BindNumber binds the recorded number of a thing to the target's.
func (b *Binding) BindNumber(of, rec, got string) (why string) {
	r, g := NumberKey(of, rec), NumberKey(of, got)
	if known, ok := b.To[r]; ok {
		if known != got {
			return fmt.Sprintf("%s %s is %s since an earlier answer", of, rec, known)
		}
		return ""
	}
	if other, ok := b.From[g]; ok {
		return fmt.Sprintf("%s %s is %s since an earlier answer", of, other, got)
	}
	b.To[r], b.From[g] = got, rec
	b.log = append(b.log, func() { delete(b.To, r); delete(b.From, g) })
	return ""
}

// compareNumbers compares a value that has identifiers in it with that of another workspace. It returns false if there
// are none, or if the workspace is the recorded one.
func (c *Comparison) compareNumbers(rec, got *jsontree.Node, path string) bool {
	if !c.Binding.Foreign || rec.Kind != jsontree.Number && rec.Kind != jsontree.Text ||
		slices.Contains(c.Generated, rec.Text) {
		return false
	}
	here := numbersAt(c.Numbers, path)
	if len(here) == 0 {
		return false
	}
	parts, found := c.withNumbers(here, rec.Text)
	if !found {
		return false
	}
	why := fmt.Sprintf("recorded %s, got %s", rec.Kind, got.Kind)
	if rec.Kind == got.Kind {
		why = c.matchParts(rec.Text, c.withIDs(parts), got.Text)
	}
	if why != "" {
		c.unlike(path, rec, got, why)
	}
	return true
}

// withNumbers splits a recorded text at the identifiers in it.
func (c *Comparison) withNumbers(here []numberPlaces, rec string) (out []part, found bool) {
	all := []part{{literal: rec}}
	if c.HandWritten {
		all = placeholdersIn(c.onTarget(rec))
	}
	for _, p := range all {
		if p.token != nil {
			out = append(out, p)
			continue
		}
		from := 0
		for _, id := range identifiersIn(here, p.literal) {
			t := scan.Token{Shape: scan.Number, Start: id.start, End: id.end, Plain: p.literal[id.start:id.end]}
			out = append(out, part{literal: p.literal[from:id.start]}, part{token: &t, of: &id})
			from, found = id.end, true
		}
		out = append(out, part{literal: p.literal[from:]})
	}
	return out, found
}

// matchNumber compares an identifier with the digits at the start of the target's text.
func (c *Comparison) matchNumber(p part, got string) (n int, why string) {
	pattern := digits
	if p.of.words {
		pattern = words
	}
	m := pattern.FindStringIndex(got)
	if m == nil || m[0] != 0 || !p.of.words && !IsRowNumber(got[:m[1]]) {
		return 0, "expected the identifier of a " + p.of.of
	}
	return m[1], c.Binding.BindNumber(p.of.of, p.token.Plain, got[:m[1]])
}

// replaceInForm does the same in a form. What has no identifier stays as it is written.
func replaceInForm(form string, all []numberPlaces, replace func(of, id string) string) string {
	fields := strings.Split(form, "&")
	for n, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		plainName, err := url.QueryUnescape(name)
		plain, err2 := url.QueryUnescape(value)
		if err != nil || err2 != nil {
			continue
		}
		if now := ReplaceAt(all, "$."+plainName, plain, replace); now != plain {
			fields[n] = name + "=" + url.QueryEscape(now)
		}
	}
	return strings.Join(fields, "&")
}

// ReplaceAt replaces the identifiers in the text at a place of a body.
func ReplaceAt(all []numberPlaces, path, s string, replace func(of, id string) string) string {
	return replaceIn(s, identifiersIn(numbersAt(all, path), s), replace)
}

func replaceIn(s string, ids []identifier, replace func(of, id string) string) string {
	var b strings.Builder
	from := 0
	for _, id := range ids {
		b.WriteString(s[from:id.start] + replace(id.of, s[id.start:id.end]))
		from = id.end
	}
	return b.String() + s[from:]
}

// ReplaceNumbers replaces the identifiers in the URL and the body of a request.
func (r *Rules) ReplaceNumbers(i *Interaction, replace func(of, id string) string) (at, body string) {
	at, body = i.URL, i.Body
	all := r.NumbersOf(i)
	if len(all) == 0 {
		return at, body
	}
	at = replaceIn(at, identifiersInURL(all, at), replace)
	if tree, err := jsontree.Parse(body); err == nil {
		changed := false
		tree.Each("$", func(n *jsontree.Node, path string) {
			if n.Kind == jsontree.Number || n.Kind == jsontree.Text {
				now := ReplaceAt(all, path, n.Text, replace)
				changed = changed || now != n.Text
				n.Text = now
			}
		})
		if changed {
			body = tree.String()
		}
		return at, body
	}
	if strings.HasPrefix(i.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		body = replaceInForm(body, all, replace)
	}
	return at, body
}
