package workflow

import (
	"fmt"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// The states of a version.
const (
	draft       = "DRAFT"
	active      = "ACTIVE"
	deactivated = "DEACTIVATED"
	archived    = "ARCHIVED"
)

// usable is a version with its workflow.
type usable struct{ version, workflow *record.Record }

func (e *Engine) usable(id string) (u usable, err error) {
	if u.version = e.find(versions, id); u.version != nil {
		u.workflow = e.find(workflows, textOf(value(u.version, "workflowId")))
	}
	if u.workflow == nil {
		return u, invalid("INVALID_INPUT", noVersion, badInput)
	}
	return u, nil
}

// checkActivation refuses a version that cannot be activated.
func (u usable) checkActivation() error {
	status, trigger := textOf(value(u.version, "status")), object(value(u.version, "trigger"))
	const wrongState, noSteps = "Cannot activate non-draft or non-last-published version",
		"No steps provided in workflow version"
	last := textOf(value(u.workflow, "lastPublishedVersionId")) == u.version.ID
	switch {
	case trigger == nil:
		return invalid("INVALID_WORKFLOW_VERSION", noTrigger, noTrigger)
	case textOf(trigger["type"]) == "":
		return checkTrigger(trigger)
	case len(list(value(u.version, "steps"))) == 0:
		return invalid("INVALID_WORKFLOW_TRIGGER", noSteps, noSteps)
	case status != draft && (status != deactivated || !last):
		return invalid("INVALID_INPUT", wrongState, wrongState)
	}
	return checkTrigger(trigger)
}

// Activate makes a version the one that runs. The version before it is archived.
func (e *Engine) Activate(id string) error {
	u, err := e.usable(id)
	if err == nil {
		err = u.checkActivation()
	}
	if err != nil {
		return err
	}
	if last := textOf(value(u.workflow, "lastPublishedVersionId")); last != "" && last != id {
		if err := e.retire(last, archived); err != nil {
			return err
		}
	}
	if err := e.write(versions, id, map[string]any{"status": active}); err != nil {
		return err
	}
	if err := e.write(workflows, u.workflow.ID, map[string]any{"lastPublishedVersionId": id}); err != nil {
		return err
	}
	if err := e.listen(u); err != nil {
		return err
	}
	e.planStatuses(u.workflow.ID)
	return nil
}

// listen has the trigger of a version start it: an event by a record, a person by an entry of the command menu.
func (e *Engine) listen(u usable) error {
	trigger := object(value(u.version, "trigger"))
	settings := object(trigger["settings"])
	switch kind := trigger["type"]; kind {
	case "WEBHOOK":
		return nil
	case "DATABASE_EVENT", "CRON":
		pattern, _ := cronPattern(settings)
		if kind == "CRON" {
			settings = map[string]any{"pattern": pattern}
		}
		made, err := e.create(triggers, map[string]any{"type": kind, "settings": settings,
			"workflowId": u.workflow.ID, "position": 0.0})
		if err != nil || kind != "CRON" {
			return err
		}
		return e.scheduleCron(made.ID, pattern)
	}
	in := map[string]any{"label": value(u.workflow, "name"), "engineComponentKey": "TRIGGER_WORKFLOW_VERSION",
		"workflowVersionId": u.version.ID, "availabilityType": "GLOBAL", "position": 0.0}
	if icon := textOf(settings["icon"]); icon != "" {
		in["icon"] = icon
	}
	if m := e.model(textOf(object(settings["availability"])["objectNameSingular"])); m != nil { // inferred
		in["availabilityType"], in["availabilityObjectMetadataId"] = "RECORD_SELECTION", m.ID
	}
	_, err := e.Tables.CommandMenu().Create(in)
	return err
}

// Deactivate keeps a version from running. One that does not run stays as it is.
func (e *Engine) Deactivate(id string) error {
	u, err := e.usable(id)
	if err != nil || textOf(value(u.version, "status")) != active {
		return err
	}
	defer e.planStatuses(u.workflow.ID)
	return e.retire(id, deactivated)
}

// retire gives a version another state and takes away what starts it.
func (e *Engine) retire(id, status string) error {
	version := e.find(versions, id)
	if version == nil {
		return nil
	}
	for _, t := range e.all(triggers, "workflowId", textOf(value(version, "workflowId"))) {
		e.Records.Table(e.model(triggers)).Delete(t.ID)
	}
	return e.shelve(id, status)
}

// shelve gives a version another state and takes it off the command menu.
func (e *Engine) shelve(id, status string) error {
	for _, i := range e.Tables.CommandMenu().List(
		func(i schema.MenuItem) bool { return i.Get("workflowVersionId") == id }) {
		e.Tables.CommandMenu().Items.Delete(i.ID)
	}
	return e.write(versions, id, map[string]any{"status": status})
}

// Trashed deactivates a workflow whose record went to the trash, with its versions. Documented: packages/twenty-server/
// src/modules/workflow/common/workspace-services/workflow-common.workspace-service.ts.
func (e *Engine) Trashed(ev record.Event) error {
	if ev.Model.NameSingular != workflows || ev.Action != "deleted" || e.Records.Table(e.model(versions)) == nil {
		return nil
	}
	for _, v := range slices.Collect(e.Records.Table(e.model(versions)).All()) {
		if textOf(value(v, "workflowId")) == ev.Record.ID && textOf(value(v, "status")) == active {
			if err := e.shelve(v.ID, deactivated); err != nil {
				return err
			}
		}
	}
	statuses, _ := value(ev.Record, "statuses").([]any)
	i := slices.Index(statuses, any(active))
	if i < 0 {
		return nil
	}
	return e.write(workflows, ev.Record.ID,
		map[string]any{"statuses": append(slices.Delete(statuses, i, i+1), deactivated)})
}

// planStatuses has the worker write down which states the versions of a workflow are in.
func (e *Engine) planStatuses(workflow string) {
	if e.Worker() {
		e.State.ScheduleJob(e.State.Now(), statusJob, workflow)
	}
}

// writeStatuses: an archived version does not count. That several states come in this order is inferred.
func (e *Engine) writeStatuses(workflow string) error {
	if e.find(workflows, workflow) == nil {
		return nil
	}
	var found []any
	for _, status := range []string{draft, active, deactivated} {
		if slices.ContainsFunc(e.all(versions, "workflowId", workflow),
			func(v *record.Record) bool { return textOf(value(v, "status")) == status }) {
			found = append(found, status)
		}
	}
	return e.write(workflows, workflow, map[string]any{"statuses": found, "updatedAt": e.moment()})
}

// toCopy returns a version that can be copied. Documented: packages/twenty-server/src/modules/workflow/
// workflow-builder/workflow-version/workflow-version.workspace-service.ts, whose errors no filter translates.
func (e *Engine) toCopy(workflow, id string) (*record.Record, error) {
	const noSteps = "Workflow version does not contain at least one step"
	switch v := e.find(versions, id); {
	case v == nil || textOf(value(v, "workflowId")) != workflow:
		return nil, failure("WorkflowVersion to copy not found", noStep)
	case value(v, "trigger") == nil:
		return nil, failure(noTrigger, noTrigger)
	case len(list(value(v, "steps"))) == 0:
		return nil, failure(noSteps, noSteps)
	default:
		return v, nil
	}
}

// Draft copies a version into a new draft; a draft that is there takes the copy (inferred).
func (e *Engine) Draft(workflow, from string) (*record.Record, error) {
	version, err := e.toCopy(workflow, from)
	if err != nil {
		return nil, err
	}
	data := map[string]any{"trigger": value(version, "trigger"), "steps": value(version, "steps")}
	all := e.all(versions, "workflowId", workflow)
	for _, v := range all {
		if textOf(value(v, "status")) == draft {
			if err := e.write(versions, v.ID, data); err != nil {
				return nil, err
			}
			return e.find(versions, v.ID), nil
		}
	}
	data["name"], data["status"], data["workflowId"], data["position"] = fmt.Sprintf("v%d",
		len(all)+1), draft, workflow, "first"
	made, err := e.create(versions, data)
	if err == nil {
		e.planStatuses(workflow)
	}
	return made, err
}

// Duplicate copies a version of a workflow into a new workflow, whose steps have ids of their own. Known from the
// vendor's public source.
func (e *Engine) Duplicate(workflow, versionID string) (*record.Record, error) {
	source := e.find(workflows, workflow)
	if source == nil {
		return nil, failure("Source workflow not found", noStep)
	}
	version, err := e.toCopy(workflow, versionID)
	if err != nil {
		return nil, err
	}
	made, err := e.create(workflows, map[string]any{"name": textOf(value(source, "name")) + " (Duplicate)",
		"statuses": []any{draft}, "position": "first"})
	if err != nil {
		return nil, err
	}
	trigger, steps, ids := object(clone(value(version, "trigger"))), list(clone(value(version, "steps"))), map[any]any{}
	for _, s := range steps {
		ids[object(s)["id"]] = e.State.NewID()
	}
	renew := func(in map[string]any, key string) {
		for i, id := range list(in[key]) {
			if renewed := ids[id]; renewed != nil {
				list(in[key])[i] = renewed
			}
		}
	}
	renew(trigger, "nextStepIds")
	for _, s := range steps {
		s := object(s)
		s["id"] = ids[s["id"]]
		renew(s, "nextStepIds")
		renew(object(object(s["settings"])["input"]), "initialLoopStepIds")
	}
	first := e.all(versions, "workflowId", made.ID)[0] // which comes with every workflow
	if err := e.write(versions, first.ID, map[string]any{"steps": steps, "trigger": trigger}); err != nil {
		return nil, err
	}
	return e.find(versions, first.ID), nil
}
