package twenty

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/reject"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/write"
)

// duplicateDashboard copies a dashboard and its page layout. Path and status are those of the
// workspace's own document; the keys of the answer, fewer than documented, and the errors are known
// from the vendor's public source. Assumed: a caller who may not write dashboards may not copy
// them.
func (a *api) duplicateDashboard(r *fake.Request) (any, error) {
	id := r.Path("id")
	if !schema.IsUUID(id) {
		return nil, bare(&fake.Error{Status: http.StatusInternalServerError,
			Rule: "the database takes identifiers alone"}, badUUID(id))
	}
	caller, _ := r.Caller.(*schema.Caller)
	copied, err := a.copyDashboard(r.HTTP.Context(), caller, id)
	if err != nil {
		return nil, restError(recordError(err))
	}
	return fake.Raw(jsonb.Encode(copied)), nil
}

// copyDashboard copies a dashboard, and returns what answers tell of the copy.
func (a *api) copyDashboard(ctx context.Context, caller *schema.Caller, id string) (*js.Object, error) {
	missing := func(code, message string) error {
		return &schema.ChangeError{Status: http.StatusNotFound, Code: code, Message: message}
	}
	dashboards := write.NewScope(ctx, a.records, caller, a.tables.Schema().Singular("dashboard"))
	row, err := dashboards.Get(strings.ToLower(id))
	var no *reject.Error
	switch {
	case errors.As(err, &no) && no.Status == http.StatusNotFound:
		return nil, missing("DASHBOARD_NOT_FOUND", `Dashboard with ID "`+id+`" not found`)
	case err != nil:
		return nil, err
	}
	data := columns(row, "title", "pageLayoutId", "position")
	layout, ok := data.Value("pageLayoutId").(string)
	if !ok {
		return nil, missing("PAGE_LAYOUT_NOT_FOUND", `Page layout for dashboard "`+id+`" not found`)
	}
	if layout, err = a.tables.CopyLayout(layout); err != nil {
		return nil, err
	}
	data.Set("pageLayoutId", layout)
	data.Set("title", titleOfCopy(data.Value("title")))
	made, err := dashboards.Create(data, false)
	if err != nil {
		return nil, err
	}
	return columns(made, "id", "title", "pageLayoutId", "position", "createdAt", "updatedAt"), nil
}

func columns(row *record.Row, keys ...string) *js.Object {
	out := &js.Object{}
	for _, key := range keys {
		value, _ := row.Value.Get(key)
		out.Set(key, value)
	}
	return out
}

// titleOfCopy says that something is a copy, unless it says so already or nothing at all.
func titleOfCopy(title any) any {
	text, _ := title.(string)
	if text == "" || strings.HasSuffix(strings.ToLower(text), "(copy)") {
		return title
	}
	return text + " (Copy)"
}
