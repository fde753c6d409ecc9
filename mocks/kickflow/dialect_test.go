package kickflow_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

func TestWhoCalls(t *testing.T) {
	t.Parallel()
	rules(t, []rule{
		{
			name:  "a personal token acts as its owner",
			calls: []call{{as: kickflow.MemberToken, do: "GET /v1/user", want: `{"code": "suzuki"}`}},
		},
		{
			name:  "a service account acts as the user of X-Caller-Id",
			calls: []call{{as: tanaka, do: "GET /v1/user", want: `{"code": "tanaka"}`}},
		},
		{
			name: "a service account without a caller is 401",
			calls: []call{{as: kickflow.ServiceToken, do: "GET /v1/user", status: 401,
				want: `{"code": "unauthorized"}`}},
		},
		{
			name:  "an unknown caller is 401",
			calls: []call{{as: "a0000000-0000-4000-8000-00000000ffff", do: "GET /v1/user", status: 401}},
		},
		{name: "an unknown token is 401", calls: []call{{as: "nobody", do: "GET /v1/user", status: 401}}},
		{
			name:  "a revoked token is 401",
			calls: []call{{as: "kickflow-revoked-token", do: "GET /v1/user", status: 401}},
		},
		{name: "a suspended caller is 401", calls: []call{{as: ito, do: "GET /v1/user", status: 401}}},
		{
			name:  "a lacking permission is 403",
			calls: []call{{as: kickflow.MemberToken, do: "GET /v1/grades", status: 403, want: `{"code": "forbidden"}`}},
		},
		{
			name: "a lacking permission comes before all that is wrong with a request",
			calls: []call{{as: kickflow.MemberToken, do: "POST /v1/grades", body: `{`, status: 403},
				{as: kickflow.MemberToken, do: "DELETE /v1/roles/none", status: 403}},
		},
		{
			name:  "a role gives its permission",
			calls: []call{{as: yamada, do: "GET /v1/grades"}, {as: yamada, do: "GET /v1/roles", status: 403}},
		},
	})
}

func TestErrors(t *testing.T) {
	t.Parallel()
	invalid := func(why string) string {
		text, _ := json.Marshal(map[string]string{"code": "invalid_parameter", "message": "Invalid request: " + why})
		return string(text)
	}
	rules(t, []rule{
		{
			name: "a path that is not there is 404",
			calls: []call{{do: "GET /v1/nothing", status: 404, want: `{"code": "not_found"}`},
				{do: "PUT /v1/users", status: 404}},
		},
		{
			name: "a body that is not JSON is 400",
			calls: []call{{do: "POST /v1/categories", body: `{"name":`, status: 400,
				want: `{"code": "invalid_parameter"}`}},
		},
		{
			name: "a wrong type is 400",
			calls: []call{{do: "POST /v1/grades", body: `{"name": 1, "level": 1}`, status: 400,
				want: `{"code": "invalid_parameter", "message": "Invalid request: value at ` + "`/name`" +
					` is not a string"}`}},
		},
		{name: "a wrong form is 400 in the words of the vendor's library", calls: []call{
			{
				do:     "POST /v1/grades",
				body:   `{"name": "x", "level": 1.5}`,
				status: 400,
				want:   invalid("value at `/level` is not an integer"),
			},
			{
				do:     "GET /v1/users/lookupByEmail",
				status: 400,
				want:   invalid("object at root is missing required properties: email"),
			},
		}},
		{name: "a missing field is 422 with the field's messages",
			calls: []call{{do: "POST /v1/grades", body: `{"level": 1}`, status: 422,
				want: `{"code": "validation_failed", "message": "name can't be blank",` +
					` "errors": {"name": ["can't be blank"]}}`}}},
		{name: "all broken limits are told at once",
			calls: []call{{do: "POST /v1/grades", body: `{"name": "` + strings.Repeat("x", 301) + `", "level": 256}`,
				status: 422,
				want: `{"errors": {"name": ["is too long (maximum is 300 characters)"],` +
					` "level": ["must be less than or equal to 255"]}}`}}},
		{
			name: "a code of other letters is invalid",
			calls: []call{{do: "POST /v1/grades", body: `{"name": "x", "level": 1, "code": "a b"}`, status: 422,
				want: `{"errors": {"code": ["is invalid"]}}`}},
		},
		{
			name:  "an empty body with the JSON content type is no error",
			calls: []call{{do: "POST /v1/users/" + ito + "/reactivate", want: `{"status": "activated"}`}},
		},
		{
			name: "an error of authentication points to the documentation",
			calls: []call{{as: "nobody", do: "GET /v1/users", status: 401,
				want: `{"doc_url": "https://developer.kickflow.com/rest/#section/authentication"}`}},
		},
	})
}

func TestOtherContentTypeIs415(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t)
	req, _ := http.NewRequest("POST", srv.URL+"/v1/categories", strings.NewReader("name=x"))
	req.Header.Set("Authorization", "Bearer "+kickflow.AdminToken)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 415 || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		t.Errorf("got %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
}

func manyUsers(n int) fake.Option {
	all := make([]kickflow.User, n)
	for i := range all {
		all[i] = kickflow.User{
			Code:      fmt.Sprintf("u%05d", i),
			LastName:  "User",
			FirstName: fmt.Sprint(i),
			Status:    "invited",
		}
		if i%4 == 0 {
			all[i].Status = "activated"
		}
	}
	return kickflow.WithUsers(all...)
}

func TestPages(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t, fake.WithSeed("empty"), manyUsers(59)) // 60 with the administrator
	link := func(rel string, page int, rest string) string {
		return fmt.Sprintf("<%s/v1/users?page=%d%s>; rel=%q", srv.URL, page, rest, rel)
	}
	for _, tt := range []struct {
		query, total, link string
		rows               int
	}{
		{"", "60", link("next", 2, "") + ", " + link("last", 3, ""), 25},
		{"?page=2&perPage=20", "60", link("first", 1, "&perPage=20") + ", " + link("prev", 1, "&perPage=20") + ", " +
			link("next", 3, "&perPage=20") + ", " + link("last", 3, "&perPage=20"), 20},
		{"?page=3", "60", link("first", 1, "") + ", " + link("prev", 2, ""), 10},
		{"?perPage=500", "60", "", 60},
		{"?perPage=0&page=-1", "60", link("next", 2, "&perPage=0") + ", " + link("last", 3, "&perPage=0"), 25},
		{"?page=9", "60", link("first", 1, "") + ", " + link("prev", 8, ""), 0},
		{"?page=9223372036854775807", "60", link("first", 1, "") + ", " + link("prev", 9223372036854775806, ""), 0},
		{"?page=2&status%5B%5D=activated&perPage=15", "16", link("first", 1, "&perPage=15&status%5B%5D=activated") +
			", " + link("prev", 1, "&perPage=15&status%5B%5D=activated"), 1},
	} {
		a := check(t, srv, call{do: "GET /v1/users" + tt.query})
		var rows []kickflow.User
		a.decode(t, &rows)
		got := []any{a.header.Get("Total"), a.header.Get("Link"), len(rows)}
		if diff := cmp.Diff([]any{tt.total, tt.link, tt.rows}, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", tt.query, diff)
		}
	}
}

func TestSorting(t *testing.T) {
	t.Parallel()
	const up, down = `[{"code": "staff"}, {"code": "section-chief"}, {"code": "director"}, {"code": "president"}]`,
		`[{"code": "president"}, {"code": "director"}, {"code": "section-chief"}, {"code": "staff"}]`
	rules(t, []rule{
		{name: "descending", calls: []call{{do: "GET /v1/grades?sortBy=level-desc", want: down}}},
		{name: "without a direction ascending", calls: []call{{do: "GET /v1/grades?sortBy=level", want: up}}},
		{
			name: "an unknown field is ignored",
			calls: []call{{do: "GET /v1/grades?sortBy=name-desc", want: up},
				{do: "GET /v1/grades?sortBy=level-sideways", want: up}},
		},
	})
}

func TestArraysInThreeSpellings(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t)
	for _, query := range []string{"status[]=invited&status[]=suspended",
		"status%5B%5D=invited&status%5B%5D=suspended"} {
		check(t, srv, call{do: "GET /v1/users?" + query, want: `[{"code": "takahashi"}, {"code": "ito"}]`})
	}
	check(t, srv, call{do: "GET /v1/users?status=invited&workflowID=misspelt", want: `[{"code": "takahashi"}]`})
	check(t, srv, call{
		do:     "GET /v1/users?status[]=asleep",
		status: 400,
		want: `{"message": "Invalid request: status: value at ` + "`/0`" +
			` is not one of: [\"invited\", \"activated\", \"suspended\", \"deactivated\"]"}`,
	})
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t, fake.WithLimits())
	srv.World.Freeze(time.Date(2026, 8, 20, 1, 0, 30, 0, time.UTC))
	headers := func(a answer) []string {
		return []string{a.header.Get("RateLimit-Limit"), a.header.Get("RateLimit-Remaining"),
			a.header.Get("RateLimit-Reset")}
	}
	reset := fmt.Sprint(time.Date(2026, 8, 20, 1, 1, 0, 0, time.UTC).Unix())
	for i := range 30 {
		a := check(t, srv, call{do: "GET /v1/categories"})
		if diff := cmp.Diff([]string{"30", fmt.Sprint(29 - i), reset}, headers(a)); diff != "" {
			t.Fatalf("request %d: %s", i, diff)
		}
	}
	a := check(t, srv, call{as: "nobody", do: "GET /v1/categories", status: 429, want: `{"code": "too_many_requests"}`})
	if diff := cmp.Diff([]string{"30", "0", reset}, headers(a)); diff != "" {
		t.Error(diff)
	}
	if got := a.header.Get("Retry-After"); got != "" {
		t.Errorf("Retry-After is not documented, got %q", got)
	}
	srv.World.Advance(30 * time.Second)
	check(t, srv, call{do: "GET /v1/categories"})
}

func TestRateLimitIsConfigurable(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{0: 200, 1: 429} {
		srv := kickflow.NewServer(t, fake.WithLimits(),
			kickflow.WithTenant(func(t *kickflow.Tenant) { t.RequestsPerMinute = limit }))
		srv.World.Freeze(time.Date(2026, 8, 20, 1, 0, 30, 0, time.UTC))
		check(t, srv, call{do: "GET /v1/categories"})
		check(t, srv, call{do: "GET /v1/categories", status: want})
	}
}

func TestBrowsersMayCall(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t)
	req, _ := http.NewRequest("OPTIONS", srv.URL+"/v1/grades", nil)
	req.Header.Set("Origin", "https://app.example")
	req.Header.Set("Access-Control-Request-Headers", "authorization,content-type")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got := []any{res.StatusCode, res.Header.Get("Access-Control-Allow-Origin"),
		res.Header.Get("Access-Control-Allow-Methods"), res.Header.Get("Access-Control-Allow-Headers")}
	if diff := cmp.Diff([]any{200, "*", "GET, POST, OPTIONS", "authorization,content-type"}, got); diff != "" {
		t.Error(diff)
	}
	a := check(t, srv, call{as: "nobody", do: "GET /v1/grades", status: 401})
	if got := a.header.Get("Access-Control-Expose-Headers"); !strings.Contains(got, "Link, Total, RateLimit-Limit") {
		t.Errorf("exposed: %q", got)
	}
}

func TestMaintenanceBreaksTheShapeOfErrors(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t)
	srv.World.Faults.Add(fake.FaultRule{Times: 1, Fault: fake.Fault{Name: "maintenance"}})
	a := check(t, srv, call{do: "GET /v1/user", status: 503})
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
		t.Errorf("got %s", a.header.Get("Content-Type"))
	}
	check(t, srv, call{do: "GET /v1/user"})
}

func TestTimesAreJapanese(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t)
	srv.World.Freeze(time.Date(2026, 8, 20, 15, 30, 0, 123e6, time.UTC))
	a := check(t, srv, call{do: "POST /v1/categories", body: `{"name": "x"}`})
	var c kickflow.Category
	a.decode(t, &c)
	if want := "2026-08-21T00:30:00.123+09:00"; c.CreatedAt != want || c.UpdatedAt != want {
		t.Errorf("got %+v", c)
	}
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(
		c.ID) {
		t.Errorf("%q is no UUID of RFC 9562", c.ID)
	}
}

func TestAWorldsSettingBeatsTheTenantsLimit(t *testing.T) {
	t.Parallel()
	srv := newServer(t, fake.WithLimits())
	srv.World.Freeze(time.Date(2026, 8, 20, 1, 0, 30, 0, time.UTC))
	for limit, want := range map[string]int{"1": 429, "0": 200} {
		settings := srv.World.Settings()
		settings.Texts = map[string]string{"requests-per-minute": limit}
		srv.World.Change(settings)
		send(t, srv, call{do: "GET /v1/categories"})
		check(t, srv, call{do: "GET /v1/categories", status: want})
	}
}

func TestAWorldHasTokensOfItsOwn(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	def := kickflow.Def()
	var generated []fake.Credential
	err := srv.State.Change(func() error { generated = def.Credentials(srv.State, "my-own"); return nil })
	if err != nil {
		t.Fatal(err)
	}
	check(t, srv, call{as: "my-own", do: "GET /v1/user", want: `{"code": "hoshino"}`})
	names := map[string]bool{}
	for _, c := range generated {
		names[c.Principal] = true
	}
	if diff := cmp.Diff(map[string]bool{"admin": true, "approver": true, "member": true, "service": true},
		names); diff != "" {
		t.Error(diff)
	}
}

// TestIndexedListsAgreeWithPlainOnes changes users at random and compares pages of their list, by status and in every
// order, with a filter and a stable sort of all users.
func TestIndexedListsAgreeWithPlainOnes(t *testing.T) {
	t.Parallel()
	srv := kickflow.NewServer(t, fake.WithSeed("empty"), manyUsers(150))
	r := rand.New(rand.NewPCG(5, 6))
	for step := range 60 {
		var all []kickflow.User
		for row := range fake.TableOf[kickflow.User](srv.State, "users").Rows() {
			all = append(all, row.Value)
		}
		u := all[1+r.IntN(len(all)-1)]
		switch r.IntN(4) {
		case 0:
			send(t, srv, call{do: "PATCH /v1/users/" + u.ID,
				body: fmt.Sprintf(`{"email":"%c%d@example.com"}`, 'a'+rune(r.IntN(5)), step)})
		case 1:
			send(t, srv, call{do: "POST /v1/users/" + u.ID + "/" + []string{"suspend", "reactivate"}[r.IntN(2)]})
		case 2:
			send(t, srv, call{do: "POST /v1/users",
				body: fmt.Sprintf(`{"email":"n%d@example.com","firstName":"N","lastName":"N"}`, step)})
		}
		all = slices.Collect(fake.TableOf[kickflow.User](srv.State, "users").All())
		for range 3 {
			checkUserPage(t, srv, r, all)
		}
	}
}

func checkUserPage(t *testing.T, srv *fake.TestServer, r *rand.Rand, all []kickflow.User) {
	t.Helper()
	query, want := fmt.Sprintf("perPage=%d&page=%d", 1+r.IntN(20), 1+r.IntN(4)), slices.Clone(all)
	per, page := 0, 0
	fmt.Sscanf(query, "perPage=%d&page=%d", &per, &page)
	if states := [][]string{nil, {"activated"}, {"suspended"}, {"suspended", "invited"}}[r.IntN(4)]; states != nil {
		want = slices.DeleteFunc(want, func(u kickflow.User) bool { return !slices.Contains(states, u.Status) })
		query += "&status%5B%5D=" + strings.Join(states, "&status%5B%5D=")
	}
	if by := []string{"", "email", "email-desc", "lastUsedOn-desc", "code-asc"}[r.IntN(5)]; by != "" {
		field, direction, _ := strings.Cut(by, "-")
		key := map[string]func(kickflow.User) string{
			"email": func(u kickflow.User) string { return u.Email },
			"code":  func(u kickflow.User) string { return u.Code },
			"lastUsedOn": func(u kickflow.User) string {
				if u.LastUsedOn == nil {
					return ""
				}
				return *u.LastUsedOn
			}}[field]
		slices.SortStableFunc(want, func(a, b kickflow.User) int {
			if direction == "desc" {
				a, b = b, a
			}
			return strings.Compare(key(a), key(b))
		})
		query += "&sortBy=" + by
	}
	total := len(want)
	from := min((page-1)*per, total)
	var ids []string
	for _, u := range want[from:min(from+per, total)] {
		ids = append(ids, u.ID)
	}
	a := send(t, srv, call{do: "GET /v1/users?" + query})
	var rows []kickflow.User
	a.decode(t, &rows)
	var got []string
	for _, u := range rows {
		got = append(got, u.ID)
	}
	if diff := cmp.Diff(ids, got); diff != "" || a.header.Get("Total") != fmt.Sprint(total) {
		t.Fatalf("%s: Total %s, want %d (-want +got): %s", query, a.header.Get("Total"), total, diff)
	}
}
