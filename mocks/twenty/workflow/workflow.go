// Package workflow builds and runs the workflows of a workspace. Workflows, their versions and runs are records; this
// package knows what a version may look like, which events start it, and what its steps do:
//
//	engine := &workflow.Engine{State: state, Tables: tables, Records: records, Worker: on}
//	engine.Register()
//	records.Changed = engine.Notice
//	err := engine.Activate(versionID)
//	run, err := engine.Run(caller, versionID, payload, "")
//
// A queue worker runs workflows. Where the workspace has none, runs stay enqueued, as on the server. Evidence:
// fixtures/twenty/surface_workflows and graphql_workflow_builder.
//
// Known differences from the vendor: steps that call something outside fail with words that say so, and cannot be
// created; a loop ends with the first step in it that fails; a chain of workflows that start each other ends after ten.
package workflow

import (
	"context"
	"encoding/json"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// Engine is the workflows of one world.
type Engine struct {
	State   *fake.State
	Tables  *schema.Tables
	Records *record.Store
	Worker  func() bool // reports whether the workspace has a queue worker

	depth int // of the run that a job executes: how many runs led to it
}

// missing is what the vendor does and this package does not.
func missing(what string) error { return &schema.Missing{Endpoint: "/graphql", What: what} }

// The objects of the workspace that hold workflows.
const (
	workflows = "workflow"
	versions  = "workflowVersion"
	runs      = "workflowRun"
	triggers  = "workflowAutomatedTrigger"
)

// The refusals of this package, with the words that people read.
func invalid(code, message, user string) error {
	return &schema.ChangeError{Status: 400, Code: code, Message: message, UserMessage: user}
}

func failure(message, user string) error {
	return &schema.ChangeError{Status: 500, Fault: message, UserMessage: user}
}

const (
	noVersion = "Workflow version not found"
	badInput  = "Invalid workflow trigger input."
	noTrigger = "Workflow version does not contain trigger"
	noStep    = "Workflow step not found."
)

func (e *Engine) model(object string) *schema.Model { return e.Tables.Schema().Singular(object) }

// find returns a record that is not in the trash, or nil.
func (e *Engine) find(object, id string) *record.Record {
	m := e.model(object)
	if m == nil {
		return nil
	}
	r := e.Records.Find(m, id)
	if r == nil || r.Deleted() {
		return nil
	}
	return r
}

// all returns the records of an object that are not in the trash and hold an id in a column, in the order of
// creation.
func (e *Engine) all(object, column, id string) (found []*record.Record) {
	m := e.model(object)
	if m == nil || e.Records.Table(m) == nil {
		return nil
	}
	for r := range e.Records.Table(m).All() {
		if !r.Deleted() && (column == "" || textOf(value(r, column)) == id) {
			found = append(found, r)
		}
	}
	return found
}

// scope writes records as the server.
func (e *Engine) scope(object string) (*write.Scope, error) {
	m := e.model(object)
	if m == nil {
		return nil, missing("a workspace without the object " + object)
	}
	return write.NewScope(context.Background(), e.Records, nil, m), nil
}

// write changes a record and leaves updatedBy as it is.
func (e *Engine) write(object, id string, data map[string]any) error {
	s, err := e.scope(object)
	if err != nil {
		return err
	}
	if object == runs {
		data["updatedAt"] = e.moment()
	}
	_, err = s.UpdateAsServer(id, write.ObjectOf(data))
	return err
}

// system is the creator of records that no user created.
var system = map[string]any{"source": "MANUAL", "name": "System"}

// create makes a record. Unless the data says who made it, the system did.
func (e *Engine) create(kind string, data map[string]any) (*record.Record, error) {
	s, err := e.scope(kind)
	if err != nil {
		return nil, err
	}
	if s.Writer = object(data["createdBy"]); s.Writer == nil {
		s.Writer = system
	}
	delete(data, "createdBy")
	data["updatedBy"] = system
	if kind == runs {
		data["createdAt"] = e.moment()
		data["updatedAt"] = data["createdAt"]
	}
	row, err := s.Create(write.ObjectOf(data), false)
	if err != nil {
		return nil, err
	}
	return row.Value, nil
}

// value is a column of a record as plain JSON.
func value(r *record.Record, column string) any {
	v, _ := r.Get(column)
	return js.Plain(v)
}

// content is a record as plain JSON.
func content(r *record.Record) map[string]any {
	raw, err := r.MarshalJSON()
	if err != nil {
		panic(err) // records always encode
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(record.WithoutFileURLs(string(raw))), &out); err != nil {
		panic(err) // they are objects
	}
	return out
}

func textOf(v any) string {
	s, _ := v.(string)
	return s
}

func object(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// clone copies a plain JSON value.
func clone(v any) any { return js.Walk(v, func(v any) any { return v }) }
