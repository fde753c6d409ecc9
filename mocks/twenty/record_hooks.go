package twenty

import (
	"context"
	"slices"
	"time"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
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
	if _, err := a.records.Scope(context.Background(), nil, version).Create(data, false); err != nil {
		panic(err) // the workflow is there, and a new identifier is unique
	}
}
