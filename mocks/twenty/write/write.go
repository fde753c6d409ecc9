// Package write changes the records of an object: it creates, updates, upserts, deletes, restores, destroys and merges
// them in the tables of package record. It refuses requests in the order in which the recordings show the refusals;
// those of the database behind the vendor's server come last, before records are stored.
//
// A [Scope] is a caller with an object; [Scope.Do] executes a verb. The store's Changed gets every change, which
// webhooks, workflows and timelines follow.
//
// Known differences from the vendor: markdown is read as far as notes use it (headings, lists, quotes, code, emphasis,
// links).
package write

import (
	"context"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/query"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/value"
	"github.com/afba07b5/mockserver/mocks/twenty/verb"
)

// Scope is a caller with the object of the requested records, who may change them.
type Scope struct {
	query.Scope
	Writer map[string]any // who updatedBy names; nil for the caller
}

// NewScope returns the services for one object, as one caller may use them until the request's time is over.
func NewScope(ctx context.Context, s *record.Store, c *schema.Caller, m *schema.Model) *Scope {
	return &Scope{Scope: *query.NewScope(ctx, s, c, m)}
}

// of returns the services for another object.
func (s *Scope) of(m *schema.Model) *Scope { return &Scope{Scope: *s.With(m)} }

const batchLimit = 200

// draft is a record about to be stored, and the one it replaces.
type draft struct {
	old, now *record.Record
}

// Create stores one record, or with upsert updates the one it matches.
func (s *Scope) Create(data *js.Object, upsert bool) (*record.Row, error) {
	rows, err := s.create(verb.CreateOne, []*js.Object{data}, upsert)
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

// CreateMany stores several records, all or none. Those without a position come first in the
// answer: corpus_rest_write_101 #75.
func (s *Scope) CreateMany(data []*js.Object, upsert bool) ([]*record.Row, error) {
	return s.create(verb.CreateMany, data, upsert)
}

func (s *Scope) create(write verb.Verb, data []*js.Object, upsert bool) ([]*record.Row, error) {
	if err := s.may(schema.Write, write); err != nil {
		return nil, err
	}
	if len(data) > batchLimit {
		return nil, reject.With("TOO_MANY_RECORDS", "", "Maximum number of records to upsert is 200.")
	}
	for _, d := range data {
		if err := s.Writable(d); err != nil {
			return nil, err
		}
		if err := checkID(d); err != nil {
			return nil, err
		}
	}
	data, err := s.prepare(data)
	if err != nil {
		return nil, err
	}
	data = s.arrange(data)
	changes := make([]*change, len(data))
	for i, d := range data {
		c, err := s.read(d, false)
		if err != nil {
			return nil, err
		}
		changes[i] = c
	}
	if err := s.hook(write, "", changes...); err != nil {
		return nil, err
	}
	if upsert {
		return s.upsert(changes)
	}
	s.place(changes)
	return s.insert(changes)
}

// prepare completes the data of new records.
func (s *Scope) prepare(data []*js.Object) ([]*js.Object, error) {
	if s.Prepare == nil {
		return data, nil
	}
	out := make([]*js.Object, len(data))
	for i, d := range data {
		done, err := s.Prepare(s.Model, d)
		if err != nil {
			return nil, err
		}
		out[i] = done
	}
	return out, nil
}

// insert stores new records, all or none.
func (s *Scope) insert(changes []*change) ([]*record.Row, error) {
	if err := s.connect(changes); err != nil {
		return nil, err
	}
	drafts := make([]*draft, len(changes))
	for i, c := range changes {
		d, err := s.fresh(c)
		if err != nil {
			return nil, err
		}
		drafts[i] = d
	}
	return s.store(drafts)
}

// fresh makes a new record of a change.
func (s *Scope) fresh(c *change) (*draft, error) {
	l := s.Layout(s.Model)
	r := record.New(l)
	now := s.Now()
	var both any = now // made once
	for _, col := range l.Columns {
		if col.Path == "createdAt" || col.Path == "updatedAt" {
			r.Set(col, both)
			r.SetGenerated(col.Path, true)
			continue
		}
		r.Set(col, col.Default(s.State, now))
	}
	id, given := c.set[l.ID]
	if given && id == nil {
		return nil, reject.NotNull("id", s.Model.DatabaseTable())
	}
	s.setActors(r, c)
	for col, v := range c.set {
		r.Set(col, v)
		r.SetGenerated(col.Path, false)
	}
	if !given {
		id = s.State.NewID()
	}
	r.Set(l.ID, id)
	r.ID = id.(string)
	restoreDefaults(r, now)
	return &draft{now: r}, nil
}

// restoreDefaults: clearing a time that the server sets on its own has no effect on a new record.
func restoreDefaults(r *record.Record, now value.Moment) {
	for _, column := range []*record.Column{r.Layout().CreatedAt, r.Layout().UpdatedAt} {
		if column != nil && r.At(column) == nil {
			r.Set(column, now)
			r.SetGenerated(column.Path, true)
		}
	}
}

// setActors sets the creator of a record. createdBy in the data is used unchanged if it has a name;
// otherwise it is merged over the caller: fixtures/twenty/rest_validation_errors #22,
// corpus_rest_write_101 #98.
func (s *Scope) setActors(r *record.Record, c *change) {
	actor := s.Actor()
	for _, g := range r.Layout().Fields {
		if g.Columns[0].Attr.Type != schema.Actor || g.Name != "createdBy" && g.Name != "updatedBy" {
			continue
		}
		name := c.set[r.Layout().Column(g.Name+".name")]
		if given := js.StringOf(name) != ""; given {
			continue
		}
		setActor(r, g, actor)
		for _, col := range g.Columns {
			if v, ok := c.set[col]; ok && v == nil && col.Sub != "workspaceMemberId" {
				delete(c.set, col)
			}
		}
	}
}

// setActor puts a caller into a field.
func setActor(r *record.Record, g record.Field, actor map[string]any) {
	for _, col := range g.Columns {
		r.Set(col, actor[col.Sub])
	}
}

var noContext = map[string]any{} // made once

// Actor returns the caller as records name them.
func (s *Scope) Actor() map[string]any {
	switch {
	case s.Writer != nil:
		return s.Writer
	case s.Caller != nil && s.Caller.Key != nil:
		return map[string]any{"source": "API", "name": s.Caller.Key.Name, "context": noContext}
	case s.Caller != nil && s.Caller.User != nil:
		id := s.Caller.User.WorkspaceMemberID
		return map[string]any{"source": "MANUAL", "workspaceMemberId": id, "name": s.memberName(id),
			"context": noContext}
	}
	if s.Caller != nil && s.Caller.Application != "" {
		return map[string]any{"source": "APPLICATION", "name": s.Caller.Application, "context": noContext}
	}
	return map[string]any{"source": "SYSTEM", "name": "System"}
}

func (s *Scope) memberName(id string) string {
	m := s.Meta.Schema().Singular("workspaceMember")
	if m == nil {
		return " "
	}
	row := s.Row(m, id)
	if row == nil {
		return " "
	}
	l := row.Value.Layout()
	return row.Value.Text(l.Column("name.firstName")) + " " + row.Value.Text(l.Column("name.lastName"))
}

// overwrite lays a change over a record. An upsert brings a record back from the trash.
func (s *Scope) overwrite(old *record.Row, c *change, revive bool) *draft {
	r := old.Value.Clone()
	l := r.Layout()
	if l.UpdatedAt != nil {
		r.Set(l.UpdatedAt, s.Now())
		r.SetGenerated("updatedAt", true)
	}
	for _, g := range l.Fields {
		if g.Name == "updatedBy" {
			setActor(r, g, s.Actor())
		}
	}
	if revive {
		r.Set(l.DeletedAt, nil)
	}
	for col, v := range c.set {
		if col.Name == "updatedBy" && col.Sub != "context" {
			continue // the caller's values win, but the context of the data stays (observed)
		}
		r.Set(col, v)
		r.SetGenerated(col.Path, false)
	}
	if id, ok := r.At(l.ID).(string); ok {
		r.ID = id
	}
	return &draft{old: old.Value, now: r}
}

// store validates all drafts, stores them and sends their events.
func (s *Scope) store(drafts []*draft) ([]*record.Row, error) {
	out, err := s.storeSilently(drafts)
	if err != nil {
		return nil, err
	}
	for _, d := range drafts {
		s.announce(d)
	}
	return out, nil
}

// storeOne is store for one draft.
func (s *Scope) storeOne(d *draft) (*record.Row, error) {
	rows, err := s.store([]*draft{d})
	if err != nil {
		return nil, err
	}
	return rows[0], nil
}

func (s *Scope) storeSilently(drafts []*draft) ([]*record.Row, error) {
	t := s.EnsureTable(s.Model)
	if err := s.checkDrafts(t, drafts); err != nil {
		return nil, err
	}
	out := make([]*record.Row, len(drafts))
	for i, d := range drafts {
		d.now.Share()
		if d.old == nil {
			if _, err := t.Insert(d.now); err != nil {
				return nil, reject.Duplicate()
			}
		} else if err := s.replace(t, d.old, d.now); err != nil {
			return nil, err
		}
		out[i] = t.Row(d.now.ID)
	}
	return out, nil
}

// checkDrafts returns the errors of the database: missing values, duplicate values, dangling
// references.
func (s *Scope) checkDrafts(t *record.Table, drafts []*draft) error {
	for _, d := range drafts {
		if !d.now.Storable() {
			return reject.Value()
		}
		if c := d.now.Missing(); c != nil {
			return reject.NotNull(c.DB, s.Model.DatabaseTable())
		}
	}
	if err := s.checkUnique(t, drafts); err != nil {
		return err
	}
	for _, d := range drafts {
		if err := s.checkReferences(d, drafts); err != nil {
			return err
		}
	}
	return nil
}

// checkUnique rejects ids and unique values that other records have.
func (s *Scope) checkUnique(t *record.Table, drafts []*draft) error {
	ids, values := map[string]bool{}, map[string]bool{}
	leaving := map[string]bool{}
	for _, d := range drafts {
		if d.old != nil {
			leaving[d.old.ID] = true
		}
	}
	for _, d := range drafts {
		if ids[d.now.ID] || t.Row(d.now.ID) != nil && !leaving[d.now.ID] {
			return reject.Duplicate()
		}
		ids[d.now.ID] = true
		for _, key := range record.UniqueKeys(d.now) {
			if values[key] {
				return s.taken(key, nil)
			}
			values[key] = true
			if other := t.One("unique", key); other != nil && !leaving[other.Value.ID] {
				return s.taken(key, other.Value)
			}
		}
	}
	return nil
}

// taken returns the error for a duplicate value; GraphQL names the record that has it.
func (s *Scope) taken(key string, other *record.Record) *reject.Error {
	e := reject.Duplicate()
	name, _, _ := strings.Cut(key, "\x01")
	if a := s.Model.Attr(name); a != nil && other != nil {
		e.Hint = "This " + a.Label + " value is already in use. Please check your data and try again."
		e.ConflictID, e.ConflictObject = other.ID, s.Model.NameSingular
	}
	return e
}

// checkReferences rejects ids of records that do not exist, not those in the trash. An id that
// others refer to cannot change: corpus_rest_write_101.
func (s *Scope) checkReferences(d *draft, batch []*draft) error {
	if d.old != nil && d.old.ID != d.now.ID { // before its own references: kind_foreign_keys 37
		for _, ref := range s.references(s.Model) {
			if len(s.Referring(ref.Model, ref.JoinColumn, d.old.ID)) > 0 {
				return reject.Referenced(s.Model.DatabaseTable(), ref.ForeignKey(), ref.Model.DatabaseTable())
			}
		}
	}
	for _, a := range s.Layout(s.Model).References {
		c := d.now.Layout().Column(a.JoinColumn)
		id, ok := d.now.At(c).(string)
		if !ok || d.old != nil && d.old.At(c) == id {
			continue
		}
		if a.Target == nil || s.Row(a.Target, id) == nil && !(a.Target == s.Model && inBatch(batch, id)) {
			e := reject.MissingReference(s.Model.DatabaseTable(), a.ForeignKey())
			if a.Target != nil {
				e.MissingFrom, e.MissingID = record.TableName(a.Target), id
			}
			return e
		}
	}
	return nil
}

func inBatch(batch []*draft, id string) bool {
	return slices.ContainsFunc(batch, func(d *draft) bool { return d.now.ID == id })
}

// references are the relations of all objects that lead to one.
func (s *Scope) references(m *schema.Model) []*schema.Attr {
	var out []*schema.Attr
	for _, other := range s.Meta.Schema().Models {
		out = append(out, js.Where(other.Attrs, func(a *schema.Attr) bool {
			return a.Relation == schema.ToOne && a.Target != nil && a.Target.ID == m.ID && a.JoinColumn != ""
		})...)
	}
	return out
}

// announce sends the event of a stored record. A write that changes nothing has no event.
func (s *Scope) announce(d *draft) {
	e := record.Event{Action: "updated", Model: s.Model, Record: d.now, Before: d.old, Caller: s.Caller}
	if d.old == nil {
		e.Action = "created"
	} else if e.Updated, e.Diff = d.changed(); len(e.Updated) == 0 {
		return
	}
	s.tell(e)
}

// changed returns the names of the fields whose values differ:
// fixtures/twenty/kind_webhook_deliveries. That another kind of caller wrote counts only for
// webhooks.
func (d *draft) changed() (updated, diff []string) {
	for _, g := range d.now.Layout().Fields {
		if g.Name == "updatedAt" || g.Name == "searchVector" || !d.differs(g) {
			continue
		}
		if a := g.Columns[0].Attr; g.Columns[0].Join {
			updated = append(updated, a.Name, a.Name+"Id")
		} else {
			updated = append(updated, g.Name)
		}
		if g.Name != "updatedBy" {
			diff = append(diff, g.Name)
		}
	}
	return updated, diff
}

func (d *draft) differs(g record.Field) bool {
	return slices.ContainsFunc(g.Columns, func(c *record.Column) bool {
		return jsonb.Text(d.old.Value(c)) != jsonb.Text(d.now.Value(c))
	})
}

// replace stores a record in place of another, after all others, as the database does.
func (s *Scope) replace(t *record.Table, old, now *record.Record) error {
	t.Delete(old.ID)
	if _, err := t.Insert(now); err != nil {
		return reject.Duplicate()
	}
	return nil
}

func (s *Scope) tell(e record.Event) {
	if s.Changed != nil {
		s.Changed(e)
	}
}
