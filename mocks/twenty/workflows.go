package twenty

import (
	"fmt"
	"net/http"

	"github.com/afba07b5/mockserver/fake"
)

// callWorkflow takes the calls that start workflows with a webhook as their trigger. No workflow of the fake has one.
func (a *api) callWorkflow(r *fake.Request) (any, error) {
	workspace, id := r.Path("workspaceId"), r.Path("workflowId")
	status, code, message := http.StatusNotFound, "NOT_FOUND", fmt.Sprintf("Workspace %s not found", workspace)
	if workspace == a.tables.Workspace().ID {
		status, code, message = a.workflows.CheckCall(id, workspace)
	}
	e := coded(status, code, "[Webhook trigger] "+message)
	e.Rule, e.Source = "a webhook starts a workflow that waits for it", "fixtures/twenty/graphql_workflow_builder"
	return nil, e
}
