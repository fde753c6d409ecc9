package recorder_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/contracts/recorder"
	"github.com/afba07b5/mockserver/fake"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/flosum"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty"
)

// journals are sessions with the real fakes: several principals, a write, a rejected call and a
// revoked token.
var journals = []struct {
	def    *fake.Def
	start  func(fake.TB, ...fake.Option) *fake.TestServer
	header string
	// principal (state), request and body; the status proves that the line does what it is meant to
	lines []string
}{
	{kickflow.Def(), kickflow.NewServer, "Authorization: Bearer ", []string{
		"admin valid 200 GET /v1/users?perPage=2", `admin valid 200 POST /v1/grades {"name":"Exported","level":77}`,
		"member valid 200 GET /v1/tickets?perPage=1", `member valid 403 POST /v1/grades {"name":"No","level":78}`,
		"revoked revoked 401 GET /v1/users", "admin valid 404 GET /v1/users/none",
	}},
	{twenty.Def(), twenty.NewServer, "Authorization: Bearer ", []string{
		"recorder valid 200 GET /rest/companies?limit=2", `tim valid 201 POST /rest/companies {"name":"Exported"}`,
		"priya valid 200 GET /rest/companies?limit=1", `recorder valid 400 POST /rest/companies {"nosuch":1}`,
		"restricted revoked 403 GET /rest/companies",
	}},
	{flexcrm.Def(), flexcrm.NewServer, "X-FlexCRM-API-KEY: ", []string{
		"admin valid 200 GET /flex/api/v1/flexdb/tbl_customer?limit=2",
		`admin valid 201 POST /flex/api/v1/flexdb/tbl_inquiry {"title":"Exported",` +
			`"channel":3,"received_at":"2026/05/04 10:30:00"}`, "customers valid 200 GET " +
			"/flex/api/v1/flexdb/tbl_customer?limit=1", "customers valid 401 GET /flex/api/v1/flexdb/tbl_inquiry",
		"former revoked 403 GET /flex/api/v1/flexdb/tbl_customer",
	}},
	{flosum.Def(), flosum.NewServer, "Authorization: Bearer ", []string{
		"ada valid 200 GET /api/v1/connections?page=1&limit=10",
		"ben valid 200 GET /api/v1/connections?page=1&limit=10", "ada valid 400 GET /api/v1/connections?page=x",
		"cleo revoked 401 GET /api/v1/connections?page=1&limit=10",
		"ada expired 401 GET /api/v1/connections?page=1&limit=10",
	}},
}

// TestAJournalBecomesACase exports a session with each real fake and replays it on a fresh one.
func TestAJournalBecomesACase(t *testing.T) {
	t.Parallel()
	for _, test := range journals {
		t.Run(test.def.Name, func(t *testing.T) {
			t.Parallel()
			srv := test.start(t)
			var known []fake.Credential
			srv.State.View(func() { known = test.def.Known(srv.State) })
			for _, line := range test.lines {
				askAs(t, srv.URL, test.header, known, line)
			}
			entries, _ := srv.World.Journal.Entries()
			files, notes, err := recorder.FromJournal(os.DirFS("../../fixtures"))(srv.World, test.def, entries)
			if err != nil || len(notes) > 0 {
				t.Fatalf("%v %v", notes, err)
			}
			dir := t.TempDir()
			for name, text := range files {
				for _, c := range known {
					if strings.Contains(text, c.Value) || c.Secret != "" && strings.Contains(text, c.Secret) {
						t.Errorf("%s: a credential of %s is in it", name, c.Principal)
					}
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			for _, line := range test.lines {
				who := strings.Fields(line)
				if !strings.Contains(files["case.yaml"], "principal: '"+who[0]+"', state: '"+who[1]+"'") {
					t.Errorf("case.yaml does not name %s (%s):\n%s", who[0], who[1], files["case.yaml"])
				}
			}
			replay(t, test.def, dir, len(test.lines))
		})
	}
}

// askAs sends one line of journals.
func askAs(t *testing.T, url, header string, known []fake.Credential, line string) {
	t.Helper()
	f := strings.SplitN(line, " ", 6)
	var body io.Reader
	if len(f) == 6 {
		body = strings.NewReader(f[5])
	}
	r, err := http.NewRequest(f[3], url+f[4], body)
	if err != nil {
		t.Fatal(err)
	}
	name, before, _ := strings.Cut(header, ": ")
	for _, c := range known {
		if c.Principal == f[0] && c.State == f[1] && r.Header.Get(name) == "" {
			r.Header.Set(name, before+c.Value)
		}
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, _ := io.ReadAll(res.Body)
	if res.Status[:3] != f[2] {
		t.Errorf("%s: answered %s %s", line, res.Status, text)
	}
}

// TestAJournalBringsItsDeliveries exports a session that registers a signed webhook.
func TestAJournalBringsItsDeliveries(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		def    *fake.Def
		start  func(fake.TB, ...fake.Option) *fake.TestServer
		lines  []string
		causes []int // the interactions that cause the deliveries
		secret string
	}{
		{twenty.Def(), twenty.NewServer, []string{
			`recorder valid 201 POST /rest/metadata/webhooks {"targetUrl":"RECEIVER/hook",` +
				`"operations":["company.created"],"secret":"a-signing-s3cret-1"}`,
			`tim valid 201 POST /rest/companies {"name":"Delivered"}`,
			`tim valid 201 POST /rest/companies {"name":"Delivered too"}`,
		}, []int{1, 2}, "a-signing-s3cret-1"},
	} {
		t.Run(test.def.Name, func(t *testing.T) {
			t.Parallel()
			receiver := answering(t, func(http.ResponseWriter, *http.Request) {})
			srv := test.start(t)
			var known []fake.Credential
			srv.State.View(func() { known = test.def.Known(srv.State) })
			for _, line := range test.lines {
				askAs(t, srv.URL, "Authorization: Bearer ", known, strings.ReplaceAll(line, "RECEIVER", receiver))
			}
			entries, _ := srv.World.Journal.Entries()
			files, notes, err := recorder.FromJournal(os.DirFS("../../fixtures"))(srv.World, test.def, entries)
			if err != nil || len(notes) > 0 {
				t.Fatal(notes, err)
			}
			if diff := cmp.Diff(test.causes, causesIn(t, files["deliveries.jsonl"])); diff != "" {
				t.Error("interactions (-want +got):\n", diff)
			}
			dir := t.TempDir()
			for name, text := range files {
				if strings.Contains(text, test.secret) {
					t.Errorf("%s: the secret is in it", name)
				}
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			replay(t, test.def, dir, len(test.lines))
		})
	}
}

// causesIn returns the interactions in the lines of deliveries.
func causesIn(t *testing.T, lines string) (causes []int) {
	t.Helper()
	for line := range strings.Lines(lines) {
		var d struct{ Interaction *int }
		if err := json.Unmarshal([]byte(line), &d); err != nil || d.Interaction == nil {
			t.Fatalf("%v: %s", err, line)
		}
		causes = append(causes, *d.Interaction)
	}
	return causes
}

// TestADeliveryThatAReplayCannotCauseIsNoted exports a session whose webhook is part of the seed
// and not of the conversation.
func TestADeliveryThatAReplayCannotCauseIsNoted(t *testing.T) {
	t.Parallel()
	receiver := answering(t, func(http.ResponseWriter, *http.Request) {})
	srv := kickflow.NewServer(t, kickflow.WithWebhooks(kickflow.Webhook{URL: receiver + "/hook"}))
	var known []fake.Credential
	srv.State.View(func() { known = kickflow.Def().Known(srv.State) })
	askAs(t, srv.URL, "Authorization: Bearer ", known, "admin valid 200 GET /v1/tickets?perPage=1")
	entries, _ := srv.World.Journal.Entries()
	var tickets []struct{ ID string }
	if err := json.Unmarshal(entries[0].Answer, &tickets); err != nil || len(tickets) == 0 {
		t.Fatalf("%v %s", err, entries[0].Answer)
	}
	askAs(t, srv.URL, "Authorization: Bearer ", known,
		"admin valid 200 POST /v1/tickets/"+tickets[0].ID+`/comments {"body":"Told"}`)
	entries, _ = srv.World.Journal.Entries()
	files, notes, err := recorder.FromJournal(nil)(srv.World, kickflow.Def(), entries)
	if err != nil || files["deliveries.jsonl"] != "" || len(notes) != 1 ||
		!strings.Contains(notes[0], "a delivery to a receiver that the conversation does not name, "+receiver) {
		t.Errorf("%v %v %v", files, notes, err)
	}
}
