package flexcrm

import (
	"encoding/json"

	"github.com/afba07b5/mockserver/fake"
)

// User is a person who signs in. Group, Department, Position and NotificationSetting are JSON
// texts, as the vendor shows them: ["1", "2"].
type User struct {
	ID            int64  `json:"id"`
	UserID        string `json:"userid"` // the login
	Name          string `json:"name"`
	Kana          string `json:"kana"`
	EmployeeNo    string `json:"employee_no"`
	Mail          string `json:"mail"`
	Status        int64  `json:"status"`  // 1 enabled, 2 disabled
	DelFlg        int64  `json:"del_flg"` // 1 deleted
	LoginDate     string `json:"login_date"`
	LastLoginDate string `json:"last_login_date"`
	AccessTime    string `json:"access_time"`
	Timestamps
	Group               string `json:"group"`
	Department          string `json:"department"`
	Position            string `json:"position"`
	NotificationSetting string `json:"notification_setting"`
}

func fillUser(a *api) func(*User) {
	return func(u *User) {
		u.ID = a.Number("users", u.ID)
		for _, list := range []*string{&u.Group, &u.Department, &u.Position, &u.NotificationSetting} {
			if *list == "" {
				*list = "[]"
			}
		}
		u.Timestamps.fill(a.Now())
	}
}

func (a *api) userOps() fake.Ops {
	return fake.Ops{
		"listUsers":  listOf(a.users, "maxCount"),
		"getUser":    a.getUser,
		"createUser": a.createUser,
		"updateUser": a.updateUser,
	}
}

// getUser answers with the bare user, as in the newer reference; the feature "user-envelope" gives
// the older page's form. A deleted user is still returned (assumed).
func (a *api) getUser(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.users, "record_id")
	if err != nil {
		return nil, err
	}
	if r.State.World().Enabled("user-envelope") {
		return fake.Raw(`{"status":"success","data":[` + string(row.JSON()) + `]}`), nil
	}
	return row.JSON(), nil
}

// createUser does not return the new number.
func (a *api) createUser(r *fake.Request) (any, error) {
	f := readForm(r)
	f.require("userid")
	u := User{Status: 1}
	if err := a.readUserForm(f, &u); err != nil {
		return nil, err
	}
	u.Timestamps.by(caller(r), r.Now())
	_, err := a.users.Insert(u)
	return created(r, done), err
}

func (a *api) updateUser(r *fake.Request) (any, error) {
	row, err := rowOf(r, a.users, "record_id")
	if err != nil {
		return nil, err
	}
	u := row.Value
	if err := a.readUserForm(readForm(r), &u); err != nil {
		return nil, err
	}
	u.Timestamps.by(caller(r), r.Now())
	return done, a.users.Set(u)
}

// readUserForm reads the keys that clients may write. It discards the password, because nothing in
// the API uses it; group, department and position are not writable.
func (a *api) readUserForm(f *form, u *User) error {
	f.text("userid", &u.UserID)
	f.text("name", &u.Name)
	f.text("kana", &u.Kana)
	f.text("employee_no", &u.EmployeeNo)
	f.text("mail", &u.Mail)
	f.among("status", &u.Status, 0, 1, 2) // the vendor's own sample sends 0
	f.among("del_flg", &u.DelFlg, 0, 1)
	f.text("notification_setting", &u.NotificationSetting)
	if f.err != nil {
		return f.err
	}
	var settings []any
	if u.NotificationSetting != "" && json.Unmarshal([]byte(u.NotificationSetting), &settings) != nil {
		return refuse("notification_setting is the text of a JSON list")
	}
	return a.checkLogin(*u)
}

// checkLogin validates a login: unique, with at most 30 letters, digits and symbols.
func (a *api) checkLogin(u User) error {
	if u.UserID == "" || len(u.UserID) > 30 {
		return refuse("userid has 1 to 30 characters")
	}
	for _, c := range u.UserID {
		if c <= ' ' || c > '~' {
			return refuse("userid has letters, digits and symbols only")
		}
	}
	if other := a.users.One("userid", u.UserID); other != nil && other.Value.ID != u.ID {
		return refuse("userid %q belongs to user %d", u.UserID, other.Value.ID)
	}
	return nil
}
