package org

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
)

// allPermissions are the permissions of the built-in role.
var allPermissions = strings.Fields(
	"tenant billing integration security audit stats workflow route pipeline workflow_misc user team role " +
		"master master_read ticket_read ticket_write label automation")

// RoleOps makes the tables of roles and adds their operations.
func (a *API) RoleOps(ops fake.Ops) {
	a.roles = fake.NewTable(a.State, "roles", func(r Role) string { return r.ID },
		func(r *Role) { dialect.SetDefaults(a, &r.ID, nil, &r.CreatedAt, &r.UpdatedAt) })
	a.roleMembers = fake.NewTable(a.State, "roleMembers",
		func(m RoleMember) string { return m.RoleID + "/" + m.UserID }, nil)
	Index(a.roleMembers, "user", false, func(m RoleMember) []string { return []string{m.UserID} })
	Index(a.roleMembers, "role", false, func(m RoleMember) []string { return []string{m.RoleID} })
	known := dialect.Orders[Role]{"name": nil, "createdAt": nil}
	roles := fake.Resource[Role]{Table: a.roles, Param: "roleId", Rule: a.roleRule, Drop: a.dropRole,
		View: func(_ *fake.Request, r Role) any { return a.roleDetail(&r) }}
	ops["listRoles"] = dialect.List(a.roles, known, a.roleView)
	ops["getRole"], ops["createRole"], ops["updateRole"], ops["deleteRole"] = roles.Get, roles.Create, roles.Update,
		roles.Delete
	ops["listRoleMembers"] = dialect.On(a.pathRole, a.listRoleMembers)
	ops["createRoleMembers"] = dialect.OnBody(a.pathRole, a.createRoleMembers)
	ops["deleteRoleMember"] = dialect.On(a.pathRole, a.deleteRoleMember)
}

// builtIn returns the error for a change of the built-in role. The status is inferred.
func builtIn(r *Role) error {
	if r != nil && !r.Editable {
		return dialect.Forbidden("the built-in role cannot be changed")
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
		folderThere := func(id string) bool { return a.Folder(id) != nil }
		if err := dialect.FirstError(lowerIDs("permissionList.folderIds", &p.FolderIDs, folderThere),
			lowerIDs("permissionList.generalMasterIds", &p.GeneralMasterIDs, a.Masters.Has),
			lowerIDs("permissionList.teamIds", &p.TeamIDs, a.Teams.Has)); err != nil {
			return err
		}
	}
	return nil
}

// lowerIDs converts ids to lower case and rejects duplicates in any case (documented) and unknown
// ids.
func lowerIDs(field string, ids *[]string, exists func(id string) bool) error {
	*ids = append([]string{}, dialect.Lower(*ids)...)
	for i, id := range *ids {
		switch {
		case slices.Contains((*ids)[:i], id):
			return dialect.Invalid(field, dialect.Taken)
		case !exists(id):
			return dialect.Invalid(field, dialect.Missing)
		}
	}
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
	return Related(a.roleMembers.By("role", roleID), a.Users,
		func(m *RoleMember) string { return m.UserID })
}

func (a *API) listRoleMembers(r *fake.Request, role Role) (any, error) {
	return dialect.ListRows(r, a.membersOf(role.ID), nil, a.plainUser)
}

// people is a body that names users.
type people struct {
	UserIDs []string
}

func (a *API) createRoleMembers(_ *fake.Request, role Role, body people) (any, error) {
	if err := lowerIDs("userIds", &body.UserIDs, a.Alive); err != nil {
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
		if err := a.keepsAdministrator(u.ID); err != nil {
			return nil, err
		}
	}
	a.roleMembers.Delete(role.ID + "/" + u.ID)
	return nil, nil
}

// keepsAdministrator returns an error if the built-in role would lose its last member that can sign
// in.
func (a *API) keepsAdministrator(without string) error {
	for role := range a.roles.All() {
		left := FilterRows(a.membersOf(role.ID),
			func(u *User) bool { return u.ID != without && u.Status == "activated" })
		if !role.Editable && a.roleMembers.Has(role.ID+"/"+without) && Count(left) == 0 {
			return dialect.Invalid("base", "the role needs at least one member")
		}
	}
	return nil
}

func (a *API) roleView(r *Role) fake.Raw { return a.roleFields(r).Raw() }

func (a *API) roleFields(r *Role) dialect.Object {
	return dialect.Fields(r, "permissionList").Add("usersCount", Count(a.membersOf(r.ID)))
}

func (a *API) roleDetail(r *Role) fake.Raw {
	list := r.PermissionList
	if !r.Editable {
		list = nil
		for _, name := range allPermissions {
			list = append(list, Permission{Permission: name})
		}
	}
	var shown []fake.Raw
	for _, p := range list {
		var folders []fake.Raw
		for _, id := range p.FolderIDs {
			if f := a.Folder(id); f != nil {
				folders = append(folders, f)
			}
		}
		shown = append(shown, dialect.Object(nil).Add("permission", p.Permission).Add("restricted", p.Restricted).
			Add("folders", folders).
			Add("generalMasters", dialect.ShowEach(a.Masters, p.GeneralMasterIDs, a.MasterView)).
			Add("teams", dialect.ShowEach(a.Teams, p.TeamIDs, a.teamView)).Raw())
	}
	return a.roleFields(r).Add("permissionList", shown).Raw()
}

// AssignRoles makes the owners of a seed's tokens members of the roles that the tokens name.
func (a *API) AssignRoles() error {
	for t := range a.Tokens.All() {
		if t.Role == "" {
			continue
		}
		role, names := a.roleNamed(t.Role)
		if role == "" {
			return fmt.Errorf("token %s: no role %q%s; roles: %s", t.Name, t.Role, fake.Hint(t.Role, names),
				strings.Join(names, ", "))
		}
		if a.Users.Row(t.UserID) == nil {
			return fmt.Errorf("token %s: the role %q needs a user in userId, and %q is none", t.Name, t.Role, t.UserID)
		}
		a.addMember(role, t.UserID)
	}
	return nil
}

// addMember gives a role to a user who may have it already.
func (a *API) addMember(roleID, userID string) {
	m := RoleMember{RoleID: roleID, UserID: userID}
	if _, has := a.roleMembers.Find(roleID + "/" + userID); !has {
		a.roleMembers.Insert(m) // cannot fail: the table has no other key
	}
}

// roleNamed returns the id of the role with that id or name, and the names of all roles.
func (a *API) roleNamed(nameOrID string) (id string, names []string) {
	for r := range a.roles.All() {
		names = append(names, r.Name)
		if r.ID == nameOrID || r.Name == nameOrID {
			id = r.ID
		}
	}
	return id, names
}

// RolesOf describes what a token permits: in the words of the seed, or by the names of its owner's roles.
func (a *API) RolesOf(t Token) string {
	if t.About != "" {
		return t.About
	}
	var names []string
	for m := range a.roleMembers.By("user", t.UserID) {
		role, _ := a.roles.Find(m.Value.RoleID)
		names = append(names, role.Name)
	}
	return cmp.Or(strings.Join(names, ", "), "no administrator role")
}

// Founder returns a token for the first active user of a seed without tokens, who becomes a member of the built-in
// role, as a tenant has an administrator.
func (a *API) Founder() (tokens []Token) {
	for u := range a.Users.All() {
		if u.Status != "activated" {
			continue
		}
		var builtIn Role
		for r := range a.roles.All() {
			if !r.Editable {
				builtIn = r
			}
		}
		if builtIn.ID == "" {
			builtIn, _ = a.roles.Insert(Role{Name: "全管理者"}) // cannot fail: the table has no other key
		}
		a.addMember(builtIn.ID, u.ID)
		return []Token{{Kind: "personal", UserID: u.ID, Name: u.Email}}
	}
	return nil
}
