package twenty

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/graphql"
	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/jsonb"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// metadataOps answers everything below /rest/metadata.
func (a *api) metadataOps() fake.Ops {
	return fake.Ops{
		"listObjects": a.modelling(a.listObjects), "createObject": a.modelling(a.createObject),
		"getObject": a.modelling(a.getObject), "updateObject": a.modelling(a.updateObject),
		"replaceObject": a.modelling(a.updateObject), "deleteObject": a.modelling(a.deleteObject),
		"listFields": a.modelling(a.listFields), "createField": a.modelling(a.createField),
		"getField": a.modelling(a.getField), "updateField": a.modelling(a.updateField),
		"replaceField": a.modelling(a.updateField), "deleteField": a.modelling(a.deleteField),
		"listWebhooks": a.keeping(a.listWebhooks), "createWebhook": a.keeping(a.createWebhook),
		"getWebhook": a.keeping(a.getWebhook), "updateWebhook": a.keeping(a.updateWebhook),
		"deleteWebhook": a.keeping(a.deleteWebhook), "listApiKeys": a.keeping(a.listKeys),
		"getApiKey": a.keeping(a.getKey), "createApiKey": a.keeping(session(a.createKey)),
		"updateApiKey": a.keeping(session(a.updateKey)), "deleteApiKey": a.keeping(session(a.revokeKey)),
		"listViews": a.listViews, "createView": a.stored(mayCreateView, a.createView), "getView": a.getView,
		"updateView": a.stored(a.mayModifyView, a.updateView), "deleteView": a.stored(a.mayModifyView, a.deleteView),
		"listPicklists": a.modelling(a.listPicklists), "describeRecords": a.describeRecords,
		"describeMetadata": a.describeMetadata, "describeRecordsOpenly": a.openly(a.describeRecords, a.frameOfRecords),
		"describeMetadataOpenly": a.openly(a.describeMetadata, a.frameOfMetadata),
	}
}

// modelling guards what changes or shows the data model: fixtures/twenty/rest_restricted_key.
func (a *api) modelling(do fake.Handler) fake.Handler {
	return a.stored(granted(schema.SettingDataModel, http.StatusForbidden), do)
}

// keeping guards webhooks and keys, whose error has another status:
// fixtures/twenty/rest_restricted_key.
func (a *api) keeping(do fake.Handler) fake.Handler {
	return guard(granted(schema.SettingKeys, http.StatusBadRequest), do)
}

// stored guards changes of metadata that webhooks report.
func (a *api) stored(may func(*fake.Request) error, do fake.Handler) fake.Handler {
	return guard(may, a.tellingMetadata(do))
}

// granted requires a setting of the caller's role.
func granted(setting string, status int) func(*fake.Request) error {
	return func(r *fake.Request) error {
		if r.Caller.(*schema.Caller).MaySet(setting) {
			return nil
		}
		e := coded(status, "PERMISSION_DENIED", "Entity performing the request does not have permission")
		e.Rule, e.Source = "the role does not grant "+setting, "fixtures/twenty/rest_restricted_key"
		return e
	}
}

// guard refuses callers who may not, and what the database behind the server does not store. That it refuses
// U+0000 is inferred from records and from other values that it refuses in metadata, whose messages REST shows.
func guard(may func(*fake.Request) error, do fake.Handler) fake.Handler {
	return func(r *fake.Request) (any, error) {
		if err := may(r); err != nil {
			return nil, err
		}
		out, err := do(r)
		if err == nil && r.HTTP.Method != http.MethodGet && jsonb.HasNUL(object(r)) {
			return nil, refuse(http.StatusBadRequest, graphql.NULMessage)
		}
		return out, err
	}
}

// restError renders an error of the data model in REST's shape.
func restError(err error) error {
	var no *schema.ChangeError
	if !errors.As(err, &no) {
		return err
	}
	e := &fake.Error{Status: no.Status, Code: no.Code, Message: no.Message, Rule: "the data model does not allow it"}
	switch {
	case no.Fault != "":
		return bare(e, no.Fault)
	case no.Class != "":
		e.Body = plainBody{StatusCode: no.Status, Error: no.Class, Messages: []string{no.Message}}
	case no.BareReport:
		return bare(e, no.Report.Message)
	case no.Report != nil:
		e.Message = no.Report.Message
		e.Body = struct {
			StatusCode int    `json:"statusCode"`
			Error      string `json:"error"`
			*schema.Report
		}{no.Status, "METADATA_VALIDATION_ERROR", no.Report}
	}
	return e
}

// bare gives an error a text as its whole body, as the framework's own filter does.
func bare(e *fake.Error, text string) *fake.Error {
	e.Body = text
	e.Header = frameworkHeader()
	return e
}

// wrapped puts an item into the envelope of the workspace's format: bare, or below data and a name.
func (a *api) wrapped(name string, item any) any {
	if a.World().Enabled(legacyFormat) {
		return map[string]any{"data": map[string]any{name: item}}
	}
	return item
}

// page is one page of metadata.
type page struct {
	Data       any      `json:"data"`
	PageInfo   pageInfo `json:"pageInfo"`
	TotalCount int      `json:"totalCount"`
}

type pageInfo struct {
	HasNextPage bool    `json:"hasNextPage"`
	StartCursor *string `json:"startCursor"`
	EndCursor   *string `json:"endCursor"`
}

// paged cuts a page out of identifiers. Metadata comes with the largest identifier first, and cursors are
// bare identifiers: fixtures/twenty/metadata_objects_read.
func (a *api) paged(r *fake.Request, name string, ids []string, show func(id string) any) (any, error) {
	limit, err := pageSize(r)
	if err != nil {
		return nil, err
	}
	after, before := r.Query("starting_after"), r.Query("ending_before")
	if after != "" && before != "" {
		return nil, coded(http.StatusBadRequest, "INVALID_PAGINATION_QUERY_PARAMS",
			"'starting_after' and 'ending_before' cannot be used together.")
	}
	for _, cursor := range []string{after, before} {
		if cursor != "" && !schema.IsUUID(cursor) {
			return nil, bare(&fake.Error{Status: http.StatusInternalServerError,
				Rule: "a cursor is an identifier"}, badUUID(cursor))
		}
	}
	slices.SortFunc(ids, func(a, b string) int { return strings.Compare(b, a) })
	total := len(ids)
	ids = slices.DeleteFunc(ids,
		func(id string) bool { return after != "" && id >= after || before != "" && id <= before })
	out := page{TotalCount: total, PageInfo: pageInfo{HasNextPage: len(ids) > limit}}
	if len(ids) > limit {
		if before != "" {
			ids = ids[len(ids)-limit:]
		}
		ids = ids[:limit]
	}
	if len(ids) > 0 {
		out.PageInfo.StartCursor, out.PageInfo.EndCursor = &ids[0], &ids[len(ids)-1]
	}
	out.Data = js.Map(ids, show)
	if a.World().Enabled(legacyFormat) {
		out.Data = map[string]any{name: out.Data}
	}
	return out, nil
}

func pageSize(r *fake.Request) (int, error) {
	n, problem := readLimit(r, defaultLimit, largestLimit)
	if problem != "" {
		return 0, coded(http.StatusBadRequest, "INVALID_LIMIT_QUERY_PARAM", problem)
	}
	return int(n), nil
}

func badUUID(text string) string { return `invalid input syntax for type uuid: "` + text + `"` }

// identified returns the identifier in the path.
func identified(r *fake.Request) (string, error) {
	id := r.Path("id")
	if !schema.IsUUID(id) {
		e := nest(http.StatusBadRequest, "Bad Request", "Validation failed (uuid is expected)")
		e.Rule = documentedSide
		return "", e
	}
	return strings.ToLower(id), nil
}

// object returns the body of a request; one that is no object counts as an empty object.
func object(r *fake.Request) map[string]any {
	if o, ok := js.Plain(r.Decoded).(map[string]any); ok {
		return o
	}
	return map[string]any{}
}

// hidden takes the place of a row's key that clients do not see.
type hidden *struct{}
