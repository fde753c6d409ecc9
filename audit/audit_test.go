package audit_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/audit"
	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
	"github.com/afba07b5/mockserver/mocks/kickflow"
)

// users are enough for a list of several pages.
func users(n int) fake.Option {
	var rows []kickflow.User
	for i := range n {
		rows = append(rows, kickflow.User{Email: fmt.Sprintf("u%d@example.com", i), LastName: fmt.Sprint("U", i)})
	}
	return kickflow.WithUsers(rows...)
}

// conversation is how a client does something, wrongly or well.
type conversation struct {
	rule    string
	fake    string
	options []fake.Option
	bad     func(*client)
	good    func(*client)
}

// limited lets a client of the fake send two requests a minute.
func limited(c *client) {
	settings := c.srv.Settings()
	settings.LimitsOff, settings.Texts = false, map[string]string{"requests-per-minute": "2"}
	c.srv.World.Change(settings)
	c.srv.Set(c.srv.Clock.Now().Truncate(time.Minute).Add(time.Minute)) // where the vendor's minute begins
}

// unavailable makes the next requests fail with a 503 that says when to come again.
func unavailable(c *client, times int) {
	c.srv.Faults.Add(fake.FaultRule{Times: times, Fake: c.srv.State.Fake(),
		Fault: fake.Fault{Status: 503, Body: "{}", Header: http.Header{"Retry-After": {"20"}}}})
}

func repeat(n int, do func()) {
	for range n {
		do()
	}
}

var conversations = []conversation{
	{
		rule: "retry-too-early", fake: "kickflow",
		bad: func(c *client) {
			limited(c)
			repeat(5, func() { c.send("GET /v1/grades", ""); c.advance(time.Second) })
		},
		good: func(c *client) {
			limited(c)
			repeat(3, func() { c.send("GET /v1/grades", "") })
			c.advance(time.Minute)
			c.send("GET /v1/grades", "")
		},
	},
	{
		rule: "retry-too-early", fake: "twenty",
		bad: func(c *client) {
			unavailable(c, 1)
			repeat(2, func() { c.send("GET /rest/companies", ""); c.advance(time.Second) })
		},
		good: func(c *client) {
			unavailable(c, 1)
			c.send("GET /rest/companies", "")
			c.send("GET /rest/people", "") // another operation may be up
			c.advance(20 * time.Second)
			c.send("GET /rest/companies", "")
		},
	},
	{
		rule: "polled-too-fast", fake: "flosum",
		bad: func(c *client) {
			repeat(6, func() { c.get("/api/v1/connections/1/jobs/101/logs/progress"); c.advance(time.Second / 5) })
		},
		good: func(c *client) {
			repeat(6, func() { c.get("/api/v1/connections/1/jobs/101/logs/progress"); c.advance(2 * time.Second) })
		},
	},
	{
		rule: "page-url-built", fake: "kickflow", options: []fake.Option{users(12)},
		bad: func(c *client) {
			c.get("/v1/users?perPage=5&page=1&sortBy=email")
			c.get("/v1/users?perPage=5&page=2&sortBy=email")
		},
		good: func(c *client) { c.follow("/v1/users?perPage=5&sortBy=email") },
	},
	{
		rule: "filter-not-used", fake: "kickflow", options: []fake.Option{users(12)},
		bad: func(c *client) {
			for i := range 2 {
				ids := c.follow("/v1/users?perPage=10&sortBy=email")
				c.send("PATCH /v1/users/"+ids[3*i], `{"lastName":"Changed"}`)
			}
		},
		good: func(c *client) {
			for i := range 2 {
				id := c.get(fmt.Sprintf("/v1/users/lookupByEmail?email=u%d@example.com", i)).ids()[0]
				c.send("PATCH /v1/users/"+id, `{"lastName":"Changed"}`)
			}
			c.follow("/v1/users?perPage=10&sortBy=email") // a copy of all is a reason to read all
			c.follow("/v1/users?perPage=10&sortBy=email")
		},
	},
	{
		rule: "n-plus-one", fake: "twenty",
		bad: func(c *client) {
			for _, id := range recordIDs(c.get("/rest/companies?limit=6")) {
				c.get("/rest/companies/" + id)
			}
		},
		good: func(c *client) {
			c.get("/rest/companies?limit=6")
			c.get("/rest/companies/" + recordIDs(c.get("/rest/companies?limit=6"))[0])
		},
	},
	{
		rule: "n-plus-one", fake: "flexcrm",
		bad: func(c *client) {
			for _, id := range c.get("/flex/api/v1/flexdb/tbl_customer?limit=6").ids()[:6] {
				c.get("/flex/api/v1/flexdb/tbl_customer/" + id)
			}
		},
		good: func(c *client) { c.get("/flex/api/v1/flexdb/tbl_customer?limit=6") },
	},
	{
		rule: "order-not-asked", fake: "kickflow",
		bad: func(c *client) { c.get("/v1/tickets/" + c.get("/v1/tickets?perPage=1").ids()[0]) },
		good: func(c *client) {
			c.get("/v1/tickets/" + c.get("/v1/tickets?perPage=1&sortBy=createdAt-desc").ids()[0])
		},
	},
	{
		rule: "same-again", fake: "twenty",
		bad: func(c *client) { repeat(5, func() { c.get("/rest/companies?limit=1") }) },
		good: func(c *client) {
			repeat(5, func() {
				c.get("/rest/companies?limit=1")
				c.send("POST /rest/companies", `{"name":"Between"}`)
			})
		},
	},
	{
		rule: "post-retried", fake: "twenty",
		bad: func(c *client) {
			c.srv.Faults.Add(fake.FaultRule{Operation: "createRecord", Times: 1, Fault: fake.Fault{Break: "reset"}})
			repeat(2, func() { c.send("POST /rest/companies", `{"name":"Twice"}`) })
		},
		good: func(c *client) {
			c.srv.Faults.Add(fake.FaultRule{Operation: "createRecord", Times: 1, Fault: fake.Fault{Break: "reset"}})
			c.send("POST /rest/companies", `{"name":"Once"}`)
			if !strings.Contains(c.get("/rest/companies?filter=name[eq]:Once").body, "Once") {
				c.send("POST /rest/companies", `{"name":"Once"}`)
			}
		},
	},
	{
		rule: "post-retried", fake: "kickflow",
		bad: func(c *client) {
			c.srv.Faults.Add(fake.FaultRule{Operation: "createCategory", Times: 1, Fault: fake.Fault{Name: "timeout"}})
			repeat(2, func() { c.send("POST /v1/categories", `{"name":"Twice"}`) })
		},
		good: func(c *client) { // the limit refuses before anything happens
			c.srv.Faults.Add(fake.FaultRule{Operation: "createCategory", Times: 1, Fault: fake.Fault{Name: "limit"}})
			repeat(2, func() { c.send("POST /v1/categories", `{"name":"Once"}`) })
		},
	},
	{
		rule: "graphql-errors-ignored", fake: "twenty",
		bad: func(c *client) {
			repeat(2, func() { c.graphql("/graphql", `mutation { createCompany(data: {name: 1}) { id } }`, nil) })
		},
		good: func(c *client) {
			c.graphql("/graphql", `mutation { createCompany(data: {name: 1}) { id } }`, nil)
			c.graphql("/graphql", `mutation { createCompany(data: {name: "1"}) { id } }`, nil)
		},
	},
	{
		rule: "graphql-errors-ignored", fake: "twenty",
		bad: func(c *client) {
			made := c.graphql("/graphql", "mutation($n: Float) { createCompany(data: {name: $n}) { id } }",
				map[string]any{"n": 1})
			if !strings.Contains(made.body, "errors") {
				c.t.Fatal(made.body)
			}
			c.graphql("/graphql", "mutation($companyId: UUID!) { deleteCompany(id: $companyId) { id } }",
				map[string]any{"companyId": nil})
		},
		good: func(c *client) {
			made := c.graphql("/graphql", "mutation($n: String) { createCompany(data: {name: $n}) { id } }",
				map[string]any{"n": "New"})
			c.graphql("/graphql", "mutation($companyId: UUID!) { deleteCompany(id: $companyId) { id } }",
				map[string]any{"companyId": made.text("id")})
		},
	},
	{
		rule: "code-reused", fake: "flosum",
		bad:  func(c *client) { code := c.code(); repeat(2, func() { c.token("authorization_code", code) }) },
		good: func(c *client) { c.token("authorization_code", c.code()); c.connections() },
	},
	{
		rule: "never-refreshed", fake: "flosum",
		bad: func(c *client) {
			c.token("authorization_code", c.code())
			c.connections()
			c.advance(25 * time.Hour)
			c.connections()
			c.token("authorization_code", c.code())
			c.connections()
		},
		good: func(c *client) {
			renewal := c.token("authorization_code", c.code()).text("refresh_token")
			c.connections()
			c.advance(50 * time.Minute)
			c.token("refresh_token", renewal)
			c.connections()
		},
	},
	{
		rule: "refreshed-late", fake: "flosum",
		bad: func(c *client) {
			renewal := c.token("authorization_code", c.code()).text("refresh_token")
			c.connections()
			c.advance(25 * time.Hour)
			c.connections()
			c.token("refresh_token", renewal)
			c.connections()
		},
		good: func(c *client) { // a token that was revoked early is refreshed when it is refused
			renewal := c.token("authorization_code", c.code()).text("refresh_token")
			c.srv.Faults.Add(fake.FaultRule{Operation: "ConnectionsController_find", Times: 1,
				Fault: fake.Fault{Name: "unauthorized"}})
			c.connections()
			c.token("refresh_token", renewal)
			c.connections()
		},
	},
	{
		rule: "refreshed-every-call", fake: "flosum",
		bad: func(c *client) {
			renewal := c.token("authorization_code", c.code()).text("refresh_token")
			repeat(4, func() { c.connections(); renewal = c.token("refresh_token", renewal).text("refresh_token") })
		},
		good: func(c *client) {
			renewal := c.token("authorization_code", c.code()).text("refresh_token")
			repeat(4, func() {
				c.connections()
				c.advance(50 * time.Minute)
				renewal = c.token("refresh_token", renewal).text("refresh_token")
			})
		},
	},
	{
		rule: "login-per-request", fake: "twenty",
		bad: func(c *client) { repeat(3, func() { c.signIn(); c.get("/rest/companies?limit=1") }) },
		good: func(c *client) {
			c.signIn()
			for _, object := range []string{"companies", "people", "notes", "tasks"} {
				c.get("/rest/" + object + "?limit=1")
			}
		},
	},
	{
		rule: "login-per-request", fake: "flosum",
		bad: func(c *client) {
			for page := 1; page <= 3; page++ {
				c.token("authorization_code", c.code())
				c.get(fmt.Sprintf("/api/v1/connections?page=%d&limit=2", page))
			}
		},
		good: func(c *client) {
			c.token("authorization_code", c.code())
			for page := 1; page <= 3; page++ {
				c.get(fmt.Sprintf("/api/v1/connections?page=%d&limit=2", page))
			}
		},
	},
	{
		rule: "fields-ignored", fake: "kickflow",
		bad:  func(c *client) { c.send("POST /v1/categories", `{"name":"New","colour":"red"}`) },
		good: func(c *client) { c.send("POST /v1/categories", `{"name":"New"}`) },
	},
	{
		rule: "fields-ignored", fake: "kickflow",
		bad:  func(c *client) { c.get("/v1/users?name=ada") },
		good: func(c *client) { c.get("/v1/users?status[]=activated") },
	},
	{
		rule: "fields-ignored", fake: "flexcrm",
		bad:  func(c *client) { c.get("/flex/api/v1/flexdb/tbl_customer?no_such_field=1") },
		good: func(c *client) { c.get("/flex/api/v1/flexdb/tbl_customer?name=%E7%A4%BE") },
	},
	{
		rule: "field-not-promised", fake: "kickflow",
		bad: func(c *client) {
			c.srv.Faults.Add(fake.FaultRule{Operation: "getCurrentUser", Times: 1, Fault: fake.Fault{Status: 200,
				Header: http.Header{"Content-Type": {"application/json"}},
				Body:   `{"id":"a1b2c3d4-0000-4000-8000-000000000000","internalCode":"emp-00001234"}`}})
			c.send("GET /v1/users/lookupByEmail?email="+c.get("/v1/user").text("internalCode")+"@example.com", "")
		},
		good: func(c *client) { c.get("/v1/users/" + c.get("/v1/user").text("id")) },
	},
}

// connections asks for something that needs a token.
func (c *client) connections() { c.send("GET /api/v1/connections?page=1&limit=10", "") }

// recordIDs returns the ids of the records themselves, not those of what belongs to them.
func recordIDs(a answer) (ids []string) {
	for _, part := range strings.Split(a.body, `{"id":"`)[1:] {
		ids = append(ids, part[:36])
	}
	return ids
}

// TestEachRuleFindsTheBadClientAndNotTheGoodOne sends both conversations of each rule to the real fakes.
func TestEachRuleFindsTheBadClientAndNotTheGoodOne(t *testing.T) {
	t.Parallel()
	tested := map[string]bool{"signature-not-verified": true} // see TestReceiversAreProbed
	for i, tt := range conversations {
		tested[tt.rule] = true
		t.Run(fmt.Sprintf("%s/%s/%d", tt.rule, tt.fake, i), func(t *testing.T) {
			t.Parallel()
			bad := start(t, tt.fake, tt.options...)
			tt.bad(bad)
			found := bad.found()
			if len(found) != 1 || found[0].Rule != tt.rule {
				t.Errorf("the bad client: %v", found)
			}
			for _, f := range found {
				if len(f.Requests) == 0 || f.Source == "" || f.Detail == "" || f.Client == "" || f.Fake != tt.fake {
					t.Errorf("not whole: %+v", f)
				}
			}
			good := start(t, tt.fake, tt.options...)
			tt.good(good)
			if found := good.found(); len(found) > 0 {
				t.Errorf("the good client: %v", found)
			}
		})
	}
	for _, rule := range audit.Rules() {
		if !tested[rule.Name] {
			t.Errorf("no conversation breaks %s", rule.Name)
		}
	}
}

func TestASilenceNeedsAReasonAndAKnownRule(t *testing.T) {
	t.Parallel()
	c := start(t, "kickflow")
	c.send("POST /v1/categories", `{"name":"New","colour":"red"}`)
	if found := c.found(audit.Silence{Rule: "fields-ignored", Reason: "an older client sends it"}); len(found) > 0 {
		t.Errorf("silenced, and found: %v", found)
	}
	for text, want := range map[string]string{
		"fields-ignored":      "the silence of fields-ignored needs a reason: fields-ignored=why",
		"fields-ignored= ":    "the silence of fields-ignored needs a reason",
		"field-ignored=hence": `no rule "field-ignored"; nearest: "fields-ignored"`,
	} {
		_, err := audit.ParseSilences([]string{text})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestReceiversAreProbed has two receivers: one verifies signatures, the other does not.
func TestReceiversAreProbed(t *testing.T) {
	t.Parallel()
	careless := fake.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	careful := fake.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		mac := hmac.New(sha256.New, []byte("secret"))
		mac.Write([]byte(r.Header.Get("X-Twenty-Webhook-Timestamp") + ":"))
		mac.Write(body)
		if err != nil || hex.EncodeToString(mac.Sum(nil)) != r.Header.Get("X-Twenty-Webhook-Signature") {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	c := start(t, "twenty")
	for _, url := range []string{careless, careful} {
		c.send("POST /rest/metadata/webhooks",
			`{"targetUrl":"`+url+`","operations":["*.*"],"secret":"secret"}`)
	}
	c.send("POST /rest/companies", `{"name":"Announced"}`)
	if err := c.srv.Settle(); err != nil {
		t.Fatal(err)
	}
	if found := c.found(); len(found) > 0 {
		t.Errorf("before the probe: %v", found)
	}
	c.srv.ProbeWebhooks(t)
	found := c.found()
	if len(found) != 1 || found[0].Rule != "signature-not-verified" || found[0].Client != "receiver "+careless+"/" {
		t.Errorf("found %v", found)
	}
}

// TestThePageHasEveryRule compares docs/audit.md with the table.
func TestThePageHasEveryRule(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, rule := range audit.Rules() {
		if !strings.Contains(string(page), "| `"+rule.Name+"` |") {
			t.Errorf("docs/audit.md lacks %s", rule.Name)
		}
		if rule.Wrong == "" || rule.Source == "" {
			t.Errorf("%s is not whole: %+v", rule.Name, rule)
		}
	}
}
