// Package story plays stories: what happens between several fakes in one world, step by step.
//
//	stories := story.BuiltIn()
//	run, err := story.Start(ctx, stories.Find("closed-won"), story.Options{Client: c, Hooks: hooks, World: "w"})
//	for run.Step(ctx) {
//	}
//
// A story is a YAML file. Each step waits for something (a webhook, a row, a request, time on the world's clock), does
// something (a request to a fake as one of its principals, a move of the clock, a fault, rows that only the vendor's
// screens can make), or both, and passes values on to the steps after it. The runner is what an integration between
// the vendors would be: it receives their webhooks and calls their APIs over HTTP. So the journal, the rows and the
// deliveries of the world are those of a real conversation.
//
// The package knows no vendor. It does not run steps concurrently, has no branches and no loops.
package story

import "strings"

// Story is a sequence of steps in one world.
type Story struct {
	Name  string            `json:"name" doc:"The name, in lower case with dashes."`
	About string            `json:"about" doc:"What happens, in a sentence."`
	Seed  map[string]string `json:"seed,omitempty" doc:"The seed of each fake by name; the default one without."`
	Clock string            `json:"clock,omitempty" doc:"The time at which the world's clock stands."`
	Steps []Step            `json:"steps" doc:"The steps, in order."`

	Source string `json:"-"` // the file, "" if the story is built in
}

// Step waits, acts, or does both, in this order.
type Step struct {
	Name  string            `json:"name" doc:"A name that no other step of the story has."`
	About string            `json:"about,omitempty" doc:"Who does what, for the time line."`
	When  *When             `json:"when,omitempty" doc:"What the step waits for."`
	Do    *Do               `json:"do,omitempty" doc:"What the step does."`
	Save  map[string]string `json:"save,omitempty" doc:"Names for later steps: paths in event, row, request or answer."`
}

// When is one condition.
type When struct {
	Webhook *Webhook `json:"webhook,omitempty" doc:"A fake has delivered a webhook to the story."`
	Row     *Row     `json:"row,omitempty" doc:"A table has a row, or has none."`
	Request *Request `json:"request,omitempty" doc:"A program has sent a request to a fake."`
	After   string   `json:"after,omitempty" doc:"Move the world's clock on by this duration first, like 48h."`
}

// Webhook is a delivery that the story has received and no earlier step has taken.
type Webhook struct {
	Fake  string         `json:"fake" doc:"The fake that delivers."`
	Event string         `json:"event" doc:"The name of the event, as the vendor writes it."`
	Where map[string]any `json:"where,omitempty" doc:"JSONPaths in the body with the values that they must have."`
}

// Row is a row of a table.
type Row struct {
	Fake   string         `json:"fake" doc:"The fake that has the table."`
	Table  string         `json:"table" doc:"The table."`
	Where  map[string]any `json:"where,omitempty" doc:"JSONPaths in the row with the values that they must have."`
	Absent bool           `json:"absent,omitempty" doc:"Wait until there is no such row."`
	Within string         `json:"within,omitempty" doc:"Move the clock from job to job for this long at most."`
}

// Request is a request of the journal that the story did not send.
type Request struct {
	Fake      string `json:"fake" doc:"The fake that was asked."`
	Operation string `json:"operation" doc:"The operationId."`
	Status    int    `json:"status,omitempty" doc:"The status of the answer; any without."`
}

// Do is one action.
type Do struct {
	Request *Call  `json:"request,omitempty" doc:"Send a request to a fake."`
	Advance string `json:"advance,omitempty" doc:"Move the world's clock on by this duration, like 48h."`
	Fault   *Fault `json:"fault,omitempty" doc:"Inject a fault into later requests."`
	Rows    *Rows  `json:"rows,omitempty" doc:"Add rows that no operation makes."`
}

// Call is a request to a fake.
type Call struct {
	Fake   string            `json:"fake" doc:"The fake to ask."`
	As     string            `json:"as,omitempty" doc:"The principal whose credential is sent; none without."`
	Call   string            `json:"call" doc:"Method and path with query, like POST /v1/tickets."`
	Header map[string]string `json:"header,omitempty" doc:"Further header fields."`
	Body   any               `json:"body,omitempty" doc:"The body, sent as JSON."`
	Status int               `json:"status,omitempty" doc:"The status of the answer; any of success without."`
	Expect map[string]any    `json:"expect,omitempty" doc:"JSONPaths in the answer with their values."`
}

// Fault is a rule of the control plane for faults.
type Fault struct {
	Fake      string `json:"fake" doc:"The fake that fails."`
	Operation string `json:"operation,omitempty" doc:"The operation that fails; any without."`
	Name      string `json:"name,omitempty" doc:"A failure of the vendor's by its name."`
	Status    int    `json:"status,omitempty" doc:"Or the status to answer."`
	Times     int    `json:"times,omitempty" doc:"How often it fails; 1 without."`
}

// Rows are new rows of a table.
type Rows struct {
	Fake  string           `json:"fake" doc:"The fake that has the table."`
	Table string           `json:"table" doc:"The table."`
	Add   []map[string]any `json:"add" doc:"The rows, in the form of a seed."`
}

// Actor returns which fake a step concerns, and as whom the story asks it.
func (s Step) Actor() (fake, as string) {
	switch {
	case s.Do != nil && s.Do.Request != nil:
		return s.Do.Request.Fake, s.Do.Request.As
	case s.Do != nil && s.Do.Fault != nil:
		return s.Do.Fault.Fake, ""
	case s.Do != nil && s.Do.Rows != nil:
		return s.Do.Rows.Fake, ""
	case s.When != nil && s.When.Webhook != nil:
		return s.When.Webhook.Fake, ""
	case s.When != nil && s.When.Row != nil:
		return s.When.Row.Fake, ""
	case s.When != nil && s.When.Request != nil:
		return s.When.Request.Fake, ""
	}
	return "", ""
}

// methodAndPath splits the text of a call.
func (c Call) methodAndPath() (method, path string) {
	method, path, _ = strings.Cut(c.Call, " ")
	return method, strings.TrimSpace(path)
}
