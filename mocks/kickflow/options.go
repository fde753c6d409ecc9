package kickflow

import (
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/org"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
	"github.com/afba07b5/mockserver/mocks/kickflow/ticket"
)

// WithUsers adds users to the seed. Empty fields get their defaults, here and in the other options.
func WithUsers(rows ...org.User) fake.Option { return fake.WithRows("users", rows...) }

// WithGrades adds grades to the seed.
func WithGrades(rows ...org.Grade) fake.Option { return fake.WithRows("grades", rows...) }

// WithCategories adds categories of workflows to the seed.
func WithCategories(rows ...route.Category) fake.Option { return fake.WithRows("categories", rows...) }

// WithFolders adds folders of workflows to the seed.
func WithFolders(rows ...route.Folder) fake.Option { return fake.WithRows("folders", rows...) }

// WithRoles adds roles to the seed.
func WithRoles(rows ...org.Role) fake.Option { return fake.WithRows("roles", rows...) }

// WithRoleMembers adds holders of roles to the seed.
func WithRoleMembers(rows ...org.RoleMember) fake.Option {
	return fake.WithRows("roleMembers", rows...)
}

// WithCharts adds organization charts to the seed.
func WithCharts(rows ...org.Chart) fake.Option { return fake.WithRows("organizationCharts", rows...) }

// WithTeams adds teams to the seed.
func WithTeams(rows ...org.Team) fake.Option { return fake.WithRows("teams", rows...) }

// WithMemberships adds memberships of teams to the seed.
func WithMemberships(rows ...org.Membership) fake.Option {
	return fake.WithRows("memberships", rows...)
}

// WithGeneralMasters adds general masters to the seed.
func WithGeneralMasters(rows ...org.Master) fake.Option {
	return fake.WithRows("generalMasters", rows...)
}

// WithGeneralMasterItems adds items of general masters to the seed.
func WithGeneralMasterItems(rows ...org.Item) fake.Option {
	return fake.WithRows("generalMasterItems", rows...)
}

// WithTokens adds API tokens to the seed.
func WithTokens(rows ...org.Token) fake.Option { return fake.WithRows("tokens", rows...) }

// WithCustomFields adds custom field definitions to the seed.
func WithCustomFields(rows ...org.CustomField) fake.Option {
	return fake.WithRows("customFields", rows...)
}

// WithRoutes adds routes of workflows to the seed.
func WithRoutes(rows ...route.Route) fake.Option { return fake.WithRows("routes", rows...) }

// WithWorkflows adds workflows to the seed.
func WithWorkflows(rows ...route.Workflow) fake.Option { return fake.WithRows("workflows", rows...) }

// WithLabels adds labels to the seed.
func WithLabels(rows ...ticket.Label) fake.Option { return fake.WithRows("labels", rows...) }

// WithSubStatuses adds sub-statuses to the seed.
func WithSubStatuses(rows ...ticket.SubStatus) fake.Option {
	return fake.WithRows("subStatuses", rows...)
}

// WithProxyApplicants adds proxies who may apply to the seed.
func WithProxyApplicants(rows ...route.Proxy) fake.Option {
	return fake.WithRows("proxyApplicants", rows...)
}

// WithProxyApprovers adds proxies who may approve to the seed.
func WithProxyApprovers(rows ...route.Proxy) fake.Option {
	return fake.WithRows("proxyApprovers", rows...)
}

// WithTickets adds tickets to the seed.
func WithTickets(rows ...ticket.Ticket) fake.Option { return fake.WithRows("tickets", rows...) }

// WithWebhooks adds webhooks to the seed.
func WithWebhooks(rows ...ticket.Webhook) fake.Option { return fake.WithRows("webhooks", rows...) }

// WithTenant changes the tenant's settings.
func WithTenant(change func(*org.Tenant)) fake.Option {
	return fake.WithState(func(s *fake.State) error {
		k := fake.Of[api](s)
		_, err := k.Tenant.Update(k.Settings().ID, func(t org.Tenant) (org.Tenant, error) { change(&t); return t, nil })
		return err
	})
}
