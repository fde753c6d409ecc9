package record

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Merge makes one record of several: the one at the priority index keeps its values and takes what it
// lacks from the others, lists are joined, records that refer to the others refer to it, and the others go
// for good. A dry run returns what would be and changes nothing. priority is nil if none was given. Only
// fields that a face fetched are merged: GraphQL passes its selection (corpus_graphql_write_101 #130).
func (s *Scope) Merge(ids []string, priority *float64, dryRun bool, fetched ...Selection) (*Row, error) {
	if err := s.allow(schema.Write); err != nil {
		return nil, err
	}
	if len(s.Model.DuplicateCriteria) == 0 {
		return nil, refuse(queryInput, "", "Merge is only available for objects with duplicate criteria. Object '%s' does not have duplicate criteria defined.", s.Model.NameSingular)
	}
	if len(ids) < 2 {
		return nil, refuse(queryInput, "", "At least 2 record IDs are required for merge")
	}
	if priority != nil && (*priority < 0 || int(*priority) >= len(ids)) {
		return nil, refuse(queryInput, "", "Invalid conflict priority '%s'. Valid options for %d records: 0-%d", jsNumber(*priority), len(ids), len(ids)-1)
	}
	var rows []*Row
	for _, id := range ids {
		row := s.row(s.Model, id)
		if row == nil || row.Value.Deleted() {
			return nil, notFoundAmong()
		}
		rows = append(rows, row)
	}
	if priority == nil {
		return nil, notFoundAmong()
	}
	winner := rows[int(*priority)]
	next := s.merged(winner, rows, fetched)
	if dryRun {
		next.ID = s.State.NewID()
		next.values[next.layout.byPath["id"].at] = next.ID
		next.values[next.layout.fixed.updated] = winner.Value.values[next.layout.fixed.updated]
		next.values[next.layout.fixed.deleted] = millis(s.State.Now().UnixMilli())
		return &Row{Value: next}, nil
	}
	return s.absorb(winner, rows, next)
}

// absorb stores the merged record in place of the winner and removes the others.
func (s *Scope) absorb(winner *Row, rows []*Row, next *Record) (*Row, error) {
	for _, row := range rows {
		if row == winner {
			continue
		}
		if err := s.moveReferences(row.Value.ID, winner.Value.ID); err != nil {
			return nil, err
		}
		if err := s.remove(s.Model, row.Value); err != nil {
			return nil, err
		}
	}
	next.index()
	t := s.Table(s.Model)
	if err := s.replace(t, winner.Value, next); err != nil {
		return nil, err
	}
	d := &draft{old: winner.Value, now: next}
	s.announce(d)
	return t.Row(next.ID), nil
}

// moveReferences makes the records that refer to one record refer to another.
func (s *Scope) moveReferences(from, to string) error {
	for _, a := range s.references(s.Model) {
		if a.Type == schema.MorphRelation {
			continue // these go with the record they refer to: corpus_rest_write_102 #37
		}
		for _, ref := range s.referring(a.Model, a.JoinColumn, from) {
			moved := ref.Value.clone()
			moved.values[moved.layout.index(a.JoinColumn)] = to
			moved.values[moved.layout.fixed.updated] = millis(s.State.Now().UnixMilli())
			moved.mint("updatedAt", true)
			if err := s.replace(s.Table(a.Model), ref.Value, moved); err != nil {
				return err
			}
		}
	}
	return nil
}

// merged lays the values of the records over each other, the winner's first.
func (s *Scope) merged(winner *Row, rows []*Row, fetched []Selection) *Record {
	next := winner.Value.clone()
	l := next.layout
	if i := l.fixed.updated; i >= 0 {
		next.values[i] = millis(s.State.Now().UnixMilli())
	}
	sources := []*Record{winner.Value}
	for _, row := range rows {
		if row != winner {
			sources = append(sources, row.Value)
		}
	}
	for _, g := range l.groups {
		a := g.columns[0].Attr
		if len(fetched) > 0 && fetched[0] != nil && g.name != "updatedBy" {
			if _, ok := fetched[0][g.name]; !ok {
				continue
			}
		}
		switch {
		case g.name == "updatedBy":
			s.setActor(next, g)
		case a.IsSystem && !g.columns[0].Join && !g.parts, a.Type == schema.Actor, a.Type == schema.Position, a.Type == schema.TSVector:
		case a.Type == schema.Emails || a.Type == schema.Phones || a.Type == schema.Links:
			mergeList(next, g, sources)
		default:
			mergeValues(next, g, sources)
		}
	}
	return next
}

// mergeValues takes a value that is missing from the first record that has it; a composite value is taken
// as a whole: corpus_rest_write_101 #51.
func mergeValues(next *Record, g group, sources []*Record) {
	if g.parts {
		mergeWhole(next, g, sources)
		return
	}
	for _, c := range g.columns {
		if c.kind == list {
			mergeTexts(next, c, sources)
			continue
		}
		for _, r := range sources {
			if next.values[c.at] == nil || next.values[c.at] == "" {
				next.values[c.at] = r.values[c.at]
			}
		}
	}
}

func mergeWhole(next *Record, g group, sources []*Record) {
	first := slices.IndexFunc(sources, func(r *Record) bool { return r.holds(g) })
	if first < 0 {
		return
	}
	for _, c := range g.columns {
		next.values[c.at] = sources[first].values[c.at]
	}
}

// holds reports whether any part of a field has a value.
func (r *Record) holds(g group) bool {
	return slices.ContainsFunc(g.columns, func(c *Column) bool { return r.values[c.at] != nil && r.values[c.at] != "" })
}

func mergeTexts(next *Record, c *Column, sources []*Record) {
	var all []string
	for _, r := range sources {
		items, _ := r.values[c.at].([]string)
		for _, item := range items {
			if !slices.Contains(all, item) {
				all = append(all, item)
			}
		}
	}
	if len(all) > 0 {
		next.values[c.at] = all
	}
}

// listShapes say how the primary value of a composite field becomes an entry of its list, key by part.
var listShapes = map[schema.Type][]struct{ key, sub string }{
	schema.Links:  {{"url", "primaryLinkUrl"}, {"label", "primaryLinkLabel"}},
	schema.Phones: {{"number", "primaryPhoneNumber"}, {"countryCode", "primaryPhoneCountryCode"}, {"callingCode", "primaryPhoneCallingCode"}},
}

// mergeList keeps the first primary value and joins all others in the list behind it: of e-mails record by
// record, of phones and links the primary ones first (corpus_graphql_write_102 #107 and #140, corpus_rest_write_102 #37).
func mergeList(next *Record, g group, sources []*Record) {
	parts, list := g.columns[:len(g.columns)-1], g.columns[len(g.columns)-1]
	lead := parts[0]
	if lead.Attr.Type == schema.Links {
		lead = parts[1]
	}
	m := &listMerge{seen: map[string]bool{"": true}}
	for _, r := range sources {
		if own := r.textAt(lead); own != "" && len(m.seen) == 1 {
			m.seen[own] = true
			for _, c := range parts {
				next.values[c.at] = r.values[c.at]
			}
		}
	}
	for _, r := range sources {
		m.add(r.textAt(lead), entryOf(r, g))
		if lead.Attr.Type == schema.Emails {
			m.addAll(r.values[list.at])
		}
	}
	for _, r := range sources {
		m.addAll(r.values[list.at])
	}
	if next.values[list.at] = m.entries; len(m.entries) == 0 {
		next.values[list.at] = nil
	}
}

// listMerge joins lists without repeating an entry.
type listMerge struct {
	seen    map[string]bool
	entries []any
}

func (m *listMerge) add(key string, entry any) {
	if !m.seen[key] {
		m.seen[key] = true
		m.entries = append(m.entries, entry)
	}
}

func (m *listMerge) addAll(list any) {
	items, _ := list.([]any)
	for _, item := range items {
		m.add(entryKey(item), item)
	}
}

func entryOf(r *Record, g group) any {
	shape := listShapes[g.columns[0].Attr.Type]
	if shape == nil {
		return r.textAt(g.columns[0])
	}
	out := map[string]any{}
	for _, part := range shape {
		for _, c := range g.columns {
			if v := r.values[c.at]; c.Sub == part.sub && v != nil {
				out[part.key] = v
			}
		}
	}
	return out
}

func entryKey(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case map[string]any:
		if s := stringOf(v["url"]); s != "" {
			return s
		}
		return stringOf(v["number"])
	}
	return jsonbText(v)
}
