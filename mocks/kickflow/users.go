package kickflow

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// User is a person of the tenant.
type User struct {
	ID            string        `json:"id"`
	Email         string        `json:"email"`
	Code          string        `json:"code"`
	FirstName     string        `json:"firstName"`
	LastName      string        `json:"lastName"`
	FullName      string        `json:"fullName"`
	EmployeeID    *string       `json:"employeeId"`
	Image         Image         `json:"image"`
	Status        string        `json:"status"` // invited, activated, suspended or deactivated
	Locale        string        `json:"locale"`
	UserType      string        `json:"userType"`
	CreatedAt     string        `json:"createdAt"`
	UpdatedAt     string        `json:"updatedAt"`
	DeactivatedAt *string       `json:"deactivatedAt"`
	LastUsedOn    *string       `json:"lastUsedOn"`
	CustomFields  []CustomValue `json:"customFields"`
}

// Image has the URLs of a user's picture by size.
type Image struct {
	Large  *string `json:"100x100"`
	Medium *string `json:"64x64"`
	Small  *string `json:"32x32"`
}

// LineWorks is a user's account at LINE WORKS.
type LineWorks struct {
	UserID    string `json:"userId"`
	AccountID string `json:"lineWorksAccountId"`
}

// plainUser is a user as seen without the permission user, and inside other resources.
type plainUser struct {
	User
	LastUsedOn   dialect.Hidden `json:"lastUsedOn,omitempty"`
	CustomFields dialect.Hidden `json:"customFields,omitempty"`
}

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

func (a *api) userOps(ops fake.Ops) {
	a.customFields = fake.NewTable(a.State, "customFields", func(f CustomField) string { return f.Code }, nil)
	a.users = fake.NewTable(a.State, "users", userID, a.fillUser)
	a.lineWorks = fake.NewTable(a.State, "lineWorks", func(l LineWorks) string { return l.UserID }, nil)
	dialect.Index(a.users, "code", true, func(u User) []string { return []string{u.Code} })
	dialect.Index(a.users, "email", true, func(u User) []string { return []string{u.Email} })
	users := fake.Resource[User]{Table: a.users, Param: "userId", Rule: a.userRule, View: a.userDetail,
		Find: func(_ *fake.Request, id string) (User, error) { return dialect.FindRow(a.users, id) }}
	ops["getCurrentUser"] = func(r *fake.Request) (any, error) {
		if !a.enterprise() {
			return struct {
				plainUser
				lineWorks
			}{plainUser{User: caller(r)}, a.lineWorksOf(caller(r))}, nil
		}
		return struct {
			ownUser
			lineWorks
		}{ownUser{User: caller(r)}, a.lineWorksOf(caller(r))}, nil
	}
	ops["listUsers"] = a.listUsers
	ops["lookupUserByEmail"] = a.lookupUserByEmail
	ops["getUser"], ops["updateUser"] = users.Get, users.Update
	ops["createUser"] = a.inviteUser
	ops["suspendUser"] = a.moveUser("suspended", "activated")
	ops["reactivateUser"] = a.moveUser("activated", "suspended")
	ops["reinviteUser"] = a.moveUser("invited", "deactivated")
	ops["deleteUser"] = a.moveUser("deactivated", "invited", "activated", "suspended")
	ops["listUserTeams"] = a.listUserTeams
	ops["listUserRoles"] = a.listUserRoles
}

func (a *api) fillUser(u *User) {
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
func (a *api) userRule(r *fake.Request, old, u *User) error {
	own := dialect.Deref(old)
	u.UpdatedAt, u.FullName = dialect.FormatTime(r.Now()), u.LastName+" "+u.FirstName
	if !a.enterprise() {
		u.CustomFields = own.CustomFields
	}
	merged, err := a.mergeCustom(own.CustomFields, u.CustomFields)
	u.CustomFields = merged
	if row := a.users.One("email", u.Email); row != nil && row.Value.ID != own.ID {
		return dialect.Invalid("email", dialect.Taken)
	}
	return dialect.FirstError(dialect.RequireText("email", u.Email), dialect.RequireText("firstName", u.FirstName),
		dialect.RequireText("lastName", u.LastName), dialect.FreeCode(a.users, userID, u.Code, own.ID), mailForm(u.Email), err)
}

var mailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

func mailForm(email string) error {
	if !mailPattern.MatchString(email) {
		return dialect.Invalid("email", dialect.Wrong)
	}
	return nil
}

// inviteUser creates a user with memberships in the current chart.
func (a *api) inviteUser(r *fake.Request) (any, error) {
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
	u, err := a.users.Insert(u)
	if err != nil {
		return nil, err
	}
	for _, m := range body.Memberships {
		team := a.teams.One("code", a.currentChart().ID+"/"+m.TeamCode)
		if team == nil {
			return nil, dialect.Invalid("memberships.teamCode", dialect.Missing)
		}
		var grades []string
		for _, code := range m.GradeCodes {
			g, err := dialect.FindRow(a.grades, code)
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
func (a *api) listUsers(r *fake.Request) (any, error) {
	wanted := r.QueryAll("status")
	known := dialect.Orders[User]{
		"email":      func(u *User) string { return u.Email },
		"code":       func(u *User) string { return u.Code },
		"lastUsedOn": func(u *User) string { return dialect.Deref(u.LastUsedOn) },
	}
	match := dialect.Having("status", func(u *User) string { return u.Status }, wanted)
	if a.holds(caller(r).ID, "user") {
		if a.enterprise() {
			return dialect.ListTable(r, a.users, match, known, nil)
		}
		return dialect.ListTable(r, a.users, match, known, func(u User) any { return standardUser{User: u} })
	}
	return dialect.ListTable(r, a.users, match, known, func(u User) any { return plainUser{User: u} })
}

func (a *api) lookupUserByEmail(r *fake.Request) (any, error) {
	row := a.users.One("email", r.Query("email"))
	if row == nil {
		return nil, dialect.Absent("no user has this mail address")
	}
	return a.userDetail(r, row.Value), nil
}

func (a *api) userDetail(r *fake.Request, u User) any {
	switch permitted := a.holds(caller(r).ID, "user"); {
	case permitted && a.enterprise():
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
		plainUser
		lineWorks
	}{plainUser{User: u}, a.lineWorksOf(u)}
}

func (a *api) lineWorksOf(u User) lineWorks {
	if l, ok := a.lineWorks.Find(u.ID); ok {
		return lineWorks{&lineWorksID{l.AccountID}}
	}
	return lineWorks{}
}

// moveUser changes the status. A user in any other status is a 422: inferred.
func (a *api) moveUser(to string, from ...string) fake.Handler {
	return func(r *fake.Request) (any, error) {
		u, err := dialect.FindRow(a.users, r.Path("userId"))
		if err != nil {
			return nil, err
		}
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
		if err := a.users.Set(u); err != nil {
			return nil, err
		}
		if to == "deactivated" {
			a.leaveTickets(u.ID)
			a.breakRoutes()
			return a.userDetail(r, u), nil
		}
		if !a.enterprise() {
			return standardUser{User: u}, nil
		}
		return u, nil
	}
}

// person returns a user as shown inside another resource, or nil.
func (a *api) person(id string) *plainUser {
	u, ok := a.users.Find(id)
	if !ok {
		return nil
	}
	return &plainUser{User: u}
}

func (a *api) people(ids []string) []plainUser {
	out := []plainUser{}
	for _, id := range ids {
		if p := a.person(id); p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// alive reports whether a user exists and is not deactivated.
func (a *api) alive(id string) bool {
	u, ok := a.users.Find(id)
	return ok && u.Status != "deactivated"
}
