package twenty

import (
	"encoding/json"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// worker is the switch that gives a workspace a queue worker, which writes down on the timeline what happens
// to records, a moment later: fixtures/twenty/rest_timeline_activities_async.
const worker = "worker"

const activityJob = "timeline"

// activity is an entry of the timeline that the worker has still to write.
type activity struct {
	Object string         `json:"object"` // id of the object it is about
	Record string         `json:"record"` // id of the record
	Entry  map[string]any `json:"entry"`  // the keys of the timelineActivity
}

// plan has the worker write an event on the timeline of its record, and, where a record ties a note or a
// task to another, on the timeline of that other. Destroyed records have none any more. That nothing else
// shows on the timelines of linked records is assumed.
func (t *api) plan(e record.Event) {
	if !t.World().Feature(worker) || e.Action == "destroyed" {
		return
	}
	properties := map[string]any{}
	if e.Action == "updated" {
		properties["diff"] = difference(e)
	}
	t.later(e, e.Model, e.Record.ID, map[string]any{"name": e.Model.NameSingular + "." + e.Action, "properties": properties})
	if e.Action == "created" && (e.Model.NameSingular == "noteTarget" || e.Model.NameSingular == "taskTarget") {
		t.planLinked(e)
	}
}

// planLinked plans the entries for what a noteTarget or taskTarget points to.
func (t *api) planLinked(e record.Event) {
	link := e.Model.Attr(strings.TrimSuffix(e.Model.NameSingular, "Target"))
	if link == nil || link.Target == nil {
		return
	}
	id, _ := text(e.Record, link.JoinColumn)
	linked := t.records.Find(link.Target, id)
	if linked == nil {
		return
	}
	title, _ := text(linked, "title")
	for _, a := range e.Model.Attrs {
		if target, ok := text(e.Record, a.JoinColumn); ok && a != link && a.Target != nil {
			t.later(e, a.Target, target, map[string]any{"name": "linked-" + link.Target.NameSingular + ".created", "properties": map[string]any{},
				"linkedRecordId": id, "linkedRecordCachedName": title, "linkedObjectMetadataId": link.Target.ID})
		}
	}
}

func text(r *record.Record, key string) (string, bool) {
	v, _ := r.Get(key)
	s, ok := v.(string)
	return s, ok && s != ""
}

// difference is what an update changed, field by field.
func difference(e record.Event) map[string]any {
	out := map[string]any{}
	for _, name := range e.Updated {
		after, _ := e.Record.Get(name)
		before, _ := e.Before.Get(name)
		out[name] = map[string]any{"after": record.Plain(after), "before": record.Plain(before)}
	}
	return out
}

// later queues an entry, if the timeline knows records of that object.
func (t *api) later(e record.Event, m *schema.Model, id string, entry map[string]any) {
	timeline := t.tables.Schema().Singular("timelineActivity")
	if timeline == nil {
		return
	}
	for _, a := range timeline.Attrs {
		if a.Target != nil && a.Target.ID == m.ID && a.MorphID != nil {
			entry[a.JoinColumn] = id
			if e.Caller != nil && e.Caller.User != nil {
				entry["workspaceMemberId"] = e.Caller.User.WorkspaceMemberID
			}
			t.At(t.Now(), activityJob, activity{m.ID, id, entry})
			return
		}
	}
}

// work writes an entry, unless its record is gone.
func (t *api) work(data json.RawMessage) error {
	var a activity
	if err := json.Unmarshal(data, &a); err != nil {
		return err
	}
	sch := t.tables.Schema()
	about, timeline := sch.ByID(a.Object), sch.Singular("timelineActivity")
	if about == nil || timeline == nil || t.records.Find(about, a.Record) == nil {
		return nil
	}
	a.Entry["id"] = t.NewID()
	row, err := json.Marshal(a.Entry)
	if err != nil {
		return err
	}
	return t.records.Add(timeline, row)
}
