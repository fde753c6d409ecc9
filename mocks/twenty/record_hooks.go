package twenty

import (
	"context"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// prepare gives a new dashboard a page layout with one tab, unless it names one. That it does is observed; the
// names of layout and tab are known from the vendor's public source.
func (a *api) prepare(m *schema.Model, data *js.Object) (*js.Object, error) {
	if m.NameSingular != "dashboard" || data.Value("pageLayoutId") != nil {
		return data, nil
	}
	layout, err := a.tables.CreatePart(schema.KindOfPart("pageLayout"),
		map[string]any{"type": "DASHBOARD", "name": "Dashboard Layout"})
	if err != nil {
		return nil, err
	}
	if _, err := a.tables.CreatePart(schema.KindOfPart("pageLayoutTab"),
		map[string]any{"title": "Tab 1", "pageLayoutId": layout.ID}); err != nil {
		return nil, err
	}
	done := &js.Object{Members: slices.Clone(data.Members)}
	done.Set("pageLayoutId", layout.ID)
	return done, nil
}

// changed follows up a change of a record.
func (a *api) changed(e record.Event) {
	a.tell(e)
	a.plan(e)
	a.addVersion(e)
	if err := a.workflows.Trashed(e); err != nil {
		panic(err) // the workflow and its versions are there
	}
	a.workflows.Notice(e)
}

// dropLayout removes the page layout of a dashboard that was removed for good. Documented: packages/twenty-server/src/
// modules/dashboard/query-hooks/dashboard-destroy-one.post-query.hook.ts.
func (a *api) dropLayout(m *schema.Model, r *record.Record) {
	if id, _ := r.Get("pageLayoutId"); m.NameSingular == "dashboard" && id != nil {
		// one that is not there is not looked for
		_, _ = a.tables.DeletePart(schema.KindOfPart("pageLayout"), js.Text(id))
	}
}

// addVersion gives a new workflow its first version, a draft. The server writes it, so it has no
// author.
func (a *api) addVersion(e record.Event) {
	if e.Action != "created" || e.Model.NameSingular != "workflow" {
		return
	}
	version := a.tables.Schema().Singular("workflowVersion")
	if version == nil {
		return
	}
	system := js.NewObject("source", "MANUAL", "name", "System")
	// after the workflow: graphql_workflow_builder 23
	later := a.Now().Add(time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z")
	data := js.NewObject("createdBy", system, "updatedBy", system, "createdAt", later, "updatedAt", later,
		"name", "v1", "status", "DRAFT", "workflowId", e.Record.ID, "position", "first")
	if _, err := write.NewScope(context.Background(), a.records, nil, version).Create(data, false); err != nil {
		panic(err) // the workflow is there, and a new identifier is unique
	}
}
