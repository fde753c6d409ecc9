package twenty

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
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
// shows on the timelines of linked records is assumed. Runs of workflows are not on the timeline: the people of
// fixtures/twenty/surface_timeline start one each.
func (a *api) plan(e record.Event) {
	if !a.World().Enabled(worker) || e.Model.NameSingular == "workflowRun" || e.Action == "destroyed" ||
		e.Action == "updated" && len(e.Updated) == 0 {
		return
	}
	properties := map[string]any{}
	if e.Action == "updated" {
		properties["diff"] = difference(e)
	}
	a.later(e, e.Model, e.Record.ID,
		map[string]any{"name": e.Model.NameSingular + "." + e.Action, "properties": properties})
	if e.Action == "updated" && e.Model.NameSingular == "note" && slices.Contains(e.Diff, "title") {
		a.planRenamed(e, properties)
	}
	if e.Action == "created" && (e.Model.NameSingular == "noteTarget" || e.Model.NameSingular == "taskTarget") {
		a.planLinked(e)
	}
}

// planLinked schedules the entries for the target of a noteTarget or taskTarget.
func (a *api) planLinked(e record.Event) {
	link := e.Model.Attr(strings.TrimSuffix(e.Model.NameSingular, "Target"))
	if link == nil || link.Target == nil {
		return
	}
	id, _ := textAt(e.Record, link.JoinColumn)
	linked := a.records.Find(link.Target, id)
	if linked == nil {
		return
	}
	title, _ := textAt(linked, "title")
	for _, attr := range e.Model.Attrs {
		if target, ok := textAt(e.Record, attr.JoinColumn); ok && attr != link && attr.Target != nil {
			a.later(e, attr.Target, target, map[string]any{"name": "linked-" + link.Target.NameSingular + ".created",
				"properties":     map[string]any{},
				"linkedRecordId": id, "linkedRecordCachedName": title, "linkedObjectMetadataId": link.Target.ID})
		}
	}
}

// planRenamed schedules the entry that a note's new title makes for the targets of the note. The
// server does not say which they are. That other changes of notes make none is recorded, and for
// tasks only for a change of status.
func (a *api) planRenamed(e record.Event, properties map[string]any) {
	title, _ := textAt(e.Record, "title")
	a.queue(e, e.Model, e.Record.ID,
		map[string]any{"name": "linked-" + e.Model.NameSingular + ".updated", "properties": properties,
			"linkedRecordId": e.Record.ID, "linkedRecordCachedName": title, "linkedObjectMetadataId": e.Model.ID})
}

func textAt(r *record.Record, key string) (string, bool) {
	v, _ := r.Get(key)
	s, ok := v.(string)
	return s, ok && s != ""
}

// difference is what an update changed, field by field: who wrote too, if that is another than at the last write, and
// of a relation the records of both sides under its name. Evidence: fixtures/twenty/surface_timeline 37 and 49.
func difference(e record.Event) map[string]any {
	out := map[string]any{}
	names := e.Diff
	if slices.Contains(e.Updated, "updatedBy") {
		names = append(slices.Clone(names), "updatedBy")
	}
	for _, name := range names {
		after, _ := e.Record.Get(name)
		before, _ := e.Before.Get(name)
		after, before = js.Plain(after), js.Plain(before)
		for _, a := range e.Model.Attrs {
			if a.JoinColumn == name && a.Target != nil {
				name, after, before = a.Name, map[string]any{"id": after}, map[string]any{"id": before}
				break
			}
		}
		out[name] = map[string]any{"after": after, "before": before}
	}
	return out
}

// later queues an entry, if the timeline knows records of that object.
func (a *api) later(e record.Event, m *schema.Model, id string, entry map[string]any) {
	timeline := a.tables.Schema().Singular("timelineActivity")
	if timeline == nil {
		return
	}
	for _, attr := range timeline.Attrs {
		if attr.Target != nil && attr.Target.ID == m.ID && attr.MorphID != nil {
			entry[attr.JoinColumn] = id
			a.queue(e, m, id, entry)
			return
		}
	}
}

// queue queues an entry about a record.
func (a *api) queue(e record.Event, m *schema.Model, id string, entry map[string]any) {
	if e.Caller != nil && e.Caller.User != nil {
		entry["workspaceMemberId"] = e.Caller.User.WorkspaceMemberID
	}
	a.ScheduleJob(a.Now(), activityJob, activity{m.ID, id, entry})
}

// work writes an entry, unless its record is gone.
func (a *api) work(data json.RawMessage) error {
	var planned activity
	if err := json.Unmarshal(data, &planned); err != nil {
		return err
	}
	sch := a.tables.Schema()
	about, timeline := sch.ByID(planned.Object), sch.Singular("timelineActivity")
	if about == nil || timeline == nil || a.records.Find(about, planned.Record) == nil {
		return nil
	}
	planned.Entry["id"] = a.NewID()
	row, err := json.Marshal(planned.Entry)
	if err != nil {
		return err
	}
	return write.Add(a.records, timeline, row)
}
