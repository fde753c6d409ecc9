package workflow

import (
	"fmt"
	"time"

	"github.com/robfig/cron/v3"
)

// checkTrigger refuses settings with which a trigger cannot start anything. The words are those of the vendor's
// public source.
func checkTrigger(trigger map[string]any) error {
	settings := object(trigger["settings"])
	message := ""
	switch textOf(trigger["type"]) {
	case "":
		message = "No trigger type provided"
	case "MANUAL", "WEBHOOK":
	case "DATABASE_EVENT":
		if textOf(settings["eventName"]) == "" {
			message = "No event name provided in database event trigger"
		}
	case "CRON":
		_, message = cronPattern(settings)
	default:
		message = "Invalid trigger type for enabling workflow trigger"
	}
	if message == "" {
		return nil
	}
	return invalid("INVALID_WORKFLOW_TRIGGER", message, message)
}

// cronPattern returns the pattern of a schedule, or what is wrong with it.
func cronPattern(settings map[string]any) (pattern, message string) {
	at := object(settings["schedule"])
	day, hour, minute := number(at["day"]), number(at["hour"]), number(at["minute"])
	const high = "Invalid %s value. Should be integer greater than 1"
	switch kind := textOf(settings["type"]); {
	case kind == "":
		return "", "No setting type provided in cron trigger"
	case kind == "CUSTOM" && textOf(settings["pattern"]) == "":
		return "", "No pattern provided in CUSTOM cron trigger"
	case kind == "CUSTOM":
		pattern = textOf(settings["pattern"])
	case kind != "DAYS" && kind != "HOURS" && kind != "MINUTES":
		return "", "Invalid setting type provided in cron trigger"
	case at == nil:
		return "", "No schedule provided in cron trigger"
	case kind == "DAYS" && day <= 0:
		return "", fmt.Sprintf(high, "day")
	case kind == "DAYS" && (hour < 0 || hour > 23):
		return "", "Invalid hour value. Should be integer between 0 and 23"
	case kind == "HOURS" && hour <= 0:
		return "", fmt.Sprintf(high, "hour")
	case kind != "MINUTES" && (minute < 0 || minute > 59):
		return "", "Invalid minute value. Should be integer between 0 and 59"
	case kind == "DAYS":
		pattern = fmt.Sprintf("%v %v */%v * *", minute, hour, day)
	case kind == "HOURS":
		pattern = fmt.Sprintf("%v */%v * * *", minute, hour)
	case minute <= 0:
		return "", fmt.Sprintf(high, "minute")
	default:
		pattern = fmt.Sprintf("*/%v * * * *", minute)
	}
	if _, err := cron.ParseStandard(pattern); err != nil || pattern[0] == '@' {
		return "", "Cron pattern '" + pattern + "' is invalid"
	}
	return pattern, ""
}

// scheduleCron has the worker start the workflow of a trigger at the next time of its pattern, in UTC.
func (e *Engine) scheduleCron(trigger, pattern string) error {
	schedule, err := cron.ParseStandard(pattern)
	if err != nil || !e.Worker() {
		return err
	}
	next := schedule.Next(e.State.Now().UTC())
	if next.IsZero() { // a day that no month has
		return nil
	}
	e.State.ScheduleJob(next.Truncate(time.Minute), cronJob, trigger)
	return nil
}

// tick starts the workflow of a trigger that is still there, and waits for its next time.
func (e *Engine) tick(id string) error {
	trigger := e.find(triggers, id)
	if trigger == nil {
		return nil
	}
	if workflow := e.find(workflows, textOf(value(trigger, "workflowId"))); workflow != nil {
		if err := e.begin(workflow, map[string]any{}); err != nil {
			return err
		}
	}
	return e.scheduleCron(id, textOf(object(value(trigger, "settings"))["pattern"]))
}

// Call is a call of a webhook. It returns the name of the workflow that it starts and the id of the run, or the
// status, code and message of its refusal. That the body is the input of the steps is inferred.
func (e *Engine) Call(id, workspace string, body map[string]any) (name, run string, no *CallError) {
	workflow := e.find(workflows, id)
	if workflow == nil {
		return "", "", &CallError{404, "NOT_FOUND", fmt.Sprintf("Workflow %s not found in workspace %s", id, workspace)}
	}
	refuse := func(code, format string, args ...any) (string, string, *CallError) {
		return "", "", &CallError{400, code, fmt.Sprintf(format, args...) + " in workspace " + workspace}
	}
	published := textOf(value(workflow, "lastPublishedVersionId"))
	version := e.find(versions, published)
	switch {
	case published == "":
		return refuse("INVALID_WORKFLOW_STATUS", "Workflow %s has not been activated", id)
	case version == nil:
		return refuse("INVALID_WORKFLOW_VERSION", "No workflow version activated for workflow %s", id)
	case object(value(version, "trigger"))["type"] != "WEBHOOK":
		return refuse("INVALID_WORKFLOW_TRIGGER", "Workflow %s does not have a Webhook trigger", id)
	case textOf(value(version, "status")) != active:
		return refuse("INVALID_WORKFLOW_STATUS", "Workflow version %s is not active", version.ID)
	}
	run, err := e.enqueue(usable{version, workflow}, body,
		map[string]any{"source": "WEBHOOK", "name": "Webhook", "context": map[string]any{}}, "")
	if err != nil {
		return "", "", &CallError{500, "INTERNAL_ERROR", err.Error()}
	}
	return textOf(value(workflow, "name")), run, nil
}

// CallError is the refusal of a call. Two of them are recorded in fixtures/twenty/graphql_workflow_builder, the others
// are known from the vendor's public source.
type CallError struct {
	Status        int
	Code, Message string
}
