package schema

import "slices"

// Caller is who makes a request: an API key, a signed-in user or an application.
type Caller struct {
	Key  *APIKey // nil for a user
	User *User   // nil for a key
	Role Role

	Application string // the name of an application that calls, which is neither
}

// Membership is the identifier of a user's membership in the workspace, nil for an API key.
func (c *Caller) Membership() *string {
	if c.User == nil {
		return nil
	}
	return &c.User.UserWorkspaceID
}

// The settings that a role can grant.
const (
	SettingDataModel = "DATA_MODEL"
	SettingKeys      = "API_KEYS_AND_WEBHOOKS"
	SettingRoles     = "ROLES"
	SettingViews     = "VIEWS"
	SettingLayouts   = "LAYOUTS"
	SettingWorkflows = "WORKFLOWS"
	SettingWorkspace = "WORKSPACE"
	SettingMembers   = "WORKSPACE_MEMBERS"

	SettingApplications = "APPLICATIONS"
)

// MaySet reports whether the caller may use what a setting protects.
func (c *Caller) MaySet(setting string) bool {
	return c.Role.CanUpdateAllSettings || slices.Contains(c.Role.Settings, setting)
}

// Action is an action of a caller on records.
type Action int

// The actions that a role permits one by one.
const (
	Read Action = iota
	Write
	SoftDelete
	Destroy
)

// workflowObjects require the WORKFLOWS setting instead of the general permissions:
// fixtures/twenty/rest_restricted_key (GET /rest/workflows is rejected for a role that reads
// everything).
var workflowObjects = []string{"workflow", "workflowVersion", "workflowRun", "workflowAutomatedTrigger"}

// May reports whether the caller may do that to records of an object.
func (c *Caller) May(do Action, m *Model) bool {
	if slices.Contains(workflowObjects, m.NameSingular) {
		return c.MaySet(SettingWorkflows)
	}
	return c.Role.permits(do, m.ID)
}
