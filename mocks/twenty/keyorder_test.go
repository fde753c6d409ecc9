package twenty

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/afba07b5/mockserver/fake"
)

// A record in the trash leaves its id out of the records that refer to it, not the place of the key. The order of all
// other keys is that of the recordings: fixtures/twenty/rules.yaml.
func TestARelationKeepsItsPlaceWithoutItsRecord(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	const company, person = "c0000000-0000-4000-8000-000000000001", "a0000000-0000-4000-8000-000000000001"
	for line, body := range map[string]string{
		"POST /rest/companies": `{"id":"` + company + `","name":"Gone"}`,
		"POST /rest/people":    `{"id":"` + person + `"}`,
	} {
		if status, got := ask(t, srv, Key, line, body); status != 201 {
			t.Fatal(got)
		}
	}
	_, made := ask(t, srv, Key, "POST /rest/opportunities",
		`{"companyId":"`+company+`","pointOfContactId":"`+person+`"}`)
	id := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(made)[1]
	ask(t, srv, Key, "DELETE /rest/companies/"+company+"?soft_delete=true", "")
	for range 8 {
		_, got := ask(t, srv, Key, "GET /rest/opportunities/"+id+"?depth=1", "")
		want := `"companyId":null,"pointOfContactId":"` + person + `","ownerId":null,`
		if !strings.Contains(got, want) {
			t.Fatalf("no %s in %s", want, got)
		}
	}
}

// A worker keeps the webhooks that it has read while events follow each other closely: kind_webhook_deliveries 41.
func TestAWorkerServesWebhooksAsTheyWere(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		worker bool
		wait   time.Duration
		want   int // deliveries after the webhook was changed
	}{
		{"without a worker", false, 0, 0}, {"at once", true, 0, 1}, {"in time", true, 9 * time.Second, 1},
		{"later", true, 11 * time.Second, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv, in := NewServer(t, fake.WithSeed("empty"), fake.WithFeature(worker, test.worker)), newInbox(t)
			event := func() {
				ask(t, srv, Key, "POST /rest/companies", `{}`)
				if err := srv.Settle(); err != nil {
					t.Fatal(err)
				}
			}
			_, hook := ask(t, srv, Key, "POST /rest/metadata/webhooks",
				`{"targetUrl":"`+in.URL+`","operations":["company.created"]}`)
			id := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(hook)[1]
			event()
			ask(t, srv, Key, "PATCH /rest/metadata/webhooks/"+id, `{"operations":["note.created"]}`)
			srv.World.Advance(test.wait)
			event()
			if got := len(in.got) - 1; got != test.want {
				t.Errorf("%d deliveries, want %d", got, test.want)
			}
		})
	}
}

// TestFieldsKnownFromTheSource asks for root fields of which no recording shows more than the declaration.
func TestFieldsKnownFromTheSource(t *testing.T) {
	t.Parallel()
	srv := NewServer(t, fake.WithSeed("empty"))
	user, _ := signInTim(t, srv, "")
	made := metadata(t, srv, user, `mutation { createApprovedAccessDomain(input: {domain: "acme.test", `+
		`email: "tim@acme.test"}) { id } }`)
	domain := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(made)
	if domain == nil {
		t.Fatal(made)
	}
	_, board := ask(t, srv, Key, "POST /rest/dashboards", `{"title":"Sales"}`)
	dashboard := regexp.MustCompile(`"id":"([^"]+)"`).FindStringSubmatch(board)[1]
	for _, c := range []struct{ token, document, want string }{
		{user, `{ myConnectedAccounts { id } myMessageChannels { id } myMessageFolders { id } ` +
			`myCalendarChannels { id } }`,
			`{"data":{"myConnectedAccounts":[],"myMessageChannels":[],"myMessageFolders":[],"myCalendarChannels":[]}}`},
		{Key, `{ myConnectedAccounts { id } }`, `"message":"Forbidden resource"`},
		{user, `mutation { trackAnalytics(type: PAGEVIEW, name: "x") { success } }`,
			`{"data":{"trackAnalytics":{"success":true}}}`},
		{Key, `mutation { deleteApprovedAccessDomain(input: {id: "` + domain[1] + `"}) }`,
			`{"data":{"deleteApprovedAccessDomain":true}}`},
		{user, `{ getApprovedAccessDomains { id } }`, `{"data":{"getApprovedAccessDomains":[]}}`},
		{user, `mutation { duplicateDashboard(id: "` + dashboard + `") { title } }`,
			`{"data":{"duplicateDashboard":{"title":"Sales (Copy)"}}}`},
	} {
		if got := metadata(t, srv, c.token, c.document); !strings.Contains(got, c.want) {
			t.Errorf("%s: %s", c.document, got)
		}
	}
}
