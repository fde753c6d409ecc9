package kickflow

import (
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
	"github.com/afba07b5/mockserver/mocks/kickflow/ticket"
)

// The rows of the tables and their parts.
type (
	// User is a person of the tenant.
	User = org.User
	// Image has the URLs of a user's picture by size.
	Image = org.Image
	// LineWorks is a user's account at LINE WORKS.
	LineWorks = org.LineWorks
	// Team is a node of an organization chart.
	Team = org.Team
	// Membership says that a user belongs to a team, with at least one grade.
	Membership = org.Membership
	// Chart is an organization chart.
	Chart = org.Chart
	// Plan says on which day a chart becomes current.
	Plan = org.Plan
	// Grade is a job title.
	Grade = org.Grade
	// Role gives its members administrator's permissions.
	Role = org.Role
	// Permission is an entry of a role.
	Permission = org.Permission
	// RoleMember says that a user has a role.
	RoleMember = org.RoleMember
	// Token is a bearer token.
	Token = org.Token
	// Tenant is the customer company.
	Tenant = org.Tenant
	// CustomField defines an additional field of users.
	CustomField = org.CustomField
	// CustomValue is a user's value of such a field.
	CustomValue = org.CustomValue
	// Master is a general master.
	Master = org.Master
	// MasterField is a column of a general master.
	MasterField = org.MasterField
	// Item is a row of a general master.
	Item = org.Item
	// ItemInput is an item's value of a field of its master.
	ItemInput = org.ItemInput
	// AuditLog records one action.
	AuditLog = org.AuditLog

	// Category groups workflows.
	Category = route.Category
	// Folder holds workflows, routes and further folders.
	Folder = route.Folder
	// Route is one version of an approval route.
	Route = route.Route
	// RouteFields are shown as stored.
	RouteFields = route.RouteFields
	// RouteStep says who decides at a step, and how many of them must agree.
	RouteStep = route.RouteStep
	// StepFields are shown as stored.
	StepFields = route.StepFields
	// Target narrows the assignees.
	Target = route.Target
	// StepCondition says when a step is skipped.
	StepCondition = route.StepCondition
	// StepThreshold compares a variable with a value, a grade, a team or an item.
	StepThreshold = route.StepThreshold
	// Workflow is one version of a workflow.
	Workflow = route.Workflow
	// WorkflowFields are shown as stored.
	WorkflowFields = route.WorkflowFields
	// WorkflowViewer is a viewer that every submitted ticket is shared with.
	WorkflowViewer = route.WorkflowViewer
	// Branch selects a route, or rejects the application with a message, if its conditions hold.
	Branch = route.Branch
	// Proxy lets one user act for another.
	Proxy = route.Proxy
	// TicketStep is a step of the route in this ticket.
	TicketStep = route.TicketStep
	// TicketStepFields are shown as stored.
	TicketStepFields = route.TicketStepFields
	// Assignee is a user who decides at a step.
	Assignee = route.Assignee

	// Ticket is one application.
	Ticket = ticket.Ticket
	// TicketFields are shown as stored.
	TicketFields = ticket.TicketFields
	// TicketSection gives a section of the workflow an identifier in the ticket.
	TicketSection = ticket.TicketSection
	// Label marks tickets.
	Label = ticket.Label
	// SubStatus refines the status in_progress.
	SubStatus = ticket.SubStatus
	// Link relates two tickets.
	Link = ticket.Link
	// Viewer is a user or a team that a ticket is shared with.
	Viewer = ticket.Viewer
	// Comment is a comment on a ticket.
	Comment = ticket.Comment
	// File is an uploaded file.
	File = ticket.File
	// Webhook sends events of workflows to a URL.
	Webhook = ticket.Webhook

	// Section is a part of a workflow's form.
	Section = form.Section
	// Field is a field of a form or a column of a slip.
	Field = form.Field
	// FieldSettings are part of every view of a field.
	FieldSettings = form.FieldSettings
	// FieldOptions are shown in a workflow only.
	FieldOptions = form.FieldOptions
	// Threshold is the right side of a condition.
	Threshold = form.Threshold
	// Condition compares a form field with a threshold.
	Condition = form.Condition
	// Input is a ticket's value of a field.
	Input = form.Input
	// SlipItem is a row of a slip section.
	SlipItem = form.SlipItem
)

// WithUsers adds users to the seed. Empty fields get their defaults, here and in the other options.
func WithUsers(rows ...User) fake.Option { return fake.WithRows("users", rows...) }

// WithGrades adds grades to the seed.
func WithGrades(rows ...Grade) fake.Option { return fake.WithRows("grades", rows...) }

// WithCategories adds categories of workflows to the seed.
func WithCategories(rows ...Category) fake.Option { return fake.WithRows("categories", rows...) }

// WithFolders adds folders of workflows to the seed.
func WithFolders(rows ...Folder) fake.Option { return fake.WithRows("folders", rows...) }

// WithRoles adds roles to the seed.
func WithRoles(rows ...Role) fake.Option { return fake.WithRows("roles", rows...) }

// WithRoleMembers adds holders of roles to the seed.
func WithRoleMembers(rows ...RoleMember) fake.Option {
	return fake.WithRows("roleMembers", rows...)
}

// WithCharts adds organization charts to the seed.
func WithCharts(rows ...Chart) fake.Option { return fake.WithRows("organizationCharts", rows...) }

// WithTeams adds teams to the seed.
func WithTeams(rows ...Team) fake.Option { return fake.WithRows("teams", rows...) }

// WithMemberships adds memberships of teams to the seed.
func WithMemberships(rows ...Membership) fake.Option {
	return fake.WithRows("memberships", rows...)
}

// WithGeneralMasters adds general masters to the seed.
func WithGeneralMasters(rows ...Master) fake.Option {
	return fake.WithRows("generalMasters", rows...)
}

// WithGeneralMasterItems adds items of general masters to the seed.
func WithGeneralMasterItems(rows ...Item) fake.Option {
	return fake.WithRows("generalMasterItems", rows...)
}

// WithTokens adds API tokens to the seed.
func WithTokens(rows ...Token) fake.Option { return fake.WithRows("tokens", rows...) }

// WithCustomFields adds custom field definitions to the seed.
func WithCustomFields(rows ...CustomField) fake.Option {
	return fake.WithRows("customFields", rows...)
}

// WithRoutes adds routes of workflows to the seed.
func WithRoutes(rows ...Route) fake.Option { return fake.WithRows("routes", rows...) }

// WithWorkflows adds workflows to the seed.
func WithWorkflows(rows ...Workflow) fake.Option { return fake.WithRows("workflows", rows...) }

// WithLabels adds labels to the seed.
func WithLabels(rows ...Label) fake.Option { return fake.WithRows("labels", rows...) }

// WithSubStatuses adds sub-statuses to the seed.
func WithSubStatuses(rows ...SubStatus) fake.Option {
	return fake.WithRows("subStatuses", rows...)
}

// WithProxyApplicants adds proxies who may apply to the seed.
func WithProxyApplicants(rows ...Proxy) fake.Option {
	return fake.WithRows("proxyApplicants", rows...)
}

// WithProxyApprovers adds proxies who may approve to the seed.
func WithProxyApprovers(rows ...Proxy) fake.Option {
	return fake.WithRows("proxyApprovers", rows...)
}

// WithTickets adds tickets to the seed.
func WithTickets(rows ...Ticket) fake.Option { return fake.WithRows("tickets", rows...) }

// WithWebhooks adds webhooks to the seed.
func WithWebhooks(rows ...Webhook) fake.Option { return fake.WithRows("webhooks", rows...) }

// WithTenant changes the tenant's settings.
func WithTenant(change func(*Tenant)) fake.Option {
	return fake.WithState(func(s *fake.State) error {
		a := fake.Of[api](s)
		edit := func(t org.Tenant) (org.Tenant, error) { change(&t); return t, nil }
		_, err := table.Update(a.Tenant, a.Settings().ID, edit)
		return err
	})
}
