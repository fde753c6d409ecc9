package kickflow_test

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

func TestGrades(t *testing.T) {
	t.Parallel()
	rules(t, []rule{
		{name: "made, shown by code, changed, deleted", calls: []call{
			{
				do:   "POST /v1/grades",
				body: `{"name": "顧問", "level": 7, "code": "adviser"}`,
				want: `{"name": "顧問", "level": 7, "code": "adviser", "isDefault": false}`,
			},
			{do: "PATCH /v1/grades/adviser", body: `{"level": 8}`, want: `{"name": "顧問", "level": 8}`},
			{do: "GET /v1/grades/adviser", want: `{"level": 8}`},
			{do: "DELETE /v1/grades/adviser"},
			{do: "GET /v1/grades/adviser", status: 404},
		}},
		{
			name:  "a grade in use cannot be deleted",
			calls: []call{{do: "DELETE /v1/grades/director", status: 422}, {do: "GET /v1/grades/director"}},
		},
		{name: "codes are unique", state: []fake.Option{kickflow.WithGrades(kickflow.Grade{Name: "Boss", Code: "B"})},
			calls: []call{
				{
					do:     "POST /v1/grades",
					body:   `{"name": "Chief", "level": 2, "code": "B"}`,
					status: 422,
					want:   `{"errors": {"code": ["has already been taken"]}}`,
				}}},
		{name: "there is one default", calls: []call{
			{do: "POST /v1/grades/director/default"},
			{
				do:   "GET /v1/grades",
				want: `[{"isDefault": false}, {"isDefault": false}, {"isDefault": true}, {"isDefault": false}]`,
			},
			{do: "POST /v1/grades/none/default", status: 404},
		}},
		{
			name: "a client cannot make a default",
			calls: []call{{do: "POST /v1/grades", body: `{"name": "x", "level": 1, "isDefault": true}`,
				want: `{"isDefault": false}`}},
		},
	})
}

func TestCategories(t *testing.T) {
	t.Parallel()
	const first = "/v1/categories/e0000000-0000-4000-8000-000000000001"
	rules(t, []rule{
		{name: "made, renamed, deleted", calls: []call{
			{do: "POST /v1/categories", body: `{"name": "総務"}`, want: `{"name": "総務"}`},
			{do: "PATCH " + first, body: `{"name": "調達"}`, want: `{"name": "調達", "code": "purchase"}`},
			{do: "DELETE " + first},
			{do: "DELETE " + first, status: 404},
			{do: "GET /v1/categories?sortBy=name-desc", want: `[{"name": "総務"}, {"name": "経費"}]`},
		}},
		{name: "there is no single GET", calls: []call{{do: "GET " + first, status: 404}}},
		{name: "a name is needed and has at most 100 letters", calls: []call{
			{do: "POST /v1/categories", body: `{"name": ""}`, status: 422},
			{do: "POST /v1/categories", body: `{"name": "` + strings.Repeat("名", 100) + `"}`},
			{do: "POST /v1/categories", body: `{"name": "` + strings.Repeat("名", 101) + `"}`, status: 422},
		}},
		{name: "reading is open, writing needs the permission without restriction", calls: []call{
			{as: suzuki, do: "GET /v1/categories"}, {
				as:     suzuki,
				do:     "POST /v1/categories",
				body:   `{"name": "x"}`,
				status: 403,
			}, {as: sato, do: "POST /v1/categories", body: `{"name": "x"}`, status: 403}}},
	})
}

func TestFolders(t *testing.T) {
	t.Parallel()
	rules(t, []rule{
		{name: "a folder shows its way to the root and its children", calls: []call{
			{do: "POST /v1/folders", body: `{"name": "文具", "code": "stationery", "parentFolderId": "` + buying + `"}`,
				want: `{"fullName": "全社 / 購買 / 文具", "editable": true,
				"ancestors": [{"code": "purchase"}, {"code": "company"}], "children": [], "workflowsCount": 0}`},
			{
				do: "GET /v1/folders/company",
				want: `{"children": [{"code": "purchase", "fullName": "全社 / 購買"},` +
					` {"code": "expense"}], "ancestors": []}`,
			},
		}},
		{name: "a folder can move, but not below itself", calls: []call{
			{do: "PATCH /v1/folders/purchase", body: `{"parentFolderId": null}`, want: `{"fullName": "購買"}`},
			{do: "PATCH /v1/folders/company", body: `{"parentFolderId": "` + expenses + `"}`, status: 422},
			{do: "PATCH /v1/folders/company", body: `{"parentFolderId": "` + company + `"}`, status: 422},
			{do: "PATCH /v1/folders/company", body: `{"parentFolderId": "` + hoshino + `"}`, status: 422},
		}},
		{name: "deleting takes along what lies below", calls: []call{
			{do: "DELETE /v1/folders/company"}, {do: "GET /v1/folders/purchase", status: 404},
			{do: "GET /v1/folders", want: `[]`}, {do: "POST /v1/folders", body: `{"name": "x", "code": "company"}`},
		}},
		{name: "a restricted permission reaches its folders and what lies below", calls: []call{
			{as: sato, do: "PATCH /v1/folders/purchase", body: `{"name": "x"}`},
			{as: sato, do: "POST /v1/folders", body: `{"name": "y", "parentFolderId": "` + buying + `"}`},
			{as: sato, do: "PATCH /v1/folders/expense", body: `{"name": "x"}`, status: 403},
			{as: sato, do: "PATCH /v1/folders/purchase", body: `{"parentFolderId": null}`, status: 403},
			{as: sato, do: "POST /v1/folders", body: `{"name": "y"}`, status: 403},
			{as: sato, do: "DELETE /v1/folders/company", status: 403},
		}},
		{
			name:  "codes are unique",
			calls: []call{{do: "POST /v1/folders", body: `{"name": "x", "code": "company"}`, status: 422}},
		},
		{
			name: "sorted by full name",
			calls: []call{{do: "GET /v1/folders?sortBy=fullName-desc",
				want: `[{"code": "purchase"}, {"code": "expense"}, {"code": "company"}]`}},
		},
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	rules(t, []rule{
		{name: "the built-in role holds everything and stays", calls: []call{
			{do: "GET /v1/roles", want: `[{"editable": false, "usersCount": 1}, {"name": "人事"}, {"name": "購買担当"}]`},
			{do: "PATCH /v1/roles/" + builtIn, body: `{"name": "x"}`, status: 403},
			{do: "DELETE /v1/roles/" + builtIn, status: 403},
			{do: "DELETE /v1/roles/" + builtIn + "/memberships/hoshino", status: 422},
			{do: "POST /v1/roles/" + builtIn + "/memberships", body: `{"userIds": ["` + tanaka + `"]}`},
			{do: "DELETE /v1/roles/" + builtIn + "/memberships/hoshino"},
			{do: "GET /v1/roles", status: 403},
		}},
		{name: "a role shows its scope", calls: []call{
			{do: "POST /v1/roles",
				body: `{"name": "営業", "permissionList": [{"permission": "team", "restricted": true, "teamIds": ["` +
					sales + `"]}]}`,
				want: `{"editable": true, "usersCount": 0, "permissionList": [{"permission": "team",` +
					` "restricted": true, "folders": [], "generalMasters": [], "teams": [{"code": "sales"}]}]}`},
		}},
		{name: "a scope has no doubles, whatever their case, and no strangers", calls: []call{
			{
				do: "POST /v1/roles",
				body: `{"name": "x", "permissionList": [{"permission": "team", "restricted": true, "teamIds": ["` +
					sales + `", "` + strings.ToUpper(sales) + `"]}]}`,
				status: 422,
			},
			{
				do: "POST /v1/roles",
				body: `{"name": "x", "permissionList": [{"permission": "team", "restricted": true, "teamIds": ["` +
					company + `"]}]}`,
				status: 422,
			},
			{
				do:     "POST /v1/roles",
				body:   `{"name": "x", "permissionList": [{"permission": "fly", "restricted": false}]}`,
				status: 422,
			},
		}},
		{name: "members come and go and gain the permission", calls: []call{
			{as: suzuki, do: "GET /v1/grades", status: 403},
			{do: "POST /v1/roles/" + people + "/memberships", body: `{"userIds": ["` + suzuki + `"]}`},
			{as: suzuki, do: "GET /v1/grades"},
			{do: "GET /v1/roles/" + people + "/memberships", want: `[{"code": "yamada"}, {"code": "suzuki"}]`},
			{do: "GET /v1/users/suzuki/roles", want: `[{"name": "人事", "usersCount": 2}]`},
			{do: "POST /v1/roles/" + people + "/memberships", body: `{"userIds": ["` + suzuki + `"]}`, status: 422},
			{do: "POST /v1/roles/" + people + "/memberships", body: `{"userIds": []}`, status: 422},
			{do: "DELETE /v1/roles/" + people + "/memberships/suzuki"},
			{do: "DELETE /v1/roles/" + people + "/memberships/suzuki", status: 404},
			{as: suzuki, do: "GET /v1/grades", status: 403},
		}},
		{name: "a deleted role takes its permission along", calls: []call{
			{as: yamada, do: "GET /v1/grades"}, {do: "DELETE /v1/roles/" + people},
			{as: yamada, do: "GET /v1/grades", status: 403}, {do: "GET /v1/users/yamada/roles", want: `[]`}}},
	})
}

// TestErrorsNameAFieldOfTheRequest refuses values below a key of the body. The vendor's page says
// that errors maps fields to messages, so each has the path of a field that the operation has.
func TestErrorsNameAFieldOfTheRequest(t *testing.T) {
	t.Parallel()
	const nobody = "00000000-0000-4000-8000-000000000000"
	role := func(do, scope, id string) call {
		return call{do: do, status: 422, want: `{"errors": {"permissionList.` + scope + `": ["must exist"]}}`,
			body: `{"name": "x", "permissionList": [{"permission": "team", "restricted": true, ` +
				`"` + scope + `": ["` + id + `"]}]}`}
	}
	user := func(memberships, want string) call {
		return call{do: "POST /v1/users", status: 422, want: `{"errors": {` + want + `}}`,
			body: `{"email": "x@corp.test", "code": "x", "firstName": "x", "lastName": "x", "memberships": [` +
				memberships + `]}`}
	}
	viewer := func(rest, want string) call {
		return call{as: suzuki, do: "POST " + firstStep + "/viewers", status: 422,
			body: `{"userId": "` + sato + `", ` + rest + `}`, want: `{"errors": {` + want + `}}`}
	}
	const first = `{"teamCode": "sales-1", "gradeCodes": ["staff"]}`
	rules(t, []rule{
		{name: "scopes of roles", calls: []call{
			role("POST /v1/roles", "folderIds", nobody), role("POST /v1/roles", "generalMasterIds", nobody),
			role("POST /v1/roles", "teamIds", nobody), role("PATCH /v1/roles/"+people, "teamIds", nobody)}},
		{name: "grades of members", calls: []call{{
			do:     "POST /v1/organizationCharts/" + chart + "/teams/" + sales1 + "/memberships",
			body:   `{"users": [{"id": "` + sato + `", "leader": false, "gradeIds": ["` + nobody + `"]}]}`,
			status: 422, want: `{"errors": {"users.gradeIds": ["must exist"]}}`,
		}, {
			do:     "PATCH /v1/organizationCharts/" + chart + "/teams/" + sales1 + "/memberships/suzuki",
			body:   `{"leader": false, "gradeIds": ["` + nobody + `"]}`,
			status: 422, want: `{"errors": {"gradeIds": ["must exist"]}}`,
		}}},
		{name: "memberships of a new user", calls: []call{
			user(first+", "+first, `"memberships.teamCode": ["has already been taken"]`),
			user(`{"teamCode": "nowhere", "gradeCodes": ["staff"]}`, `"memberships.teamCode": ["must exist"]`)}},
		{name: "what a user as a viewer does not have", calls: []call{
			viewer(`"gradeId": "`+staff+`"`, `"gradeId": ["is invalid"]`),
			viewer(`"descendants": true`, `"descendants": ["is invalid"]`)}},
	})
}
