package twenty

import (
	"net/http"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/workflow"
)

// callWorkflow starts a workflow with a webhook as its trigger. The form of the answer is known from the vendor's
// public source; its status is inferred.
func (a *api) callWorkflow(r *fake.Request) (any, error) {
	workspace, body := r.Path("workspaceId"), map[string]any{}
	if r.HTTP.Method == http.MethodPost {
		body = object(r)
	}
	no := &workflow.CallError{Status: http.StatusNotFound, Code: "NOT_FOUND",
		Message: "Workspace " + workspace + " not found"}
	if workspace == a.tables.Workspace().ID {
		var name, run string
		if name, run, no = a.workflows.Call(r.Path("workflowId"), workspace, body); no == nil {
			return map[string]any{"workflowName": name, "success": true, "workflowRunId": run}, nil
		}
	}
	e := coded(no.Status, no.Code, "[Webhook trigger] "+no.Message)
	e.Rule, e.Source = "a webhook starts a workflow that waits for it", "fixtures/twenty/graphql_workflow_builder"
	return nil, e
}
