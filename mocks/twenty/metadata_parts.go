package twenty

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// partOps answers for the parts of views and for page layouts, which are kinds of one mechanism.
func (a *api) partOps() fake.Ops {
	ops := fake.Ops{}
	for _, k := range schema.PartKinds {
		if k.Route != "viewFieldGroups" { // which come with their views alone
			maps.Copy(ops, a.opsOf(k))
		}
	}
	return ops
}

func (a *api) opsOf(k *schema.PartKind) fake.Ops {
	many := strings.ToUpper(k.Route[:1]) + k.Route[1:]
	one := strings.TrimSuffix(many, "s")
	may := granted(schema.SettingLayouts, http.StatusForbidden)
	if !k.Layout {
		may = func(r *fake.Request) error { return a.mayChangePart(k, r) }
	}
	return fake.Ops{
		"list" + many: func(r *fake.Request) (any, error) { return a.listParts(k, r) },
		"get" + one:   func(r *fake.Request) (any, error) { return a.getPart(k, r.Path("id")) },
		"create" + one: a.stored(may, func(r *fake.Request) (any, error) {
			body := object(r)
			if k.Layout { // it chooses no identifier
				delete(body, "id")
			}
			return shown(a.answeredPart)(a.tables.CreatePart(k, body))
		}),
		"update" + one: a.stored(may, func(r *fake.Request) (any, error) {
			return shown(a.answeredPart)(a.tables.UpdatePart(k, r.Path("id"), object(r)))
		}),
		"delete" + one: a.stored(may, func(r *fake.Request) (any, error) {
			if _, err := a.tables.DeletePart(k, r.Path("id")); err != nil {
				return nil, restError(err)
			}
			if k.Layout { // which Express sends as text: fixtures/twenty/page_layout_widgets_crud
				r.SetHeader("Content-Type", "text/html; charset=utf-8")
				return true, nil
			}
			return success, nil
		}),
	}
}

// mayChangePart refuses to change the part of a view in the words of an error that no filter of the part's routes
// catches (documented: packages/twenty-server/src/engine/metadata-modules/view-filter/controllers/
// view-filter.controller.ts).
func (a *api) mayChangePart(k *schema.PartKind, r *fake.Request) error {
	err := restError(a.tables.MayChangePart(r.Caller.(*schema.Caller), k, r.Path("id"), object(r)))
	if e, ok := err.(*fake.Error); ok {
		e.Status = http.StatusInternalServerError
		return bare(e, e.Message)
	}
	return err
}

func (a *api) listParts(k *schema.PartKind, r *fake.Request) (any, error) {
	parent := r.Query(k.Parent)
	if err := k.RequireParent(parent); err != nil {
		return nil, restError(err)
	}
	if k.Stored && parent != "" && !schema.IsUUID(parent) {
		return nil, notUUID(parent)
	}
	out := []map[string]any{}
	for _, p := range a.tables.PartsOf(k, parent) {
		if typ := r.Query("pageLayoutType"); k.Metadata == "pageLayout" && pageTypes[typ] && p.Says["type"] != typ {
			continue
		}
		out = append(out, a.readPart(p))
	}
	return out, nil
}

// pageTypes are the types by which page layouts can be asked for; others are ignored
// (fixtures/twenty/page_layouts_crud 1).
var pageTypes = map[string]bool{"RECORD_INDEX": true, "RECORD_PAGE": true, "DASHBOARD": true, "STANDALONE_PAGE": true}

func notUUID(text string) error {
	e := &fake.Error{Status: http.StatusInternalServerError, Rule: "the database takes identifiers alone"}
	return bare(e, badUUID(text))
}

func (a *api) getPart(k *schema.PartKind, id string) (any, error) {
	if k.Stored && !schema.IsUUID(id) {
		return nil, notUUID(id)
	}
	return shown(a.readPart)(a.tables.PartOf(k, id))
}

// partColumns is a row of a part as REST shows it.
func partColumns(p schema.Part) map[string]any {
	out, k := p.Row(), schema.KindOfPart(p.Kind)
	for _, c := range k.Columns {
		if c.Quiet && out[c.Name] == nil || k.Stored && c.Name == "isActive" {
			delete(out, c.Name)
		}
	}
	return out
}

// answeredPart is a part as a change answers it: with the universal identifiers of all that it refers to.
func (a *api) answeredPart(p schema.Part) map[string]any {
	out := partColumns(p)
	out["applicationUniversalIdentifier"] = a.universalApplication(p.ApplicationID)
	for key, id := range a.tables.Universals(p) {
		out[key] = id
	}
	switch k := schema.KindOfPart(p.Kind); k.Metadata {
	case "viewField":
		out["universalOverrides"] = out["overrides"]
		delete(out, "overrides")
	case "viewFieldGroup":
		columns := a.tables.PartsOf(schema.KindOfPart("viewField"), p.ParentID)
		out["viewFieldIds"], out["viewFieldUniversalIdentifiers"] = idsOfParts(slices.DeleteFunc(columns,
			func(c schema.Part) bool { return c.Says["viewFieldGroupId"] != p.ID }))
	case "pageLayout":
		_, out["tabUniversalIdentifiers"] = a.partIDs("pageLayoutTabs", p.ID)
	case "pageLayoutTab":
		_, out["widgetUniversalIdentifiers"] = a.partIDs("pageLayoutWidgets", p.ID)
	case "pageLayoutWidget":
		out["universalConfiguration"] = a.tables.UniversalConfiguration(p)
		out["universalOverrides"] = out["overrides"]
		delete(out, "deletedAt")
	}
	return out
}

// readPart is a part as reads answer it. Kinds that are read from the database come as its rows, together with
// the rows of their workspace and view; layouts come with their tabs, tabs with their widgets.
func (a *api) readPart(p schema.Part) map[string]any {
	k := schema.KindOfPart(p.Kind)
	if k.Stored {
		out := partColumns(p)
		out["workspace"] = a.workspaceRow()
		if v, ok := a.tables.Views.Find(p.ParentID); ok {
			view := jsonObject[any](v)
			view["overrides"] = nil
			out["view"] = view
		}
		a.embedGroups(k, p, out)
		return out
	}
	out := a.answeredPart(p)
	switch k.Metadata {
	case "pageLayout":
		out["tabs"] = a.readParts("pageLayoutTabs", p.ID)
	case "pageLayoutTab":
		out["widgets"] = a.readParts("pageLayoutWidgets", p.ID)
	}
	return out
}

// embedGroups adds the relations of filters and filter groups; those of groups are known from the
// vendor's public source.
func (a *api) embedGroups(k *schema.PartKind, p schema.Part, out map[string]any) {
	row := func(id any) any {
		key, _ := id.(string)
		if group, ok := a.tables.Parts.Find(key); ok {
			return partColumns(group)
		}
		return nil
	}
	switch k.Metadata {
	case "viewFilter":
		out["viewFilterGroup"] = row(p.Says["viewFilterGroupId"])
	case "viewFilterGroup":
		filters, children := []map[string]any{}, []map[string]any{}
		for _, f := range a.tables.PartsOf(schema.KindOfPart("viewFilter"), p.ParentID) {
			if f.Says["viewFilterGroupId"] == p.ID {
				filters = append(filters, partColumns(f))
			}
		}
		for _, g := range a.tables.PartsOf(k, p.ParentID) {
			if g.Says["parentViewFilterGroupId"] == p.ID {
				children = append(children, partColumns(g))
			}
		}
		out["viewFilters"], out["childViewFilterGroups"] = filters, children
		out["parentViewFilterGroup"] = row(p.Says["parentViewFilterGroupId"])
	}
}

//go:embed documents/workspace-row.json
var workspaceDefaults []byte

// workspaceRow returns the workspace as a row of the database. Values that the fake does not store
// are as recorded.
func (a *api) workspaceRow() map[string]any {
	out, w := jsonObject[any](json.RawMessage(workspaceDefaults)), a.tables.Workspace()
	maps.Copy(out, map[string]any{"id": w.ID, "displayName": w.DisplayName, "inviteHash": w.InviteHash,
		"createdAt": w.CreatedAt, "updatedAt": cmp.Or(w.UpdatedAt, w.CreatedAt), "metadataVersion": w.MetadataVersion,
		"databaseSchema": w.DatabaseSchema, "defaultRoleId": a.tables.DefaultRole().ID,
		"workspaceCustomApplicationId": w.CustomApplicationID})
	return out
}

func (a *api) readParts(kind, parent string) []map[string]any {
	return js.Map(a.tables.PartsOf(schema.KindOfPart(kind), parent), a.readPart)
}

func (a *api) partIDs(kind, parent string) (ids, universal []string) {
	return idsOfParts(a.tables.PartsOf(schema.KindOfPart(kind), parent))
}

func idsOfParts(parts []schema.Part) (ids, universal []string) {
	return js.Map(parts, func(p schema.Part) string { return p.ID }),
		js.Map(parts, func(p schema.Part) string { return p.UniversalIdentifier })
}
