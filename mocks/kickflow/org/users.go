package org

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strconv"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
)

// ownUser is a user's view of themselves.
type ownUser struct {
	User
	LastUsedOn dialect.Hidden `json:"lastUsedOn,omitempty"`
}

// standardUser is a user of a tenant whose plan has no custom fields.
type standardUser struct {
	User
	CustomFields dialect.Hidden `json:"customFields,omitempty"`
}

// lineWorks are the additional keys of all details.
type lineWorks struct {
	Account *lineWorksID `json:"userLineWorksAccount"`
}

type lineWorksID struct {
	ID string `json:"lineWorksAccountId"`
}

func userID(u User) string { return u.ID }

// UserOps makes the tables of users and adds their operations.
func (a *API) UserOps(ops fake.Ops) {
	a.customFields = fake.NewTable(a.State, "customFields", func(f CustomField) string { return f.Code }, nil)
	a.Users = fake.NewTable(a.State, "users", userID, a.fillUser)
	a.lineWorks = fake.NewTable(a.State, "lineWorks", func(l LineWorks) string { return l.UserID }, nil)
	dialect.Index(a.Users, "code", true, func(u User) []string { return []string{u.Code} })
	dialect.Index(a.Users, "email", true, func(u User) []string { return []string{u.Email} })
	users := fake.Resource[User]{Table: a.Users, Param: "userId", Rule: a.userRule, View: a.userDetail,
		Find: func(_ *fake.Request, id string) (User, error) { return dialect.FindRow(a.Users, id) }}
	ops["getCurrentUser"] = func(r *fake.Request) (any, error) {
		if !a.Enterprise() {
			return struct {
				PlainUser
				lineWorks
			}{PlainUser{User: Caller(r)}, a.lineWorksOf(Caller(r))}, nil
		}
		return struct {
			ownUser
			lineWorks
		}{ownUser{User: Caller(r)}, a.lineWorksOf(Caller(r))}, nil
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
	return dialect.FindRow(a.Users, r.Path("userId"))
}

func (a *API) fillUser(u *User) {
	dialect.SetDefaults(a, &u.ID, &u.Code, &u.CreatedAt, &u.UpdatedAt)
	u.FullName = u.LastName + " " + u.FirstName // the order is Japanese; the space is inferred
	u.Email = cmp.Or(u.Email, u.Code+"@example.com")
	u.Status, u.Locale, u.UserType = cmp.Or(u.Status, "activated"), cmp.Or(u.Locale, "ja"), cmp.Or(u.UserType, "normal")
	if u.CustomFields == nil {
		u.CustomFields = []CustomValue{}
	}
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
	if row := a.Users.One("email", u.Email); row != nil && row.Value.ID != own.ID {
		return dialect.Invalid("email", dialect.Taken)
	}
	return dialect.FirstError(dialect.RequireText("email", u.Email), dialect.RequireText("firstName", u.FirstName),
		dialect.RequireText("lastName", u.LastName), dialect.FreeCode(a.Users, userID, u.Code, own.ID),
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
		var grades []string
		for _, code := range m.GradeCodes {
			g, err := dialect.FindRow(a.Grades, code)
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
	known := dialect.Orders[User]{
		"email":      func(u *User) string { return u.Email },
		"code":       func(u *User) string { return u.Code },
		"lastUsedOn": func(u *User) string { return dialect.Deref(u.LastUsedOn) },
	}
	match := dialect.Having("status", func(u *User) string { return u.Status }, wanted)
	if a.Holds(Caller(r).ID, "user") {
		if a.Enterprise() {
			return dialect.ListTable(r, a.Users, match, known, nil)
		}
		return dialect.ListTable(r, a.Users, match, known, func(u User) any { return standardUser{User: u} })
	}
	return dialect.ListTable(r, a.Users, match, known, func(u User) any { return PlainUser{User: u} })
}

func (a *API) lookupUserByEmail(r *fake.Request) (any, error) {
	row := a.Users.One("email", r.Query("email"))
	if row == nil {
		return nil, dialect.Absent("no user has this mail address")
	}
	return a.userDetail(r, row.Value), nil
}

func (a *API) userDetail(r *fake.Request, u User) any {
	switch permitted := a.Holds(Caller(r).ID, "user"); {
	case permitted && a.Enterprise():
		return struct {
			User
			lineWorks
		}{u, a.lineWorksOf(u)}
	case permitted:
		return struct {
			standardUser
			lineWorks
		}{standardUser{User: u}, a.lineWorksOf(u)}
	}
	return struct {
		PlainUser
		lineWorks
	}{PlainUser{User: u}, a.lineWorksOf(u)}
}

func (a *API) lineWorksOf(u User) lineWorks {
	if l, ok := a.lineWorks.Find(u.ID); ok {
		return lineWorks{&lineWorksID{l.AccountID}}
	}
	return lineWorks{}
}

// moveUser changes the status. A user in any other status is a 422: inferred.
func (a *API) moveUser(to string, from ...string) fake.Handler {
	return dialect.On(a.pathUser, func(r *fake.Request, u User) (any, error) {
		if !slices.Contains(from, u.Status) {
			return nil, dialect.Invalid("status", "is "+u.Status)
		}
		if to == "suspended" || to == "deactivated" {
			if err := a.keepsAdministrator(map[string]bool{u.ID: true}); err != nil {
				return nil, err
			}
		}
		u.Status, u.UpdatedAt, u.DeactivatedAt = to, dialect.FormatTime(r.Now()), nil
		if to == "deactivated" {
			u.DeactivatedAt = dialect.To(u.UpdatedAt)
		}
		if err := a.Users.Set(u); err != nil {
			return nil, err
		}
		if to == "deactivated" {
			a.Left(u.ID)
			return a.userDetail(r, u), nil
		}
		if !a.Enterprise() {
			return standardUser{User: u}, nil
		}
		return u, nil
	})
}

// listUserTeams lists a user's teams in the current chart (inferred), on request only those to
// apply from.
func (a *API) listUserTeams(r *fake.Request, u User) (any, error) {
	chart := a.CurrentChart().ID
	mine := func(yield func(*fake.Row[Team]) bool) {
		for m := range a.Memberships.By("user", u.ID) {
			row := a.Teams.Row(m.Value.TeamID)
			if row.Value.ChartID != chart || r.Query("submittable") == "true" && row.Value.ApproveOnly {
				continue
			}
			if !yield(row) {
				return
			}
		}
	}
	return dialect.ListRows(r, mine, nil, func(t Team) any { return a.teamView(t) })
}

func (a *API) listUserRoles(r *fake.Request, u User) (any, error) {
	mine := dialect.FilterRows(a.roles, func(role *Role) bool { return a.roleMembers.Row(role.ID+"/"+u.ID) != nil })
	return dialect.ListRows(r, mine, nil, func(role Role) any { return a.roleView(role) })
}

// mergeCustom merges changes into old values; null removes a value.
func (a *API) mergeCustom(old, changes []CustomValue) ([]CustomValue, error) {
	out := append([]CustomValue{}, old...)
	for _, v := range changes {
		if slices.ContainsFunc(old,
			func(o CustomValue) bool { return o.Code == v.Code && sameText(o.Value, v.Value) }) {
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
			out = append(out, CustomValue{Code: v.Code, FieldType: dialect.To(def.FieldType), Value: value})
		}
	}
	return out, nil
}

func sameText(a, b any) bool { return reflect.DeepEqual(a, b) }
