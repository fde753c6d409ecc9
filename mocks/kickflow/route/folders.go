package route

import (
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// FolderOps makes the tables of folders and adds their operations.
func (a *API) FolderOps(ops fake.Ops) {
	a.Folders = org.NewTable(a.API, "folders", func(f Folder) string { return f.ID }, func(f *Folder) {
		dialect.SetDefaults(a, &f.ID, &f.Code, &f.CreatedAt, &f.UpdatedAt)
		f.Editable = f.Editable || f.CreatedAt == f.UpdatedAt // a new one is
	})
	unlessDeleted := func(f Folder, key string) []string {
		if f.Deleted {
			return nil
		}
		return []string{key}
	}
	org.Index(a.Folders, "code", true, func(f Folder) []string { return unlessDeleted(f, f.Code) })
	org.Index(a.Folders, "parent", false,
		func(f Folder) []string { return unlessDeleted(f, dialect.Deref(f.ParentFolderID)) })
	known := dialect.Orders[Folder]{"name": nil, "fullName": a.folderPath, "createdAt": nil}
	folders := fake.Resource[Folder]{Table: a.Folders, Param: "folderId", Find: a.findFolder, Rule: a.folderRule,
		View: func(_ *fake.Request, f Folder) any { return a.folderDetail(&f) }}
	ops["listFolders"] = func(r *fake.Request) (any, error) {
		live := org.FilterRows(a.Folders.Rows(), func(f *Folder) bool { return !f.Deleted })
		return dialect.ListRows(r, live, known, a.folderView)
	}
	ops["getFolder"], ops["createFolder"], ops["updateFolder"] = folders.Get, folders.Create, folders.Update
	ops["deleteFolder"] = a.deleteFolder
}

func (a *API) findFolder(_ *fake.Request, id string) (Folder, error) {
	f, err := org.FindRow(a.Folders, id)
	if err == nil && f.Deleted {
		return f, dialect.Absent("the folder is deleted")
	}
	return f, err
}

func (a *API) folderRule(r *fake.Request, old, f *Folder) error {
	f.UpdatedAt = dialect.FormatTime(r.Now())
	parent := strings.ToLower(dialect.Deref(f.ParentFolderID))
	if f.ParentFolderID = &parent; parent == "" {
		f.ParentFolderID = nil
	}
	return dialect.FirstError(
		a.mayEditFolder(r, old, parent),
		dialect.RequireText("name", f.Name),
		org.RequireUnique(a.Folders, "code", f.Code, dialect.Deref(old).ID),
		a.folderFits(f.ID, parent),
	)
}

// mayEditFolder requires permission for both the old and the new parent of a folder.
func (a *API) mayEditFolder(r *fake.Request, old *Folder, parent string) error {
	if old == nil {
		return a.inFolderScope(r, parent)
	}
	if !old.Editable {
		return dialect.Forbidden("the folder is not editable")
	}
	if err := a.inFolderScope(r, old.ID); err != nil || parent == dialect.Deref(old.ParentFolderID) {
		return err
	}
	return a.inFolderScope(r, parent)
}

// inFolderScope returns an error for a folder outside the caller's scope. A scope includes
// descendants (inferred).
func (a *API) inFolderScope(r *fake.Request, id string) error {
	return a.Scoped(r, "workflow_misc", func(p org.Permission) bool { return a.FolderWithin(id, p.FolderIDs) })
}

// folderFits returns an error for a parent that does not exist or is the folder itself or a
// descendant.
func (a *API) folderFits(id, parent string) error {
	if parent == "" {
		return nil
	}
	if f, ok := a.Folders.Find(parent); !ok || f.Deleted {
		return dialect.Invalid("parentFolderId", dialect.Missing)
	}
	if id != "" && a.FolderWithin(parent, []string{id}) {
		return dialect.Invalid("parentFolderId", dialect.Wrong)
	}
	return nil
}

// deleteFolder deletes a folder with all its content: documented. Tickets keep showing their
// workflow and route.
func (a *API) deleteFolder(r *fake.Request) (any, error) {
	top, err := a.findFolder(r, r.Path("folderId"))
	if err == nil {
		err = a.mayEditFolder(r, &top, dialect.Deref(top.ParentFolderID))
	}
	if err != nil {
		return nil, err
	}
	gone := map[string]bool{}
	for f := range a.Folders.All() {
		gone[f.ID] = a.FolderWithin(f.ID, []string{top.ID})
	}
	org.ChangeIf(a.Folders, func(f *Folder) bool { return gone[f.ID] }, func(f *Folder) { f.Deleted = true })
	org.ChangeIf(a.Workflows, func(w *Workflow) bool { return gone[w.FolderID] },
		func(w *Workflow) { w.Status = "deleted" })
	org.ChangeIf(a.Routes, func(x *Route) bool { return gone[x.FolderID] },
		func(x *Route) { x.Status = "deleted" })
	return nil, nil
}

func (a *API) folderDetail(f *Folder) fake.Raw {
	var ancestors, children []fake.Raw
	for _, up := range a.upwards(dialect.Deref(f.ParentFolderID)) {
		ancestors = append(ancestors, a.folderView(up))
	}
	for row := range a.Folders.By("parent", f.ID) {
		children = append(children, a.folderView(&row.Value))
	}
	return a.folderFields(f).Add("ancestors", ancestors).Add("children", children).Raw()
}

// CategoryOps makes the tables of categories and adds their operations.
func (a *API) CategoryOps(ops fake.Ops) {
	a.categories = org.NewTable(a.API, "categories", func(c Category) string { return c.ID },
		func(c *Category) { dialect.SetDefaults(a, &c.ID, &c.Code, &c.CreatedAt, &c.UpdatedAt) })
	known := dialect.Orders[Category]{"name": nil, "createdAt": nil, "updatedAt": nil}
	// Categories have no scope, so a user who manages only some folders manages no category
	// (inferred).
	whole := func(r *fake.Request) error { return a.Scoped(r, "workflow_misc", nil) }
	categories := fake.Resource[Category]{Table: a.categories, Param: "categoryId",
		Rule: func(r *fake.Request, _, c *Category) error {
			c.UpdatedAt = dialect.FormatTime(r.Now())
			return dialect.FirstError(whole(r), dialect.RequireText("name", c.Name))
		},
		Drop: func(r *fake.Request, _ Category) error { return whole(r) },
	}
	ops["listCategories"] = dialect.List(a.categories, known, nil)
	ops["createCategory"], ops["updateCategory"], ops["deleteCategory"] = categories.Create, categories.Update,
		categories.Delete
}
