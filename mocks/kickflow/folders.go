package kickflow

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// Folder holds workflows, routes and further folders. A deleted one remains for the tickets that
// show it.
type Folder struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	Code           string  `json:"code"`
	Description    *string `json:"description"`
	Editable       bool    `json:"editable"`
	CreatedAt      string  `json:"createdAt"`
	UpdatedAt      string  `json:"updatedAt"`
	ParentFolderID *string `json:"parentFolderId"`
	Deleted        bool    `json:"deleted"`
}

func folderID(f Folder) string { return f.ID }

type folderView struct {
	Folder
	ParentFolderID dialect.Hidden `json:"parentFolderId,omitempty"`
	Deleted        dialect.Hidden `json:"deleted,omitempty"`
	FullName       string         `json:"fullName"`
	WorkflowsCount int            `json:"workflowsCount"`
	RoutesCount    int            `json:"routesCount"`
	PipelinesCount int            `json:"pipelinesCount"`
}

type folderDetail struct {
	folderView
	Ancestors []folderView `json:"ancestors"`
	Children  []folderView `json:"children"`
}

func (a *api) folderOps(ops fake.Ops) {
	a.folders = fake.NewTable(a.State, "folders", folderID, func(f *Folder) {
		dialect.SetDefaults(a, &f.ID, &f.Code, &f.CreatedAt, &f.UpdatedAt)
		f.Editable = f.Editable || f.CreatedAt == f.UpdatedAt
	})
	dialect.Index(a.folders, "code", true, func(f Folder) []string {
		if f.Deleted {
			return nil
		}
		return []string{f.Code}
	})
	dialect.Index(a.folders, "parent", false, func(f Folder) []string {
		if f.Deleted {
			return nil
		}
		return []string{dialect.Deref(f.ParentFolderID)}
	})
	known := dialect.Orders[Folder]{
		"name":      func(f *Folder) string { return f.Name },
		"fullName":  func(f *Folder) string { return a.folderPath(*f) },
		"createdAt": func(f *Folder) string { return f.CreatedAt },
	}
	folders := fake.Resource[Folder]{Table: a.folders, Param: "folderId", Find: a.findFolder, Rule: a.folderRule,
		View: func(_ *fake.Request, f Folder) any { return a.folderDetail(f) }}
	ops["listFolders"] = func(r *fake.Request) (any, error) {
		live := dialect.FilterRows(a.folders, func(f *Folder) bool { return !f.Deleted })
		return dialect.ListRows(r, live, known, func(f Folder) any { return a.folderView(f) })
	}
	ops["getFolder"], ops["createFolder"], ops["updateFolder"] = folders.Get, folders.Create, folders.Update
	ops["deleteFolder"] = a.deleteFolder
}

func (a *api) findFolder(_ *fake.Request, id string) (Folder, error) {
	f, err := dialect.FindRow(a.folders, id)
	if err == nil && f.Deleted {
		return f, dialect.Absent("the folder is deleted")
	}
	return f, err
}

func (a *api) folderRule(r *fake.Request, old, f *Folder) error {
	f.UpdatedAt = dialect.FormatTime(r.Now())
	if old == nil {
		f.Editable = true
	}
	parent := strings.ToLower(dialect.Deref(f.ParentFolderID))
	if f.ParentFolderID = &parent; parent == "" {
		f.ParentFolderID = nil
	}
	return dialect.FirstError(
		a.mayEditFolder(r, old, parent),
		dialect.RequireText("name", f.Name),
		dialect.FreeCode(a.folders, folderID, f.Code, dialect.Deref(old).ID),
		a.folderFits(f.ID, parent),
	)
}

// mayEditFolder requires permission for both the old and the new parent of a folder.
func (a *api) mayEditFolder(r *fake.Request, old *Folder, parent string) error {
	if old == nil {
		return a.inFolderScope(r, parent)
	}
	if !old.Editable {
		return dialect.Refuse(http.StatusForbidden, "the folder is not editable")
	}
	if err := a.inFolderScope(r, old.ID); err != nil || parent == dialect.Deref(old.ParentFolderID) {
		return err
	}
	return a.inFolderScope(r, parent)
}

// inFolderScope returns an error for a folder outside the caller's scope. A scope includes
// descendants (inferred).
func (a *api) inFolderScope(r *fake.Request, id string) error {
	return a.Scoped(r, "workflow_misc", func(p org.Permission) bool { return a.folderWithin(id, p.FolderIDs) })
}

func (a *api) folderWithin(id string, roots []string) bool {
	for ; id != ""; id = a.parentFolder(id) {
		if slices.Contains(roots, id) {
			return true
		}
	}
	return false
}

func (a *api) parentFolder(id string) string {
	f, _ := a.folders.Find(id)
	return dialect.Deref(f.ParentFolderID)
}

// folderFits returns an error for a parent that does not exist or is the folder itself or a
// descendant.
func (a *api) folderFits(id, parent string) error {
	if parent == "" {
		return nil
	}
	if f, ok := a.folders.Find(parent); !ok || f.Deleted {
		return dialect.Invalid("parentFolderId", dialect.Missing)
	}
	if id != "" && a.folderWithin(parent, []string{id}) {
		return dialect.Invalid("parentFolderId", dialect.Wrong)
	}
	return nil
}

// deleteFolder deletes a folder with all its content: documented. Tickets keep showing their
// workflow and route.
func (a *api) deleteFolder(r *fake.Request) (any, error) {
	top, err := a.findFolder(r, r.Path("folderId"))
	if err == nil {
		err = a.mayEditFolder(r, &top, dialect.Deref(top.ParentFolderID))
	}
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for f := range a.folders.All() {
		gone[f.ID] = a.folderWithin(f.ID, []string{top.ID})
	}
	a.folders.Each(func(f Folder) Folder { f.Deleted = f.Deleted || gone[f.ID]; return f })
	for _, row := range slices.Collect(dialect.FilterRows(a.workflows, func(w *Workflow) bool { return gone[w.FolderID] })) {
		w := row.Value
		w.Status = "deleted"
		if err := a.workflows.Set(w); err != nil {
			return nil, err
		}
	}
	for _, row := range slices.Collect(dialect.FilterRows(a.routes, func(x *Route) bool { return gone[x.FolderID] })) {
		x := row.Value
		x.Status = "deleted"
		if err := a.routes.Set(x); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (a *api) ancestors(f Folder) (up []Folder) {
	for id := dialect.Deref(f.ParentFolderID); id != ""; id = a.parentFolder(id) {
		parent, _ := a.folders.Find(id)
		up = append(up, parent)
	}
	return up
}

// folderPath returns the full name.
func (a *api) folderPath(f Folder) string {
	name := f.Name
	for _, up := range a.ancestors(f) {
		name = up.Name + dialect.Slash + name
	}
	return name
}

func (a *api) folderView(f Folder) folderView {
	v := folderView{Folder: f, FullName: a.folderPath(f)}
	for w := range a.workflows.By("folder", f.ID) {
		if w.Value.Current && w.Value.Status != "deleted" {
			v.WorkflowsCount++
		}
	}
	for x := range a.routes.By("folder", f.ID) {
		if x.Value.Current && x.Value.Status != "deleted" {
			v.RoutesCount++
		}
	}
	return v
}

func (a *api) folderDetail(f Folder) folderDetail {
	d := folderDetail{folderView: a.folderView(f), Ancestors: []folderView{}, Children: []folderView{}}
	for _, up := range a.ancestors(f) {
		d.Ancestors = append(d.Ancestors, a.folderView(up))
	}
	for row := range a.folders.By("parent", f.ID) {
		d.Children = append(d.Children, a.folderView(row.Value))
	}
	return d
}
