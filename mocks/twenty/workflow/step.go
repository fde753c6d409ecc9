package workflow

import (
	"maps"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
)

// stepKinds are the steps that can be made, with their names and inputs. Recorded but for DELETE_RECORD,
// which is known
// from the vendor's public source. %object% stands for the name of an object.
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
}

// stepsElsewhere are the steps that the vendor alone has.
var stepsElsewhere = []string{"CODE", "LOGIC_FUNCTION", "SEND_EMAIL", "DRAFT_EMAIL", "HTTP_REQUEST", "AI_AGENT",
	"ITERATOR", "IF_ELSE", "DELAY",
	"UPSERT_RECORD", "EMPTY"}

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
	if text(value(v, "status")) != draft {
		const message = "Workflow version is not in draft status"
		return nil, failure(message, message)
	}
	return v, nil
}

// CreateStep adds a step to a version, behind its parent and before the step that nextStepId names.
func (e *Engine) CreateStep(in map[string]any) (*Change, error) {
	v, err := e.editable(text(in["workflowVersionId"]))
	if err != nil {
		return nil, err
	}
	kind := text(in["stepType"])
	known, ok := stepKinds[kind]
	switch {
	case slices.Contains(stepsElsewhere, kind):
		return nil, missing("createWorkflowVersionStep of type " + kind)
	case !ok:
		return nil, invalid("INVALID_REQUEST", "WorkflowActionType '"+kind+"' unknown",
			"Invalid workflow step request.")
	}
	id := text(in["id"])
	if id == "" {
		id = e.State.NewID()
	}
	off := map[string]any{"value": false}
	step := map[string]any{"id": id, "name": known.name, "type": kind, "valid": false,
		"settings": map[string]any{"outputSchema": map[string]any{},
			"input":                e.input(known.input),
			"errorHandlingOptions": map[string]any{"continueOnFailure": off, "retryOnFailure": off}}}
	if in["position"] != nil {
		step["position"] = in["position"]
	}
	next := text(in["nextStepId"])
	if next != "" {
		step["nextStepIds"] = []any{next}
	}
	return e.edit(v, func(trigger map[string]any, steps []any) []any {
		for _, parent := range append([]any{trigger}, steps...) {
			if p := object(parent); p != nil && (text(p["id"]) == text(in["parentStepId"]) ||
				text(in["parentStepId"]) == "trigger" && text(p["id"]) == "") {
				follow := slices.DeleteFunc(slices.Clone(list(p["nextStepIds"])),
					func(id any) bool { return id == next })
				p["nextStepIds"] = append(follow, id)
				break
			}
		}
		return append(steps, step)
	})
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
	at := stepAt(steps, text(step["id"]))
	if at < 0 {
		return nil, missing("updateWorkflowVersionStep of a step that the version does not have")
	}
	now := object(steps[at])
	maps.Copy(now, step)
	return now, e.write(versions, v.ID, map[string]any{"steps": steps})
}

// DeleteStep takes a step out of a version. Those before it are followed by those behind it.
func (e *Engine) DeleteStep(versionID, id string) (*Change, error) {
	v, err := e.editable(versionID)
	if err != nil {
		return nil, err
	}
	steps := list(value(v, "steps"))
	at := stepAt(steps, id)
	if at < 0 {
		return nil, missing("deleteWorkflowVersionStep of a step that the version does not have")
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
	return slices.IndexFunc(steps, func(s any) bool { return text(object(s)["id"]) == id })
}

// edit changes trigger and steps of a version and returns what changed. do may change the copies that it gets.
func (e *Engine) edit(v *record.Record, do func(trigger map[string]any, steps []any) []any) (*Change, error) {
	was := map[string]any{"trigger": value(v, "trigger"), "steps": value(v, "steps")}
	trigger := object(clone(was["trigger"]))
	now := map[string]any{"trigger": any(trigger), "steps": do(trigger, list(clone(was["steps"])))}
	if trigger == nil {
		now["trigger"] = nil
	}
	if err := e.write(versions, v.ID, now); err != nil {
		return nil, err
	}
	out := &Change{TriggerDiff: []any{}, StepsDiff: []any{}}
	for _, d := range differences(nil, was, now) {
		if list(object(d)["path"])[0] == "trigger" {
			out.TriggerDiff = append(out.TriggerDiff, d)
		} else {
			out.StepsDiff = append(out.StepsDiff, d)
		}
	}
	return out, nil
}
