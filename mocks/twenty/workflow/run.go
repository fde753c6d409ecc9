package workflow

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// The jobs of the queue worker.
const (
	runJob    = "workflowRun"
	statusJob = "workflowStatuses"
	resumeJob = "workflowResume"
	cronJob   = "workflowCron"
)

// The states of a run and of its steps.
const (
	enqueued   = "ENQUEUED"
	running    = "RUNNING"
	completed  = "COMPLETED"
	failed     = "FAILED"
	stopped    = "STOPPED"
	success    = "SUCCESS"
	skipped    = "SKIPPED"
	pending    = "PENDING"
	notStarted = "NOT_STARTED"
)

// longestChain is how many runs may lead to each other. The vendor limits how many start in a while.
const longestChain = 10

// planned is the data of a job.
type planned struct {
	Run   string `json:"run"`
	Depth int    `json:"depth"`
}

// Register has the world's clock run what is enqueued.
func (e *Engine) Register() {
	register(e, runJob, func(p planned) error { return e.inChain(p.Depth, func() error { return e.execute(p.Run) }) })
	register(e, resumeJob, func(d delayed) error { return e.inChain(d.Depth, func() error { return e.resume(d) }) })
	register(e, statusJob, e.writeStatuses)
	register(e, cronJob, e.tick)
}

// register has a job with data of a type done.
func register[T any](e *Engine, job string, do func(T) error) {
	e.State.RegisterJob(job, func(data json.RawMessage) error {
		var v T
		if err := json.Unmarshal(data, &v); err != nil {
			return err
		}
		return do(v)
	})
}

// inChain counts the runs that led to what it does.
func (e *Engine) inChain(depth int, do func() error) error {
	e.depth = depth
	defer func() { e.depth = 0 }()
	return do()
}

// Run enqueues a run of a version by hand. id may be empty.
func (e *Engine) Run(caller *schema.Caller, versionID string, payload map[string]any, id string) (string, error) {
	u, err := e.usable(versionID)
	if err != nil {
		return "", err
	}
	if payload == nil {
		payload = map[string]any{}
	}
	result := maps.Clone(payload)
	result["payload"], result["metadata"] = payload, map[string]any{"workspaceMemberId": caller.User.WorkspaceMemberID}
	actor := write.NewScope(context.Background(), e.Records, caller, e.model(versions)).Actor()
	return e.enqueue(u, result, actor, id)
}

// enqueue makes a run. Its position is before all others; the first one's is 1.
func (e *Engine) enqueue(u usable, result, actor map[string]any, id string) (string, error) {
	position, infos := 1.0, map[string]any{"trigger": map[string]any{"status": notStarted, "result": result}}
	for i, r := range e.all(runs, "", "") {
		if p, _ := value(r, "position").(float64); i == 0 || p <= position {
			position = p - 1
		}
	}
	for _, step := range list(value(u.version, "steps")) {
		infos[textOf(object(step)["id"])] = map[string]any{"status": notStarted}
	}
	data := map[string]any{"name": fmt.Sprintf("#%d - %s", len(e.all(runs, "workflowId", u.workflow.ID))+1,
		textOf(value(u.workflow, "name"))), "status": notStarted,
		"workflowId": u.workflow.ID, "workflowVersionId": u.version.ID, "position": position, "createdBy": actor,
		"state": map[string]any{"stepInfos": infos, "flow": map[string]any{"trigger": value(u.version,
			"trigger"), "steps": value(u.version, "steps")}}}
	if id != "" {
		data["id"] = id
	}
	run, err := e.create(runs, data)
	if err != nil {
		return "", err
	}
	if err := e.write(runs, run.ID, map[string]any{"status": enqueued, "enqueuedAt": e.moment()}); err != nil {
		return "", err
	}
	return run.ID, e.schedule(run.ID, e.depth+1)
}

// moment returns the time of the next thing that the worker does: after all that it did before, and not
// before now. The
// server's worker takes some milliseconds for each.
func (e *Engine) moment() string {
	const clock = "workflow clock"
	e.State.Number(clock, e.State.Now().UnixMilli())
	return time.UnixMilli(e.State.NextNumber(clock)).UTC().Format("2006-01-02T15:04:05.000Z")
}

// schedule has the worker execute a run. Without a worker the run stays as it is.
func (e *Engine) schedule(run string, depth int) error {
	switch {
	case depth > longestChain:
		return e.write(runs, run, map[string]any{"status": failed, "endedAt": e.moment()})
	case e.Worker():
		e.State.ScheduleJob(e.State.Now(), runJob, planned{run, depth})
	}
	return nil
}

// execution is a run while it is executed.
type execution struct {
	*Engine
	run    *record.Record
	state  map[string]any
	infos  map[string]any
	steps  []any
	queue  []any          // the steps that come next
	actor  map[string]any // who writes the records that the run writes
	author map[string]any // who made those that it makes
}

// execute does what is left to do of a run.
func (e *Engine) execute(id string) error {
	run := e.find(runs, id)
	if run == nil || !slices.Contains([]string{enqueued, running}, textOf(value(run, "status"))) {
		return nil
	}
	x := &execution{Engine: e, run: run, state: object(clone(value(run, "state")))}
	x.infos, x.steps = object(x.state["stepInfos"]), list(object(x.state["flow"])["steps"])
	x.actor, x.author = actors(object(value(run, "createdBy")))
	data := map[string]any{"status": running}
	if value(run, "startedAt") == nil {
		data["startedAt"] = e.moment()
	}
	object(x.infos["trigger"])["status"] = success
	data["status"] = x.follow(list(object(object(x.state["flow"])["trigger"])["nextStepIds"]))
	if data["status"] == failed {
		x.state["workflowRunError"] = "WorkflowRun failed"
	}
	data["state"] = x.state
	if data["status"] != running {
		data["endedAt"] = e.moment()
	}
	return e.write(runs, id, data)
}

// actors are who writes and who makes records in a run: the member who started it, else the workflow.
func actors(starter map[string]any) (writer, author map[string]any) {
	if starter["source"] == "MANUAL" {
		author = maps.Clone(starter)
		delete(author, "context")
		return starter, author
	}
	return map[string]any{"source": "APPLICATION", "name": "Standard",
		"context": map[string]any{}}, map[string]any{"source": "WORKFLOW", "name": "Workflow"}
}

func (e *Engine) foundRun(id string) (*record.Record, error) {
	run := e.find(runs, id)
	if run == nil {
		return nil, failure("Workflow run not found", "Workflow run not found.")
	}
	return run, nil
}

// Stop ends a run; one that has ended stays as it is. What becomes of one that has not is inferred.
func (e *Engine) Stop(id string) (*record.Record, error) {
	run, err := e.foundRun(id)
	if err == nil && slices.Contains([]string{notStarted, enqueued, running}, textOf(value(run, "status"))) {
		err = e.write(runs, id, map[string]any{"status": stopped, "endedAt": e.moment()})
	}
	if err != nil {
		return nil, err
	}
	return e.find(runs, id), nil
}

// Retry does the steps of a failed run again that failed; another run stays as it is. How a retry goes is inferred.
func (e *Engine) Retry(id string) (*record.Record, error) {
	run, err := e.foundRun(id)
	if err != nil || textOf(value(run, "status")) != failed {
		return run, err
	}
	state := object(clone(value(run, "state")))
	for key, info := range object(state["stepInfos"]) {
		if object(info)["status"] == failed {
			object(state["stepInfos"])[key] = map[string]any{"status": notStarted}
		}
	}
	delete(state, "workflowRunError")
	if err := e.write(runs, id, map[string]any{"status": enqueued, "state": state}); err != nil {
		return nil, err
	}
	return e.find(runs, id), e.schedule(id, e.depth+1)
}

// SubmitForm answers a form that a run waits for.
func (e *Engine) SubmitForm(id, step string, response map[string]any) error {
	run, err := e.foundRun(id)
	if err != nil {
		return err
	}
	state := object(clone(value(run, "state")))
	if info := object(object(state["stepInfos"])[step]); info["status"] != pending {
		return missing("submitFormStep for a step that does not wait")
	}
	object(state["stepInfos"])[step] = map[string]any{"status": success, "result": response}
	if err := e.write(runs, id, map[string]any{"state": state}); err != nil {
		return err
	}
	return e.schedule(id, e.depth+1)
}

// Notice starts the workflows that wait for an event, and notes a new workflow.
func (e *Engine) Notice(ev record.Event) {
	if !e.Worker() {
		return
	}
	if ev.Model.NameSingular == workflows && ev.Action == "created" {
		e.planStatuses(ev.Record.ID)
	}
	for _, t := range e.all(triggers, "", "") {
		settings := object(value(t, "settings"))
		if !listens(settings, ev) {
			continue
		}
		workflow := e.find(workflows, textOf(value(t, "workflowId")))
		if workflow == nil {
			continue
		}
		result := payload(ev, strings.HasSuffix(textOf(settings["eventName"]), ".upserted"))
		x := &execution{infos: map[string]any{"trigger": map[string]any{"result": result}}}
		if ok, err := x.matches(object(settings["filter"])); !ok && err == nil {
			continue
		}
		if err := e.begin(workflow, result); err != nil {
			panic(err) // the workflow is there, and a new identifier is unique
		}
	}
}

// begin enqueues a run of the version of a workflow that is published, if there is one.
func (e *Engine) begin(workflow *record.Record, result map[string]any) error {
	u, err := e.usable(textOf(value(workflow, "lastPublishedVersionId")))
	if err != nil {
		return nil
	}
	actor := map[string]any{"source": "WORKFLOW", "name": value(workflow, "name"), "context": map[string]any{}}
	_, err = e.enqueue(u, result, actor, "")
	return err
}

// listens reports whether a trigger waits for an event. One on changes may name the fields that count (inferred); a new
// record has changed all of them: fixtures/twenty/kind_webhook_deliveries 14.
func listens(settings map[string]any, ev record.Event) bool {
	name, change := textOf(settings["eventName"]), ev.Model.NameSingular+"."+ev.Action
	if name == ev.Model.NameSingular+".upserted" && (ev.Action == "created" || ev.Action == "updated") {
		change = name
	}
	if name != change {
		return false
	}
	fields := list(settings["fields"])
	return len(fields) == 0 || ev.Action != "updated" ||
		slices.ContainsFunc(fields, func(f any) bool { return slices.Contains(ev.Updated, textOf(f)) })
}

// filled reports whether a value says anything.
func filled(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case []string:
		return len(v) > 0
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), filled)
	}
	return true
}

// payload is the input of the steps, from the trigger. Its form for changes and deletions is
// inferred. A client that listens to both new and changed records also gets what is new:
// fixtures/twenty/kind_webhook_deliveries 13.
func payload(ev record.Event, upserted bool) map[string]any {
	properties := map[string]any{"after": content(ev.Record)}
	if upserted && ev.Action == "created" {
		properties["diff"], properties["updatedFields"] = creationDiff(ev)
	}
	switch ev.Action {
	case "updated":
		properties["before"], properties["updatedFields"] = content(ev.Before), ev.Updated
	case "deleted", "destroyed":
		properties = map[string]any{"before": content(ev.Record)}
	}
	out := map[string]any{"recordId": ev.Record.ID, "properties": properties}
	if ev.Caller != nil && ev.Caller.User != nil {
		u := ev.Caller.User
		out["userId"], out["userWorkspaceId"], out["workspaceMemberId"] = u.ID, u.UserWorkspaceID, u.WorkspaceMemberID
	}
	return out
}

// creationDiff returns all values of a new record as changes, and their names. It leaves out relations
// without a record (inferred).
func creationDiff(ev record.Event) (diff map[string]any, names []any) {
	diff = map[string]any{}
	for _, key := range ev.Record.Keys() {
		name, after := key, value(ev.Record, key)
		change := map[string]any{"after": after}
		for _, a := range ev.Model.Attrs {
			if a.JoinColumn == key {
				name = a.Name
				change = map[string]any{"after": map[string]any{"id": after}, "before": map[string]any{"id": nil}}
			}
		}
		if key == "updatedAt" || key == "searchVector" || name != key && after == nil {
			continue
		}
		diff[name], names = change, append(names, name)
		if name != key {
			names = append(names, key)
		}
	}
	return diff, names
}
