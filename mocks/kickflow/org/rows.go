// Package org has the company of a tenant: its users, teams, organization charts, grades and custom
// fields, the roles with the permissions that others ask for, general masters, tokens and the audit
// log. It knows no workflow and no ticket: what happens to those when a user leaves, and what a
// folder looks like, it asks functions that are set from above. It also has what the packages above
// do with the rows of any table.
package org

// Tenant is the customer company.
type Tenant struct {
	ID                string `json:"id"`
	PublicID          string `json:"publicId"`
	Name              string `json:"name"`
	Plan              string `json:"plan"` // standard, enterprise or trial
	OwnProxies        bool   `json:"ownProxies"`
	RequestsPerMinute int    `json:"requestsPerMinute"`
}

// User is a person of the tenant.
type User struct {
	ID            string        `json:"id"`
	Email         string        `json:"email"`
	Code          string        `json:"code"`
	FirstName     string        `json:"firstName"`
	LastName      string        `json:"lastName"`
	FullName      string        `json:"fullName"`
	EmployeeID    *string       `json:"employeeId"`
	Image         Image         `json:"image"`
	Status        string        `json:"status"` // invited, activated, suspended or deactivated
	Locale        string        `json:"locale"`
	UserType      string        `json:"userType"`
	CreatedAt     string        `json:"createdAt"`
	UpdatedAt     string        `json:"updatedAt"`
	DeactivatedAt *string       `json:"deactivatedAt"`
	LastUsedOn    *string       `json:"lastUsedOn"`
	CustomFields  []CustomValue `json:"customFields"`
}

// Image has the URLs of a user's picture by size.
type Image struct {
	Large  *string `json:"100x100"`
	Medium *string `json:"64x64"`
	Small  *string `json:"32x32"`
}

// LineWorks is a user's account at LINE WORKS.
type LineWorks struct {
	UserID    string `json:"userId"`
	AccountID string `json:"lineWorksAccountId"`
}

// Team is a node of an organization chart.
type Team struct {
	ID          string  `json:"id"`
	Name        string  `json:"name"`
	Code        string  `json:"code"`
	Notes       *string `json:"notes"`
	ApproveOnly bool    `json:"approveOnly"` // cannot be applied from
	CreatedAt   string  `json:"createdAt"`
	UpdatedAt   string  `json:"updatedAt"`
	ChartID     string  `json:"organizationChartId"`
	ParentID    *string `json:"parentId"`
}

// Membership says that a user belongs to a team, with at least one grade.
type Membership struct {
	TeamID   string   `json:"teamId"`
	UserID   string   `json:"userId"`
	Leader   bool     `json:"leader"`
	GradeIDs []string `json:"gradeIds"`
}

func (m Membership) key() string { return m.TeamID + "/" + m.UserID }

// Chart is an organization chart; exactly one is current.
type Chart struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Current        bool   `json:"current"`
	CreatedAt      string `json:"createdAt"`
	UpdatedAt      string `json:"updatedAt"`
	ActivationPlan *Plan  `json:"activationPlan"`
}

// Plan says on which day a chart becomes current.
type Plan struct {
	ID        string `json:"id"`
	DueOn     string `json:"dueOn"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

// Grade is a job title; a higher level is more senior (inferred).
type Grade struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Level     int    `json:"level"`
	Code      string `json:"code"`
	IsDefault bool   `json:"isDefault"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
}

// Role gives its members administrator's permissions. The built-in role has Editable false, holds
// every permission and keeps at least one member.
type Role struct {
	ID             string       `json:"id"`
	Name           string       `json:"name"`
	Editable       bool         `json:"editable"`
	CreatedAt      string       `json:"createdAt"`
	UpdatedAt      string       `json:"updatedAt"`
	PermissionList []Permission `json:"permissionList"`
}

// Permission is an entry of a role. A restricted one applies only to the listed folders, general
// masters and teams.
type Permission struct {
	Permission       string   `json:"permission"`
	Restricted       bool     `json:"restricted"`
	FolderIDs        []string `json:"folderIds"`
	GeneralMasterIDs []string `json:"generalMasterIds"`
	TeamIDs          []string `json:"teamIds"`
}

// RoleMember says that a user has a role.
type RoleMember struct {
	RoleID string `json:"roleId"`
	UserID string `json:"userId"`
}

// Token is a bearer token. A personal token acts as its owner, that of a service account as the
// user in X-Caller-Id.
type Token struct {
	Value string `json:"value"`
	Kind  string `json:"kind"` // personal or service
	// owner of a personal token; caller in examples of a service token
	UserID string `json:"userId,omitempty"`
	Name   string `json:"name"` // name of the principal
	// name or id of a role that a seed gives to the owner, beside those in roleMembers
	Role    string `json:"role,omitempty"`
	About   string `json:"about,omitempty"` // its permissions, in a few words
	Revoked bool   `json:"revoked,omitempty"`
}

// CustomField defines an additional field of users.
type CustomField struct {
	Code      string   `json:"code"`
	FieldType string   `json:"fieldType"` // text, textLong, number, integer, checkbox, pullDown or date
	Options   []string `json:"options,omitempty"`
}

// CustomValue is a user's value of such a field: a string, or strings for a checkbox.
type CustomValue struct {
	Code      string  `json:"code"`
	FieldType *string `json:"fieldType"` // null if the definition has been deleted
	Value     any     `json:"value"`
}

// Master is a general master: a table that the tenant defines.
type Master struct {
	ID                        string        `json:"id"`
	Code                      string        `json:"code"`
	Name                      string        `json:"name"`
	Description               *string       `json:"description"`
	DefaultSortBy             string        `json:"defaultSortBy"` // name or code
	InitialDisplayCode        bool          `json:"initialDisplayCode"`
	InitialDisplayCreatedAt   bool          `json:"initialDisplayCreatedAt"`
	InitialDisplayDescription bool          `json:"initialDisplayDescription"`
	CreatedAt                 string        `json:"createdAt"`
	UpdatedAt                 string        `json:"updatedAt"`
	Fields                    []MasterField `json:"fields"`
}

// MasterField is a column of a general master.
type MasterField struct {
	ID             string   `json:"id"`
	Title          string   `json:"title"`
	Description    *string  `json:"description"`
	Code           string   `json:"code"`
	FieldType      string   `json:"fieldType"`
	Required       bool     `json:"required"`
	FieldOrder     int      `json:"fieldOrder"`
	Visible        bool     `json:"visible"`
	InitialDisplay bool     `json:"initialDisplay"`
	Options        []string `json:"options"` // null unless checkbox or pull_down
	CreatedAt      string   `json:"createdAt"`
	UpdatedAt      string   `json:"updatedAt"`
}

// Item is a row of a general master.
type Item struct {
	ID          string      `json:"id"`
	Code        string      `json:"code"`
	Name        string      `json:"name"`
	Description *string     `json:"description"`
	CreatedAt   string      `json:"createdAt"`
	UpdatedAt   string      `json:"updatedAt"`
	StartsOn    *string     `json:"startsOn"`
	EndsOn      *string     `json:"endsOn"`
	Inputs      []ItemInput `json:"inputs"`
	MasterID    string      `json:"generalMasterId"`
}

// ItemInput is an item's value of a field of its master.
type ItemInput struct {
	ID        string `json:"id"`
	Value     any    `json:"value"`
	CreatedAt string `json:"createdAt"`
	UpdatedAt string `json:"updatedAt"`
	FieldCode string `json:"fieldCode"`
}

// AuditLog records one action.
type AuditLog struct {
	ID         string         `json:"id"`
	Action     string         `json:"action"`
	Data       map[string]any `json:"data"`
	RemoteIP   *string        `json:"remoteIp"`
	RequestID  *string        `json:"requestId"`
	SystemType *string        `json:"systemType"`
	CreatedAt  string         `json:"createdAt"`
	UpdatedAt  string         `json:"updatedAt"`
	UserID     *string        `json:"userId"` // null for actions of the system
}
