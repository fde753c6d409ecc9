package org

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
)

// UserOps makes the tables of users and adds their operations.
func (a *API) UserOps(ops fake.Ops) {
	a.customFields = fake.NewTable(a.State, "customFields", func(f CustomField) string { return f.Code }, nil)
	a.Users = NewTable(a, "users", func(u User) string { return u.ID }, a.fillUser)
	a.lineWorks = NewTable(a, "lineWorks", func(l LineWorks) string { return l.UserID }, nil)
	Index(a.Users, "code", true, func(u User) []string { return []string{u.Code} })
	Index(a.Users, "email", true, func(u User) []string { return []string{u.Email} })
	users := fake.Resource[User]{Table: a.Users, Param: "userId", Rule: a.userRule, View: a.userDetail,
		Find: func(_ *fake.Request, id string) (User, error) { return FindRow(a.Users, id) }}
	ops["getCurrentUser"] = func(r *fake.Request) (any, error) {
		if a.Enterprise() {
			return a.withAccount(Caller(r).ID, "lastUsedOn"), nil
		}
		return a.withAccount(Caller(r).ID, "lastUsedOn", "customFields"), nil
	}
	ops["listUsers"] = a.listUsers
	ops["lookupUserByEmail"] = a.lookupUserByEmail
	ops["getUser"], ops["updateUser"] = users.Get, users.Update
	ops["createUser"] = a.inviteUser
	ops["suspendUser"] = a.moveUser("suspended", "activated")
	ops["reactivateUser"] = a.moveUser("activated", "suspended")
	ops["reinviteUser"] = a.moveUser("invited", "deactivated")
	ops["deleteUser"] = a.moveUser("deactivated", "invited", "activated", "suspended")
	ops["listUserTeams"] = dialect.On(a.pathUser, a.listUserTeams)
	ops["listUserRoles"] = dialect.On(a.pathUser, a.listUserRoles)
}

func (a *API) pathUser(r *fake.Request) (User, error) {
	return FindRow(a.Users, r.Path("userId"))
}

func (a *API) fillUser(u *User) {
	dialect.SetDefaults(a, &u.ID, &u.Code, &u.CreatedAt, &u.UpdatedAt)
	u.FullName = u.LastName + " " + u.FirstName // the order is Japanese; the space is inferred
	u.Email = cmp.Or(u.Email, u.Code+"@example.com")
	u.Status, u.Locale, u.UserType = cmp.Or(u.Status, "activated"), cmp.Or(u.Locale, "ja"), cmp.Or(u.UserType, "normal")
	u.CustomFields = append([]CustomValue{}, u.CustomFields...) // never null
}

// userRule requires addresses and codes to be unique among all users, deactivated ones included
// (inferred).
func (a *API) userRule(r *fake.Request, old, u *User) error {
	own := dialect.Deref(old)
	u.UpdatedAt, u.FullName = dialect.FormatTime(r.Now()), u.LastName+" "+u.FirstName
	if !a.Enterprise() {
		u.CustomFields = own.CustomFields
	}
	merged, err := a.mergeCustom(own.CustomFields, u.CustomFields)
	u.CustomFields = merged
	return dialect.FirstError(RequireUnique(a.Users, "email", u.Email, own.ID),
		dialect.RequireText("email", u.Email), dialect.RequireText("firstName", u.FirstName),
		dialect.RequireText("lastName", u.LastName), RequireUnique(a.Users, "code", u.Code, own.ID),
		mailForm(u.Email), err)
}

var mailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

func mailForm(email string) error {
	if !mailPattern.MatchString(email) {
		return dialect.Invalid("email", dialect.Wrong)
	}
	return nil
}

// inviteUser creates a user with memberships in the current chart.
func (a *API) inviteUser(r *fake.Request) (any, error) {
	var body struct {
		Memberships []struct {
			TeamCode   string   `json:"teamCode"`
			GradeCodes []string `json:"gradeCodes"`
			Leader     bool     `json:"leader"`
		} `json:"memberships"`
	}
	var u User
	if err := dialect.FirstError(r.Decode(&u), r.Decode(&body)); err != nil {
		return nil, err
	}
	u = User{Email: u.Email, Code: u.Code, FirstName: u.FirstName, LastName: u.LastName, EmployeeID: u.EmployeeID,
		CustomFields: u.CustomFields, Status: "invited"}
	if err := a.userRule(r, nil, &u); err != nil {
		return nil, err
	}
	u, err := a.Users.Insert(u)
	if err != nil {
		return nil, err
	}
	for _, m := range body.Memberships {
		team := a.Teams.One("code", a.CurrentChart().ID+"/"+m.TeamCode)
		if team == nil {
			return nil, dialect.Invalid("memberships.teamCode", dialect.Missing)
		}
		if a.Memberships.Has(team.Value.ID + "/" + u.ID) {
			return nil, dialect.Invalid("memberships.teamCode", dialect.Taken)
		}
		var grades []string
		for _, code := range m.GradeCodes {
			g, err := FindRow(a.Grades, code)
			if err != nil {
				return nil, dialect.Invalid("memberships.gradeCodes", dialect.Missing)
			}
			grades = append(grades, g.ID)
		}
		if err := a.join(team.Value, []newMember{{ID: u.ID, Leader: m.Leader, GradeIDs: grades}}); err != nil {
			return nil, err
		}
	}
	return a.userDetail(r, u), nil
}

// listUsers shows lastUsedOn and custom fields to callers with the permission user: documented.
func (a *API) listUsers(r *fake.Request) (any, error) {
	wanted := r.QueryAll("status")
	known := dialect.Orders[User]{"email": nil, "code": nil, "lastUsedOn": nil}
	match := dialect.Having("status", func(u *User) string { return u.Status }, wanted)
	unseen := a.unseen(r)
	if len(unseen) == 0 {
		return dialect.ListTable(r, a.Users, match, known, nil)
	}
	return dialect.ListTable(r, a.Users, match, known, func(u *User) fake.Raw {
		return a.Cached(unseen[0], u, func() fake.Raw { return dialect.Fields(u, unseen...).Raw() })
	})
}

// unseen returns the fields of users that the caller does not see, custom fields first.
func (a *API) unseen(r *fake.Request) []string {
	permitted := a.Holds(Caller(r).ID, "user")
	switch {
	case permitted && a.Enterprise():
		return nil
	case permitted:
		return []string{"customFields"}
	}
	return plain
}

// plain are the fields that users have neither without the permission user nor inside other resources.
var plain = []string{"lastUsedOn", "customFields"}

func (a *API) plainUser(u *User) fake.Raw {
	return a.Cached("plain", u, func() fake.Raw { return dialect.Fields(u, plain...).Raw() })
}

// Person shows a user inside another resource.
func (a *API) Person(id string) fake.Raw { return dialect.Show(a.Users, id, a.plainUser) }

// People shows users inside another resource.
func (a *API) People(ids []string) []fake.Raw { return dialect.ShowEach(a.Users, ids, a.plainUser) }

func (a *API) lookupUserByEmail(r *fake.Request) (any, error) {
	row := a.Users.One("email", r.Query("email"))
	if row == nil {
		return nil, dialect.Absent("no user has this mail address")
	}
	return a.userDetail(r, row.Value), nil
}

func (a *API) userDetail(r *fake.Request, u User) any { return a.withAccount(u.ID, a.unseen(r)...) }

// withAccount shows a user with the account at LINE WORKS.
func (a *API) withAccount(id string, unseen ...string) fake.Raw {
	u := &a.Users.Row(id).Value
	return a.Cached("user without "+strings.Join(unseen, " "), u, func() fake.Raw {
		var account fake.Raw
		if l, ok := a.lineWorks.Find(id); ok {
			account = dialect.Fields(l, "userId").Raw()
		}
		return dialect.Fields(u, unseen...).Add("userLineWorksAccount", account).Raw()
	})
}

// moveUser changes the status. A user in any other status is a 422: inferred.
func (a *API) moveUser(to string, from ...string) fake.Handler {
	return dialect.On(a.pathUser, func(r *fake.Request, u User) (any, error) {
		if !slices.Contains(from, u.Status) {
			return nil, dialect.Invalid("status", "is "+u.Status)
		}
		if to == "suspended" || to == "deactivated" {
			if err := a.keepsAdministrator(u.ID); err != nil {
				return nil, err
			}
		}
		u.Status, u.UpdatedAt, u.DeactivatedAt = to, dialect.FormatTime(r.Now()), nil
		if to == "deactivated" {
			u.DeactivatedAt = new(u.UpdatedAt)
		}
		if err := a.Users.Set(u); err != nil {
			return nil, err
		}
		if to == "deactivated" {
			a.Left(u.ID)
			return a.userDetail(r, u), nil
		}
		return dialect.Fields(u, a.unseen(r)...).Raw(), nil
	})
}

// listUserTeams lists a user's teams in the current chart (inferred), on request only those to
// apply from.
func (a *API) listUserTeams(r *fake.Request, u User) (any, error) {
	chart, submittable := a.CurrentChart().ID, r.Query("submittable") == "true"
	mine := Related(a.Memberships.By("user", u.ID), a.Teams,
		func(m *Membership) string { return m.TeamID })
	return dialect.ListRows(r, FilterRows(mine, func(t *Team) bool {
		return t.ChartID == chart && !(submittable && t.ApproveOnly)
	}), nil, a.teamView)
}

func (a *API) listUserRoles(r *fake.Request, u User) (any, error) {
	mine := FilterRows(a.roles.Rows(),
		func(role *Role) bool { return a.roleMembers.Has(role.ID + "/" + u.ID) })
	return dialect.ListRows(r, mine, nil, a.roleView)
}

// mergeCustom merges changes into old values; null removes a value.
func (a *API) mergeCustom(old, changes []CustomValue) ([]CustomValue, error) {
	out := append([]CustomValue{}, old...)
	for _, v := range changes {
		if slices.ContainsFunc(old, func(o CustomValue) bool {
			return o.Code == v.Code && reflect.DeepEqual(o.Value, v.Value)
		}) {
			continue
		}
		def, ok := a.customFields.Find(v.Code)
		if !ok {
			return nil, dialect.Invalid("customFields", "has no field "+strconv.Quote(v.Code))
		}
		value, fits := form.PlainValue(def.FieldType, def.Options, v.Value)
		if !fits {
			return nil, dialect.Stated(dialect.Definition, dialect.Invalid("customFields."+v.Code, dialect.Wrong))
		}
		out = slices.DeleteFunc(out, func(o CustomValue) bool { return o.Code == v.Code })
		if value != nil {
			out = append(out, CustomValue{Code: v.Code, FieldType: new(def.FieldType), Value: value})
		}
	}
	return out, nil
}
