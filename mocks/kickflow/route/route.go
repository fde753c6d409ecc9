package route

import (
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
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
	a.Folder = func(id string) (any, bool) {
		f, ok := a.Folders.Find(id)
		return a.FolderView(f), ok && !f.Deleted
	}
	return a
}

// route returns a route by id or code, in its current version if there are several.
func (a *API) route(idOrCode string) (found Route, ok bool) {
	for row := range a.Routes.By("name", idOrCode) {
		if x := row.Value; x.Status != "deleted" && (!ok || x.Current) {
			found, ok = x, true
		}
	}
	return found, ok
}

// Workflow returns a workflow by id or code, in its current version if there are several.
func (a *API) Workflow(idOrCode string) (found Workflow, ok bool) {
	for row := range a.Workflows.By("name", idOrCode) {
		if w := row.Value; w.Status != "deleted" && (!ok || w.Current) {
			found, ok = w, true
		}
	}
	return found, ok
}

// WorkflowOf returns a workflow by id only, where the vendor accepts no code.
func (a *API) WorkflowOf(id string) (Workflow, bool) {
	w, ok := a.Workflow(id)
	return w, ok && w.ID == id
}

// VersionsOf returns all versions of the workflow with an id: a new version has a new id and the
// same code.
func (a *API) VersionsOf(id string) map[string]bool {
	all := map[string]bool{}
	if w, ok := a.WorkflowOf(id); ok {
		for version := range a.Workflows.By("name", w.Code) {
			all[version.Value.VersionID] = true
		}
	}
	return all
}

// FolderWithin reports whether a folder is one of the roots or below one.
func (a *API) FolderWithin(id string, roots []string) bool {
	for ; id != ""; id = a.parentFolder(id) {
		if slices.Contains(roots, id) {
			return true
		}
	}
	return false
}

func (a *API) parentFolder(id string) string {
	f, _ := a.Folders.Find(id)
	return dialect.Deref(f.ParentFolderID)
}

func (a *API) ancestors(f Folder) (up []Folder) {
	for id := dialect.Deref(f.ParentFolderID); id != ""; id = a.parentFolder(id) {
		parent, _ := a.Folders.Find(id)
		up = append(up, parent)
	}
	return up
}

// AsDocumented is the feature of a world that omits null keys of route steps which the definition
// does not allow to be null. Without it they are null: recorded in the webhook body of 2025-04 in
// test_json.php of the client Rextlab/kickflow.
const AsDocumented = "as-documented"

func (a *API) documented() bool { return a.World().Enabled(AsDocumented) }

// inForce reports whether a proxy is active in a workflow on this Japanese day; open ends are
// documented.
func (a *API) inForce(p Proxy, w Workflow) bool {
	today := dialect.Day(a.Now())
	if p.StartsOn != nil && today < *p.StartsOn || p.EndsOn != nil && today > *p.EndsOn || !a.Alive(p.ProxyUserID) {
		return false
	}
	return len(p.WorkflowIDs) == 0 ||
		slices.ContainsFunc(p.WorkflowIDs, func(id string) bool { return a.VersionsOf(id)[w.VersionID] })
}

// Represents reports whether one user may act for another in this workflow today.
func (a *API) Represents(proxies *fake.Table[Proxy], acting, represented string, w Workflow) bool {
	if represented == "" {
		return false
	}
	for row := range proxies.By("user", represented) {
		if p := row.Value; p.ProxyUserID == acting && a.inForce(p, w) {
			return true
		}
	}
	return false
}

// ProxiesOf returns the users who may approve for a user in this workflow today.
func (a *API) ProxiesOf(user string, w Workflow) []string {
	ids := []string{}
	for row := range a.ProxyApprovers.By("user", user) {
		if a.inForce(row.Value, w) {
			ids = append(ids, row.Value.ProxyUserID)
		}
	}
	return ids
}
