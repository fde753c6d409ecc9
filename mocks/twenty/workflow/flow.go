package workflow

import (
	"errors"
	"slices"
	"strings"
	"time"
)

// mostIterations is how often a loop may run.
const mostIterations = 10_000

// follow executes steps and those behind them, and returns the state of the run. Joins, branches and loops go as in the
// vendor's public source: a step waits for all steps before it, and is skipped if none of them leads to it.
func (x *execution) follow(next []any) string {
	status, passed := completed, map[string]bool{}
	for x.queue = next; len(x.queue) > 0; {
		id := textOf(x.queue[0])
		x.queue = x.queue[1:]
		at := stepAt(x.steps, id)
		if at < 0 {
			continue
		}
		step, info := object(x.steps[at]), object(x.infos[id])
		looping := info["status"] == running && step["type"] == "ITERATOR"
		switch {
		case info == nil || info["status"] == notStarted:
			if !x.ready(id) {
				continue
			}
			info = x.say(id, x.step(step))
		case looping && x.looped(step):
			info = x.say(id, x.step(step))
		case passed[id]:
			continue
		default:
			passed[id] = true
		}
		switch info["status"] {
		case success, running:
			taken, left := nextOf(step, info)
			x.queue = append(x.queue, taken...)
			x.skip(left)
		case stopped:
			x.skip(list(step["nextStepIds"]))
		case pending:
			status = running
		case failed:
			return failed
		}
	}
	return status
}

// say notes what became of a step, after what became of it in a loop before.
func (x *execution) say(id string, info map[string]any) map[string]any {
	if past := object(x.infos[id])["history"]; past != nil && info["history"] == nil {
		info["history"] = past
	}
	x.infos[id] = info
	return info
}

// nextOf returns the steps that a step leads to after what it did, and those that it leaves out.
func nextOf(step, info map[string]any) (taken, left []any) {
	result := object(info["result"])
	switch step["type"] {
	case "ITERATOR":
		if loop := loopOf(step); result["hasProcessedAllItems"] != true {
			return loop, nil
		} else if result["currentItemIndex"] == 0.0 {
			return list(step["nextStepIds"]), loop
		}
	case "IF_ELSE":
		for _, b := range list(object(object(step["settings"])["input"])["branches"]) {
			if b := object(b); b["id"] == result["matchingBranchId"] {
				taken = list(b["nextStepIds"])
			} else {
				left = append(left, list(b["nextStepIds"])...)
			}
		}
		return taken, left
	}
	return list(step["nextStepIds"]), nil
}

// loopOf returns the first steps of a loop.
func loopOf(iterator map[string]any) []any {
	return list(object(object(iterator["settings"])["input"])["initialLoopStepIds"])
}

// leads reports whether a step leads to another in some way.
func leads(step map[string]any, id string) bool {
	to := slices.Concat(list(step["nextStepIds"]), loopOf(step))
	for _, b := range list(object(object(step["settings"])["input"])["branches"]) {
		to = append(to, list(object(b)["nextStepIds"])...)
	}
	return slices.Contains(to, any(id))
}

// before returns the states of the steps that lead to one. A branch that was not taken counts as skipped, and a loop
// does not wait for its own steps.
func (x *execution) before(id string) (states []any) {
	var loop []string
	if at := stepAt(x.steps, id); at >= 0 && object(x.steps[at])["type"] == "ITERATOR" {
		loop = x.within(object(x.steps[at]))
	}
	for _, s := range x.steps {
		s := object(s)
		if !leads(s, id) || slices.Contains(loop, textOf(s["id"])) {
			continue
		}
		info := object(x.infos[textOf(s["id"])])
		state := info["status"]
		if taken, _ := nextOf(s, info); state == success && !slices.Contains(taken, any(id)) {
			state = skipped
		}
		states = append(states, state)
	}
	return states
}

func (x *execution) ready(id string) bool {
	states := x.before(id)
	return !slices.ContainsFunc(states, func(s any) bool { return s == notStarted || s == pending || s == nil }) &&
		(len(states) == 0 || slices.Contains(states, any(success)) || slices.Contains(states, any(running)))
}

// within returns the steps of a loop.
func (x *execution) within(iterator map[string]any) (ids []string) {
	for next := loopOf(iterator); len(next) > 0; next = next[1:] {
		id := textOf(next[0])
		at := stepAt(x.steps, id)
		if at < 0 || id == textOf(iterator["id"]) || slices.Contains(ids, id) {
			continue
		}
		ids = append(ids, id)
		for _, s := range x.steps {
			if other := textOf(object(s)["id"]); leads(object(x.steps[at]), other) {
				next = append(next, other)
			}
		}
	}
	return ids
}

// looped reports whether the steps that lead back to a loop are done.
func (x *execution) looped(iterator map[string]any) bool {
	back := false
	for _, id := range x.within(iterator) {
		if leads(object(x.steps[stepAt(x.steps, id)]), textOf(iterator["id"])) {
			back = true
			if s := object(x.infos[id])["status"]; s != success && s != skipped && s != stopped {
				return false
			}
		}
	}
	return back
}

// skip marks steps to which nothing leads any more. A loop goes on with its next item.
func (x *execution) skip(ids []any) {
	for _, id := range ids {
		at, info := stepAt(x.steps, textOf(id)), object(x.infos[textOf(id)])
		switch gone := func(s any) bool { return s == skipped || s == stopped }; {
		case at < 0:
		case info["status"] == running:
			x.queue = append(x.queue, id)
		case info["status"] == notStarted &&
			!slices.ContainsFunc(x.before(textOf(id)), func(s any) bool { return !gone(s) }):
			x.say(textOf(id), map[string]any{"status": skipped})
			step := object(x.steps[at])
			_, left := nextOf(step, nil)
			x.skip(slices.Concat(list(step["nextStepIds"]), loopOf(step), left))
		}
	}
}

// iterate takes the next item of a loop, whose steps start again. Their earlier results become their history.
func (x *execution) iterate(step map[string]any, in map[string]any) (map[string]any, error) {
	items, err := itemsOf(in["items"])
	if err != nil {
		return nil, err
	}
	id, loop := textOf(step["id"]), loopOf(step)
	if len(loop) == 0 || len(items) == 0 {
		return map[string]any{"status": success,
			"result": map[string]any{"currentItemIndex": 0.0, "hasProcessedAllItems": true}}, nil
	}
	at, old := 0, object(x.infos[id])
	if last := object(old["result"]); last != nil {
		at = int(number(last["currentItemIndex"])) + 1
	}
	if at >= mostIterations {
		return nil, errors.New("Iterator has reached the maximum number of iterations")
	}
	result := map[string]any{"currentItemIndex": float64(at), "hasProcessedAllItems": at >= len(items)}
	out := map[string]any{"status": success, "result": result}
	if at < len(items) {
		result["currentItem"], out["status"] = items[at], running
	}
	if at > 0 {
		out["history"] = history(old)
		for _, inner := range x.within(step) {
			if at < len(items) {
				x.infos[inner] = map[string]any{"status": notStarted, "history": history(object(x.infos[inner]))}
			}
		}
	}
	return out, nil
}

func history(info map[string]any) []any {
	was := map[string]any{}
	for _, key := range []string{"result", "error", "status"} {
		if info[key] != nil {
			was[key] = info[key]
		}
	}
	return append(slices.Clone(list(info["history"])), was)
}

// itemsOf returns the items of a loop, which may be the text of a list.
func itemsOf(v any) ([]any, error) {
	items, ok := v.([]any)
	if written, is := v.(string); is {
		items, ok = parsedList(written)
	}
	if !ok {
		return nil, errors.New("Iterator input items must be an array")
	}
	return items, nil
}

// branch returns the branch of an IF_ELSE step whose conditions hold: the first of which they do, or that has none.
func (x *execution) branch(in map[string]any) (any, error) {
	branches := list(in["branches"])
	if len(branches) == 0 {
		return nil, errors.New("If-else action must have at least one branch")
	}
	for _, b := range branches {
		group, conditional := object(b)["filterGroupId"].(string)
		ok, err := true, error(nil)
		if conditional {
			ok, err = x.matches(filtersOf(in, group))
		}
		if err != nil || ok {
			return map[string]any{"matchingBranchId": object(b)["id"]}, err
		}
	}
	return nil, errors.New("No matching branch found in if-else action")
}

// filtersOf returns the conditions of one group, with those of the groups below it.
func filtersOf(in map[string]any, root string) map[string]any {
	ids, groups := []any{root}, []any{}
	for i := 0; i < len(ids); i++ {
		for _, g := range list(in["stepFilterGroups"]) {
			if g := object(g); i == 0 && g["id"] == root {
				top := map[string]any{"id": root, "logicalOperator": g["logicalOperator"]}
				groups = append(groups, top)
			} else if g["parentStepFilterGroupId"] == ids[i] && !slices.Contains(ids, g["id"]) {
				ids, groups = append(ids, g["id"]), append(groups, g)
			}
		}
	}
	filters := slices.DeleteFunc(slices.Clone(list(in["stepFilters"])),
		func(f any) bool { return !slices.Contains(ids, object(f)["stepFilterGroupId"]) })
	return map[string]any{"stepFilterGroups": groups, "stepFilters": filters}
}

// delayed has the worker go on with a run after a DELAY step.
type delayed struct {
	planned
	Step string `json:"step"`
}

// delay waits on the world's clock. The spellings of its kinds are those of several versions.
func (x *execution) delay(step, in map[string]any) error {
	at := x.State.Now()
	switch kind := strings.ToUpper(textOf(in["delayType"])); kind {
	case "DURATION":
		d := object(in["duration"])
		if d == nil {
			return errors.New("Duration is required for duration delay")
		}
		seconds := ((number(d["days"])*24+number(d["hours"]))*60+number(d["minutes"]))*60 + number(d["seconds"])
		at = at.Add(time.Duration(seconds * float64(time.Second)))
	case "SCHEDULE_DATE", "SCHEDULED_DATE":
		if textOf(in["scheduledDateTime"]) == "" {
			return errors.New("Scheduled date time is required for scheduled date delay")
		}
		when, err := time.Parse(time.RFC3339, textOf(in["scheduledDateTime"]))
		if err != nil {
			return err
		}
		at = when
	default:
		return errors.New("Invalid delay type")
	}
	x.State.ScheduleJob(at, resumeJob, delayed{planned{x.run.ID, x.depth}, textOf(step["id"])})
	return nil
}

// resume goes on behind a DELAY step, unless its run has ended.
func (e *Engine) resume(d delayed) error {
	run := e.find(runs, d.Run)
	if run == nil || textOf(value(run, "status")) != running {
		return nil
	}
	state := object(clone(value(run, "state")))
	if object(object(state["stepInfos"])[d.Step])["status"] != pending {
		return nil
	}
	x := &execution{infos: object(state["stepInfos"])}
	x.say(d.Step, map[string]any{"status": success, "result": map[string]any{"success": true}})
	if err := e.write(runs, d.Run, map[string]any{"state": state}); err != nil {
		return err
	}
	return e.execute(d.Run)
}
