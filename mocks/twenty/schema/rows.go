package schema

// Object is the metadata of one kind of record, as GET /rest/metadata/objects shows it.
type Object struct {
	ID                             string         `json:"id"`
	UniversalIdentifier            string         `json:"universalIdentifier"`
	ApplicationID                  string         `json:"applicationId"`
	NameSingular                   string         `json:"nameSingular"`
	NamePlural                     string         `json:"namePlural"`
	LabelSingular                  string         `json:"labelSingular"`
	LabelPlural                    string         `json:"labelPlural"`
	Description                    *string        `json:"description,omitempty"`
	Icon                           *string        `json:"icon,omitempty"`
	Color                          *string        `json:"color,omitempty"`
	Shortcut                       *string        `json:"shortcut,omitempty"`
	Overrides                      map[string]any `json:"overrides,omitempty"`
	IsRemote                       bool           `json:"isRemote"`
	IsActive                       bool           `json:"isActive"`
	IsSystem                       bool           `json:"isSystem"`
	IsUIEditable                   bool           `json:"isUIEditable"`
	IsUICreatable                  bool           `json:"isUICreatable"`
	IsUIReadOnly                   bool           `json:"isUIReadOnly"`
	IsSearchable                   bool           `json:"isSearchable"`
	IsLabelSyncedWithName          bool           `json:"isLabelSyncedWithName"`
	WorkspaceID                    string         `json:"workspaceId"`
	LabelIdentifierFieldMetadataID *string        `json:"labelIdentifierFieldMetadataId,omitempty"`
	ImageIdentifierFieldMetadataID *string        `json:"imageIdentifierFieldMetadataId,omitempty"`
	DuplicateCriteria              [][]string     `json:"duplicateCriteria,omitempty"` // groups of column names
	CreatedAt                      string         `json:"createdAt"`
	UpdatedAt                      string         `json:"updatedAt"`
}

// Field is the metadata of one field of an object, as GET /rest/metadata/fields shows it, and the target of
// a relation, which REST does not show.
type Field struct {
	ID                  string         `json:"id"`
	UniversalIdentifier string         `json:"universalIdentifier"`
	ApplicationID       string         `json:"applicationId"`
	Type                Type           `json:"type"`
	Name                string         `json:"name"`
	Label               string         `json:"label"`
	Description         *string        `json:"description,omitempty"`
	Icon                *string        `json:"icon,omitempty"`
	Overrides           map[string]any `json:"overrides,omitempty"`
	IsActive            bool           `json:"isActive"`
	IsSystem            bool           `json:"isSystem"`
	IsUIEditable        bool           `json:"isUIEditable"`
	IsUIReadOnly        bool           `json:"isUIReadOnly"`
	IsNullable          bool           `json:"isNullable"`
	IsUnique            bool           `json:"isUnique"`
	// texts carry quotes inside: "'NEW'"; "uuid" and "now" are functions
	DefaultValue any      `json:"defaultValue,omitempty"`
	Options      []Option `json:"options,omitempty"`
	// of any shape; the server stores its input
	Settings              any    `json:"settings,omitempty"`
	WorkspaceID           string `json:"workspaceId"`
	ObjectMetadataID      string `json:"objectMetadataId"`
	IsLabelSyncedWithName bool   `json:"isLabelSyncedWithName"`
	// the same for all targets of one polymorphic relation
	MorphID        *string `json:"morphId,omitempty"`
	CreatedAt      string  `json:"createdAt"`
	UpdatedAt      string  `json:"updatedAt"`
	TargetObjectID string  `json:"targetObjectId,omitempty"` // of a relation
	TargetFieldID  string  `json:"targetFieldId,omitempty"`  // its other side
}

// Option is one value of a SELECT, MULTI_SELECT or RATING field.
type Option struct {
	ID       string  `json:"id"`
	Color    string  `json:"color,omitempty"`
	Label    string  `json:"label"`
	Value    string  `json:"value"`
	Position float64 `json:"position"`

	given map[string]any // what the client sent, nil in a row
}

// Workspace is the tenant. A world has one.
type Workspace struct {
	ID                    string `json:"id"`
	DisplayName           string `json:"displayName"`
	DatabaseSchema        string `json:"databaseSchema"` // its name shows in some error messages
	StandardApplicationID string `json:"standardApplicationId"`
	CustomApplicationID   string `json:"customApplicationId"`
	InviteHash            string `json:"inviteHash"`
	MetadataVersion       int    `json:"metadataVersion"`
	CreatedAt             string `json:"createdAt"`
	UpdatedAt             string `json:"updatedAt,omitempty"` // of the metadata
	Stamp                 int64  `json:"stamp,omitempty"`     // differs between any two states of the metadata
	Subdomain             string `json:"subdomain"`
	// Settings are the settings that were changed, by the name that GraphQL gives them.
	Settings map[string]any `json:"settings,omitempty"`
}

// Role says what its holders may do.
type Role struct {
	ID                            string  `json:"id"`
	Label                         string  `json:"label"`
	Description                   *string `json:"description,omitempty"`
	Icon                          *string `json:"icon,omitempty"`
	IsEditable                    bool    `json:"isEditable"`
	CanUpdateAllSettings          bool    `json:"canUpdateAllSettings"`
	CanAccessAllTools             bool    `json:"canAccessAllTools"`
	CanReadAllObjectRecords       bool    `json:"canReadAllObjectRecords"`
	CanUpdateAllObjectRecords     bool    `json:"canUpdateAllObjectRecords"`
	CanSoftDeleteAllObjectRecords bool    `json:"canSoftDeleteAllObjectRecords"`
	CanDestroyAllObjectRecords    bool    `json:"canDestroyAllObjectRecords"`
	// Settings are the flags granted one by one: DATA_MODEL, API_KEYS_AND_WEBHOOKS and so on.
	Settings               []string           `json:"settings,omitempty"`
	UniversalIdentifier    string             `json:"universalIdentifier"`
	CanBeAssignedToUsers   bool               `json:"canBeAssignedToUsers"`
	CanBeAssignedToAgents  bool               `json:"canBeAssignedToAgents"`
	CanBeAssignedToAPIKeys bool               `json:"canBeAssignedToApiKeys"`
	ObjectPermissions      []ObjectPermission `json:"objectPermissions,omitempty"`
	FieldPermissions       []FieldPermission  `json:"fieldPermissions,omitempty"`
	Unlisted               bool               `json:"unlisted,omitempty"`      // a role that lists do not show
	ApplicationID          string             `json:"applicationId,omitempty"` // of a role that an application brought
}

// APIKey is a key record; the token with its id is generated separately.
type APIKey struct {
	WorkspaceID string  `json:"workspaceId"`
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	ExpiresAt   string  `json:"expiresAt"`
	RevokedAt   *string `json:"revokedAt"`
	CreatedAt   string  `json:"createdAt"`
	UpdatedAt   string  `json:"updatedAt"`
	RoleID      string  `json:"roleId"`
	// the holder's name in the credentials; default: the key's name
	Principal string `json:"principal,omitempty"`
	Unlisted  bool   `json:"unlisted,omitempty"` // a key of the seed that lists do not show
}

// User is a person who can sign in. The name is in the workspaceMember record.
type User struct {
	ID                string `json:"id"`
	Name              string `json:"name"` // the principal's name among the credentials
	Email             string `json:"email"`
	WorkspaceMemberID string `json:"workspaceMemberId"`
	UserWorkspaceID   string `json:"userWorkspaceId"` // of the membership in the workspace
	RoleID            string `json:"roleId"`
	// Password signs the user in; a user without one cannot.
	Password string `json:"password,omitempty"`
	Locale   string `json:"locale,omitempty"` // of the membership, "" for en; the member's record has another
	// Onboarding are the steps after the sign-up that are still to be done: ONBOARDING_CONNECT_ACCOUNT_PENDING.
	Onboarding []string `json:"onboarding,omitempty"`
}

// Token is a chosen credential of a key or a user.
type Token struct {
	Value  string `json:"value"`
	KeyID  string `json:"keyId,omitempty"`
	UserID string `json:"userId,omitempty"`
}

// Webhook is where events are sent.
type Webhook struct {
	ID            string    `json:"id"`
	TargetURL     string    `json:"targetUrl"`
	Operations    []*string `json:"operations"` // the database takes null among them
	Description   *string   `json:"description"`
	Secret        string    `json:"secret"`
	WorkspaceID   string    `json:"workspaceId"`
	ApplicationID string    `json:"applicationId"`
	CreatedAt     string    `json:"createdAt"`
	UpdatedAt     string    `json:"updatedAt"`
	DeletedAt     *string   `json:"deletedAt"`
}
