package graphql

import (
	"maps"
	"regexp"
	"slices"

	"github.com/afba07b5/mockserver/mocks/twenty/schema"
)

// workspaceDefaults are the default settings of a workspace: fixtures/twenty/surface_auth 23,
// surface_members 49. Those without a recording are assumed.
var workspaceDefaults = map[string]any{
	"activationStatus": "ACTIVE", "logo": "", "customDomain": nil, "trashRetentionDays": 14.0,
	"eventLogRetentionDays": 90.0, "allowImpersonation": true, "isPublicInviteLinkEnabled": true,
	"workspaceDiscoverability": "PUBLIC", "isPasswordAuthEnabled": true, "isGoogleAuthEnabled": false,
	"isMicrosoftAuthEnabled": false, "isTwoFactorAuthenticationEnforced": false, "isCustomDomainEnabled": false,
	"isGoogleAuthBypassEnabled": false, "isPasswordAuthBypassEnabled": false, "isMicrosoftAuthBypassEnabled": false,
	"isInternalMessagesImportEnabled": false, "hasValidSignedEnterpriseKey": false,
	"hasValidEnterpriseValidityToken": false, "fastModel": "default-fast-model", "smartModel": "default-smart-model",
	"routerModel": "auto", "useRecommendedModels": true,
	"editableProfileFields": []any{"email", "profilePicture", "firstName", "lastName"},
	"billingSubscriptions":  []any{}, "billingEntitlements": []any{},
}

// workspace is the tenant as its members see it.
func (c *call) workspace() map[string]any {
	w := c.tables.Workspace()
	out := maps.Clone(workspaceDefaults)
	maps.Copy(out, map[string]any{"id": w.ID, "displayName": w.DisplayName, "subdomain": w.Subdomain,
		"inviteHash": w.InviteHash,
		"createdAt":  w.CreatedAt, "updatedAt": w.CreatedAt, "metadataVersion": w.MetadataVersion,
		"databaseSchema": w.DatabaseSchema, "featureFlags": c.flags, "workspaceUrls": c.workspaceURLs(),
		"workspaceMembersCount":        c.members(),
		"workspaceCustomApplicationId": w.CustomApplicationID})
	maps.Copy(out, w.Settings)
	if role := c.tables.DefaultRole(); role.ID != "" {
		out["defaultRole"] = role
	}
	return out
}

func (c *call) workspaceURLs() map[string]any {
	return map[string]any{"subdomainUrl": c.base + "/", "customUrl": nil}
}

// availableWorkspaces are the workspaces in which a user may sign in: the one there is.
func (c *call) availableWorkspaces() map[string]any {
	w := c.workspace()
	one := map[string]any{"id": w["id"], "displayName": w["displayName"], "workspaceUrls": w["workspaceUrls"],
		"logo": w["logo"], "sso": []any{}}
	return map[string]any{"availableWorkspacesForSignIn": []any{one}, "availableWorkspacesForSignUp": []any{}}
}

func publicWorkspace(c *call, _ any, args map[string]any) (any, error) {
	if err := checkOrigin(args); err != nil {
		return nil, err
	}
	w := c.workspace()
	w["authProviders"] = map[string]any{"sso": []any{}, "google": w["isGoogleAuthEnabled"], "magicLink": false,
		"password": w["isPasswordAuthEnabled"], "microsoft": w["isMicrosoftAuthEnabled"]}
	return w, nil
}

func checkInviteHash(c *call, _ any, args map[string]any) (any, error) {
	hash := textIn(args["inviteHash"])
	if len(hash) < 10 {
		return nil, guarded(badInput, "inviteHash must be longer than or equal to 10 characters")
	}
	return map[string]any{"isValid": hash == c.workspace()["inviteHash"]}, nil
}

func workspaceOfInviteHash(c *call, _ any, args map[string]any) (any, error) {
	w := c.workspace()
	if args["inviteHash"] != w["inviteHash"] {
		return nil, noWorkspace
	}
	return w, nil
}

// The permissions in the order in which they are listed: those of settings, of tools, and those
// only of the role with all settings: fixtures/twenty/surface_auth 22. Which of them belong to
// tools is inferred from the vendor's source.
var (
	settingFlags = []string{"API_KEYS_AND_WEBHOOKS", "WORKSPACE", "WORKSPACE_MEMBERS", "ROLES", "DATA_MODEL",
		"SECURITY", "WORKFLOWS", "APPLICATIONS", "LAYOUTS", "VIEWS", "BILLING", "AI_SETTINGS"}
	toolFlags = []string{"AI", "UPLOAD_FILE", "DOWNLOAD_FILE", "SEND_EMAIL_TOOL", "CREATE_CALENDAR_EVENT_TOOL",
		"HTTP_REQUEST_TOOL", "CODE_INTERPRETER_TOOL", "IMPORT_CSV", "EXPORT_CSV", "CONNECTED_ACCOUNTS"}
	otherFlags = []string{"IMPERSONATE", "SSO_BYPASS", "PROFILE_INFORMATION", "MARKETPLACE_APPS"}
)

// permissionFlags are the permissions that a role grants.
func permissionFlags(role schema.Role) []any {
	granted := func(flag string) bool { return slices.Contains(role.Settings, flag) }
	var out []any
	for _, list := range []struct {
		flags []string
		all   bool
	}{{settingFlags, role.CanUpdateAllSettings}, {toolFlags, role.CanAccessAllTools},
		{otherFlags, role.CanUpdateAllSettings}} {
		for _, flag := range list.flags {
			if list.all || granted(flag) {
				out = append(out, flag)
			}
		}
	}
	return append([]any{}, out...)
}

// currentUser returns the signed-in user, or nil for an API key:
// fixtures/twenty/metadata_graphql_read 15.
func currentUser(c *call, _ any, _ map[string]any) (any, error) {
	u := *c.caller.User
	created := c.tables.Workspace().CreatedAt
	locale := "en"
	if u.Locale != "" {
		locale = u.Locale
	}
	membership := map[string]any{"id": u.UserWorkspaceID, "userId": u.ID, "locale": locale, "createdAt": created,
		"updatedAt":       created,
		"permissionFlags": permissionFlags(c.caller.Role), "twoFactorAuthenticationMethodSummary": []any{},
		"objectPermissions": []any{}, "objectsPermissions": []any{}}
	pending, status := map[string]any{}, "COMPLETED"
	for _, step := range u.Onboarding {
		pending[step], status = true, onboardingSteps[step]
	}
	out := map[string]any{"id": u.ID, "email": u.Email, "firstName": "", "lastName": "", "isEmailVerified": false,
		"disabled":                false,
		"canImpersonate":          c.caller.Role.CanUpdateAllSettings,
		"canAccessFullAdminPanel": c.caller.Role.CanUpdateAllSettings, "createdAt": created, "updatedAt": created,
		"locale": locale, "onboardingStatus": status, "hasPassword": u.Password != "", "userVars": pending,
		"currentWorkspace": c.workspace(), "currentUserWorkspace": membership, "workspaces": []any{membership},
		"userWorkspaces": []any{membership}, "workspaceMembers": c.people(func(schema.User) bool { return true }),
		"deletedWorkspaceMembers": []any{},
		"availableWorkspaces":     c.availableWorkspaces()}
	for _, me := range c.people(func(other schema.User) bool { return other.ID == u.ID }) {
		out["workspaceMember"] = me
	}
	return out, nil
}

// onboardingSteps are the statuses of the remaining steps after the sign-up.
var onboardingSteps = map[string]string{"ONBOARDING_CONNECT_ACCOUNT_PENDING": "SYNC_EMAIL"}

// subdomains are the names that a workspace may have; the reserved ones are inferred from the vendor's source.
var (
	subdomains         = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,28}[a-z0-9]$`)
	reservedSubdomains = []string{"api", "app", "www", "demo", "admin", "auth", "billing", "docs", "mail", "support",
		"twenty"}
)

// checkWorkspace rejects invalid settings: fixtures/twenty/surface_members 52 to 55. That the event
// log's days and Microsoft's sign-in follow the same rules is inferred.
func checkWorkspace(in map[string]any) error {
	for _, days := range []string{"trashRetentionDays", "eventLogRetentionDays"} {
		if n, ok := in[days].(float64); ok && n < 0 {
			return guarded(badInput, days+" must not be less than 0")
		}
	}
	if name, ok := in["subdomain"].(string); ok &&
		(!subdomains.MatchString(name) || slices.Contains(reservedSubdomains, name)) {
		return authFailure("CONFLICT", "SUBDOMAIN_NOT_VALID", "Subdomain is not valid", "Invalid subdomain.")
	}
	for _, provider := range []string{"Google", "Microsoft"} {
		if in["is"+provider+"AuthEnabled"] == true {
			return authFailure(denied, "ENVIRONMENT_VAR_NOT_ENABLED", provider+" auth is not enabled in the system.",
				"This feature is not enabled.")
		}
	}
	return nil
}

// updateWorkspace changes settings of the workspace. The role that new members get is not looked up.
func updateWorkspace(c *call, _ any, args map[string]any) (any, error) {
	if c.caller.User == nil {
		return nil, guarded(denied, "This endpoint requires a user context. API keys are not supported.")
	}
	in := asMap(args["data"])
	if err := checkWorkspace(in); err != nil {
		return nil, err
	}
	if in["customDomain"] != nil {
		return nil, notHere("mutation", "updateWorkspace of a customDomain")
	}
	w := c.tables.Workspace()
	w.Settings = maps.Clone(w.Settings)
	if w.Settings == nil {
		w.Settings = map[string]any{}
	}
	maps.Copy(w.Settings, in)
	if err := c.tables.Workspaces.Set(w); err != nil {
		return nil, err
	}
	return c.workspace(), nil
}
