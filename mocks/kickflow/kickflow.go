// Package kickflow is a fake of kickflow, a Japanese service for approval workflows: its REST API
// v1 with 94 operations and its webhooks, in memory. Start it in a test with
//
//	srv := kickflow.NewServer(t,
//		kickflow.WithUsers(kickflow.User{Email: "ada@example.com", LastName: "Lovelace", FirstName: "Ada"}))
//
// and call srv.URL + "/v1/users" with "Authorization: Bearer " + kickflow.AdminToken. The seed
// "default" is a company with purchases and refunds, the seed "empty" has only its administrator,
// and "one-a-minute" is the default with a low rate limit. All have the well-known tokens.
//
// The rows are types of the packages org, form, route and ticket below this one, whose documentation
// has their fields: go doc ./mocks/kickflow/org User.
//
// What the vendor offers only on its screens comes from the seed or from options: workflows,
// routes, labels, sub-statuses, custom field definitions, webhooks and tokens. The functions in
// hooks.go do a first sign-in, a new version of a workflow, labels and holds. The table "tenant"
// has one row with the tenant's settings: plan (files and custom fields need enterprise or trial),
// ownProxies (every user may manage their own proxies) and requestsPerMinute (30; 0 for no limit;
// the setting requests-per-minute of a world takes precedence).
//
// Workflows and routes are rows that refer to other rows by id. The variables of a route are the
// codes of form fields with a dollar sign before them. A formula consists of numbers, strings in
// double quotes, such variables (the dollar sign is optional, and a code with a hyphen is written
// in braces), + - * / ( ), comparisons and the functions IF, LEFT, JSON_LOOKUP, SUM, MIN, MAX,
// ROUND, ROUNDUP and ROUNDDOWN; a title formula is text with variables in it. JSON_LOOKUP($author,
// "$.code") reads one property of the author, or of $proxyClientUser.
//
// The feature as-documented of a world omits keys of route steps that are null and that the
// vendor's definition does not allow to be null. testdata/deviations.json lists where this
// package's document deviates from that definition.
//
// Request bodies are read unchanged: a Content-Encoding is not undone, and JSON with a byte order
// mark is invalid. Rack, which the vendor seems to run on, leaves both to the application
// (inferred).
//
// Known differences from the vendor, who documents none of this: the wording of most errors and
// every error code except validation_failed and invalid_parameter; the names of audit log actions;
// the functions of formulas beyond those seen in a real workflow (if, left, json_lookup); the
// delays between webhook retries (30 seconds, doubled each time); the effect of a step of the type
// assignee_customizable (all candidates are assigned, because the API cannot choose one); mentions
// in comments, which are parsed as @ and a user's code. Not implemented: pipelines, external APIs
// behind buttons, CloudSign (a document is rejected), limits on which approvers may fill in a
// field, e-mails, and keys of real answers that the definition lacks: attached in an image,
// authorTeamSnapshot and useRouteStepCondition in a ticket, subStatus in a route's step, the plan
// in a webhook's tenant, and more.
package kickflow

import (
	"embed"
	"fmt"
	"strconv"
	"sync"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/kickflow/dialect"
	"github.com/afba07b5/mockserver/mocks/kickflow/route"
	"github.com/afba07b5/mockserver/mocks/kickflow/ticket"
)

//go:generate go run ../../fake/specgen .

//go:embed openapi.json seeds/*.json
var files embed.FS

// Well-known tokens of the seeds "default" and "empty".
const (
	AdminToken    = "kickflow-admin-token"
	ApproverToken = "kickflow-approver-token" // default only
	MemberToken   = "kickflow-member-token"   // default only
	ServiceToken  = "kickflow-service-token"  // requires X-Caller-Id
	RevokedToken  = "kickflow-revoked-token"  // default only; rejected
)

// document is parsed once and shared by all servers. It is immutable.
var document = sync.OnceValue(func() *fake.Spec { return fake.MustLoad(files) })

// templates share the rows of the seeds between all servers of a process.
var templates fake.Templates

// Def describes the fake.
func Def() *fake.Def {
	return &fake.Def{
		Name: "kickflow", Title: "kickflow", Hosts: []string{"api.kickflow.com"}, Spec: document(),
		Seeds: files, Templates: &templates,
		New: newAPI, Credential: credentialOf, CredentialWorld: credentialWorld, Credentials: newCredentials,
		Known:   knownCredentials,
		Example: `curl -H "Authorization: Bearer {credential}" {url}/v1/users`,
		Rewrite: rewrite, Query: parseQuery, Gate: beforeRequest, Auth: authenticate, Invalid: renderInvalid,
		Unknown: unknownRoute, Error: renderError, Evidence: evidenceOf, Faults: faults, Flags: flags,
	}
}

// flags are the options of the binary, --kickflow-<name>.
var flags = []fake.Flag{{
	Name: "requests-per-minute", Usage: "rate limit per address in place of the tenant's 30; 0 for none", Text: true,
	Check: func(value string) error {
		if n, err := strconv.Atoi(value); err != nil || n < 0 {
			return fmt.Errorf("%q is not a number of requests", value)
		}
		return nil
	},
}, {
	Name:  route.AsDocumented,
	Usage: "kickflow: leave out keys of route steps that the definition does not allow to be null",
}}

// faults are the vendor's own failures. Documented: an answer during maintenance does not have the
// shape of an error.
var faults = map[string]fake.Fault{
	"maintenance": {Status: 503, Body: "<!DOCTYPE html><html><body><h1>503</h1></body></html>",
		Header: map[string][]string{"Content-Type": {"text/html; charset=utf-8"}}},
	"internal": {Error: dialect.Stated(dialect.Definition, dialect.Refuse(500, "fault internal"))},
	"timeout":  {Error: dialect.Stated(dialect.Definition, dialect.Refuse(504, "fault timeout"))},
	"limit": {Error: dialect.Stated(dialect.Reference+"#section/rate-limit",
		dialect.Refuse(429, "fault limit"))},
}

// New makes the fake as an Echo application, to mount in another one or to serve.
func New(opts ...fake.Option) (*fake.App, error) { return fake.NewApp(Def(), opts...) }

// NewServer starts the fake for one test.
func NewServer(tb fake.TB, opts ...fake.Option) *fake.TestServer {
	tb.Helper()
	return fake.NewServer(tb, Def(), opts...)
}

// api is the fake in one world.
type api struct {
	*ticket.API
	limits fake.Window // of the addresses; inferred: it is a minute of the clock
}

func newAPI(s *fake.State) fake.Ops {
	a := &api{API: ticket.New(s)}
	fake.Bind(s, a)
	ops := make(fake.Ops, 128)
	for _, family := range []func(fake.Ops){a.GradeOps, a.UserOps, a.ChartOps, a.TeamOps, a.CategoryOps, a.FolderOps,
		a.MasterOps, a.RoleOps, a.FileOps, a.AuditOps, a.RouteOps, a.WorkflowOps,
		a.ProxyOps, a.TicketOps, a.ViewerOps, a.CommentOps, a.WebhookOps} {
		family(ops)
	}
	s.OnSeeded(a.AssignRoles)
	for id, h := range ops {
		ops[id] = a.Audited(h)
	}
	return ops
}
