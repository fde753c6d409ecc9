package audit

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/conduct"
)

func listRules() []Rule {
	return []Rule{
		{"page-url-built", "built the address of a page instead of following Link: rel=\"next\"",
			"RFC 8288, section 3", (*history).pageURLBuilt},
		{"filter-not-used", "fetched all pages of a list, more than once, to use one of its rows," +
			" although the list has a filter",
			Advice, (*history).filterNotUsed},
		{"n-plus-one", "asked for each row of a list although the list had all of it", Advice, (*history).oneByOne},
		{"order-not-asked", "took the first row of a list whose order it had not asked for", vendor,
			(*history).orderNotAsked},
	}
}

// isList reports whether the call got a page of a list.
func (c *call) isList() bool { return c.op != nil && c.ok() && c.doc.List(c.op) }

// rows returns the rows of the page.
func (c *call) rows() []any {
	rows, _ := conduct.List(c.decode().answer, c.doc.Pages.Items)
	return rows
}

// further reports whether the query asks for another page than the first.
func (c *call) further() bool {
	p := c.doc.Pages
	number, _ := strconv.Atoi(c.query.Get(p.Number))
	offset, _ := strconv.Atoi(c.query.Get(p.Offset))
	return p.Number != "" && number > 1 || p.Offset != "" && offset > 0 || p.Cursor != "" && c.query.Get(p.Cursor) != ""
}

// more reports whether the answer says that there is a further page.
func (c *call) more() bool {
	p := c.doc.Pages
	if p.Link {
		return links(c.entry.Answered)["next"] != ""
	}
	if p.More != "" {
		return slices.ContainsFunc(conduct.At(c.decode().answer, p.More), func(v any) bool {
			return v != nil && v != false && v != ""
		})
	}
	number, _ := strconv.Atoi(c.query.Get(p.Number))
	offset, _ := strconv.Atoi(c.query.Get(p.Offset))
	size, _ := strconv.Atoi(c.query.Get(p.Size))
	return size > 0 && max(number*size, offset+size) < c.total()
}

// total returns how many rows the list has, as the answer says; 0 if it does not.
func (c *call) total() int {
	p := c.doc.Pages
	n, err := strconv.Atoi(c.entry.Answered.Get(p.Total))
	if err == nil || p.Total == "" {
		return n
	}
	for _, v := range conduct.At(c.decode().answer, p.Total) {
		if number, ok := v.(float64); ok {
			return int(number)
		}
	}
	return 0
}

func (h *history) pageURLBuilt() (found []Finding) {
	if !h.doc.Pages.Link {
		return nil
	}
	given, first := map[string]bool{}, map[string]*call{}
	for _, c := range h.calls {
		if c.op == nil || !h.doc.List(c.op) {
			continue
		}
		if before := first[c.path]; before != nil && c.further() && !given[c.path+"?"+c.url.RawQuery] {
			found = append(found, finding(h.doc.Pages.Source, "no answer had a link to this page", before, c))
		}
		for _, target := range links(c.entry.Answered) {
			_, query, _ := strings.Cut(target, "?")
			given[c.path+"?"+query] = true
			first[c.path] = c
		}
	}
	return found
}

// walk is one reading of a list from its first page to its last.
type walk struct {
	pages []*call
	ids   map[string]bool
	rows  int
	used  map[string]bool // ids that a later request names
}

// walks returns the complete readings, over several pages, of lists that were not filtered.
func (h *history) walks() (all []*walk) {
	open, newest := map[string]*walk{}, map[string]*walk{} // by path
	for _, c := range h.calls {
		if !c.isList() || h.filtered(c) {
			for _, w := range newest {
				w.note(c)
			}
			continue
		}
		w := open[c.path]
		if !c.further() {
			w = &walk{ids: map[string]bool{}, used: map[string]bool{}}
			open[c.path] = w
		}
		if w == nil {
			continue
		}
		w.pages = append(w.pages, c)
		for _, row := range c.rows() {
			w.rows++
			w.ids[idOf(row)] = true
		}
		if !c.more() {
			delete(open, c.path)
			if len(w.pages) > 1 {
				all, newest[c.path] = append(all, w), w
			}
		}
	}
	return all
}

// note notes the rows of the walk that a later request names.
func (w *walk) note(c *call) {
	for id := range w.ids {
		if len(id) > 0 && (slices.Contains(c.names(), id) || len(id) > 7 &&
			strings.Contains(string(c.entry.Body), id)) {
			w.used[id] = true
		}
	}
}

// filtered reports whether the query has a filter.
func (h *history) filtered(c *call) bool {
	for name := range c.query {
		if !h.doc.Paging(name) && name != h.doc.Pages.Order {
			return true
		}
	}
	return false
}

// idOf returns the id of a row as text, or "".
func idOf(row any) string {
	object, _ := row.(map[string]any)
	switch id := object["id"].(type) {
	case string:
		return id
	case float64:
		return strconv.FormatFloat(id, 'f', -1, 64)
	}
	return ""
}

func (h *history) filterNotUsed() (found []Finding) {
	byPath := map[string][]*walk{}
	var order []string
	for _, w := range h.walks() {
		path := w.pages[0].path
		if len(w.used) != 1 || len(h.doc.Filters(w.pages[0].op)) == 0 {
			continue
		}
		if byPath[path] == nil {
			order = append(order, path)
		}
		byPath[path] = append(byPath[path], w)
	}
	for _, path := range order {
		walks := byPath[path]
		if len(walks) < 2 {
			continue
		}
		var calls []*call
		for _, w := range walks {
			calls = append(calls, w.pages...)
		}
		by := h.doc.Filters(calls[0].op)
		found = append(found, finding("", fmt.Sprintf("%d times all %d rows, each time for one of them; %s finds "+
			"it at once",
			len(walks), walks[0].rows, strings.Join(by[:min(len(by), 4)], ", ")), calls...))
	}
	return found
}

// leastOneByOne is from how many rows on asking for each of a list is a finding.
const leastOneByOne = 5

func (h *history) oneByOne() (found []Finding) {
	rows := map[string]any{} // id → the row as a list showed it
	lists := map[string]*call{}
	useless := map[*call][]*call{} // list → requests that told nothing new
	var order []*call
	for _, c := range h.calls {
		if c.isList() {
			for _, row := range c.rows() {
				rows[idOf(row)], lists[idOf(row)] = row, c
			}
			continue
		}
		if !c.reads() {
			clear(rows)
			continue
		}
		ids := c.names()
		if !c.ok() || c.op == nil || len(ids) == 0 || rows[ids[0]] == nil ||
			!strings.HasPrefix(c.path, lists[ids[0]].path) {
			continue
		}
		if list := lists[ids[0]]; within(record(c.decode().answer, ids[0]), rows[ids[0]]) {
			if useless[list] == nil {
				order = append(order, list)
			}
			useless[list] = append(useless[list], c)
			delete(rows, ids[0])
		}
	}
	for _, list := range order {
		if calls := useless[list]; len(calls) >= leastOneByOne {
			found = append(found, finding("", fmt.Sprintf("%d requests for rows of the list %s said nothing that the "+
				"list had not",
				len(calls), list.entry.ID), append([]*call{list}, calls...)...))
		}
	}
	return found
}

// record returns the object with an id in an answer: the answer itself or a value in its envelope.
func record(v any, id string) any {
	object, ok := v.(map[string]any)
	if !ok || idOf(object) == id {
		return v
	}
	for _, inner := range object {
		if found := record(inner, id); idOf(found) == id {
			return found
		}
	}
	return nil
}

// within reports whether an object says nothing that another does not say.
func within(one, other any) bool {
	a, ok := one.(map[string]any)
	b, also := other.(map[string]any)
	if !ok || !also || len(a) == 0 {
		return false
	}
	for key, value := range a {
		if there, ok := b[key]; !ok || !reflect.DeepEqual(value, there) {
			return false
		}
	}
	return true
}

func (h *history) orderNotAsked() (found []Finding) {
	if !h.doc.Pages.Unordered {
		return nil
	}
	for i, c := range h.calls {
		p := h.doc.Pages
		if !c.isList() || c.query.Get(p.Size) != "1" || c.query.Get(p.Order) != "" || c.further() || h.filtered(c) ||
			len(c.rows()) != 1 || c.total() < 2 || !slices.Contains(h.doc.Query(c.op), p.Order) {
			continue
		}
		id := idOf(c.rows()[0])
		for _, later := range h.calls[i+1:] {
			if id != "" && slices.Contains(later.names(), id) {
				found = append(found, finding(p.Source, fmt.Sprintf("the first of %d rows without %s, and then "+
					"that row",
					c.total(), p.Order), c, later))
				break
			}
		}
	}
	return found
}

// jsonText returns a value as compact JSON.
func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}
