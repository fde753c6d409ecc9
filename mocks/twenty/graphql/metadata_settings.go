package graphql

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/js"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// settingResolvers read and change webhooks, API keys, roles and the workspace.
func settingResolvers() map[string]resolver {
	out := map[string]resolver{
		"ApiKey.role": func(c *call, parent any, _ map[string]any) (any, error) {
			return c.role(parent.(schema.APIKey).RoleID), nil
		},
		"Query.applicationCoreGraphqlSchema": func(c *call, _ any, _ map[string]any) (any, error) {
			return c.types().SDL(), nil
		},
	}
	for name, resolve := range map[string]resolver{
		"Query.webhooks": func(c *call, _ any, _ map[string]any) (any, error) {
			return items(slices.Collect(c.tables.Webhooks.All())), nil
		},
		"Query.webhook": func(c *call, _ any, args map[string]any) (any, error) {
			return orNone(c.tables.Webhooks.Find(idOf(args)))
		},
		"Mutation.createWebhook": createHook, "Mutation.updateWebhook": updateHook,
		"Mutation.deleteWebhook": func(c *call, _ any, args map[string]any) (any, error) {
			return c.tables.DeleteWebhook(idOf(args))
		},
		"Query.apiKeys": func(c *call, _ any, _ map[string]any) (any, error) {
			return items(c.tables.ActiveKeys()), nil
		},
		"Query.apiKey": func(c *call, _ any, args map[string]any) (any, error) {
			return orNone(c.tables.Keys.Find(idOf(args)))
		},
		"Mutation.createApiKey": session(createKey),
		"Mutation.updateApiKey": session(changedKey(func(c *call, args map[string]any) (schema.APIKey, error) {
			return c.tables.UpdateKey(idOf(args), input(args, ""))
		})),
		"Mutation.revokeApiKey": session(changedKey(func(c *call, args map[string]any) (schema.APIKey, error) {
			return c.tables.RevokeKey(idOf(args))
		})),
		"Mutation.generateApiKeyToken": session(generateKeyToken),
		"Mutation.assignRoleToApiKey":  session(assignRole),
	} {
		out[name] = keySetting(resolve)
	}
	return out
}

// keySetting guards webhooks and API keys. Its error has another code:
// fixtures/twenty/rest_restricted_key 10.
func keySetting(resolve resolver) resolver {
	return func(c *call, parent any, args map[string]any) (any, error) {
		if !c.caller.MaySet(schema.SettingKeys) {
			return nil, &Failure{Message: noPermission, Extensions: &Extensions{Code: internal,
				UserFriendlyMessage: "You do not have permission to access this feature. " +
					"Please contact your workspace administrator for access."}}
		}
		return resolve(c, parent, args)
	}
}

// session rejects API keys: fixtures/twenty/metadata_webhooks_apikeys 54.
func session(resolve resolver) resolver {
	return func(c *call, parent any, args map[string]any) (any, error) {
		if c.caller.User == nil {
			return nil, &Failure{Message: "This endpoint requires a session access token",
				Extensions: &Extensions{Code: denied, SubCode: "FORBIDDEN_EXCEPTION",
					UserFriendlyMessage: "You do not have permission to perform this action."}}
		}
		return resolve(c, parent, args)
	}
}

func createHook(c *call, _ any, args map[string]any) (any, error) {
	hook, err := c.tables.CreateWebhook(input(args, ""))
	return hookRefused(hook, input(args, ""), "create", err)
}

func updateHook(c *call, _ any, args map[string]any) (any, error) {
	hook, err := c.tables.UpdateWebhook(idOf(args), input(args, "update"))
	hook.ID = idOf(args)
	return hookRefused(hook, nil, "update", err)
}

// changedKey answers a change of a key, with null for an unknown id.
func changedKey(change func(*call, map[string]any) (schema.APIKey, error)) resolver {
	return func(c *call, _ any, args map[string]any) (any, error) {
		if _, ok := c.tables.Keys.Find(idOf(args)); !ok {
			return nil, nil
		}
		return orRefused(change(c, args))
	}
}

func createKey(c *call, _ any, args map[string]any) (any, error) {
	return orRefused(c.tables.CreateKey(input(args, "")))
}

func assignRole(c *call, _ any, args map[string]any) (any, error) {
	return orRefused(true, c.tables.AssignRole(textIn(args["apiKeyId"]), textIn(args["roleId"])))
}

func (c *call) role(id string) any {
	role, ok := c.tables.Roles.Find(id)
	if !ok {
		return nil
	}
	return role
}

// members is how many people there are.
func (c *call) members() float64 {
	m := c.tables.Schema().Singular("workspaceMember")
	if m == nil {
		return 0
	}
	n := 0
	for range c.Store.Table(m).All() {
		n++
	}
	return float64(n)
}

// people are the members of the workspace who have an account for which keep is true.
func (c *call) people(keep func(schema.User) bool) []any {
	out := []any{}
	m := c.tables.Schema().Singular("workspaceMember")
	for u := range c.tables.Users.All() {
		if m == nil || !keep(u) {
			continue
		}
		if r := c.Store.Find(m, u.WorkspaceMemberID); r != nil {
			person := map[string]any{"roles": []any{c.role(u.RoleID)}, "userWorkspaceId": u.UserWorkspaceID}
			for _, key := range r.Keys() {
				v, _ := r.Get(key)
				person[key] = js.Plain(v)
			}
			out = append(out, person)
		}
	}
	return out
}
