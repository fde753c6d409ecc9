package unfriendly

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/conduct"
)

// vary applies the variations of the body.
func (p *Plan) vary(root *node, schema *conduct.Schema, header http.Header) {
	if p.doc.IsGraphQL(p.Op.ID) {
		p.varyGraphQL(root)
		return
	}
	if p.doc.List(p.Op) {
		p.varyRows(root, header)
	}
	p.each(absentNull, root, schema, dropNulls)
	p.each(timeFraction, root, schema, p.respellTime)
	if p.wants(unknownField) && p.addUnknown(root, schema) {
		p.apply(unknownField)
	}
	if p.wants(opaqueLength) && p.padCursors(root) {
		p.apply(opaqueLength)
	}
	if p.wants(keyOrder) && shuffleKeys(root, p.chance(keyOrder)) {
		p.apply(keyOrder)
	}
}

// varyGraphQL adds to the extensions of an answer and reorders its top level: the data is what the document asked for,
// in its order (GraphQL specification, section 7.2.2).
func (p *Plan) varyGraphQL(root *node) {
	if root.fields == nil {
		return
	}
	if p.wants(unknownField) {
		root.add("extensions", &node{fields: map[string]*node{}})
		if extensions := root.fields["extensions"]; extensions.fields != nil {
			extensions.add(p.extra())
			p.apply(unknownField)
		}
	}
	if p.wants(keyOrder) && len(root.keys) > 1 {
		slices.Reverse(root.keys)
		p.apply(keyOrder)
	}
}

// varyRows changes which rows a page has, and their order.
func (p *Plan) varyRows(root *node, header http.Header) {
	pages := p.doc.Pages
	rows := root.rows(pages.Items)
	if rows == nil {
		return
	}
	query := p.HTTP.URL.Query()
	if p.wants(rowInserted) && p.insert(root, rows, header, query) {
		p.apply(rowInserted)
	} else if p.wants(rowDeleted) && p.remove(root, rows, header, query) {
		p.apply(rowDeleted)
	}
	if pages.Unordered && query.Get(pages.Order) == "" && len(rows.items) > 1 && p.wants(listOrder) {
		p.apply(listOrder)
		slices.Reverse(rows.items)
		chance := p.chance(listOrder)
		chance.Shuffle(len(rows.items)-1, func(i, j int) {
			rows.items[i], rows.items[j] = rows.items[j], rows.items[i]
		})
	}
}

// neighbour returns the rows of the page before or after this one.
func (p *Plan) neighbour(query url.Values, step int) []*node {
	pages := p.doc.Pages
	number, _ := strconv.Atoi(query.Get(pages.Number))
	offset, _ := strconv.Atoi(query.Get(pages.Offset))
	size, _ := strconv.Atoi(query.Get(pages.Size))
	switch {
	case p.Page == nil || pages.Number != "" && number < 2 || pages.Offset != "" && (offset < 1 || size < 1):
		return nil
	case pages.Number != "":
		query.Set(pages.Number, strconv.Itoa(number+step))
	case pages.Offset != "":
		if offset+step*size < 0 {
			return nil
		}
		query.Set(pages.Offset, strconv.Itoa(offset+step*size))
	default:
		return nil
	}
	root, err := parse(p.Page(query))
	if err != nil {
		return nil
	}
	if rows := root.rows(pages.Items); rows != nil {
		return rows.items
	}
	return nil
}

// insert changes the page as if another client had inserted a row before it. A full page stays as it is, or
// the row at its end would have to be on a page that later answers do not know.
func (p *Plan) insert(root, rows *node, header http.Header, query url.Values) bool {
	before := p.neighbour(query, -1)
	if len(rows.items) == 0 || len(rows.items) >= len(before) {
		return false
	}
	rows.items = append([]*node{before[len(before)-1]}, rows.items...)
	p.count(root, rows, header, 1)
	return true
}

// remove changes the page as if another client had deleted a row before it.
func (p *Plan) remove(root, rows *node, header http.Header, query url.Values) bool {
	if len(rows.items) == 0 || p.neighbour(p.HTTP.URL.Query(), -1) == nil {
		return false
	}
	rows.items = rows.items[1:]
	if after := p.neighbour(query, 1); len(after) > 0 {
		rows.items = append(slices.Clone(rows.items), after[0])
	}
	p.count(root, rows, header, -1)
	return true
}

// count corrects the number of all rows, and that of the rows of the page.
func (p *Plan) count(root, rows *node, header http.Header, by int) {
	pages := p.doc.Pages
	if n, err := strconv.Atoi(header.Get(pages.Total)); err == nil && pages.Total != "" {
		header.Set(pages.Total, strconv.Itoa(n+by))
	}
	if strings.HasPrefix(pages.Total, "/") {
		for _, total := range root.at(pages.Total) {
			if n, err := strconv.Atoi(string(total.text)); err == nil {
				total.text = []byte(strconv.Itoa(n + by))
			}
		}
	}
	if pages.Count != "" {
		for _, count := range root.at(pages.Count) {
			count.text = []byte(strconv.Itoa(len(rows.items)))
		}
	}
}

// each applies a variation to every value of an answer whose schema is known, and notes it if one has changed.
func (p *Plan) each(name string, root *node, s *conduct.Schema, change func(*node, *conduct.Schema) bool) {
	if p.wants(name) && walk(root, s, change) {
		p.apply(name)
	}
}

func walk(n *node, s *conduct.Schema, change func(*node, *conduct.Schema) bool) (changed bool) {
	if s == nil {
		return false
	}
	changed = change(n, s)
	for _, item := range n.items {
		changed = walk(item, s.Items(), change) || changed
	}
	for _, key := range n.keys {
		if child, ok := s.Property(key); ok {
			changed = walk(n.fields[key], child, change) || changed
		}
	}
	return changed
}

// dropNulls leaves out the fields that are null and that the schema names and does not require.
func dropNulls(n *node, s *conduct.Schema) (changed bool) {
	for _, key := range slices.Clone(n.keys) {
		if n.fields[key].isNull() && slices.Contains(s.Names(), key) && !s.Required(key) {
			n.remove(key)
			changed = true
		}
	}
	return changed
}

var dateTime = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$`)

// respellTime writes a time with another number of digits: the same time.
func (p *Plan) respellTime(n *node, s *conduct.Schema) bool {
	text, ok := n.str()
	m := dateTime.FindStringSubmatch(text)
	if !ok || m == nil || s.Text("format") != "date-time" || s.Keyword("pattern") || s.Keyword("maxLength") {
		return false
	}
	switch fraction := strings.TrimRight(m[2], "0"); {
	case m[2] == "":
		m[2] = ".000"
	case fraction != m[2]:
		m[2] = strings.TrimSuffix(fraction, ".")
	default:
		m[2] += "000"
	}
	n.text = quoted(nil, m[1]+m[2]+m[3])
	return true
}

// extra returns the name and the value of a field that no document has. The value shows where it comes from if a client
// sends it back.
func (p *Plan) extra() (string, *node) {
	c := p.chance(unknownField)
	return fmt.Sprintf("%s%04x", conduct.Extra, c.IntN(1<<16)), scalar(fmt.Sprintf("not-promised-%08x", c.Uint32()))
}

// addUnknown adds a field to the objects that the schema leaves open; without a schema, to the answer and its rows.
func (p *Plan) addUnknown(root *node, s *conduct.Schema) bool {
	if s != nil {
		return walk(root, s, func(n *node, s *conduct.Schema) bool {
			if n.fields == nil || s.Closed() || len(s.Names()) == 0 {
				return false
			}
			n.add(p.extra())
			return true
		})
	}
	if root.fields == nil {
		return false
	}
	root.add(p.extra())
	if !p.doc.List(p.Op) {
		return true
	}
	if rows := root.rows(p.doc.Pages.Items); rows != nil {
		for _, row := range rows.items {
			if row.fields != nil {
				row.add(p.extra())
			}
		}
	}
	return true
}

// padCursors makes the cursors of an answer longer; Before undoes it.
func (p *Plan) padCursors(root *node) (changed bool) {
	for _, pointer := range p.doc.Pages.Opaque {
		for _, n := range root.at(pointer) {
			if text, ok := n.str(); ok && text != "" {
				n.text = quoted(nil, text+strings.Repeat(padding, 1+p.chance(opaqueLength).IntN(40)))
				changed = true
			}
		}
	}
	return changed
}

// shuffleKeys puts the keys of all objects into another order.
func shuffleKeys(n *node, chance *rand.Rand) (changed bool) {
	if len(n.keys) > 1 {
		first := n.keys[0]
		chance.Shuffle(len(n.keys), func(i, j int) { n.keys[i], n.keys[j] = n.keys[j], n.keys[i] })
		if n.keys[0] == first { // so that it shows
			n.keys[0], n.keys[1] = n.keys[1], n.keys[0]
		}
		changed = true
	}
	for _, item := range n.items {
		changed = shuffleKeys(item, chance) || changed
	}
	for _, key := range slices.Sorted(slices.Values(n.keys)) {
		changed = shuffleKeys(n.fields[key], chance) || changed
	}
	return changed
}
