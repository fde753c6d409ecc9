package kickflow_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

func TestActivationFollowsTheAnswer(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.World.Freeze(time.Date(2026, 8, 20, 3, 0, 0, 0, time.UTC))
	check(t, srv, call{
		do:   "POST /v1/organizationCharts/" + plan + "/activate",
		want: `{"current": false, "activationPlan": null}`,
	})
	check(t, srv, call{do: "GET /v1/organizationChart", want: `{"id": "` + chart + `"}`})
	srv.World.Advance(time.Second)
	check(t, srv, call{do: "GET /v1/organizationChart", want: `{"id": "` + plan + `", "current": true}`})
	check(t, srv, call{do: "GET /v1/organizationCharts", want: `[{"current": false}, {"current": true}]`})
}

func TestDatedActivation(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.World.Freeze(time.Date(2026, 8, 20, 3, 0, 0, 0, time.UTC))
	check(t, srv, call{
		do:   "POST /v1/organizationCharts/" + plan + "/activate",
		body: `{"dueOn": "2026-09-01"}`,
		want: `{"current": false, "activationPlan": {"dueOn": "2026-09-01"}}`,
	})
	third := check(t, srv, call{
		do:   "POST /v1/organizationCharts",
		body: `{"name": "third"}`,
		want: `{"current": false, "teamsCount": 0, "membershipsCount": 0}`,
	})
	_, rest, _ := strings.Cut(third.body, `"id":"`)
	check(t, srv, call{do: "POST /v1/organizationCharts/" + rest[:36] + "/activate", body: `{"dueOn": "2026-10-01"}`})
	check(t, srv, call{
		do:   "GET /v1/organizationCharts",
		want: `[{"activationPlan": null}, {"activationPlan": null}, {"activationPlan": {"dueOn": "2026-10-01"}}]`,
	})
	srv.World.Set(time.Date(2026, 9, 30, 14, 59, 59, 0, time.UTC))
	check(t, srv, call{do: "GET /v1/organizationChart", want: `{"id": "` + chart + `"}`})
	srv.World.Set(time.Date(2026, 9, 30, 15, 0, 0, 0, time.UTC))
	check(t, srv, call{do: "GET /v1/organizationChart", want: `{"name": "third", "activationPlan": null}`})
	check(t, srv, call{
		do:   "GET /v1/auditLogs?sortBy=createdAt-desc&perPage=1",
		want: `[{"action": "organization_chart_activated", "user": null}]`,
	})
}

func TestDeletionOfACharts(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	srv.World.Freeze(time.Date(2026, 8, 20, 3, 0, 0, 0, time.UTC))
	check(t, srv, call{do: "DELETE /v1/organizationCharts/" + chart, status: 422})
	check(t, srv, call{do: "DELETE /v1/organizationCharts/" + plan})
	check(t, srv, call{do: "GET /v1/organizationCharts/" + plan, want: `{"teamsCount": 1}`})
	srv.World.Advance(time.Second)
	check(t, srv, call{do: "GET /v1/organizationCharts/" + plan, status: 404})
	check(t, srv, call{do: "GET /v1/organizationCharts/" + plan + "/teams", status: 404})
}

func TestTeams(t *testing.T) {
	t.Parallel()
	const teams = "/v1/organizationCharts/" + chart + "/teams"
	member := func(id string, leader bool) string {
		return fmt.Sprintf(`{"users": [{"id": %q, "leader": %v}]}`, id, leader)
	}
	rules(t, []rule{
		{name: "the list has the roots, or the children of a team", calls: []call{
			{do: "GET " + teams, want: `[{"code": "hq", "usersCount": 1}, {"code": "board", "approveOnly": true}]`},
			{
				do:   "GET " + teams + "?parentId=" + hq,
				want: `[{"code": "sales", "fullName": "本社 / 営業部"}, {"code": "finance", "notes": "月末は混み合います"}]`,
			},
			{do: "GET " + teams + "?parentId=" + company, status: 404},
		}},
		{name: "a team shows its parent, children and members", calls: []call{{
			do: "GET " + teams + "/sales",
			want: `{"parent": {"code": "hq"}, "children": [{"code": "sales-1"}],` +
				` "users": [{"code": "tanaka", "leader": true, "grades": [{"code": "director"}]}]}`,
		},
			{do: "GET " + teams + "/" + hq, want: `{"parent": null}`}}},
		{name: "codes are unique in a chart, not between charts", calls: []call{
			{do: "POST " + teams, body: `{"name": "x", "code": "hq"}`, status: 422},
			{do: "POST /v1/organizationCharts/" + plan + "/teams", body: `{"name": "営業", "code": "sales"}`}}},
		{name: "a parent is of the same chart and not below", calls: []call{
			{
				do:     "POST " + teams,
				body:   `{"name": "x", "parentId": "d0000000-0000-4000-8000-000000000006"}`,
				status: 422,
			},
			{
				do:     "PATCH " + teams + "/hq",
				body:   `{"parentId": "` + sales1 + `"}`,
				status: 422,
			}, {do: "PATCH " + teams + "/sales-1", body: `{"parentId": "` + finance + `"}`,
				want: `{"fullName": "本社 / 経理部 / 営業一課"}`}}},
		{name: "a team with members needs a leader", calls: []call{
			{do: "POST " + teams, body: `{"name": "新設", "code": "new"}`, want: `{"users": [], "usersCount": 0}`},
			{
				do:     "POST " + teams + "/new/memberships",
				body:   member(suzuki, false),
				status: 422,
				want:   `{"code": "validation_failed"}`,
			},
			{do: "GET " + teams + "/new/memberships", want: `[]`},
			{do: "POST " + teams + "/new/memberships", body: member(suzuki, true)},
			{
				do:   "GET " + teams + "/new/memberships",
				want: `[{"code": "suzuki", "leader": true, "grades": [{"code": "staff"}]}]`,
			},
			{do: "POST " + teams + "/new/memberships", body: member(suzuki, true), status: 422},
			{do: "POST " + teams + "/new/memberships", body: member(tanaka, false)},
			{do: "DELETE " + teams + "/new/memberships", body: `{"userIds": ["` + suzuki + `"]}`, status: 422},
			{
				do:     "PATCH " + teams + "/new/memberships/suzuki",
				body:   `{"leader": false, "gradeIds": ["` + staff + `"]}`,
				status: 422,
			},
			{
				do:   "PATCH " + teams + "/new/memberships/tanaka",
				body: `{"leader": true, "gradeIds": ["` + staff + `", "` + director + `"]}`,
			},
			{
				do: "GET " + teams + "/new/memberships",
				want: `[{"code": "suzuki"}, {"code": "tanaka", "leader": true, "grades": [{"code": "staff"},` +
					` {"code": "director"}]}]`,
			},
			{do: "DELETE " + teams + "/new/memberships", body: `{"userIds": ["` + suzuki + `", "` + tanaka + `"]}`},
			{do: "GET " + teams + "/new", want: `{"usersCount": 0}`},
		}},
		{name: "who is no member cannot be changed or removed", calls: []call{
			{
				do:     "PATCH " + teams + "/hq/memberships/suzuki",
				body:   `{"leader": true, "gradeIds": ["` + staff + `"]}`,
				status: 404,
			}, {do: "DELETE " + teams + "/hq/memberships", body: `{"userIds": ["` + suzuki + `"]}`, status: 422}}},
		{
			name: "one to ten at a time",
			calls: []call{{do: "POST " + teams + "/hq/memberships", body: `{"users": []}`, status: 422},
				{do: "DELETE " + teams + "/hq/memberships", body: `{"userIds": []}`, status: 422}},
		},
		{
			name: "deleting takes memberships along",
			calls: []call{{do: "DELETE " + teams + "/sales"}, {do: "GET " + teams + "/sales-1", status: 404},
				{do: "GET /v1/users/suzuki/teams", want: `[]`}},
		},
		{name: "a restricted permission reaches its teams and those below", calls: []call{
			{as: yamada, do: "PATCH " + teams + "/sales-1", body: `{"notes": "x"}`},
			{
				as:     yamada,
				do:     "PATCH " + teams + "/finance",
				body:   `{"notes": "x"}`,
				status: 403,
			}, {as: yamada, do: "POST " + teams, body: `{"name": "x"}`, status: 403},
			{as: yamada, do: "POST " + teams, body: `{"name": "x", "parentId": "` + sales + `"}`},
			{as: yamada, do: "POST /v1/organizationCharts", body: `{"name": "x"}`, status: 403},
		}},
		{
			name: "a user's teams, or only those to apply from",
			calls: []call{{do: "GET /v1/users/sato/teams", want: `[{"code": "finance"}, {"code": "board"}]`},
				{do: "GET /v1/users/sato/teams?submittable=true", want: `[{"code": "finance"}]`}},
		},
	})
}

func TestATeamShowsAHundredMembers(t *testing.T) {
	t.Parallel()
	var members []kickflow.Membership
	var users []kickflow.User
	for i := range 120 {
		id := fmt.Sprintf("a1000000-0000-4000-8000-%012d", i)
		users = append(users, kickflow.User{ID: id, LastName: "L", FirstName: "F"})
		members = append(members, kickflow.Membership{TeamID: hq, UserID: id})
	}
	srv := newServer(t, kickflow.WithUsers(users...), kickflow.WithMemberships(members...))
	var team struct {
		Users      []any
		UsersCount int
	}
	check(t, srv, call{do: "GET /v1/organizationCharts/" + chart + "/teams/hq"}).decode(t, &team)
	if len(team.Users) != 100 || team.UsersCount != 121 {
		t.Errorf("shows %d of %d", len(team.Users), team.UsersCount)
	}
}

func TestGeneralMasters(t *testing.T) {
	t.Parallel()
	const masters, items = "/v1/generalMasters", "/v1/generalMasters/vendors/items"
	item := func(name, phone, kind string) string {
		return fmt.Sprintf(
			`{"name": %q, "code": %q, "inputs": [{"code": "phone", "value": %s}, {"code": "kind", "value": %s}]}`,
			name, name, phone, kind)
	}
	rules(t, []rule{
		{name: "made with fields", calls: []call{
			{do: "POST " + masters,
				body: `{"name": "色", "code": "colors", "fields": [{"title": "濃さ", "code": "depth",` +
					` "required": false, "fieldType": "integer"}]}`,
				want: `{"defaultSortBy": "name", "itemsCount": 0, "description": null, ` +
					`"fields": [{"code": "depth", "fieldOrder": 1, "visible": true, "options": null}]}`},
			{do: "POST " + masters, body: `{"name": "x", "code": "colors"}`, status: 422},
			{
				do: "POST " + masters,
				body: `{"name": "x", "fields": [{"title": "t", "code": "c",` +
					` "required": true, "fieldType": "checkbox"}]}`,
				status: 422,
			},
			{
				do:     "POST " + masters,
				body:   `{"name": "x", "fields": [{"title": "t", "code": "c", "required": true, "fieldType": "cube"}]}`,
				status: 422,
			},
		}},
		{name: "a change matches fields by code", calls: []call{
			{do: "PATCH " + masters + "/vendors",
				body: `{"name": "業者", "fields": [{"code": "phone", "title": "TEL"},` +
					` {"code": "fax", "title": "FAX", "fieldType": "text"}]}`,
				want: `{"name": "業者", "fields": [{"id": "81000000-0000-4000-8000-000000000001", "title": "TEL",` +
					` "fieldType": "text"}, {"code": "kind"}, {"code": "fax"}]}`}}},
		{name: "every field needs an input, optional ones too", calls: []call{
			{do: "POST " + items, body: `{"name": "x", "inputs": [{"code": "kind", "value": "個人"}]}`, status: 422},
			{
				do:   "POST " + items,
				body: item("b", "null", `"個人"`),
				want: `{"name": "b", "inputs": [{"value": null, "field": {"code": "phone"}}, {"value": "個人"}]}`,
			},
			{do: "POST " + items, body: item("c", "null", "null"), status: 422},
			{do: "POST " + items, body: item("c", "null", `"月"`), status: 422},
			{do: "POST " + items, body: item("c", "null", `["個人"]`), status: 422},
			{do: "POST " + items, body: item("aoki", "null", `"個人"`), status: 422},
			{
				do: "PATCH " + items + "/b",
				body: `{"inputs": [{"code": "kind", "value": "法人"}, {"code": "phone", "value": "1"},` +
					` {"code": "moon", "value": "1"}]}`,
				status: 422,
			},
			{do: "PATCH " + items + "/b", body: `{"startsOn": "2026-02-01", "endsOn": "2026-01-01"}`, status: 422},
			{
				do:   "PATCH " + items + "/b",
				body: `{"startsOn": "2026-02-01", "description": "d"}`,
				want: `{"startsOn": "2026-02-01", "inputs": [{"value": null}, {"value": "個人"}]}`,
			},
		}},
		{name: "items are in the master's own order unless asked", calls: []call{
			{do: "POST " + items, body: strings.Replace(item("Z", "null", `"個人"`), `"code": "Z"`, `"code": "0"`, 1)},
			{do: "GET " + items, want: `[{"code": "0"}, {"code": "aoki"}]`},
			{do: "PATCH " + masters + "/vendors", body: `{"defaultSortBy": "code"}`},
			{do: "GET " + items + "?sortBy=code-desc", want: `[{"code": "aoki"}, {"code": "0"}]`},
			{do: "GET " + items, want: `[{"code": "0"}, {"code": "aoki"}]`},
		}},
		{
			name: "deleting a master deletes its items",
			calls: []call{{do: "DELETE " + items + "/aoki"}, {do: "GET " + items + "/aoki", status: 404},
				{do: "DELETE " + masters + "/vendors"}, {do: "GET " + items, status: 404}},
		},
		{name: "reading needs a permission, and a scope shows its masters only",
			state: []fake.Option{kickflow.WithGeneralMasters(kickflow.Master{Name: "other", Code: "other"})},
			calls: []call{
				{as: suzuki, do: "GET " + masters, status: 403}, {
					as:   sato,
					do:   "GET " + masters,
					want: `[{"code": "vendors"}]`,
				}, {as: sato, do: "GET " + masters + "/other", status: 404},
				{as: sato, do: "GET " + items}, {
					as:     sato,
					do:     "POST " + items,
					body:   item("b", "null", `"個人"`),
					status: 403,
				},
			}},
	})
}
