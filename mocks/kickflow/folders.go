package kickflow

import (
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

// Folder holds workflows, routes and further folders. A deleted one stays for the tickets that show it.
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
	ParentFolderID hidden `json:"parentFolderId,omitempty"`
	Deleted        hidden `json:"deleted,omitempty"`
	FullName       string `json:"fullName"`
	WorkflowsCount int    `json:"workflowsCount"`
	RoutesCount    int    `json:"routesCount"`
	PipelinesCount int    `json:"pipelinesCount"`
}

type folderDetail struct {
	folderView
	Ancestors []folderView `json:"ancestors"`
	Children  []folderView `json:"children"`
}

func (k *api) folderOps(ops fake.Ops) {
	k.folders = fake.NewTable(k.State, "folders", folderID, func(f *Folder) {
		k.born(&f.ID, &f.Code, &f.CreatedAt, &f.UpdatedAt)
		f.Editable = f.Editable || f.CreatedAt == f.UpdatedAt
	})
	index(k.folders, "code", true, func(f Folder) []string {
		if f.Deleted {
			return nil
		}
		return []string{f.Code}
	})
	index(k.folders, "parent", false, func(f Folder) []string {
		if f.Deleted {
			return nil
		}
		return []string{given(f.ParentFolderID)}
	})
	known := orders[Folder]{
		"name":      func(f *Folder) string { return f.Name },
		"fullName":  func(f *Folder) string { return k.folderPath(*f) },
		"createdAt": func(f *Folder) string { return f.CreatedAt },
	}
	folders := fake.Resource[Folder]{Table: k.folders, Param: "folderId", Find: k.findFolder, Rule: k.folderRule,
		View: func(_ *fake.Request, f Folder) any { return k.folderDetail(f) }}
	ops["listFolders"] = func(r *fake.Request) (any, error) {
		live := where(k.folders, func(f *Folder) bool { return !f.Deleted })
		return list(r, live, known, func(f Folder) any { return k.folderView(f) })
	}
	ops["getFolder"], ops["createFolder"], ops["updateFolder"] = folders.Get, folders.Create, folders.Update
	ops["deleteFolder"] = k.deleteFolder
}

func (k *api) findFolder(_ *fake.Request, id string) (Folder, error) {
	f, err := find(k.folders, id)
	if err == nil && f.Deleted {
		return f, absent("the folder is deleted")
	}
	return f, err
}

func (k *api) folderRule(r *fake.Request, old, f *Folder) error {
	f.UpdatedAt = stamp(r.Now())
	if old == nil {
		f.Editable = true
	}
	parent := strings.ToLower(given(f.ParentFolderID))
	if f.ParentFolderID = &parent; parent == "" {
		f.ParentFolderID = nil
	}
	return first(
		k.mayEditFolder(r, old, parent),
		need("name", f.Name),
		freeCode(k.folders, folderID, f.Code, given(old).ID),
		k.folderFits(f.ID, parent),
	)
}

// mayEditFolder asks for the old place of a folder and for its new one.
func (k *api) mayEditFolder(r *fake.Request, old *Folder, parent string) error {
	if old == nil {
		return k.inFolderScope(r, parent)
	}
	if !old.Editable {
		return refuse(http.StatusForbidden, "the folder is not editable")
	}
	if err := k.inFolderScope(r, old.ID); err != nil || parent == given(old.ParentFolderID) {
		return err
	}
	return k.inFolderScope(r, parent)
}

// inFolderScope refuses a folder outside the caller's scope. A scope covers what lies below (inferred).
func (k *api) inFolderScope(r *fake.Request, id string) error {
	return k.scoped(r, "workflow_misc", func(p Permission) bool { return k.folderWithin(id, p.FolderIDs) })
}

func (k *api) folderWithin(id string, roots []string) bool {
	for ; id != ""; id = k.parentFolder(id) {
		if slices.Contains(roots, id) {
			return true
		}
	}
	return false
}

func (k *api) parentFolder(id string) string {
	f, _ := k.folders.Find(id)
	return given(f.ParentFolderID)
}

// folderFits refuses a parent that is not there or that lies below the folder itself.
func (k *api) folderFits(id, parent string) error {
	if parent == "" {
		return nil
	}
	if f, ok := k.folders.Find(parent); !ok || f.Deleted {
		return invalid("parentFolderId", missing)
	}
	if id != "" && k.folderWithin(parent, []string{id}) {
		return invalid("parentFolderId", wrong)
	}
	return nil
}

// deleteFolder takes everything below along: documented. Tickets keep showing their workflow and route.
func (k *api) deleteFolder(r *fake.Request) (any, error) {
	top, err := k.findFolder(r, r.Path("folderId"))
	if err == nil {
		err = k.mayEditFolder(r, &top, given(top.ParentFolderID))
	}
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for f := range k.folders.All() {
		gone[f.ID] = k.folderWithin(f.ID, []string{top.ID})
	}
	k.folders.Each(func(f Folder) Folder { f.Deleted = f.Deleted || gone[f.ID]; return f })
	for _, row := range slices.Collect(where(k.workflows, func(w *Workflow) bool { return gone[w.FolderID] })) {
		w := row.Value
		w.Status = "deleted"
		if err := k.workflows.Set(w); err != nil {
			return nil, err
		}
	}
	for _, row := range slices.Collect(where(k.routes, func(x *Route) bool { return gone[x.FolderID] })) {
		x := row.Value
		x.Status = "deleted"
		if err := k.routes.Set(x); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (k *api) ancestors(f Folder) (up []Folder) {
	for id := given(f.ParentFolderID); id != ""; id = k.parentFolder(id) {
		parent, _ := k.folders.Find(id)
		up = append(up, parent)
	}
	return up
}

// folderPath is the full name.
func (k *api) folderPath(f Folder) string {
	name := f.Name
	for _, up := range k.ancestors(f) {
		name = up.Name + slash + name
	}
	return name
}

func (k *api) folderView(f Folder) folderView {
	v := folderView{Folder: f, FullName: k.folderPath(f)}
	for w := range k.workflows.By("folder", f.ID) {
		if w.Value.Current && w.Value.Status != "deleted" {
			v.WorkflowsCount++
		}
	}
	for x := range k.routes.By("folder", f.ID) {
		if x.Value.Current && x.Value.Status != "deleted" {
			v.RoutesCount++
		}
	}
	return v
}

func (k *api) folderDetail(f Folder) folderDetail {
	d := folderDetail{folderView: k.folderView(f), Ancestors: []folderView{}, Children: []folderView{}}
	for _, up := range k.ancestors(f) {
		d.Ancestors = append(d.Ancestors, k.folderView(up))
	}
	for row := range k.folders.By("parent", f.ID) {
		d.Children = append(d.Children, k.folderView(row.Value))
	}
	return d
}
