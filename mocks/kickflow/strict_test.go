package kickflow_test

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// TestUUIDsAreTheSameInCapitals uses upper-case UUIDs: RFC 9562 ignores case, and the vendor says
// so for the ids of a role.
func TestUUIDsAreTheSameInCapitals(t *testing.T) {
	t.Parallel()
	up := strings.ToUpper
	rules(t, []rule{
		{name: "in paths", calls: []call{{
			do:   "GET /v1/organizationCharts/" + up(chart) + "/teams/" + up(sales1),
			want: `{"code": "sales-1"}`,
		},
			{
				do:   "GET /v1/roles/" + up(people),
				want: `{"name": "人事"}`,
			}, {do: "PATCH /v1/categories/" + up("e0000000-0000-4000-8000-000000000001"), body: `{"name": "x"}`,
				want: `{"name": "x"}`}}},
		{name: "in queries", calls: []call{{
			do:   "GET /v1/organizationCharts/" + chart + "/teams?parentId=" + up(sales),
			want: `[{"code": "sales-1"}]`,
		},
			{do: "GET /v1/routes?folderId=" + up(buying), want: `[{"code": "purchase-route"}]`},
			{do: "GET /v1/tickets?authorId=" + up(suzuki) + "&status=draft", want: `[{}]`}}},
		{name: "of members", calls: []call{{
			do:   "POST /v1/organizationCharts/" + chart + "/teams/" + sales1 + "/memberships",
			body: `{"users": [{"id": "` + up(sato) + `", "leader": false, "gradeIds": ["` + up(director) + `"]}]}`,
		},
			{
				do:   "PATCH /v1/organizationCharts/" + chart + "/teams/" + sales1 + "/memberships/sato",
				body: `{"leader": true, "gradeIds": ["` + up(staff) + `"]}`,
			},
			{
				do:   "DELETE /v1/organizationCharts/" + chart + "/teams/" + sales1 + "/memberships",
				body: `{"userIds": ["` + up(sato) + `"]}`,
			}}},
		{name: "of parents", calls: []call{{
			do:   "POST /v1/folders",
			body: `{"name": "x", "parentFolderId": "` + up(company) + `"}`,
			want: `{"fullName": "全社 / x"}`,
		},
			{
				do:   "POST /v1/organizationCharts/" + chart + "/teams",
				body: `{"name": "x", "parentId": "` + up(hq) + `"}`,
				want: `{"fullName": "本社 / x"}`,
			}}},
		{name: "of viewers", calls: []call{{
			as:   suzuki,
			do:   "POST " + firstStep + "/viewers",
			body: `{"teamId": "` + up(finance) + `", "gradeId": "` + up(staff) + `"}`,
		},
			{as: suzuki, do: "POST " + firstStep + "/viewers", body: `{"userId": ["` + up(sato) + `"]}`},
			{as: sato, do: "GET " + firstStep}}},
		{
			name: "of fields",
			calls: []call{{as: suzuki, do: "PATCH /v1/tickets/70000000-0000-4000-8000-000000000007/form",
				body: `{"inputs": [{"formFieldId": "` + up("42000000-0000-4000-8000-000000000001") +
					`", "value": "x"}]}`}},
		},
	})
}

func TestDaysAreInTheCalendar(t *testing.T) {
	t.Parallel()
	const refused = `{"code": "validation_failed"}`
	item := func(days string) string {
		return `{"name": "x", "inputs": [{"code": "phone", "value": null}, {"code": "kind", "value": "個人"}], ` + days +
			`}`
	}
	rules(t, []rule{
		{name: "of items", calls: []call{{
			do:     "POST /v1/generalMasters/vendors/items",
			body:   item(`"startsOn": "2026-02-30"`),
			status: 422,
			want:   `{"errors": {"startsOn": ["is invalid"]}}`,
		},
			{
				do:     "POST /v1/generalMasters/vendors/items",
				body:   item(`"endsOn": "2026-04-31"`),
				status: 422,
				want:   refused,
			}, {do: "POST /v1/generalMasters/vendors/items", body: item(`"endsOn": null`)}}},
		{
			name: "of proxies",
			calls: []call{{do: "POST /v1/proxyApprovers", body: `{"userId": "` + suzuki + `", "proxyUserId": "` +
				sato + `", "endsOn": "2027-02-29"}`, status: 422, want: `{"errors": {"endsOn": ["is invalid"]}}`}},
		},
		{
			name: "of activations",
			calls: []call{{do: "POST /v1/organizationCharts/" + plan + "/activate", body: `{"dueOn": "2026-02-30"}`,
				status: 422, want: `{"errors": {"dueOn": ["is invalid"]}}`}},
		},
	})
}

// TestWhatTakesNoCode uses codes where the definition has a UUID; only the paths of one workflow or
// route accept a code.
func TestWhatTakesNoCode(t *testing.T) {
	t.Parallel()
	rules(t, []rule{
		{
			name: "the workflow of a ticket",
			calls: []call{{as: suzuki, do: "POST /v1/tickets",
				body: strings.Replace(purchaseForm("draft", "1"), purchase, "purchase-request", 1), status: 422,
				want: `{"errors": {"workflowId": ["must exist"]}}`}},
		},
		{name: "the filter of tickets", calls: []call{{do: "GET /v1/tickets?workflowId=purchase-request", want: `[]`}}},
		{
			name: "the workflows of a proxy",
			calls: []call{{do: "POST /v1/proxyApplicants",
				body:   `{"userId": "` + suzuki + `", "proxyUserId": "` + sato + `", "workflowIds": ["expense"]}`,
				status: 422, want: `{"errors": {"workflowIds": ["must exist"]}}`}},
		},
		{
			name: "a version is no workflow and no route",
			calls: []call{{do: "GET /v1/workflows/40100000-0000-4000-8000-000000000001", status: 404},
				{do: "GET /v1/routes/50100000-0000-4000-8000-000000000001", status: 404}},
		},
		{name: "a partial update names its fields and sections", calls: []call{
			{
				as:     suzuki,
				do:     "PATCH /v1/tickets/70000000-0000-4000-8000-000000000007/form",
				body:   `{"inputs": [{"value": "x"}]}`,
				status: 400,
			},
			{
				as:     suzuki,
				do:     "PATCH /v1/tickets/70000000-0000-4000-8000-000000000007/form",
				body:   `{"slipItems": [{"slipSectionCode": "items", "inputs": [{"value": "x"}]}]}`,
				status: 400,
			}}},
		{
			name: "a form that names no field",
			calls: []call{{as: suzuki, do: "POST /v1/tickets",
				body:   strings.Replace(purchaseForm("draft", "1"), `"inputs": [`, `"inputs": [{"value": "x"}, `, 1),
				status: 422, want: `{"errors": {"inputs": ["must exist"]}}`}},
		},
	})
}

// TestEditingTicketsShowsNone checks that only the permission to read tickets shows those of
// others.
func TestEditingTicketsShowsNone(t *testing.T) {
	t.Parallel()
	const id, draft = "b0000000-0000-4000-8000-00000000000f", "/v1/tickets/70000000-0000-4000-8000-000000000007"
	with := func(permissions ...string) []fake.Option {
		role := kickflow.Role{ID: id, Name: "tickets", Editable: true}
		for _, p := range permissions {
			role.PermissionList = append(role.PermissionList, kickflow.Permission{Permission: p})
		}
		return []fake.Option{kickflow.WithRoles(role),
			kickflow.WithRoleMembers(kickflow.RoleMember{RoleID: id, UserID: tanaka})}
	}
	rules(t, []rule{
		{name: "neither", state: with(), calls: []call{{as: tanaka, do: "POST " + draft + "/archive", status: 404}}},
		{
			name:  "to edit",
			state: with("ticket_write"),
			calls: []call{{as: tanaka, do: "POST " + draft + "/archive", status: 404}},
		},
		{
			name:  "to read",
			state: with("ticket_read"),
			calls: []call{{as: tanaka, do: "POST " + draft + "/archive", status: 403}},
		},
		{
			name:  "both",
			state: with("ticket_read", "ticket_write"),
			calls: []call{{as: tanaka, do: "GET " + draft},
				{as: tanaka, do: "POST " + draft + "/archive", want: `{"status": "archived"}`}},
		},
	})
}

// approved adds a workflow with two fields, one of them an approver's, and a ticket that waits for
// tanaka in the sub-status accounting.
func approved(change func(*kickflow.Workflow)) []fake.Option {
	const substatus = "60000000-0000-4000-8000-000000000001"
	var route kickflow.Route
	route.ID, route.Code, route.Current, route.FolderID = "50000000-0000-4000-8000-00000000000e", "checked", true,
		company
	route.Steps = []kickflow.RouteStep{{StepFields: kickflow.StepFields{StepType: "user", Title: "check",
		RequiredApprovalsNumber: 1}, UserIDs: []string{tanaka}, SubStatusID: substatus}}
	var w kickflow.Workflow
	w.ID, w.Code, w.Current, w.FolderID, w.AvailableToEveryone = "40000000-0000-4000-8000-00000000000e", "checked",
		true, company, true
	w.SectionList =
		[]kickflow.Section{{FormFields: []kickflow.Field{{FieldSettings: kickflow.FieldSettings{Code: "what",
			Title: "what", FieldType: "text"}},
			{
				FieldSettings: kickflow.FieldSettings{
					Code:      "result",
					Title:     "result",
					FieldType: "text",
					Approver:  true,
					Author:    stateOf(false),
				},
				DemandedIn: []string{substatus},
			}}}}
	w.RouteConditions = []kickflow.Branch{{RouteID: route.ID}}
	change(&w)
	return []fake.Option{kickflow.WithRoutes(route), kickflow.WithWorkflows(w)}
}

const toCheck = `{"status": "in_progress", "workflowId": "40000000-0000-4000-8000-00000000000e", "authorTeamId": "` +
	sales1 + `", "inputs": [{"formFieldCode": "what", "value": "x"}, {"formFieldCode": "result", "value": null}]}`

func TestWhatApproversFillIn(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		name   string
		change func(*kickflow.Workflow)
		calls  []call
	}{
		{"what the sub-status demands is demanded from who approves", func(*kickflow.Workflow) {}, []call{
			{as: tanaka, do: "POST /approve", status: 422, want: `{"errors": {"inputs.result": ["can't be blank"]}}`},
			{as: tanaka, do: "PATCH /form", body: `{"inputs": [{"formFieldCode": "result", "value": "fine"}]}`},
			{as: tanaka, do: "POST /approve", want: `{"status": "completed"}`}}},
		{"who sends back or denies fills in nothing", func(*kickflow.Workflow) {},
			[]call{{as: tanaka, do: "POST /reject", body: `{"to": 0}`, want: `{"status": "rejected"}`}}},
		{"without a demand the field may stay empty", func(w *kickflow.Workflow) {
			w.SectionList[0].FormFields[1].DemandedIn = nil
		}, []call{{as: tanaka, do: "POST /approve", want: `{"status": "completed"}`}}},
		{"an author's field is the author's", func(*kickflow.Workflow) {

		}, []call{{as: tanaka, do: "PATCH /form", body: `{"inputs": [{"formFieldCode": "what", "value": "y"}]}`,
			status: 422}}},
		{"unless the workflow is overwritable", func(w *kickflow.Workflow) { w.Overwritable = true }, []call{
			{
				as:   tanaka,
				do:   "PATCH /form",
				body: `{"inputs": [{"formFieldCode": "what", "value": "y"}]}`,
				want: `{"inputs": [{"value": "y"}, {"value": null}]}`,
			}}},
	} {
		t.Run(one.name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, approved(one.change)...)
			ticket := apply(t, srv, suzuki, toCheck)
			for _, c := range one.calls {
				method, rest, _ := strings.Cut(c.do, " ")
				c.do = method + " " + ticket + rest
				check(t, srv, c)
			}
		})
	}
}

// TestARouteWithoutItsOnlyUserIsBroken checks that the workflow rejects new applications while
// tickets in progress stay.
func TestARouteWithoutItsOnlyUserIsBroken(t *testing.T) {
	t.Parallel()
	srv := newServer(t, approved(func(*kickflow.Workflow) {})...)
	ticket := apply(t, srv, suzuki, toCheck)
	for _, c := range []call{
		{do: "DELETE /v1/users/tanaka", want: `{"status": "deactivated"}`},
		{do: "GET /v1/routes?status=error", want: `[{"code": "checked"}]`},
		{do: "GET /v1/workflows/checked", want: `{"status": "invisible"}`},
		{do: "GET /v1/workflows/expense", want: `{"status": "visible"}`},
		{as: suzuki, do: "POST /v1/tickets", body: toCheck, status: 422},
		{as: suzuki, do: "GET " + ticket, want: `{"status": "in_progress"}`},
	} {
		check(t, srv, c)
	}
}
