package route

import (
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// API is this part of the fake in one world.
type API struct {
	*org.API
	categories      *fake.Table[Category]
	Folders         *fake.Table[Folder]
	Workflows       *fake.Table[Workflow]
	Routes          *fake.Table[Route]
	ProxyApplicants *fake.Table[Proxy]
	ProxyApprovers  *fake.Table[Proxy]
}

// New makes this part of the fake; its operations make the tables.
func New(s *fake.State) *API {
	a := &API{API: org.New(s)}
	a.Folder = func(id string) fake.Raw {
		if row := a.Folders.Row(id); row != nil && !row.Value.Deleted {
			return a.folderView(&row.Value)
		}
		return nil
	}
	return a
}

// route returns a route by id or code, in its current version if there are several, or nil. Here and below, what a
// pointer to a row points to must not be changed.
func (a *API) route(idOrCode string) (found *Route) {
	for row := range a.Routes.By("name", idOrCode) {
		if x := &row.Value; x.Status != "deleted" && (found == nil || x.Current) {
			found = x
		}
	}
	return found
}

// Workflow returns a workflow by id or code, in its current version if there are several, or nil.
func (a *API) Workflow(idOrCode string) (found *Workflow) {
	for row := range a.Workflows.By("name", idOrCode) {
		if w := &row.Value; w.Status != "deleted" && (found == nil || w.Current) {
			found = w
		}
	}
	return found
}

// WorkflowByID returns a workflow by id only, where the vendor accepts no code.
func (a *API) WorkflowByID(id string) *Workflow {
	if w := a.Workflow(id); w != nil && w.ID == id {
		return w
	}
	return nil
}

// VersionsOf returns all versions of the workflow with an id: a new version has a new id and the
// same code.
func (a *API) VersionsOf(id string) map[string]bool {
	all := map[string]bool{}
	if w := a.WorkflowByID(id); w != nil {
		for version := range a.Workflows.By("name", w.Code) {
			all[version.Value.VersionID] = true
		}
	}
	return all
}

// FolderWithin reports whether a folder is one of the roots or below one.
func (a *API) FolderWithin(id string, roots []string) bool {
	return slices.ContainsFunc(a.upwards(id), func(f *Folder) bool {
		return slices.Contains(roots, f.ID)
	})
}

// upwards returns a folder and then its ancestors up to the root.
func (a *API) upwards(id string) []*Folder {
	return org.Upwards(a.Folders, id, func(f *Folder) *string { return f.ParentFolderID })
}

// AsDocumented is the feature of a world that omits null keys of route steps which the definition
// does not allow to be null. Without it they are null: recorded in the webhook body of 2025-04 in
// test_json.php of the client Rextlab/kickflow.
const AsDocumented = "as-documented"

func (a *API) documented() bool { return a.World().Enabled(AsDocumented) }
