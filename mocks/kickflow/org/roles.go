package org

import (
	"iter"
	"net/http"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// allPermissions are the permissions of the built-in role.
var allPermissions = strings.Fields(
	"tenant billing integration security audit stats workflow route pipeline workflow_misc user team role " +
		"master master_read ticket_read ticket_write label automation")

type roleView struct {
	Role
	PermissionList dialect.Hidden `json:"permissionList,omitempty"`
	UsersCount     int            `json:"usersCount"`
}

type roleDetail struct {
	roleView
	PermissionList []permissionView `json:"permissionList"`
}

type permissionView struct {
	Permission     string       `json:"permission"`
	Restricted     bool         `json:"restricted"`
	Folders        []any        `json:"folders"`
	GeneralMasters []MasterView `json:"generalMasters"`
	Teams          []TeamView   `json:"teams"`
}

// RoleOps makes the tables of roles and adds their operations.
func (a *API) RoleOps(ops fake.Ops) {
	a.roles = fake.NewTable(a.State, "roles", func(r Role) string { return r.ID }, func(r *Role) {
		dialect.SetDefaults(a, &r.ID, nil, &r.CreatedAt, &r.UpdatedAt)
	})
	a.roleMembers = fake.NewTable(a.State, "roleMembers",
		func(m RoleMember) string { return m.RoleID + "/" + m.UserID }, nil)
	dialect.Index(a.roleMembers, "user", false, func(m RoleMember) []string { return []string{m.UserID} })
	dialect.Index(a.roleMembers, "role", false, func(m RoleMember) []string { return []string{m.RoleID} })
	known := dialect.Orders[Role]{
		"name":      func(r *Role) string { return r.Name },
		"createdAt": func(r *Role) string { return r.CreatedAt },
	}
	roles := fake.Resource[Role]{Table: a.roles, Param: "roleId", Rule: a.roleRule, Drop: a.dropRole,
		View: func(_ *fake.Request, r Role) any { return a.roleDetail(r) }}
	ops["listRoles"] = dialect.List(a.roles, known, func(r Role) any { return a.roleView(r) })
	ops["getRole"], ops["createRole"], ops["updateRole"], ops["deleteRole"] = roles.Get, roles.Create, roles.Update,
		roles.Delete
	ops["listRoleMembers"] = dialect.On(a.pathRole, a.listRoleMembers)
	ops["createRoleMembers"] = dialect.On(a.pathRole, a.createRoleMembers)
	ops["deleteRoleMember"] = dialect.On(a.pathRole, a.deleteRoleMember)
}

// builtIn returns the error for a change of the built-in role. The status is inferred.
func builtIn(r *Role) error {
	if r != nil && !r.Editable {
		return dialect.Refuse(http.StatusForbidden, "the built-in role cannot be changed")
	}
	return nil
}

func (a *API) roleRule(r *fake.Request, old, role *Role) error {
	role.Editable, role.UpdatedAt = true, dialect.FormatTime(r.Now())
	if err := dialect.FirstError(builtIn(old), dialect.RequireText("name", role.Name)); err != nil {
		return err
	}
	for i := range role.PermissionList {
		p := &role.PermissionList[i]
		err := dialect.FirstError(
			lowerIDs("folderIds", &p.FolderIDs,
				func(id string) bool { _, ok := a.Folder(id); return ok }),
			lowerIDs("generalMasterIds", &p.GeneralMasterIDs, func(id string) bool { return a.Masters.Row(id) != nil }),
			lowerIDs("teamIds", &p.TeamIDs, func(id string) bool { return a.Teams.Row(id) != nil }),
		)
		if err != nil {
			return err
		}
	}
	return nil
}

// lowerIDs converts ids to lower case and rejects duplicates in any case (documented) and unknown
// ids.
func lowerIDs(field string, ids *[]string, exists func(id string) bool) error {
	out, seen := []string{}, map[string]bool{}
	for _, id := range *ids {
		id = strings.ToLower(id)
		if seen[id] {
			return dialect.Invalid(field, dialect.Taken)
		}
		if !exists(id) {
			return dialect.Invalid(field, dialect.Missing)
		}
		seen[id], out = true, append(out, id)
	}
	*ids = out
	return nil
}

func (a *API) pathRole(r *fake.Request) (Role, error) { return a.roles.Get(r.Path("roleId")) }

func (a *API) dropRole(_ *fake.Request, r Role) error {
	if err := builtIn(&r); err != nil {
		return err
	}
	a.roleMembers.DeleteIf(func(m RoleMember) bool { return m.RoleID == r.ID })
	return nil
}

func (a *API) membersOf(roleID string) iter.Seq[*fake.Row[User]] {
	return func(yield func(*fake.Row[User]) bool) {
		for m := range a.roleMembers.By("role", roleID) {
			if row := a.Users.Row(m.Value.UserID); row != nil && !yield(row) {
				return
			}
		}
	}
}

func (a *API) listRoleMembers(r *fake.Request, role Role) (any, error) {
	return dialect.ListRows(r, a.membersOf(role.ID), nil, func(u User) any { return PlainUser{User: u} })
}

func (a *API) createRoleMembers(r *fake.Request, role Role) (any, error) {
	var body struct {
		UserIDs []string `json:"userIds"`
	}
	if err := dialect.FirstError(r.Decode(&body), lowerIDs("userIds", &body.UserIDs, a.Alive)); err != nil {
		return nil, err
	}
	for _, id := range body.UserIDs {
		if _, err := a.roleMembers.Insert(RoleMember{role.ID, id}); err != nil {
			return nil, dialect.Invalid("userIds", dialect.Taken)
		}
	}
	return nil, nil
}

func (a *API) deleteRoleMember(r *fake.Request, role Role) (any, error) {
	u, err := a.pathUser(r)
	if err != nil {
		return nil, err
	}
	if _, err := a.roleMembers.Get(role.ID + "/" + u.ID); err != nil {
		return nil, err
	}
	if !role.Editable {
		if err := a.keepsAdministrator(map[string]bool{u.ID: true}); err != nil {
			return nil, err
		}
	}
	a.roleMembers.Delete(role.ID + "/" + u.ID)
	return nil, nil
}

// keepsAdministrator returns an error if the built-in role would lose its last member that can sign
// in.
func (a *API) keepsAdministrator(without map[string]bool) error {
	for role := range a.roles.All() {
		if role.Editable {
			continue
		}
		left, had := 0, false
		for row := range a.membersOf(role.ID) {
			u := row.Value
			if had = had || without[u.ID]; !without[u.ID] && u.Status == "activated" {
				left++
			}
		}
		if had && left == 0 {
			return dialect.Invalid("base", "the role needs at least one member")
		}
	}
	return nil
}

func (a *API) roleView(r Role) roleView {
	v := roleView{Role: r}
	for range a.membersOf(r.ID) {
		v.UsersCount++
	}
	return v
}

func (a *API) roleDetail(r Role) roleDetail {
	d := roleDetail{roleView: a.roleView(r), PermissionList: []permissionView{}}
	list := r.PermissionList
	if !r.Editable {
		list = nil
		for _, name := range allPermissions {
			list = append(list, Permission{Permission: name})
		}
	}
	for _, p := range list {
		v := permissionView{Permission: p.Permission, Restricted: p.Restricted, Folders: []any{},
			GeneralMasters: dialect.Views(a.Masters, p.GeneralMasterIDs, a.MasterView),
			Teams:          dialect.Views(a.Teams, p.TeamIDs, a.teamView)}
		for _, id := range p.FolderIDs {
			if f, ok := a.Folder(id); ok {
				v.Folders = append(v.Folders, f)
			}
		}
		d.PermissionList = append(d.PermissionList, v)
	}
	return d
}
