package graphql

import (
	"encoding/json"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// roleResolvers change roles. Inferred: the client salmonumbrella/twenty-cli, and the types of twenty-client-sdk
// 2.23.0. Permissions on single objects and fields, and agents, are not kept.
func roleResolvers() map[string]resolver {
	out := map[string]resolver{
		"Mutation.createOneRole": func(c *call, _ any, args map[string]any) (any, error) {
			role, err := drawn(schema.Role{ID: c.tables.State.NewID(), IsEditable: true}, asMap(args["createRoleInput"]))
			if err != nil {
				return nil, err
			}
			return c.tables.Roles.Insert(role)
		},
		"Mutation.updateOneRole": func(c *call, _ any, args map[string]any) (any, error) {
			in := asMap(args["updateRoleInput"])
			return c.changeRole(in["id"], func(role schema.Role) (schema.Role, error) { return drawn(role, asMap(in["update"])) })
		},
		"Mutation.deleteOneRole": deleteRole,
		"Mutation.upsertPermissionFlags": func(c *call, _ any, args map[string]any) (any, error) {
			in := asMap(args["upsertPermissionFlagsInput"])
			role, err := c.changeRole(in["roleId"], func(role schema.Role) (schema.Role, error) {
				role.Settings = texts(items(in["permissionFlagKeys"]))
				return role, nil
			})
			return orRefused(flagsOf(role), err)
		},
	}
	for name, resolve := range out {
		out[name] = setting(schema.SettingRoles, resolve)
	}
	return out
}

// drawn is a role with what an input says; the keys are those of the row.
func drawn(role schema.Role, in map[string]any) (schema.Role, error) {
	text, err := json.Marshal(in)
	if err != nil {
		return role, err
	}
	err = json.Unmarshal(text, &role)
	return role, err
}

// changeRole changes a role that may be changed.
func (c *call) changeRole(id any, change func(schema.Role) (schema.Role, error)) (schema.Role, error) {
	key, _ := id.(string)
	role, ok := c.tables.Roles.Find(key)
	switch {
	case !ok:
		return role, ofMetadata(noRole)
	case !role.IsEditable:
		return role, ofMetadata(&schema.Refusal{Status: 403, Code: "ROLE_NOT_EDITABLE", Message: "Role is not editable"})
	}
	return c.tables.Roles.Update(key, change)
}

// deleteRole removes a role; who had it gets the default one. Assumed for keys.
func deleteRole(c *call, _ any, args map[string]any) (any, error) {
	otherwise := c.defaultRole()
	role, err := c.changeRole(args["roleId"], func(r schema.Role) (schema.Role, error) { return r, nil })
	switch {
	case err != nil:
		return nil, err
	case role.ID == otherwise.ID:
		return nil, ofMetadata(&schema.Refusal{Status: 403, Code: "DEFAULT_ROLE_CANNOT_BE_DELETED", Message: "Default role cannot be deleted"})
	}
	c.tables.Users.Each(func(u schema.User) schema.User {
		if u.RoleID == role.ID {
			u.RoleID = otherwise.ID
		}
		return u
	})
	c.tables.Keys.Each(func(k schema.APIKey) schema.APIKey {
		if k.RoleID == role.ID {
			k.RoleID = otherwise.ID
		}
		return k
	})
	c.tables.Roles.Delete(role.ID)
	return role.ID, nil
}

// defaultRole is what new members get.
func (c *call) defaultRole() schema.Role {
	listed := c.tables.ListedRoles()
	if i := slices.IndexFunc(listed, func(r schema.Role) bool { return r.IsEditable }); i >= 0 {
		return listed[i]
	}
	return schema.Role{}
}

// flagsOf are the settings that a role grants one by one.
func flagsOf(role schema.Role) []any {
	out := []any{}
	for _, flag := range role.Settings {
		out = append(out, map[string]any{"id": role.ID, "roleId": role.ID, "flag": flag})
	}
	return out
}
