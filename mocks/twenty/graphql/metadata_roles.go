package graphql

import (
	"encoding/json"
	"maps"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// roleResolvers read and change roles and who has them: fixtures/twenty/roles_and_permissions.
func roleResolvers() map[string]resolver {
	out := map[string]resolver{
		"Query.getRoles": func(c *call, _ any, _ map[string]any) (any, error) {
			return items(c.tables.ListedRoles()), nil
		},
		"Mutation.createOneRole": func(c *call, _ any, args map[string]any) (any, error) {
			return orRefused(c.tables.CreateRole(asMap(args["createRoleInput"])))
		},
		"Mutation.updateOneRole": func(c *call, _ any, args map[string]any) (any, error) {
			in := asMap(args["updateRoleInput"])
			return orRefused(c.tables.UpdateRole(textIn(in["id"]), asMap(in["update"])))
		},
		"Mutation.deleteOneRole": func(c *call, _ any, args map[string]any) (any, error) {
			return orRefused(args["roleId"], c.tables.DeleteRole(textIn(args["roleId"])))
		},
		"Mutation.upsertObjectPermissions": upserted("upsertObjectPermissionsInput", "objectPermissions",
			(*schema.Tables).SetObjectPermissions),
		"Mutation.upsertFieldPermissions": upserted("upsertFieldPermissionsInput", "fieldPermissions",
			(*schema.Tables).SetFieldPermissions),
		"Mutation.upsertPermissionFlags": func(c *call, _ any, args map[string]any) (any, error) {
			in := asMap(args["upsertPermissionFlagsInput"])
			role, err := c.tables.SetFlags(textIn(in["roleId"]), textsIn(items(in["permissionFlagKeys"])),
				schema.Enum("PermissionFlagType"))
			return orRefused(flagsOf(role), err)
		},
		"Mutation.updateWorkspaceMemberRole": userOnly(func(c *call, _ any, args map[string]any) (any, error) {
			u, err := c.tables.SetMemberRole(c.caller, textIn(args["workspaceMemberId"]), textIn(args["roleId"]))
			if err != nil {
				return nil, err
			}
			for _, one := range c.people(func(other schema.User) bool { return other.ID == u.ID }) {
				return one, nil
			}
			return nil, nil
		}),
	}
	for name, resolve := range out {
		out[name] = setting(schema.SettingRoles, resolve)
	}
	maps.Copy(out, roleFields)
	return out
}

// roleFields are the fields of a role that its row lacks.
var roleFields = map[string]resolver{
	"Role.apiKeys": func(c *call, parent any, _ map[string]any) (any, error) {
		return items(js.Where(c.tables.ActiveKeys(),
			func(k schema.APIKey) bool { return k.RoleID == parent.(schema.Role).ID })), nil
	},
	"Role.permissionFlags": func(_ *call, parent any, _ map[string]any) (any, error) {
		return flagsOf(parent.(schema.Role)), nil
	},
	"Role.objectPermissions": func(_ *call, parent any, _ map[string]any) (any, error) {
		return items(parent.(schema.Role).ObjectPermissions), nil
	},
	"Role.fieldPermissions": func(_ *call, parent any, _ map[string]any) (any, error) {
		return items(parent.(schema.Role).FieldPermissions), nil
	},
	"Role.workspaceMembers": func(c *call, parent any, _ map[string]any) (any, error) {
		return c.people(func(u schema.User) bool { return u.RoleID == parent.(schema.Role).ID }), nil
	},
	"Role.agents": func(*call, any, map[string]any) (any, error) { return []any{}, nil }, // the fake has none
}

// upserted sets permissions of a role, which come as a list in an input.
func upserted[T any](input, list string, set func(*schema.Tables, string, []T) ([]T, error)) resolver {
	return func(c *call, _ any, args map[string]any) (any, error) {
		in := asMap(args[input])
		rows, err := decoded[[]T](in[list])
		if err == nil {
			rows, err = set(c.tables, textIn(in["roleId"]), rows)
		}
		return orRefused(rows, err)
	}
}

// decoded decodes a list of an input into rows with the same keys.
func decoded[T any](in any) (rows T, err error) {
	text, err := json.Marshal(in)
	if err != nil {
		return rows, err
	}
	return rows, json.Unmarshal(text, &rows)
}

// flagsOf are the settings that a role grants one by one.
func flagsOf(role schema.Role) []any {
	return js.Map(role.Settings, func(flag string) any {
		return map[string]any{"id": role.ID, "roleId": role.ID, "flag": flag}
	})
}
