package workflow

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// stepKinds are the steps that can be made, with their names and inputs. Recorded up to FORM but for DELETE_RECORD;
// the others are known from the vendor's public source. %object% stands for the name of an object.
var stepKinds = map[string]struct {
	name  string
	input any
}{
	"FILTER":        {"Filter", map[string]any{"stepFilterGroups": []any{}, "stepFilters": []any{}}},
	"CREATE_RECORD": {"Create Record", map[string]any{"objectName": "%object%", "objectRecord": map[string]any{}}},
	"UPDATE_RECORD": {"Update Record", map[string]any{"objectName": "%object%",
		"objectRecord": map[string]any{}, "objectRecordId": "", "fieldsToUpdate": []any{}}},
	"DELETE_RECORD": {"Delete Record", map[string]any{"objectName": "%object%", "objectRecordId": ""}},
	"FIND_RECORDS":  {"Search Records", map[string]any{"objectName": "%object%", "limit": 1.0, "offset": 0.0}},
	"FORM":          {"Form", []any{}},
	"UPSERT_RECORD": {"Create or Update Record", map[string]any{"objectName": "%object%",
		"objectRecord": map[string]any{}, "fieldsToUpdate": []any{}}},
	"DELAY": {"Delay", map[string]any{"delayType": "DURATION",
		"duration": map[string]any{"days": 0.0, "hours": 0.0, "minutes": 0.0, "seconds": 0.0}}},
	"ITERATOR": {"Iterator", map[string]any{"items": []any{}}},
	"IF_ELSE":  {"If/Else", map[string]any{}},
	"EMPTY":    {"Add an Action", map[string]any{}},
}

// stepsElsewhere are the steps that the vendor alone has.
var stepsElsewhere = []string{"CODE", "LOGIC_FUNCTION", "SEND_EMAIL", "DRAFT_EMAIL", "HTTP_REQUEST", "AI_AGENT"}

// Change is what an edit of a version did to its trigger and its steps.
type Change struct {
	TriggerDiff []any `json:"triggerDiff"`
	StepsDiff   []any `json:"stepsDiff"`
}

// editable returns a version whose steps may be changed.
func (e *Engine) editable(id string) (*record.Record, error) {
	v := e.find(versions, id)
	if v == nil {
		return nil, failure(noVersion, badInput)
	}
	if textOf(value(v, "status")) != draft {
		const message = "Workflow version is not in draft status"
		return nil, failure(message, message)
	}
	return v, nil
}

// CreateStep adds a step to a version, behind its parent and before the step that nextStepId names.
func (e *Engine) CreateStep(in map[string]any) (*Change, error) {
	v, err := e.editable(textOf(in["workflowVersionId"]))
	if err != nil {
		return nil, err
	}
	kind := textOf(in["stepType"])
	known, ok := stepKinds[kind]
	switch {
	case slices.Contains(stepsElsewhere, kind):
		return nil, missing("createWorkflowVersionStep of type " + kind)
	case !ok:
		return nil, badStep("WorkflowActionType '" + kind + "' unknown")
	case in["parentStepId"] == "trigger" && value(v, "trigger") == nil && in["parentStepConnectionOptions"] == nil:
		return nil, badStep("Cannot insert step from undefined trigger")
	}
	id := textOf(in["id"])
	if id == "" {
		id = e.State.NewID()
	}
	step := newStep(id, kind, known.name, e.input(known.input))
	if in["position"] != nil {
		step["position"] = in["position"]
	}
	made := append([]any{step}, e.placeholders(step)...)
	next := textOf(in["nextStepId"])
	if next != "" {
		step["nextStepIds"] = []any{next}
	}
	return e.edit(v, func(trigger map[string]any, steps []any) []any {
		for _, parent := range append([]any{trigger}, steps...) {
			if p := object(parent); p != nil && (textOf(p["id"]) == textOf(in["parentStepId"]) ||
				textOf(in["parentStepId"]) == "trigger" && textOf(p["id"]) == "") {
				holder, key := exitOf(p, object(in["parentStepConnectionOptions"]))
				follow := slices.DeleteFunc(slices.Clone(list(holder[key])), func(id any) bool { return id == next })
				holder[key] = append(follow, id)
				break
			}
		}
		return append(steps, made...)
	})
}

// exitOf returns where a step says what follows it: at itself, in one of its branches, or in its loop.
func exitOf(step, options map[string]any) (holder map[string]any, key string) {
	settings, input := object(options["settings"]), object(object(step["settings"])["input"])
	if step["type"] == "ITERATOR" && settings["shouldInsertToLoop"] == true {
		return input, "initialLoopStepIds"
	}
	for _, b := range list(input["branches"]) {
		if b := object(b); settings["branchId"] != nil && b["id"] == settings["branchId"] {
			return b, "nextStepIds"
		}
	}
	return step, "nextStepIds"
}

func newStep(id, kind, name string, input any) map[string]any {
	off := map[string]any{"value": false}
	return map[string]any{"id": id, "name": name, "type": kind, "valid": kind == "EMPTY",
		"settings": map[string]any{"outputSchema": map[string]any{}, "input": input,
			"errorHandlingOptions": map[string]any{"continueOnFailure": off, "retryOnFailure": off}}}
}

// placeholders returns the empty steps that come with a new loop or a new fork, and ties them to it. Where they stand
// is known from the vendor's public source.
func (e *Engine) placeholders(step map[string]any) (made []any) {
	at, input := object(step["position"]), object(object(step["settings"])["input"])
	empty := func(x, y float64, next ...any) any {
		s := newStep(e.State.NewID(), "EMPTY", stepKinds["EMPTY"].name, map[string]any{})
		s["position"] = map[string]any{"x": number(at["x"]) + x, "y": number(at["y"]) + y}
		if next != nil {
			s["nextStepIds"] = next
		}
		made = append(made, s)
		return s["id"]
	}
	switch step["type"] {
	case "ITERATOR":
		input["initialLoopStepIds"] = []any{empty(174, 83, step["id"])}
	case "IF_ELSE":
		group := e.State.NewID()
		input["stepFilterGroups"] = []any{map[string]any{"id": group, "logicalOperator": "AND"}}
		input["stepFilters"] = []any{map[string]any{"id": e.State.NewID(), "type": "unknown", "stepOutputKey": "",
			"operand": "IS", "value": "", "stepFilterGroupId": group, "positionInStepFilterGroup": 0.0}}
		input["branches"] = []any{
			map[string]any{"id": e.State.NewID(), "filterGroupId": group, "nextStepIds": []any{empty(-200, 120)}},
			map[string]any{"id": e.State.NewID(), "nextStepIds": []any{empty(200, 120)}}}
	}
	return made
}

// input is the initial input of a new step: it works on companies if the workspace has them.
func (e *Engine) input(of any) any {
	in := clone(of)
	if m := object(in); m["objectName"] != nil {
		m["objectName"] = "company"
		if all := e.Tables.Schema().Active(); e.model("company") == nil && len(all) > 0 {
			m["objectName"] = all[0].NameSingular
		}
	}
	return in
}

// UpdateStep replaces a step of a version.
func (e *Engine) UpdateStep(versionID string, step map[string]any) (map[string]any, error) {
	v, err := e.editable(versionID)
	if err != nil {
		return nil, err
	}
	steps := list(clone(value(v, "steps")))
	at, err := existing(steps, step["id"], "update", "Step not found")
	if err != nil {
		return nil, err
	}
	steps[at] = step
	return step, e.write(versions, v.ID, map[string]any{"steps": steps})
}

// existing returns the index of a step that a request names. Its errors are documented: packages/twenty-server/src/
// modules/workflow/workflow-builder/workflow-version-step/workflow-version-step-update.workspace-service.ts, and
// workflow-version-step-deletion.workspace-service.ts beside it.
func existing(steps []any, id any, do, unknown string) (int, error) {
	at := stepAt(steps, textOf(id))
	switch {
	case steps == nil:
		return 0, badStep("Can't " + do + " step from undefined steps")
	case at < 0:
		return 0, &schema.ChangeError{Status: 404, Code: "NOT_FOUND", Message: unknown, UserMessage: noStep}
	}
	return at, nil
}

func badStep(message string) error {
	return invalid("INVALID_REQUEST", message, "Invalid workflow step request.")
}

// DeleteStep takes a step out of a version. Those before it are followed by those behind it.
func (e *Engine) DeleteStep(versionID, id string) (*Change, error) {
	v, err := e.editable(versionID)
	if err != nil {
		return nil, err
	}
	if id == "trigger" && value(v, "trigger") != nil {
		return e.edit(v, func(trigger map[string]any, steps []any) []any {
			clear(trigger)
			return steps
		})
	}
	steps := list(value(v, "steps"))
	at, err := existing(steps, id, "delete", "Can't delete not existing step")
	if err != nil {
		return nil, err
	}
	behind := list(object(steps[at])["nextStepIds"])
	return e.edit(v, func(trigger map[string]any, steps []any) []any {
		for _, one := range append([]any{trigger}, steps...) {
			next := list(object(one)["nextStepIds"])
			if i := slices.Index(next, any(id)); i >= 0 {
				object(one)["nextStepIds"] = slices.Replace(slices.Clone(next), i, i+1, behind...)
			}
		}
		return slices.Delete(steps, at, at+1)
	})
}

func stepAt(steps []any, id string) int {
	return slices.IndexFunc(steps, func(s any) bool { return textOf(object(s)["id"]) == id })
}

// edit changes trigger and steps of a version and returns what changed. do may change the copies that it gets; a
// trigger that it clears goes.
func (e *Engine) edit(v *record.Record, do func(trigger map[string]any, steps []any) []any) (*Change, error) {
	was := map[string]any{"trigger": value(v, "trigger"), "steps": value(v, "steps")}
	trigger, now := object(clone(was["trigger"])), map[string]any{"trigger": nil, "steps": nil}
	if steps := do(trigger, list(clone(was["steps"]))); steps != nil {
		now["steps"] = steps
	}
	if len(trigger) > 0 {
		now["trigger"] = trigger
	}
	if err := e.write(versions, v.ID, now); err != nil {
		return nil, err
	}
	out := &Change{TriggerDiff: []any{}, StepsDiff: []any{}}
	for _, d := range differences(nil, was, now) {
		if d.at()[0] == "trigger" {
			out.TriggerDiff = append(out.TriggerDiff, d)
		} else {
			out.StepsDiff = append(out.StepsDiff, d)
		}
	}
	return out, nil
}

// ChangeEdge adds or removes the connection of two steps of a version. The words are those of the vendor's public
// source; that a filter between two steps goes with their connection is too.
func (e *Engine) ChangeEdge(in map[string]any, add bool) (*Change, error) {
	id, source, target := textOf(in["workflowVersionId"]), textOf(in["source"]), textOf(in["target"])
	v, err := e.editable(id)
	if err != nil {
		return nil, err
	}
	steps := list(value(v, "steps"))
	switch at := stepAt(steps, source); {
	case stepAt(steps, target) < 0:
		return nil, edgeMissing("Target step '"+target+"'", id)
	case source == "trigger" && value(v, "trigger") == nil:
		return nil, edgeMissing("Trigger", id)
	case source != "trigger" && at < 0:
		return nil, edgeMissing("Source step '"+source+"'", id)
	}
	return e.edit(v, func(from map[string]any, steps []any) []any {
		if source != "trigger" {
			from = object(steps[stepAt(steps, source)])
		}
		holder, key := exitOf(from, object(in["sourceConnectionOptions"]))
		next := list(holder[key])
		i := slices.Index(next, any(target))
		if add && i < 0 {
			holder[key] = append(slices.Clone(next), target)
		}
		if add || i >= 0 {
			if !add {
				holder[key] = slices.Delete(slices.Clone(next), i, i+1)
			}
			return steps
		}
		between := slices.IndexFunc(steps, func(s any) bool {
			return slices.Contains(next, object(s)["id"]) && object(s)["type"] == "FILTER" && leads(object(s), target)
		})
		if between >= 0 {
			gone := object(steps[between])["id"]
			holder[key] = slices.DeleteFunc(slices.Clone(next), func(id any) bool { return id == gone })
			steps = slices.Delete(steps, between, between+1)
		}
		return steps
	})
}

func edgeMissing(what, version string) error {
	return &schema.ChangeError{Status: 404, Code: "NOT_FOUND", UserMessage: "Workflow edge not found.",
		Message: what + " not found in workflowVersion '" + version + "'"}
}

// Move changes where the trigger and the steps of a version stand in the editor.
func (e *Engine) Move(versionID string, positions []any) error {
	v, err := e.editable(versionID)
	if err != nil {
		return err
	}
	_, err = e.edit(v, func(trigger map[string]any, steps []any) []any {
		for _, p := range positions {
			to := object(p)
			if i := stepAt(steps, textOf(to["id"])); i >= 0 {
				object(steps[i])["position"] = to["position"]
			} else if to["id"] == "trigger" && trigger != nil {
				trigger["position"] = to["position"]
			}
		}
		return steps
	})
	return err
}
