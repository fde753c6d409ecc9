package graphql

import (
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// workflowResolvers build and run workflows: fixtures/twenty/graphql_workflow_builder and surface_workflows.
// They are for
// users alone; that their role has to grant workflows is inferred.
func workflowResolvers() map[string]resolver {
	out := map[string]resolver{}
	for _, part := range []map[string]resolver{workflowBuilding, workflowRuns} {
		for name, resolve := range part {
			out["Mutation."+name] = userOnly(setting(schema.SettingWorkflows, resolve))
		}
	}
	return out
}

// workflowBuilding are the mutations of workflows and their versions.
var workflowBuilding = map[string]resolver{
	"activateWorkflowVersion": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(true, c.Workflows.Activate(textIn(args["workflowVersionId"])))
	},
	"deactivateWorkflowVersion": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(true, c.Workflows.Deactivate(textIn(args["workflowVersionId"])))
	},
	"computeStepOutputSchema": outputSchema,
	"createDraftFromWorkflowVersion": func(c *call, _ any, args map[string]any) (any, error) {
		in := input(args, "")
		return shownRecord(c.Workflows.Draft(textIn(in["workflowId"]), textIn(in["workflowVersionIdToCopy"])))
	},
	"createWorkflowVersionStep": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(c.Workflows.CreateStep(input(args, "")))
	},
	"updateWorkflowVersionStep": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(c.Workflows.UpdateStep(textIn(input(args, "")["workflowVersionId"]), input(args, "step")))
	},
	"deleteWorkflowVersionStep": func(c *call, _ any, args map[string]any) (any, error) {
		in := input(args, "")
		return orRefused(c.Workflows.DeleteStep(textIn(in["workflowVersionId"]), textIn(in["stepId"])))
	},
	"createWorkflowVersionEdge": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(c.Workflows.ChangeEdge(input(args, ""), true))
	},
	"deleteWorkflowVersionEdge": func(c *call, _ any, args map[string]any) (any, error) {
		return orRefused(c.Workflows.ChangeEdge(input(args, ""), false))
	},
	"updateWorkflowVersionPositions": func(c *call, _ any, args map[string]any) (any, error) {
		in := input(args, "")
		return orRefused(true, c.Workflows.Move(textIn(in["workflowVersionId"]), items(in["positions"])))
	},
	"duplicateWorkflow": func(c *call, _ any, args map[string]any) (any, error) {
		in := input(args, "")
		return shownRecord(c.Workflows.Duplicate(textIn(in["workflowIdToDuplicate"]),
			textIn(in["workflowVersionIdToCopy"])))
	},
}

// workflowRuns are the mutations of runs.
var workflowRuns = map[string]resolver{
	"runWorkflowVersion": func(c *call, _ any, args map[string]any) (any, error) {
		in := input(args, "")
		id, err := c.Workflows.Run(c.caller, textIn(in["workflowVersionId"]), input(args, "payload"),
			textIn(in["workflowRunId"]))
		return orRefused(map[string]any{"workflowRunId": id}, err)
	},
	"retryWorkflowRun": func(c *call, _ any, args map[string]any) (any, error) {
		return shownRecord(c.Workflows.Retry(textIn(args["workflowRunId"])))
	},
	"stopWorkflowRun": func(c *call, _ any, args map[string]any) (any, error) {
		return shownRecord(c.Workflows.Stop(textIn(args["workflowRunId"])))
	},
	"submitFormStep": func(c *call, _ any, args map[string]any) (any, error) {
		in := input(args, "")
		return orRefused(true, c.Workflows.SubmitForm(textIn(in["workflowRunId"]), textIn(in["stepId"]),
			input(args, "response")))
	},
}

// shownRecord is a record as the schema shows it.
func shownRecord(r *record.Record, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	for _, key := range r.Keys() {
		v, _ := r.Get(key)
		out[key] = js.Plain(v)
	}
	return out, nil
}

// outputSchema returns the output of a step. A manual trigger has no known output; that of the
// others was not recorded.
func outputSchema(_ *call, _ any, args map[string]any) (any, error) {
	if kind := textIn(input(args, "step")["type"]); kind != "MANUAL" {
		return nil, &schema.Missing{Endpoint: "/graphql", What: "computeStepOutputSchema of " + kind}
	}
	return map[string]any{}, nil
}
