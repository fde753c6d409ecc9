// Package twenty is a fake of Twenty CRM (server 2.21.0): records over REST and GraphQL, driven by metadata
// that can be changed while it runs.
//
// In a Go test:
//
//	srv := twenty.NewServer(t, twenty.WithCompanies(twenty.Company{Name: "Acme"}))
//	req, _ := http.NewRequest("GET", srv.URL+"/rest/companies", nil)
//	req.Header.Set("Authorization", "Bearer "+twenty.Key)
//
// WithPeople, WithOpportunities, WithRecords, WithFields and WithObjects add further rows, custom fields and custom
// objects to the seed.
//
// Seeds: default (a lifelike workspace of three members), empty (standard metadata, one member), prefilled
// (as after sign-up). Who can call: the API key recorder (Admin), the key restricted (reads and writes
// records, deletes none, sees no settings), the user tim (Admin); see [Key] and Def.Known.
//
// Settings of a world: version says which server it imitates; schema/version.go is the changelog.
// As-documented gives the documented side where the vendor's documentation and the
// server disagree; rest-metadata-legacy answers metadata requests in the envelopes of workspaces whose flag
// IS_REST_METADATA_API_NEW_FORMAT_DIRECT is off; worker has a queue worker write timeline activities, run workflows and
// keep what it has read of the webhooks for ten seconds.
//
// The files: dialect.go and auth.go for what all operations share, records*.go for records over REST,
// metadata*.go for the data model, views, webhooks and keys, openapi_*.go for the workspace's own documents,
// graphql.go for both GraphQL endpoints. Below it, package schema is the data model, packages record, filter, query and
// write are the records, package graphql the language; none of them knows HTTP.
//
// Known differences from the vendor:
//   - Views of the standard objects other than company have columns of our own making. Charts have
//     configurations, which are checked, but no data.
//   - The worker is done before the next request; the vendor's is some tens of milliseconds late. Only records make
//     timeline activities; package workflow says which steps of workflows run.
//   - Keys come in the server's order, but for what it reads side by side (relations of a record, root fields of a
//     document), for the own fields of custom objects, and for steps of workflows and manifests of applications that
//     it answers as it was sent.
//   - Of metadata, webhooks report objects, fields, views and page layouts with their parts, but not indexes,
//     search fields and menu items, which are no rows here. They are not tried again, as at the vendor's.
//   - Overrides of standard objects and fields have no translations. Colors of standard objects change in place.
//   - Refusals come in English, whatever language a user has chosen, except why a person cannot be invited (French).
//     There is no mail: invitations and links to reset a password are not sent or accepted. Members
//     cannot be removed over GraphQL.
//   - OAuth (but for its metadata) is missing. MCP has no skills, and its
//     texts are our own. An application's manifest may bring objects without relations
//     and roles; the texts of its fields may change. What the fake lacks answers 501
//     with the code NOT_IN_THIS_FAKE; missing.go and the package graphql list it.
//   - Groups of a view count its filters of most types, but none of whole phones or actors, of a field of a relation,
//     of any field, or of a range relative to now (IS_RELATIVE).
//   - A browser gets a page without an explorer from the GraphQL endpoints.
//   - Names of indexes are the server's; that a database would refuse a default is worked out from recorded cases.
package twenty

import (
	"bytes"
	"embed"
	"io/fs"
	"maps"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/twenty/graphql"
	"github.com/afba07b5/mockserver/mocks/twenty/pgtext"
	"github.com/afba07b5/mockserver/mocks/twenty/record"
	"github.com/afba07b5/mockserver/mocks/twenty/schema"
	"github.com/afba07b5/mockserver/mocks/twenty/workflow"
)

//go:generate go run ../../fake/specgen .

//go:embed openapi.json seeds/*.json recorded.json documented.json
var files embed.FS

// document is parsed once and shared by all servers.
var document = sync.OnceValue(func() *fake.Spec { return fake.MustLoad(files) })

// templates share the rows of the seeds between all servers of a process.
var templates fake.Templates

// Def describes the fake.
func Def() *fake.Def {
	return &fake.Def{
		Name: "twenty", Title: "Twenty", Hosts: []string{"api.twenty.com"},
		Spec: document(), Seeds: seeds{files}, Templates: &templates, New: newAPI, Unimplemented: unimplemented,
		Flags: flags, Credential: credentialOf, CredentialWorld: credentialWorld, Credentials: newCredentials,
		Known: knownCredentials, Imitates: imitates,
		Example: `curl -H 'Authorization: Bearer {credential}' '{url}/rest/companies?limit=2'`,
		Rewrite: rewrite, Query: parseQuery, Gate: beforeRequest, Finish: tagged, BodyLimit: bodyLimit,
		Reads: graphqlReads, Auth: authenticate, Unknown: unknownRoute, Error: renderError, Evidence: evidenceOf,
		Faults: faults, Secrets: []string{"secret"},
		Derivations: map[string]func(id string) string{"textSearch": pgtext.Vector},
	}
}

// New makes the fake as an Echo application, to mount in another one or to serve.
func New(opts ...fake.Option) (*fake.App, error) { return fake.NewApp(Def(), opts...) }

// NewServer starts the fake on a loopback port for one test.
func NewServer(tb fake.TB, opts ...fake.Option) *fake.TestServer {
	return fake.NewServer(tb, Def(), opts...)
}

// api is the fake in one world.
type api struct {
	*fake.State
	tables  *schema.Tables
	records *record.Store
	limits  *limiter
	graph   *graphql.API

	workflows *workflow.Engine
	read      *readTokens
}

// readTokens are the claims of tokens that were read before, by token.
type readTokens struct{ sync.Map }

func newAPI(s *fake.State) fake.Ops {
	t := &api{State: s, tables: schema.New(s), limits: fake.Shared(s, newLimiter),
		read: fake.Shared(s, func() *readTokens { return &readTokens{} })}
	fake.Bind(s, t)
	t.records = record.NewStore(s, t.tables)
	t.records.Prepare, t.records.Destroyed = t.prepare, t.dropLayout
	t.workflows = &workflow.Engine{State: s, Tables: t.tables, Records: t.records,
		Worker: func() bool { return s.World().Enabled(worker) }}
	t.workflows.Register()
	t.records.Changed = t.changed
	s.RegisterJob(activityJob, t.work)
	ops := t.recordOps()
	maps.Copy(ops, t.metadataOps())
	maps.Copy(ops, t.partOps())
	t.graph = t.newGraph()
	maps.Copy(ops, t.graphqlOps())
	maps.Copy(ops, t.fileOps())
	ops["postMCP"] = t.postMCP
	ops["callWorkflow"], ops["getWorkflow"] = t.callWorkflow, t.callWorkflow
	maps.Copy(ops, t.discoveryOps())
	ops["health"] = health
	return ops
}

func health(r *fake.Request) (any, error) {
	r.SetHeader("Cache-Control", "no-cache, no-store, must-revalidate") // fixtures/twenty/client_config_and_wellknown
	return fake.Raw(`{"status":"ok","info":{},"error":{},"details":{}}`), nil
}

// seeds adds the standard metadata, which all workspaces start with, to each embedded seed.
type seeds struct{ embed.FS }

const standard = "seeds/standard.json"

// ReadFile returns a seed together with the standard metadata: the tables of both, which no table is in twice.
func (s seeds) ReadFile(name string) ([]byte, error) {
	text, err := s.FS.ReadFile(name)
	if err != nil {
		return nil, err
	}
	base, err := s.FS.ReadFile(standard)
	if err != nil {
		return nil, err
	}
	joined := append(bytes.TrimRight(base, "}\n "), ',')
	return append(joined, bytes.TrimLeft(text, "{ \n")...), nil
}

// Glob hides the standard metadata among the seeds: alone it is not one.
func (s seeds) Glob(pattern string) ([]string, error) {
	names, err := fs.Glob(s.FS, pattern)
	out := names[:0]
	for _, name := range names {
		if !strings.HasSuffix(name, "/standard.json") {
			out = append(out, name)
		}
	}
	return out, err
}
