package graphql

import (
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// settingResolvers read and change webhooks, API keys, roles and the workspace.
func settingResolvers() map[string]resolver {
	out := map[string]resolver{
		"ApiKey.role": func(c *call, parent any, _ map[string]any) (any, error) {
			return c.role(parent.(schema.APIKey).RoleID), nil
		},
		"Query.currentWorkspace":             func(c *call, _ any, _ map[string]any) (any, error) { return c.workspace(), nil },
		"Query.currentUser":                  currentUser,
		"Query.applicationCoreGraphqlSchema": func(c *call, _ any, _ map[string]any) (any, error) { return c.types().SDL(), nil },
	}
	for name, resolve := range map[string]resolver{
		"Query.webhooks": func(c *call, _ any, _ map[string]any) (any, error) {
			return items(slices.Collect(c.tables.Webhooks.All())), nil
		},
		"Query.webhook": func(c *call, _ any, args map[string]any) (any, error) {
			return orNone(c.tables.Webhooks.Find(idOf(args)))
		},
		"Mutation.createWebhook": createHook, "Mutation.updateWebhook": updateHook,
		"Mutation.deleteWebhook": func(c *call, _ any, args map[string]any) (any, error) { return c.tables.DeleteWebhook(idOf(args)) },
		"Query.apiKeys":          func(c *call, _ any, _ map[string]any) (any, error) { return items(c.tables.ActiveKeys()), nil },
		"Query.apiKey":           func(c *call, _ any, args map[string]any) (any, error) { return orNone(c.tables.Keys.Find(idOf(args))) },
		"Mutation.createApiKey":  session(createKey),
		"Mutation.updateApiKey": session(changedKey(func(c *call, args map[string]any) (schema.APIKey, error) {
			return c.tables.UpdateKey(idOf(args), input(args, ""))
		})),
		"Mutation.revokeApiKey": session(changedKey(func(c *call, args map[string]any) (schema.APIKey, error) { return c.tables.RevokeKey(idOf(args)) })),
		"Mutation.generateApiKeyToken": session(func(c *call, _ any, args map[string]any) (any, error) {
			id, _ := args["apiKeyId"].(string)
			key, ok := c.tables.Keys.Find(id)
			if !ok {
				return nil, schema.KeyMissing(id)
			}
			return map[string]any{"token": c.mint(key)}, nil
		}),
		"Mutation.assignRoleToApiKey": session(assignRole),
	} {
		out[name] = keySetting(resolve)
	}
	return out
}

// keySetting guards webhooks and API keys. Its refusal has a code of its own: fixtures/twenty/rest_restricted_key 10.
func keySetting(resolve resolver) resolver {
	return func(c *call, parent any, args map[string]any) (any, error) {
		if !c.caller.MaySet(schema.SettingKeys) {
			return nil, &Failure{Message: noPermission, Extensions: &Extensions{Code: internal,
				UserFriendlyMessage: "You do not have permission to access this feature. Please contact your workspace administrator for access."}}
		}
		return resolve(c, parent, args)
	}
}

// session refuses API keys: fixtures/twenty/metadata_webhooks_apikeys 54.
func session(resolve resolver) resolver {
	return func(c *call, parent any, args map[string]any) (any, error) {
		if c.caller.User == nil {
			return nil, &Failure{Message: "This endpoint requires a session access token", Extensions: &Extensions{Code: denied, SubCode: "FORBIDDEN_EXCEPTION",
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

// changedKey answers a change of a key, and null if there is none.
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

// workspace is the tenant as its members see it. What the fake does not keep is assumed.
func (c *call) workspace() any {
	w := c.tables.Workspace()
	out := map[string]any{"id": w.ID, "displayName": w.DisplayName, "subdomain": "app", "activationStatus": "ACTIVE", "createdAt": w.CreatedAt, "updatedAt": w.CreatedAt,
		"metadataVersion": w.MetadataVersion, "databaseSchema": w.DatabaseSchema, "featureFlags": c.flags, "trashRetentionDays": 14.0,
		"workspaceUrls": map[string]any{"subdomainUrl": c.base}, "workspaceMembersCount": c.members(),
		"allowImpersonation": true, "isPublicInviteLinkEnabled": true, "isPasswordAuthEnabled": true, "isGoogleAuthEnabled": true, "isMicrosoftAuthEnabled": true,
		"eventLogRetentionDays": 90.0, "fastModel": "auto", "smartModel": "auto", "routerModel": "auto", "useRecommendedModels": true, "workspaceCustomApplicationId": w.CustomApplicationID}
	for _, off := range []string{"isTwoFactorAuthenticationEnforced", "isCustomDomainEnabled", "isGoogleAuthBypassEnabled", "isPasswordAuthBypassEnabled", "isMicrosoftAuthBypassEnabled",
		"isInternalMessagesImportEnabled", "hasValidSignedEnterpriseKey", "hasValidEnterpriseValidityToken"} {
		out[off] = false
	}
	if role := c.tables.DefaultRole(); role.ID != "" {
		out["defaultRole"] = role
	}
	return out
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

// currentUser is who is signed in; API keys are nobody: fixtures/twenty/metadata_graphql_read 15.
func currentUser(c *call, _ any, _ map[string]any) (any, error) {
	u := c.caller.User
	if u == nil {
		return nil, forbidden()
	}
	created := c.tables.Workspace().CreatedAt
	out := map[string]any{"id": u.ID, "email": u.Email, "firstName": "", "lastName": "", "isEmailVerified": true, "canImpersonate": false, "canAccessFullAdminPanel": false,
		"createdAt": created, "updatedAt": created, "locale": "en", "onboardingStatus": "COMPLETED", "hasPassword": true, "userVars": map[string]any{},
		"currentWorkspace": c.workspace(), "workspaceMembers": c.people(func(schema.User) bool { return true })}
	for _, me := range c.people(func(other schema.User) bool { return other.ID == u.ID }) {
		out["workspaceMember"], out["firstName"], out["lastName"] = me, member(member(me, "name"), "firstName"), member(member(me, "name"), "lastName")
	}
	return out, nil
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
			person := map[string]any{"roles": []any{c.role(u.RoleID)}}
			for _, key := range r.Keys() {
				v, _ := r.Get(key)
				person[key] = record.Plain(v)
			}
			out = append(out, person)
		}
	}
	return out
}
