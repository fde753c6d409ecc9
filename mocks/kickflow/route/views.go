package route

import (
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
)

// folderPath returns the full name.
func (a *API) folderPath(f *Folder) string {
	name := f.Name
	for _, up := range a.upwards(dialect.Deref(f.ParentFolderID)) {
		name = up.Name + dialect.Slash + name
	}
	return name
}

func (a *API) folderFields(f *Folder) dialect.Object {
	workflows := org.FilterRows(a.Workflows.By("folder", f.ID), (*Workflow).listed)
	routes := org.FilterRows(a.Routes.By("folder", f.ID), (*Route).listed)
	return dialect.Fields(f, "parentFolderId", "deleted").Add("fullName", a.folderPath(f)).
		Add("workflowsCount", org.Count(workflows)).Add("routesCount", org.Count(routes)).
		Add("pipelinesCount", 0)
}

func (a *API) folderView(f *Folder) fake.Raw { return a.folderFields(f).Raw() }

func (a *API) workflowFields(w *Workflow) dialect.Object {
	folder := dialect.Show(a.Folders, w.FolderID, a.folderView)
	return dialect.Fields(w.WorkflowFields).Add("author", a.Person(w.AuthorID)).
		Add("versionAuthor", a.Person(w.VersionAuthorID)).AddUnlessNull(true, "folder", folder).
		Add("categories", dialect.ShowEach(a.categories, w.CategoryIDs, nil))
}

// WorkflowView shows a workflow in a list.
func (a *API) WorkflowView(w *Workflow) fake.Raw {
	return a.Cached("workflow", w, func() fake.Raw { return a.workflowFields(w).Raw() })
}

// WorkflowInTicket shows a workflow with its form.
func (a *API) WorkflowInTicket(w *Workflow) fake.Raw {
	return a.Cached("workflow with form", w, func() fake.Raw { return a.workflowWithForm(w).Raw() })
}

func (a *API) workflowWithForm(w *Workflow) dialect.Object {
	var sections, viewers []fake.Raw
	for i := range w.SectionList {
		sections = append(sections, a.sectionView(w, &w.SectionList[i]))
	}
	for _, o := range w.TicketViewers {
		viewers = append(viewers, dialect.Object(nil).Add("id", o.ID).Add("user", a.Person(o.UserID)).
			Add("team", a.TeamRef(o.TeamID)).Add("grade", a.GradeRef(o.GradeID)).Raw())
	}
	return a.workflowFields(w).Add("sectionList", sections).Add("ticketViewers", viewers).Add("cloudSignSetting", nil)
}

func (a *API) sectionView(w *Workflow, s *form.Section) fake.Raw {
	o := dialect.Object(nil).Add("sectionType", s.SectionType).Add("title", s.Title).Add("description", s.Description)
	var fields []fake.Raw
	if s.SectionType == "slip" {
		for i := range s.SlipFields {
			fields = append(fields, a.slipFieldView(&s.SlipFields[i]))
		}
		return o.Add("code", s.Code).Add("slipFields", fields).
			Add("allowApproverToAddItems", s.AllowApproverToAddItems).Raw()
	}
	for i := range s.FormFields {
		fields = append(fields, a.formFieldView(&s.FormFields[i]))
	}
	return o.Add("id", s.ID).Add("formFields", fields).Add("conditional", s.Conditional).
		Add("combinationType", s.CombinationType).Add("combinationExpression", s.CombinationExpression).
		Add("conditionFields", a.conditionViews(w, s.ConditionFields)).Raw()
}

func (a *API) slipFieldView(f *form.Field) fake.Raw {
	return a.withOptions(f, "description", "size", "orientation").Add("showTotal", f.ShowTotal).Raw()
}

func (a *API) formFieldView(f *form.Field) fake.Raw {
	var workflows []fake.Raw
	for _, code := range f.SelectableWorkflowCodes {
		if w := a.Workflow(code); w != nil {
			workflows = append(workflows, dialect.Fields(w.WorkflowFields).Add("author", nil).Add("versionAuthor", nil).
				Add("categories", []fake.Raw{}).Raw())
		}
	}
	return a.withOptions(f).Add("externalApiSetting", nil).Add("kintoneAppSetting", nil).
		Add("climberCloudSetting", nil).Add("generalMasterSearchFilters", nil).
		Add("selectableTicketWorkflows", workflows).Raw()
}

// withOptions returns what a workflow shows of all fields.
func (a *API) withOptions(f *form.Field, omitted ...string) dialect.Object {
	return dialect.Fields(f.FieldSettings, omitted...).Add("allowedExtensions", f.AllowedExtensions).
		Add("autoLink", f.AutoLink).Add("useTodayForDefaultValue", f.UseTodayForDefaultValue).
		Add("allowedTicketStatus", f.AllowedTicketStatus).
		Add("generalMaster", dialect.Show(a.Masters, f.GeneralMasterID, a.MasterView)).
		Add("defaultGeneralMasterItem", a.ItemRef(f.DefaultGeneralMasterItemID))
}

func (a *API) conditionViews(w *Workflow, list []form.Condition) (all []fake.Raw) {
	for _, c := range list {
		var field any
		if f := w.SectionList.Field(c.FormFieldCode); f != nil {
			field = f.FieldSettings
		}
		all = append(all, dialect.Object(nil).Add("id", c.ID).Add("symbol", c.Symbol).Add("value", c.Value).
			Add("formField", field).Add("grade", a.GradeRef(c.GradeID)).Add("team", a.TeamRef(c.TeamID)).
			Add("generalMasterItem", a.ItemRef(c.ItemID)).Raw())
	}
	return all
}

func (a *API) routeFields(x *Route) dialect.Object {
	f, _ := a.Folders.Find(x.FolderID)
	return dialect.Fields(x.RouteFields).Add("author", a.Person(x.AuthorID)).
		Add("versionAuthor", a.Person(x.VersionAuthorID)).Add("folder", a.folderView(&f))
}

func (a *API) routeView(x *Route) fake.Raw { return a.routeFields(x).Raw() }

// RouteDetail shows a route with its steps.
func (a *API) RouteDetail(x *Route) fake.Raw {
	documented, name := a.documented(), "route"
	if documented {
		name = "documented route"
	}
	return a.Cached(name, x, func() fake.Raw {
		var steps []fake.Raw
		for _, s := range x.Steps {
			steps = append(steps, a.stepView(&s, documented))
		}
		return a.routeFields(x).Add("steps", steps).Raw()
	})
}

func (a *API) stepView(s *RouteStep, documented bool) fake.Raw {
	var targets, fields []fake.Raw
	for _, t := range s.Targets {
		targets = append(targets, dialect.Object(nil).AddUnlessNull(documented, "team", a.TeamRef(t.TeamID)).
			Add("descendants", t.Descendants).Add("gradeSymbol", t.GradeSymbol).
			Add("grades", dialect.ShowEach(a.Grades, t.GradeIDs, nil)).Add("variable", t.Variable).Raw())
	}
	for _, f := range s.Condition.Fields {
		fields = append(fields, dialect.Object(nil).Add("id", f.ID).
			AddUnlessNull(documented, "variable", f.Variable).Add("fieldKey", f.FieldKey).Add("symbol", f.Symbol).
			AddUnlessNull(documented, "value", f.Value).AddUnlessNull(documented, "grade", a.GradeRef(f.GradeID)).
			AddUnlessNull(documented, "team", a.TeamRef(f.TeamID)).
			AddUnlessNull(documented, "generalMasterItem", a.ItemRef(f.ItemID)).Raw())
	}
	condition := dialect.Fields(s.Condition, "routeStepConditionFields").Add("routeStepConditionFields", fields).Raw()
	return dialect.Fields(s.StepFields).Add("users", a.People(s.UserIDs)).Add("targets", targets).
		Add("routeStepCondition", condition).Raw()
}
