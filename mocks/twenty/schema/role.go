package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

// ObjectPermission says what a role may do with the records of one object; the role decides about
// keys that it omits.
type ObjectPermission struct {
	ObjectMetadataID        string `json:"objectMetadataId"`
	CanReadObjectRecords    *bool  `json:"canReadObjectRecords"`
	CanUpdateObjectRecords  *bool  `json:"canUpdateObjectRecords"`
	CanSoftDeleteObjectRows *bool  `json:"canSoftDeleteObjectRecords"`
	CanDestroyObjectRecords *bool  `json:"canDestroyObjectRecords"`
}

// FieldPermission keeps a role from reading or changing a field.
type FieldPermission struct {
	ID                  string `json:"id"`
	ObjectMetadataID    string `json:"objectMetadataId"`
	FieldMetadataID     string `json:"fieldMetadataId"`
	RoleID              string `json:"roleId"`
	CanReadFieldValue   *bool  `json:"canReadFieldValue"`
	CanUpdateFieldValue *bool  `json:"canUpdateFieldValue"`
}

// checkRoles rejects a seed whose keys or users have a role that the workspace lacks.
func (t *Tables) checkRoles() error {
	holders := map[string]string{} // role → one who has it
	for k := range t.Keys.All() {
		holders[k.RoleID] = "apiKeys: " + k.Name
	}
	for u := range t.Users.All() {
		holders[u.RoleID] = "users: " + u.Name
	}
	var known []string
	for r := range t.Roles.All() {
		delete(holders, r.ID)
		known = append(known, r.ID+" ("+r.Label+")")
	}
	for id, who := range holders {
		return fmt.Errorf("%s: no role %q%s; roles: %s", who, id, fake.Hint(id, known), strings.Join(known, ", "))
	}
	return nil
}

// permits returns whether the role permits an action on the records of an object.
func (r Role) permits(do Action, object string) bool {
	all := map[Action]bool{Read: r.CanReadAllObjectRecords, Write: r.CanUpdateAllObjectRecords,
		SoftDelete: r.CanSoftDeleteAllObjectRecords,
		Destroy:    r.CanDestroyAllObjectRecords}
	for _, p := range r.ObjectPermissions {
		one := map[Action]*bool{Read: p.CanReadObjectRecords, Write: p.CanUpdateObjectRecords,
			SoftDelete: p.CanSoftDeleteObjectRows, Destroy: p.CanDestroyObjectRecords}
		if p.ObjectMetadataID == object && one[do] != nil {
			return *one[do]
		}
	}
	return all[do]
}

// Hides reports whether the caller may not read a field.
func (c *Caller) Hides(a *Attr) bool {
	return c != nil && slices.ContainsFunc(c.Role.FieldPermissions, func(p FieldPermission) bool {
		return p.FieldMetadataID == a.ID && p.CanReadFieldValue != nil && !*p.CanReadFieldValue
	})
}

// Locks reports whether the caller may not change a field.
func (c *Caller) Locks(a *Attr) bool {
	return c != nil && slices.ContainsFunc(c.Role.FieldPermissions, func(p FieldPermission) bool {
		return p.FieldMetadataID == a.ID && p.CanUpdateFieldValue != nil && !*p.CanUpdateFieldValue
	})
}

// permissionTexts are the messages for people about rejected changes of permissions; the vendor's
// public source has those that fixtures/twenty/roles_and_permissions does not show.
var permissionTexts = map[string]struct {
	status        int
	message, user string
}{
	"ROLE_NOT_FOUND": {404, "Role not found",
		"The role you are looking for could not be found. It may have been deleted or you may not have access to it."},
	"ROLE_NOT_EDITABLE": {403, "Role is not editable",
		"This role cannot be modified because it is a system role. Only custom roles can be edited."},
	"ONLY_FIELD_RESTRICTION_ALLOWED": {400, "Field permission can only introduce a restriction",
		"Field permissions can only be used to restrict access, not to grant additional permissions."},
	"INVALID_SETTING_PERMISSIONS": {400, "Invalid permission setting (unknown value)",
		"Some of the permissions you selected are not valid. Please try again with valid permission settings."},
	"CANNOT_UNASSIGN_LAST_ADMIN": {403, "Cannot unassign admin role from last admin of the workspace",
		"You cannot remove the admin role from the last administrator. Please assign another administrator first."},
	"CANNOT_UPDATE_SELF_ROLE": {403, "Cannot update self role",
		"You cannot change your own role. Please ask another administrator to update your role."},
	"DEFAULT_ROLE_CANNOT_BE_DELETED": {403, "Default role cannot be deleted",
		"The default role cannot be deleted as it is required for the workspace to function properly."},
	"OBJECT_METADATA_NOT_FOUND_PERMISSIONS": {404, "Object metadata not found",
		"The object you are trying to set permissions for could not be found. It may have been deleted."},
	"FIELD_METADATA_NOT_FOUND": {404, "Field metadata not found",
		"The field you are trying to set permissions for could not be found. It may have been deleted."},
	"CANNOT_GIVE_WRITING_PERMISSION_ON_NON_READABLE_OBJECT": {400,
		"Cannot give update permission to non-readable object",
		"You cannot grant edit permissions without also granting read permissions. Please enable read access first."},
}

func permissionRefused(code string) *ChangeError {
	text := permissionTexts[code]
	return &ChangeError{Status: text.status, Code: code, Message: text.message, UserMessage: text.user}
}

// role returns a role that clients see.
func (t *Tables) role(id string) (Role, error) {
	role, ok := t.Roles.Find(id)
	if !ok {
		return role, permissionRefused("ROLE_NOT_FOUND")
	}
	return role, nil
}

// CreateRole makes a role of what an input says. It may be given to everybody unless the input says otherwise.
func (t *Tables) CreateRole(in map[string]any) (Role, error) {
	role := Role{ID: t.State.NewID(), UniversalIdentifier: t.State.NewID(), IsEditable: true,
		CanBeAssignedToUsers: true, CanBeAssignedToAgents: true, CanBeAssignedToAPIKeys: true}
	role.apply(in)
	if err := t.checkRole(role, "create"); err != nil {
		return role, err
	}
	if _, err := t.Roles.Insert(role); err != nil {
		return role, err
	}
	return role, t.touch()
}

// UpdateRole changes what an input says.
func (t *Tables) UpdateRole(id string, in map[string]any) (Role, error) {
	role, err := t.role(id)
	if err != nil {
		return role, err
	}
	role.apply(in)
	if err := t.checkRole(role, "update"); err != nil {
		return role, err
	}
	if err := t.Roles.Set(role); err != nil {
		return role, err
	}
	return role, t.touch()
}

// apply applies an input, whose keys are those of the row. Null values are ignored.
func (r *Role) apply(in map[string]any) {
	said := map[string]any{}
	for key, value := range in {
		if value != nil && key != "id" && key != "isEditable" {
			said[key] = value
		}
	}
	*r = with(*r, tidied(said))
}

func (t *Tables) checkRole(role Role, change string) error {
	entity := map[string]any{"universalIdentifier": role.UniversalIdentifier}
	if change == "create" {
		entity["label"] = role.Label
	}
	var out []Complaint
	add := func(code, message, user string) {
		out = append(out, Complaint{Code: code, Message: message, UserMessage: user})
	}
	for other := range t.Roles.All() {
		if other.ID != role.ID && other.Label == role.Label && !other.Unlisted {
			add("ROLE_LABEL_ALREADY_EXISTS", "A role with this label already exists",
				"A role with this label already exists.")
		}
	}
	writes := role.CanUpdateAllObjectRecords || role.CanSoftDeleteAllObjectRecords || role.CanDestroyAllObjectRecords
	switch text := permissionTexts["ROLE_NOT_EDITABLE"]; {
	case !role.IsEditable:
		out = []Complaint{{Code: "ROLE_NOT_EDITABLE", Message: text.message, UserMessage: text.user}}
	case writes && !role.CanReadAllObjectRecords:
		add("CANNOT_GIVE_WRITING_PERMISSION_WITHOUT_READING_PERMISSION",
			"Cannot give writing permission without reading permission",
			"You cannot grant edit permissions without also granting read permissions. "+
				"Please enable read access first.")
	}
	seen := newFindings(change)
	seen.add("role", entity, out)
	return seen.changeError(change[:len(change)-1] + "ing role")
}

// DeleteRole removes a role; its holders get the default one (assumed for keys).
func (t *Tables) DeleteRole(id string) error {
	role, err := t.role(id)
	otherwise := t.DefaultRole()
	switch {
	case err != nil:
		return err
	case !role.IsEditable:
		return permissionRefused("CANNOT_UNASSIGN_LAST_ADMIN")
	case role.ID == otherwise.ID:
		return permissionRefused("DEFAULT_ROLE_CANNOT_BE_DELETED")
	}
	table.Each(t.Users, func(u User) User {
		if u.RoleID == id {
			u.RoleID = otherwise.ID
		}
		return u
	})
	table.Each(t.Keys, func(k APIKey) APIKey {
		if k.RoleID == id {
			k.RoleID = otherwise.ID
		}
		return k
	})
	t.Roles.Delete(id)
	return t.touch()
}

// editableRole returns a role whose permissions may be changed.
func (t *Tables) editableRole(id string) (Role, error) {
	role, err := t.role(id)
	if err == nil && !role.IsEditable {
		err = permissionRefused("ROLE_NOT_EDITABLE")
	}
	return role, err
}

// SetObjectPermissions changes what a role may do with the records of some objects, and returns
// those permissions.
func (t *Tables) SetObjectPermissions(id string, list []ObjectPermission) ([]ObjectPermission, error) {
	role, err := t.editableRole(id)
	if err != nil {
		return nil, err
	}
	next := slices.Clone(role.ObjectPermissions)
	for _, p := range list {
		if t.Schema().ByID(p.ObjectMetadataID) == nil {
			no := permissionRefused("OBJECT_METADATA_NOT_FOUND_PERMISSIONS")
			no.Message = "Object metadata id not found"
			return nil, no
		}
		next = slices.DeleteFunc(next,
			func(o ObjectPermission) bool { return o.ObjectMetadataID == p.ObjectMetadataID })
		next = append(next, p)
		role.ObjectPermissions = next
		if !role.permits(Read, p.ObjectMetadataID) && (or(p.CanUpdateObjectRecords, false) ||
			or(p.CanSoftDeleteObjectRows, false) || or(p.CanDestroyObjectRecords, false)) {
			return nil, permissionRefused("CANNOT_GIVE_WRITING_PERMISSION_ON_NON_READABLE_OBJECT")
		}
	}
	if err := t.Roles.Set(role); err != nil {
		return nil, err
	}
	return list, t.touch()
}

// SetFieldPermissions changes which fields a role may not read or change, and returns the changes. A permission
// that restricts nothing is forgotten.
func (t *Tables) SetFieldPermissions(id string, list []FieldPermission) ([]FieldPermission, error) {
	role, err := t.editableRole(id)
	if err != nil {
		return nil, err
	}
	next := slices.Clone(role.FieldPermissions)
	for i, p := range list {
		switch a := t.Schema().Attr(p.FieldMetadataID); {
		case or(p.CanReadFieldValue, false) || or(p.CanUpdateFieldValue, false):
			return nil, permissionRefused("ONLY_FIELD_RESTRICTION_ALLOWED")
		case t.Schema().ByID(p.ObjectMetadataID) == nil:
			return nil, permissionRefused("OBJECT_METADATA_NOT_FOUND_PERMISSIONS")
		case a == nil || a.ObjectMetadataID != p.ObjectMetadataID:
			return nil, permissionRefused("FIELD_METADATA_NOT_FOUND")
		}
		list[i].ID, list[i].RoleID = t.State.NewID(), id
		next = slices.DeleteFunc(next, func(o FieldPermission) bool { return o.FieldMetadataID == p.FieldMetadataID })
		if p.CanReadFieldValue != nil || p.CanUpdateFieldValue != nil {
			next = append(next, list[i])
		}
	}
	role.FieldPermissions = next
	if err := t.Roles.Set(role); err != nil {
		return nil, err
	}
	return list, t.touch()
}

// SetFlags replaces the settings that a role grants. known are the existing settings.
func (t *Tables) SetFlags(id string, flags, known []string) (Role, error) {
	role, err := t.editableRole(id)
	if err != nil {
		return role, err
	}
	unknown := slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return slices.Contains(known, f) })
	if len(unknown) > 0 {
		no := permissionRefused("INVALID_SETTING_PERMISSIONS")
		no.Message += ": " + strings.Join(unknown, ", ")
		return role, no
	}
	role.Settings = flags
	if err := t.Roles.Set(role); err != nil {
		return role, err
	}
	return role, t.touch()
}

// SetMemberRole gives a role to a member of the workspace.
func (t *Tables) SetMemberRole(by *Caller, member, id string) (User, error) {
	u, ok := t.UserOfMember(member)
	switch {
	case !ok:
		return u, &ChangeError{Status: 500, Fault: "Workspace member not found"}
	case by.User != nil && by.User.ID == u.ID:
		return u, permissionRefused("CANNOT_UPDATE_SELF_ROLE")
	}
	role, err := t.role(id)
	if err != nil {
		return u, err
	}
	u.RoleID = role.ID
	return u, t.Users.Set(u)
}

// UserOfMember returns the user behind a member of the workspace.
func (t *Tables) UserOfMember(member string) (User, bool) {
	for u := range t.Users.All() {
		if u.WorkspaceMemberID == member {
			return u, true
		}
	}
	return User{}, false
}
