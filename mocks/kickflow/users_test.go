package kickflow_test

import (
	"strings"
	"testing"

	"github.com/afba07b5/mockserver/mocks/kickflow"
)

func TestUsers(t *testing.T) {
	t.Parallel()
	const ada = `{"email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace"`
	rules(t, []rule{
		{name: "an invited user has defaults and a Japanese full name", calls: []call{
			{do: "POST /v1/users", body: ada + `, "code": "ada", "employeeId": "77"}`, want: `{"status": "invited",
 "fullName": "Lovelace Ada", "code": "ada", "employeeId": "77", "locale": "ja", "userType": "normal",
				"image": {"100x100": null, "64x64": null, "32x32": null}, "customFields": [],
				 "deactivatedAt": null, "userLineWorksAccount": null}`},
			{do: "GET /v1/users/ada", want: `{"email": "ada@example.com"}`},
		}},
		{
			name: "the code may be left out",
			calls: []call{{do: "POST /v1/users", body: ada + `}`},
				{do: "GET /v1/users/lookupByEmail?email=ada%40example.com", want: `{"firstName": "Ada"}`}},
		},
		{
			name: "a client cannot choose status or type",
			calls: []call{{do: "POST /v1/users", body: ada + `, "status": "activated", "userType": "assistant"}`,
				want: `{"status": "invited", "userType": "normal"}`}},
		},
		{name: "mail addresses and codes are unique", calls: []call{
			{
				do:     "POST /v1/users",
				body:   `{"email": "suzuki@hoshino.example", "firstName": "A", "lastName": "B"}`,
				status: 422,
				want:   `{"errors": {"email": ["has already been taken"]}}`,
			},
			{
				do:     "POST /v1/users",
				body:   ada + `, "code": "suzuki"}`,
				status: 422,
				want:   `{"errors": {"code": ["has already been taken"]}}`,
			},
			{do: "PATCH /v1/users/suzuki", body: `{"code": "tanaka"}`, status: 422},
			{do: "PATCH /v1/users/suzuki", body: `{"code": "suzuki", "email": "suzuki@hoshino.example"}`},
		}},
		{
			name: "a mail address has a form",
			calls: []call{{do: "POST /v1/users", body: `{"email": "ada", "firstName": "A", "lastName": "B"}`,
				status: 422, want: `{"errors": {"email": ["is invalid"]}}`}},
		},
		{
			name: "a change of name changes the full name",
			calls: []call{{do: "PATCH /v1/users/" + suzuki, body: `{"lastName": "本田", "employeeId": null}`,
				want: `{"fullName": "本田 花子", "employeeId": null}`}},
		},
		{
			name: "null is no name",
			calls: []call{{do: "PATCH /v1/users/suzuki", body: `{"lastName": null}`, status: 422},
				{do: "PATCH /v1/users/suzuki", body: `{"lastName": " "}`, status: 422}},
		},
		{name: "an invitation can place the user", calls: []call{
			{
				do: "POST /v1/users",
				body: ada +
					`, "code": "ada", "memberships": [{"teamCode": "sales-1", "gradeCodes": ["director"]},` +
					` {"teamCode": "finance", "leader": true}]}`,
			},
			{
				do:   "GET /v1/users/ada/teams",
				want: `[{"code": "sales-1", "fullName": "本社 / 営業部 / 営業一課", "usersCount": 4}, {"code": "finance"}]`,
			},
		}},
		{name: "an invitation into no team leaves nothing behind", calls: []call{
			{do: "POST /v1/users", body: ada + `, "code": "ada", "memberships": [{"teamCode": "moon"}]}`, status: 422},
			{do: "GET /v1/users/ada", status: 404},
		}},
		{
			name: "an unknown user is 404",
			calls: []call{{do: "GET /v1/users/nobody", status: 404}, {do: "GET /v1/users/a.b", status: 404},
				{do: "GET /v1/users/lookupByEmail?email=x@y.z", status: 404},
				{do: "GET /v1/users/lookupByEmail", status: 400}},
		},
		{name: "a member does not see when others were here", calls: []call{
			{
				do:   "GET /v1/users/tanaka",
				want: `{"lastUsedOn": "2026-08-19", "userLineWorksAccount": {"lineWorksAccountId": "tanaka@hoshino"}}`,
			},
		}},
		{
			name:  "changing users needs the permission",
			calls: []call{{as: suzuki, do: "PATCH /v1/users/suzuki", body: `{"lastName": "x"}`, status: 403}},
		},
	})
}

func TestFieldsOnlyForAdministratorsAreAbsent(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t)
	for _, path := range []string{"/v1/users/tanaka", "/v1/users/lookupByEmail?email=tanaka@hoshino.example"} {
		var got map[string]any
		check(t, srv, call{as: kickflow.MemberToken, do: "GET " + path}).decode(t, &got)
		if _, ok := got["lastUsedOn"]; ok || got["customFields"] != nil {
			t.Errorf("%s shows %v", path, got)
		}
	}
	var self map[string]any
	check(t, srv, call{as: tanaka, do: "GET /v1/user"}).decode(t, &self)
	if _, ok := self["lastUsedOn"]; ok || self["customFields"] == nil {
		t.Errorf("/v1/user shows %v", self)
	}
}

func TestLifeOfAUser(t *testing.T) {
	t.Parallel()
	rules(t, []rule{
		{name: "suspend and reactivate", calls: []call{
			{do: "POST /v1/users/suzuki/suspend", want: `{"status": "suspended"}`},
			{do: "POST /v1/users/suzuki/suspend", status: 422},
			{as: kickflow.MemberToken, do: "GET /v1/user", status: 401},
			{do: "POST /v1/users/suzuki/reactivate", want: `{"status": "activated"}`},
			{do: "POST /v1/users/suzuki/reactivate", status: 422},
			{as: kickflow.MemberToken, do: "GET /v1/user"},
		}},
		{name: "a deleted user stays readable and can be invited again", calls: []call{
			{do: "DELETE /v1/users/suzuki", want: `{"status": "deactivated"}`},
			{do: "GET /v1/users/suzuki", want: `{"status": "deactivated"}`},
			{do: "DELETE /v1/users/suzuki", status: 422},
			{do: "POST /v1/users/suzuki/reactivate", status: 422},
			{do: "POST /v1/users/suzuki/reinvite", want: `{"status": "invited", "deactivatedAt": null}`},
		}},
		{
			name: "only deactivated users are invited again",
			calls: []call{{do: "POST /v1/users/suzuki/reinvite", status: 422},
				{do: "POST /v1/users/takahashi/suspend", status: 422}},
		},
		{
			name: "the last administrator stays",
			calls: []call{{do: "DELETE /v1/users/hoshino", status: 422},
				{do: "POST /v1/users/hoshino/suspend", status: 422}},
		},
	})
}

func TestCustomFields(t *testing.T) {
	t.Parallel()
	patch := func(values string) call {
		return call{do: "PATCH /v1/users/suzuki", body: `{"customFields": ` + values + `}`}
	}
	bad := func(values string) call { c := patch(values); c.status = 422; return c }
	with := func(values, want string) call {
		c := patch(values)
		c.want = `{"customFields": ` + want + `}`
		return c
	}
	rules(t, []rule{
		{
			name: "numbers are kept as strings",
			calls: []call{with(`[{"code": "desk", "value": 12}]`,
				`[{"code": "desk", "fieldType": "integer", "value": "12"}]`)},
		},
		{name: "thousands separators are refused", calls: []call{bad(`[{"code": "desk", "value": "1,200"}]`)}},
		{name: "a checkbox takes an array, a pull-down a string", calls: []call{
			with(`[{"code": "languages", "value": ["ja", "zh"]}, {"code": "office", "value": "大阪"}]`,
				`[{"code": "languages", "value": ["ja", "zh"]}, {"code": "office", "value": "大阪"}]`),
			bad(`[{"code": "languages", "value": "ja"}]`), bad(`[{"code": "office", "value": ["大阪"]}]`),
			bad(`[{"code": "office", "value": "月"}]`),
		}},
		{name: "null clears, others stay", calls: []call{
			with(`[{"code": "desk", "value": "1"}, {"code": "birthday", "value": "2000-02-29"}]`,
				`[{"code": "desk"}, {"code": "birthday"}]`),
			with(`[{"code": "desk", "value": null}]`,
				`[{"code": "birthday", "fieldType": "date", "value": "2000-02-29"}]`),
		}},
		{
			name: "an unknown field or a wrong date is refused",
			calls: []call{bad(`[{"code": "shoe", "value": "42"}]`),
				bad(`[{"code": "birthday", "value": "2001-02-29"}]`)},
		},
	})
}

// TestAStandardPlanHasNoCustomFields checks that only tenants with the enterprise or a trial plan
// get custom fields in answers, and that other tenants' values have no effect.
func TestAStandardPlanHasNoCustomFields(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t, kickflow.WithTenant(func(t *kickflow.Tenant) { t.Plan = "standard" }))
	for _, c := range []call{
		{
			do:   "PATCH /v1/users/suzuki",
			body: `{"customFields": [{"code": "desk", "value": 12}]}`,
			want: `{"code": "suzuki"}`,
		},
		{do: "GET /v1/users/tanaka", want: `{"code": "tanaka", "lastUsedOn": "2026-08-19"}`}, {do: "GET /v1/users"},
		{do: "GET /v1/user"}, {do: "POST /v1/users/tanaka/suspend", want: `{"status": "suspended"}`},
		{do: "DELETE /v1/users/suzuki", want: `{"status": "deactivated"}`},
	} {
		if a := check(t, srv, c); strings.Contains(a.body, "customFields") {
			t.Errorf("%s: %s", c.do, a.body)
		}
	}
}
