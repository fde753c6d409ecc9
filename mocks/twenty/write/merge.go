package write

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// Merge merges several records into one: the one at the priority index keeps its values and takes
// missing ones from the others, lists are joined, records that refer to the others refer to it, and
// the others are destroyed. A dry run returns the result and changes nothing. priority is a
// JavaScript index. Only the fields that the API fetched are merged: GraphQL passes its selection
// (corpus_graphql_write_101 #130).
func (s *Scope) Merge(ids []string, priority any, dryRun bool, fetched ...query.Selection) (*record.Row, error) {
	if err := s.Allow(schema.Write); err != nil {
		return nil, err
	}
	if len(s.Model.DuplicateCriteria) == 0 {
		return nil, reject.Query("This type of record cannot be merged.",
			"Merge is only available for objects with duplicate criteria. "+
				"Object '%s' does not have duplicate criteria defined.", s.Model.NameSingular)
	}
	if len(ids) < 2 {
		return nil, reject.Query("Please select at least 2 records to merge.",
			"At least 2 record IDs are required for merge")
	}
	if len(ids) > mergeLimit { // known from the vendor's public source
		return nil, reject.Query("You can merge up to 9 records at once.", "Maximum 9 records can be merged at once")
	}
	if n := js.ToNumber(priority); priority != nil && (n < 0 || n >= float64(len(ids))) {
		return nil, reject.Query("", "Invalid conflict priority '%s'. Valid options for %d records: 0-%d",
			js.Text(priority), len(ids), len(ids)-1)
	}
	rows, err := s.mergeable(ids)
	if err != nil {
		return nil, err
	}
	index, err := strconv.Atoi(js.Text(priority))
	if err != nil || strconv.Itoa(index) != js.Text(priority) { // no key of the list: kind_merge_duplicates 38 to 41
		return nil, s.notFoundAmong("")
	}
	winner := rows[index]
	next := s.merged(winner, rows, fetched)
	if dryRun {
		next.ID = s.State.NewID()
		l := next.Layout()
		next.Set(l.ID, next.ID)
		next.Set(l.UpdatedAt, winner.Value.At(l.UpdatedAt))
		next.Set(l.DeletedAt, s.Now())
		return &record.Row{Value: next}, nil
	}
	return s.absorb(winner, rows, next)
}

const mergeLimit = 9

// mergeable finds the records to merge, each once.
func (s *Scope) mergeable(ids []string) ([]*record.Row, error) {
	for _, id := range ids {
		if !schema.IsUUID(id) { // as of duplicates: fixtures/twenty/rest_duplicates
			return nil, reject.Syntax("uuid", id)
		}
	}
	var rows []*record.Row
	for _, id := range ids {
		row := s.Live(s.Model, strings.ToLower(id))
		if row == nil || slices.Contains(rows, row) {
			return nil, s.notFoundAmong(id)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// notFoundAmong is what merging a missing record gets: GraphQL has other words for it.
func (s *Scope) notFoundAmong(id string) *reject.Error {
	e := s.NotFound(id)
	e.GraphMessage, e.Hint = "One or more records not found", "One or more records were not found."
	return e
}

// absorb stores the merged record in place of the winner and removes the others.
func (s *Scope) absorb(winner *record.Row, rows []*record.Row, next *record.Record) (*record.Row, error) {
	for _, row := range rows {
		if row == winner {
			continue
		}
		if err := s.moveReferences(row.Value.ID, winner.Value.ID); err != nil {
			return nil, err
		}
		if err := s.destroy(row.Value, true); err != nil {
			return nil, err
		}
	}
	next = next.Clone() // with a search vector of its own
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
		for _, ref := range s.Referring(a.Model, a.JoinColumn, from) {
			moved := ref.Value.Clone()
			moved.Set(moved.Layout().Column(a.JoinColumn), to)
			moved.Set(moved.Layout().UpdatedAt, s.Now())
			moved.SetGenerated("updatedAt", true)
			if err := s.replace(s.Table(a.Model), ref.Value, moved); err != nil {
				return err
			}
			// known from the vendor's public source
			s.of(a.Model).announce(&draft{old: ref.Value, now: moved})
		}
	}
	return nil
}

// merged lays the values of the records over each other, in the order of the request.
func (s *Scope) merged(winner *record.Row, rows []*record.Row, fetched []query.Selection) *record.Record {
	next := winner.Value.Clone()
	next.TakeVector(winner.Value)
	l := next.Layout()
	if l.UpdatedAt != nil {
		next.Set(l.UpdatedAt, s.Now())
	}
	for _, g := range l.Fields {
		a := g.Columns[0].Attr
		if len(fetched) > 0 && fetched[0] != nil && g.Name != "updatedBy" {
			sub, ok := fetched[0][g.Name]
			if !ok {
				continue
			}
			g = fetchedParts(g, sub)
		}
		switch {
		case g.Name == "updatedBy":
			setActor(next, g, s.Actor())
		case a.IsSystem && !g.Columns[0].Join:
		default:
			mergeGroup(next, g, rows)
		}
	}
	return next
}

// fetchedParts is the field with those parts alone that were fetched: kind_merge_duplicates 54 and 56.
func fetchedParts(g record.Field, sub query.Selection) record.Field {
	if !g.Composite || sub == nil {
		return g
	}
	out := record.Field{Name: g.Name, Composite: true}
	for _, c := range g.Columns {
		if _, ok := sub[c.Sub]; ok {
			out.Columns = append(out.Columns, c)
		}
	}
	return out
}

// mergeGroup merges one field, of which some of the records have a value. Known from the vendor's public
// source, and corpus_rest_write_101 #51: a composite value is taken as a whole, blanks are no value, and of a
// relation that two records have the winner keeps its own.
func mergeGroup(next *record.Record, g record.Field, rows []*record.Row) {
	var with []*record.Record
	winner := -1
	for _, row := range rows {
		if hasValue(row.Value, g) {
			if row.Value.ID == next.ID {
				winner = len(with)
			}
			with = append(with, row.Value)
		}
	}
	switch t := g.Columns[0].Attr.Type; {
	case len(with) == 0:
	case len(with) == 1:
		take(next, g.Columns, with[0])
	case g.Columns[0].Join:
	case g.Columns[0].Kind == record.List:
		next.Set(g.Columns[0], joinTexts(g.Columns[0], with))
	case t == schema.Emails || t == schema.Phones || t == schema.Links:
		mergeList(next, g, with)
	case winner < 0:
		take(next, g.Columns, with[0])
	}
}

func take(r *record.Record, columns []*record.Column, from *record.Record) {
	for _, c := range columns {
		if c.Kind == record.Vector {
			r.TakeVector(from)
		} else {
			r.Set(c, from.At(c))
		}
	}
}

// hasValue reports whether any part of a field has a value.
func hasValue(r *record.Record, g record.Field) bool {
	return slices.ContainsFunc(g.Columns, func(c *record.Column) bool { return isValue(r.At(c)) })
}

// isValue reports whether merging takes something for a value.
func isValue(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return strings.TrimSpace(v) != ""
	case []string:
		return len(v) > 0
	case []any:
		return len(v) > 0
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), isValue)
	}
	return true
}

// joinTexts joins lists without repeating an entry.
func joinTexts(c *record.Column, with []*record.Record) any {
	var all []string
	for _, r := range with {
		items, _ := r.At(c).([]string)
		for _, item := range items {
			if isValue(item) && !slices.Contains(all, item) {
				all = append(all, item)
			}
		}
	}
	if all == nil {
		return nil
	}
	return all
}

// listShapes say how the primary value of a composite field becomes an entry of its list, key by part.
var listShapes = map[schema.Type][]struct{ key, sub string }{
	schema.Links: {{"url", "primaryLinkUrl"}, {"label", "primaryLinkLabel"}},
	schema.Phones: {{"number", "primaryPhoneNumber"}, {"countryCode", "primaryPhoneCountryCode"},
		{"callingCode", "primaryPhoneCallingCode"}},
}

// mergeList keeps the winner's primary value, or the first one, and joins all others in the list behind it,
// record by record: corpus_graphql_write_102 #107 and #140, corpus_rest_write_102 #37.
func mergeList(next *record.Record, g record.Field, with []*record.Record) {
	parts, list := []*record.Column{}, (*record.Column)(nil)
	var lead *record.Column
	for _, c := range g.Columns {
		switch c.Sub {
		case "additionalEmails", "additionalPhones", "secondaryLinks":
			list = c
			continue
		case "primaryEmail", "primaryPhoneNumber", "primaryLinkUrl":
			lead = c
		}
		parts = append(parts, c)
	}
	if lead == nil || list == nil { // assumed: the server then merges fields that it did not fetch as empty
		return
	}
	if !isValue(next.At(lead)) {
		if i := slices.IndexFunc(with, func(r *record.Record) bool { return isValue(r.At(lead)) }); i >= 0 {
			take(next, parts, with[i])
		}
	}
	m := &listMerge{seen: map[string]bool{"": true, next.Text(lead): true}}
	for _, r := range with {
		m.add(r.Text(lead), entryOf(r, g))
		m.addAll(r.At(list))
	}
	if next.Set(list, m.entries); len(m.entries) == 0 {
		next.Set(list, nil)
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

func entryOf(r *record.Record, g record.Field) any {
	shape := listShapes[g.Columns[0].Attr.Type]
	if shape == nil {
		return r.Text(g.Columns[0])
	}
	out := map[string]any{}
	for _, part := range shape {
		for _, c := range g.Columns {
			if v := r.At(c); c.Sub == part.sub && v != nil {
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
		if s := js.StringOf(v["url"]); s != "" {
			return s
		}
		return js.StringOf(v["number"])
	}
	return jsonb.Text(v)
}
