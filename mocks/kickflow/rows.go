package kickflow

import (
	"github.com/afba07b5/mockserver/mocks/kickflow/form"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
	"github.com/afba07b5/mockserver/mocks/kickflow/ticket"
)

// The rows of the tables and their parts.
type (
	User        = org.User
	Image       = org.Image
	LineWorks   = org.LineWorks
	Team        = org.Team
	Membership  = org.Membership
	Chart       = org.Chart
	Plan        = org.Plan
	Grade       = org.Grade
	Role        = org.Role
	Permission  = org.Permission
	RoleMember  = org.RoleMember
	Token       = org.Token
	Tenant      = org.Tenant
	CustomField = org.CustomField
	CustomValue = org.CustomValue
	Master      = org.Master
	MasterField = org.MasterField
	Item        = org.Item
	ItemInput   = org.ItemInput
	AuditLog    = org.AuditLog

	Category         = route.Category
	Folder           = route.Folder
	Route            = route.Route
	RouteFields      = route.RouteFields
	RouteStep        = route.RouteStep
	StepFields       = route.StepFields
	Target           = route.Target
	StepCondition    = route.StepCondition
	StepThreshold    = route.StepThreshold
	Workflow         = route.Workflow
	WorkflowFields   = route.WorkflowFields
	WorkflowViewer   = route.WorkflowViewer
	Branch           = route.Branch
	Proxy            = route.Proxy
	TicketStep       = route.TicketStep
	TicketStepFields = route.TicketStepFields
	Assignee         = route.Assignee

	Ticket        = ticket.Ticket
	TicketFields  = ticket.TicketFields
	TicketSection = ticket.TicketSection
	Label         = ticket.Label
	SubStatus     = ticket.SubStatus
	Link          = ticket.Link
	Viewer        = ticket.Viewer
	Comment       = ticket.Comment
	File          = ticket.File
	Webhook       = ticket.Webhook

	Section       = form.Section
	Field         = form.Field
	FieldSettings = form.FieldSettings
	FieldOptions  = form.FieldOptions
	Threshold     = form.Threshold
	Condition     = form.Condition
	Input         = form.Input
	SlipItem      = form.SlipItem
)
