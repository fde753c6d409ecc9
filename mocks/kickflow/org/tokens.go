package org

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

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
