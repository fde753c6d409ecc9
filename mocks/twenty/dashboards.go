package twenty

import (
	"errors"
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// duplicateDashboard copies a dashboard and its page layout. Path and status are those of the
// workspace's own document; the keys of the answer, fewer than documented, and the errors are known
// from the vendor's public source. Assumed: a caller who may not write dashboards may not copy
// them.
func (a *api) duplicateDashboard(r *fake.Request) (any, error) {
	id := r.Path("id")
	if !record.IsUUID(id) {
		return nil, bare(&fake.Error{Status: http.StatusInternalServerError,
			Rule: "the database takes identifiers alone"}, badUUID(id))
	}
	caller, _ := r.Caller.(*schema.Caller)
	dashboards := a.records.Scope(r.HTTP.Context(), caller, a.tables.Schema().Singular("dashboard"))
	row, err := dashboards.Get(strings.ToLower(id))
	var no *record.Error
	switch {
	case errors.As(err, &no) && no.Status == http.StatusNotFound:
		return nil, coded(http.StatusNotFound, "DASHBOARD_NOT_FOUND", `Dashboard with ID "`+id+`" not found`)
	case err != nil:
		return nil, refusal(err)
	}
	data := &record.Object{}
	for _, key := range []string{"title", "pageLayoutId", "position"} {
		value, _ := row.Value.Get(key)
		data.Set(key, value)
	}
	layout, ok := data.Value("pageLayoutId").(string)
	if !ok {
		return nil, coded(http.StatusNotFound, "PAGE_LAYOUT_NOT_FOUND", `Page layout for dashboard "`+id+`" not found`)
	}
	layout, err = a.tables.CopyLayout(layout)
	if err != nil {
		return nil, err
	}
	data.Set("pageLayoutId", layout)
	data.Set("title", titleOfCopy(data.Value("title")))
	made, err := dashboards.Create(data, false)
	if err != nil {
		return nil, refusal(err)
	}
	out := &record.Object{}
	for _, key := range []string{"id", "title", "pageLayoutId", "position", "createdAt", "updatedAt"} {
		value, _ := made.Value.Get(key)
		out.Set(key, value)
	}
	return fake.Raw(record.EncodeJSON(out)), nil
}

// titleOfCopy says that something is a copy, unless it says so already or nothing at all.
func titleOfCopy(title any) any {
	text, _ := title.(string)
	if text == "" || strings.HasSuffix(strings.ToLower(text), "(copy)") {
		return title
	}
	return text + " (Copy)"
}
