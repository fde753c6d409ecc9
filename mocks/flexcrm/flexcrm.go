// Package flexcrm is a fake of FlexCRM: FlexDB tables with their filters, files and processes,
// workflow, users, groups, departments, positions and schedules.
//
// In a Go test:
//
//	srv := flexcrm.NewServer(t)
//	req, _ := http.NewRequest("GET", srv.URL+"/flex/api/v1/flexdb/tbl_customer?limit=5", nil)
//	req.Header.Set("X-FlexCRM-API-KEY", flexcrm.DemoKey)
//
// From a shell, next to the program under test: start the mockserver command, which prints a curl
// command.
//
// The vendor has no OpenAPI document. openapi.yaml is ours and marks each operation as documented
// or inferred. Of the error texts only that of 405 is the vendor's; those of 400, 401 and 403 are
// not published and ours are the reason phrases.
//
// Features of a world: "post-answers-200" (a POST that creates a row answers 200 instead of 201),
// "user-envelope" (GET one user in the older page's form), "every-filter" (if a filter key is sent
// twice, both filters apply instead of the last), "strict-filters" (a filter by an unknown field is
// a 400 instead of being ignored).
//
// Control hooks do what no call of the vendor's does: define tables (WithTable, or PUT
// /__flexcrm/tables/{table_id}), decide as the approver of a workflow (Decide, or POST
// /__flexcrm/applications/{application_id}/{approve|remand|reject}) and read uploaded files (Files,
// or GET /__flexcrm/files/{table_id}/{record_id}/{field_id}). They require an API key like every
// other call.
//
// Faults by name are the statuses of the vendor's table: bad-request, unauthorized, forbidden and
// unknown-method; and internal-error, which that table does not have.
//
// In seeds and saved states the table "tables" holds the definitions, and "flexdb/<table id>" the
// records of one table as answers show them; seeds/default.yaml has examples of all.
//
// Request bodies are read unchanged: a Content-Encoding is not undone, and JSON with a byte order
// mark is invalid. PHP does neither by itself (inferred).
//
// Known differences from the vendor:
//   - The sites of a world share one set of rows: a key opens one site and is rejected on the
//     others, but two sites are not two databases. Use two worlds for that.
//   - 計算結果 fields have a small formula language of ours (see formula); the vendor's is not
//     published.
//   - Of the screen rules behind the processes the fake has few: required fields, approvals and
//     steps that stay done. There are no to-dos, notices, overdue states, field locks or dates
//     linked to a completion.
//   - There is no rate limit, webhook, search or file download, since none is published.
package flexcrm

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

//go:generate go run ../../fake/specgen .

//go:embed openapi.json seeds/*.json
var files embed.FS

const (
	// Site is the site of the default seed.
	Site = "flex"
	// DemoKey is the key of a system administrator in the default seed.
	DemoKey = "FlexDemoSystemAdministratorKey01"
)

// document is parsed once and shared by all servers.
var document = sync.OnceValue(func() *fake.Spec { return fake.MustLoad(files) })

// templates share the rows of the seeds between all servers of a process.
var templates fake.Templates

// Def describes the fake.
func Def() *fake.Def {
	return &fake.Def{
		Name:        "flexcrm",
		Title:       "FlexCRM",
		Hosts:       []string{"flex-crm.com", "*.flex-crm.com"},
		Spec:        document(),
		Seeds:       files,
		Templates:   &templates,
		New:         newAPI,
		Credential:  credentialOf,
		Credentials: newCredentials,

		CredentialWorld: credentialWorld,
		Known:           knownCredentials,
		Faults:          faults,
		Example: "curl -H '" + keyHeader + ": {credential}' '{url}/" + Site +
			"/api/v1/flexdb/tbl_customer?limit=5'",
		Rewrite:  rewrite,
		Query:    parseQuery,
		Auth:     authenticate,
		Invalid:  renderInvalid,
		Unknown:  unknownRoute,
		Error:    renderError,
		Evidence: evidenceOf,
		Flags:    flags,
		Secrets:  []string{"password"},
	}
}

// flags are choices that the vendor's documentation leaves open.
var flags = []fake.Flag{
	{Name: "post-answers-200", Usage: "a POST that makes a row answers 200 instead of 201"},
	{Name: "user-envelope", Usage: "GET one user answers in the older page's form"},
	{Name: "every-filter", Usage: "of one filter key sent twice both count instead of the last, as in PHP"},
	{Name: "strict-filters", Usage: "a filter by an unknown field is refused instead of ignored"},
}

// New makes the fake as an Echo application, to mount in another one or to serve.
func New(opts ...fake.Option) (*fake.App, error) { return fake.NewApp(Def(), opts...) }

// NewServer starts a FlexCRM for one test.
func NewServer(tb fake.TB, opts ...fake.Option) *fake.TestServer {
	return fake.NewServer(tb, Def(), opts...)
}

// WithTable defines a FlexDB table, or changes the fields of one of the seed.
func WithTable(t Table) fake.Option {
	return fake.WithState(func(s *fake.State) error { return fake.Of[api](s).define(t) })
}

// WithRecords creates records as a POST would: keys and values in the form that clients write.
func WithRecords(table string, records ...map[string]any) fake.Option {
	return fake.WithState(func(s *fake.State) error { return fake.Of[api](s).createAll(table, records) })
}

// Create creates records on a running server; see WithRecords.
func Create(s *fake.State, table string, records ...map[string]any) error {
	return s.Change(func() error { return fake.Of[api](s).createAll(table, records) })
}

// WithUsers adds users; the default status is enabled.
func WithUsers(users ...User) fake.Option {
	users = slices.Clone(users)
	for i := range users {
		users[i].Status = max(users[i].Status, 1)
	}
	return fake.WithRows("users", users...)
}

// WithKeys adds API keys, for other sites or tables than those of the seed.
func WithKeys(keys ...Key) fake.Option { return fake.WithRows("keys", keys...) }

// Define defines a table on a running server; see WithTable.
func Define(s *fake.State, t Table) error {
	return s.Change(func() error { return fake.Of[api](s).define(t) })
}

// Files returns the files uploaded to a field of a record, oldest first.
func Files(s *fake.State, table string, record int64, field string) (all []Upload) {
	s.View(func() { all = fake.Of[api](s).uploads(table, record, field) })
	return all
}

// api is the fake of one world. Its only state is its tables.
type api struct {
	*fake.State
	keys         *fake.Table[Key]
	tables       *fake.Table[Table]
	files        *fake.Table[Upload]
	users        *fake.Table[User]
	groups       *fake.Table[Group]
	departments  *fake.Table[Department]
	positions    *fake.Table[Position]
	categories   *fake.Table[Category]
	schedules    *fake.Table[Schedule]
	formats      *fake.Table[Format]
	applications *fake.Table[Application]
	approvals    *fake.Table[Approval]
	processes    *fake.Table[Process]
}

func newAPI(s *fake.State) fake.Ops {
	a := makeTables(s)
	ops := fake.Ops{"listProcesses": a.listProcesses, "updateProcess": a.updateProcess}
	for _, more := range []fake.Ops{a.recordOps(), a.workflowOps(), a.userOps(), a.organisationOps(), a.scheduleOps(),
		a.controlOps()} {
		maps.Copy(ops, more)
	}
	return ops
}

func makeTables(s *fake.State) *api {
	a := &api{State: s}
	fake.Bind(s, a)
	a.keys = fake.NewTable(s, "keys", func(key Key) string { return key.Key }, nil)
	a.users = fake.NewTable(s, "users", func(u User) string { return rowKey(u.ID) }, fillUser(a))
	a.groups = fake.NewTable(s, "groups", func(g Group) string { return rowKey(g.ID) }, func(g *Group) {
		g.ID = a.Number("groups", g.ID)
		g.Timestamps.fill(a.Now())
	})
	a.departments = fake.NewTable(s, "departments", func(d Department) string { return rowKey(d.ID) },
		fillDepartment(a))
	a.positions = fake.NewTable(s, "positions", func(p Position) string { return rowKey(p.ID) }, func(p *Position) {
		p.ID = a.Number("positions", p.ID)
		p.Timestamps.fill(a.Now())
	})
	a.categories = fake.NewTable(s, "categories", func(c Category) string { return rowKey(c.ID) }, nil)
	a.schedules = fake.NewTable(s, "schedules", func(e Schedule) string { return rowKey(e.ID) }, fillSchedule(a))
	a.formats = fake.NewTable(s, "formats", func(f Format) string { return rowKey(f.ID) }, nil)
	a.applications = fake.NewTable(s, "applications", func(a Application) string { return rowKey(a.ID) },
		fillApplication(a))
	a.approvals = fake.NewTable(s, "approvals", func(a Approval) string { return rowKey(a.ID) }, fillApproval(a))
	a.processes = fake.NewTable(s, "processes", func(p Process) string { return rowKey(p.ID) }, fillProcess(a))
	a.files = fake.NewTable(s, "files", func(f Upload) string { return f.ID }, nil)
	a.tables = fake.NewTable(s, "tables", func(t Table) string { return strings.ToLower(t.ID) }, a.fillTable)
	table.Index(a.users, "userid", true, func(u User) []string { return []string{u.UserID} })
	table.Index(a.processes, ofRecord, false, recordKeys)
	table.Index(a.approvals, ofApplication, false,
		func(a Approval) []string { return []string{rowKey(a.ApplicationID)} })
	s.OnMissingTable(func(name string) {
		id, ok := strings.CutPrefix(name, recordsPrefix)
		if t, known := a.tables.Find(id); ok && known {
			a.makeRecords(t)
		}
	})
	return a
}

// createAll creates records on behalf of the first user.
func (a *api) createAll(table string, records []map[string]any) error {
	t, err := a.tableByID(table)
	for _, values := range records {
		if err != nil {
			return err
		}
		texts := map[string]string{}
		for key, value := range values {
			texts[key] = fmt.Sprint(value)
		}
		_, err = a.create(t, texts, 1)
	}
	return err
}

func (a *api) uploads(table string, record int64, field string) (all []Upload) {
	prefix := filePrefix(table, record, field)
	for f := range a.files.All() {
		if strings.HasPrefix(f.ID, prefix) {
			all = append(all, f)
		}
	}
	return all
}

// controlOps returns the control hooks under /__flexcrm.
func (a *api) controlOps() fake.Ops {
	return fake.Ops{"listTables": a.listTables, "defineTable": a.defineTable, "listFiles": a.listFiles}
}

func (a *api) listTables(*fake.Request) (any, error) {
	return slices.AppendSeq([]Table{}, a.tables.All()), nil
}

func (a *api) defineTable(r *fake.Request) (any, error) {
	var t Table
	if err := r.Decode(&t); err != nil {
		return nil, undefinable("%v", err)
	}
	t.ID = r.Path("table_id")
	return done, a.define(t)
}

func (a *api) listFiles(r *fake.Request) (any, error) {
	n, _ := rowNumber(r.Path("record_id"))
	return slices.AppendSeq([]Upload{}, slices.Values(a.uploads(r.Path("table_id"), n, r.Path("field_id")))), nil
}
