package write

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// Update changes one record, in the trash or not.
func (s *Scope) Update(id string, data *js.Object) (*record.Row, error) {
	c, err := s.readUpdate(verb.UpdateOne, id, data)
	if err != nil {
		return nil, err
	}
	row, err := s.row(id)
	if err != nil {
		return nil, err
	}
	return s.storeOne(s.overwrite(row, c, false))
}

// row returns a record, in the trash or not.
func (s *Scope) row(id string) (*record.Row, error) {
	if row := s.Row(s.Model, id); row != nil {
		return row, nil
	}
	return nil, s.NotFound(id)
}

// UpdateMany changes every record that a filter matches, all of them without one.
func (s *Scope) UpdateMany(filter any, data *js.Object) ([]*record.Row, error) {
	c, err := s.readUpdate(verb.UpdateMany, "", data)
	if err != nil {
		return nil, err
	}
	found, err := s.matched(filter)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	drafts := js.Map(found, func(row *record.Row) *draft { return s.overwrite(row, c, false) })
	rows, err := s.storeSilently(drafts)
	if err != nil {
		return nil, err
	}
	return rows, s.announceMatching(filter, drafts)
}

// announceMatching sends events for the records that the filter still matches, because the server
// reads them again with the filter after the change: fixtures/twenty/kind_webhook_deliveries 35.
func (s *Scope) announceMatching(filter any, drafts []*draft) error {
	matches, err := s.Matcher(filter)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		if matches(d.now) {
			s.announce(d)
		}
	}
	return nil
}

func (s *Scope) readUpdate(write verb.Verb, id string, data *js.Object) (*change, error) {
	if err := s.may(schema.Write, write); err != nil {
		return nil, err
	}
	if err := s.Writable(data); err != nil {
		return nil, err
	}
	if err := checkID(data); err != nil {
		return nil, err
	}
	c, err := s.read(data, true)
	if err == nil {
		err = s.hook(write, id, c)
	}
	if err != nil {
		return nil, err
	}
	l := s.Layout(s.Model)
	if p := l.Position; c.position != nil && p != nil {
		least, greatest := s.positions()
		if c.set[p] = greatest + 1; c.position == "first" {
			c.set[p] = least - 1
		}
	}
	return c, s.resolve([]*change{c}, true)
}

// matched returns the records that the filter of a write matches, in the order in which the
// database has them: last written last. Writes reach the trash as well.
func (s *Scope) matched(filter any) ([]*record.Row, error) {
	matches, err := s.Matcher(filter)
	if err != nil {
		return nil, err
	}
	var out []*record.Row
	for row := range s.UntilDeadline(s.EnsureTable(s.Model).Rows()) {
		if matches(row.Value) {
			out = append(out, row)
		}
	}
	return out, s.DeadlineError()
}

// Delete moves one record to the trash.
func (s *Scope) Delete(id string) (*record.Row, error) { return s.trashOne(verb.DeleteOne, id, true) }

func (s *Scope) trashOne(write verb.Verb, id string, in bool) (*record.Row, error) {
	if err := s.may(schema.SoftDelete, write); err != nil {
		return nil, err
	}
	if err := s.hook(write, id); err != nil {
		return nil, err
	}
	row, err := s.row(id)
	if err != nil {
		return nil, err
	}
	return s.trash(row, in)
}

// DeleteMany moves every record that a filter matches to the trash.
func (s *Scope) DeleteMany(filter any) ([]*record.Row, error) {
	if err := s.may(schema.SoftDelete, verb.DeleteMany); err != nil {
		return nil, err
	}
	return s.each(filter, func(row *record.Row) (*record.Row, error) { return s.trash(row, true) })
}

// Restore takes one record out of the trash.
func (s *Scope) Restore(id string) (*record.Row, error) {
	return s.trashOne(verb.RestoreOne, id, false)
}

// RestoreMany takes every record that a filter matches out of the trash, and returns those that it still
// matches then: fixtures/twenty/rest_bulk_update_delete_restore #12.
func (s *Scope) RestoreMany(filter any) ([]*record.Row, error) {
	if err := s.may(schema.SoftDelete, verb.RestoreMany); err != nil {
		return nil, err
	}
	rows, err := s.each(filter, func(row *record.Row) (*record.Row, error) { return s.trash(row, false) })
	if err != nil {
		return nil, err
	}
	matches, err := s.Matcher(filter)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(rows, func(row *record.Row) bool { return !matches(row.Value) }), nil
}

func (s *Scope) each(filter any, do func(*record.Row) (*record.Row, error)) ([]*record.Row, error) {
	found, err := s.matched(filter)
	if err != nil {
		return nil, err
	}
	out := make([]*record.Row, 0, len(found))
	for _, row := range found {
		row, err := do(row)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}

// trash puts a record into the trash or takes it out.
func (s *Scope) trash(row *record.Row, in bool) (*record.Row, error) {
	return s.trashAt(row, in, s.Now())
}

func (s *Scope) trashAt(row *record.Row, in bool, now value.Moment) (*record.Row, error) {
	t := s.Table(s.Model)
	next := row.Value.Clone()
	action := "restored"
	if next.Set(next.Layout().DeletedAt, nil); in {
		next.Set(next.Layout().DeletedAt, now)
		action = "deleted"
	}
	next.Set(next.Layout().UpdatedAt, now)
	next.SetGenerated("updatedAt", true)
	next.SetGenerated("deletedAt", in)
	if err := s.replace(t, row.Value, next); err != nil {
		return nil, err
	}
	before := row.Value
	row = t.Row(next.ID) // what hooks change afterwards is not in the answer
	for _, name := range targetsOf[s.Model.NameSingular] {
		if err := s.trashTargets(before, s.Model.Attr(name), in); err != nil {
			return nil, err
		}
	}
	moved := []string{"deletedAt"} // also of a record that was there before: fixtures/twenty/kind_webhook_deliveries 21
	s.tell(record.Event{Action: action, Model: s.Model, Record: next, Before: before, Updated: moved, Diff: moved,
		Caller: s.Caller})
	return row, nil
}

// targetsOf are the relations whose records move to the trash, and back, with a record: corpus_graphql_write_102 #157.
// Those of workflows are documented: packages/twenty-server/src/modules/workflow/common/workspace-services/
// workflow-common.workspace-service.ts.
var targetsOf = map[string][]string{"note": {"noteTargets"}, "task": {"taskTargets"},
	"workflow": {"automatedTriggers", "runs", "versions"}}

func (s *Scope) trashTargets(r *record.Record, a *schema.Attr, in bool) error {
	if a == nil || a.Target == nil || a.Inverse == nil {
		return nil
	}
	// in a separate step
	targets, at := s.of(a.Target), value.Moment(s.State.World().Clock.Stamp().UnixMilli())
	for _, row := range s.Referring(a.Target, a.Inverse.JoinColumn, r.ID) {
		if row.Value.Deleted() == in {
			continue
		}
		if _, err := targets.trashAt(row, in, at); err != nil {
			return err
		}
	}
	return nil
}

// Destroy removes one record for good and returns its last state.
func (s *Scope) Destroy(id string) (*record.Row, error) {
	if err := s.may(schema.Destroy, verb.DestroyOne); err != nil {
		return nil, err
	}
	row, err := s.row(id)
	if err != nil {
		return nil, err
	}
	return row, s.destroy(row.Value, true)
}

// DestroyMany removes every record that a filter matches. The server sends an event only for the
// first: fixtures/twenty/kind_webhook_deliveries 38.
func (s *Scope) DestroyMany(filter any) ([]*record.Row, error) {
	if err := s.may(schema.Destroy, verb.DestroyMany); err != nil {
		return nil, err
	}
	first := true
	return s.each(filter, func(row *record.Row) (*record.Row, error) {
		tell := first
		first = false
		return row, s.destroy(row.Value, tell)
	})
}

// destroy removes a record and may send its event, but none for what its removal changes elsewhere
// (fixtures/twenty/kind_webhook_deliveries 24 and 25).
func (s *Scope) destroy(r *record.Record, tell bool) error {
	if err := s.remove(s.Model, r); err != nil {
		return err
	}
	if s.Destroyed != nil {
		s.Destroyed(s.Model, r)
	}
	if tell {
		s.tell(record.Event{Action: "destroyed", Model: s.Model, Record: r, Before: r, Caller: s.Caller})
	}
	return nil
}

// remove deletes a record; those that refer to it go with it or lose the reference, as the relation says.
func (s *Scope) remove(m *schema.Model, r *record.Record) error {
	if !s.Table(m).Delete(r.ID) {
		return nil
	}
	for _, a := range s.references(m) {
		for _, row := range s.Referring(a.Model, a.JoinColumn, r.ID) {
			if err := s.release(a, row.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

// release deals with a record that refers to a deleted one.
func (s *Scope) release(a *schema.Attr, r *record.Record) error {
	if a.OnDelete == "CASCADE" {
		return s.remove(a.Model, r)
	}
	return s.forget(a, r)
}

// forget clears a reference; the database does it, so that no time moves.
func (s *Scope) forget(a *schema.Attr, r *record.Record) error {
	next := r.Clone()
	next.Set(next.Layout().Column(a.JoinColumn), nil)
	if c := next.Missing(); c != nil {
		return reject.NotNull(c.DB, a.Model.DatabaseTable())
	}
	return s.replace(s.Table(a.Model), r, next)
}
