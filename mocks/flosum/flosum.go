// Package flosum is a fake of the public API of Flosum Cloud Apps: OAuth 2.0 for connected apps
// (Global Settings) and Backup & Archive. In a Go test:
//
//	srv := flosum.NewServer(t)
//	req, _ := http.NewRequest("GET", srv.URL+"/api/v1/connections?page=1&limit=10", nil)
//	req.Header.Set("Authorization", "Bearer "+flosum.AdminToken)
//
// The seed has three connections, past backups, templates, schedulers, users and two connected
// apps, and a second tenant in Japan. To register a client with its own OAuth flow, use
//
//	srv := flosum.NewServer(t, flosum.WithConnectedApp(flosum.ConnectedApp{
//		ClientID: "my-app", ClientSecret: "my-secret", RedirectURIs: []string{"http://localhost:3000/callback"}}))
//
// or POST /__connected-apps. A browser then gets a consent page at /api/v1/oauth/authorize. Without
// a browser, the world's feature [AutoApprove] redirects at once, as does the request header
// Mockserver-Consent: approve (or "approve hoshino@hoshino.example", or "refuse"). With the feature
// [RotateRefreshTokens] each refresh invalidates the refresh token it used.
//
// Jobs run on the world's clock: a backup takes a second per object and a millisecond per record,
// and schedulers fire when the clock passes their time. A job fails if the request that starts it
// has the header Prefer: fault=backup-exception, or after POST /__jobs/{id}/exception. Other faults
// by name are internal-error, unauthorized, forbidden and, for OAuth, invalid-client, invalid-grant
// and access-denied; with the last one the authorization page redirects as if the user had denied
// consent.
//
// The region is us unless the base URL selects another: /flosum/jp/api/v1/..., jp.flosum.localhost
// and backup-jp.flosum.localhost, or the vendor's own host names (global-jp.flosum.app,
// backup-de.flosum.app, ...). On a host of one service only its operations answer, and in a region
// only tokens of its tenants are valid.
//
// Known differences from the vendor. The vendor publishes no recordings, so the fake follows its
// documents alone; texts of messages, log lines, default orders, lifetimes of tokens and all 401
// and 403 are inferred. There are no Salesforce records: filters of templates are stored and shown
// but not evaluated, an object has a fixed number of records, and API quota and the limit of binary
// records have no effect. Roles only decide which connections a user sees. There is no sign-in: the
// page offers the users of the tenant. There are no rate limits, since the vendor documents none,
// and no cookies except that of the consent page.
package flosum

import (
	"cmp"
	"embed"
	"strconv"
	"time"

	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/fake/table"
)

//go:generate go run ../../fake/specgen .

//go:embed openapi.json seeds/*.json
var files embed.FS

// Features of a world. RedirectURI is a text setting: a comma-separated list of redirect URIs that are allowed for
// every connected app in addition to its own.
const (
	// authorize redirects at once, for the first user of the app's tenant
	AutoApprove = "auto-approve"
	// a refresh invalidates the refresh token it used; reuse revokes the grant
	RotateRefreshTokens = "rotate-refresh-tokens"
	RedirectURI         = "redirect-uri"
	// loopback redirect URIs match with any port (RFC 8252, section 7.3)
	LoopbackPorts = "loopback-ports"
)

var flags = []fake.Flag{
	{Name: AutoApprove, Usage: "redirect from /api/v1/oauth/authorize at once, without the consent page"},
	{Name: RotateRefreshTokens, Usage: "let each refresh token be used once"},
	{Name: LoopbackPorts, Usage: "let a loopback redirect URI of a connected app have any port (RFC 8252)"},
	{Name: RedirectURI, Text: true, Check: fitAll,
		Usage: "redirect URIs, parted by commas, to allow for every connected app"},
}

// AdminToken is the well-known access token of the seed's administrator, Ada.
const AdminToken = "synthetic-access-token-ada"

// templates share the rows of the seeds between all servers of a process.
var templates fake.Templates

// Def describes the fake.
func Def() *fake.Def {
	return &fake.Def{
		Name:        "flosum",
		Title:       "Flosum Cloud Apps",
		Hosts:       hosts(),
		Sites:       sites(),
		Spec:        document().spec,
		Seeds:       files,
		Templates:   &templates,
		New:         newAPI,
		Credential:  credentialOf,
		Credentials: newCredentials,

		CredentialWorld: credentialWorld,
		Known:           knownCredentials,
		Example:         `curl -H "Authorization: Bearer {credential}" "{url}/api/v1/connections?page=1&limit=10"`,
		Begin:           func(s *fake.State) { fake.Of[api](s).schedule() },
		Flags:           flags,
		Auth:            authenticate,
		Invalid:         renderInvalid,
		Unknown:         unknownRoute,
		Query:           parseQuery,
		Gate:            beforeRequest,
		Error:           renderError,
		Evidence:        evidenceOf,
		Faults:          faults,
		Secrets:         []string{"client_secret", "clientSecret", "code", "refresh_token", "access_token", "token"},
	}
}

// New makes the fake as an Echo application, to mount in another one or to serve.
func New(opts ...fake.Option) (*fake.App, error) { return fake.NewApp(Def(), opts...) }

// NewServer starts the fake for one test.
func NewServer(tb fake.TB, opts ...fake.Option) *fake.TestServer {
	tb.Helper()
	return fake.NewServer(tb, Def(), opts...)
}

// WithConnectedApp adds an OAuth client; see [ConnectedApp] for its defaults.
func WithConnectedApp(app ConnectedApp) fake.Option {
	return fake.WithState(func(s *fake.State) error {
		_, err := addApp(fake.Of[api](s), app)
		return err
	})
}

// WithUsers adds users.
func WithUsers(users ...User) fake.Option { return fake.WithRows("users", users...) }

// WithConnections adds Salesforce organisations.
func WithConnections(connections ...Connection) fake.Option {
	return fake.WithRows("connections", connections...)
}

// WithTemplates adds templates.
func WithTemplates(templates ...Template) fake.Option {
	return fake.WithRows("templates", templates...)
}

// WithSchedulers adds schedulers, scheduled from the world's present time.
func WithSchedulers(schedulers ...Scheduler) fake.Option {
	return fake.WithState(func(s *fake.State) error {
		a := fake.Of[api](s)
		for _, x := range schedulers {
			if _, err := a.schedulers.Insert(x); err != nil {
				return err
			}
		}
		a.schedule()
		return nil
	})
}

// Tenant is a customer of the vendor; it is in one region.
type Tenant struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Region string `json:"region"` // us, de, jp or au; us if empty
}

// User belongs to a tenant. A user with the role SystemAdministrator sees all its connections, any
// other user the listed ones.
type User struct {
	ID          int64   `json:"id"`
	TenantID    int64   `json:"tenantId"` // 1 if zero
	Email       string  `json:"email"`
	Name        string  `json:"name"`
	Role        string  `json:"role"`
	Inactive    bool    `json:"inactive,omitempty"` // cannot sign in; tokens are rejected
	Connections []int64 `json:"connections,omitempty"`
}

// api is the fake in one world.
type api struct {
	*fake.State
	tenants     *fake.Table[Tenant]
	users       *fake.Table[User]
	apps        *fake.Table[ConnectedApp]
	consents    *fake.Table[consent]
	codes       *fake.Table[code]
	access      *fake.Table[accessToken]
	refresh     *fake.Table[refreshToken]
	connections *fake.Table[Connection]
	settings    *fake.Table[Settings]
	templates   *fake.Table[Template]
	backups     *fake.Table[Backup]
	jobs        *fake.Table[Job]
	schedulers  *fake.Table[Scheduler]
	schedules   *fake.Table[schedule]
	zones       map[string]*time.Location // read so far
}

func newAPI(s *fake.State) fake.Ops {
	a := tablesOf(s)
	fake.Bind(s, a)
	s.RegisterJob("advance", a.advanceJob)
	s.RegisterJob("fire", a.fireScheduler)
	return fake.Ops{
		"OAuthController_authorize_v1": a.authorize,
		"OAuthController_token_v1":     a.token,
		"answerConsent":                a.answerConsent,
		"createConnectedApp":           a.createApp,

		"ConnectionsController_find":                                 a.findConnections,
		"ConnectionsController_findById":                             a.inConnection(a.findConnection),
		"ConnectionsController_getConnectionId":                      a.findConnectionID,
		"ConnectionSettingsController_get":                           a.inConnection(a.findSettings),
		"ConnectionSettingsController_updateConnectionBackupSetting": a.inConnection(a.updateSettings),
		"BackupsController_findAll":                                  a.inConnection(a.findBackups),
		"BackupsController_createBackup":                             a.inConnection(a.createBackup),
		"TemplatesController_createBackupTemplate":                   a.inConnection(a.createTemplate),
		"TemplatesController_findAll":                                a.inConnection(a.findTemplates),
		"TemplatesController_findOneBackupTemplate":                  a.inConnection(a.findTemplate),
		"SchedulersController_createBackupScheduler":                 a.inConnection(a.createScheduler),
		"SchedulersController_findAll":                               a.inConnection(a.findSchedulers),
		"SchedulersController_findOneBackupScheduler":                a.inConnection(a.findScheduler),
		"JobsController_getLogsDetails":                              a.inConnection(a.findLog),
		"JobsController_getLogsProgress":                             a.inConnection(a.findProgress),
		"JobsController_abortBackup":                                 a.inConnection(a.abortJob),
		"failJob":                                                    a.failJob,
	}
}

// tablesOf makes the tables of a new State.
func tablesOf(s *fake.State) *api {
	a := &api{State: s, zones: map[string]*time.Location{}}
	a.tenants = fake.NewTable(s, "tenants", func(t Tenant) string { return key(t.ID) }, a.fillTenant)
	a.users = fake.NewTable(s, "users", func(u User) string { return key(u.ID) }, a.fillUser)
	a.apps = fake.NewTable(s, "connectedApps", func(a ConnectedApp) string { return a.ClientID }, a.fillApp)
	a.consents = fake.NewTable(s, "consents", func(c consent) string { return c.Token }, nil)
	a.codes = fake.NewTable(s, "codes", func(c code) string { return c.Code }, nil)
	a.access = fake.NewTable(s, "accessTokens", func(t accessToken) string { return t.Token }, nil)
	a.refresh = fake.NewTable(s, "refreshTokens", func(t refreshToken) string { return t.Token }, nil)
	a.settings = fake.NewTable(s, "settings", func(x Settings) string { return key(x.ConnectionID) }, nil)
	a.connections = fake.NewTable(s, "connections", func(c Connection) string { return key(c.ID) }, a.fillConnection)
	a.templates = fake.NewTable(s, "templates", func(t Template) string { return key(t.ID) }, a.fillTemplate)
	a.backups = fake.NewTable(s, "backups", func(b Backup) string { return key(b.ID) },
		func(b *Backup) { a.number("backups", &b.ID) })
	a.jobs = fake.NewTable(s, "jobs", func(j Job) string { return key(j.ID) }, func(j *Job) { a.number("jobs", &j.ID) })
	a.schedulers = fake.NewTable(s, "schedulers", func(x Scheduler) string { return key(x.ID) }, a.fillScheduler)
	a.schedules = fake.NewTable(s, "schedules", func(x schedule) string { return key(x.ID) }, nil)
	table.Index(a.users, "email", true, func(u User) []string { return []string{key(u.TenantID) + " " + u.Email} })
	table.Index(a.users, "tenant", false, func(u User) []string { return []string{key(u.TenantID)} })
	table.Index(a.access, "grant", false, func(t accessToken) []string { return []string{t.Grant} })
	table.Index(a.refresh, "grant", false, func(t refreshToken) []string { return []string{t.Grant} })
	table.Index(a.connections, "tenant", false, func(c Connection) []string { return []string{key(c.TenantID)} })
	table.Index(a.connections, "salesforce", false,
		func(c Connection) []string { return []string{shortOrgID(c.SalesforceOrgID)} })
	table.Index(a.templates, "connection", false, func(t Template) []string { return []string{key(t.ConnectionID)} })
	table.Index(a.jobs, "connection", false, func(j Job) []string { return []string{key(j.ConnectionID)} })
	table.Index(a.jobs, "running", true, func(j Job) []string { return j.running() })
	table.Index(a.schedulers, "connection", false, func(x Scheduler) []string { return []string{key(x.ConnectionID)} })
	return a
}

func key(id int64) string { return strconv.FormatInt(id, 10) }

// number gives a row the next number of its kind unless it has one.
func (a *api) number(kind string, id *int64) {
	*id = a.Number(kind, *id)
}

func (a *api) fillTenant(t *Tenant) {
	a.number("tenants", &t.ID)
	t.Region = cmp.Or(t.Region, "us")
}

func (a *api) fillUser(u *User) {
	a.number("users", &u.ID)
	u.TenantID = cmp.Or(u.TenantID, 1)
}

// wireTime formats a time as in the vendor's examples: UTC with milliseconds.
func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
