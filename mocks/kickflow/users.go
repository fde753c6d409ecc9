package kickflow

import (
	"cmp"
	"slices"

	"github.com/afba07b5/mockserver/fake"
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

// Image has the addresses of a user's picture by size.
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

// plainUser is what is seen without the permission user, and inside other resources.
type plainUser struct {
	User
	LastUsedOn   hidden `json:"lastUsedOn,omitempty"`
	CustomFields hidden `json:"customFields,omitempty"`
}

// ownUser is what users see of themselves.
type ownUser struct {
	User
	LastUsedOn hidden `json:"lastUsedOn,omitempty"`
}

// standardUser is a user of a tenant whose plan has no custom fields.
type standardUser struct {
	User
	CustomFields hidden `json:"customFields,omitempty"`
}

// lineWorks is what all details add.
type lineWorks struct {
	Account *lineWorksID `json:"userLineWorksAccount"`
}

type lineWorksID struct {
	ID string `json:"lineWorksAccountId"`
}

func userID(u User) string { return u.ID }

func (k *api) userOps(ops fake.Ops) {
	k.customFields = fake.NewTable(k.State, "customFields", func(f CustomField) string { return f.Code }, nil)
	k.users = fake.NewTable(k.State, "users", userID, k.fillUser)
	k.lineWorks = fake.NewTable(k.State, "lineWorks", func(l LineWorks) string { return l.UserID }, nil)
	index(k.users, "code", true, func(u User) []string { return []string{u.Code} })
	index(k.users, "email", true, func(u User) []string { return []string{u.Email} })
	index(k.users, "status", false, func(u User) []string { return []string{u.Status} })
	users := fake.Resource[User]{Table: k.users, Param: "userId", Rule: k.userRule, View: k.userDetail,
		Find: func(_ *fake.Request, id string) (User, error) { return find(k.users, id) }}
	ops["getCurrentUser"] = func(r *fake.Request) (any, error) {
		if !k.enterprise() {
			return struct {
				plainUser
				lineWorks
			}{plainUser{User: caller(r)}, k.lineWorksOf(caller(r))}, nil
		}
		return struct {
			ownUser
			lineWorks
		}{ownUser{User: caller(r)}, k.lineWorksOf(caller(r))}, nil
	}
	ops["listUsers"] = k.listUsers
	ops["lookupUserByEmail"] = k.lookupUserByEmail
	ops["getUser"], ops["updateUser"] = users.Get, users.Update
	ops["createUser"] = k.inviteUser
	ops["suspendUser"] = k.moveUser("suspended", "activated")
	ops["reactivateUser"] = k.moveUser("activated", "suspended")
	ops["reinviteUser"] = k.moveUser("invited", "deactivated")
	ops["deleteUser"] = k.moveUser("deactivated", "invited", "activated", "suspended")
	ops["listUserTeams"] = k.listUserTeams
	ops["listUserRoles"] = k.listUserRoles
}

func (k *api) fillUser(u *User) {
	k.born(&u.ID, &u.Code, &u.CreatedAt, &u.UpdatedAt)
	u.FullName = u.LastName + " " + u.FirstName // the order is Japanese; the space is inferred
	u.Email = cmp.Or(u.Email, u.Code+"@example.com")
	u.Status, u.Locale, u.UserType = cmp.Or(u.Status, "activated"), cmp.Or(u.Locale, "ja"), cmp.Or(u.UserType, "normal")
	if u.CustomFields == nil {
		u.CustomFields = []CustomValue{}
	}
}

// userRule says that addresses and codes are unique among all users, deactivated ones included (inferred).
func (k *api) userRule(r *fake.Request, old, u *User) error {
	own := given(old)
	u.UpdatedAt, u.FullName = stamp(r.Now()), u.LastName+" "+u.FirstName
	if !k.enterprise() {
		u.CustomFields = own.CustomFields
	}
	merged, err := k.mergeCustom(own.CustomFields, u.CustomFields)
	u.CustomFields = merged
	if row := k.users.One("email", u.Email); row != nil && row.Value.ID != own.ID {
		return invalid("email", taken)
	}
	return first(need("email", u.Email), need("firstName", u.FirstName), need("lastName", u.LastName), freeCode(k.users, userID, u.Code, own.ID), mailForm(u.Email), err)
}

func mailForm(email string) error {
	if !mailPattern.MatchString(email) {
		return invalid("email", wrong)
	}
	return nil
}

// inviteUser makes a user with memberships in the current chart.
func (k *api) inviteUser(r *fake.Request) (any, error) {
	var body struct {
		Memberships []struct {
			TeamCode   string   `json:"teamCode"`
			GradeCodes []string `json:"gradeCodes"`
			Leader     bool     `json:"leader"`
		} `json:"memberships"`
	}
	var u User
	if err := first(r.Decode(&u), r.Decode(&body)); err != nil {
		return nil, err
	}
	u = User{Email: u.Email, Code: u.Code, FirstName: u.FirstName, LastName: u.LastName, EmployeeID: u.EmployeeID, CustomFields: u.CustomFields, Status: "invited"}
	if err := k.userRule(r, nil, &u); err != nil {
		return nil, err
	}
	u, err := k.users.Insert(u)
	if err != nil {
		return nil, err
	}
	for _, m := range body.Memberships {
		team := k.teams.One("code", k.currentChart().ID+"/"+m.TeamCode)
		if team == nil {
			return nil, invalid("memberships.teamCode", missing)
		}
		var grades []string
		for _, code := range m.GradeCodes {
			g, err := find(k.grades, code)
			if err != nil {
				return nil, invalid("memberships.gradeCodes", missing)
			}
			grades = append(grades, g.ID)
		}
		if err := k.join(team.Value, []newMember{{ID: u.ID, Leader: m.Leader, GradeIDs: grades}}); err != nil {
			return nil, err
		}
	}
	return k.userDetail(r, u), nil
}

// listUsers shows lastUsedOn and custom fields to callers with the permission user: documented.
func (k *api) listUsers(r *fake.Request) (any, error) {
	wanted := r.QueryAll("status")
	known := orders[User]{
		"email":      func(u *User) string { return u.Email },
		"code":       func(u *User) string { return u.Code },
		"lastUsedOn": func(u *User) string { return given(u.LastUsedOn) },
	}
	match := where(k.users, func(u *User) bool { return len(wanted) == 0 || slices.Contains(wanted, u.Status) })
	if len(wanted) == 1 {
		match = k.users.By("status", wanted[0])
	}
	if k.holds(caller(r).ID, "user") {
		if k.enterprise() {
			return list(r, match, known, nil)
		}
		return list(r, match, known, func(u User) any { return standardUser{User: u} })
	}
	return list(r, match, known, func(u User) any { return plainUser{User: u} })
}

func (k *api) lookupUserByEmail(r *fake.Request) (any, error) {
	row := k.users.One("email", r.Query("email"))
	if row == nil {
		return nil, absent("no user has this mail address")
	}
	return k.userDetail(r, row.Value), nil
}

func (k *api) userDetail(r *fake.Request, u User) any {
	switch permitted := k.holds(caller(r).ID, "user"); {
	case permitted && k.enterprise():
		return struct {
			User
			lineWorks
		}{u, k.lineWorksOf(u)}
	case permitted:
		return struct {
			standardUser
			lineWorks
		}{standardUser{User: u}, k.lineWorksOf(u)}
	}
	return struct {
		plainUser
		lineWorks
	}{plainUser{User: u}, k.lineWorksOf(u)}
}

func (k *api) lineWorksOf(u User) lineWorks {
	if l, ok := k.lineWorks.Find(u.ID); ok {
		return lineWorks{&lineWorksID{l.AccountID}}
	}
	return lineWorks{}
}

// moveUser changes the status. A user in another status than those is refused with 422: inferred.
func (k *api) moveUser(to string, from ...string) fake.Handler {
	return func(r *fake.Request) (any, error) {
		u, err := find(k.users, r.Path("userId"))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(from, u.Status) {
			return nil, invalid("status", "is "+u.Status)
		}
		if to == "suspended" || to == "deactivated" {
			if err := k.keepsAdministrator(map[string]bool{u.ID: true}); err != nil {
				return nil, err
			}
		}
		u.Status, u.UpdatedAt, u.DeactivatedAt = to, stamp(r.Now()), nil
		if to == "deactivated" {
			u.DeactivatedAt = ptr(u.UpdatedAt)
		}
		if err := k.users.Set(u); err != nil {
			return nil, err
		}
		if to == "deactivated" {
			k.leaveTickets(u.ID)
			k.breakRoutes()
			return k.userDetail(r, u), nil
		}
		if !k.enterprise() {
			return standardUser{User: u}, nil
		}
		return u, nil
	}
}

// person is a user inside another resource; nil for none.
func (k *api) person(id string) *plainUser {
	u, ok := k.users.Find(id)
	if !ok {
		return nil
	}
	return &plainUser{User: u}
}

func (k *api) people(ids []string) []plainUser {
	out := []plainUser{}
	for _, id := range ids {
		if p := k.person(id); p != nil {
			out = append(out, *p)
		}
	}
	return out
}

// alive reports whether there is a user of that id who is not deactivated.
func (k *api) alive(id string) bool {
	u, ok := k.users.Find(id)
	return ok && u.Status != "deactivated"
}
