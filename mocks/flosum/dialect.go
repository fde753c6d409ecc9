package flosum

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/afba07b5/mockserver/fake"
)

var regions = []string{"us", "de", "jp", "au"}

// hosts returns the vendor's host names: two services in four regions.
func hosts() (names []string) {
	for _, region := range regions {
		names = append(names, "global-"+region+domain, "backup-"+region+domain)
	}
	return names
}

const domain = ".flosum.app"

// sites returns the regions. The host name of a region, which the vendor does not have, serves both
// services.
func sites() map[string]string {
	names := map[string]string{}
	for _, region := range regions {
		names[region] = region + domain
	}
	return names
}

// serviceAndRegion returns the service and the region of a host name; service is "" if the host is
// not the vendor's.
func serviceAndRegion(host string) (service, region string) {
	first, _ := strings.CutSuffix(host, domain)
	if slices.Contains(regions, first) {
		return "", first
	}
	service, region, _ = strings.Cut(first, "-")
	if first == host || !slices.Contains(regions, region) {
		return "", "us"
	}
	return service, region
}

// open maps the operations that need no token to their services.
var open = map[string]string{
	"OAuthController_authorize_v1": "global",
	"OAuthController_token_v1":     "global",
	"answerConsent":                "global",
	"createConnectedApp":           "",
	"failJob":                      "",
}

// caller is the principal of a request with a valid token.
type caller struct {
	User User
	App  string
}

func (c caller) sees(connection int64) bool {
	return c.User.Role == "SystemAdministrator" || slices.Contains(c.User.Connections, connection)
}

// authenticate finds the caller. That each service answers only on its own hosts follows from the
// vendor's table of hosts. That a token is valid only in its tenant's region is assumed from "a
// tenant lives in exactly one region and must be called there".
func authenticate(r *fake.Request) error {
	service, region := serviceAndRegion(r.Host)
	belongs, isOpen := open[r.Op.ID]
	if !isOpen {
		belongs = "backup"
	}
	if service != "" && belongs != "" && service != belongs {
		return noRoute(r)
	}
	if isOpen {
		return single(r)
	}
	token, ok := bearer(r.HTTP)
	if !ok {
		return unauthorized("a bearer token is needed")
	}
	a := fake.Of[api](r.State)
	t, ok := a.access.Find(token)
	switch {
	case !ok:
		return unauthorized("no such access token")
	case t.Revoked:
		return unauthorized("the access token is revoked")
	case t.expired(r.Now()):
		return unauthorized("the access token has expired")
	}
	user, ok := a.users.Find(key(t.UserID))
	if !ok || user.Inactive {
		return unauthorized("the token's user is gone or inactive")
	}
	tenant, _ := a.tenants.Find(key(user.TenantID))
	if tenant.Region != region {
		return unauthorized("the token belongs to a tenant of region " + tenant.Region + ", not " + region)
	}
	r.Caller = caller{user, t.ClientID}
	return single(r)
}

func bearer(hr *http.Request) (string, bool) {
	scheme, token, _ := strings.Cut(hr.Header.Get("Authorization"), " ")
	return strings.TrimSpace(token), strings.EqualFold(scheme, "bearer") && strings.TrimSpace(token) != ""
}

// peek is how much of a form body is read to find its world.
const peek = 64 << 10

// credentialOf returns the credentials of a request, best first, separated by blanks: a token, a
// code, a client id.
func credentialOf(hr *http.Request) string {
	if token, ok := bearer(hr); ok {
		return token
	}
	query, _ := parseQuery(hr.URL.RawQuery)
	offered := []string{query.Get("client_id")}
	if kind, _, _ := mime.ParseMediaType(hr.Header.Get("Content-Type")); kind == "application/x-www-form-urlencoded" &&
		hr.Body != nil {
		head, _ := io.ReadAll(io.LimitReader(hr.Body, peek)) // the core reports a broken body
		hr.Body = struct {
			io.Reader
			io.Closer
		}{io.MultiReader(bytes.NewReader(head), hr.Body), hr.Body}
		form, _ := parseQuery(string(head))
		offered = append([]string{form.Get("code"), form.Get("refresh_token"), form.Get("client_id")}, offered...)
	}
	return strings.Join(strings.Fields(strings.Join(offered, " ")), " ")
}

// knownCredentials lists the valid credentials: bearer tokens, then OAuth clients.
func knownCredentials(s *fake.State) (all []fake.Credential) {
	a := fake.Of[api](s)
	for t := range a.access.All() {
		if t.Label == "" {
			continue // issued in a conversation
		}
		user, _ := a.users.Find(key(t.UserID))
		tenant, _ := a.tenants.Find(key(user.TenantID))
		state := "valid"
		switch {
		case t.Revoked, user.Inactive:
			state = "revoked"
		case t.expired(s.Now()):
			state = "expired"
		}
		all = append(all, fake.Credential{Principal: t.Label,
			Role: user.Role + " " + user.Email + ", region " + tenant.Region, State: state, Value: t.Token})
	}
	for app := range a.apps.All() {
		all = append(all, fake.Credential{Principal: app.Name, Role: "OAuth client, " +
			strings.Join(app.Flows, " and "), State: "valid", Value: app.ClientID, Secret: app.ClientSecret})
	}
	return all
}

// newCredentials gives a world new tokens and clients like those of the seed. If value is not
// empty, it adds one token with that value, for the seed's first principal or, if the seed names
// none, the first user.
func newCredentials(s *fake.State, value string) (all []fake.Credential) {
	a, seen := fake.Of[api](s), map[string]bool{}
	for _, c := range knownCredentials(s) {
		if as := c.Principal + " " + c.State; seen[as] { // a fork also has those of its origin
			continue
		} else {
			seen[as] = true
		}
		if token, ok := a.access.Find(c.Value); ok {
			c.Value = a.freshToken(token, value)
		} else if app, ok := a.apps.Find(c.Value); ok {
			app.ClientID, app.ClientSecret = "", ""
			app = must(a.apps.Insert(app))
			c.Value, c.Secret = app.ClientID, app.ClientSecret
		}
		all = append(all, c)
		if value != "" {
			return all
		}
	}
	if value == "" {
		return all
	}
	for u := range a.users.All() {
		token := accessToken{Label: u.Email, UserID: u.ID}
		return []fake.Credential{{Principal: u.Email, Role: u.Role, State: "valid", Value: a.freshToken(token, value)}}
	}
	return nil
}

// freshToken stores a copy of a token under another value, a generated one if value is empty.
func (a *api) freshToken(t accessToken, value string) string {
	t.Token, t.Grant = value, a.NewID()
	if value == "" {
		t.Token = a.selector("access", 64)
	} else {
		a.RegisterCredential(value)
	}
	if a.access.Row(t.Token) == nil {
		must(a.access.Insert(t))
	}
	return t.Token
}

// must is for rows that cannot conflict: those under generated identifiers, and those just read.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// wireError has the three keys of all the vendor's errors.
type wireError struct {
	Message    any     `json:"message"` // a list of texts for 400, otherwise one text
	Error      *string `json:"error"`
	StatusCode int     `json:"statusCode"`
}

// nouns are the names of a table's rows in a 404.
var nouns = map[string]string{
	"connections": "Connection", "settings": "Connection settings", "templates": "Template",
	"schedulers": "Scheduler", "jobs": "Job", "users": "User",
}

// renderError renders an error in the platform's shape. The texts, and error: null in a 401 and a
// 500, are assumed from the defaults of the framework whose traces the vendor's documents show.
func renderError(r *fake.Request, e *fake.Error) any {
	unread(r, e)
	name := http.StatusText(e.Status)
	out := wireError{Message: e.Message, Error: &name, StatusCode: e.Status}
	switch {
	case e.Status == http.StatusBadRequest:
		out.Message = badRequestTexts(e)
	case e.Status == http.StatusUnauthorized:
		out.Message, out.Error = "Unauthorized", nil
	case e.Status >= 500:
		out.Message, out.Error = "Internal server error", nil
	case e.Message == "" && e.Table != "":
		out.Message = fmt.Sprintf("%s with id %s not found", nouns[e.Table], e.ID)
	case e.Message == "":
		out.Message = name
	}
	return out
}

// unread converts the core's errors about a body into a 400, the status that the vendor declares.
// Inferred: the framework reads a body of another content type as empty, so that all required
// fields are missing.
func unread(r *fake.Request, e *fake.Error) {
	switch e.Status {
	case http.StatusUnsupportedMediaType:
		e.Status, e.Fields = http.StatusBadRequest,
			map[string][]string{"message": append(document().wants(r.Op), "the body was not read: "+e.Rule)}
	case http.StatusRequestEntityTooLarge:
		e.Status, e.Fields = http.StatusBadRequest, map[string][]string{"message": {"request entity too large"}}
	}
}

func badRequestTexts(e *fake.Error) []string {
	texts := slices.Clone(e.Fields["message"])
	for _, v := range e.Violations {
		texts = append(texts, strings.TrimSpace(v.Field()+" has a wrong form"))
	}
	if e.Message != "" || texts == nil {
		texts = append(texts, e.Message)
	}
	return texts
}

// refuse returns a 400 with all its texts.
func refuse(texts ...string) *fake.Error {
	return &fake.Error{Status: http.StatusBadRequest, Fields: map[string][]string{"message": texts},
		Rule: strings.Join(texts, "; "), Evidence: fake.Inferred, Source: silent}
}

// silent is the source of rules that the vendor does not state.
const silent = "the vendor does not say"

// stated marks an error that the document of the operation declares.
func stated(r *fake.Request, e *fake.Error) *fake.Error {
	e.Evidence, e.Source = declared(r)
	return e
}

// evidenceOf implements Def.Evidence: a 404 for a row is declared; the core's other errors are not.
func evidenceOf(r *fake.Request, e *fake.Error) (evidence, source string) {
	if e.Status == http.StatusNotFound && e.Table != "" {
		return declared(r)
	}
	return fake.Inferred, silent
}

// declared returns the evidence of a status that the vendor's document declares for the operation.
func declared(r *fake.Request) (evidence, source string) {
	source, _, _ = strings.Cut(r.Op.Source, ";")
	if r.Op.Evidence != fake.Documented || strings.Contains(r.Op.Source, "all refusals are inferred") {
		return fake.Inferred, silent
	}
	return fake.Documented, source
}

func unauthorized(rule string) *fake.Error {
	return &fake.Error{Status: http.StatusUnauthorized, Rule: rule, Evidence: fake.Inferred,
		Source: "the vendor declares no 401"}
}

// missing returns a 404 for a row that exists, but not for this caller or under this path.
func missing(table, id string) error { return &fake.NotFoundError{Table: table, ID: id} }

func noRoute(r *fake.Request) *fake.Error {
	return &fake.Error{Status: http.StatusNotFound, Rule: "no operation has this method and path here",
		Evidence: fake.Inferred, Source: silent,
		Message: fmt.Sprintf("Cannot %s %s", r.HTTP.Method, r.HTTP.URL.EscapedPath())}
}

// unknownRoute answers an unsupported method like an unknown path: 404, assumed as above.
func unknownRoute(r *fake.Request) (any, error) { return nil, noRoute(r) }

// faults are failures by name. The last one is not an answer: the job that the request starts
// fails.
var faults = map[string]fake.Fault{
	"internal-error": {Error: &fake.Error{Status: http.StatusInternalServerError, Rule: "injected",
		Evidence: fake.Inferred, Source: silent}},
	"unauthorized": {Error: unauthorized("injected")},
	"forbidden": {Error: &fake.Error{Status: http.StatusForbidden, Message: "Forbidden resource",
		Rule: "injected", Evidence: fake.Inferred, Source: silent}},
	"invalid-client": {Error: refuse("client_id or client_secret is invalid")},
	"invalid-grant":  {Error: refuse("code is invalid")},
	accessDenied:     {},
	backupException:  {},
}

// Failures that take effect later: the consent page's denial, and a job that fails.
const (
	accessDenied    = "access-denied"
	backupException = "backup-exception"
)

type message struct {
	Message string `json:"message"`
}

// paged answers with one page of rows in their wire form.
func paged[T any](r *fake.Request, rows []*fake.Row[T]) fake.Raw {
	return fake.Raw(fmt.Sprintf(`{"total":%d,"items":%s}`, len(rows), fake.Joined(cut(r, rows))))
}

// cut returns the rows of the page that page and limit select; none past the end.
func cut[T any](r *fake.Request, rows []T) []T {
	page, limit := r.Int("page", 1), r.Int("limit", len(rows))
	if page-1 > len(rows)/limit {
		return nil
	}
	start := min((page-1)*limit, len(rows))
	return rows[start:min(start+limit, len(rows))]
}

// found reports whether a name matches the request's search: a substring, in any case (assumed).
func found(r *fake.Request, name string) bool {
	search := strings.ToLower(r.Query("search"))
	return search == "" || strings.Contains(strings.ToLower(name), search)
}

// sorted sorts rows by sortBy, newest first unless order is ASC (assumed from the vendor's
// examples). No two rows are equal in these orders.
func sorted[T any](r *fake.Request, rows []T, otherwise string, by map[string]func(a, b T) int) []T {
	compare := by[r.Query("sortBy")]
	if compare == nil {
		compare = by[otherwise]
	}
	sign := -1
	if r.Query("order") == "ASC" {
		sign = 1
	}
	slices.SortFunc(rows, func(a, b T) int { return sign * compare(a, b) })
	return rows
}
