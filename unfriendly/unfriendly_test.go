package unfriendly_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/afba07b5/mockserver/contracts"
	"github.com/afba07b5/mockserver/control"
	"github.com/afba07b5/mockserver/fake"
	_ "github.com/afba07b5/mockserver/internal/pace"
	"github.com/afba07b5/mockserver/mocks"
	"github.com/afba07b5/mockserver/mocks/flexcrm"
	"github.com/afba07b5/mockserver/mocks/flosum"
	"github.com/afba07b5/mockserver/mocks/kickflow"
	"github.com/afba07b5/mockserver/mocks/twenty"
	"github.com/afba07b5/mockserver/unfriendly"
)

// ask sends a request to a fake and returns status, header and body.
func ask(t *testing.T, srv *fake.TestServer, line, body string, headers ...string) (int, http.Header, string) {
	t.Helper()
	method, path, _ := strings.Cut(line, " ")
	req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range append([]string{"Content-Type: application/json"}, headers...) {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.Close {
		res.Header.Set("Connection", "close")
	}
	return res.StatusCode, res.Header, string(text)
}

var (
	ofKickflow = "Authorization: Bearer " + kickflow.AdminToken
	ofTwenty   = "Authorization: Bearer " + twenty.Key
	ofFlosum   = "Authorization: Bearer " + flosum.AdminToken
	ofFlexCRM  = "X-FlexCRM-API-KEY: " + flexcrm.DemoKey
)

// TestEachVariation compares the answer to a request with that to the same request with a preference.
func TestEachVariation(t *testing.T) {
	t.Parallel()
	kick, two, flo, crm := kickflow.NewServer(t), twenty.NewServer(t), flosum.NewServer(t), flexcrm.NewServer(t)
	ids := regexp.MustCompile(`\{"id":"?[^",]+`)
	for _, tt := range []struct {
		name, line string
		srv        *fake.TestServer
		as, body   string
		holds      func(plain, varied string, status int, header http.Header) bool
	}{
		{"key-order", "GET /v1/user", kick, ofKickflow, "", func(plain, varied string, _ int, _ http.Header) bool {
			return plain != varied && len(plain) == len(varied) && sorted(plain) == sorted(varied)
		}},
		{"list-order", "GET /v1/users", kick, ofKickflow, "", func(plain, varied string, _ int, _ http.Header) bool {
			a, b := ids.FindAllString(plain, -1), ids.FindAllString(varied, -1)
			return !slices.Equal(a, b) && sorted(plain) == sorted(varied)
		}},
		{"unknown-field", "GET /v1/user", kick, ofKickflow, "", func(plain, varied string, _ int, _ http.Header) bool {
			return !strings.Contains(plain, "mockserverExtra") && strings.Contains(varied, `"mockserverExtra`)
		}},
		{"unknown-field", "GET /rest/companies?limit=2", two, ofTwenty, "",
			func(_, varied string, _ int, _ http.Header) bool {
				return strings.Count(varied, `"mockserverExtra`) == 3
			}},
		{"unknown-field", "POST /graphql", two, ofTwenty, `{"query":"{ companies(first: 1) { totalCount } }"}`,
			func(_, varied string, _ int, _ http.Header) bool {
				return strings.Contains(varied, `"extensions":{"mockserverExtra`)
			}},
		{"absent-null", "GET /v1/tickets", kick, ofKickflow, "", func(plain, varied string, _ int, _ http.Header) bool {
			return strings.Count(varied, ":null") < strings.Count(plain, ":null")
		}},
		{"small-page", "GET /v1/users?perPage=50", kick, ofKickflow, "",
			func(plain, varied string, _ int, h http.Header) bool {
				return len(varied) < len(plain) && strings.Contains(h.Get("Link"), `rel="next"`)
			}},
		{"small-page", "GET /rest/companies?limit=50", two, ofTwenty, "",
			func(plain, varied string, _ int, _ http.Header) bool {
				return len(varied) < len(plain) && strings.Contains(varied, `"hasNextPage":true`)
			}},
		{"row-inserted", "GET /v1/users?page=3&perPage=3", kick, ofKickflow, "",
			func(plain, varied string, _ int, h http.Header) bool {
				a, b := ids.FindAllString(plain, -1), ids.FindAllString(varied, -1)
				return h.Get("Total") == "9" && !slices.Contains(a, b[0])
			}},
		{"row-deleted", "GET /flex/api/v1/flexdb/tbl_customer?offset=4&limit=4", crm, ofFlexCRM, "",
			func(plain, varied string, _ int, _ http.Header) bool {
				return strings.Contains(varied, `"maxCount":11`) && !strings.Contains(varied, ids.FindString(plain)+",")
			}},
		{"row-deleted", "GET /api/v1/connections?page=2&limit=1", flo, ofFlosum, "",
			func(plain, varied string, _ int, _ http.Header) bool { return plain != varied }},
		{"opaque-length", "GET /rest/companies?limit=1", two, ofTwenty, "",
			func(plain, varied string, _ int, _ http.Header) bool {
				return len(varied) > len(plain) && strings.Contains(varied, `~"`)
			}},
		{"time-fraction", "GET /v1/user", kick, ofKickflow, "", func(plain, varied string, _ int, _ http.Header) bool {
			return plain != varied && strings.HasPrefix(plain, varied[:5])
		}},
		{"limit", "GET /v1/user", kick, ofKickflow, "", func(_, _ string, status int, _ http.Header) bool {
			return status == http.StatusTooManyRequests
		}},
		{"limit", "GET /rest/companies", two, ofTwenty, "", func(_, varied string, status int, _ http.Header) bool {
			return status == http.StatusTooManyRequests && strings.Contains(varied, "Limit reached")
		}},
		{"gateway", "GET /v1/user", kick, ofKickflow, "", func(_, varied string, status int, h http.Header) bool {
			return status == http.StatusBadGateway && h.Get("Content-Type") == "text/html" &&
				strings.Contains(varied, "<html>")
		}},
		{"gateway-late", "POST /v1/categories", kick, ofKickflow, `{"name":"Made"}`,
			func(_, _ string, status int, h http.Header) bool {
				return status == http.StatusBadGateway && len(kick.Rows("categories")) == 4
			}},
		{"slow", "GET /v1/user", kick, ofKickflow, "", func(plain, varied string, _ int, _ http.Header) bool {
			return plain == varied
		}},
		{"closed", "GET /v1/user", kick, ofKickflow, "", func(plain, varied string, _ int, h http.Header) bool {
			return plain == varied && h.Get("Connection") == "close"
		}},
	} {
		_, _, plain := ask(t, tt.srv, tt.line, tt.body, tt.as)
		status, header, varied := ask(t, tt.srv, tt.line, tt.body, tt.as, "Prefer: unfriendly="+tt.name)
		if !tt.holds(plain, varied, status, header) {
			t.Errorf("%s, %s: %d %v\n%s\nvaried:\n%s", tt.name, tt.line, status, header, plain, varied)
		}
		if got := header.Get("Preference-Applied"); got != "unfriendly="+tt.name {
			t.Errorf("%s, %s: Preference-Applied %q", tt.name, tt.line, got)
		}
		entries, _ := tt.srv.Journal.Entries()
		if got := entries[len(entries)-1].Unfriendly; !slices.Equal(got, []string{tt.name}) {
			t.Errorf("%s, %s: the journal has %v", tt.name, tt.line, got)
		}
	}
}

func sorted(text string) string {
	letters := []byte(text)
	slices.Sort(letters)
	return string(letters)
}

// TestAnEarlyEndOfATokenLasts refreshes as a good client does.
func TestAnEarlyEndOfATokenLasts(t *testing.T) {
	t.Parallel()
	srv := flosum.NewServer(t)
	q := url.Values{"client_id": {"fci_synthetic-acme-portal0"}, "response_type": {"code"},
		"redirect_uri": {"http://localhost:3000/callback"}}
	_, header, _ := ask(t, srv, "GET /api/v1/oauth/authorize?"+q.Encode(), "", "Mockserver-Consent: approve")
	to, err := url.Parse(header.Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	trade := func(key, value string) (access, renewal string) {
		form := url.Values{"grant_type": {map[string]string{"code": "authorization_code"}[key] +
			strings.TrimPrefix(key, "code")},
			key: {value}, "client_id": {q.Get("client_id")}, "redirect_uri": {q.Get("redirect_uri")},
			"client_secret": {"synthetic-secret-of-acme-portal-00000000000"}}
		_, _, body := ask(t, srv, "POST /api/v1/oauth/token", form.Encode(),
			"Content-Type: application/x-www-form-urlencoded")
		m := regexp.MustCompile(`"access_token":"([^"]+)".*"refresh_token":"([^"]+)"`).FindStringSubmatch(body)
		if m == nil {
			t.Fatal(body)
		}
		return m[1], m[2]
	}
	list := func(access string, headers ...string) int {
		status, _, _ := ask(t, srv, "GET /api/v1/connections?page=1&limit=1", "",
			append(headers, "Authorization: Bearer "+access)...)
		return status
	}
	access, renewal := trade("code", to.Query().Get("code"))
	ends := "Prefer: unfriendly=token-ends"
	got := []int{list(access), list(access, ends), list(access, "Prefer: unfriendly=key-order")}
	access, _ = trade("refresh_token", renewal)
	got = append(got, list(access), list(flosum.AdminToken, ends))
	if diff := cmp.Diff([]int{200, 401, 401, 200, 200}, got); diff != "" {
		t.Error(diff) // the seed's token came from no conversation, so it does not end
	}
}

// TestASeedRepeatsExactly sends the same requests to servers with the same seed, and to one with another.
func TestASeedRepeatsExactly(t *testing.T) {
	t.Parallel()
	conversation := func(setting string) (all string) {
		srv := kickflow.NewServer(t, fake.WithUnfriendly(setting))
		srv.Freeze(time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC))
		for range 4 {
			for _, path := range []string{"/v1/user", "/v1/users?perPage=5", "/v1/tickets", "/v1/grades"} {
				status, header, body := ask(t, srv, "GET "+path, "", ofKickflow)
				all += fmt.Sprintln(status, header.Get("Preference-Applied"), strings.ReplaceAll(body, srv.URL, ""))
			}
		}
		return all
	}
	first := conversation("7")
	if diff := cmp.Diff(first, conversation("7")); diff != "" {
		t.Errorf("the same seed: %s", diff)
	}
	if first == conversation("8") {
		t.Error("another seed gave the same answers")
	}
	if strings.Count(first, "unfriendly=") < 8 {
		t.Errorf("hardly anything varied: %s", first)
	}
}

func TestDeliveriesComeTwiceOrLate(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int{"webhook-twice": 2, "webhook-late": 0} {
		var mu sync.Mutex
		got := 0
		receiver := fake.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			got++
		}))
		srv := twenty.NewServer(t, fake.WithUnfriendly(name))
		ask(t, srv, "POST /rest/metadata/webhooks", `{"targetUrl":"`+receiver+`","operations":["company.created"]}`,
			ofTwenty)
		ask(t, srv, "POST /rest/companies", `{"name":"Announced"}`, ofTwenty)
		count := func() int {
			if err := srv.Settle(); err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			defer mu.Unlock()
			return got
		}
		if n := count(); n != want {
			t.Errorf("%s: %d deliveries, want %d", name, n, want)
		}
		if d := srv.State.Deliveries(); len(d) != 1 || !slices.Equal(d[0].Unfriendly, []string{name}) {
			t.Errorf("%s: the log has %+v", name, d)
		}
		if srv.Advance(5 * time.Second); name == "webhook-late" && count() != 1 {
			t.Errorf("it did not come later either: %+v", srv.State.Deliveries())
		}
	}
}

// TestVariedAnswersAreValid replays the cases of all fakes with every variation of a body, and validates each
// answer against the document.
func TestVariedAnswersAreValid(t *testing.T) {
	t.Parallel()
	settings := "3:key-order,list-order,unknown-field,absent-null,small-page,row-inserted,row-deleted,opaque-length," +
		"time-fraction,closed"
	var mu sync.Mutex
	applied := map[string]int{}
	srv, err := fake.New(fake.Config{Settings: fake.Settings{LimitsOff: true, Unfriendly: settings}, CheckAnswers: true,
		Bug: func(err error) { t.Errorf("invalid: %v", err) }}, mocks.All()...)
	if err != nil {
		t.Fatal(err)
	}
	plane := control.New(srv, control.Options{})
	plane.Ready()
	t.Cleanup(func() { plane.Close(); srv.Close() })
	handler := plane.Wrap(srv.Edge(), "")
	base := fake.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r)
		names, _ := strings.CutPrefix(w.Header().Get("Preference-Applied"), "unfriendly=")
		mu.Lock()
		defer mu.Unlock()
		for name := range strings.SplitSeq(names, ",") {
			applied[name]++
		}
	}))
	var paths []string
	for _, def := range mocks.All() {
		if def.Name != "twenty" { // of whose many cases a few are enough
			paths = append(paths, def.Name)
		}
	}
	for _, name := range []string{"rest_companies_crud", "rest_pagination", "graphql_companies_crud"} {
		paths = append(paths, "twenty/"+name)
	}
	suite, err := contracts.Load(os.DirFS("../fixtures"),
		contracts.Config{Defs: mocks.All()}, paths...)
	if err != nil {
		t.Fatal(err)
	}
	suite.Replay(t.Context(), contracts.Remote(base, ""), nil)
	t.Logf("applied: %v", applied)
	settings = strings.TrimPrefix(settings, "3:")
	for name := range strings.SplitSeq(settings, ",") {
		if applied[name] == 0 && !strings.HasPrefix(name, "row-") { // hardly a case has a third page
			t.Errorf("%s was never applied", name)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]unfriendly.Spec{
		"": {}, "off": {}, "7": {On: true, Seed: 7}, "7:": {On: true, Seed: 7, Names: []string{}},
		"7:slow,limit": {On: true, Seed: 7, Names: []string{"slow", "limit"}},
		"slow, closed": {On: true, Always: true, Names: []string{"slow", "closed"}},
	} {
		if got, err := unfriendly.Parse(text); err != nil || !cmp.Equal(got, want) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{"slwo": `no variation "slwo"; nearest: "slow"`,
		"x:slow": `the seed "x" is no number`,
		"7:key":  `no variation "key"`} {
		if _, err := unfriendly.Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// TestShrinkFindsTheSmallestSet fails for sets that hold all of some names.
func TestShrinkFindsTheSmallestSet(t *testing.T) {
	t.Parallel()
	for _, culprits := range [][]string{{"slow"}, {"key-order", "webhook-late"}, {"limit", "gateway", "closed"},
		unfriendly.Names()} {
		runs := 0
		found, err := unfriendly.Shrink(unfriendly.Names(), 1000, func(set []string) (bool, error) {
			runs++
			return !slices.ContainsFunc(culprits, func(name string) bool { return !slices.Contains(set, name) }), nil
		})
		slices.Sort(found)
		want := slices.Clone(culprits)
		slices.Sort(want)
		if err != nil || !slices.Equal(found, want) {
			t.Errorf("%v: found %v, %v", culprits, found, err)
		}
		if len(culprits) < 3 && runs > 60 {
			t.Errorf("%v: %d runs", culprits, runs)
		}
	}
	_, err := unfriendly.Shrink(unfriendly.Names(), 1, func([]string) (bool, error) { return false, nil })
	if !errors.Is(err, unfriendly.ErrRuns) {
		t.Errorf("without runs: %v", err)
	}
}

// TestThePageHasEveryVariation compares docs/unfriendly.md with the table.
func TestThePageHasEveryVariation(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../docs/unfriendly.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range unfriendly.Variations() {
		if !strings.Contains(string(page), "| `"+v.Name+"` |") {
			t.Errorf("docs/unfriendly.md lacks %s", v.Name)
		}
	}
}
